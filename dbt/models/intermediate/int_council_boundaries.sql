-- Councils on one set of boundaries, one row a council and year: before a change of its boundaries a council is another
-- council, though it kept its name and code.
select
    years.council_id,
    years.financial_year,
    years.council_id || coalesce('-before-' || strftime(min(changes.changed_on), '%Y-%m'), '') as boundary_id
from {{ ref('int_council_years') }} as years
left join {{ ref('dim_boundary_change') }} as changes
    on changes.council_id = years.council_id and changes.first_financial_year > years.financial_year
group by years.council_id, years.financial_year
