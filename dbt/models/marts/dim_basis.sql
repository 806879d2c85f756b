-- The bases of the direct payment share: what each counts, and why it must not be joined with the next.
select
    basis, basis_name, dataset, first_year, last_year, expenditure_type, numerator_definition, denominator_definition,
    quality, nullif(break_before, '') as break_before
from {{ ref('bases') }}
