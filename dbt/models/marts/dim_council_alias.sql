-- Every name that the returns write for a council.
select alias, council_id from {{ ref('council_aliases') }}
