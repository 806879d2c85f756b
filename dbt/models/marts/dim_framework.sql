-- Published frameworks of commissioning: what each is, how much of it could be read, and where.
select
    framework, position, framework_name, use_as, maker, nullif(year, '') as year, what_it_is,
    nullif(levels, '') as levels, levels_from, status,
    nullif(source_url, '') as source_url, nullif(locator, '') as locator, nullif(note, '') as note
from {{ ref('frameworks') }}
