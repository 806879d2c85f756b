"""The marts of outcomes, other returns and Scotland recomputed by another route than our own models.

Golden figures are typed from the publishers' files, with the cell. The rest is recomputed with Polars and
plain Python from the snapshot in `data/raw/`; the tables and codes of the measures are typed here again.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import defaultdict
from functools import cache
from statistics import median

import duckdb
import polars as pl
import pytest
from conftest import ROOT

RAW = ROOT / "data" / "raw"


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def same(value: float):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def records(marts, query: str) -> list[dict]:
    cursor = marts.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def differs(ours: float | None, expected: float | None) -> bool:
    """More than a billionth apart, or only one of the two missing."""
    if ours is None or expected is None:
        return ours is not expected
    return not math.isclose(ours, expected, rel_tol=1e-9, abs_tol=1e-9)


def raw(dataset: str, edition: str) -> pl.DataFrame:
    return pl.read_parquet(RAW / dataset / f"{edition}.parquet")


def seed(name: str) -> list[dict[str, str]]:
    text = (ROOT / "dbt" / "seeds" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def council_of(scheme: str) -> dict[str, str]:
    """Council ids by CASSR or GSS code."""
    return {row["code"]: row["council_id"] for row in seed("council_codes") if row["scheme"] == scheme}


# --- Outcomes framework ------------------------------------------------------------------------------------

OUTCOMES = [
    # mart column and figure, area, year, measure; ascof_2024_25.ods unless said
    ("value", 76.6, "england", "2015-16", "control_over_daily_life"),  # Table_3a!F7
    ("margin_of_error", 0.4, "england", "2015-16", "control_over_daily_life"),  # Table_3a!D7
    ("base", 71357, "england", "2015-16", "control_over_daily_life"),  # Table_3a!E7
    ("value", 80.8, "devon", "2023-24", "control_over_daily_life"),  # Table_3a!AD173
    ("interval_low", 77.4, "devon", "2023-24", "control_over_daily_life"),  # less the 3.4 in Table_3a!AB173
    ("interval_high", 84.2, "devon", "2023-24", "control_over_daily_life"),
    ("base", 465, "devon", "2023-24", "control_over_daily_life"),  # Table_3a!AC173
    ("value", 27.0, "devon", "2024-25", "users_with_direct_payment"),  # Table_3d(2a)!F168
    ("numerator", 1903, "devon", "2024-25", "users_with_direct_payment"),  # Table_3d(2a)!D168
    ("denominator", 7037, "devon", "2024-25", "users_with_direct_payment"),  # Table_3d(2a)!E168
    ("value", 36.7, "england", "2023-24", "carers_satisfaction"),  # Table_1e!AD7
    ("value", 0.362, "leeds", "2018-19", "adjusted_quality_of_life"),  # Table_1b!L43
    ("margin_of_error", 0.04, "leeds", "2018-19", "adjusted_quality_of_life"),  # Table_1b!J43
    ("value", None, "derby", "2024-25", "feeling_safe"),  # Derby did not submit
    # 2020-21 open data workbook, sheet in: H11968, H11969, H11970
    ("value", 15.4, "leeds", "2020-21", "users_with_direct_payment"),
    ("numerator", 950, "leeds", "2020-21", "users_with_direct_payment"),
    ("denominator", 6183, "leeds", "2020-21", "users_with_direct_payment"),
    # final_data_2020.csv, lines 5368 (people who use services) and 5371 (carers)
    ("value", 16.2, "leeds", "2019-20", "users_with_direct_payment"),
    ("value", 83.7, "leeds", "2019-20", "carers_with_direct_payment"),
]


@pytest.mark.parametrize(("column", "figure", "area_id", "year", "measure"), OUTCOMES)
def test_outcomes_as_published(marts, column, figure, area_id, year, measure):
    rows = marts.execute(
        f"select {column} from mart_council_outcomes "
        "where area_id = ? and financial_year = ? and measure_id = ?",
        [area_id, year, measure],
    ).fetchall()
    assert rows == [(figure if figure is None else same(figure),)]


TABLES_2024_25 = {
    "Table_1a": "quality_of_life",
    "Table_1b": "adjusted_quality_of_life",
    "Table_1c": "carers_quality_of_life",
    "Table_1d": "satisfaction_with_care",
    "Table_1e": "carers_satisfaction",
    "Table_2a": "reablement_without_further_support",
    "Table_2b": "admissions_18_64",
    "Table_2c": "admissions_65_and_over",
    "Table_2d(1)": "in_community_12_weeks_after_discharge",
    "Table_2d(2)": "reablement_received_after_discharge",
    "Table_2e(1)": "learning_disability_own_home",
    "Table_2e(2a)": "own_home_18_64",
    "Table_2e(2b)": "own_home_65_and_over",
    "Table_3a": "control_over_daily_life",
    "Table_3b": "carers_included_in_discussion",
    "Table_3c(1)": "users_find_information_easily",
    "Table_3c(2)": "carers_find_information_easily",
    "Table_3d(1a)": "users_with_self_directed_support",
    "Table_3d(2a)": "users_with_direct_payment",
    "Table_4a": "feeling_safe",
    "Table_4b": "safeguarding_risk_reduced",
    "Table_5a(1)": "users_social_contact",
    "Table_5a(2)": "carers_social_contact",
    "Table_6a": "staff_turnover",
    "Table_6b": "providers_good_or_outstanding",
}

CODES_2020_21 = {
    "1A": "quality_of_life",
    "1B": "control_over_daily_life",
    "1C1A": "users_with_self_directed_support",
    "1C1B": "carers_with_self_directed_support",
    "1C2A": "users_with_direct_payment",
    "1C2B": "carers_with_direct_payment",
    "1E": "learning_disability_employment",
    "1F": "mental_health_employment",
    "1G": "learning_disability_own_home",
    "1H": "mental_health_independent_living",
    "1I1": "users_social_contact",
    "1J": "adjusted_quality_of_life",
    "2A1": "admissions_18_64",
    "2A2": "admissions_65_and_over",
    "2B1": "at_home_91_days_after_discharge",
    "2B2": "reablement_offered_after_discharge",
    "2D": "reablement_without_further_support",
    "3A": "satisfaction_with_care",
    "3D1": "users_find_information_easily",
    "4A": "feeling_safe",
    "4B": "services_make_feel_safe",
}

# Measures that only the third-party copies have for 2018-19 and 2019-20, by what their titles say. In 2019-20
# people who use services and carers share a title; the first of two sets of rows is the former.
TITLES = {
    r"^Delayed transfers of care from hospital,? per": "delayed_transfers",
    r"attributable to adult social care": "delayed_transfers_social_care",
    r"jointly attributable": "delayed_transfers_joint",
    r"younger adults": "admissions_18_64",
    r"older adults": "admissions_65_and_over",
    r"sequel to service": "reablement_without_further_support",
    r"secondary mental health services in paid": "mental_health_employment",
    r"secondary mental health services (who live|living) ": "mental_health_independent_living",
    r"learning disabilit(y|ies) in paid": "learning_disability_employment",
    r"learning disabilit(y|ies) who live": "learning_disability_own_home",
    r"reablement/rehabilitation services( effectiveness of the service)?$": "at_home_91_days_after_discharge",
    r"received reablement.*from hospital$|offered the service$": "reablement_offered_after_discharge",
    r"safe and secure$": "services_make_feel_safe",
    r"(use services|using social care) who receive direct": "users_with_direct_payment",
    r"(use services|using social care) who receive self": "users_with_self_directed_support",
    r"carers who receive direct": "carers_with_direct_payment",
    r"carers who receive self": "carers_with_self_directed_support",
}


def measure_of(edition: str, table: str, code: str, title: str) -> str | None:
    if edition == "2024-25":
        return TABLES_2024_25[table]
    if edition == "2020-21":
        return CODES_2020_21[code]
    found = [measure for pattern, measure in TITLES.items() if re.search(pattern, title)]
    # "attributable to adult social care" and "jointly attributable" can both match; the latter says more.
    measure = found[-1] if found else None
    if table.endswith("second set") and measure in (
        "users_with_direct_payment",
        "users_with_self_directed_support",
    ):
        return measure.replace("users", "carers")
    return measure


def area_of(level: str, code: str, area: str) -> str | None:
    if level == "England":
        return "england"
    if level == "Region":
        # The 2024-25 tables say Eastern for East of England.
        return area.lower().replace("eastern", "east of england").replace(" ", "-")
    return council_of("gss").get(code) or council_of("cassr").get(code)


@cache
def published_outcomes() -> dict[tuple[str, str, str], dict[str, float | None]]:
    """Figures by area, year and measure: each statistic from the best edition that prints it."""
    found: dict[tuple[str, str, str], dict[str, float | None]] = defaultdict(dict)
    for edition in ("2024-25", "2020-21", "2018-19-derived", "2019-20-derived", "2020-21-derived"):
        figures = raw("ascof", edition).filter(
            (pl.col("disaggregation") == "") & pl.col("area_level").is_in(["Council", "Region", "England"])
        )
        seen = set()
        for row in figures.iter_rows(named=True):
            if row["area"] == "Cornwall and Isles of Scilly":
                continue
            measure = measure_of(edition, row["table"], row["measure_code"], row["measure"])
            area = area_of(row["area_level"], row["area_code"], row["area"])
            assert area is not None, row
            if measure is None:
                continue
            key, statistic = (area, row["year"], measure), row["statistic"]
            assert (key, statistic) not in seen, f"two figures for {key} {statistic} in {edition}"
            seen.add((key, statistic))
            found[key].setdefault(statistic, row["value"])
    return found


@pytest.fixture(scope="module")
def mart_outcomes(marts) -> dict[tuple[str, str, str], dict]:
    rows = records(marts, "select * from mart_council_outcomes")
    found = {(row["area_id"], row["financial_year"], row["measure_id"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_every_outcome_is_the_published_one(mart_outcomes):
    expected = published_outcomes()
    there = {key for key, figures in expected.items() if figures.get("outcome") is not None}
    assert not there - set(mart_outcomes)
    assert not set(mart_outcomes) - set(expected)
    wrong = []
    for key, ours in mart_outcomes.items():
        figures = expected[key]
        for column, statistic in (
            ("value", "outcome"),
            ("margin_of_error", "margin of error"),
            ("base", "base"),
            ("numerator", "numerator"),
            ("denominator", "denominator"),
        ):
            if differs(ours[column], figures.get(statistic)):
                wrong.append((key, column, ours[column], figures.get(statistic)))
    assert not wrong, wrong[:10]
    assert len(mart_outcomes) > 29_000


def test_intervals_england_and_places_of_councils(mart_outcomes):
    by_measure = defaultdict(list)
    for (_, year, measure), row in mart_outcomes.items():
        if row["area_level"] == "council" and row["value"] is not None:
            by_measure[year, measure].append(row["value"])
    wrong = []
    for key, row in mart_outcomes.items():
        value, margin = row["value"], row["margin_of_error"]
        expected = {
            "interval_low": None if value is None or margin is None else value - margin,
            "interval_high": None if value is None or margin is None else value + margin,
            "england_value": published_outcomes().get(("england", *key[1:]), {}).get("outcome"),
            "percentile": None,
        }
        if row["area_level"] == "council" and value is not None:
            others = by_measure[key[1:]]
            expected["percentile"] = sum(other < value for other in others) / (len(others) - 1)
        wrong += [(key, name, row[name], want) for name, want in expected.items() if differs(row[name], want)]
    assert not wrong, wrong[:10]


@cache
def nearest_peers() -> dict[str, list[str]]:
    """The fifteen nearest neighbours of each council."""
    gss, peers = council_of("gss"), defaultdict(list)
    ranks = raw("nearest_neighbours", "2025").filter(pl.col("measure") == "rank").sort("value")
    for code, neighbour, rank in ranks.select("area_code", "neighbour_code", "value").iter_rows():
        if rank <= 15:
            peers[gss[code]].append(gss[neighbour])
    assert {len(found) for found in peers.values()} == {15}
    return peers


def test_medians_of_fifteen_peers(mart_outcomes):
    wrong, checked = [], 0
    for (area_id, year, measure), row in mart_outcomes.items():
        if row["area_level"] != "council" or area_id not in nearest_peers():
            assert row["peer_median"] is None
            continue
        peers = [
            mart_outcomes.get((peer, year, measure), {}).get("value") for peer in nearest_peers()[area_id]
        ]
        values = [value for value in peers if value is not None]
        if differs(row["peer_median"], median(values) if len(values) >= 5 else None):
            wrong.append((area_id, year, measure, row["peer_median"], values))
        assert (row["peers_with_value"] or 0) == len(values)
        checked += 1
    assert not wrong, wrong[:5]
    assert checked > 27_000


# --- People with a direct payment, 2021-22 -----------------------------------------------------------------


@pytest.fixture(scope="module")
def people_2021_22() -> dict[str, tuple[float, float] | None]:
    """Lowest and highest share of each council from table 38, or None where the council has no figures."""
    cells = raw("asc_fr", "2021-22").filter(
        (pl.col("table") == "T38")
        & pl.col("support_setting").str.starts_with("Community")
        & (pl.col("area_code") != "")
    )
    bounds = {}
    for code, council in cells.group_by("area_code"):
        assert council.height == 8
        low, high = [0.0, 0.0], [0.0, 0.0]
        for setting, value, symbol in council.select("support_setting", "value", "value_symbol").iter_rows():
            which = 0 if "Direct Payment" in setting else 1
            if symbol == "not_available":
                low = None
                break
            low[which] += 0 if symbol == "suppressed" else value
            high[which] += 4 if symbol == "suppressed" else value
        council_id = council_of("cassr")[code[0]]
        bounds[council_id] = low and (low[0] / (low[0] + high[1]), high[0] / (high[0] + low[1]))
    return bounds


def test_people_with_a_direct_payment_2021_22(marts, people_2021_22):
    """66 exact but for rounding, 82 within two points, three too small to say, Hackney without a return."""
    exact = {council for council, bounds in people_2021_22.items() if bounds and bounds[0] == bounds[1]}
    wide = {council for council, bounds in people_2021_22.items() if bounds and bounds[1] - bounds[0] > 0.02}
    missing = {council for council, bounds in people_2021_22.items() if bounds is None}
    assert (len(people_2021_22), len(exact)) == (152, 66)
    assert wide == {"isles-of-scilly", "city-of-london", "rutland"}
    assert missing == {"hackney"}

    rows = marts.execute(
        "select council_id, direct_payment_user_share, direct_payment_user_share_low, "
        "direct_payment_user_share_high, direct_payment_user_share_figure "
        "from mart_choice_and_outcomes where financial_year = '2021-22'"
    ).fetchall()
    assert {row[0] for row in rows} == set(people_2021_22)
    for council, share, low, high, figure in rows:
        if people_2021_22[council] is None:
            assert (share, low, high, figure) == (None, None, None, None)
        else:
            expected = people_2021_22[council]
            assert (low, high) == (same(expected[0]), same(expected[1]))
            # Of bounds wider than five points no middle is given.
            assert not differs(share, sum(expected) / 2 if expected[1] - expected[0] <= 0.05 else None)
            assert figure == "computed"


def test_choice_and_outcomes_repeats_other_marts_and_leaves_gaps(marts, mart_outcomes):
    rows = records(marts, "select * from mart_choice_and_outcomes")
    shares = {
        row[:2]: row[2]
        for row in marts.execute(
            "select area_id, financial_year, share from mart_direct_payment_share "
            "where area_level = 'council' and basis = 'C' and client_group = 'all' and age_band = 'all'"
        ).fetchall()
    }
    count = 0
    for row in rows:
        council, year = row["council_id"], row["financial_year"]
        assert not differs(row["direct_payment_spend_share"], shares.get((council, year)))
        for measure in (
            "control_over_daily_life",
            "quality_of_life",
            "adjusted_quality_of_life",
            "feeling_safe",
        ):
            outcome = mart_outcomes.get((council, year, measure), {})
            assert not differs(row[measure], outcome.get("value"))
            assert not differs(row[f"{measure}_margin"], outcome.get("margin_of_error"))
        peers = [shares.get((peer, year)) for peer in nearest_peers().get(council, [])]
        values = [share for share in peers if share is not None]
        assert not differs(row["peer_median_spend_share"], median(values) if len(values) >= 5 else None)
        count += 1
    # Councils a year: 152 to 2018-19, 151 in 2019-20 and 2020-21, 152 in 2021-22 and 2022-23, then 153.
    assert count == 5 * 152 + 2 * 151 + 2 * 152 + 2 * 153


# --- Answers by mechanism ----------------------------------------------------------------------------------


def wilson(share: float, base: float) -> tuple[float, float]:
    """Roots p of (share - p) squared = 1.96 squared p (1 - p) / base."""
    z2 = 1.96**2
    a, b, c = 1 + z2 / base, -(2 * share + z2 / base), share**2
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def test_control_by_mechanism_from_the_workbook(marts):
    """T2a: BE72 31.7 and BF72 46.8 per cent of BI72 1,360; all councils BE6 36.0, BF6 43.8, BI6 6,495."""
    rows = marts.execute(
        "select mechanism, share, respondents, interval_low, interval_high from mart_outcomes_by_mechanism "
        "where outcome = 'control' and mechanism in ('direct_payment_only', 'all') order by mechanism desc"
    ).fetchall()
    assert [row[:3] for row in rows] == [
        ("direct_payment_only", same(0.785), 1360),
        ("all", same(0.798), 6495),
    ]
    for _, share, respondents, low, high in rows:
        base = respondents / design_effects()["Question 3a"]
        assert (low, high) == pytest.approx(wilson(share, base), abs=1e-6)


GOOD_ANSWERS = {
    "satisfaction": ("Question 1 combined", ["Extremely or very satisfied"]),
    "quality_of_life": ("Question 2 combined", ["So good, it could not be better or very good", "Good"]),
    "choice": ("Question 2c", ["I do have enough choice over care and support services"]),
    "control": (
        "Question 3a",
        ["I have as much control over my daily life as I want", "I have adequate control over my daily life"],
    ),
    "safety": ("Question 7a", ["I feel as safe as I want"]),
    "social_contact": ("Question 8a", ["I have as much social contact as I want with people I like"]),
}
MECHANISMS = {
    "direct_payment_only": "Direct payment only",
    "part_direct_payment": "Part direct payment",
    "managed_personal_budget": "LA managed personal budget",
    "council_commissioned_only": "LA commissioned support only",
    "all": "18 CASSR Average",
}


def test_every_answer_by_mechanism(marts):
    answers = raw("ascs", "2020-21").filter(pl.col("table") == "T2a")
    rows = marts.execute(
        "select outcome, mechanism, share, respondents, interval_low, interval_high "
        "from mart_outcomes_by_mechanism"
    ).fetchall()
    assert {row[:2] for row in rows} == {(outcome, name) for outcome in GOOD_ANSWERS for name in MECHANISMS}
    assert len(rows) == len(GOOD_ANSWERS) * len(MECHANISMS)
    effects = design_effects()
    for outcome, mechanism, share, respondents, low, high in rows:
        question, good = GOOD_ANSWERS[outcome]
        asked = answers.filter(
            pl.col("question").str.starts_with(f"{question} - ")
            & (pl.col("category") == MECHANISMS[mechanism])
        )
        percentages = asked.filter((pl.col("statistic") == "percentage") & pl.col("answer").is_in(good))
        bases = asked.filter(pl.col("statistic") == "respondents")
        assert percentages.height == len(good)
        assert share == pytest.approx(percentages["value"].sum() / 100, abs=1e-6)
        assert [respondents] == bases["value"].to_list()
        assert (low, high) == pytest.approx(wilson(share, respondents / effects[question]), abs=2e-6)


def test_differences_from_managed_budgets(marts):
    """Newcombe's method 10: distances of the shares from the ends of their intervals, in quadrature."""
    rows = records(marts, "select * from mart_outcomes_by_mechanism")
    managed = {row["outcome"]: row for row in rows if row["mechanism"] == "managed_personal_budget"}
    compared = [row for row in rows if row["mechanism"] not in ("managed_personal_budget", "all")]
    assert len(compared) == 3 * len(GOOD_ANSWERS)
    effects = design_effects()
    for row in compared:
        effect = effects[GOOD_ANSWERS[row["outcome"]][0]]
        ours, theirs = row["share"], managed[row["outcome"]]["share"]
        low, high = wilson(ours, row["respondents"] / effect)
        their_low, their_high = wilson(theirs, managed[row["outcome"]]["respondents"] / effect)
        found = (row["difference_from_managed"], row["difference_low"], row["difference_high"])
        difference = ours - theirs
        assert found == pytest.approx(
            (
                difference,
                difference - math.hypot(ours - low, their_high - theirs),
                difference + math.hypot(high - ours, theirs - their_low),
            ),
            abs=2e-6,
        )
    for row in rows:
        if row not in compared:
            assert row["difference_from_managed"] is None


def test_comparisons_are_tested_and_adjusted_for_their_number(marts):
    """Two shares on their bases over the design effect; Holm's method is that of statsmodels."""
    from statistics import NormalDist

    from statsmodels.stats.multitest import multipletests

    rows = records(marts, "select * from mart_outcomes_by_mechanism order by outcome, mechanism")
    managed = {row["outcome"]: row for row in rows if row["mechanism"] == "managed_personal_budget"}
    compared = [row for row in rows if row["mechanism"] not in ("managed_personal_budget", "all")]
    chances, effects = [], design_effects()
    for row in compared:
        other = managed[row["outcome"]]
        effect = effects[GOOD_ANSWERS[row["outcome"]][0]]
        n, m = row["respondents"] / effect, other["respondents"] / effect
        pooled = (row["share"] * n + other["share"] * m) / (n + m)
        z = (row["share"] - other["share"]) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        chances.append(2 * NormalDist().cdf(-abs(z)))
    assert [row["difference_p_value"] for row in compared] == pytest.approx(chances, rel=1e-5, abs=1e-9)
    adjusted = multipletests(chances, method="holm")[1]
    assert [row["difference_p_holm"] for row in compared] == pytest.approx(list(adjusted), rel=1e-5)
    assert all(row["difference_p_holm"] is None for row in rows if row not in compared)
    assert len(compared) == 18
    # Clear of chance after adjustment: three, and neither share with enough choice among them.
    assert {(r["outcome"], r["mechanism"]) for r in compared if r["difference_p_holm"] < 0.05} == {
        ("satisfaction", "direct_payment_only"),
        ("safety", "council_commissioned_only"),
        ("quality_of_life", "council_commissioned_only"),
    }


# --- Correlations over councils ----------------------------------------------------------------------------


def test_correlations_over_councils_and_how_much_is_sampling_error(marts):
    """Again in plain Python; out are the City, Scilly, 2020-21, and Dorset where its bounds changed."""
    from statistics import correlation, fmean, variance

    rows = records(marts, "select * from mart_choice_and_outcomes")
    left_out = {"city-of-london", "isles-of-scilly"}
    found = records(marts, "select * from mart_choice_correlations")
    # Three levels and three changes of five outcomes, less two: a formula changed in 2020-21. On people there
    # are four levels, and no change to 2024-25, when they were counted from other records.
    assert len(found) == 28 + 33
    changes = {
        (r["share_of"], r["from_year"], r["financial_year"])
        for r in found
        if r["kind"] == "change" and r["outcome"] == "adjusted_quality_of_life"
    }
    assert changes == {("spending", "2016-17", "2017-18"), ("people", "2018-19", "2019-20")}
    for row in found:
        outcome, years = row["outcome"], (row["from_year"], row["financial_year"])
        share = {"spending": "direct_payment_spend_share", "people": "direct_payment_user_share"}[
            row["share_of"]
        ]
        figures = {
            (r["council_id"], r["financial_year"]): (
                r[share], r[outcome], (r[f"{outcome}_margin"] / 1.96) ** 2,
            )
            for r in rows
            if r["council_id"] not in left_out and r["financial_year"] != "2020-21"
            and None not in (r[share], r[outcome])
        }  # fmt: skip
        councils = sorted(council for council, year in figures if year == years[1])
        if row["kind"] == "level":
            points = [figures[council, years[1]] for council in councils]
        else:
            moved = {"dorset"} if years[0] < "2019-20" <= years[1] else set()
            both = [c for c in councils if (c, years[0]) in figures and c not in moved]
            pairs = [(figures[c, years[0]], figures[c, years[1]]) for c in both]
            points = [(b[0] - a[0], b[1] - a[1], a[2] + b[2]) for a, b in pairs]
        shares, value, error = zip(*points, strict=True)
        r, half = correlation(shares, value), 1.96 / math.sqrt(len(points) - 3)
        assert row["councils"] == len(points)
        assert row["correlation"] == pytest.approx(r, abs=1e-8)
        assert row["interval_low"] == pytest.approx(math.tanh(math.atanh(r) - half), abs=1e-8)
        assert row["interval_high"] == pytest.approx(math.tanh(math.atanh(r) + half), abs=1e-8)
        noise = fmean(error) / variance(value)
        assert row["sampling_error_share"] == pytest.approx(noise, abs=1e-8)
        assert row["largest_visible_correlation"] == pytest.approx(math.sqrt(max(0, 1 - noise)), abs=1e-8)


# --- Design effects


def design_effects() -> dict[str, float]:
    """For each question, T5's margins squared over those of a simple sample of T2a's respondents."""
    average = raw("ascs", "2020-21").filter(pl.col("breakdown") == "18 CASSR Average")
    found = {}
    for (question,), rows in average.group_by(pl.col("question").str.split(" - ").list.first()):
        figures = {(row["statistic"], row["answer"]): row["value"] for row in rows.to_dicts()}
        base = figures["respondents", ""]
        margins = {
            a: m for (statistic, a), m in figures.items() if statistic == "margin of error" and m is not None
        }
        shares = {a: figures["percentage", a] for a in margins}
        simple = math.fsum(1.96**2 * p * (100 - p) / base for p in shares.values())
        found[question] = math.fsum(m * m for m in margins.values()) / simple
    return found


def test_design_effects_are_the_questions_own(marts):
    """Question 3a by hand: margins 1.4, 1.5, 1.1, 0.7 of shares 36.0, 43.8, 15.7, 4.4 of 6,495 people."""
    squares = 1.4**2 + 1.5**2 + 1.1**2 + 0.7**2
    simple = 1.96**2 * (36 * 64 + 43.8 * 56.2 + 15.7 * 84.3 + 4.4 * 95.6) / 6495
    effects = design_effects()
    assert effects["Question 3a"] == pytest.approx(squares / simple)
    shown = marts.execute("select distinct question_code, design_effect from mart_outcomes_by_mechanism")
    shown = dict(shown.fetchall())
    assert shown == pytest.approx({question: effects[question] for question, _ in GOOD_ANSWERS.values()})
    assert len(set(shown.values())) == len(GOOD_ANSWERS)


# --- RO3 beside ASC-FR -------------------------------------------------------------------------------------

RO3 = [
    # thousands of pounds; RO3_LA_Data of the year, line RO3-asctot
    ("england", "2022-23", "ro3_total_expenditure_cash_gbp", 29015974.63777621),  # KZ439
    ("devon", "2022-23", "ro3_total_expenditure_cash_gbp", 471057),  # KZ105
    ("devon", "2022-23", "ro3_expenditure_less_other_income_cash_gbp", 471057 - 32732),  # KZ105 less LB105
    ("devon", "2022-23", "ro3_net_current_expenditure_cash_gbp", 372852),  # LD105
    ("england", "2024-25", "ro3_total_expenditure_cash_gbp", 35323839.50346),  # KL418, second release
    ("devon", "2024-25", "ro3_total_expenditure_cash_gbp", 520523),  # KL98
    ("england", "2023-24", "ro3_total_expenditure_cash_gbp", 32716167.36998095),  # KZ424, first release
    # ASC-FR: the publisher's overview of 2023-24, table 1a, in billions
    ("england", "2019-20", "asc_fr_total_expenditure_cash_gbp", 23.25e6),
    ("england", "2023-24", "asc_fr_total_expenditure_cash_gbp", 32.01e6),
    ("england", "2023-24", "difference_total_cash_gbp", 32716167.36998095 - 32.01e6),
    ("england", "2022-23", "asc_fr_total_expenditure_cash_gbp", 28.37e6),
    ("england", "2022-23", "difference_total_cash_gbp", 29015974.63777621 - 28.37e6),
    # ASC-FR: ASCFR and SALT Data Tables 2021-22, table 3
    ("england", "2020-21", "asc_fr_net_total_expenditure_cash_gbp", 18439662.835279047),  # R10
    ("england", "2021-22", "asc_fr_net_total_expenditure_cash_gbp", 18927542.469964765),  # S10
    ("england", "2021-22", "asc_fr_capital_charges_cash_gbp", 148314.431519787),  # Q10
    ("england", "2021-22", "asc_fr_client_contributions_cash_gbp", 3179132.0906397),  # J10
    ("england", "2021-22", "asc_fr_nhs_income_cash_gbp", 4094284.06540812),  # L10
    ("england", "2021-22", "asc_fr_joint_arrangements_income_cash_gbp", 139311.766613792),  # K10
    ("england", "2021-22", "asc_fr_other_income_cash_gbp", 523124.013801318),  # M10
    ("devon", "2020-21", "asc_fr_client_contributions_cash_gbp", 370493 - 312373),  # U172 less R172
    ("devon", "2020-21", "asc_fr_capital_charges_cash_gbp", 370493 - 362021.35),  # U172 less X172
    ("devon", "2021-22", "asc_fr_net_current_expenditure_cash_gbp", 295882.02 - 9023.02),  # S172 less Q172
    ("devon", "2021-22", "asc_fr_client_contributions_cash_gbp", 66264),  # J172
    # Capital charges below zero, which are printed so: gross total below gross current
    ("coventry", "2020-21", "asc_fr_capital_charges_cash_gbp", 100564.5 - 106138.5),  # U85 less X85
    ("tower-hamlets", "2021-22", "asc_fr_client_contributions_cash_gbp", 828),  # J117
    ("reading", "2021-22", "asc_fr_net_current_expenditure_cash_gbp", 34223.94 - 243),  # S145 less Q145
    # A third party's table of the outturn, "Adult_Social_Care"
    ("england", "2019-20", "ro3_net_current_expenditure_cash_gbp", 16905497),  # record 2172
    ("england", "2020-21", "ro3_net_current_expenditure_cash_gbp", 18715204),  # record 1729
    ("england", "2021-22", "ro3_net_current_expenditure_cash_gbp", 18968544),  # record 1290
    ("devon", "2021-22", "ro3_net_current_expenditure_cash_gbp", 296224),  # record 1176
    ("reading", "2021-22", "difference_net_current_cash_gbp", 50864 - (34223.94 - 243)),  # record 899
    # RO3: RO3_LA_Data of the year, line RO3-asctot, C4
    ("england", "2022-23", "ro3_sales_fees_and_charges_cash_gbp", 3611177.7584005734),  # LA439
    ("devon", "2023-24", "ro3_sales_fees_and_charges_cash_gbp", 79065),  # LA103
    ("southwark", "2023-24", "ro3_sales_fees_and_charges_cash_gbp", -1),  # LA326
    ("england", "2024-25", "ro3_sales_fees_and_charges_cash_gbp", 4753105.10072),  # KM418, second release
    ("southwark", "2024-25", "ro3_sales_fees_and_charges_cash_gbp", 451.04),  # KM319, second release
]


@pytest.mark.parametrize(("area_id", "year", "column", "figure"), RO3)
def test_returns_as_published(marts, area_id, year, column, figure):
    rows = marts.execute(
        f"select {column} from mart_finance_reconciliation where area_id = ? and financial_year = ?",
        [area_id, year],
    ).fetchall()
    assert rows == [(same(figure * 1000),)]


@pytest.mark.parametrize("year", ["2020-21", "2021-22"])
def test_net_of_two_returns_in_every_council(marts, year):
    """Net total less capital charges of table 3, beside the third party's table, every council."""
    table = raw("asc_fr", "2021-22").filter((pl.col("table") == "T3") & (pl.col("year") == year))
    printed = defaultdict(dict)
    for gss, measure, value in table.select("gss_code", "measure", "value").iter_rows():
        printed[council_of("gss").get(gss)][measure] = value
    outturn = raw("mhclg_ro_multi", "2017-18_to_2023-24_derived").filter(
        (pl.col("service") == "Adult_Social_Care") & (pl.col("year") == year)
    )
    nets = {council_of("gss").get(gss): net for gss, net in outturn.select("gss_code", "value").iter_rows()}
    rows = marts.execute(
        "select area_id, asc_fr_net_current_expenditure_cash_gbp, ro3_net_current_expenditure_cash_gbp, "
        "relative_difference_net_current, comparison from mart_finance_reconciliation "
        "where financial_year = ? and area_level = 'council'",
        [year],
    ).fetchall()
    compared = 0
    for area, asc_fr, ro3, difference, comparison in rows:
        cells = printed[area]
        if (net := cells.get("Net Total Expenditure")) is not None:
            net -= cells["Gross Total Expenditure"] - cells["Gross Current Expenditure"]
        assert not differs(asc_fr, net and net * 1000), area
        assert not differs(ro3, nets.get(area) and nets[area] * 1000), area
        both = net is not None and nets.get(area) is not None
        assert not differs(difference, nets[area] / net - 1 if both else None), area
        assert comparison == ("net current expenditure only" if both else "none")
        compared += both
    assert compared == {"2020-21": 149, "2021-22": 150}[year]


def test_printed_totals_are_the_workbook_s_rounded():
    """Where the workbook of 2021-22 has a total that the overview prints, it rounds to what is printed."""
    cells = raw("asc_fr", "2021-22").filter(pl.col("gss_code").is_in(["E92000001", ""]))
    tables = {
        "total_expenditure": ("T5", "Total", ""),
        "gross_current_expenditure": ("T4", "Gross Current Expenditure", "price_basis=Cash Terms"),
    }
    compared = 0
    for row in seed("asc_fr_england_published"):
        assert row["locator"].endswith(f"column {row['financial_year']}")
        if row["measure"] not in tables:
            continue
        table, measure, detail = tables[row["measure"]]
        found = cells.filter(
            (pl.col("table") == table)
            & (pl.col("measure") == measure)
            & (pl.col("year") == row["financial_year"])
            & pl.col("detail").str.contains(detail, literal=True)
        )["value"].to_list()
        for thousands in found:
            assert f"{thousands / 1e6:.2f}" == row["amount_gbp_billion"], row
            compared += 1
    assert compared == 5


@pytest.mark.parametrize("year", ["2022-23", "2023-24", "2024-25"])
def test_ro3_totals_of_every_council(marts, year):
    figures = raw("mhclg_ro3", year).filter(pl.col("line_code") == "RO3-asctot")
    expected = defaultdict(dict)
    for code, gss, measure, value in figures.select(
        "authority_code", "gss_code", "measure", "value"
    ).iter_rows():
        area = "england" if code == "Eng" else council_of("gss").get(gss)
        if area:
            expected[area][measure.split(" (")[0]] = value and value * 1000
    rows = marts.execute(
        "select area_id, ro3_total_expenditure_cash_gbp, ro3_expenditure_less_other_income_cash_gbp, "
        "ro3_net_current_expenditure_cash_gbp, ro3_missing_reason "
        "from mart_finance_reconciliation where financial_year = ?",
        [year],
    ).fetchall()
    assert len(rows) > 150
    for area, total, gross, net, reason in rows:
        published = expected[area]
        assert not differs(total, published.get("Total Expenditure")), area
        assert not differs(net, published.get("Net Current Expenditure")), area
        if total is not None:
            assert gross == same(published["Total Expenditure"] - published["Other Income"])
        assert (total is None) == (reason is not None)
    england = sum(total for area, total, *_ in rows if area != "england" and total is not None)
    # The publisher's England includes estimates for councils without a return.
    assert england <= expected["england"]["Total Expenditure"] * (1 + 1e-9)
    assert england > expected["england"]["Total Expenditure"] * 0.9


# --- Scotland ----------------------------------------------------------------------------------------------


def test_scotlands_options_as_published(marts):
    """Options proportion 2020/21, Scotland, all ages, lines 86, 93, 100 and 107."""
    people = {"option_1": 6045, "option_2": 5515, "option_3": 76765, "option_4": 4770}
    rows = marts.execute(
        "select option, people, share, published_share from mart_sds_options where area_id = 'scotland' "
        "and financial_year = '2020-21' and split = 'options_exclusive' and age_group = 'All Ages' "
        "order by option"
    ).fetchall()
    assert [row[:2] for row in rows] == list(people.items())
    assert [row[2] for row in rows] == [same(count / 93095) for count in people.values()]
    assert [row[3] for row in rows] == [same(share) for share in (0.06, 0.06, 0.82, 0.05)]


def test_options_of_every_partnership(marts):
    ids = {row["alias"]: row["partnership_id"] for row in seed("scottish_partnership_aliases")}
    figures = raw("phs_sds", "2020-21").filter(
        (pl.col("table") == "options_proportion") & (pl.col("measure") == "number")
    )
    expected = {}
    for row in figures.iter_rows(named=True):
        option = row["option"].removesuffix(" Only").lower().replace(" ", "_")
        expected[ids[row["area"].lower()], row["year"], row["age_group"], option] = row["value"]
    totals = defaultdict(float)
    for key, people in expected.items():
        totals[key[:3]] += people
    rows = marts.execute(
        "select area_id, financial_year, age_group, option, people, share from mart_sds_options "
        "where split = 'options_exclusive' and missing_reason is null"
    ).fetchall()
    assert {tuple(row[:4]) for row in rows} == set(expected)
    assert len(rows) == len(expected)
    for *key, people, share in rows:
        total = totals[tuple(key[:3])]
        assert people == expected[tuple(key)]
        assert not differs(share, people / total if total else None)


def test_partnerships_that_did_not_submit(marts):
    """The trend has 32 partnerships in every year; the detail files leave out those that did not submit."""
    figures = raw("phs_sds", "2020-21").filter(~pl.col("area").str.starts_with("Scotland"))
    trend = figures.filter(pl.col("table") == "trend")
    detail = figures.filter(pl.col("table") == "options_chosen")
    ids = {row["alias"]: row["partnership_id"] for row in seed("scottish_partnership_aliases")}
    absent = set()
    for year in detail["year"].unique():
        everyone = {ids[area.lower()] for area in trend.filter(pl.col("year") == year)["area"]}
        there = {ids[area.lower()] for area in detail.filter(pl.col("year") == year)["area"]}
        assert len(everyone) == 32
        absent |= {(council, year) for council in everyone - there}
    carried = marts.execute(
        "select distinct area_id, financial_year from mart_sds_options where is_carried_forward"
    ).fetchall()
    missing = marts.execute(
        "select area_id, financial_year from mart_sds_options "
        "where split = 'options' and missing_reason is not null"
    ).fetchall()
    assert set(carried) == set(missing) == absent
    assert len(missing) == len(absent) == 10


# --- Talking therapies -------------------------------------------------------------------------------------


def test_englands_recovery_as_published(marts):
    """2024-25: lines 2662 (referrals), 2663 (finished), 2665 (not at caseness), 2672 and 2674 of the file."""
    row = marts.execute(
        "select referrals_received, courses_finished, eligible_to_recover, recovered, recovery_rate, "
        "reliable_recovery_rate, finished_per_referral from mart_therapy_provider_outcomes "
        "where financial_year = '2024-25' and provider_class = 'all'"
    ).fetchone()
    assert row[:4] == (1813432, 670419, 670419 - 35234, 321061)
    assert row[4:] == (same(321061 / 635185), same(301815 / 635185), same(670419 / 1813432))


def provider_class(code: str) -> str:
    rules = seed("provider_classes")
    exact = [
        rule["provider_class"] for rule in rules if rule["rule_kind"] == "org_code" and rule["rule"] == code
    ]
    pattern = [
        rule["provider_class"]
        for rule in rules
        if rule["rule_kind"] == "pattern" and re.search(rule["rule"], code)
    ]
    return (exact + pattern + ["unknown"])[0]


def test_recovery_of_every_class_of_provider(marts):
    counts = (
        raw("nhse_talking_therapies", "2017-18_to_2024-25")
        .filter((pl.col("statistic") == "count") & (pl.col("org_type") == "Provider"))
        .filter(pl.col("measure").is_in(["finished_course_treatment", "not_at_caseness", "recovery"]))
        .pivot(on="measure", index=["year", "org_code", "org_name"], values="value")
    )
    assert not counts.select("year", "org_code").is_duplicated().any()
    expected = defaultdict(lambda: [0, 0, 0.0, 0.0])
    for row in counts.iter_rows(named=True):
        figures = (row["recovery"], row["finished_course_treatment"], row["not_at_caseness"])
        sums = expected[row["year"], provider_class(row["org_code"])]
        sums[0] += 1
        if None in figures:
            sums[1] += 1
        else:
            sums[2] += figures[0]
            sums[3] += figures[1] - figures[2]
    rows = marts.execute(
        "select financial_year, provider_class, providers, providers_left_out, recovered, "
        "eligible_to_recover, recovery_rate from mart_therapy_provider_outcomes where provider_class != 'all'"
    ).fetchall()
    assert {row[:2] for row in rows} == set(expected)
    for year, name, providers, left_out, recovered, eligible, rate in rows:
        assert [providers, left_out, recovered, eligible] == expected[year, name]
        assert rate == same(recovered / eligible)


# --- NHS spend, evidence, gaps -----------------------------------------------------------------------------

NHS_SPEND = [
    # dashboard Q4 2021/22; pounds
    ("all CCG spend", "2021-22", 12680741420.216902),  # MHF(ii_a)_FINAL CALC!W11
    ("specialised commissioning", "2021-22", 2327e6),  # Dashboard!E88
    ("all NHS spend", "2021-22", 15007.7414202169e6),  # Dashboard!F88
    # CR(iii_c)_FINAL CALC!AD11 to AG11, four quarters
    ("out of area placements", "2020-21", 21357634 + 28847128 + 31912688 + 32438630),
]


@pytest.mark.parametrize(("category", "year", "figure"), NHS_SPEND)
def test_nhs_spend_as_published(marts, category, year, figure):
    rows = marts.execute(
        "select amount_cash_gbp from mart_nhs_mental_health_spend where area_level = 'england' "
        "and stage = 'actual' and category = ? and financial_year = ?",
        [category, year],
    ).fetchall()
    assert rows == [(same(figure),)]


def test_ccgs_make_england_from_2017_18_on(marts):
    rows = marts.execute(
        "select financial_year, sum(amount_cash_gbp) filter (where area_level = 'ccg'), "
        "sum(amount_cash_gbp) filter (where area_level = 'england') from mart_nhs_mental_health_spend "
        "where category = 'all CCG spend' and stage = 'actual' and financial_year >= '2017-18' group by all"
    ).fetchall()
    assert len(rows) == 5
    assert all(ccgs == pytest.approx(england, rel=1e-9) for _, ccgs, england in rows)


def test_findings_as_the_register_states_them(marts):
    """65 findings, 24 of which restate the survey; line 2: cost about 280 with a budget, 300 without."""
    assert marts.execute(
        "select count(*), count(*) filter (where restates_ascs) from mart_evidence_findings"
    ).fetchone() == (65, 24)
    assert marts.execute(
        "select estimate, comparator_value from mart_evidence_findings where finding_id = 'IBSEN2008-cost'"
    ).fetchone() == (280, 300)


def test_studies_are_counted_and_not_findings(marts):
    """Typed from the register: which study or pilot has a finding for the budget, and where it was read."""
    favour = marts.execute(
        "select study_group, count(*), count(*) filter (where read_at_source) from mart_evidence_findings "
        "where not restates_ascs and direction = 'favours_budget' group by 1 order by 1"
    ).fetchall()
    assert favour == [
        ("individual_budgets_pilot", 5, 0),
        ("personal_health_budgets_pilot", 5, 2),
        ("scie_37", 1, 0),
    ]


def test_every_empty_outcome_is_a_gap(marts, mart_outcomes):
    """A council without a figure, or without a row of a measure that other councils of the year have."""
    councils = set(
        marts.execute("select council_id, financial_year from mart_choice_and_outcomes").fetchall()
    )
    there = {key for key, row in mart_outcomes.items() if row["area_level"] == "council"}
    empty = [key for key in there if mart_outcomes[key]["value"] is None]
    measured = {key[1:] for key in there if mart_outcomes[key]["value"] is not None}
    absent = [
        (council, year, measure)
        for year, measure in measured
        for council, in_force in councils
        if in_force == year and (council, year, measure) not in there
    ]
    assert marts.execute(
        "select count(*) from mart_gaps where dataset = 'ascof' and gap_level = 'council'"
    ).fetchone() == (len(empty) + len(absent),)
    assert marts.execute("select count(*) from mart_gaps where reason is null").fetchone() == (0,)
