"""`commissioning compare-path`: a council's path beside a synthetic comparison, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from commissioning.practice import Comparison

LARGEST = 10
"""How many weights are named."""


def run(
    console: Console,
    council: str,
    measure: str,
    from_year: str,
    leave_out: list[str],
    steady: str | None,
    file: Path | None,
) -> None:
    from commissioning import open_marts
    from commissioning.base.outputs import check_file
    from commissioning.practice import compare_path

    if file:
        check_file(file, "--csv", ".csv")
    with open_marts() as marts:
        found = compare_path(marts, council, measure, from_year, leave_out=leave_out, steady=steady)
    show(console, found)
    if file:
        write(found, file)
        console.print(f"written: {file}", highlight=False, markup=False)


def measures() -> None:
    """Print every measure with its years."""
    from commissioning import open_marts
    from commissioning.practice import series

    with open_marts() as marts:
        for line in series.listed(marts):
            print(line)


def show(console: Console, found: Comparison) -> None:
    from commissioning.practice import figures

    table = Table(
        title=f"{found.council_name}: {found.name}, {found.unit} ({found.group})", title_justify="left"
    )
    for heading in ("year", "council", "synthetic", "gap", "placebo spread", "peer median"):
        table.add_column(heading, justify="right")
    for year in found.years:
        median = "too few" if year.peer_median is None else figures.value(year.peer_median, found.unit)
        low, gap, high = (
            None if one is None else figures.change(one, found.unit, bare=True)
            for one in (year.low, year.gap, year.high)
        )
        table.add_row(
            year.financial_year,
            figures.value(year.actual, found.unit),
            figures.value(year.synthetic, found.unit),
            gap,
            "before" if low is None else f"{low} to {high}",
            f"{median} ({year.peers} peers)",
        )
    console.print(table)
    for line in in_words(found):
        console.print(line, highlight=False, markup=False)


def in_words(found: Comparison) -> list[str]:
    from commissioning.practice import figures

    def change(value: float) -> str:
        return figures.change(value, found.unit)

    def bare(pair: tuple[float, float], joined: str = "to") -> str:
        low, high = (figures.change(value, found.unit, bare=True) for value in pair)
        return f"{low} {joined} {high}"

    def size(value: float) -> str:
        return change(abs(value)).lstrip("+")

    reasons = [reason for _, reason in found.left_out]
    left_out = "; ".join(f"{reasons.count(r)} because {r}" for r in sorted(set(reasons))) or "none"
    return [
        *(f"Without {year}: {reason}." for year, reason in found.missing),
        f"Change from {found.from_year}: {change(found.change)} on average a year. {_other_weights(found)} "
        f"Placebo councils show {bare(found.placebo_spread)}, so it lies between "
        f"{bare(found.interval, 'and')}, whichever of these weights are taken.",
        f"As far out by chance: {_share(found.rank)} of {found.placebos} placebo councils and this one, with "
        "the weights that put the council least far out.",
        f"Smallest change that would probably show: {size(found.detectable)}.",
        *_tests(found),
        f"Fit before: {size(found.fit_before)} a year, and councils differ by "
        f"{size(found.between_councils)}. Held-out year: {change(found.held_out_gap)}, placebo councils "
        f"{bare(found.held_out_spread)}. "
        "So few years are easily fitted. The held-out year, which the weights did not see, is the better "
        "test.",
        f"Made of: {_made_of(found)}.",
        f"Left out: {left_out}.",
        "Which councils changed, no public source says. "
        + (
            f"Those that moved in {found.steady} are left out."
            if found.steady
            else "All others are taken as unchanged; name those that are not with --leave-out, or a "
            "measure of the change with --steady."
        ),
        found.verdict,
    ]


def _tests(found: Comparison) -> list[str]:
    """What the placebo councils say of the spread itself, in words."""
    from commissioning.practice.thresholds import threshold

    least = threshold("held_out_within")
    lines = [
        "In the last year before the change, which their weights did not see, "
        f"{found.held_out_within:.0%} of the placebo councils missed by no more than the spread of the first "
        "year after.",
        f"Within the spread of the others lie {found.coverage:.0%} of the placebo councils. That is so by "
        "construction, and tests nothing.",
    ]
    if found.held_out_within < least:
        lines.insert(
            1,
            f"Warning: that is fewer than {least:.0%}. Councils left their comparisons by more before the "
            "change than after it, so the spread and the interval may be too narrow.",
        )
    return lines


def _share(share: float) -> str:
    """With a decimal: 5.04% is more than one in twenty."""
    return f"{share:.1%}".replace(".0%", "%")


def _made_of(found: Comparison) -> str:
    """The largest weights, and how many others there are."""
    first, rest = found.weights[:LARGEST], found.weights[LARGEST:]
    named = ", ".join(f"{name} {weight:.0%}" for name, weight in first)
    others = f", and {sum(weight for _, weight in rest):.0%} of {len(rest)} others" if rest else ""
    return named + others


def _other_weights(found: Comparison) -> str:
    """Whether these weights are the one answer, in words."""
    from commissioning.practice import figures

    low, high = (figures.change(end, found.unit, bare=True) for end in found.as_good)
    if low == high:
        return "No other weights that fit as well give another change."
    return (
        "The weights are one answer of several, that with the smallest sum of squares: others fit as well, "
        f"and with them the change lies anywhere between {low} and {high}."
    )


def write(found: Comparison, file: Path) -> None:
    """The years as CSV, each with its placebo spread. What was found over all years stands in every row."""
    from commissioning.practice import figures, pages

    heads = (
        "financial_year", "actual", "synthetic", "gap", "placebo_low", "placebo_high", "peer_median", "peers",
        "from_year", "change", "change_lowest", "change_highest", "interval_low", "interval_high", "outcome",
    )  # fmt: skip
    over_all = [
        found.from_year,
        *map(figures.plain, (found.change, *found.as_good, *found.interval)),
        found.outcome,
    ]
    rows = [
        [
            y.financial_year,
            *(
                None if value is None else figures.plain(value)
                for value in (y.actual, y.synthetic, y.gap, y.low, y.high, y.peer_median)
            ),
            y.peers,
            *over_all,
        ]
        for y in found.years
    ]
    pages.write_csv(file, heads, rows)
