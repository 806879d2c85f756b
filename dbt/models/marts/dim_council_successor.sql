-- Which councils took over from which.
select council_id, successor_id, date as took_over_on, nullif(note, '') as note from {{ ref('council_successors') }}
