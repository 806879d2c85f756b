-- Client groups of the older return and primary support reasons of the newer one.
select client_group, client_group_name, age_band, used_by, definition from {{ ref('client_groups') }}
