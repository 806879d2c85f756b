"""Talking therapies: a made-up copy, its errors, figures typed from the held file, and provider classes."""

from __future__ import annotations

import csv
import re
from functools import cache

import polars as pl
import pytest

from commissioning.base.errors import KeyClashError, LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import nhse_talking_therapies as therapies
from commissioning.ingest import raw

FILE = "made-up.csv"
HEADER = (
    "reporting_period,start_date,end_date,org_type,org_code,org_name,variable_type,variable_a,variable_b,"
    "measure_name,measure_statistic,value\n"
)


def line(
    measure: str, value: str, *, code: str = "R99", name: str = "A TRUST", kind: str = "Provider"
) -> str:
    return f"2019-20,2019-04-01,2020-03-31,{kind},{code},{name},Total,NULL,NULL,{measure},{value}\n"


ENGLAND = line("recovery", "count,52", code="All", name="All", kind="England") + line(
    "recovery", "percentage,51.5", code="All", name="All", kind="England"
)
TRUST = line("recovery", "count,50") + line("recovery", "percentage,*")


def read(text: str) -> raw.Reading:
    reading = therapies.read(None, {FILE: text.encode()})
    raw.check(reading, what=FILE)
    return reading


def test_layout():
    table = read(HEADER + ENGLAND + TRUST).table
    assert table["year"].unique().to_list() == ["2019-20"]
    assert table["value"].to_list() == [52, 51.5, 50, None]
    assert table["value_symbol"].to_list() == [None, None, None, "suppressed"]
    assert table["unit"].to_list() == ["referrals", "per cent"] * 2
    assert table["org_type"].to_list() == ["England"] * 2 + ["Provider"] * 2
    assert table["source_locator"][2] == 'line 4, column "value"'


def test_an_organisation_again_under_another_name():
    reading = read(HEADER + TRUST + TRUST.replace("A TRUST", "THE TRUST"))
    assert reading.table["org_name"].unique().to_list() == ["A TRUST"]
    assert reading.accounting[0].furniture["an organisation again under another name, same figures"] == 2


@pytest.mark.parametrize(
    "again",
    [TRUST, TRUST.replace("A TRUST", "THE TRUST").replace("count,50", "count,55")],
    ids=["the same lines", "another name and figure"],
)
def test_other_repeats_clash(again):
    with pytest.raises(KeyClashError):
        read(HEADER + TRUST + again)


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("measure_name", "measure", LayoutError, "measure_name"),
        ("count,50", "count,[x]", SymbolError, 'line 4, column "value"'),
        ("count,50", "count,NULL", SymbolError, 'line 4, column "value"'),
        ("count,50", "median,50", LayoutError, 'line 4, column "measure_statistic"'),
        ("A TRUST,Total,NULL", "A TRUST,Gender,Male", LayoutError, 'line 4, column "variable_type"'),
        ("2019-20,2019-04-01", "2019-20,2019-07-01", LayoutError, 'line 2, column "start_date"'),
        ("2019-20,2019", "2019/20,2019", LayoutError, 'line 2, column "reporting_period"'),
        ("percentage,*\n", "percentage\n", OriginalError, "line 5"),
        (TRUST.splitlines(keepends=True)[1], "", OriginalError, "truncated"),
    ],
)
def test_altered_files_are_named(old, new, error, says):
    text = HEADER + ENGLAND + TRUST
    assert old in text
    with pytest.raises(error, match=re.escape(says)):
        read(text.replace(old, new))


# Figures typed from the held file ---------------------------------------------------------------------


@cache
def snapshot() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "nhse_talking_therapies" / "2017-18_to_2024-25.parquet")


@pytest.mark.parametrize(
    ("line", "org_code", "measure", "statistic", "value"),
    [
        (2, "8EJ83", "referrals_received", "count", 1200),
        (4, "8EJ83", "at_caseness", "count", 545),
        (2662, "All", "referrals_received", "count", 1813432),
        (2663, "All", "finished_course_treatment", "count", 670419),
        (2665, "All", "not_at_caseness", "count", 35234),
        (2667, "All", "improvement", "percentage", 67.5),
        (2672, "All", "reliable_recovery", "count", 301815),
        (2675, "All", "recovery", "percentage", 50.5),
        (2788, "All", "referrals_received", "count", 1829202),
        (3516, "8EJ83", "referrals_received", "count", 565),
        (3544, "8J766", "referrals_received", "count", 2270),
    ],
)
def test_a_published_figure(line, org_code, measure, statistic, value):
    row = snapshot().filter(source_locator=f'line {line}, column "value"').row(0, named=True)
    assert (row["org_code"], row["measure"], row["statistic"]) == (org_code, measure, statistic)
    assert row["value"] == value


def test_rows():
    assert snapshot().height == 36036
    assert snapshot().filter(value_symbol="suppressed").height == 610


def test_published_recovery_of_england_follows_from_the_counts():
    england = snapshot().filter(org_type="England")
    counts = england.filter(statistic="count").pivot("measure", index="year", values="value")
    rate = 100 * pl.col("recovery") / (pl.col("finished_course_treatment") - pl.col("not_at_caseness"))
    published = england.filter(statistic="percentage", measure="recovery").select("year", "value")
    both = counts.select("year", rate=rate).join(published, on="year")
    assert both.height == 8
    assert both.filter((pl.col("rate") - pl.col("value")).abs() > 0.05).is_empty()


# Provider classes ------------------------------------------------------------------------------------

CLASSES = {"nhs_trust", "independent_or_voluntary", "local_authority", "primary_care", "unknown"}


@cache
def rules() -> list[dict[str, str]]:
    file = project().root / "dbt" / "seeds" / "provider_classes.csv"
    return list(csv.DictReader(file.open(encoding="utf-8")))


def matches(code: str) -> list[dict[str, str]]:
    """Rules on the code itself, else the patterns that it follows."""
    exact = [rule for rule in rules() if rule["rule_kind"] == "org_code" and rule["rule"] == code]
    patterns = [rule for rule in rules() if rule["rule_kind"] == "pattern"]
    return exact or [rule for rule in patterns if re.search(rule["rule"], code)]


def providers() -> dict[str, list[str]]:
    names = snapshot().filter(org_type="Provider").group_by("org_code").agg(pl.col("org_name").unique())
    return dict(names.iter_rows())


def test_every_provider_has_one_class():
    counts = {code: len(matches(code)) for code in providers()}
    assert {code: count for code, count in counts.items() if count != 1} == {}


def test_every_rule_is_used_and_well_formed():
    codes = providers()
    for rule in rules():
        assert rule["provider_class"] in CLASSES
        assert rule["evidence_grade"] in {"inferred", "assumed"}
        assert rule["reason"]
        assert any(rule in matches(code) for code in codes), rule["rule"]


def test_names_of_trusts_are_classed_as_trusts():
    trust = re.compile(r"\bNHS (FOUNDATION )?TRUST\b|PARTNERSHIP TRUST\b")
    named = [code for code, names in providers().items() if any(trust.search(name) for name in names)]
    assert len(named) > 40
    assert {code for code in named if matches(code)[0]["provider_class"] != "nhs_trust"} == set()


def test_exceptions_to_the_code_rules():
    assert matches("G6V2S")[0]["provider_class"] == "nhs_trust"
    assert matches("RT1AB")[0]["provider_class"] == "independent_or_voluntary"
    assert matches("M4P2I")[0]["provider_class"] == "unknown"
