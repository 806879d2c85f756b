-- Company numbers that belong to a charity, without the scheme's prefix.
select edition, charity_id, replace(value_text, 'GB-COH-', '') as company_number, name
from {{ source('raw', 'charity_company_numbers') }}
