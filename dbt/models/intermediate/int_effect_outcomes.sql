-- What may go with choice, one row a council, year, outcome and way of measuring it (denominator, prices, edition).
-- Only years of one comparability group may be compared within a council.
with surveyed as (
    select
        area_id as council_id, financial_year, measure_id as outcome, comparability_group,
        value, margin_of_error, base
    from {{ ref('mart_council_outcomes') }}
    where area_level = 'council' and value is not null
),

-- What the framework printed in the year itself, where a copy is held.
first_printed as (
    select areas.area_id as council_id, figures.financial_year, figures.measure_id as outcome, max(figures.value) as value
    from {{ ref('stg_ascof') }} as figures
    inner join {{ ref('int_area_keys') }} as areas on areas.area_key = figures.area_key
    where
        figures.published_level = 'council' and figures.disaggregation = '' and figures.statistic = 'outcome'
        and figures.edition in (select edition from {{ ref('ascof_editions') }} where is_first_print)
        and figures.value is not null
    group by all
),

spending as (
    select
        s.area_id as council_id, s.financial_year, s.basis,
        s.denominator_cash_gbp as support_cash,
        s.denominator_real_gbp as support_real,
        s.denominator_cash_gbp - s.direct_payments_cash_gbp as commissioned_cash,
        s.denominator_real_gbp - s.direct_payments_real_gbp as commissioned_real,
        residential.residential_cash_gbp as residential_cash,
        s.adult_population as adults,
        older.people as older_people,
        supported.people as people_supported
    from {{ ref('mart_direct_payment_share') }} as s
    left join {{ ref('int_residential_care') }} as residential
        on residential.area_id = s.area_id and residential.financial_year = s.financial_year and residential.basis = s.basis
    left join {{ ref('int_population') }} as older
        on older.area_level = 'council' and older.area_id = s.area_id and older.financial_year = s.financial_year
        and older.age_band = '65+'
    left join {{ ref('mart_people_by_mechanism') }} as supported
        on supported.area_level = 'council' and supported.area_id = s.area_id
        and supported.financial_year = s.financial_year and supported.age_band = 'all' and supported.mechanism = 'all'
    where s.area_level = 'council' and s.client_group = 'all' and s.age_band = 'all' and s.share is not null
),

together as (
    select council_id, financial_year, outcome, 'none' as denominator, 'none' as prices, 'latest' as edition, comparability_group, value, margin_of_error, base
    from surveyed
    union all
    select
        surveyed.council_id, surveyed.financial_year, surveyed.outcome, 'none', 'none', 'first_printed',
        surveyed.comparability_group, coalesce(first_printed.value, surveyed.value), surveyed.margin_of_error, surveyed.base
    from surveyed
    left join first_printed
        on first_printed.council_id = surveyed.council_id and first_printed.financial_year = surveyed.financial_year
        and first_printed.outcome = surveyed.outcome
    union all
    select council_id, financial_year, 'long_term_support', 'adults', 'real', 'latest', basis, support_real / adults, null, null
    from spending where basis = 'C'
    union all
    select council_id, financial_year, 'long_term_support', 'adults', 'cash', 'latest', basis, support_cash / adults, null, null
    from spending where basis = 'C'
    union all
    select council_id, financial_year, 'long_term_support', 'residents_65_plus', 'real', 'latest', basis, support_real / older_people, null, null
    from spending where basis = 'C'
    union all
    select council_id, financial_year, 'long_term_support', 'residents_65_plus', 'cash', 'latest', basis, support_cash / older_people, null, null
    from spending where basis = 'C'
    union all
    select council_id, financial_year, 'long_term_support', 'people_supported', 'real', 'latest', basis, support_real / people_supported, null, null
    from spending where basis = 'C'
    union all
    select council_id, financial_year, 'commissioned_pounds', 'adults', 'real', 'latest', basis, commissioned_real / adults, null, null
    from spending where basis = 'C'
    union all
    select council_id, financial_year, 'residential_care_share', 'commissioned_support', 'none', 'latest', basis, 100 * residential_cash / commissioned_cash, null, null
    from spending
    union all
    select council_id, financial_year, 'residential_care_share', 'all_support', 'none', 'latest', basis, 100 * residential_cash / support_cash, null, null
    from spending
)

select
    together.council_id, together.financial_year, together.outcome, denominator, prices, edition, comparability_group,
    value, margin_of_error, base
from together
inner join {{ ref('effect_outcomes') }} as outcomes on outcomes.outcome = together.outcome
where value is not null
