"""A synthetic comparison finds a known made-up change, covers what it should, and refuses what it should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up import FROM, YEARS, marts, panel

from commissioning.base.errors import ComparisonRefused, PracticeError
from commissioning.commands.compare_path import in_words
from commissioning.practice import compare_path, thresholds
from commissioning.practice.paths import as_good, fit


def test_a_known_change_is_found_within_the_placebo_spread():
    found = compare_path(marts(panel(change=8)), "Town 00", "control", FROM)
    low, high = found.interval
    assert low <= 8 <= high and found.exceeds_noise
    assert found.rank <= 0.05
    assert abs(sum(weight for _, weight in found.weights) - 1) < 0.05
    assert [y.low is None for y in found.years] == [True] * 6 + [False] * 3
    assert found.years[0].peers == 15 and found.years[0].peer_median


def test_no_change_is_told_as_noise():
    found = compare_path(marts(panel(change=0)), "town-00", "control", FROM)
    assert not found.exceeds_noise
    assert found.placebo_spread[0] < 0 < found.placebo_spread[1]
    assert found.detectable > 0
    assert "cannot be told from noise" in found.verdict


def test_intervals_cover_a_known_change_as_often_as_they_say():
    """Forty made-up panels: the interval is one of 95%, and two or three may miss."""
    covered, kept = 0, 0
    for seed in range(40):
        found = fit(panel(seed, change=5), 6)
        if found.problems(39):
            continue
        kept += 1
        covered += found.change - found.spread[1] <= 5 <= found.change - found.spread[0]
        assert 0.9 <= found.coverage <= 1
    assert kept >= 30
    assert covered / kept >= 0.88


def refused(db, **options) -> str:
    with pytest.raises(ComparisonRefused) as error:
        compare_path(db, "town-00", "control", options.pop("year", FROM), **options)
    return error.value.found


def test_a_council_unlike_all_others_is_refused():
    values = panel()
    values[0] += 40
    assert "misses the years before" in refused(marts(values))


def test_a_council_that_had_left_before_is_refused():
    values = panel()
    values[0, 5:] += 12
    assert "last year before the change" in refused(marts(values)) or "misses" in refused(marts(values))


def test_too_few_comparable_years_are_refused():
    assert "2 comparable years" in refused(marts(panel(), ["old"] * 4 + ["new"] * 5))
    assert "comparable years" in refused(marts(panel()), year=YEARS[2])


def test_a_council_with_a_missing_year_or_another_area_is_refused():
    db = marts(panel())
    db.execute(
        "update mart_council_outcomes set value = null where area_id = 'town-00' and financial_year = ?",
        [YEARS[1]],
    )
    assert YEARS[1] in refused(db)
    db = marts(panel())
    db.execute("insert into dim_council_successor values ('town-00', 'town-01', date '2014-04-01')")
    assert "area changed on 1 April 2014" in refused(db)


def test_too_few_councils_are_refused():
    assert "39 are needed" in refused(marts(panel()), leave_out=[f"town-{n:02}" for n in range(1, 30)])


def test_councils_that_moved_are_left_out():
    values = panel()
    db = marts(values)
    db.executemany(
        "insert into mart_council_outcomes"
        " values ('council', ?, ?, 'other', 'Other', 'per cent', 'survey', ?, null, null, 'x')",
        [
            (f"town-{n:02}", year, float(50 + (40 if 1 <= n < 8 and y > 5 else 0) + n / 10))
            for n in range(60)
            for y, year in enumerate(YEARS)
        ],
    )
    found = compare_path(db, "town-00", "control", FROM, steady="other")
    moved = {name for name, reason in found.left_out if "moved" in reason}
    assert moved == {f"town-{n:02}" for n in range(1, 8)}
    assert np.isfinite(found.change)


def test_figures_that_cannot_be_compared_are_refused_by_name():
    assert "the same figures" in refused(marts(np.full((60, 9), 50.0)))
    values = panel()
    values[3, 2] = np.nan
    with pytest.raises(PracticeError, match="not a number") as error:
        compare_path(marts(values), "town-00", "control", FROM)
    assert error.value.where == f"control, town-03, {YEARS[2]}"


def test_a_council_is_not_left_out_of_its_own_comparison():
    with pytest.raises(PracticeError, match="council itself") as error:
        compare_path(marts(panel()), "town-00", "control", FROM, leave_out=["Town 00"])
    assert error.value.where == "--leave-out"


def test_only_near_misses_of_a_council_are_offered():
    db = marts(panel())
    db.execute("insert into dim_council values ('sunderland', 'Sunderland', null, null)")
    for named, near in (("england", False), ("sunderlnad", True)):
        with pytest.raises(PracticeError) as error:
            compare_path(db, named, "control", FROM)
        assert ("sunderland" in error.value.expected) is near


def with_other(values: np.ndarray, other: np.ndarray):
    """Marts with a second measure, of the same councils and years."""
    db = marts(values)
    db.executemany(
        "insert into mart_council_outcomes"
        " values ('council', ?, ?, 'other', 'Other', 'per cent', 'survey', ?, null, null, 'x')",
        [(f"town-{n:02}", year, float(other[n, y])) for n in range(60) for y, year in enumerate(YEARS)],
    )
    return db


def test_steady_councils_are_not_told_by_the_outcome():
    values = panel()
    other = np.random.default_rng(2).normal(scale=0.1, size=values.shape)
    assert "outcome measure itself" in refused(marts(values), steady="control")
    # The same figure in another unit, turned round, or with a little beside it.
    for same in (values / 100, 100 - values, values + other):
        assert "moves with the outcome" in refused(with_other(values, same), steady="other")
    other += np.arange(60)[:, None]
    assert compare_path(with_other(values, other), "town-00", "control", FROM, steady="other").steady


@pytest.mark.parametrize(
    ("council", "measure", "year", "said"),
    [
        ("nowhere", "control", FROM, "no such council"),
        ("town-00", "contrl", FROM, "no such measure"),
        ("town-00", "control", "2016", "not a financial year"),
    ],
)
def test_what_is_not_there_is_named(council, measure, year, said):
    with pytest.raises(PracticeError, match=said):
        compare_path(marts(panel()), council, measure, year)


def test_every_judgement_has_its_reason():
    for name, entry in thresholds._read().items():
        assert set(entry) == {"value", "unit", "reason"} and len(entry["reason"].split()) > 5, name


def test_a_year_that_is_left_out_is_named():
    db = marts(panel())
    db.execute(
        "update mart_council_outcomes set value = null where area_id = 'town-00' and financial_year = ?",
        [YEARS[7]],
    )
    found = compare_path(db, "town-00", "control", FROM)
    assert found.missing == ((YEARS[7], "no figure is published for the council"),)
    assert f"Without {YEARS[7]}" in in_words(found)[0]


def test_a_refusal_says_which_years_would_do():
    with pytest.raises(ComparisonRefused) as error:
        compare_path(marts(panel()), "town-00", "control", YEARS[2])
    assert error.value.expected == f"--from {' or '.join(YEARS[5:])}"


def test_steady_takes_the_nearest_comparable_years():
    db = marts(panel())
    db.executemany(
        "insert into mart_council_outcomes"
        " values ('council', ?, ?, 'other', 'Other', 'per cent', 'survey', ?, null, null, 'x')",
        [(f"town-{n:02}", YEARS[y], n + (40 if n == 3 and y > 5 else 0)) for n in range(60) for y in (2, 7)],
    )
    moved = [pair for pair in compare_path(db, "town-00", "control", FROM, steady="other").left_out]
    assert moved == [("town-03", f"other moved from {YEARS[2]} to {YEARS[7]}")]


def test_years_that_a_refusal_offers_are_not_refused_for_the_same():
    db = marts(panel())
    db.execute(
        "update mart_council_outcomes set value = null where area_id = 'town-00' and financial_year = ?",
        [YEARS[1]],
    )
    with pytest.raises(ComparisonRefused) as error:
        compare_path(db, "town-00", "control", FROM)
    assert "--from" not in error.value.expected and "comparable years before" in error.value.expected


def test_other_weights_that_fit_as_well_have_their_range():
    values = panel()
    values[0] = values[1:].mean(axis=0)
    values[0, 6:] += 8
    found = compare_path(marts(values), "town-00", "control", FROM)
    low, high = found.as_good
    # Equal weights are one such set, and with them the change is 8.
    assert low < 8 < high and low < found.change < high
    (line,) = [line for line in in_words(found) if "fit as well" in line]
    assert "between" in line and "Made of" in line


def test_the_range_is_that_of_all_weights_with_the_same_path_before():
    donors = np.array([[1.0, 2, 0], [1, 2, 10], [3, 4, 5]])
    assert as_good(donors, np.array([1.0, 2]), 2) == pytest.approx((0, 10))
    assert as_good(donors, np.array([3.0, 4]), 2) == pytest.approx((5, 5))
    assert as_good(donors, np.array([9.0, 9]), 2) is None


def test_where_the_range_cannot_be_worked_out_it_says_so():
    found = compare_path(marts(panel()), "town-00", "control", FROM)
    (line,) = [line for line in in_words(replace(found, as_good=None)) if "Made of" in line]
    assert "may fit as well" in line
    (line,) = [line for line in in_words(replace(found, as_good=(2.0, 2.0))) if "Made of" in line]
    assert "No other weights" in line
