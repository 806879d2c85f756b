"""`commissioning compare-path`: a council's path beside a synthetic comparison, as a table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from commissioning.practice import Comparison


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
    from commissioning.practice import compare_path

    with open_marts() as marts:
        found = compare_path(marts, council, measure, from_year, leave_out=leave_out, steady=steady)
    show(console, found)
    if file:
        write(found, file)
        console.print(f"written: {file}", highlight=False, markup=False)


def show(console: Console, found: Comparison) -> None:
    table = Table(
        title=f"{found.council_name}: {found.measure}, {found.unit} ({found.group})", title_justify="left"
    )
    for heading in ("year", "council", "synthetic", "gap", "placebo spread", "peer median"):
        table.add_column(heading, justify="right")
    for year in found.years:
        median = "too few" if year.peer_median is None else number(year.peer_median)
        peers = f"{median} ({year.peers} peers)"
        spread = "before" if year.low is None else f"{signed(year.low)} to {signed(year.high)}"
        table.add_row(
            year.financial_year, number(year.actual), number(year.synthetic), signed(year.gap), spread, peers
        )
    console.print(table)
    for line in in_words(found):
        console.print(line, highlight=False, markup=False)


def in_words(found: Comparison) -> list[str]:
    low, high = found.placebo_spread
    weights = ", ".join(f"{name} {weight:.0%}" for name, weight in found.weights)
    reasons = [reason for _, reason in found.left_out]
    left_out = "; ".join(f"{reasons.count(r)} because {r}" for r in sorted(set(reasons))) or "none"
    return [
        f"Change from {found.from_year}: {signed(found.change)} on average a year. "
        f"Placebo councils show {signed(low)} to {signed(high)}, so it lies between "
        f"{signed(found.interval[0])} and {signed(found.interval[1])}.",
        f"As large by chance: {found.rank:.0%} of {found.placebos} placebo councils and this one. "
        f"Of the placebo councils' own intervals {found.coverage:.0%} include zero.",
        f"Smallest change that would probably show: {number(found.detectable)}.",
        f"Fit before: {number(found.fit_before)} a year, and councils differ by "
        f"{number(found.between_councils)}. Held-out year: {signed(found.held_out_gap)}, placebo councils "
        f"{signed(found.held_out_spread[0])} to {signed(found.held_out_spread[1])}. "
        "So few years are easily fitted. The held-out year, which the weights did not see, is the better "
        "test.",
        f"Made of: {weights}.",
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


def write(found: Comparison, file: Path) -> None:
    """The years as CSV, each with its placebo spread."""
    heads = ("financial_year", "actual", "synthetic", "gap", "placebo_low", "placebo_high")
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow([*heads, "peer_median", "peers"])
        for y in found.years:
            rows.writerow(
                [y.financial_year, y.actual, y.synthetic, y.gap, y.low, y.high, y.peer_median, y.peers]
            )


def number(value: float) -> str:
    """Three digits that count; a rest of the arithmetic is zero."""
    if abs(value) < 1e-9:
        return "0"
    return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"


def signed(value: float) -> str:
    return ("−" if value < 0 and number(value) != "0" else "+") + number(abs(value))
