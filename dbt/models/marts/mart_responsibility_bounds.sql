-- England's direct payment share without the money that came with a new responsibility. It is taken out of what the
-- share is of, and between all and none of it out of direct payments, as no source says how much went into them.
select
    amounts.break_id,
    breaks.break_name,
    shares.financial_year,
    shares.basis,
    amounts.amount_status,
    amounts.amount_low_gbp as amount_low_cash_gbp,
    amounts.amount_high_gbp as amount_high_cash_gbp,
    shares.direct_payments_cash_gbp,
    shares.denominator_cash_gbp,
    shares.share,
    (shares.direct_payments_cash_gbp - amounts.amount_high_gbp) / (shares.denominator_cash_gbp - amounts.amount_high_gbp)
        as share_low,
    shares.direct_payments_cash_gbp / (shares.denominator_cash_gbp - amounts.amount_high_gbp) as share_high,
    amounts.source,
    amounts.locator
from {{ ref('responsibility_break_years') }} as amounts
inner join {{ ref('responsibility_breaks') }} as breaks on breaks.break_id = amounts.break_id
inner join {{ ref('mart_direct_payment_share') }} as shares
    on shares.area_level = 'england' and shares.client_group = 'all' and shares.age_band = 'all' and shares.is_preferred
    and shares.financial_year = amounts.financial_year
    and list_contains(string_split(breaks.bases, ' '), shares.basis)
where
    breaks.part = 'both'
    and amounts.amount_high_gbp is not null
    and shares.share is not null
