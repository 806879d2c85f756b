-- Adult Social Care Survey 2020-21: answers by breakdown, shares as fractions.
select
    edition,
    year as financial_year,
    "table" as published_table,
    split_part(question, ' - ', 1) as question_code,
    question,
    answer,
    breakdown,
    category,
    statistic,
    case unit when 'per cent' then value / 100 else value end as value,
    value_text,
    value_symbol,
    source_file,
    source_locator
from {{ source('raw', 'ascs') }}
