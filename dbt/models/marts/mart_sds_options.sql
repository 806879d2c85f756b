-- Scotland's self-directed support: people by option, client group or type of provider, partnerships to Scotland.
with figures as (
    select
        partnerships.partnership_id as area_id,
        case when partnerships.partnership_id = 'scotland' then 'scotland' else 'partnership' end as area_level,
        tables.role as split,
        figures.*
    from {{ ref('stg_phs_sds') }} as figures
    inner join {{ ref('published_tables') }} as tables
        on tables.dataset = 'phs_sds' and tables.edition = figures.edition
        and tables.published_table = figures.published_table
    left join {{ ref('scottish_partnership_aliases') }} as partnerships on partnerships.alias = figures.alias
    where tables.role != 'completeness' and figures.measure in ('number', 'percentage')
),

wide as (
    select
        area_level,
        area_id,
        financial_year,
        split,
        case when option = '' then 'all' else option end as option,
        case when client_group = '' then 'all' else client_group end as client_group,
        case when provider_type = '' then 'all' else provider_type end as provider_type,
        age_group,
        max(value) filter (where measure = 'number') as people,
        max(value) filter (where measure = 'percentage') / 100 as published_share
    from figures
    group by all
),

-- The trend repeats an earlier year for partnerships that did not submit; the detail files leave them out.
submitted as (
    select distinct area_id, financial_year from wide where split = 'options' and age_group = 'All Ages'
),

told as (
    select partnerships.partnership_id as area_id, completeness.financial_year, completeness.carried_from
    from {{ ref('stg_phs_sds') }} as completeness
    inner join {{ ref('published_tables') }} as tables
        on tables.dataset = 'phs_sds' and tables.edition = completeness.edition
        and tables.published_table = completeness.published_table and tables.role = 'completeness'
    inner join {{ ref('scottish_partnership_aliases') }} as partnerships on partnerships.alias = completeness.alias
),

partnership_years as (
    select partnerships.partnership_id as area_id, years.financial_year
    from {{ ref('scottish_partnerships') }} as partnerships
    cross join (select distinct financial_year from submitted) as years
    where partnerships.partnership_id != 'scotland'
),

absent as (
    select partnership_years.area_id, partnership_years.financial_year, told.carried_from
    from partnership_years
    left join submitted
        on submitted.area_id = partnership_years.area_id
        and submitted.financial_year = partnership_years.financial_year
    left join told on told.area_id = partnership_years.area_id and told.financial_year = partnership_years.financial_year
    where submitted.area_id is null
),

-- Partnerships that sent option totals and nothing more.
partial as (
    select submitted.area_id, submitted.financial_year, splits.split
    from submitted
    cross join (select distinct split from wide where split in ('options_exclusive', 'client_group', 'provider_type')) as splits
    left join wide
        on wide.area_id = submitted.area_id
        and wide.financial_year = submitted.financial_year
        and wide.split = splits.split
    where wide.area_id is null and submitted.area_id != 'scotland'
),

together as (
    select
        wide.*,
        absent.area_id is not null and wide.split = 'options_trend' as is_carried_forward,
        absent.carried_from,
        cast(null as varchar) as missing_reason
    from wide
    left join absent on absent.area_id = wide.area_id and absent.financial_year = wide.financial_year
    union all
    select
        'partnership', area_id, financial_year, 'options', 'any_sds', 'all', 'all', 'All Ages', null, null, false, carried_from,
        case
            when carried_from is not null then 'did not submit; the publisher says so'
            else 'absent from the detail files; the publisher gives no reason'
        end
    from absent
    union all
    select
        'partnership', area_id, financial_year, split, 'all', 'all', 'all', 'All Ages', null, null, false, null,
        'sent totals by option only'
    from partial
),

empty_splits as (
    -- A split that is zero throughout for a partnership with people was not returned.
    select area_id, financial_year, split
    from wide
    where split in ('client_group', 'provider_type') and age_group = 'All Ages'
    group by all
    having max(people) = 0
)

select
    t.area_level,
    t.area_id,
    names.partnership_name as area_name,
    t.financial_year,
    case when t.split = 'options_trend' then 'estimated' else 'submitted' end as coverage,
    t.split,
    t.option,
    t.client_group,
    t.provider_type,
    t.age_group,
    t.age_group = 'All Ages' or case t.split
        when 'client_group' then t.client_group = 'all'
        when 'provider_type' then t.provider_type = 'all'
        else t.option in ('all', 'any_sds')
    end as is_total,
    case
        when t.option = 'option_1' then 'sds_option_1'
        when t.option = 'option_2' then 'sds_option_2'
        when t.option = 'option_3' then 'sds_option_3'
        when t.option = 'option_4' then 'sds_option_4'
    end as route,
    cast(case when empty_splits.area_id is null then t.people end as bigint) as people,
    t.published_share,
    case
        when t.split = 'options_exclusive' and sum(t.people) over (
            partition by t.area_id, t.financial_year, t.split, t.age_group
        ) > 0
            then t.people / sum(t.people) over (partition by t.area_id, t.financial_year, t.split, t.age_group)
    end as share,
    t.is_carried_forward,
    t.carried_from,
    case when empty_splits.area_id is not null then 'zero throughout: not returned' else t.missing_reason end as missing_reason
from together as t
left join {{ ref('scottish_partnerships') }} as names on names.partnership_id = t.area_id
left join empty_splits
    on empty_splits.area_id = t.area_id
    and empty_splits.financial_year = t.financial_year
    and empty_splits.split = t.split
