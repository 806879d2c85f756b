"""A synthetic comparison finds a known made-up change, covers what it should, and refuses what it should."""

from __future__ import annotations

import contextlib
import csv
import itertools
from dataclasses import replace

import numpy as np
import pytest
from made_up import FROM, YEARS, marts, panel

from commissioning.base.errors import ComparisonRefused, PracticeError
from commissioning.commands.compare_path import in_words, write
from commissioning.practice import Comparison, compare_path, fitting, series, thresholds
from commissioning.practice.fitting import as_good, fit, weights_of


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
    """Forty made-up panels: the interval holds for all weights that fit equally well, and two or three of the
    narrower ones, of the weights that are taken, may miss."""
    covered, narrower, kept = 0, 0, 0
    for seed in range(40):
        found = fit(panel(seed, change=5), 6)
        if found.problems(39):
            continue
        kept += 1
        covered += found.interval[0] <= 5 <= found.interval[1]
        narrower += found.change - found.spread[1] <= 5 <= found.change - found.spread[0]
    assert kept >= 30
    assert covered / kept >= 0.95 and narrower / kept >= 0.88


def test_coverage_is_fixed_and_the_held_out_year_can_fail():
    """However the years after are, coverage is 1 - 2k/n. The share within in the held-out year falls where
    councils strayed by more before than after."""
    values = panel()
    for calmer in (1.0, 0.1):
        quiet = values.copy()
        quiet[:, 6:] = quiet[:, 5:6] + calmer * (quiet[:, 6:] - quiet[:, 5:6])
        quiet[:, 5] += np.random.default_rng(3).normal(scale=0 if calmer == 1 else 3, size=60)
        quiet[0] = quiet[1:].mean(axis=0)
        found = compare_path(marts(quiet), "town-00", "control", FROM)
        k = int(0.025 * (found.placebos + 1) + 1e-9)
        assert found.coverage == pytest.approx(1 - 2 * k / found.placebos)
        told = in_words(found)
        assert any("by construction" in line for line in told)
        assert any(line.startswith("Warning: that is fewer than 90%") for line in told) is (calmer < 1)
        assert (found.held_out_within < 0.9) is (calmer < 1)


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
    assert "between" in line
    # All weights are alike good here, and the sum of squares is least where they are nearly equal.
    assert max(weight for _, weight in found.weights) < 0.05


def test_the_range_is_that_of_all_weights_with_the_same_path_before():
    donors = np.array([[1.0, 2, 0], [1, 2, 10], [3, 4, 5]])
    assert as_good(donors, np.array([1.0, 2]), 2) == pytest.approx((0, 10))
    assert as_good(donors, np.array([3.0, 4]), 2) == pytest.approx((5, 5))
    assert as_good(donors, np.array([9.0, 9]), 2) is None


def test_where_the_range_cannot_be_worked_out_it_refuses(monkeypatch):
    found = compare_path(marts(panel()), "town-00", "control", FROM)
    assert any("No other weights" in line for line in in_words(replace(found, as_good=(2.0, 2.0))))
    monkeypatch.setattr(fitting, "as_good", lambda *given: None)
    assert "cannot be worked out" in refused(marts(panel()))


def few_years(seed: int, change: float) -> Comparison | None:
    """A comparison over few years of a council made of all others, whose weights are one set of many."""
    values = panel(seed)
    values[0] = values[1:].mean(axis=0)
    values[0, 6:] += change
    with contextlib.suppress(ComparisonRefused):
        return compare_path(marts(values[:, 1:], years=YEARS[1:]), "town-00", "control", FROM)
    return None


def test_verdict_interval_and_rank_never_contradict_each_other():
    """The verdict rests on all weights that fit equally well, and so do the interval and the rank."""
    outcomes = set()
    for seed, change in itertools.product(range(6), (0, 2, 4, 6, 9)):
        if (found := few_years(seed, change)) is None:
            continue
        (lowest, highest), (low, high) = found.as_good, found.placebo_spread
        assert lowest <= found.change <= highest
        is_left = lowest > high or highest < low
        assert found.exceeds_noise is is_left
        assert (not found.interval[0] <= 0 <= found.interval[1]) is is_left
        assert (found.rank <= 0.05) is is_left
        assert ("disagree" in found.verdict) is (not is_left and (lowest < low or highest > high))
        outcomes.add(found.outcome)
    assert outcomes == {"left", "noise", "weights disagree"}


def test_weights_follow_the_stated_rule():
    """Of weights that fit equally well those with the smallest sum of squares are taken, in any order."""
    random = np.random.default_rng(5)
    donors, years = random.normal(size=(60, 7)), 5
    target = donors.mean(axis=0)
    found = weights_of(target, donors, years)
    assert found.min() >= 0 and found.sum() == pytest.approx(1)
    assert found @ donors[:, :years] == pytest.approx(target[:years], abs=1e-6)
    # Equal weights fit perfectly, and no weights have a smaller sum of squares.
    assert found == pytest.approx(np.full(60, 1 / 60), abs=1e-6)
    order = random.permutation(60)
    assert weights_of(target, donors[order], years) == pytest.approx(found[order], abs=1e-6)


def test_councils_that_do_not_move_are_refused():
    """Each council at a level of its own, before and after: nothing can be seen in that, and no noise."""
    for change in (0, 3):
        flat = np.tile(np.round(40 + np.arange(60) * 0.3, 1)[:, None], (1, 9))
        flat[0] = 47.5
        flat[0, 6:] += change
        assert "no council that it can be compared with moves" in refused(marts(flat))
        # One unit of the last place may be rounding.
        flat[1::2, 2] += 0.1
        assert "no council that it can be compared with moves" in refused(marts(np.round(flat, 1)))


def test_noise_below_the_rounding_is_refused():
    """One council moves and all others stand, each at the level of nine others: what they show is dust."""
    flat = np.tile(40.0 + 3 * (np.arange(60) % 6)[:, None], (1, 9))
    flat[30] += [0, 0.3, 0, 0.3, 0, 0.3, 0, 0.3, 0]
    assert "less than the rounding" in refused(marts(np.round(flat, 1)))


def test_the_table_has_what_was_found(tmp_path):
    found = compare_path(marts(panel(change=8)), "town-00", "control", FROM)
    write(found, tmp_path / "path.csv")
    with (tmp_path / "path.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        assert float(row["change"]) == pytest.approx(found.change)
        assert float(row["interval_low"]) == pytest.approx(found.interval[0])
        assert float(row["interval_high"]) == pytest.approx(found.interval[1])
        assert (row["from_year"], row["outcome"]) == (FROM, "left")


def test_councils_that_ended_are_not_offered():
    db = marts(panel())
    db.execute("insert into dim_council values ('cumbria', 'Cumbria', null, date '2023-03-31')")
    with pytest.raises(PracticeError) as error:
        series.council_id(db, "cumbira")
    assert "cumbria" not in error.value.expected
    assert series.council_id(db, "Cumbria") == "cumbria"
