-- Source cells: the publishers' own figures, straight from the raw tables of data/raw/ and without dbt, named so that
-- the register (families.yml) can say which of them each headline is made of. `raw.<dataset>` is the snapshot,
-- `seeds.<name>` a judgement of dbt/seeds/. Every view keeps the columns of its raw table, so a row is a cell.
-- (Tables are views that many headlines read.)

-- Which area a row is about, by the code or the name that the publisher prints.
create view codes as
select code as area_code, council_id as area_id from seeds.council_codes where scheme = 'cassr';

create view names as
select alias, council_id as area_id, 'council' as area_level from seeds.council_aliases
union all
select alias, area_id, area_level from seeds.area_aliases;

-- Councils responsible for social services on a financial year's last day.
create view in_force as
select councils.council_id as area_id, y || '-' || lpad(((y + 1) % 100)::varchar, 2, '0') as year
from seeds.councils, unnest(range(2000, 2026)) as years(y)
where coalesce(start_date, date '1900-01-01') <= make_date(y, 4, 1)
  and coalesce(end_date, date '2999-12-31') >= make_date(y + 1, 3, 31);

create view ex1 as
select
    r.*, coalesce(codes.area_id, names.area_id) as area_id,
    case when codes.area_id is not null then 'council' else names.area_level end as area_level,
    r.value * 1000 as amount
from raw.pss_ex1 as r
left join codes on codes.area_code = r.area_code
left join names on names.alias = lower(r.area);

create view asc_fr as
select
    r.*, coalesce(codes.area_id, names.area_id) as area_id,
    case when codes.area_id is not null then 'council' else names.area_level end as area_level,
    r.value * case r.unit when 'GBP thousand' then 1000 else 1 end as amount,
    case
        when lower(r.age_band) like '%18 to 64' then '18-64' when lower(r.age_band) like '%65 and over' then '65+' else 'all'
    end as age,
    reasons.conformed as client_group,
    -- 2016-17 has codes in place of labels: setting 1 is direct payments.
    lower(r.support_setting) like '%direct payments' or (r.edition = '2016-17' and r.support_setting = '1') as is_direct_payment
from raw.asc_fr as r
left join codes on codes.area_code = r.area_code
left join names on names.alias = lower(r.area)
left join seeds.asc_fr_labels as reasons on reasons.dimension = 'support_reason' and reasons.label = lower(r.support_reason);

-- Direct payments and all support, by basis. `rolls_up` cells belong to their own client group and to all of them.
-- `part` says what a cell counts in; where all support has no line of its own, direct payments count in it too.
create table share_cells as
-- A: line 5 of a client group's section is direct payments, line 11 its total without Supporting People.
select
    'A' as basis, ex1.*, sections.client_group, sections.age_band as age, true as rolls_up,
    case when regexp_matches(line_code, '^[B-F]5$') then 'direct payments' else 'all support' end as part
from ex1
inner join seeds.pss_ex1_sections as sections on sections.section = lower(ex1.section)
where
    measure = 'gross current expenditure' and regexp_matches(line_code, '^[B-F](5|11)$')
    and "table" in ('council sheet', 'gross current expenditure by council')
    and sections.client_group in ('older_people', 'physical_disability', 'learning_disability', 'mental_health')
union all by name
-- B: numerators of unit costs. Residential and nursing care comes by client group only.
select
    'B' as basis, ex1.*, lines.client_group,
    case lines.client_group when 'older_people' then '65+' when 'all' then 'all' when 'not_split' then 'all' else '18-64' end as age,
    lines.support_setting = 'residential_and_nursing' or lines.client_group = 'not_split' as rolls_up,
    case lines.support_setting when 'direct_payments' then 'direct payments and all support' else 'all support' end as part
from ex1
inner join seeds.pss_ex1_unit_cost_lines as lines on lines.line = trim(lower(regexp_replace(
    regexp_replace(ex1.line, '\s*(during the year|during year)?\s*ended 31 March\s*(20\d\d)?', '', 'i'),
    '\s*\(.{0,3}000''?s\)', '', 'i'
)))
where
    measure = 'numerator' and "table" = 'unit costs' and lines.provision = 'total'
    and lines.support_setting in ('direct_payments', 'residential_and_nursing', 'home_care', 'day_care', 'meals')
union all by name
-- C: long-term support, by reason, age and setting; 2021-22 by setting (T43, T44), England by reason beside it (T45).
select
    'C' as basis, asc_fr.* exclude (client_group),
    case when "table" in ('T43', 'T44') then 'all' else client_group end as client_group,
    "table" in ('expenditure by council', 'totals', 'gross current expenditure') as rolls_up,
    case
        when "table" like 'T%' then case when is_direct_payment then 'direct payments' else 'all support' end
        when is_direct_payment then 'direct payments and all support'
        else 'all support'
    end as part
from asc_fr
where
    (
        edition = '2014-15' and "table" = 'expenditure by council' and measure = 'Gross current expenditure'
        and care_type = 'Long term' and support_reason != 'Total'
        and lower(support_setting) not in ('total', 'fairer charging income')
    )
    or (
        edition = '2016-17' and "table" = 'totals' and measure = 'GROSSCURRENTEXPENDITURE' and care_type = '2'
        and area_level = 'council' and detail like '%DataType_KEY=1'
    )
    or (edition = '2017-18' and "table" = 'gross current expenditure' and care_type = 'Long Term Care')
    or (edition = '2021-22' and "table" in ('T43', 'T44') and (is_direct_payment or support_setting = 'Total'))
    or (edition = '2021-22' and "table" = 'T45' and age != 'all' and (is_direct_payment or support_setting = 'Total'))
union all by name
-- D: bridging lines, the services of the older return.
select
    'D' as basis, asc_fr.* exclude (client_group), 'all' as client_group, true as rolls_up,
    case when lower(detail) like '%direct payments%' then 'direct payments and all support' else 'all support' end as part
from asc_fr
where
    "table" = 'bridging' and measure in ('Gross total cost: total expenditure', 'Expenditure')
    and not regexp_matches(lower(detail), 'grand total|non personal social services|non-pss')
    and detail != 'service=Total expenditure';

-- Residents aged 18 and over by single year of age, England and councils as they were in the financial year.
create table adults as
select
    r.* exclude (year), years.financial_year as year,
    case
        when r.area_code = 'E92000001' then 'england'
        when moved.gss_code is not null then moved.council_id
        else gss.council_id
    end as area_id,
    'adult residents' as part, r.value as amount
from raw.ons_population as r
inner join seeds.population_years as years on years.population_year = r.year
left join seeds.council_codes as gss on gss.scheme = 'gss' and gss.code = r.area_code
left join seeds.population_areas as moved on moved.population_year = r.year and moved.gss_code = r.area_code
where r.age != 'All ages' and replace(r.age, '+', '')::integer >= 18;

create view deflators as
select r.*, 'deflator' as part, r.value as amount
from raw.hmt_gdp_deflator as r
where series = 'GDP deflator' and length(year) = 7 and edition = (select max(edition) from raw.hmt_gdp_deflator);

-- Who provides, in money without direct payments: long-term support of ASC-FR 2014-15, services of EX1.
create table provision_cells as
select
    'C' as basis, asc_fr.*,
    case measure
        when 'Gross total cost: own provision' then 'own provision'
        when 'Gross total cost: grants to voluntary org' then 'grants'
        else 'provision by others'
    end as part
from asc_fr
where
    edition = '2014-15' and "table" = 'expenditure by council' and care_type = 'Long term' and support_reason != 'Total'
    and measure in (
        'Gross total cost: own provision', 'Gross total cost: provision by others', 'Gross total cost: grants to voluntary org'
    )
    and not is_direct_payment and lower(support_setting) not in ('total', 'fairer charging income')
union all by name
select
    'A' as basis, ex1.*, sections.client_group, sections.age_band as age,
    case measure when 'own provision excluding capital charges' then 'own provision' else 'provision by others' end as part
from ex1
inner join seeds.pss_ex1_sections as sections on sections.section = lower(ex1.section)
inner join seeds.pss_ex1_lines as lines
    on lines.line = trim(lower(regexp_replace(ex1.line, '\(\s*lines.*$', '', 'i'))) and lines.role = 'part'
where
    measure in ('own provision excluding capital charges', 'provision by others excluding capital charges')
    and lines.support_setting not in ('direct_payments', 'assessment', 'supporting_people');

-- Who provides mental health support in the unit-cost files, which split part of it: see dbt/seeds/provision_bounds.csv.
create view bound_cells as
select
    ex1.*,
    case
        when lines.provision = 'provision_by_others' then 'by others'
        when lines.provision = 'own_provision' then 'own provision'
        when bounds.provided_by = 'others' then 'by others, not split'
        else 'home care, not split'
    end as part
from ex1
inner join seeds.pss_ex1_unit_cost_lines as lines on lines.line = trim(lower(regexp_replace(
    regexp_replace(ex1.line, '\s*(during the year|during year)?\s*ended 31 March\s*(20\d\d)?', '', 'i'),
    '\s*\(.{0,3}000''?s\)', '', 'i'
)))
inner join seeds.provision_bounds as bounds on bounds.support_setting = lines.support_setting
where
    measure = 'numerator' and "table" = 'unit costs' and lines.client_group = 'mental_health'
    and (bounds.provided_by = 'split') = (lines.provision != 'total');

-- NHS mental health money: areas that existed at the end of 2021-22, pounds.
create view nhs_cells as
select
    r.*,
    case
        when "table" = 'national totals' and category like 'NHSE Specialised%' then 'specialised commissioning'
        when "table" = 'national totals' and category like 'Total NHS%' then 'all NHS spend'
        when "table" = 'total spend' then 'all CCG spend'
        else "table"
    end as part,
    case when measure like 'planned %' then 'planned' else 'actual' end as stage,
    r.value * case unit when 'GBP million' then 1e6 else 1 end as amount
from raw.nhse_mh_dashboard as r
where
    coalesce(successor_code, '') = '' and regexp_matches(measure, '^(planned )?(reported )?spend$')
    and not ("table" = 'national totals' and category like 'Local CCG%');

-- Talking therapies: counts by provider, with the class that the provider's code tells.
create table therapy_cells as
select
    r.*, r.measure as part, r.value as amount,
    coalesce(
        (select provider_class from seeds.provider_classes where rule_kind = 'org_code' and rule = r.org_code),
        (
            select any_value(provider_class) from seeds.provider_classes
            where rule_kind = 'pattern' and regexp_matches(r.org_code, rule)
        ),
        'unknown'
    ) as provider_class
from raw.nhse_talking_therapies as r
where
    statistic = 'count' and org_type = 'Provider'
    and measure in ('finished_course_treatment', 'not_at_caseness', 'recovery');

-- Revenue outturn RO3: total adult social care, the last release of a year.
create view ro3_cells as
select
    r.*, coalesce(gss.council_id, case when r.authority_code = 'Eng' then 'england' end) as area_id, r.value * 1000 as amount,
    case
        when measure like 'Total Expenditure%' then 'total expenditure'
        when measure like 'Other Income%' then 'other income'
        else 'net current expenditure'
    end as part
from raw.mhclg_ro3 as r
left join seeds.council_codes as gss on gss.scheme = 'gss' and gss.code = r.gss_code
where
    line_code = 'RO3-asctot' and edition not like '%first-release'
    and regexp_matches(measure, '^(Total Expenditure|Other Income|Net Current)')
    and (authority_code = 'Eng' or (class in ('UA', 'MD', 'LB', 'SC') and authority_code like 'E%'));

-- ASC-FR totals: the workbook's tables, and the publisher's overview, typed from its page into a seed.
create view asc_fr_totals as
select
    asc_fr.*, case when "table" = 'T5' then 'total expenditure' else 'gross current expenditure' end as part
from asc_fr
where
    edition = '2021-22'
    and (("table" = 'T5' and measure = 'Total') or ("table" = 'T3' and measure = 'Gross Current Expenditure'))
union all by name
select
    'asc_fr' as dataset, '2023-24' as edition, financial_year as year, 'england' as area_id, 'england' as area_level,
    replace(measure, '_', ' ') as part, round(amount_gbp_billion * 1e9) as amount, amount_gbp_billion as value,
    amount_gbp_billion::varchar as value_text, 'GBP billion' as unit,
    'dbt/seeds/asc_fr_england_published.csv' as source_file,
    locator || ' (' || source || ')' as source_locator
from seeds.asc_fr_england_published;

-- Findings of studies: one cell each (the first that is not empty), with the reading that the register gives it.
create view evidence_cells as
select
    r.*, register.study_id, studies.study_group, register.reading, register.client_group, register.outcome, register.direction,
    register.direction as part
from (
    select *, row_number() over (
        partition by finding_id order by value_text = '', statistic, part, regexp_extract(source_locator, '\d+')::integer, source_locator
    ) as n
    from raw.evidence
) as r
inner join seeds.evidence_register as register on register.finding_id = r.finding_id
inner join seeds.evidence_studies as studies on studies.study_id = register.study_id
where r.n = 1 and not register.restates_ascs;

-- Adult Social Care Survey 2020-21, questions shown, all 18 councils together: what each question's design effect is made of.
create view survey_margin_cells as
select distinct r.*, outcomes.question_code, r.value as amount, r.statistic as part
from raw.ascs as r
inner join (select distinct question_code from seeds.ascs_outcomes) as outcomes
    on outcomes.question_code = split_part(r.question, ' - ', 1)
where r.breakdown = '18 CASSR Average' and r.statistic in ('percentage', 'respondents', 'margin of error');

-- By how much the design widens the margins of a question, from those cells.
create view survey_design as
select question_code, sum(power(margin / 1.96, 2)) * max(base) / sum(share * (100 - share)) as design_effect
from (
    select
        question_code, answer,
        max(amount) filter (where statistic = 'margin of error') as margin,
        max(amount) filter (where statistic = 'percentage') as share,
        max(max(amount) filter (where statistic = 'respondents')) over (partition by question_code) as base
    from survey_margin_cells
    group by question_code, answer
)
where answer != ''
group by question_code;

-- Adult Social Care Survey 2020-21 by how support is delivered.
create view survey_cells as
select distinct r.*, outcomes.outcome, r.value / 100 as amount, r.category as part, design.design_effect
from raw.ascs as r
inner join seeds.ascs_outcomes as outcomes
    on outcomes.question_code = split_part(r.question, ' - ', 1)
    and (outcomes.answer = r.answer or r.statistic = 'respondents')
inner join survey_design as design on design.question_code = outcomes.question_code
where r.breakdown = 'Mechanism of delivery' and r.category != 'Not Applicable';

-- Outcomes framework by council, the edition of 2024-25, measures as it numbers them.
create view outcome_cells as
select r.*, codes.area_id, r.measure_code as part, r.value as amount
from raw.ascof as r
inner join codes on codes.area_code = r.area_code
where r.edition = '2024-25' and r.area_level = 'Council' and r.statistic = 'outcome' and r.disaggregation = '';

-- Their margins of error.
create view margin_cells as
select r.*, codes.area_id, r.measure_code || ' margin' as part, r.value as amount
from raw.ascof as r
inner join codes on codes.area_code = r.area_code
where r.edition = '2024-25' and r.area_level = 'Council' and r.statistic = 'margin of error' and r.disaggregation = '';

-- Ledgers: payments for adult social care by month, label and route, each label with the first of the rules that fit
-- it. A cell is the sum of a month; the payments themselves stay in the lake.
create table ledger_rules as
select
    labels.*,
    rules.priority, rules.care_scope, rules.route, rules.support_setting, rules.evidence_grade,
    coalesce(rules.first_month, date '1900-01-01') as from_month, coalesce(rules.last_month, date '2999-12-01') as to_month
from (
    select distinct body, department, expense_area, expense_code, expense_label, transaction_prefix
    from raw.ledger_monthly
) as labels
inner join seeds.route_rules as rules
    on rules.body = labels.body
    and lower(concat_ws(' > ', nullif(trim(department), ''), nullif(trim(expense_area), ''))) like coalesce(area_like, '%')
    and coalesce(lower(trim(expense_code)), '') like coalesce(code_like::varchar, '%')
    and coalesce(lower(trim(expense_label)), '') like coalesce(label_like, '%')
    and coalesce(lower(transaction_prefix), '') like coalesce(prefix_like, '%');

create table ledger_cells as
select
    'ledger_' || body as dataset, 'payments' as edition, body, body as area_id, 'council' as area_level,
    financial_year as year, route, support_setting, evidence_grade, in_series, route as part,
    sum(amount_gbp)::double as amount, sum(amount_gbp)::double as value, sum(amount_gbp)::varchar as value_text,
    'GBP' as unit, 'data/raw/ledger_' || body || '/monthly.parquet' as source_file,
    strftime(month, '%Y-%m') || ', ' || coalesce(expense_code || ' ', '') || coalesce(expense_label, 'no label') || ' ('
    || support_setting || ', ' || evidence_grade || ')' as source_locator
from (
    select
        m.*, any_value(series.in_series) as in_series,
        arg_min(struct_pack(care_scope := r.care_scope, route := r.route, support_setting := r.support_setting,
            evidence_grade := r.evidence_grade), r.priority) as rule
    from (
        select
            body, financial_year, month, department, expense_area, expense_code, expense_label, transaction_prefix,
            sum(amount_gbp) as amount_gbp
        from raw.ledger_monthly
        group by all
    ) as m
    inner join ledger_rules as r
        on r.body = m.body and m.month between r.from_month and r.to_month
        and r.department is not distinct from m.department and r.expense_area is not distinct from m.expense_area
        and r.expense_code is not distinct from m.expense_code and r.expense_label is not distinct from m.expense_label
        and r.transaction_prefix is not distinct from m.transaction_prefix
    inner join seeds.ledger_series as series
        on series.body = m.body and m.month between series.first_month and coalesce(series.last_month, date '2999-12-01')
    group by all
), lateral (select rule.care_scope, rule.route, rule.support_setting, rule.evidence_grade)
where care_scope = 'adult_social_care'
group by body, financial_year, month, expense_code, expense_label, route, support_setting, evidence_grade, in_series;

-- Suppliers of a ledger by year and route, as counted in the lake.
create view supplier_cells as
select
    *, amount as value, amount::varchar as value_text, 'as named' as unit,
    year || ', ' || route || ', ' || replace(part, '_', ' ') as source_locator
from (
    unpivot (
        select
            'ledger_' || body as dataset, 'payments' as edition, body, body as area_id, financial_year as year, route,
            suppliers::double as suppliers, leaving_suppliers::double as leaving_suppliers, top_ten_share, hhi,
            median_payment_gbp, 'data/raw/ledger_' || body || '/suppliers.parquet' as source_file
        from raw.ledger_suppliers
    ) on suppliers, leaving_suppliers, top_ten_share, hhi, median_payment_gbp into name part value amount
);
