-- Share of people with long-term community support who have a direct payment (outcomes framework 1C part 2A), with
-- bounds. Years of which ASC-FR prints people by mechanism are computed by the published formula: suppressed counts are
-- 0 to 4 people.
with cells as (
    select area_level, area_id, financial_year, has_direct_payment, people, value_symbol
    from {{ ref('int_people_by_mechanism') }}
    where place = 'community' and age_band != 'all'
),

sums as (
    select
        area_level, area_id, financial_year,
        sum(people) filter (where has_direct_payment) as with_payment,
        sum(people) filter (where not has_direct_payment) as without_payment,
        count(*) filter (where has_direct_payment and value_symbol = 'suppressed') as hidden_with,
        count(*) filter (where not has_direct_payment and value_symbol = 'suppressed') as hidden_without,
        count(*) filter (where value_symbol is not null and value_symbol != 'suppressed') as unavailable
    from cells
    group by all
),

computed as (
    select
        area_level, area_id, financial_year,
        with_payment / (with_payment + without_payment + 4 * hidden_without) as share_low,
        (with_payment + 4 * hidden_with) / (with_payment + 4 * hidden_with + without_payment) as share_high,
        hidden_with + hidden_without = 0 as is_exact
    from (select * replace (coalesce(with_payment, 0) as with_payment, coalesce(without_payment, 0) as without_payment) from sums)
    where unavailable = 0 and with_payment + without_payment > 0
)

select
    area_level, area_id, financial_year,
    value / 100 as share, value / 100 as share_low, value / 100 as share_high, true as is_exact,
    comparability_group, 'published' as figure
from {{ ref('int_ascof') }}
where measure_id = 'users_with_direct_payment' and value is not null
union all
select
    area_level, area_id, financial_year,
    -- Wide bounds have no middle worth showing.
    case when share_high - share_low <= {{ threshold('widest_bounds_with_a_middle') }} then (share_low + share_high) / 2 end, share_low, share_high, is_exact, 'salt', 'computed'
from computed
