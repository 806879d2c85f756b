-- Numerators and denominators of the direct payment share, by area as published, one row an area, year, basis,
-- client group and age band. Null where a part is missing: a share of what is visible would mislead.
with cells as (
    select * from {{ ref('int_spend_cells') }} where provision = 'all'
),

-- A: direct payments lines over the publisher's totals without Supporting People.
basis_a as (
    select
        area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band,
        case when grain = 'leaf' then 'numerator' else 'denominator' end as part,
        amount_cash_gbp
    from cells
    where
        basis = 'A'
        and expenditure_type = 'gross_current_expenditure'
        and client_group in ('older_people', 'physical_disability', 'learning_disability', 'mental_health')
        and ((grain = 'leaf' and support_setting = 'direct_payments') or grain = 'total')
),

-- B: numerators of unit costs. Residential and nursing care come together (grain `share`) and only by client
-- group; meals only for older people and for all adults.
basis_b_parts as (
    select
        area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band, support_setting, grain,
        amount_cash_gbp
    from cells
    where
        basis = 'B'
        -- A file without direct payments (2009-10) makes no share.
        and edition in (select edition from cells where basis = 'B' and support_setting = 'direct_payments')
        and support_setting in ('direct_payments', 'residential_and_nursing', 'home_care', 'day_care', 'meals')
        and grain in ('leaf', 'share', 'total')
),

basis_b_groups as (
    select * exclude (support_setting, grain), 'denominator' as part
    from basis_b_parts
    where client_group not in ('all', 'not_split')
    union all
    select * exclude (support_setting, grain), 'numerator'
    from basis_b_parts
    where client_group not in ('all', 'not_split') and support_setting = 'direct_payments'
),

basis_b_all as (
    select * exclude (support_setting, grain) replace ('all' as client_group, 'all' as age_band), 'denominator' as part
    from basis_b_parts
    where client_group in ('all', 'not_split') or support_setting = 'residential_and_nursing'
    union all
    select * exclude (support_setting, grain), 'numerator'
    from basis_b_parts
    where client_group = 'all' and support_setting = 'direct_payments'
),

-- C: long-term support. England by reason in 2021-22 comes from its own table.
basis_c_cells as (
    select
        area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band, support_setting, grain,
        amount_cash_gbp
    from cells
    where
        basis = 'C'
        and expenditure_type = 'gross_current_expenditure'
        and care_type = 'long_term'
        and grain in ('leaf', 'by_reason')
),

basis_c_parts as (
    select * exclude (support_setting), 'denominator' as part from basis_c_cells
    union all
    select * exclude (support_setting), 'numerator' from basis_c_cells where support_setting = 'direct_payments'
),

basis_c as (
    -- by reason and age
    select * exclude (grain) from basis_c_parts where client_group != 'all'
    union all
    -- by reason, both ages
    select * exclude (grain) replace ('all' as age_band) from basis_c_parts where client_group != 'all'
    union all
    -- by age, every reason
    select * exclude (grain) replace ('all' as client_group) from basis_c_parts where grain = 'leaf'
    union all
    select * exclude (grain) replace ('all' as client_group, 'all' as age_band) from basis_c_parts where grain = 'leaf'
),

-- D: bridging lines.
basis_d_parts as (
    select
        area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band, support_setting,
        amount_cash_gbp
    from cells
    where basis = 'D' and grain = 'leaf'
),

basis_d_roles as (
    select * exclude (support_setting), 'denominator' as part from basis_d_parts
    union all
    select * exclude (support_setting), 'numerator' from basis_d_parts where support_setting = 'direct_payments'
),

basis_d as (
    select * from basis_d_roles where age_band != 'all'
    union all
    select * replace ('all' as age_band) from basis_d_roles
),

basis_a_rolled as (
    select * from basis_a
    union all
    select * replace ('all' as client_group, 'all' as age_band) from basis_a
    union all
    select * replace ('all' as client_group) from basis_a
),

together as (
    select area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band, part, amount_cash_gbp
    from basis_a_rolled
    union all
    select area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band, part, amount_cash_gbp
    from basis_b_groups
    union all
    select area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band, part, amount_cash_gbp
    from basis_b_all
    union all
    select area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band, part, amount_cash_gbp
    from basis_c
    union all
    select area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band, part, amount_cash_gbp
    from basis_d
)

select
    area_level, area_id, financial_year, dataset, edition, basis, client_group, age_band,
    case
        when count(*) filter (where part = 'numerator' and amount_cash_gbp is null) = 0
            then {{ exact_sum("case when part = 'numerator' then amount_cash_gbp end") }}
    end as direct_payments_cash_gbp,
    case
        when count(*) filter (where part = 'denominator' and amount_cash_gbp is null) = 0
            then {{ exact_sum("case when part = 'denominator' then amount_cash_gbp end") }}
    end as denominator_cash_gbp
from together
group by all
