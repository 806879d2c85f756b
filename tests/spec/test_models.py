"""The calculations as a statistician can read them: small tables and what the models make of them.

The tables are in the YAML file beside each model (`dbt/models/**/<model>.yml`), each with its rule in words.
Money in them is made up; an input without rows is the real seed. Here each is one test, run by dbt in a
private copy of the checkout.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, copy_project, made_once

from commissioning.base.errors import ModelError
from commissioning.base.paths import Project
from commissioning.marts import models

# Files whose names begin with an underscore are about a whole folder.
FILES = sorted((ROOT / "dbt" / "models").glob("*/[!_]*.yml"))
BESIDE = {file: yaml.safe_load(file.read_text(encoding="utf-8")) for file in FILES}
SPECS = [spec for content in BESIDE.values() for spec in content.get("unit_tests", [])]


@pytest.fixture(scope="module")
def outcomes(built_project, tmp_path_factory) -> dict[str, dict]:
    """What dbt says of each unit test, by name. One of pytest's processes has it run them all, once."""

    def run(folder: Path) -> None:
        # A copy of its own: dbt locks its database, which other processes of pytest read meanwhile.
        private = Project(copy_project(folder).resolve())
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

    work = Project(made_once(tmp_path_factory, "spec", run)).work
    results = json.loads((work / "dbt-target" / "run_results.json").read_text(encoding="utf-8"))
    return {result["unique_id"].rsplit(".", 1)[-1]: result for result in results["results"]}


@pytest.mark.parametrize("spec", SPECS, ids=[f"{spec['model']}: {spec['name']}" for spec in SPECS])
def test_model(outcomes, spec):
    outcome = outcomes[spec["name"]]
    assert outcome["status"] == "pass", f"{spec['description']}\n{outcome['message']}"


EXEMPT = yaml.safe_load((ROOT / "tests" / "spec" / "without_a_spec.yml").read_text(encoding="utf-8"))

# What turns values into other values. Names of columns and casts do not.
CALCULATES = re.compile(
    r"\b(sum|count|max|min|avg|median|quantile\w*|rank|row_number|lag|lead|over|case|coalesce|greatest|least|abs|round"
    r"|filter|distinct|group by|union|replace|regexp\w*|like|split_part|lower|exact_sum)\b|[-+*/]|\|\|",
    re.I,
)


@pytest.fixture(scope="module")
def dbt_models(built_project) -> tuple[dict[str, dict], set[str]]:
    """Every model as dbt knows it, by name, and the names of those that have a unit test."""
    manifest = json.loads((built_project.work / "dbt-target" / "manifest.json").read_text(encoding="utf-8"))
    models = {n["name"]: n for n in manifest["nodes"].values() if n["resource_type"] == "model"}
    return models, {test["model"] for test in manifest["unit_tests"].values()}


def test_every_model_has_a_spec_or_a_reason_why_not(dbt_models):
    models, tested = dbt_models
    without = set(models) - tested - set(EXEMPT)
    assert without == set(), "write a unit test, or say in without_a_spec.yml why none"
    assert set(EXEMPT) & tested == set(), "has a unit test: strike it from without_a_spec.yml"
    assert set(EXEMPT) <= set(models), "no longer a model"


@pytest.mark.parametrize("name", EXEMPT)
def test_a_model_without_a_spec_is_what_its_reason_says(dbt_models, name):
    entry, model = EXEMPT[name], dbt_models[0][name]
    assert len(entry["reason"].split()) >= 3
    if entry["kind"] == "python":
        assert model["language"] == "python"
        assert entry["tests"] and all((ROOT / file).exists() for file in entry["tests"])
    else:
        assert entry["kind"] == "lists"
        code = re.sub(r"--.*|\{\{.*?\}\}|'[^']*'|\"[^\"]*\"|\bselect \*", "", model["raw_code"])
        assert CALCULATES.findall(code) == [], name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_said_of_a_model_is_said_beside_it(file):
    assert len([*file.parent.glob(f"{file.stem}.sql"), *file.parent.glob(f"{file.stem}.py")]) == 1
    described = [model["name"] for model in BESIDE[file].get("models", [])]
    assert {*described, *(spec["model"] for spec in BESIDE[file].get("unit_tests", []))} == {file.stem}


def test_every_spec_says_its_rule():
    assert all(spec.get("description", "").strip() for spec in SPECS)
