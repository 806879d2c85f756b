"""What rounds of an assessment show: ratings by theme, round and role, as counts and medians of levels.

Levels are ordinal: they are counted and put in order, never averaged. There is no score across themes.
`cells` says what is counted at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from commissioning.base.counting import counted
from commissioning.practice import cells
from commissioning.practice.cells import Group, Levels, groups
from commissioning.practice.forms import NOT_RELEVANT, TEXTS, Framework, Round
from commissioning.practice.pages import facts_table, table
from commissioning.practice.thresholds import threshold
from commissioning.site.formats import day

# In words


def between(what: Framework, levels: Levels | None, word: str = "between") -> str:
    if levels is None:
        return "not rated"
    low, high = (what.levels[n] for n in levels)
    return low if low == high else f"{word} {low} and {high}" if word == "between" else f"{low} to {high}"


MOVES = ("higher", "the same", "lower", "cannot be told", "not rated")


def order(before: Levels | None, after: Levels | None) -> str:
    """How a median moved. One between two levels is higher where no end fell, and lower where none rose."""
    if before is None or after is None:
        return "not rated"
    if before == after:
        return "the same"
    ends = [new - old for old, new in zip(before, after, strict=True)]
    return "higher" if min(ends) >= 0 else "lower" if max(ends) <= 0 else "cannot be told"


def travelled(before: Sequence[Group], after: Sequence[Group]) -> str:
    """How the medians of elements moved, in words: element by element, so that another mix is no movement."""
    if not before:
        return "cannot be told"
    moves = Counter(order(old.middle, new.middle) for old, new in zip(before, after, strict=True))
    first, *others = [one for one in MOVES if moves[one]]
    return ", ".join(
        [f"{first} in {_elements_in_words(moves[first])}", *(f"{one} in {moves[one]}" for one in others)]
    )


def _elements_in_words(number: int) -> str:
    return f"{number} element{'' if number == 1 else 's'}"


def apart(found: Round, theme: str) -> str:
    """How the roles of a theme differ over the elements that all of them rated."""
    held, what = cells.cells(found), found.framework
    by_role = {role: cells.of(found, held, theme, role=role) for role in cells.roles_of(held, theme)}
    shown = {role: group for role, group in by_role.items() if group.is_shown}
    hidden = [role for role in by_role if role not in shown]
    told = f" Not shown: {', '.join(hidden)}." if hidden else ""
    if len(shown) < 2:
        return f"Fewer than two roles can be shown.{told}"
    if not (shared := cells.common(group.cells for group in shown.values())):
        return f"Cannot be told: no element is shown of all these roles.{told}"
    over = [cells.of(found, held, theme, role=role, within=shared) for role in shown]
    verdict = "Medians agree" if len({group.middle for group in over}) == 1 else "Medians differ"
    each = "; ".join(
        f"{group.role} {between(what, group.middle)} (middle half {between(what, group.half, 'to')})"
        for group in over
    )
    return f"{verdict}: {each}. Over {_elements_in_words(len(shared))}.{told}"


# Report


def report(rounds: Sequence[Round], *, with_text: bool = False) -> str:
    """The report in Markdown."""
    what = rounds[0].framework
    found = [groups(one) for one in rounds]
    least = threshold("smallest_group")
    heads = {f"round_{one.number}": f"Round {one.number}" for one in rounds}
    parts = [
        "There is no pass mark and no score across themes. Levels have an order and no distance, so they are "
        "counted and never averaged. The median is the level in the middle when ratings are put in order. "
        "The middle half is what is left of them when a quarter, rounded down, is taken off at each end. "
        f"Ratings of an element by a role are counted where at least {least} people gave them, and otherwise "
        f"nowhere, in no total either. Roles of fewer than {least} people in a round are put together first. "
        "Rounds may have been answered by different people.\n",
        "## About this assessment\n",
        facts_table(_about(rounds)),
        "## Distance travelled\n",
        "Medians are taken over the elements that are shown of a role in the first round and in the last, so "
        "a role that the other tables show may have none here: not shown in both rounds. "
        "The last column says how many elements' own medians moved: a theme's median also moves where people "
        "rate more of one element and less of another. A move cannot be told where no element is shown of "
        "the role in both, or where one end of a median rose and the other fell.\n",
        table(distance(rounds), {"theme": "Theme", "role": "Role", **heads, "moved": "First to last"}),
        "## Where roles differ\n",
        "Medians and middle halves are taken over the elements that are shown of every role named, in that "
        "round alone. They may differ from those under Distance travelled, which are over elements of two "
        "rounds, and from those of the theme's own table, which are over all elements shown.\n",
        table(_apart(rounds), {"theme": "Theme", **heads}),
    ]
    for theme in what.themes:
        parts += [f"## {theme}\n", table(_spread(what, theme, found), _spread_heads(what))]
        parts += [
            "### Its elements, all roles shown\n",
            table(_elements(what, theme, found), _spread_heads(what, "element")),
        ]
    if with_text:
        parts += ["## What was written\n", table(_texts(rounds), TEXT_HEADS)]
    parts += ["## Source\n", facts_table([("Read", what.source), ("Note", what.note or "none")])]
    return "\n".join(parts)


def _about(rounds: Sequence[Round]) -> list[tuple[str, str]]:
    what = rounds[0].framework
    rows = [("Framework", what.name), ("What it is", what.what_it_is)]
    if what.use_as == "menu":
        rows.append(("How to use it", "As a menu: nothing is lacking where an element is not used"))
    rows += [
        (f"Round {one.number}", f"{day(one.date)}, {counted(len(one.responses), 'response')}{_left_out(one)}")
        for one in rounds
    ]
    rows.append(("Levels, lowest first", f"{', '.join(what.levels)}. They are {what.whose_levels}"))
    return [*rows, ("Published scores", "None is held to set beside these")]


def _left_out(found: Round) -> str:
    held = cells.cells(found)
    left = sum(len(cell.ratings) for cell in held if not cell.is_counted)
    return f", {left} of {sum(len(cell.ratings) for cell in held)} ratings not counted" if left else ""


def _middle(group: Group) -> str:
    if not group.is_shown:
        return "not shown"
    return f"{between(group.round.framework, group.middle)} ({group.responses} responses)"


def distance(rounds: Sequence[Round]) -> list[dict[str, str]]:
    """By theme and role: the median of each round, and how the elements of the first and the last moved."""
    held = [cells.cells(one) for one in rounds]
    made = []
    for theme in rounds[0].framework.themes:
        for role in sorted({role for one in held for role in cells.roles_of(one, theme)}):
            first, last = (cells.of(rounds[n], held[n], theme, role=role) for n in (0, -1))
            shared = cells.common([first.cells, last.cells])
            row = {"theme": theme, "role": role}
            for one, its in zip(rounds, held, strict=True):
                group = cells.of(one, its, theme, role=role, within=shared)
                by_itself = cells.of(one, its, theme, role=role).is_shown
                row[f"round_{one.number}"] = (
                    "not shown in both rounds" if by_itself and not group.is_shown else _middle(group)
                )
            before, after = (
                [cells.of(rounds[n], held[n], theme, role=role, element=one) for one in shared]
                for n in (0, -1)
            )
            made.append(row | {"moved": travelled(before, after) if len(rounds) > 1 else "one round"})
    return made


def _apart(rounds: Sequence[Round]) -> list[dict[str, str]]:
    return [
        {"theme": theme} | {f"round_{one.number}": apart(one, theme) for one in rounds}
        for theme in rounds[0].framework.themes
    ]


def _spread_heads(what: Framework, kind: str = "role") -> dict[str, str]:
    levels = {f"level_{n}": level for n, level in enumerate(what.levels)}
    return {
        "name": f"Round and {kind}",
        "responses": "Responses",
        **levels,
        "none": "Not relevant",
        "half": "Middle half",
    }


def _counts(name: str, group: Group) -> dict[str, str]:
    levels = range(len(group.round.framework.levels))
    if not group.is_shown:
        return {
            "name": name,
            "responses": "–",
            **{f"level_{n}": "–" for n in levels},
            "none": "–",
            "half": "not shown",
        }
    return {
        "name": name,
        "responses": str(group.responses),
        **{f"level_{n}": str(group.levels[n]) for n in levels},
        "none": str(group.not_relevant),
        "half": between(group.round.framework, group.half, "to"),
    }


def _spread(what: Framework, theme: str, found: list[list[Group]]) -> list[dict[str, str]]:
    return [
        _counts(f"{group.round.number}, {group.role}", group)
        for made in found
        for group in made
        if group.theme == theme and not group.element
    ]


def _elements(what: Framework, theme: str, found: list[list[Group]]) -> list[dict[str, str]]:
    return [
        _counts(f"{group.round.number}, {what.elements[group.element].name}", group)
        for made in found
        for group in made
        if group.theme == theme and group.element
    ]


TEXT_HEADS = {"round": "Round", "element": "Element", "kind": "What", "text": "Said"}


def _texts(rounds: Sequence[Round]) -> list[dict[str, str]]:
    """Free text on counted cells, without the role and in the order of its letters, so that no row leads to a
    respondent."""
    rows = {
        (one.number, list(one.framework.elements).index(rating.element), kind, rating.texts[kind])
        for one in rounds
        for cell in cells.cells(one)
        if cell.is_counted
        for rating in cell.ratings
        for kind in TEXTS
        if kind in rating.texts
    }
    elements = list(rounds[0].framework.elements.values())
    return [
        {"round": str(number), "element": elements[n].name, "kind": kind.replace("_", " "), "text": text}
        for number, n, kind, text in sorted(rows)
    ]


CSV = ("round", "date", "theme", "element", "role", "responses", "level", "ratings", "shown")


def rows(rounds: Sequence[Round]) -> list[tuple]:
    """Counts by level, a row each; a group that is not shown has one row without a count. No free text."""
    made = []
    for one in rounds:
        for group in groups(one):
            start = (one.number, one.date, group.theme, group.element, group.role)
            if not group.is_shown:
                made.append((*start, "", "", "", "no"))
                continue
            counts = zip(
                (*one.framework.levels, NOT_RELEVANT), (*group.levels, group.not_relevant), strict=True
            )
            made += [(*start, group.responses, level, count, "yes") for level, count in counts]
    return made
