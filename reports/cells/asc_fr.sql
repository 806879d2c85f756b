-- ASC-FR with area, age, client group and whether it is direct payments, in pounds.
select
    r.*, coalesce(codes.area_id, names.area_id) as area_id,
    case when codes.area_id is not null then 'council' else names.area_level end as area_level,
    r.value * case r.unit when 'GBP thousand' then 1000 else 1 end as amount,
    coalesce(ages.conformed, 'all') as age,
    reasons.conformed as client_group,
    settings.conformed is not distinct from 'direct_payments' as is_direct_payment
from raw.asc_fr as r
left join codes on codes.area_code = r.area_code
left join names on names.alias = lower(r.area)
left join seeds.asc_fr_labels as ages on ages.dimension = 'age_band' and ages.label = lower(r.age_band)
left join seeds.asc_fr_labels as reasons on reasons.dimension = 'support_reason' and reasons.label = lower(r.support_reason)
left join seeds.asc_fr_labels as settings on settings.dimension = 'support_setting' and settings.label = lower(r.support_setting)
