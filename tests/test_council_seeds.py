"""The seeds of councils: keys, references through time, and every name in the snapshot known."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "dbt" / "seeds"
RAW = ROOT / "data" / "raw"

KEYS = {
    "councils": ("council_id",),
    "council_classes": ("council_id", "valid_from"),
    "council_codes": ("scheme", "code"),  # a code means one council, whatever the date
    "council_aliases": ("alias",),
    "area_aliases": ("alias",),
    "council_successors": ("council_id", "successor_id"),
    "population_years": ("financial_year",),
    "population_areas": ("population_year", "gss_code"),
}


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


COUNCILS = {row["council_id"]: row for row in seed("councils")}
CODES = {(row["scheme"], row["code"]): row["council_id"] for row in seed("council_codes")}
ALIASES = {row["alias"]: row["council_id"] for row in seed("council_aliases")}
AREAS = {row["alias"] for row in seed("area_aliases")}


def exists(row: dict[str, str], day: str, since: str = "start_date", until: str = "end_date") -> bool:
    return (row[since] or "0000") <= day <= (row[until] or "9999")


def fold(text: str) -> str:
    return " ".join(text.split()).casefold()


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_keys_are_unique(name, key):
    counts = Counter(tuple(row[column] for column in key) for row in seed(name))
    assert [found for found, times in counts.items() if times > 1] == []


@pytest.mark.parametrize("name", KEYS)
def test_files_are_plain_utf8_with_unix_line_ends(name):
    data = (SEEDS / f"{name}.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf") and b"\r" not in data and data.endswith(b"\n")


def test_every_reference_is_to_a_council():
    named = [row["council_id"] for name in KEYS for row in seed(name) if "council_id" in row]
    named += [row["successor_id"] for row in seed("council_successors")]
    assert set(named) - set(COUNCILS) - {""} == set()


def test_classes_and_regions_are_the_returns_own():
    regions = {(row["region"], row["region_gss_code"]) for row in COUNCILS.values()}
    assert len(regions) == 9 and len({code for _, code in regions}) == 9
    classes = {"Shire county", "Unitary authority", "Metropolitan district", "Inner London", "Outer London"}
    assert {row["class"] for row in COUNCILS.values()} == classes
    for row in COUNCILS.values():
        assert ("London" in row["class"]) == (row["region"] == "London"), row


def test_the_last_class_of_a_council_is_the_one_in_councils():
    last = {
        row["council_id"]: row["class"]
        for row in sorted(seed("council_classes"), key=lambda r: r["valid_from"])
    }
    assert last == {council: row["class"] for council, row in COUNCILS.items()}


@pytest.mark.parametrize(
    ("day", "councils"),
    [
        ("2000-10-01", 150),
        ("2008-10-01", 150),
        ("2009-10-01", 152),
        ("2018-10-01", 152),
        ("2019-10-01", 151),
        ("2020-10-01", 151),
        ("2021-10-01", 152),
        ("2023-10-01", 153),
    ],
)
def test_number_of_councils(day, councils):
    assert sum(exists(row, day) for row in COUNCILS.values()) == councils
    classes = [row for row in seed("council_classes") if exists(row, day, "valid_from", "valid_to")]
    assert len(classes) == len({row["council_id"] for row in classes}) == councils


def test_classes_of_2000_01_are_as_the_return_groups_its_sheets():
    """Sheets before each class's total: 36, 35 (the Isles of Scilly among them), 46, 13 and 20."""
    classes = Counter(
        row["class"] for row in seed("council_classes") if exists(row, "2000-10-01", "valid_from", "valid_to")
    )
    assert classes == {
        "Metropolitan district": 36,
        "Shire county": 35,
        "Unitary authority": 46,
        "Inner London": 13,
        "Outer London": 20,
    }


def test_a_council_that_ended_has_successors_from_the_next_day():
    successors = {row["council_id"]: row["date"] for row in seed("council_successors")}
    for council, row in COUNCILS.items():
        if row["end_date"]:
            assert successors[council][:8] == row["end_date"][:5] + "04-" and successors[council][8:] == "01"
    for row in seed("council_successors"):
        assert COUNCILS[row["successor_id"]]["start_date"] == row["date"]


def test_codes_cover_councils_through_time():
    """At any time since 2009 a council has one GSS code valid, and always one CASSR code."""
    for day in ("2010-10-01", "2014-10-01", "2019-10-01", "2020-10-01", "2023-10-01", "2025-10-01"):
        for scheme in ("cassr", "gss"):
            valid = Counter(
                row["council_id"]
                for row in seed("council_codes")
                if row["scheme"] == scheme and exists(row, day, "valid_from", "valid_to")
            )
            assert valid == {council: 1 for council, row in COUNCILS.items() if exists(row, day)}, (
                day,
                scheme,
            )


@pytest.mark.parametrize(
    ("scheme", "code", "council"),
    [
        ("cassr", "809", "dorset"),
        ("gss", "E10000009", "dorset"),
        ("gss", "E06000059", "dorset"),
        ("cassr", "612", "buckinghamshire"),
        ("cassr", "916", "buckinghamshire"),
        ("cassr", "738", "bournemouth-christchurch-and-poole"),
        ("gss", "E08000037", "gateshead"),
        ("gss", "E10000015", "hertfordshire"),
        ("cassr", "Z9D4Z", "north-northamptonshire"),
        ("cassr", "610", "bedfordshire"),
    ],
)
def test_codes_known_by_heart(scheme, code, council):
    assert CODES[scheme, code] == council


def test_codes_of_the_registers_are_known():
    table = pl.read_parquet(RAW / "council_codes" / "cassr-gss.parquet").filter(attribute="years_code_seen")
    for cassr, gss in table.select("code", "paired_code").iter_rows():
        council = CODES["cassr", cassr]
        assert not gss or CODES["gss", gss] == council
    upper = pl.read_parquet(RAW / "council_codes" / "lad-utla-2023.parquet")
    for gss, name in upper.select("paired_code", "value_text").unique().iter_rows():
        assert CODES["gss", gss] == ALIASES[fold(name)]


def snapshot(dataset: str) -> list[str]:
    lock = json.loads((RAW / "lock.json").read_text(encoding="utf-8"))
    return sorted(edition for edition in lock if edition.startswith(dataset + "/"))


@pytest.mark.parametrize("edition", snapshot("pss_ex1") + snapshot("asc_fr") + snapshot("ons_population"))
def test_every_area_in_the_snapshot_is_known(edition):
    table = pl.read_parquet(RAW / f"{edition}.parquet")
    if "area" in table.columns:
        names = {fold(name) for name in table["area"].drop_nulls().unique().to_list()} - {""}
        assert names - set(ALIASES) - AREAS == set()
    for column, scheme in (("area_code", "cassr"), ("gss_code", "gss"), ("area_code", "gss")):
        if column in table.columns:
            codes = {code for code in table[column].drop_nulls().unique().to_list() if code}
            gss = {code for code in codes if len(code) == 9 and code.startswith("E")}
            codes = gss if scheme == "gss" else codes - gss
            codes = {code for code in codes if not code.startswith(("E92", "E12"))}
            assert {code for code in codes if (scheme, code) not in CODES} == set()


# Councils that an edition leaves out, or adds: 2021-22 also prints a council that had just ended.
NOT_IN_THE_RETURN = {"asc_fr/2016-17": {"isles-of-scilly"}, "asc_fr/2021-22": {"northamptonshire"}}


@pytest.mark.parametrize("edition", snapshot("pss_ex1") + snapshot("asc_fr"))
def test_the_councils_of_each_return_are_those_that_existed(edition):
    """Code and name of a row mean the same council, and the councils found are those in force that year."""
    table = pl.read_parquet(RAW / f"{edition}.parquet")
    columns = [column for column in ("area_code", "gss_code", "area") if column in table.columns]
    found = set()
    for row in table.select(columns).unique().iter_rows(named=True):
        meant = {
            CODES.get(("cassr", row.get("area_code"))),
            CODES.get(("gss", row.get("gss_code"))),
            ALIASES.get(fold(row.get("area") or "")),
        } - {None}
        assert len(meant) < 2, row
        found |= meant
    day = edition.split("/")[1][:4] + "-10-01"
    active = {council for council, row in COUNCILS.items() if exists(row, day)}
    assert found ^ active == NOT_IN_THE_RETURN.get(edition, set())


POPULATION_UNKNOWN = {
    "2011-12": {"bournemouth", "poole", "dorset"},
    "2018-19": {"bournemouth", "poole", "dorset"},
}


@pytest.mark.parametrize("row", seed("population_years"), ids=lambda row: row["financial_year"])
def test_every_council_has_a_population_or_is_known_not_to(row):
    year = row["population_year"]
    overrides = {
        o["gss_code"]: o["council_id"] for o in seed("population_areas") if o["population_year"] == year
    }
    table = pl.read_parquet(RAW / "ons_population" / f"{year}.parquet")
    codes = [c for c in table["area_code"].unique().to_list() if not c.startswith(("E92", "E12"))]
    assert set(overrides) <= set(codes)
    counted = {overrides.get(code, CODES["gss", code]) for code in codes} - {""}
    day = row["financial_year"][:4] + "-10-01"
    active = {council for council, entry in COUNCILS.items() if exists(entry, day)}
    assert active - counted == POPULATION_UNKNOWN.get(row["financial_year"], set())
    assert counted - active == set()
