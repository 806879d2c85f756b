"""Contracts Finder: a made-up extract, nobody named who may be a person, figures typed from the files."""

from __future__ import annotations

import json

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import contracts_finder as finder
from commissioning.ingest.contracts import suppliers

NOTICE = {
    "id": "n1",
    "title": "Home &amp; day care, ask jane@example.org",
    "description": "Jane Example will answer",
    "organisation": "Alderbury Council",
    "status": "awarded",
    "notice_type": "Contract",
    "published_date": "2024-01-02",
    "deadline_date": "2024-02-01",
    "awarded_date": "2024-03-01",
    "value_low": 100,
    "value_high": 0,
    "awarded_value": 90.5,
    "awarded_supplier": "B&amp;E Care Ltd,Jane Smith,Acme, Ltd",
    "awarded_to_sme": True,
    "cpv_codes": "85000000 98000000",
    "cpv_description": "Health and social work services",
    "region": "",
    "postcode": "AB1 2CD",
    "suitable_for_sme": None,
    "url": "https://example.org/n1",
}


def extract(*notices: dict, **more: object) -> bytes:
    return json.dumps({"stats": {"total_notices": len(notices)}, "contracts": list(notices), **more}).encode()


def read(data: bytes):
    found = finder.notices("alderbury.json", data)
    named = suppliers.publishable(part for notice in found for part in finder.names(notice))
    return finder.read_notices("contracts_finder/x/alderbury.json", data, named)


def test_layout():
    rows, account = read(extract(NOTICE))
    account.check()
    assert [(row["measure"], row["value"]) for row in rows] == [
        ("value_low", 100.0),
        ("value_high", 0.0),
        ("awarded_value", 90.5),
    ]
    row = rows[0]
    assert row["extract"] == "alderbury" and row["title"] == "Home & day care, ask [e-mail]"
    assert row["suppliers"] == "Acme Ltd; B&E Care Ltd; [person]"
    assert (row["awarded_to_sme"], row["suitable_for_sme"]) == ("true", "")
    assert row["source_locator"] == "contracts[0].value_low"
    assert "Example" not in str(rows) and "AB1" not in str(rows)


def test_a_notice_without_a_value_and_words_in_place_of_a_supplier():
    rows, _ = read(extract(NOTICE | {"awarded_value": None, "awarded_supplier": "Contract not awarded"}))
    assert rows[2]["value_symbol"] == "not_available" and rows[0]["suppliers"] == "[none]"


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"{", LayoutError, "no JSON"),
        (b"[]", LayoutError, "no list of notices"),
        (extract(NOTICE, stats={"total_notices": 2}), LayoutError, "counts other notices"),
        (extract(NOTICE | {"bids": 3}), LayoutError, "bids"),
        (extract({"id": "n1"}), LayoutError, "other fields"),
        (extract(NOTICE | {"awarded_to_sme": "yes"}), LayoutError, "neither true nor false"),
        (extract(NOTICE | {"value_low": "some"}), SymbolError, r"contracts\[0\].value_low"),
    ],
)
def test_another_extract_is_refused(data, error, says):
    with pytest.raises(error, match=says):
        read(data)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "contracts_finder" / "2026-03_lancashire_derived.parquet")


def test_published_values(table):
    """Typed from the publisher's files: low end, high end, awarded, published."""
    typed = {
        "ffb5b4fa-0706-46e8-9bf8-86c8e991b1bb": (35960000, 50344000, 50344000, "2025-08-22"),
        "c6f56fdb-3739-459b-b5b5-e4e982df2738": (180000, 0, 180000, "2025-01-21"),
        "be9e2ea6-5775-4d1a-8867-88e4c0fad40a": (2025365, 0, 1960000, "2024-02-19"),
        "b6badf08-1e21-4bd9-ad67-1e5462994620": (0, 0, 116500, "2025-02-25"),
        "2fb6dba6-83ff-4be4-a316-4eb539310752": (400000, 0, 430000, "2023-11-29"),
        "1bff2cc7-faf2-4244-b833-5366aecc3cab": (40000, 40000, 44000, "2025-09-08"),
        "0f1b389b-e8b0-4f5c-8923-34f136e9a66f": (78000, 78000, 68400, "2024-11-11"),
        "e26cbf23-8cbf-4b38-90c3-e62e3f1048a9": (118983.6, 0, 118983.6, "2025-12-22"),
        "8ebf71a6-05d5-472e-aabf-2a732ef1cb6c": (300000, 0, 729152.35, "2025-12-19"),
        "f2530636-0801-4732-819d-78fc11683da7": (170000, 0, 170352.8, "2025-12-10"),
        "892aacf7-a69c-44f1-a9ff-eb6de9c6f3c6": (63177200, 0, 0, "2024-12-04"),
    }
    for notice, (*amounts, published) in typed.items():
        rows = table.filter(notice=notice)
        found = [rows.filter(measure=measure)["value"].item() for measure in finder.FIGURES]
        assert found == amounts and rows["published_date"][0] == published, notice


def test_it_is_whole(table):
    """1,224 notices, 1,223 distinct, 76 with a code of division 85, as counted with another program."""
    notices = table.unique(["extract", "notice"])
    assert notices.height == 1224 and notices["notice"].n_unique() == 1223
    assert notices.filter(pl.col("cpv_codes").str.contains(r"(?:^| )85")).height == 76
    assert dict(notices.group_by("status").len().iter_rows()) == {
        "awarded": 802,
        "closed": 409,
        "withdrawn": 10,
        "open": 3,
    }
    awarded = table.filter(measure="awarded_value")["value"].sum()
    assert awarded == pytest.approx(1739421195.10, abs=0.005)
