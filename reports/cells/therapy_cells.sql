-- Talking therapies: counts by provider, with the class that the provider's code tells.
select
    r.*, r.measure as part, r.value as amount,
    coalesce(
        (select provider_class from seeds.provider_classes where rule_kind = 'org_code' and rule = r.org_code),
        (
            select any_value(provider_class) from seeds.provider_classes
            where rule_kind = 'pattern' and regexp_matches(r.org_code, rule)
        ),
        'unknown'
    ) as provider_class
from raw.nhse_talking_therapies as r
where
    statistic = 'count' and org_type = 'Provider'
    and measure in ('finished_course_treatment', 'not_at_caseness', 'recovery')
