"""Fewer than five people are in no number of a report, and no subtraction of its numbers leads to them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import random

import numpy as np
import pytest

from commissioning.practice import assessment, cells
from commissioning.practice.forms import Element, Framework, Rating, Response, Round

LEVELS = ("Not at all", "In part", "Mostly", "Throughout")
ROLES = ("carer", "commissioner", "provider", "finance")
LEAST = 5


def framework(*elements: str) -> Framework:
    held = {one: Element(one, one.title(), "Theme", True, "A test.") for one in elements}
    return Framework("made_up", "Made up", "levels", "A test.", "", "nowhere", LEVELS, held, "ours")


def made(what: Framework, *responses: tuple[str, dict[str, int | None]], number: int = 1) -> Round:
    """A round; every rating has a text of its own."""
    given = tuple(
        Response(role, tuple(Rating(e, level, {"helps": f"text {n} {e}"}) for e, level in ratings.items()))
        for n, (role, ratings) in enumerate(responses)
    )
    return Round(None, "line 3", what, number, dt.date(2026, number, 15), given)


def of_chance(seed: int) -> Round:
    """A small assessment. Some people rate all elements and others the first one alone, or what they like:
    small groups nest in larger ones."""
    chance = random.Random(seed)
    what = framework(*"abc"[: chance.randint(1, 3)])
    responses = []
    for _ in range(chance.randint(4, 14)):
        role = chance.choice(ROLES[: 1 + seed % 4])
        rated = chance.choice(
            (list(what.elements), ["a"], ["a"], [e for e in what.elements if chance.random() < 0.5])
        )
        responses.append((role, {e: chance.choice((0, 1, 2, 3, None)) for e in rated}))
    return made(what, *(one for one in responses if one[1]))


def changed(found: Round, person: int, element: str) -> Round:
    """The same round, with one rating one level on."""
    responses = list(found.responses)
    ratings = tuple(
        dataclasses.replace(one, level=((one.level or 0) + 1) % 4) if one.element == element else one
        for one in responses[person].ratings
    )
    responses[person] = dataclasses.replace(responses[person], ratings=ratings)
    return dataclasses.replace(found, responses=tuple(responses))


def numbers(found: Round) -> dict[tuple, object]:
    """The CSV's counts by row and level."""
    return {row[2:5] + row[6:7]: row[7] for row in assessment.rows([found])}


def pairs(found: Round) -> list[tuple[int, str]]:
    return [(n, rating.element) for n, one in enumerate(found.responses) for rating in one.ratings]


def behind(found: Round) -> np.ndarray:
    """For every row that is shown, which ratings are in it: those that change it, asked of the CSV alone."""
    before = numbers(found)
    shown = sorted({key[:3] for key, count in before.items() if count != ""})
    columns = []
    for person, element in pairs(found):
        after = numbers(changed(found, person, element))
        moved = {key[:3] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        columns.append([row in moved for row in shown])
    return np.array(columns, dtype=int).T.reshape(len(shown), len(pairs(found)))


def told_by_subtraction(found: Round) -> list[list[int]]:
    """The people of each group below five that sums and differences of shown rows single out."""
    rows = behind(found)
    distinct = np.unique(rows, axis=0)
    signs = np.array(list(itertools.product((-1, 0, 1), repeat=len(distinct))))
    sums = np.unique(signs @ distinct, axis=0)
    groups = sums[((sums == 0) | (sums == 1)).all(axis=1) & sums.any(axis=1)]
    people = np.array([person for person, _ in pairs(found)])
    return [who for one in groups if len(who := sorted(set(people[one.astype(bool)].tolist()))) < LEAST]


def test_the_brute_force_finds_a_group_that_is_singled_out(monkeypatch):
    """Were the total of a theme to count everybody, the three carers would be what the others leave."""
    found = made(framework("a"), *[("provider", {"a": 1})] * 6, *[("carer", {"a": 2})] * 3)
    counted = assessment.rows([found])

    def leaky(rounds):
        total = [rating.level for one in rounds[0].responses for rating in one.ratings]
        rows = [row for row in assessment_rows(rounds) if row[4] != cells.ALL]
        start = (1, found.date, "Theme", "", cells.ALL, 9)
        return rows + [(*start, level, total.count(n), "yes") for n, level in enumerate(LEVELS)]

    assessment_rows = assessment.rows
    assert told_by_subtraction(found) == [] and counted
    monkeypatch.setattr(assessment, "rows", leaky)
    assert told_by_subtraction(found) == [[6, 7, 8]]


@pytest.mark.parametrize("part", range(4))
def test_no_sum_or_difference_of_what_is_shown_leads_to_fewer_than_five_people(part):
    seen = 0
    for seed in range(part * 50, part * 50 + 50):
        found = of_chance(seed)
        assert not told_by_subtraction(found), seed
        seen += len(behind(found))
    assert seen > 50


def test_what_is_not_shown_changes_nothing_in_any_output():
    """Also in no sentence: a rating below five people can be anything, and the report reads the same."""
    hidden = 0
    for seed in range(8):
        found = of_chance(seed)
        shown = behind(found).any(axis=0) if len(behind(found)) else [False] * len(pairs(found))
        text = assessment.report([found], with_text=True)
        for (person, element), is_shown in zip(pairs(found), shown, strict=True):
            if not is_shown:
                hidden += 1
                assert assessment.report([changed(found, person, element)], with_text=True) == text
                assert f"text {person} {element}" not in text
    assert hidden > 20


def test_three_people_who_alone_rate_two_elements_are_in_no_number():
    what = framework("empathy", "engagement", "models")
    three = ("provider", {"empathy": 0, "engagement": 3, "models": 2})
    others = [("commissioner", {"empathy": 1})] * 5 + [("provider", {"empathy": 2})] * 2
    found = made(what, *[three] * 3, *others)
    shown = {row[3]: row[5] for row in assessment.rows([found]) if row[4] == cells.ALL and row[8] == "yes"}
    assert shown == {"": 10, "empathy": 10}
    total = {row[6]: row[7] for row in assessment.rows([found]) if row[3:5] == ("", cells.ALL)}
    assert list(total.values()) == [3, 5, 2, 0, 0]


def test_small_roles_are_counted_together_where_they_are_five():
    what = framework("a")
    four = made(what, *[(role, {"a": n}) for n, role in enumerate(ROLES) for _ in range(3)])
    label = "carer, commissioner, finance and provider together"
    assert {g.role: g.responses for g in cells.groups(four) if not g.element} == {
        label: 12,
        cells.ALL: 12,
    }
    three = made(what, *[("provider", {"a": 1})] * 7, *[("carer", {"a": 2})] * 3)
    assert {g.role: g.responses for g in cells.groups(three) if g.is_shown and not g.element} == {
        "provider": 7,
        cells.ALL: 7,
    }


def test_roles_that_can_be_shown_stay_beside_a_small_one_from_round_to_round():
    what = framework("a")
    for sizes in ((7, 6, 3), (6, 8, 4)):
        roles = zip(("commissioner", "provider", "carer"), sizes, strict=True)
        found = made(what, *[(role, {"a": len(role) % 3}) for role, size in roles for _ in range(size)])
        assert assessment.apart(found, "Theme").startswith("Medians differ: commissioner ")
        assert assessment.apart(found, "Theme").endswith("Not shown: carer.")


def test_free_text_of_a_small_group_is_not_printed():
    found = made(framework("a"), *[("provider", {"a": 1})] * 6, *[("carer", {"a": 2})] * 2)
    text = assessment.report([found], with_text=True)
    assert "text 5 a" in text and "text 6 a" not in text and "text 7 a" not in text


# How far it moved


def test_what_moved_is_counted_by_element():
    what = framework("a", "b", "c")
    before = made(what, *[("provider", {"a": 0, "b": 1, "c": 2})] * 5)
    after = made(what, *[("provider", {"a": 1, "b": 3, "c": 0})] * 5, number=2)
    (row,) = assessment.distance([before, after])
    assert row["moved"] == "higher in 2 elements, lower in 1"


def test_every_role_falls_and_none_is_said_to_have_risen():
    what = framework("a")
    before = made(what, *[("commissioner", {"a": 3})] * 5, *[("provider", {"a": 1})] * 9)
    after = made(what, *[("commissioner", {"a": 2})] * 9, *[("provider", {"a": 0})] * 5, number=2)
    told = {row["role"]: row["moved"] for row in assessment.distance([before, after])}
    assert told == {"commissioner": "lower in 1 element", "provider": "lower in 1 element"}


def test_rounds_that_rate_different_elements_cannot_be_compared():
    what = framework("a", "b")
    before = made(what, *[("provider", {"a": 0})] * 6)
    after = made(what, *[("provider", {"b": 3})] * 6, number=2)
    (row,) = assessment.distance([before, after])
    assert row["moved"] == "cannot be told"
    assert row["round_1"] == row["round_2"] == "not shown in both rounds"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((0, 2), (1, 1), "cannot be told"),
        ((0, 2), (1, 2), "higher"),
        ((0, 2), (0, 0), "lower"),
        ((1, 1), (1, 1), "the same"),
        ((1, 1), None, "not rated"),
    ],
)
def test_medians_are_in_order_where_both_ends_move_the_same_way(before, after, said):
    assert assessment.order(before, after) == said


def test_roles_that_rated_different_elements_are_not_held_against_each_other():
    found = made(framework("a", "b"), *[("provider", {"a": 0})] * 5, *[("carer", {"b": 3})] * 5)
    assert "no element is shown of all these roles" in assessment.apart(found, "Theme")


def test_roles_of_which_too_few_rated_the_same_are_not_said_to_have_rated_nothing_in_common():
    carers = [("carer", {"a": 1, "b": 3})] * 4 + [("carer", {"b": 3})]
    found = made(framework("a", "b"), *[("provider", {"a": 0})] * 5, *carers)
    assert "rated no element" not in assessment.apart(found, "Theme")
