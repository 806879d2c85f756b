"""datapackage.json against the standard, by the library that defines it in practice."""

from __future__ import annotations

import json

import duckdb
import pytest
from frictionless import Package, Resource, Schema

from commissioning.base.errors import PublishError
from commissioning.marts import datapackage, publish


@pytest.fixture(scope="module")
def package(built_project) -> dict:
    return json.loads((publish.staging_folder(built_project) / "datapackage.json").read_text("utf-8"))


def test_the_descriptor_is_valid(package):
    report = Package.validate_descriptor(package)
    assert report.valid, report.flatten(["title", "message"])
    assert package["profile"] == "data-package"


def test_a_descriptor_with_types_of_duckdb_would_not_be(package):
    package = json.loads(json.dumps(package))
    package["resources"][0]["schema"]["fields"][0]["type"] = "varchar"
    assert not Package.validate_descriptor(package).valid


def test_every_mart_and_every_file_is_described(package, built_project):
    staged = publish.staged_build(built_project)
    assert {resource["name"] for resource in package["resources"]} == set(staged["tables"])
    for resource in package["resources"]:
        sealed = staged["files"][resource["path"]]
        assert (resource["bytes"], resource["hash"]) == (sealed["bytes"], f"sha256:{sealed['sha256']}")


def test_the_rows_of_every_mart_are_of_the_types_described(package, built_project, tmp_path):
    folder = publish.staging_folder(built_project)
    for resource in package["resources"]:
        file = tmp_path / f"{resource['name']}.csv"
        with duckdb.connect() as db:
            # Rows from all over the table: types are checked value by value.
            db.execute(
                f"copy (from (from '{folder / resource['path']}' using sample 300 rows (reservoir, 1))) "
                f"to '{file}' (header, delimiter ',', dateformat '%Y-%m-%d')"
            )
        schema = Schema.from_descriptor({**resource["schema"], "primaryKey": []})
        report = Resource(path=file.name, basepath=str(tmp_path), schema=schema).validate()
        assert report.valid, (resource["name"], report.flatten(["fieldName", "title", "message"])[:5])


def of(package: dict, name: str) -> dict:
    return next(resource for resource in package["resources"] if resource["name"] == name)


@pytest.mark.parametrize(
    ("mart", "licences", "source"),
    [
        # Read from LICENSE-DATA.md and the catalogue by a person.
        ("dim_council", {"OGL-UK-3.0", "CC-BY-4.0"}, "mySociety"),
        ("mart_ledger_labels", {"OGL-UK-3.0"}, "Devon County Council"),
        ("mart_personal_health_budgets", {"notspecified"}, "NHS"),
        ("mart_sds_options", {"OGL-UK-3.0"}, "Public Health Scotland"),
        ("dim_route", {"MIT"}, None),
    ],
)
def test_licences_and_sources_are_those_of_what_a_mart_is_made_of(package, mart, licences, source):
    resource = of(package, mart)
    assert {licence["name"] for licence in resource["licenses"]} == licences
    if source is None:
        assert "sources" not in resource
    else:
        assert any(source in told["title"] for told in resource["sources"])


def test_presumed_licences_say_so(package, built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        presumed = db.execute(
            "select count(*) from dim_source where dataset = 'phs_sds' and status = 'held' "
            "and licence_status = 'presumed'"
        ).fetchone()[0]
    assert presumed
    assert "presumed" in of(package, "mart_sds_options")["licenses"][0]["title"]


def test_a_licence_or_type_without_a_name_is_named():
    edition = {"licence": "Licence of the Moon", "licence_status": "stated"}
    with pytest.raises(PublishError, match=r"(?s)licence.*Licence of the Moon"):
        datapackage._licences([edition])
    with pytest.raises(PublishError, match=r"(?s)mart_x\.yml.*column a.*hugeint"):
        datapackage._field("mart_x", {"name": "a", "data_type": "hugeint"})


def test_every_number_has_the_unit_that_its_description_says(package):
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            assert ("unit" in field) == (field["type"] in ("number", "integer")), (resource["name"], field)
    fields = {field["name"]: field for field in of(package, "mart_direct_payment_share")["schema"]["fields"]}
    assert fields["share"]["unit"] == "share"
    assert fields["direct_payments_per_adult_cash_gbp"]["unit"] == "GBP per adult"
    assert fields["population_year"]["unit"] == "calendar year"


def test_a_number_without_a_unit_is_named():
    column = {"name": "a", "data_type": "double", "description": "An amount in pounds."}
    with pytest.raises(PublishError, match=r"(?s)without a unit.*mart_x\.yml.*column a.*Unit GBP"):
        datapackage._field("mart_x", column)
