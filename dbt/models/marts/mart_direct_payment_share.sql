-- Direct payments and their share of the basis's denominator, councils to England.
with parts as (
    select
        *,
        -- A council whose whole return is zero has sent none, whatever the client group.
        coalesce(
            max(case when client_group = 'all' and age_band = 'all' then abs(denominator_cash_gbp) end) over (
                partition by area_level, area_id, financial_year, edition, basis
            ) = 0,
            false
        ) as is_empty_return
    from {{ ref('int_share_parts') }}
),

published as (
    select *, 'published' as figure, cast(null as bigint) as councils_reporting from parts
),

computed as (
    select
        areas.area_level, areas.area_id, parts.financial_year, dataset, edition, basis, client_group, age_band,
        {{ exact_sum('direct_payments_cash_gbp') }} as direct_payments_cash_gbp,
        {{ exact_sum('denominator_cash_gbp') }} as denominator_cash_gbp,
        false as is_empty_return,
        'computed' as figure,
        count(*) as councils_reporting
    from parts
    inner join {{ ref('int_council_years') }} as in_force
        on in_force.council_id = parts.area_id and in_force.financial_year = parts.financial_year
    cross join lateral (
        select 'england' as area_level, 'england' as area_id
        union all select 'region', in_force.region_id
        union all select 'class', in_force.class_id
    ) as areas
    where
        parts.area_level = 'council'
        and direct_payments_cash_gbp is not null
        and denominator_cash_gbp is not null
        and not is_empty_return
    group by all
),

expected as (
    {{ councils_expected() }}
    union all
    select 'council', council_id, financial_year, 1 from {{ ref('int_council_years') }}
),

together as (
    select * from published
    union all
    select * from computed
),

shared as (
    select
        -- Noughts of a return that was never filled in are not spending of nought.
        t.* replace (
            case when not t.is_empty_return then t.direct_payments_cash_gbp end as direct_payments_cash_gbp,
            case when not t.is_empty_return then t.denominator_cash_gbp end as denominator_cash_gbp
        ),
        case
            when t.denominator_cash_gbp > 0 then t.direct_payments_cash_gbp / t.denominator_cash_gbp
        end as share,
        -- A council that ended before the year's last day reports nothing of its own.
        expected.councils_expected,
        case
            when t.area_level = 'council' then case
                when t.direct_payments_cash_gbp is null or t.denominator_cash_gbp is null then 0
                when t.is_empty_return then 0
                else 1
            end
            -- A published row takes the count from the computed row beside it; unknown where there is none.
            else coalesce(
                t.councils_reporting,
                max(t.councils_reporting) over (
                    partition by t.area_level, t.area_id, t.financial_year, t.edition, t.basis, t.client_group, t.age_band
                )
            )
        end as reporting
    from together as t
    inner join expected
        on expected.area_level = t.area_level
        and expected.area_id = t.area_id
        and expected.financial_year = t.financial_year
),

-- Far out among the councils of the year: so many interquartile ranges from the quartiles.
spread as (
    select
        financial_year, edition, basis, client_group, age_band,
        quantile_cont(share, 0.25) as lower_quartile,
        quantile_cont(share, 0.75) as upper_quartile
    from shared
    where area_level = 'council'
    group by all
)

select
    s.area_level,
    s.area_id,
    areas.area_name,
    s.financial_year,
    s.dataset,
    s.edition,
    s.basis,
    s.client_group,
    s.age_band,
    s.client_group = 'all' or s.age_band = 'all' as is_total,
    s.figure,
    s.area_level = 'council'
        or s.figure = 'published'
        or count(*) over (
            partition by s.area_level, s.area_id, s.financial_year, s.edition, s.basis, s.client_group, s.age_band
        ) = 1 as is_preferred,
    s.direct_payments_cash_gbp,
    s.denominator_cash_gbp,
    s.share,
    s.direct_payments_cash_gbp * deflators.to_real as direct_payments_real_gbp,
    s.denominator_cash_gbp * deflators.to_real as denominator_real_gbp,
    deflators.real_terms_base_year,
    cast(population.people as bigint) as adult_population,
    population.population_year,
    s.direct_payments_cash_gbp / population.people as direct_payments_per_adult_cash_gbp,
    s.direct_payments_cash_gbp * deflators.to_real / population.people as direct_payments_per_adult_real_gbp,
    cast(s.councils_expected as integer) as councils_expected,
    cast(s.reporting as integer) as councils_reporting,
    cast(s.councils_expected - s.reporting as integer) as councils_missing,
    case when s.financial_year = bases.first_year then nullif(bases.break_before, '') end as break_before,
    coalesce(
        s.area_level = 'council'
        and (
            s.share > spread.upper_quartile + {{ threshold('far_out') }} * (spread.upper_quartile - spread.lower_quartile)
            or s.share < spread.lower_quartile - {{ threshold('far_out') }} * (spread.upper_quartile - spread.lower_quartile)
        ),
        false
    ) as is_outlier,
    flags.flag,
    flags.reason as flag_reason
from shared as s
inner join {{ ref('int_areas') }} as areas on areas.area_level = s.area_level and areas.area_id = s.area_id
inner join {{ ref('int_deflators') }} as deflators on deflators.financial_year = s.financial_year
inner join {{ ref('bases') }} as bases on bases.basis = s.basis
left join {{ ref('int_population') }} as population
    on population.area_level = s.area_level
    and population.area_id = s.area_id
    and population.financial_year = s.financial_year
    and population.age_band = s.age_band
left join spread
    on spread.financial_year = s.financial_year
    and spread.edition = s.edition
    and spread.basis = s.basis
    and spread.client_group = s.client_group
    and spread.age_band = s.age_band
left join {{ ref('figure_flags') }} as flags
    on flags.dataset = s.dataset
    and flags.edition = s.edition
    and flags.area_id = s.area_id
    and flags.client_group in (s.client_group, 'any')
    and flags.age_band in (s.age_band, 'any')
    and (s.figure = 'published' or flags.flag != 'imputed')
