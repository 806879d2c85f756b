"""What of an assessment's round is counted: cells that at least five people stand behind.

A cell is a role and an element, with the ratings that people of this role gave it. Every number that is
shown is a sum over counted cells, and a cell of fewer people is counted nowhere, in no total either. So no
sum or difference of what is shown can lead to fewer than five people. Small roles are put together first.
What is counted of a round depends on that round alone: a report of it beside other rounds tells no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from commissioning.practice.forms import Rating, Round
from commissioning.practice.thresholds import threshold
from commissioning.site.formats import and_

ALL = "all roles shown"
Levels = tuple[int, int]
"""Two levels between which a median or a half lies, mostly the same one twice."""


@dataclass(frozen=True)
class Cell:
    """Ratings of an element by the people of a role, or of small roles together."""

    theme: str
    element: str
    role: str
    people: frozenset[int]
    ratings: tuple[Rating, ...]

    @property
    def is_counted(self) -> bool:
        return len(self.people) >= threshold("smallest_group")


@dataclass(frozen=True)
class Group:
    """A row of a report: the sum of counted cells. Without one it is not shown."""

    round: Round
    theme: str
    element: str
    role: str
    cells: tuple[Cell, ...]

    @property
    def is_shown(self) -> bool:
        return bool(self.cells)

    @property
    def responses(self) -> int:
        """People, each counted once however many elements they rated."""
        return len(frozenset().union(*(cell.people for cell in self.cells)))

    @property
    def levels(self) -> tuple[int, ...]:
        """How many ratings there are of each level."""
        counts = Counter(rating.level for cell in self.cells for rating in cell.ratings)
        return tuple(counts[n] for n in range(len(self.round.framework.levels)))

    @property
    def not_relevant(self) -> int:
        return sum(rating.level is None for cell in self.cells for rating in cell.ratings)

    @property
    def middle(self) -> Levels | None:
        """The median as the two levels that it lies between; None where nothing was rated by degree."""
        levels = self._in_order()
        return (levels[(len(levels) - 1) // 2], levels[len(levels) // 2]) if levels else None

    @property
    def half(self) -> Levels | None:
        """The levels between which the middle half of the ratings lie."""
        levels = self._in_order()
        cut = len(levels) // 4
        return (levels[cut], levels[-1 - cut]) if levels else None

    def _in_order(self) -> list[int]:
        return [n for n, count in enumerate(self.levels) for _ in range(count)]


def together(roles: Iterable[str]) -> dict[str, str]:
    """The role that each is shown as: small ones are put together under one name that lists them."""
    sizes = Counter(roles)
    small = sorted(role for role, size in sizes.items() if size < threshold("smallest_group"))
    name = f"{and_(small)} together" if len(small) > 1 else "".join(small)
    return {role: name if role in small else role for role in sizes}


def cells(found: Round) -> list[Cell]:
    """Every cell of a round, counted or not, in the order of elements and roles."""
    shown_as = together(response.role for response in found.responses)
    given: dict[tuple[str, str], dict[int, Rating]] = {}
    for person, response in enumerate(found.responses):
        for rating in response.ratings:
            given.setdefault((rating.element, shown_as[response.role]), {})[person] = rating
    return [
        Cell(one.theme, one.id, role, frozenset(ratings), tuple(ratings.values()))
        for one in found.framework.elements.values()
        for role in sorted(set(shown_as.values()))
        if (ratings := given.get((one.id, role)))
    ]


def of(
    found: Round,
    held: Iterable[Cell],
    theme: str,
    *,
    role: str = ALL,
    element: str = "",
    within: Collection[str] | None = None,
) -> Group:
    """The counted cells of a theme, of a role or an element or within some elements where these are given."""
    kept = tuple(
        cell
        for cell in held
        if cell.is_counted
        and cell.theme == theme
        and role in (ALL, cell.role)
        and element in ("", cell.element)
        and (within is None or cell.element in within)
    )
    return Group(found, theme, element, role, kept)


def groups(found: Round) -> list[Group]:
    """Every row of a round: themes by role, themes for all roles, and elements for all roles."""
    held, made = cells(found), []
    for theme in found.framework.themes:
        for role in roles_of(held, theme):
            made.append(of(found, held, theme, role=role))
        made.append(of(found, held, theme))
        current = [one for one in found.framework.elements.values() if one.theme == theme and one.is_current]
        made += [of(found, held, theme, element=one.id) for one in current]
    return made


def roles_of(held: Iterable[Cell], theme: str) -> list[str]:
    """The roles that rated anything of a theme, shown or not."""
    return sorted({cell.role for cell in held if cell.theme == theme})


def common(held: Iterable[Iterable[Cell]]) -> list[str]:
    """The elements of which every one of these sets of cells has one, in the order of the first."""
    first, *others = ([cell.element for cell in cells] for cells in held)
    return list(dict.fromkeys(element for element in first if all(element in one for one in others)))
