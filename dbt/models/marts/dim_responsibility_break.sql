-- Duties and funds that moved between bodies: across such a year a figure changes though nobody chose differently.
with years as (
    select
        break_id,
        string_agg(financial_year, ' ' order by financial_year) filter (where changes_figures) as years_of_change,
        string_agg(financial_year || ': ' || what_is_published || ' (' || source || ', ' || locator || ')', '; ' order by financial_year)
            as what_is_published
    from {{ ref('responsibility_break_years') }}
    group by break_id
)

select
    breaks.break_id, break_name, short_name, from_year, to_year, what_moved, from_whom, to_whom, bases, part, moves_spending,
    is_covariate, years.years_of_change, reason, years.what_is_published
from {{ ref('responsibility_breaks') }} as breaks
inner join years on years.break_id = breaks.break_id
