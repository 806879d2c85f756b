-- The bases of the direct payment share: what each counts, and why it must not be joined with the next. A return that is
-- still made has no last year of its own: it is the last of its editions that are held.
with held as (
    select basis, max(financial_year) as last_year from {{ ref('int_spend_cells') }} group by basis
)

select
    bases.basis, basis_name, dataset, first_year,
    coalesce(nullif(bases.last_year, ''), held.last_year) as last_year,
    expenditure_type, numerator_definition, denominator_definition, quality, nullif(break_before, '') as break_before
from {{ ref('bases') }} as bases
left join held on held.basis = bases.basis
