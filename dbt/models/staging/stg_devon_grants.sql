-- One council's grants to community and voluntary bodies, by service: the cut that names no recipient's number.
select
    edition,
    year as calendar_year,
    function,
    service,
    money,
    measure,
    value,
    source_file,
    source_locator
from {{ source('raw', 'devon_grants') }}
where cut = 'service'
