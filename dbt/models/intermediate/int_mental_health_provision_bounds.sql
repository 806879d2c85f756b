-- How much of the mental health support that councils commission goes outside the council, England, adults under 65,
-- direct payments left out, where the return splits only part of it: between two bounds. What is printed as a total
-- alone counts as provided by nobody or by others alone (`unknown`), or as provided by others (`others`).
with lines as (
    select spend.financial_year, spend.edition, spend.support_setting, spend.provision, spend.amount_cash_gbp, places.provided_by
    from {{ ref('mart_social_care_spend') }} as spend
    inner join {{ ref('provision_bounds') }} as places on places.support_setting = spend.support_setting
    where
        spend.area_id = 'england'
        and spend.client_group = 'mental_health'
        and spend.basis = 'B'
        and spend.grain = 'leaf'
        and spend.figure = 'published'
),

sums as (
    select
        financial_year,
        min(edition) as edition,
        {{ exact_sum("case when provided_by = 'split' and provision = 'provision_by_others' then amount_cash_gbp end") }} as by_others_gbp,
        {{ exact_sum("case when provided_by = 'others' and provision = 'total' then amount_cash_gbp end") }} as presumed_others_gbp,
        {{ exact_sum("case when provided_by = 'unknown' and provision = 'total' then amount_cash_gbp end") }} as unknown_gbp,
        {{ exact_sum("case when provision = 'total' then amount_cash_gbp end") }} as total_gbp,
        -- A year counts only with every setting, and with the split of those that have one.
        count(distinct support_setting) filter (where provision = 'total' and amount_cash_gbp is not null) as settings,
        count(distinct support_setting) filter (where provision = 'provision_by_others' and amount_cash_gbp is not null) as split_settings
    from lines
    group by financial_year
)

select
    financial_year,
    edition,
    by_others_gbp + presumed_others_gbp as outside_low_gbp,
    by_others_gbp + presumed_others_gbp + unknown_gbp as outside_high_gbp,
    total_gbp
from sums
where
    settings = (select count(*) from {{ ref('provision_bounds') }})
    and split_settings = (select count(*) from {{ ref('provision_bounds') }} where provided_by = 'split')
