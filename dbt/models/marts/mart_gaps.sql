-- What is missing: every edition not held, and every area and year that a held edition leaves empty, with why.
with not_held as (
    select
        dataset, edition, 'edition' as gap_level, cast(null as varchar) as area_id, edition as financial_year,
        'the whole edition' as what, why_not_held as reason
    from {{ ref('dim_source') }}
    where status = 'declared'
),

shares as (
    select
        dataset, edition, 'council', area_id, financial_year,
        'direct payment share, basis ' || basis,
        coalesce(flag_reason, 'no figure: a part of numerator or denominator is not available')
    from {{ ref('mart_direct_payment_share') }}
    where
        area_level = 'council' and client_group = 'all' and age_band = 'all'
        and councils_expected = 1 and councils_reporting = 0
),

-- A finance return that is held, and has no figure of direct payments.
shares_nowhere as (
    select
        dataset, edition, 'year', cast(null as varchar), edition,
        'direct payment share', 'the edition gives no cost of direct payments'
    from {{ ref('dim_source') }}
    where status = 'held' and dataset in ('asc_fr', 'pss_ex1')
        and (dataset, edition) not in (select (dataset, edition) from {{ ref('mart_direct_payment_share') }})
),

-- Councils of the year that an edition does not list at all.
absent as (
    select
        editions.dataset, editions.edition, 'council', in_force.council_id, editions.financial_year,
        'direct payment share, basis ' || editions.basis, 'not in the publisher''s file'
    from (
        select distinct dataset, edition, financial_year, basis
        from {{ ref('mart_direct_payment_share') }} where area_level = 'council'
    ) as editions
    inner join {{ ref('int_council_years') }} as in_force on in_force.financial_year = editions.financial_year
    left join {{ ref('mart_direct_payment_share') }} as shares
        on shares.area_level = 'council'
        and shares.area_id = in_force.council_id
        and shares.edition = editions.edition
        and shares.financial_year = editions.financial_year
        and shares.basis = editions.basis
        and shares.client_group = 'all'
        and shares.age_band = 'all'
    where shares.area_id is null
),

outcomes as (
    select
        'ascof', coalesce(edition, (select min_by(edition, preference) from {{ ref('ascof_editions') }})), 'council', area_id,
        financial_year,
        measure_name,
        case
            -- Some of these have the mark of a suppressed figure.
            when reason_in_a_note is not null then reason_in_a_note
            when value_symbol = 'suppressed' then 'suppressed by the publisher'
            when value_symbol = 'low_reliability' and measure_id = 'safeguarding_risk_reduced'
                then 'withheld by the publisher as unreliable: the outcome came out over 100 per cent'
            when value_symbol = 'low_reliability' then 'withheld by the publisher as unreliable'
            when measure_id like 'carers%' and value_symbol = 'not_applicable' and not was_measured
                then 'no survey of carers was held in the year'
            when comparability_group like '%volunteers%' then 'the survey was voluntary in the year and the council did not take part'
            when value_symbol = 'not_applicable' then 'the measure does not apply to the council in the year'
            else 'not available: no return, no survey or no figure'
        end
    from (
        select figures.*, said.reason as reason_in_a_note,
            count(figures.value) over (partition by figures.measure_id, figures.financial_year) > 0 as was_measured
        from {{ ref('mart_council_outcomes') }} as figures
        left join {{ ref('ascof_missing_data') }} as said
            on said.financial_year = figures.financial_year and said.measure_id = figures.measure_id
            and said.council_id = figures.area_id
        where figures.area_level = 'council'
    )
    where value is null
),

-- Councils of the year for which the editions held print no row of a measure at all.
outcomes_absent as (
    select
        'ascof', measured.edition, 'council', in_force.council_id, measured.financial_year, measured.measure_name,
        'no row in the copy held: not published or suppressed'
    from (
        select measure_id, measure_name, financial_year, max(edition) as edition
        from {{ ref('mart_council_outcomes') }}
        where area_level = 'council' and value is not null
        group by all
    ) as measured
    inner join {{ ref('int_council_years') }} as in_force on in_force.financial_year = measured.financial_year
    left join {{ ref('mart_council_outcomes') }} as outcomes
        on outcomes.area_level = 'council'
        and outcomes.area_id = in_force.council_id
        and outcomes.financial_year = measured.financial_year
        and outcomes.measure_id = measured.measure_id
    where outcomes.area_id is null
),

ro3 as (
    select
        'mhclg_ro3', financial_year, 'council', area_id, financial_year,
        'total adult social care expenditure', ro3_missing_reason
    from {{ ref('mart_finance_reconciliation') }}
    -- Years of which no edition is held are gaps of their own.
    where area_level = 'council' and ro3_missing_reason is not null
        and financial_year in (select financial_year from {{ ref('stg_mhclg_ro3') }})
),

sds as (
    select distinct
        'phs_sds', (select max(edition) from {{ ref('published_tables') }} where dataset = 'phs_sds'), 'partnership', area_id,
        financial_year, 'self-directed support, ' || replace(split, '_', ' '), missing_reason
    from {{ ref('mart_sds_options') }}
    where missing_reason is not null
),

-- Scotland's survey was not held in every year of the shares, so a year has no answers of any council.
sds_outcomes as (
    select
        'lgbf', max(edition), 'year', cast(null as varchar), financial_year,
        'what people supported at home said, Scotland',
        'the survey is held every second year, and the edition gives no answers for this one'
    from {{ ref('mart_sds_share') }}
    group by financial_year
    having count(had_a_say_percent) = 0
),

sds_not_recorded as (
    select
        'lgbf', edition, 'partnership', area_id, financial_year, 'self-directed support as a share of spending, basis S',
        flag_reason
    from {{ ref('mart_sds_share') }}
    where flag = 'not_recorded'
),

-- Councils that made no return of a year, and what the publisher says of it.
no_return as (
    select dataset, edition as financial_year, area_id, reason
    from {{ ref('figure_flags') }}
    where dataset = 'asc_fr' and flag = 'not_available' and client_group = 'any' and age_band = 'any'
),

-- Unit costs that a year's files do not allow for any council, and councils of which single ones are not available.
unit_costs as (
    select distinct
        dataset, edition, 'year', cast(null as varchar), financial_year,
        'what a week of care cost' || case provision when 'all' then '' else ', by who provides' end, missing_reason
    from {{ ref('mart_unit_costs') }}
    where missing_reason like '%weeks and no cost%' and (provision = 'all' or financial_year != '2015-16')
    union all
    select distinct
        costs.dataset, costs.edition, 'council', costs.area_id, costs.financial_year, 'some unit costs',
        coalesce(no_return.reason, 'shown as not available by the publisher') || '; each cell is in mart_unit_costs'
    from {{ ref('mart_unit_costs') }} as costs
    left join no_return
        on no_return.dataset = costs.dataset and no_return.financial_year = costs.financial_year
        and no_return.area_id = costs.area_id
    inner join {{ ref('int_council_years') }} as in_force
        on in_force.council_id = costs.area_id and in_force.financial_year = costs.financial_year
    where costs.area_level = 'council' and costs.missing_reason = 'not available from the publisher'
    union all
    select distinct
        dataset, edition, 'year', cast(null as varchar), financial_year, 'hours of care that direct payments bought',
        'the files give spending and people, and no hours'
    from {{ ref('mart_unit_costs') }}
    where support_setting = 'direct_payments'
),

-- Single cells: the mart that holds them has each with its symbol.
spending_cells as (
    select distinct
        cells.dataset, cells.edition, 'council', cells.area_id, cells.financial_year, 'some cells of spending',
        coalesce(no_return.reason, 'shown as not available by the publisher') || '; each cell is in mart_social_care_spend'
    from {{ ref('mart_social_care_spend') }} as cells
    left join no_return
        on no_return.dataset = cells.dataset and no_return.financial_year = cells.financial_year
        and no_return.area_id = cells.area_id
    inner join {{ ref('int_council_years') }} as in_force
        on in_force.council_id = cells.area_id and in_force.financial_year = cells.financial_year
    where cells.area_level = 'council' and cells.amount_cash_gbp is null
),

people_cells as (
    select distinct
        'asc_fr', edition, area_level, area_id, financial_year, 'some counts of people by how support is delivered',
        case value_symbol
            when 'suppressed' then 'small counts suppressed by the publisher; each cell is in mart_people_by_mechanism'
            else 'shown as not available by the publisher; each cell is in mart_people_by_mechanism'
        end
    from {{ ref('int_people_by_mechanism') }}
    where people is null
),

nhs_cells as (
    select
        'nhse_mh_dashboard', (select max(edition) from {{ ref('stg_nhse_mh_dashboard') }}), 'nhs_area', area_id, financial_year,
        'NHS mental health spending, ' || stage || ', ' || category,
        'the publisher''s cell is empty, N/A or an error (#N/A, #REF!)'
    from {{ ref('mart_nhs_mental_health_spend') }}
    where amount_cash_gbp is null
),

nhs_areas as (
    select distinct area_id, area_name from {{ ref('mart_nhs_mental_health_spend') }}
),

population as (
    select
        'ons_population', 'none held', 'year', cast(null as varchar), years.financial_year,
        'residents, for figures per adult', 'no estimate is held for the year'
    from (select distinct financial_year from {{ ref('mart_direct_payment_share') }}) as years
    left join {{ ref('population_years') }} as held on held.financial_year = years.financial_year
    where held.financial_year is null
),

-- Years of a ledger that are not whole, and what is wrong with the stretches that are left out.
ledgers as (
    select
        'ledger_' || years.body, 'payments', case when bodies.council_id is null then 'body' else 'council' end,
        coalesce(bodies.council_id, years.body), years.financial_year,
        'payments for adult social care by route',
        'care can be counted in '
        || case years.months_in_series when 0 then 'none' else cast(years.months_in_series as varchar) end
        || ' of the 12 months'
        || case when years.months_held < 12 then '; no payments are held of ' || (12 - years.months_held) else '' end
        || coalesce('; left out: ' || string_agg(series.note, '; ' order by series.first_month), '')
    from {{ ref('int_ledger_years') }} as years
    left join {{ ref('dim_body') }} as bodies on bodies.body = years.body
    left join {{ ref('ledger_series') }} as series
        on series.body = years.body and not series.in_series
        and series.first_month <= make_date(cast(left(years.financial_year, 4) as integer) + 1, 3, 31)
        and (series.last_month is null or series.last_month >= make_date(cast(left(years.financial_year, 4) as integer), 4, 1))
    where years.months_in_series < 12
    group by years.body, bodies.council_id, years.financial_year, years.months_held, years.months_in_series
),

-- What no contract of a source says.
contracts as (
    select
        dataset, edition, 'year', cast(null as varchar), edition, 'contracts of care: ' || lower(field_name),
        'the source does not say it of any contract'
    from {{ ref('mart_contract_fields') }}
    where scope = 'care' and said = 0
),

-- Resources of a place: what a source has no figure of, and what no source gives. Shares and cells of spending are above.
places as (
    select distinct
        resources.dataset, resources.edition, 'council', resources.area_id, resources.financial_year,
        case resources.dataset
            when 'mhclg_rsx' then 'spending by service'
            when 'mhclg_ro_multi' then 'net spending by service'
            else lower(left(resources.resource_name, 1)) || substr(resources.resource_name, 2)
        end,
        resources.missing_reason
    from {{ ref('mart_place_resources') }} as resources
    inner join {{ ref('int_council_years') }} as in_force
        on in_force.council_id = resources.area_id and in_force.financial_year = resources.financial_year
    where resources.status = 'no_figure' and resources.dataset in ('mhclg_rsx', 'mhclg_ro_multi', 'oflog_asc', 'bbc_sdu_care')
),

resources_nowhere as (
    select
        coalesce(dataset, 'none'), 'none held', 'resource', cast(null as varchar), 'every year', resource_name,
        'no source here gives it by council. ' || comes_from
    from {{ ref('dim_place_resource') }}
    where comes_from is not null
),

-- What no source here says at all, of no kind of resource.
facts_nowhere as (
    select 'none', 'none held', 'fact', cast(null as varchar), 'every year', what, reason || '. ' || comes_from
    from {{ ref('facts_not_held') }}
),

together as (
    select * from not_held
    union all select * from shares
    union all select * from shares_nowhere
    union all select * from absent
    union all select * from outcomes
    union all select * from outcomes_absent
    union all select * from ro3
    union all select * from sds
    union all select * from sds_outcomes
    union all select * from unit_costs
    union all select * from sds_not_recorded
    union all select * from contracts
    union all select * from spending_cells
    union all select * from people_cells
    union all select * from nhs_cells
    union all select * from ledgers
    union all select * from population
    union all select * from places
    union all select * from resources_nowhere
    union all select * from facts_nowhere
)

select
    t.dataset,
    t.edition,
    t.gap_level,
    t.area_id,
    coalesce(areas.area_name, partnerships.partnership_name, nhs_areas.area_name, bodies.body_name) as area_name,
    t.financial_year,
    t.what,
    t.reason
from together as t
left join {{ ref('int_areas') }} as areas on areas.area_level = t.gap_level and areas.area_id = t.area_id
left join {{ ref('scottish_partnerships') }} as partnerships
    on t.gap_level = 'partnership' and partnerships.partnership_id = t.area_id
left join nhs_areas on t.gap_level = 'nhs_area' and nhs_areas.area_id = t.area_id
left join {{ ref('dim_body') }} as bodies on t.gap_level = 'body' and bodies.body = t.area_id
