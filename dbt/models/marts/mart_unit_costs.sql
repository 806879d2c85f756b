-- What an hour, a week or a person's care cost: council, region and England by year, setting, client group and who provides,
-- in cash and in real terms, with the spending and units behind it and what a direct payment cost beside it. A cost that
-- cannot be right is kept as published and flagged, never mended.
with checked as (
    select
        costs.*,
        case costs.cost_unit
            when 'GBP per hour' then 'hours'
            when 'GBP per week of care' then 'weeks'
            when 'GBP per person per week' then case costs.series
                when 'ASC-FR 2021-22' then 'people at the end of the year' else 'people on 31 March'
            end
            when 'GBP per client per week' then 'clients in an average week'
            when 'GBP per meal' then 'meals in an average week'
        end as units_are,
        case when costs.cost_unit in ('GBP per hour', 'GBP per week of care') then 1 else 52 end as weeks_under
    from {{ ref('int_unit_costs') }} as costs
),

worked_out as (
    select *, spend_cash_gbp / nullif(units * weeks_under, 0) as computed_unit_cost_cash_gbp from checked
),

-- Far out among the councils of the year: so many interquartile ranges from the quartiles.
spread as (
    select
        financial_year, series, client_group, age_band, support_setting, provision, cost_unit,
        count(unit_cost_cash_gbp) as councils,
        quantile_cont(unit_cost_cash_gbp, 0.25) as lower_quartile,
        quantile_cont(unit_cost_cash_gbp, 0.75) as upper_quartile,
        {{ threshold('far_out') }} * (quantile_cont(unit_cost_cash_gbp, 0.75) - quantile_cont(unit_cost_cash_gbp, 0.25)) as reach,
        {{ threshold('far_below') }} * median(unit_cost_cash_gbp) as least
    from worked_out
    where area_level = 'council' and unit_cost_cash_gbp > 0
    group by all
),

flagged as (
    select
        w.*,
        case
            when w.unit_cost_cash_gbp is null then null
            when w.unit_cost_cash_gbp <= 0 then 'nothing'
            when w.cost_unit = 'GBP per hour'
                and w.unit_cost_cash_gbp not between {{ threshold('least_hourly_cost') }} and {{ threshold('most_hourly_cost') }}
                then 'not_plausible'
            when w.cost_unit = 'GBP per week of care'
                and w.unit_cost_cash_gbp not between {{ threshold('least_weekly_cost') }} and {{ threshold('most_weekly_cost') }}
                then 'not_plausible'
            when w.unit_cost_cash_gbp > {{ threshold('most_weekly_cost') }} then 'not_plausible'
            when w.cost_unit = 'GBP per week of care' and w.units < {{ threshold('fewest_weeks_of_care') }} then 'few_weeks'
            when abs(w.computed_unit_cost_cash_gbp / w.unit_cost_cash_gbp - 1)
                > {{ threshold('parts_and_cost_apart') }}
                + case when w.weeks_under = 52 then {{ threshold('people_printed_apart') }} / w.units else 0 end
                and abs(w.computed_unit_cost_cash_gbp - w.unit_cost_cash_gbp) > 1
                then 'parts_differ'
            when w.area_level = 'council' and spread.councils >= {{ threshold('councils_for_far_out') }}
                and w.unit_cost_cash_gbp not between greatest(spread.lower_quartile - spread.reach, spread.least) and spread.upper_quartile + spread.reach
                then 'far_out'
            else known.flag
        end as flag,
        known.flag as known_flag,
        known.reason as known_reason
    from worked_out as w
    left join {{ ref('unit_cost_flags') }} as known
        on known.financial_year = w.financial_year and known.support_setting = w.support_setting
        and known.cost_unit = w.cost_unit and (known.areas = 'any' or w.area_level != 'council')
    left join spread
        on spread.financial_year = w.financial_year and spread.series = w.series and spread.client_group = w.client_group
        and spread.age_band = w.age_band and spread.support_setting = w.support_setting
        and spread.provision = w.provision and spread.cost_unit = w.cost_unit
),

direct_payments as (
    select area_level, area_id, financial_year, series, client_group, age_band, unit_cost_cash_gbp
    from worked_out
    where support_setting = 'direct_payments' and cost_unit = 'GBP per person per week'
)

select
    f.area_level,
    f.area_id,
    areas.area_name,
    f.financial_year,
    f.dataset,
    f.edition,
    f.series,
    f.client_group,
    f.age_band,
    f.support_setting,
    f.provision,
    f.client_group = 'all' or f.age_band = 'all' or f.provision = 'all' as is_total,
    f.cost_unit,
    f.figure,
    f.unit_cost_cash_gbp,
    f.unit_cost_cash_gbp * deflators.to_real as unit_cost_real_gbp,
    deflators.real_terms_base_year,
    f.spend_cash_gbp,
    f.units,
    f.units_are,
    f.computed_unit_cost_cash_gbp,
    paid.unit_cost_cash_gbp as direct_payment_person_week_cash_gbp,
    paid.unit_cost_cash_gbp * deflators.to_real as direct_payment_person_week_real_gbp,
    case when f.financial_year = series.first_year then series.break_before end as break_before,
    case
        when f.unit_cost_cash_gbp is not null then null
        when council.start_date > make_date(cast(left(f.financial_year, 4) as integer) + 1, 3, 31) then 'the council began later'
        when council.end_date < make_date(cast(left(f.financial_year, 4) as integer), 4, 1) then 'the council had ended'
        when f.financial_year = '2015-16' then 'spending by setting of the year is not held, so there are weeks and no cost'
        when f.series = 'ASC-FR 2016-17' and f.provision != 'all' then 'spending is not split by who provides, so there are weeks and no cost'
        when f.units = 0 and f.spend_cash_gbp > 0 then 'there is spending, but no hours, weeks or people are counted for it'
        when f.units = 0 then 'no hours, weeks or people of this kind'
        when f.value_symbol = 'suppressed' then 'a count of people is suppressed by the publisher'
        else 'not available from the publisher'
    end as missing_reason,
    f.flag,
    case f.flag
        when 'nothing' then case
            when f.units > 0 then 'nothing or less, though hours, weeks or people are counted for it'
            when f.units = 0 then 'nothing or less, and no hours, weeks or people are counted for it'
            else 'nothing or less; the publisher prints no hours, weeks or people beside it'
        end
        when 'not_plausible' then 'outside the bounds set for the cost of an hour or a week; spending or units look misreported'
        when 'few_weeks' then 'fewer weeks than one person for a year'
        when 'parts_differ' then 'the printed cost is not the spending over the units that are printed beside it'
        when 'far_out' then 'far from the other councils of the year'
        when f.known_flag then f.known_reason
    end as flag_reason,
    f.source_file,
    f.source_locator
from flagged as f
inner join {{ ref('int_areas') }} as areas on areas.area_level = f.area_level and areas.area_id = f.area_id
inner join {{ ref('unit_cost_series') }} as series on series.series = f.series
left join {{ ref('councils') }} as council on f.area_level = 'council' and council.council_id = f.area_id
left join {{ ref('int_deflators') }} as deflators on deflators.financial_year = f.financial_year
left join direct_payments as paid
    on paid.area_level = f.area_level and paid.area_id = f.area_id and paid.financial_year = f.financial_year
    and paid.series = f.series and paid.client_group = f.client_group and paid.age_band = f.age_band
