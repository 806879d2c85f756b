-- What care cost by the week, the hour or the person, with the spending and the units it is made of, one row an area, year
-- and kind of care. `figure` says whether the publisher printed the cost or it is worked out here from what was printed.
with ex1 as (
    select
        'pss_ex1' as dataset,
        figures.edition,
        figures.financial_year,
        figures.area_key,
        case figures.edition when '2008-09' then 'EX1 2008-09' else 'EX1 2009-10 to 2013-14' end as series,
        measures.client_group,
        case measures.client_group when 'older_people' then '65+' when 'all' then 'all' else '18-64' end as age_band,
        measures.support_setting,
        measures.provision,
        measures.cost_unit,
        'published' as figure,
        max(figures.value) filter (where measures.part = 'unit_cost') as unit_cost_cash_gbp,
        max(figures.amount_cash_gbp) filter (where measures.part = 'spend') as spend_cash_gbp,
        -- In 2008-09 people and clients are expressed for the whole year.
        max(
            figures.value / case
                when figures.edition = '2008-09' and measures.cost_unit not in ('GBP per hour', 'GBP per week of care') then 52
                else 1
            end
        ) filter (where measures.part = 'units') as units,
        max(figures.value_symbol) filter (where measures.part = 'unit_cost') as value_symbol,
        max(figures.source_file) filter (where measures.part = 'unit_cost') as source_file,
        max(figures.source_locator) filter (where measures.part = 'unit_cost') as source_locator
    from {{ ref('stg_pss_ex1__unit_costs') }} as figures
    inner join {{ ref('pss_ex1_unit_cost_measures') }} as measures
        on measures.line = figures.line
        and measures.part = case figures.measure when 'numerator' then 'spend' when 'denominator' then 'units' else 'unit_cost' end
        and (figures.edition != '2008-09' or coalesce(measures.code_2008_09, figures.line_code) = figures.line_code)
    group by all
),

first_year as (
    select
        edition, financial_year, area_key, client_group, age_band, support_setting, provision,
        max(amount) filter (where measure = 'Unit costs') as unit_cost_cash_gbp,
        max(amount) filter (where measure = 'Numerator') as spend_cash_gbp,
        max(amount) filter (where measure = 'Denominator') as units,
        max(value_symbol) filter (where measure = 'Unit costs') as value_symbol,
        max(source_file) filter (where measure = 'Unit costs') as source_file,
        max(source_locator) filter (where measure = 'Unit costs') as source_locator
    from {{ ref('stg_asc_fr_activity') }}
    where published_table = 'unit costs' and provision is not null
    group by all
),

hourly as (
    select
        edition, financial_year, area_key, client_group, age_band, support_setting, provision,
        amount as unit_cost_cash_gbp, cast(null as double) as spend_cash_gbp, cast(null as double) as units,
        value_symbol, source_file, source_locator
    from {{ ref('stg_asc_fr_activity') }}
    where published_table = 'activity' and measure = 'Hourly rate'
),

-- Every support reason together, by age band: the publisher prints reasons alone.
first_year_all as (
    select
        edition, financial_year, area_key, 'all' as client_group, age_band, support_setting, provision,
        {{ exact_sum('spend_cash_gbp') }} / nullif({{ exact_sum('units') }}, 0) as unit_cost_cash_gbp,
        {{ exact_sum('spend_cash_gbp') }} as spend_cash_gbp,
        {{ exact_sum('units') }} as units,
        cast(null as varchar) as value_symbol,
        min(source_file) as source_file,
        min(source_locator) as source_locator
    from first_year
    where client_group != 'all'
    group by all
    having count(spend_cash_gbp) = count(*) and count(units) = count(*)
),

weeks as (
    select
        edition, financial_year, area_key, client_group, age_band, support_setting, provision, amount,
        value_symbol, source_file, source_locator
    from {{ ref('stg_asc_fr_activity') }}
    where published_table = 'activity' and measure = 'weeks' and edition != '2014-15'
),

weeks_bought as (
    select
        edition, financial_year, area_key, ways.client_group, weeks.age_band, weeks.support_setting, ways.provision,
        case when count(amount) = count(*) then {{ exact_sum('amount') }} end as units,
        max(value_symbol) as value_symbol,
        min(source_file) as source_file,
        min(source_locator) as source_locator
    from weeks
    cross join lateral (
        select weeks.client_group, weeks.provision
        union all select 'all', weeks.provision
        union all select weeks.client_group, 'all'
        union all select 'all', 'all'
    ) as ways
    group by all
),

spend as (
    select
        spent.financial_year, spent.area_key, ways.client_group, spent.age_band, spent.support_setting,
        case when count(amount_cash_gbp) = count(*) then {{ exact_sum('amount_cash_gbp') }} end as spend_cash_gbp
    from {{ ref('int_spend_cells') }} as spent
    cross join lateral (select spent.client_group union all select 'all') as ways
    where
        spent.dataset = 'asc_fr' and spent.basis = 'C' and spent.grain = 'leaf'
        and spent.expenditure_type = 'gross_current_expenditure' and spent.provision = 'all' and spent.care_type != 'other'
        and spent.financial_year in (select financial_year from weeks)
        -- Weeks are asked for by these five reasons alone.
        and spent.client_group in (select client_group from weeks)
    group by all
),

second as (
    select
        weeks_bought.edition, weeks_bought.financial_year, weeks_bought.area_key, weeks_bought.client_group,
        weeks_bought.age_band, weeks_bought.support_setting, weeks_bought.provision,
        spend.spend_cash_gbp / nullif(weeks_bought.units, 0) as unit_cost_cash_gbp,
        spend.spend_cash_gbp, weeks_bought.units, weeks_bought.value_symbol, weeks_bought.source_file,
        weeks_bought.source_locator
    from weeks_bought
    -- Spending is not split by who provides.
    left join spend
        on weeks_bought.provision = 'all' and spend.financial_year = weeks_bought.financial_year
        and spend.area_key = weeks_bought.area_key and spend.client_group = weeks_bought.client_group
        and spend.age_band = weeks_bought.age_band and spend.support_setting = weeks_bought.support_setting
),

tables as (
    select
        figures.edition,
        figures.financial_year,
        figures.area_key,
        coalesce(figures.age_band, 'all') as age_band,
        case lower(figures.setting_as_published)
            when 'home care' then 'home_care' when 'residential and nursing' then 'residential_and_nursing'
            else figures.support_setting
        end as support_setting,
        case figures.provision_as_published
            when 'In House' then 'own_provision' when 'External' then 'provision_by_others' else 'all'
        end as provision,
        figures.value as unit_cost_cash_gbp,
        figures.value_symbol,
        figures.unit,
        figures.source_file,
        figures.source_locator
    from {{ ref('stg_asc_fr') }} as figures
    inner join {{ ref('published_tables') }} as printed
        on {{ is_printed_in('figures', 'printed', 'asc_fr', ['unit_costs']) }}
    -- An edition prints the year before it again. A year is taken from its own edition, or the first after it that is held.
    qualify figures.edition = min(figures.edition) over (partition by figures.financial_year)
),

-- Direct payments over the people who had one, alone or in part, at the end of the year.
paid as (
    select area_key, financial_year, edition, age_band, amount_cash_gbp, source_file, source_locator
    from {{ ref('int_spend_cells') }}
    where
        dataset = 'asc_fr' and basis = 'C' and support_setting = 'direct_payments' and care_type = 'long_term'
        and client_group = 'all' and grain = 'leaf' and provision = 'all'
),

people as (
    select
        areas.area_key, people.financial_year, people.age_band,
        case when count(people.people) = count(*) then sum(people.people) end as people,
        max(people.value_symbol) as value_symbol
    from {{ ref('int_people_by_mechanism') }} as people
    inner join {{ ref('int_area_keys') }} as areas
        on areas.area_level = people.area_level and areas.area_id = people.area_id
    where people.has_direct_payment
    group by all
),

direct_payments as (
    select
        paid.edition, paid.financial_year, paid.area_key, paid.age_band,
        paid.amount_cash_gbp / nullif(people.people * 52, 0) as unit_cost_cash_gbp,
        paid.amount_cash_gbp as spend_cash_gbp, cast(people.people as double) as units, people.value_symbol,
        paid.source_file, paid.source_locator
    from paid
    inner join people
        on people.area_key = paid.area_key and people.financial_year = paid.financial_year and people.age_band = paid.age_band
),

together as (
    select * from ex1
    union all
    select
        'asc_fr_activity', edition, financial_year, area_key, 'ASC-FR 2014-15', client_group, age_band, support_setting,
        provision, 'GBP per week of care', 'published', unit_cost_cash_gbp, spend_cash_gbp, units, value_symbol, source_file,
        source_locator
    from first_year
    union all
    select
        'asc_fr_activity', edition, financial_year, area_key, 'ASC-FR 2014-15', client_group, age_band, support_setting,
        provision, 'GBP per hour', 'published', unit_cost_cash_gbp, spend_cash_gbp, units, value_symbol, source_file,
        source_locator
    from hourly
    union all
    select
        'asc_fr_activity', edition, financial_year, area_key, 'ASC-FR 2014-15', client_group, age_band, support_setting,
        provision, 'GBP per week of care', 'computed', unit_cost_cash_gbp, spend_cash_gbp, units, value_symbol, source_file,
        source_locator
    from first_year_all
    union all
    select
        'asc_fr_activity', edition, financial_year, area_key, 'ASC-FR 2016-17', client_group, age_band, support_setting,
        provision, 'GBP per week of care', 'computed', unit_cost_cash_gbp, spend_cash_gbp, units, value_symbol, source_file,
        source_locator
    from second
    union all
    select
        'asc_fr', edition, financial_year, area_key, 'ASC-FR 2021-22', 'all', age_band, support_setting, provision,
        case unit when 'GBP per hour' then unit else 'GBP per week of care' end, 'published', unit_cost_cash_gbp, null, null,
        value_symbol, source_file, source_locator
    from tables
    union all
    select
        'asc_fr', edition, financial_year, area_key, 'ASC-FR 2021-22', 'all', age_band, 'direct_payments', 'all',
        'GBP per person per week', 'computed', unit_cost_cash_gbp, spend_cash_gbp, units, value_symbol, source_file,
        source_locator
    from direct_payments
)

select together.*, areas.area_level, areas.area_id
from together
inner join {{ ref('int_area_keys') }} as areas on areas.area_key = together.area_key
