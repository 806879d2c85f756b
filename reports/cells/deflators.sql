-- The GDP deflator of each financial year, from the newest edition held.
select r.*, 'deflator' as part, r.value as amount
from raw.hmt_gdp_deflator as r
where series = 'GDP deflator' and length(year) = 7 and edition = (select max(edition) from raw.hmt_gdp_deflator)
