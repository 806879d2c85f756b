-- Margins of error of the outcomes framework by council.
select r.*, codes.area_id, r.measure_code || ' margin' as part, r.value as amount
from raw.ascof as r
inner join codes on codes.area_code = r.area_code
where r.edition = '2024-25' and r.area_level = 'Council' and r.statistic = 'margin of error' and r.disaggregation = ''
