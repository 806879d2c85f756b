-- Payments of NHS bodies by kind of supplier, and the department's accounts; thousands and millions in pounds, per cents
-- as shares.
select
    edition,
    record,
    body_code,
    name,
    years,
    supplied_by,
    measure,
    case unit
        when 'per cent' then value / 100
        when 'million GBP' then value * 1000000
        when 'thousand GBP' then value * 1000
        else value
    end as value
from {{ source('raw', 'nhsspend') }}
where record <> 'match'
