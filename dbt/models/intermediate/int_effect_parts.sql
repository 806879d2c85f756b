-- What shares, mixes and amounts of the estimates are made of: pounds at 2024-25 prices and people, one row a council,
-- year and basis. Columns are named as parts in the seed effect_parts. A council here is one on its boundaries, as in
-- int_effect_panel: the arithmetic of shared parts is taken from estimates of the same councils.
with cash as (
    select
        boundaries.boundary_id as council_id, s.financial_year, s.basis,
        s.direct_payments_cash_gbp,
        residential.residential_cash_gbp,
        s.denominator_cash_gbp,
        s.denominator_real_gbp / s.denominator_cash_gbp as to_real,
        s.adult_population as adults,
        older.people as residents_65_plus
    from {{ ref('mart_direct_payment_share') }} as s
    inner join {{ ref('int_council_boundaries') }} as boundaries
        on boundaries.council_id = s.area_id and boundaries.financial_year = s.financial_year
    left join {{ ref('int_residential_care') }} as residential
        on residential.area_id = s.area_id and residential.financial_year = s.financial_year and residential.basis = s.basis
    left join {{ ref('int_population') }} as older
        on older.area_level = 'council' and older.area_id = s.area_id and older.financial_year = s.financial_year
        and older.age_band = '65+'
    where s.area_level = 'council' and s.client_group = 'all' and s.age_band = 'all' and s.share is not null
    -- Too few people live there for a council's year to mean anything.
        and s.area_id not in (select council_id from {{ ref('small_councils') }})
)

select
    council_id,
    financial_year,
    basis,
    direct_payments_cash_gbp * to_real as direct_payments,
    residential_cash_gbp * to_real as residential,
    (denominator_cash_gbp - direct_payments_cash_gbp - residential_cash_gbp) * to_real as community,
    cast(adults as double) as adults,
    cast(residents_65_plus as double) as residents_65_plus
from cash
