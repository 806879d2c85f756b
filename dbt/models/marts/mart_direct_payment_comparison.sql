-- Each council's direct payments held against its peers, its region and England, on one basis in one year.
with figures as (
    select
        area_level, area_id, financial_year, basis, client_group, age_band,
        share, direct_payments_per_adult_real_gbp as per_adult, real_terms_base_year
    from {{ ref('mart_direct_payment_share') }}
    where is_preferred
),

councils as (
    select * from figures where area_level = 'council'
),

peers as (
    select
        pairs.council_id as area_id, peer.financial_year, peer.basis, peer.client_group, peer.age_band,
        median(peer.share) as peer_median_share,
        count(peer.share) as peers_with_share,
        median(peer.per_adult) as peer_median_per_adult,
        count(peer.per_adult) as peers_with_per_adult
    from {{ ref('mart_council_peers') }} as pairs
    inner join councils as peer on peer.area_id = pairs.peer_id
    where pairs.peer_rank <= {{ threshold('peers_of_a_council') }}
    group by pairs.council_id, peer.financial_year, peer.basis, peer.client_group, peer.age_band
),

ranked as (
    select
        area_id, financial_year, basis, client_group, age_band,
        rank() over (
            partition by financial_year, basis, client_group, age_band order by share desc nulls last
        ) as share_rank,
        count(*) over (partition by financial_year, basis, client_group, age_band) as councils_with_share,
        median(share) over (partition by financial_year, basis, client_group, age_band) as council_median_share
    from councils
    where share is not null
)

select
    c.area_id,
    c.financial_year,
    c.basis,
    c.client_group,
    c.age_band,
    c.client_group = 'all' or c.age_band = 'all' as is_total,
    c.share,
    -- Too few peers make no median.
    case when peers.peers_with_share >= {{ threshold('peers_for_a_median') }} then peers.peer_median_share end as peer_median_share,
    cast(coalesce(peers.peers_with_share, 0) as integer) as peers_with_share,
    region.share as region_share,
    england.share as england_share,
    ranked.council_median_share,
    cast(ranked.share_rank as integer) as share_rank,
    cast(ranked.councils_with_share as integer) as councils_with_share,
    c.per_adult as per_adult_real_gbp,
    case when peers.peers_with_per_adult >= {{ threshold('peers_for_a_median') }} then peers.peer_median_per_adult end as peer_median_per_adult_real_gbp,
    region.per_adult as region_per_adult_real_gbp,
    england.per_adult as england_per_adult_real_gbp,
    c.real_terms_base_year
from councils as c
left join {{ ref('dim_council') }} as council on council.council_id = c.area_id
left join figures as region
    on region.area_level = 'region' and region.area_id = council.region_id
    and region.financial_year = c.financial_year and region.basis = c.basis
    and region.client_group = c.client_group and region.age_band = c.age_band
left join figures as england
    on england.area_level = 'england'
    and england.financial_year = c.financial_year and england.basis = c.basis
    and england.client_group = c.client_group and england.age_band = c.age_band
left join peers
    on peers.area_id = c.area_id
    and peers.financial_year = c.financial_year and peers.basis = c.basis
    and peers.client_group = c.client_group and peers.age_band = c.age_band
left join ranked
    on ranked.area_id = c.area_id
    and ranked.financial_year = c.financial_year and ranked.basis = c.basis
    and ranked.client_group = c.client_group and ranked.age_band = c.age_band
