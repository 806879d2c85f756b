"""`commissioning ledger compare`: ledgers of the published marts side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from commissioning.commands.ledger_report import console, listing, plain

HEADINGS = {"direct_payment": "direct\npayments", "block": "block", "spot": "spot", "rest": "the\nrest"}


def compare(
    names: Annotated[
        list[str], typer.Argument(metavar="BODY…", help="Bodies of the marts (sheffield leeds).")
    ],
    by: Annotated[str, typer.Option(help="A row a `year` or a `month`.")] = "year",
    chart: Annotated[Path | None, typer.Option(help="Write a chart of shares by year to this SVG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")] = False,
) -> None:
    """Hold ledgers side by side: direct payments, block, spot and the rest, in money and as shares of it.

    Bodies are those of the published marts: with COMMISSIONING_WORKSPACE set, of the workspace's build.
    Months in which a ledger cannot show care are left out. A gap parts what should not be compared, as
    accounts or labels changed. What a ledger leaves out differs from body to body: the last column says how
    much of the direct payments in the official return it shows, by basis of the return.
    """
    from commissioning.base.errors import LedgerError
    from commissioning.base.files import replace_text
    from commissioning.base.paths import own_workspace, project
    from commissioning.site.bodies import compare as comparison

    if by not in comparison.BY:
        raise LedgerError(
            "A comparison is by year or by month.", where="--by", expected=", ".join(comparison.BY), found=by
        )
    if chart and (chart.suffix.lower() != ".svg" or chart.is_dir() or not chart.absolute().parent.is_dir()):
        raise LedgerError(
            "The chart cannot be written there.",
            file=chart,
            where="--chart",
            expected="a file whose name ends in .svg, in a folder that is there",
        )
    own = own_workspace()
    bodies = comparison.chosen(own.build if own else project(), names)
    rows = comparison.rows(bodies, by)
    if chart:
        replace_text(chart, comparison.drawing(bodies))
    if as_json:
        typer.echo(json.dumps({"by": by, "rows": rows}, indent=1, ensure_ascii=False))
        return
    console.print("Payments for adult social care, £ million in cash, and shares of the money")
    for body in bodies:
        _show(body.name, [row for row in rows if row["body"] == body.id], by)
    if chart:
        console.print(f"chart: {chart}", markup=False, highlight=False)


def _show(name: str, rows: list[dict], by: str) -> None:
    if not rows:
        console.print(f"{name}: its ledger shows no care for adults", markup=False, highlight=False)
        return
    yearly = by == "year"
    heads = [by, *(["months"] if yearly else []), "all", *HEADINGS.values()]
    if yearly:
        heads.append("against\nreturn")
    table = listing(name, dict.fromkeys(heads, True))
    table.columns[0].justify = table.columns[-1].justify = "left"
    for place, row in enumerate(rows):
        if place and rows[place - 1]["series"] != row["series"]:
            table.add_section()
        cells = [row["period"]]
        if by == "year":
            cells.append(str(row["months"]))
        cells.append(f"{row['total_cash_gbp'] / 1e6:,.2f}")
        for kind in HEADINGS:
            share = row["shares"][kind]
            told = "" if share is None else f"\n{share:.1%}"
            cells.append(f"{row['kinds_cash_gbp'][kind] / 1e6:,.2f}{told}")
        if by == "year":
            seen = [f"{one['basis']} {one['ratio']:.0%}" for one in row["against_return"]]
            cells.append("\n".join(seen) or "none\nheld")
        table.add_row(*map(plain, cells))
    console.print(table)
