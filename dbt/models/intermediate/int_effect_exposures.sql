-- How much choice: every measure of it, one row a council, year and measure. Measures are never joined.
with inferred as (
    select distinct area_id, financial_year, basis
    from {{ ref('int_spend_cells') }}
    where area_level = 'council' and evidence_grade = 'inferred'
),

shares as (
    select
        s.area_id, s.financial_year, s.basis, s.share, s.direct_payments_per_adult_real_gbp,
        s.flag is not null as is_flagged,
        inferred.area_id is not null as is_approximate
    from {{ ref('mart_direct_payment_share') }} as s
    left join inferred
        on inferred.area_id = s.area_id and inferred.financial_year = s.financial_year and inferred.basis = s.basis
    where s.area_level = 'council' and s.client_group = 'all' and s.age_band = 'all'
),

together as (
    select area_id as council_id, financial_year, concat('spend_', lower(basis)) as exposure, share as value, is_flagged, is_approximate
    from shares
    union all
    select area_id, financial_year, 'pounds_c', direct_payments_per_adult_real_gbp, is_flagged, is_approximate
    from shares
    where basis = 'C'
    union all
    select
        area_id, financial_year,
        case comparability_group when 'salt' then 'users_salt' when 'client_level_data' then 'users_cld' end,
        share, false, not is_exact
    from {{ ref('int_users_with_direct_payment') }}
    where area_level = 'council'
)

select council_id, financial_year, exposure, value, is_flagged, is_approximate
from together
where value is not null
-- Too few people live there for a council's year to mean anything.
    and council_id not in (select council_id from {{ ref('small_councils') }})
