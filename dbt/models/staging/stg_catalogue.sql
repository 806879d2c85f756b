-- Editions of every dataset, held or declared.
select * from {{ source('inputs', 'catalogue') }}
