-- Commissioning routes: who decides what is bought.
select route, route_name, family, evidence_grade, description from {{ ref('routes') }}
