-- Settings of support, conformed over the returns, with the route of spending on each.
select support_setting, support_setting_name, place, route, description from {{ ref('support_settings') }}
