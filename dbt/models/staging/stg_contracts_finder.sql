-- Contracts Finder: one row a notice and extract; an amount of 0 was not given, as the extract writes nothing so.
select
    edition,
    extract,
    notice,
    any_value(buyer) as buyer,
    any_value(status) as status,
    any_value(notice_type) as notice_type,
    any_value(title) as title,
    nullif(any_value(suppliers), '') as suppliers,
    try_cast(any_value(published_date) as date) as published_date,
    try_cast(any_value(deadline_date) as date) as deadline_date,
    try_cast(any_value(awarded_date) as date) as awarded_date,
    any_value(cpv_codes) as cpv_codes,
    any_value(cpv_description) as category,
    try_cast(nullif(any_value(suitable_for_sme), '') as boolean) as suits_small,
    try_cast(nullif(any_value(awarded_to_sme), '') as boolean) as is_small,
    nullif(max(value) filter (where measure = 'value_low'), 0) as value_low_gbp,
    nullif(max(value) filter (where measure = 'value_high'), 0) as value_high_gbp,
    nullif(max(value) filter (where measure = 'awarded_value'), 0) as awarded_value_gbp,
    any_value(source_file) as source_file
from {{ source('raw', 'contracts_finder') }}
group by edition, extract, notice
