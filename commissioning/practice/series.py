"""A measure's yearly figures by council, from the published marts, within one stretch of comparable years."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from commissioning.base.choices import expected
from commissioning.base.errors import PracticeError
from commissioning.practice.figures import SHARE, plain

if TYPE_CHECKING:
    import duckdb

SHARES = {
    "direct_payment_share": "all",
    "direct_payment_share_18_64": "18-64",
    "direct_payment_share_65_plus": "65+",
}
"""Shares of spending that go through direct payments, by the age band that each is of."""
LISTED = "commissioning compare-path --measures"
SHARE_ROWS = """
    select area_id, financial_year, share, edition, basis, null, null
    from mart_direct_payment_share
    where area_level = ? and is_preferred and is_total and client_group = 'all' and age_band = ?
"""
OUTCOME_ROWS = """
    select area_id, financial_year, value, edition, comparability_group, interval_low, interval_high
    from mart_council_outcomes where area_level = ? and measure_id = ?
    qualify row_number() over (
        partition by area_id, financial_year, comparability_group order by edition desc nulls last
    ) = 1
"""


@dataclass(frozen=True)
class Figure:
    """A published figure of one council and year."""

    value: float | None
    edition: str
    group: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """Figures by council and year. `group` names what makes years comparable."""

    measure: str
    name: str
    unit: str
    figures: dict[str, dict[str, Figure]] = field(repr=False)

    def stretches(self, council: str | None = None) -> dict[str, list[str]]:
        """The years of each comparable stretch, for one council or any; the last stretch at the end."""
        found: dict[str, set[str]] = {}
        for name, rows in self.figures.items():
            for year, figure in rows.items():
                if figure.value is not None and council in (None, name):
                    found.setdefault(figure.group, set()).add(year)
        return {group: sorted(found[group]) for group in sorted(found, key=lambda one: max(found[one]))}

    def in_words(self, council: str | None = None) -> str:
        """These years in words."""
        stretches = self.stretches(council).items()
        return "; ".join(f"{', '.join(years)} ({group})" for group, years in stretches) or "no year"

    def groups(self, year: str) -> set[str]:
        """The stretches of comparable years that `year` lies in."""
        return {rows[year].group for rows in self.figures.values() if year in rows}

    def of_group(self, group: str) -> dict[str, dict[str, float]]:
        """Values alone, by council and year, of one stretch."""
        return {
            council: {
                year: figure.value
                for year, figure in rows.items()
                if figure.group == group and figure.value is not None
            }
            for council, rows in self.figures.items()
        }

    @property
    def decimals(self) -> int:
        """How many decimals the figures have, as their digits show."""
        values = (
            one.value for rows in self.figures.values() for one in rows.values() if one.value is not None
        )
        return max(0, *(-Decimal(str(plain(one))).normalize().as_tuple().exponent for one in values), 0)

    def moves_with(self, other: Series, without: str) -> float | None:
        """The correlation of this measure's moves from year to year with those of another, over all councils
        but one. Only years that are comparable in both count. None where there is nothing to correlate."""
        import numpy as np

        pairs = []
        for council in sorted((self.figures.keys() & other.figures.keys()) - {without}):
            rows = [
                (own.group, its.group, own.value, its.value)
                for year, own in sorted(self.figures[council].items())
                if (its := other.figures[council].get(year)) and None not in (own.value, its.value)
            ]
            pairs += [
                (after[2] - before[2], after[3] - before[3])
                for before, after in pairwise(rows)
                if before[:2] == after[:2]
            ]
        moves = np.array(pairs).reshape(-1, 2)
        if len(moves) < 2 or not moves.std(axis=0).all():
            return None
        return float(np.corrcoef(moves.T)[0, 1])


def measures(db: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Measures that have a path, with name and unit."""
    found = db.execute(
        "select distinct measure_id, measure_name, unit from mart_council_outcomes order by 1"
    ).fetchall()
    ages = {"all": "", "18-64": ", aged 18 to 64", "65+": ", aged 65 and over"}
    shares = {name: (f"Direct payments{ages[band]}", SHARE) for name, band in SHARES.items()}
    return shares | {measure: (name, unit) for measure, name, unit in found}


def listed(db: duckdb.DuckDBPyConnection) -> list[str]:
    """A line for each measure: its id, its name and the years that can be compared."""
    found = []
    for measure, (name, unit) in measures(db).items():
        held = load(db, measure)
        councils = sum(any(one.value is not None for one in rows.values()) for rows in held.figures.values())
        found.append(f"{measure}: {name}, {unit}. {councils} councils. Years: {held.in_words()}")
    return found


def load(db: duckdb.DuckDBPyConnection, measure: str, level: str = "council") -> Series:
    """Every council's figures of `measure`, or England's. Raises `PracticeError` for an unknown measure.

    Where a year is published on two bases, that with more years is kept: it gives the longer path.
    """
    known = measures(db)
    if measure not in known:
        raise PracticeError(
            "There is no such measure.",
            where="measure",
            expected=expected(measure, known, LISTED),
            found=measure,
            todo="name one of these, spelt as it is here",
        )
    share = measure in SHARES
    rows = db.execute(
        SHARE_ROWS if share else OUTCOME_ROWS, [level, SHARES[measure] if share else measure]
    ).fetchall()
    figures: dict[str, dict[str, Figure]] = {}
    years = {group: len({row[1] for row in rows if row[4] == group}) for group in {row[4] for row in rows}}
    for council, year, value, edition, group, *ends in sorted(
        rows, key=lambda row: (*row[:2], years[row[4]], row[4])
    ):
        if value is not None and not math.isfinite(value):
            raise PracticeError(
                "A published figure is not a number.",
                where=f"{measure}, {council}, {year}",
                expected="a number, or none",
                found=value,
                todo="run `commissioning build`: it publishes the marts again",
            )
        low, high = (None if end is None else plain(end) for end in ends)
        figures.setdefault(council, {})[year] = Figure(value, edition, group, low, high)
    return Series(measure, *known[measure], figures)


def decimals(db: duckdb.DuckDBPyConnection, measure: str) -> int:
    """How many decimals the figures of a measure are published with, as their digits show."""
    return max(load(db, measure, level).decimals for level in ("council", "england"))


def area_id(db: duckdb.DuckDBPyConnection, named: str) -> str:
    return "england" if named == "england" else council_id(db, named)


def area_name(db: duckdb.DuckDBPyConnection, area: str) -> str:
    return "England" if area == "england" else council_name(db, area)


def council_id(db: duckdb.DuckDBPyConnection, named: str) -> str:
    """The id of a council that is named by its id or by a name that it goes by."""
    key = named.strip().lower()
    rows = db.execute("select lower(council_name), council_id, end_date from dim_council").fetchall()
    names = {name: council for name, council, _ in rows}
    ids = set(names.values())
    if key in ids:
        return key
    if key in names:
        return names[key]
    raise PracticeError(
        "There is no such council.",
        where="council",
        expected=expected(
            # Names of places share endings: less likeness is no slip of the hand.
            key.replace(" ", "-"),
            sorted(council for _, council, ended in rows if ended is None),
            "commissioning trace --councils",
            alike=0.75,
        ),
        found=named,
        todo="name one of these, by its id or its name",
    )


def council_name(db: duckdb.DuckDBPyConnection, council: str) -> str:
    return db.execute("select council_name from dim_council where council_id = ?", [council]).fetchone()[0]


def ended(db: duckdb.DuckDBPyConnection, area: str, on: dt.date) -> list[str] | None:
    """The councils that took an area's place, where it had ended by a day; None where it had not."""
    gone = db.execute(
        "select 1 from dim_council where council_id = ? and end_date < ?", [area, on]
    ).fetchone()
    rows = db.execute(
        "select successor_id from dim_council_successor where council_id = ? order by 1", [area]
    ).fetchall()
    return [row[0] for row in rows] if gone else None


def financial_year(text: str) -> str:
    """A financial year such as 2021-22. Raises `PracticeError` for anything else."""
    if re.fullmatch(r"\d{4}-\d\d", text) and int(text[5:]) == (int(text[:4]) + 1) % 100:
        return text
    raise PracticeError(
        "This is not a financial year.",
        expected="a year such as 2021-22",
        found=text,
        todo="write both years",
    )


def moved_boundaries(db: duckdb.DuckDBPyConnection, years: Sequence[str]) -> dict[str, str]:
    """Councils that began, ended or changed area within `years`, and when."""
    first, last = f"{years[0][:4]}-04-01", f"{int(years[-1][:4]) + 1}-03-31"
    return dict(
        db.execute(
            """
            with moves as (
                select council_id, took_over_on as day from dim_council_successor
                union all select successor_id, took_over_on from dim_council_successor
            )
            select council_id, strftime(max(day), '%-d %B %Y') from moves
            where day > cast(? as date) and day <= cast(? as date) group by council_id
            """,
            [first, last],
        ).fetchall()
    )
