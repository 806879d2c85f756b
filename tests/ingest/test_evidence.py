"""The register: a made-up one, the errors, figures typed from the held file, and the seed that tells it."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import evidence

HEADER = "study_id,year,country,outcome,effect_estimate,unit,ci_or_p,n,source_url,locator,source_type,note\n"
POET_2017 = next(text for _, text in evidence.WORDED if text.startswith("quality of life 75;"))
LINES = (
    "A1,2012,England,score,0.057 (PHB) vs 0.018 (control),points,P<0.001,81,https://example.org/a,p. 1,,\n"
    "A2,2013,England,life,,,,,https://example.org/b,p. 2,primary abstract,x\n"
    'A3,2021,England,choice,74.0,% weighted,,845,https://example.org/c (tests/x.xlsx),"sheet ""T""",book,\n'
    f"A4,2017,England,{POET_2017},see outcome,%,,23 studies,https://example.org/d,p. 4,page,\n"
)


def rows_of(text: str):
    return evidence.read_register("x.csv", text.encode())


def test_layout():
    rows, account = rows_of(HEADER + LINES)
    account.check()
    assert account.loaded == 4
    first = [r for r in rows if r["finding_id"] == "A1"]
    assert [(r["statistic"], r["part"], r["bound"], r["value"]) for r in first] == [
        ("estimate", "intervention", "", 0.057),
        ("estimate", "comparator", "", 0.018),
        ("interval or p value", "p value", "less than", 0.001),
        ("n", "respondents", "", 81.0),
    ]
    assert [r["source_locator"] for r in first[:2]] == [
        'line 2, column "effect_estimate", figure 1',
        'line 2, column "effect_estimate", figure 2',
    ]
    assert sum(r["finding_id"] == "A4" and r["statistic"] == "estimate" for r in rows) == 8


def test_what_is_missing_stays_missing():
    rows = [r for r in rows_of(HEADER + LINES)[0] if r["finding_id"] == "A2"]
    assert [(r["statistic"], r["value"], r["value_symbol"]) for r in rows] == [
        ("estimate", None, "not_available"),
        ("interval or p value", None, "not_available"),
        ("n", None, "not_available"),
    ]


def test_what_follows_an_address_belongs_to_the_place():
    row = next(r for r in rows_of(HEADER + LINES)[0] if r["finding_id"] == "A3")
    assert (row["source_url"], row["source_place"]) == ("https://example.org/c", 'tests/x.xlsx; sheet "T"')


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (HEADER.replace("locator", "place") + LINES, LayoutError, "locator"),
        (HEADER + LINES.replace("0.057 (PHB)", "about 0.06 (PHB)"), SymbolError, "line 2"),
        (HEADER + LINES.replace("% weighted", "points"), SymbolError, "line 4"),
        (HEADER + LINES.replace("P<0.001", "P<0.01"), SymbolError, "line 2"),
        (HEADER + LINES.replace("https://example.org/b", "/home/somebody/b"), LayoutError, "line 3"),
        (HEADER + LINES[:-20], OriginalError, "line 5"),
    ],
)
def test_bad_files_are_named(text, error, says):
    with pytest.raises(error, match=says):
        rows_of(text)


def snapshot() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "evidence" / "draft.parquet")


@pytest.mark.parametrize(
    ("finding", "statistic", "values"),
    [
        ("IBSEN2008-cost", "estimate", [280, 300]),  # line 2
        ("PHBE2012-ascot", "estimate", [0.057, 0.018]),  # line 11
        ("PHBE2012-ascot", "interval or p value", [0.001]),
        ("PHBE2012-chc", "estimate", [-3100]),
        ("Woolham2017", "n", [339, 1341, 27.1]),
        ("Woolham2017", "estimate", [None]),
        ("POET2017", "estimate", [75, 72, 71, 72, 74, 84, 50, 51]),
        ("POET-PHB2014", "estimate", [86]),
        ("SCIE37", "estimate", [-10]),
        ("SfC2023", "estimate", [32, 69000, 215000]),
        ("ASCS2020-21-q1-Direct-payment", "estimate", [73.2]),
        ("ASCS2020-21-q8a-LA-commissioned", "n", [345]),
    ],
)
def test_golden_figures(finding, statistic, values):
    assert snapshot().filter(finding_id=finding, statistic=statistic)["value"].to_list() == values


# The seed ----------------------------------------------------------------------------------------------


def seed() -> pl.DataFrame:
    return pl.read_csv(project().dbt / "seeds" / "evidence_register.csv", infer_schema=False)


def test_the_seed_tells_every_finding_once():
    assert seed()["finding_id"].to_list() == snapshot()["finding_id"].unique(maintain_order=True).to_list()


def test_the_seed_agrees_with_the_register_on_year_country_and_reading():
    raw = snapshot().unique("finding_id", maintain_order=True)
    both = seed().join(raw, on="finding_id", suffix="_raw")
    assert both.filter(pl.col("country") != pl.col("country_raw")).is_empty()
    years = both.filter(pl.col("study_year").fill_null("") != pl.col("study_year_raw"))
    assert years.is_empty(), years
    secondary = both.filter(pl.col("source_type").str.starts_with("secondary"))
    assert set(secondary["reading"]) == {"secondary"}


@pytest.mark.parametrize(
    ("column", "known"),
    [
        ("reading", {"primary", "secondary"}),
        ("restates_ascs", {"true", "false"}),
        (
            "direction",
            {
                "favours_budget",
                "favours_comparator",
                "no_difference",
                "mixed",
                "reported_positive",
                "descriptive",
                "not_read",
                "not_applicable",
            },
        ),
        ("significance", {"stated_significant", "stated_not_significant", "not_stated", "not_applicable"}),
        (
            "design_class",
            {
                "randomised_trial",
                "controlled_trial",
                "quasi_experimental",
                "observational_comparison",
                "survey_cross_section",
                "survey_no_comparator",
                "systematic_review",
                "review",
                "official_review",
                "modelled",
                "administrative",
            },
        ),
    ],
)
def test_the_seed_uses_known_words(column, known):
    assert set(seed()[column]) == known


def test_findings_that_restate_the_survey_are_marked():
    marked = seed().filter(restates_ascs="true")
    assert marked.height == 24
    assert marked["finding_id"].str.starts_with("ASCS2020-21-").all()
    assert marked["ascs_mechanism"].null_count() == marked["ascs_question"].null_count() == 0
    # A finding without a comparison must not claim a direction.
    assert set(marked["direction"]) == {"descriptive"}
