-- The twenty statistical nearest neighbours of each upper-tier council (ONS, 2025): peers to hold a figure against.
with pairs as (
    select
        area_code,
        neighbour_code,
        max(value) filter (where measure = 'rank') as peer_rank,
        max(value) filter (where measure = 'distance') as distance
    from {{ source('raw', 'nearest_neighbours') }}
    group by area_code, neighbour_code
)

select
    council.area_id as council_id,
    peer.area_id as peer_id,
    cast(pairs.peer_rank as integer) as peer_rank,
    pairs.distance,
    '2025' as edition
from pairs
left join {{ ref('int_area_keys') }} as council on council.area_key = 'gss:' || pairs.area_code
left join {{ ref('int_area_keys') }} as peer on peer.area_key = 'gss:' || pairs.neighbour_code
