-- Outcomes framework by council, the edition of 2024-25, measures as it numbers them.
select r.*, codes.area_id, r.measure_code as part, r.value as amount
from raw.ascof as r
inner join codes on codes.area_code = r.area_code
where r.edition = '2024-25' and r.area_level = 'Council' and r.statistic = 'outcome' and r.disaggregation = ''
