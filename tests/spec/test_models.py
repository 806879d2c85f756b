"""The calculations as a statistician can read them: small tables and what the models make of them.

The tables are in `dbt/models/intermediate/_unit_tests.yml` and `dbt/models/marts/_unit_tests.yml`, each with
its rule in words. Here each is one test, run by dbt in a private copy of the checkout.
"""

from __future__ import annotations

import json
import shutil

import pytest
import yaml
from conftest import ROOT, copy_project

from commissioning import models
from commissioning.errors import ModelError
from commissioning.paths import Project

FILES = sorted((ROOT / "dbt" / "models").glob("*/_unit_tests.yml"))
SPECS = [spec for file in FILES for spec in yaml.safe_load(file.read_text(encoding="utf-8"))["unit_tests"]]


@pytest.fixture(scope="module")
def outcomes(built_project, tmp_path_factory) -> dict[str, dict]:
    """What dbt says of each unit test, by name."""
    # A copy of its own: dbt locks its database, which other processes of pytest read meanwhile.
    private = Project(copy_project(tmp_path_factory.mktemp("spec") / "project").resolve())
    shutil.copytree(built_project.work, private.work)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in models.environment(private).items():
            patch.setenv(name, value)
        try:
            models.invoke(private, ["test", "--select", "test_type:unit"])
        except ModelError as error:
            # Failures are reported below, one by one; without results nothing ran.
            if "stopped before" in str(error):
                raise
    results = json.loads((private.work / "dbt-target" / "run_results.json").read_text(encoding="utf-8"))
    return {result["unique_id"].rsplit(".", 1)[-1]: result for result in results["results"]}


@pytest.mark.parametrize("spec", SPECS, ids=[f"{spec['model']}: {spec['name']}" for spec in SPECS])
def test_model(outcomes, spec):
    outcome = outcomes[spec["name"]]
    assert outcome["status"] == "pass", f"{spec['description']}\n{outcome['message']}"


def test_every_calculation_has_a_spec():
    """Models that compute something; the rest only rename, list or join."""
    computing = {
        "stg_asc_fr__spend",
        "stg_pss_ex1__spend",
        "stg_pss_ex1__unit_costs",
        "stg_ons_population__bands",
        "stg_hmt_gdp_deflator",
        "int_council_years",
        "int_population",
        "int_deflators",
        "int_spend_cells",
        "int_share_parts",
        "int_mental_health_provision",
        "mart_social_care_spend",
        "mart_direct_payment_share",
        "mart_direct_payment_comparison",
        "mart_claim_check",
        "stg_ascof",
        "stg_mhclg_ro3",
        "int_ascof",
        "int_users_with_direct_payment",
        "mart_council_outcomes",
        "mart_choice_and_outcomes",
        "mart_outcomes_by_mechanism",
        "mart_sds_options",
        "mart_nhs_mental_health_spend",
        "mart_therapy_provider_outcomes",
        "mart_finance_reconciliation",
        "mart_evidence_findings",
        "mart_gaps",
        "int_ledger_routes",
        "int_ledger_care",
        "int_ledger_years",
        "mart_ledger_spend_by_route",
        "mart_ledger_labels",
        "mart_ledger_coverage",
        "mart_ledger_accounting",
    }
    assert computing <= {spec["model"] for spec in SPECS}
    assert all(spec.get("description", "").strip() for spec in SPECS)
