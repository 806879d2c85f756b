-- What cash of each financial year is worth at prices of the base year, by each price index that is held. Real amounts
-- in the marts are by the GDP deflator; CPI and CPIH, moved to the same base year, say what another index would give.
with base_year as (
    select max(real_terms_base_year) as real_terms_base_year from {{ ref('int_deflators') }}
),

indices as (
    select
        i.*,
        base_year.real_terms_base_year,
        max(i.index_value) filter (where i.financial_year = base_year.real_terms_base_year)
            over (partition by i.price_index) as base_value
    from {{ ref('stg_hmt_price_indices') }} as i
    cross join base_year
)

select
    price_index,
    financial_year,
    edition,
    index_value,
    index_base,
    base_value / index_value as to_real,
    real_terms_base_year,
    is_forecast,
    case when index_value is null then 'the extract that is held has no ' || price_index || ' for the year' end
        as missing_reason,
    source_file,
    source_locator
from indices
