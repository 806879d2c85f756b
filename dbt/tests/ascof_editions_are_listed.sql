-- Every edition of the outcomes framework is in dbt/seeds/ascof_editions.csv: one that is not would be left out.
select distinct figures.edition
from {{ source('raw', 'ascof') }} as figures
where figures.edition not in (select edition from {{ ref('ascof_editions') }})
