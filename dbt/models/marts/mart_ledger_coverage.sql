-- Direct payments that a ledger shows, against the official return of the same council and year, basis by basis.
with visible as (
    select
        body, financial_year,
        sum(case when route = 'direct_payment' then amount_gbp else 0 end) as direct_payments,
        sum(case
            when route = 'direct_payment' and evidence_grade in ('publisher_definition', 'ledger_label') then amount_gbp
            else 0
        end) as strict_direct_payments,
        sum(amount_gbp) as care,
        sum(case when route = 'unlabelled' then amount_gbp else 0 end) as unlabelled,
        sum(case when route in ('unlabelled', 'external_provision') then amount_gbp else 0 end) as form_not_said
    from {{ ref('int_ledger_care') }}
    group by body, financial_year
),

official as (
    select area_id as council_id, financial_year, dataset, edition, basis, direct_payments_cash_gbp
    from {{ ref('mart_direct_payment_share') }}
    where area_level = 'council' and is_preferred and client_group = 'all' and age_band = 'all'
),

together as (
    select
        years.body, years.financial_year, years.months_held, years.months_in_series,
        years.note, official.dataset, official.edition, official.basis,
        cast(coalesce(visible.direct_payments, 0) as double) as visible_cash_gbp,
        cast(coalesce(visible.strict_direct_payments, 0) as double) as visible_strict_cash_gbp,
        official.direct_payments_cash_gbp as official_cash_gbp,
        case
            when official.direct_payments_cash_gbp > 0
                then cast(coalesce(visible.direct_payments, 0) as double) / official.direct_payments_cash_gbp
        end as ratio,
        cast(coalesce(visible.care, 0) as double) as visible_care_cash_gbp,
        case when visible.care > 0 then cast(visible.unlabelled as double) / cast(visible.care as double) end
            as unlabelled_share,
        case when visible.care > 0 then cast(visible.form_not_said as double) / cast(visible.care as double) end
            as form_not_said_share
    from {{ ref('int_ledger_years') }} as years
    left join visible on visible.body = years.body and visible.financial_year = years.financial_year
    left join {{ ref('dim_body') }} as bodies on bodies.body = years.body
    left join official
        on official.council_id = bodies.council_id and official.financial_year = years.financial_year
)

select
    t.body,
    bodies.council_id as area_id,
    bodies.body_name as area_name,
    t.financial_year,
    coalesce(t.basis, 'none') as official_basis,
    t.dataset as official_dataset,
    t.edition as official_edition,
    t.months_held,
    t.months_in_series,
    t.visible_cash_gbp as visible_direct_payments_cash_gbp,
    t.visible_strict_cash_gbp as visible_direct_payments_strict_cash_gbp,
    t.official_cash_gbp as official_direct_payments_cash_gbp,
    t.ratio,
    case
        when t.ratio is null then 'no_official_figure'
        when t.months_in_series < 12 then 'part_year'
        else verdicts.verdict
    end as verdict,
    t.ratio is not null and t.months_in_series = 12 and coalesce(verdicts.can_carry, false) as can_carry_comparison,
    t.visible_care_cash_gbp,
    t.unlabelled_share,
    t.form_not_said_share,
    t.note
from together as t
left join {{ ref('dim_body') }} as bodies on bodies.body = t.body
left join {{ ref('ledger_coverage_verdicts') }} as verdicts
    on t.ratio >= verdicts.least_ratio and t.ratio < verdicts.ratio_below
