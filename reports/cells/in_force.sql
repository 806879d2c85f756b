-- Councils responsible for social services on a financial year's last day.
select councils.council_id as area_id, y || '-' || lpad(((y + 1) % 100)::varchar, 2, '0') as year
from seeds.councils, unnest(range(2000, 2026)) as years(y)
where coalesce(start_date, date '1900-01-01') <= make_date(y, 4, 1)
  and coalesce(end_date, date '2999-12-31') >= make_date(y + 1, 3, 31)
