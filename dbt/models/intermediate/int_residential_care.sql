-- Residential and nursing care on the lines that the direct payment share of the basis is made of, one row a council,
-- year and basis.
select
    area_id, financial_year, basis,
    case when count(*) = count(amount_cash_gbp) then {{ exact_sum('amount_cash_gbp') }} end as residential_cash_gbp
from {{ ref('int_spend_cells') }}
where
    area_level = 'council' and provision = 'all'
    and (
        (
            basis = 'A' and grain = 'leaf' and expenditure_type = 'gross_current_expenditure'
            and support_setting in ('residential', 'nursing')
            and client_group in ('older_people', 'physical_disability', 'learning_disability', 'mental_health')
        )
        or (basis = 'B' and grain = 'share' and support_setting = 'residential_and_nursing')
        or (
            basis = 'C' and grain = 'leaf' and expenditure_type = 'gross_current_expenditure'
            and care_type = 'long_term' and support_setting in ('residential', 'nursing')
        )
        or (basis = 'D' and grain = 'leaf' and support_setting = 'residential_and_nursing')
    )
group by all
