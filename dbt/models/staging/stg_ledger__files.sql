-- The accounting of every file of the ledgers, to the line and the penny.
select * from {{ source('ledgers', 'files') }}
