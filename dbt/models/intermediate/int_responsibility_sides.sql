-- On which side of the breaks of responsibility a year's figures are, one row a basis and year: how many changes have
-- come before. Years of different sides are compared only where that is said.
with years as (
    select distinct financial_year, cast(left(financial_year, 4) as integer) as starts from {{ ref('int_council_years') }}
),

changes as (
    select distinct bases.basis, cast(left(years.financial_year, 4) as integer) as starts
    from {{ ref('responsibility_break_years') }} as years
    inner join {{ ref('responsibility_breaks') }} as breaks on breaks.break_id = years.break_id
    inner join {{ ref('bases') }} as bases on list_contains(string_split(breaks.bases, ' '), bases.basis)
    where years.changes_figures
)

select
    bases.basis,
    years.financial_year,
    cast(count(changes.starts) as integer) as side
from years
cross join {{ ref('bases') }} as bases
left join changes on changes.basis = bases.basis and changes.starts <= years.starts
group by all
