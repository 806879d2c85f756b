"""Verdicts in the words of *Does choice make a difference?* follow from the marts' columns."""

from __future__ import annotations

import re
import statistics

import duckdb
import pytest
from conftest import ROOT

BRIEF = (ROOT / "reports" / "does-choice-make-a-difference.qmd").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", BRIEF, flags=re.S)

SURVEY = "question in ('a', 'b', 'c', 'd')"
MIX = "outcome = 'residential_care_share' and denominator = 'commissioned_support'"
CLAIMS = {
    "Control, quality of life, satisfaction, feeling safe: cannot tell": (
        f"select bool_and(verdict = 'cannot tell') from mart_effect_estimates where is_primary and {SURVEY}"
    ),
    "Each primary interval includes zero and reaches past the benchmark set beforehand": (
        "select bool_and(interval_low < 0 and interval_high > 0 "
        "and greatest(-interval_low, interval_high) > benchmark) "
        f"from mart_effect_estimates where is_primary and {SURVEY}"
    ),
    "Settings: an association, part of it arithmetic": (
        "select bool_and(verdict = 'association' and null_mean > 0 and null_mean < estimate) "
        "from mart_effect_composition where is_primary and outcome = 'residential_care_share'"
    ),
    "by more than the arithmetic of shares makes it": (
        "select bool_and(interval_low > 0 and p_value < 0.05) "
        "from mart_effect_composition where is_primary and outcome = 'residential_care_share'"
    ),
    "The two of spending and settings exclude zero, but each counts pounds that the share counts too": (
        "select bool_and(is_mechanical and interval_low * interval_high > 0) from mart_effect_estimates "
        "where is_primary and question in ('e', 'f')"
    ),
    "the one of settings is still clear of chance and the one of spending is not": (
        "select bool_and((p_value_holm < 0.05) = (question = 'f')) from mart_effect_estimates "
        "where is_primary and question in ('e', 'f')"
    ),
    "What is left is not clear of zero": (
        "select bool_and(verdict = 'cannot tell') from mart_effect_composition "
        "where is_primary and outcome = 'long_term_support'"
    ),
    "Of commissioned support most of the association is left on bases C and D": (
        "select bool_and(verdict = 'association' and excess > estimate / 2) from mart_effect_composition "
        f"where {MIX} and form = 'share' "
        "and basis in ('C', 'D')"
    ),
    "ratios that share no pounds agree": (
        "select bool_and(verdict = 'association' and estimate > 0) from mart_effect_composition "
        "where form = 'pounds' and basis in ('C', 'D')"
    ),
    "On B what is left is clear of zero one way and not the other, on A neither way": (
        "select bool_and(verdict = 'cannot tell') "
        "and count(*) filter (where basis = 'A' and interval_low > 0) = 0 "
        "and count(*) filter (where basis = 'B' and interval_low > 0) = 1 from mart_effect_composition "
        f"where {MIX} and form = 'share' "
        "and basis in ('A', 'B')"
    ),
    "as an instrument for the share of spending it gives": (
        "select bool_and(verdict = 'association' and not is_weak) from mart_effect_exposure_error "
        "where outcome = 'residential_care_share' and form = 'instrumented'"
    ),
    "If both are equally good, about half of a change in either is error": (
        "select bool_and(correlation between 0.45 and 0.55) from mart_effect_exposure_error"
    ),
    "no survey outcome is clear of zero, and none can be called smaller than the benchmark": (
        "select bool_and(verdict = 'cannot tell') from mart_effect_exposure_error "
        f"where form = 'instrumented' and {SURVEY}"
    ),
    "Within councils the median lies above the benchmark for every outcome that has one": (
        "select bool_and(seen > benchmark) from (select outcome, any_value(benchmark) as benchmark, "
        "median(minimum_detectable) as seen from mart_effect_estimates where role = 'estimate' "
        "and grade = 'within' and not is_mechanical and benchmark is not null and reliability_even "
        "is not null group by outcome)"
    ),
}


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


@pytest.mark.parametrize("words", CLAIMS)
def test_the_words_are_what_the_marts_say(marts, words):
    assert words in PROSE, "the sentence changed: change what it claims here too"
    assert marts.execute(CLAIMS[words]).fetchone() == (True,)


def test_an_estimate_that_shares_parts_is_never_called_an_association(marts):
    found = marts.execute(
        "select count(*), bool_and(verdict = 'tied by arithmetic') from mart_effect_estimates "
        "where is_mechanical"
    ).fetchone()
    assert found[0] > 0 and found[1]


def test_nothing_is_smaller_than_the_benchmark_without_a_second_measure(marts):
    assert marts.execute(
        "select count(*) from mart_effect_estimates "
        "where verdict = 'smaller than the benchmark' and reliability_floor is null"
    ).fetchone() == (0,)


def test_a_size_without_bound_counts_in_the_median(marts):
    """Where two measures of a share have nothing in common no size is large enough, and that is no gap."""
    sql = re.search(r'power = query\("""(.*?)"""\)', BRIEF, flags=re.S)[1]
    table = marts.execute(sql)
    names = [column[0] for column in table.description]
    shown = {row[0]: dict(zip(names, row, strict=True)) for row in table.fetchall()}
    sizes: dict[tuple[str, str], list[float]] = {}
    for outcome, grade, size in marts.execute(
        "select outcome_name || ', ' || replace(unit, 'percentage ', ''), grade, "
        "minimum_detectable_with_error from mart_effect_estimates where role = 'estimate' "
        "and not is_mechanical and benchmark is not null "
        "and reliability_even is not null"
    ).fetchall():
        sizes.setdefault((outcome, grade), []).append(float("inf") if size is None else size)
    assert len(sizes) > 10
    for (outcome, grade), every in sizes.items():
        assert shown[outcome][f"{grade}_error"] == pytest.approx(statistics.median(every)), (outcome, grade)


SOURCES = {
    "does-choice-make-a-difference": {
        "Adult Social Care Finance Return": "basis in ('C', 'D')",
        "Outcomes Framework": "true",
    },
    "better-lives": {
        "Adult Social Care Finance Return": "basis = 'C' and financial_year in "
        "(select financial_year from mart_choice_correlations where share_of = 'spending')",
        "Outcomes Framework": "financial_year in "
        "(select financial_year from mart_choice_correlations where share_of = 'people')",
    },
}
SHARES = {
    "Adult Social Care Finance Return": "select distinct edition from mart_direct_payment_share "
    "where area_level = 'council' and is_preferred and {}",
    "Outcomes Framework": "select distinct edition from mart_council_outcomes "
    "where area_level = 'council' and measure_id = 'users_with_direct_payment' and {}",
}


@pytest.mark.parametrize(("page", "source"), [(page, source) for page in SOURCES for source in SOURCES[page]])
def test_the_sources_name_every_edition_of_the_shares(marts, page, source):
    told = (ROOT / "reports" / f"{page}.qmd").read_text(encoding="utf-8").split("**Sources**")[1]
    line = next(line for line in told.splitlines() if source in line)
    editions = {row[0] for row in marts.execute(SHARES[source].format(SOURCES[page][source])).fetchall()}
    assert len(editions) > 2
    assert [edition for edition in editions if edition.removesuffix("-derived") not in line] == []
    if any(edition.endswith("-derived") for edition in editions):
        assert "third party" in line
