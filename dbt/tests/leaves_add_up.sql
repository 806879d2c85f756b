-- Every total that a return prints, of every area, year and kind of expenditure, is the sum of its leaves: what
-- reads `all` or `total` in the total is summed over, the rest is the same in both. A return that prints nothing
-- but totals has no leaves to sum. Rounding allows half a unit of what is printed for each leaf and for the total.
with printed as (
    select
        *,
        case when basis = 'B' then 1000 when basis = 'D' or edition = '2014-15' then 10 else 0.1 end as printed_to_gbp
    from {{ ref('mart_social_care_spend') }}
    where figure = 'published' and amount_cash_gbp is not null
),

with_leaves as (
    select distinct area_id, financial_year, edition, basis, expenditure_type, provision
    from printed
    where grain = 'leaf'
),

sums as (
    select
        total.area_level, total.area_id, total.financial_year, total.edition, total.basis, total.expenditure_type,
        total.client_group, total.age_band, total.care_type, total.support_setting, total.provision, total.grain,
        any_value(total.amount_cash_gbp) as total_gbp,
        coalesce(sum(leaf.amount_cash_gbp), 0) as leaves_gbp,
        (count(leaf.amount_cash_gbp) + 1) * any_value(total.printed_to_gbp) / 2.0 as allowed_gbp
    from printed as total
    inner join with_leaves using (area_id, financial_year, edition, basis, expenditure_type, provision)
    left join printed as leaf
        on leaf.grain = 'leaf'
        and leaf.area_id = total.area_id
        and leaf.financial_year = total.financial_year
        and leaf.edition = total.edition
        and leaf.basis = total.basis
        and leaf.expenditure_type = total.expenditure_type
        and leaf.provision = total.provision
        and total.client_group in ('all', leaf.client_group)
        and total.age_band in ('all', leaf.age_band)
        and total.care_type in ('all', 'total', leaf.care_type)
        and total.support_setting in ('all', leaf.support_setting)
        and (total.grain = 'total_with_supporting_people' or leaf.support_setting != 'supporting_people')
    where total.grain in ('total', 'total_with_supporting_people')
    group by all
)

select * from sums where abs(total_gbp - leaves_gbp) > allowed_gbp
