-- Basis A: the client groups' lines (without Supporting People) sum to the publisher's own totals, within a pound
-- a line, for England.
with sums as (
    select
        financial_year, client_group,
        sum(amount_cash_gbp) filter (where grain = 'leaf' and support_setting != 'supporting_people') as parts,
        sum(amount_cash_gbp) filter (where grain = 'total') as total
    from {{ ref('mart_social_care_spend') }}
    where
        area_id = 'england' and basis = 'A' and figure = 'published' and provision = 'total'
        and expenditure_type = 'gross_current_expenditure'
        and client_group in ('older_people', 'physical_disability', 'learning_disability', 'mental_health')
    group by all
)

select * from sums where abs(parts - total) > 10 or total is null
