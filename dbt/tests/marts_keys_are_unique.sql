-- No two rows of a mart share its key.
{% set marts = [] %}
{% if execute %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.fqn[1] == 'marts' %}
        {% do marts.append((node.name, node.config.meta.key | join(', '))) %}
    {% endfor %}
{% endif %}
{% for name, key in marts | sort %}
select '{{ name }}' as mart, concat_ws(' | ', {{ key }}) as key_of_row, count(*) as rows
from {{ ref(name) }}
group by {{ key }}
having count(*) > 1
{{ 'union all' if not loop.last }}
{% endfor %}
-- depends_on: {{ ref('dim_basis') }}
-- depends_on: {{ ref('dim_deflator') }} {{ ref('dim_council') }} {{ ref('dim_measure') }} {{ ref('dim_route') }}
-- depends_on: {{ ref('dim_source') }} {{ ref('mart_claim_check') }} {{ ref('mart_direct_payment_share') }}
-- depends_on: {{ ref('mart_mental_health_split') }} {{ ref('mart_reconciliation') }} {{ ref('mart_social_care_spend') }}
-- depends_on: {{ ref("mart_council_outcomes") }} {{ ref("mart_choice_and_outcomes") }} {{ ref("mart_gaps") }}
-- depends_on: {{ ref("mart_outcomes_by_mechanism") }} {{ ref("mart_sds_options") }} {{ ref("mart_council_peers") }}
-- depends_on: {{ ref("mart_nhs_mental_health_spend") }} {{ ref("mart_therapy_provider_outcomes") }}
-- depends_on: {{ ref("mart_finance_reconciliation") }} {{ ref("mart_evidence_findings") }} {{ ref("mart_people_by_mechanism") }} {{ ref("mart_personal_health_budgets") }}
-- depends_on: {{ ref("mart_direct_payment_comparison") }}
-- depends_on: {{ ref("mart_ledger_spend_by_route") }} {{ ref("mart_ledger_labels") }} {{ ref("mart_ledger_coverage") }}
-- depends_on: {{ ref("mart_ledger_supplier_concentration") }} {{ ref("mart_ledger_accounting") }}
-- depends_on: {{ ref('dim_support_setting') }} {{ ref('dim_client_group') }} {{ ref('dim_council_alias') }} {{ ref('dim_council_successor') }}
-- depends_on: {{ ref("mart_effect_estimates") }} {{ ref("mart_specification_curve") }} {{ ref("mart_choice_correlations") }}
-- depends_on: {{ ref('dim_boundary_change') }}
-- depends_on: {{ ref("mart_effect_composition") }} {{ ref("mart_effect_exposure_error") }}
-- depends_on: {{ ref("dim_responsibility_break") }} {{ ref("mart_responsibility_bounds") }}
