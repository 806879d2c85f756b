"""What rounds of an assessment show: ratings by theme, round and role, as counts and medians of levels.

Levels are ordinal: they are counted and put in order, never averaged. There is no score across themes. Groups
of fewer than five responses are not shown, nor any group from which one could be worked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from commissioning.practice.forms import NOT_RELEVANT, TEXTS, Framework, Response, Round
from commissioning.practice.pages import facts_table, table
from commissioning.practice.thresholds import threshold
from commissioning.site.formats import day

ALL = "all roles"


@dataclass(frozen=True)
class Group:
    """Ratings of a theme, or of one element, in a round by a role. `levels` is None where it is not shown."""

    round: Round
    theme: str
    element: str
    role: str
    responses: int
    levels: tuple[int, ...] | None
    not_relevant: int = 0

    @property
    def is_shown(self) -> bool:
        return self.levels is not None

    @property
    def sorted_levels(self) -> list[int]:
        return [n for n, count in enumerate(self.levels or ()) for _ in range(count)]

    @property
    def middle(self) -> tuple[int, int] | None:
        """The median as the two levels that it lies between, mostly the same one twice."""
        return self._at(0.5)

    @property
    def half(self) -> tuple[int, int] | None:
        """The levels between which the middle half of the ratings lie."""
        if not (levels := self.sorted_levels):
            return None
        cut = len(levels) // 4
        return levels[cut], levels[-1 - cut]

    def _at(self, share: float) -> tuple[int, int] | None:
        if not (levels := self.sorted_levels):
            return None
        return levels[int((len(levels) - 1) * share)], levels[int(len(levels) * share)]


def groups(found: Round) -> list[Group]:
    """Every group of a round: by theme and role, themes for all roles, and elements for all roles."""
    made = []
    for theme in found.framework.themes:
        elements = {e.id for e in found.framework.elements.values() if e.theme == theme}
        by_role: dict[str, list[Response]] = {}
        for response in found.responses:
            if any(rating.element in elements for rating in response.ratings):
                by_role.setdefault(response.role, []).append(response)
        hidden = suppressed({role: len(given) for role, given in by_role.items()})
        for role, given in sorted(by_role.items()):
            made.append(_group(found, theme, "", role, given, elements, role in hidden))
        everyone = [response for given in by_role.values() for response in given]
        made.append(_group(found, theme, "", ALL, everyone, elements, False))
        current = [e.id for e in found.framework.elements.values() if e.theme == theme and e.is_current]
        given_of = {
            element: [r for r in everyone if any(rating.element == element for rating in r.ratings)]
            for element in current
        }
        # The theme less the other elements would tell an element that is not shown.
        rated = {element: len(given) for element, given in given_of.items() if given}
        hidden = suppressed(rated)
        for element, given in given_of.items():
            made.append(_group(found, theme, element, ALL, given, {element}, element in hidden))
    return made


def suppressed(sizes: dict[str, int]) -> set[str]:
    """Roles or elements that are not shown: small ones, and as many more as keep these from being worked
    out."""
    least = threshold("smallest_group")
    hidden = {role for role, size in sizes.items() if size < least}
    for role in sorted(set(sizes) - hidden, key=lambda role: (sizes[role], role)):
        if not hidden or sum(sizes[one] for one in hidden) >= least:
            break
        hidden.add(role)
    return hidden


def _group(
    found: Round, theme: str, element: str, role: str, given: list[Response], elements: set[str], hide: bool
) -> Group:
    if hide or len(given) < threshold("smallest_group"):
        return Group(found, theme, element, role, len(given), None)
    ratings = [rating for response in given for rating in response.ratings if rating.element in elements]
    counts = Counter(rating.level for rating in ratings)
    levels = tuple(counts[n] for n in range(len(found.framework.levels)))
    return Group(found, theme, element, role, len(given), levels, counts[None])


# In words


def between(what: Framework, levels: tuple[int, int] | None, word: str = "between") -> str:
    if levels is None:
        return "not rated"
    low, high = (what.levels[n] for n in levels)
    return low if low == high else f"{word} {low} and {high}" if word == "between" else f"{low} to {high}"


def travelled(before: Group, after: Group) -> str:
    """How the median of a theme moved, in words: levels have an order and no distance."""
    if not before.is_shown or not after.is_shown:
        return f"not shown: fewer than {threshold('smallest_group')} responses"
    if before.middle is None or after.middle is None:
        return "not rated in both rounds"
    if before.middle == after.middle:
        same = before.levels == after.levels
        return "the same" if same else "the same in the middle, ratings moved around it"
    return "higher" if after.middle > before.middle else "lower"


def apart(what: Framework, roles: Sequence[Group]) -> str:
    """How the roles of a theme differ: the span of their medians, then the middle half of each."""
    shown = [one for one in roles if one.is_shown and one.middle]
    hidden = len(roles) - len(shown)
    told = f" Not shown: {hidden} of {len(roles)} roles." if hidden else ""
    if len(shown) < 2:
        return f"Fewer than two roles can be shown.{told}"
    low, high = min(shown, key=lambda one: one.middle), max(shown, key=lambda one: one.middle)
    span = (
        f"Medians agree: {between(what, low.middle)}."
        if low.middle == high.middle
        else f"From {between(what, low.middle)} ({low.role}) to {between(what, high.middle)} ({high.role})."
    )
    each = "; ".join(f"{one.role} {between(what, one.half, 'to')}" for one in shown)
    return f"{span} Middle halves: {each}.{told}"


# Report


def report(rounds: Sequence[Round], *, with_text: bool = False) -> str:
    """The report in Markdown."""
    what = rounds[0].framework
    found = [groups(one) for one in rounds]
    least = threshold("smallest_group")
    parts = [
        "There is no pass mark and no score across themes. Levels have an order and no distance, so they are "
        "counted and never averaged. The median is the level in the middle when ratings are put in order. "
        f"Groups of fewer than {least} responses are not shown, and a group is also left out where a smaller "
        "one could be worked out from it. Rounds may have been answered by different people.\n",
        "## About this assessment\n",
        facts_table(_about(rounds)),
        "## Distance travelled\n",
        table(_distance(rounds, found), _heads("Theme", rounds) | {"moved": "First to last"}),
        "## Where roles differ\n",
        table(_apart(rounds, found), _heads("Theme", rounds)),
    ]
    for theme in what.themes:
        parts += [f"## {theme}\n", table(_spread(what, theme, found), _spread_heads(what))]
        parts += [
            "### Its elements, all roles\n",
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
    rows += [(f"Round {one.number}", f"{day(one.date)}, {len(one.responses)} responses") for one in rounds]
    rows.append(("Levels, lowest first", ", ".join(what.levels)))
    return [*rows, ("Published scores", "None is held to set beside these")]


def _heads(first: str, rounds: Sequence[Round]) -> dict[str, str]:
    return {"theme": first} | {f"round_{one.number}": f"Round {one.number}" for one in rounds}


def _of(found: list[Group], theme: str, *, everyone: bool) -> list[Group]:
    return [g for g in found if g.theme == theme and not g.element and (g.role == ALL) == everyone]


def _middle(group: Group) -> str:
    if not group.is_shown:
        return "not shown"
    return f"{between(group.round.framework, group.middle)} ({group.responses} responses)"


def _distance(rounds: Sequence[Round], found: list[list[Group]]) -> list[dict[str, str]]:
    rows = []
    for theme in rounds[0].framework.themes:
        totals = [_of(one, theme, everyone=True)[0] for one in found]
        row = {"theme": theme}
        row |= {f"round_{g.round.number}": _middle(g) for g in totals}
        rows.append(row | {"moved": travelled(totals[0], totals[-1]) if len(totals) > 1 else "one round"})
    return rows


def _apart(rounds: Sequence[Round], found: list[list[Group]]) -> list[dict[str, str]]:
    what = rounds[0].framework
    return [
        {"theme": theme}
        | {
            f"round_{one.number}": apart(what, _of(made, theme, everyone=False))
            for one, made in zip(rounds, found, strict=True)
        }
        for theme in what.themes
    ]


def _spread_heads(what: Framework, kind: str = "role") -> dict[str, str]:
    levels = {f"level_{n}": level for n, level in enumerate(what.levels)}
    return {"name": f"Round and {kind}", **levels, "none": "Not relevant", "half": "Middle half"}


def _counts(name: str, group: Group) -> dict[str, str]:
    levels = range(len(group.round.framework.levels))
    if not group.is_shown:
        return {
            "name": name,
            **{f"level_{n}": "–" for n in levels},
            "none": "–",
            "half": "not shown",
        }
    return {
        "name": name,
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
    """Free text without the role, in the order of its letters, so that no row leads to a respondent."""
    rows = {
        (one.number, list(one.framework.elements).index(rating.element), kind, rating.texts[kind])
        for one in rounds
        for response in one.responses
        for rating in response.ratings
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
