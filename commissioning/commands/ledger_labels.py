"""`commissioning ledger labels`: what a body's labels are, which rule fits each, and rules for the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from commissioning.base.counting import counted
from commissioning.commands.ledger_report import AsJson, console, listing, plain


def labels(
    name: Annotated[str, typer.Argument(metavar="BODY", help="A body that the lake holds.")],
    rows: Annotated[int, typer.Option(min=1, help="How many labels to show.")] = 30,
    accept: Annotated[
        bool, typer.Option("--accept", help="Accept every rule that is proposed for the body.")
    ] = False,
    as_json: AsJson = False,
    to_csv: Annotated[Path | None, typer.Option("--csv", help="Write all labels to this CSV.")] = None,
) -> None:
    """List a body's labels by money, with route and evidence grade, and propose rules for the rest.

    Proposals take the words of other ledgers' rules. They go into the workspace's route_rules.csv as
    `proposed`, with the evidence grade `inferred`, and count only where somebody accepts them: with --accept
    for all, or by writing `accepted` in the file. Without a workspace they are shown and not kept.
    """
    from commissioning.ingest.ledgers import labels as found
    from commissioning.ingest.ledgers.bodies import body_named
    from commissioning.ingest.ledgers.workspaces import required

    body = body_named(name)
    accepted = found.accept(required(), body) if accept else None
    told = found.told(body, propose_rules=not accept)
    if accepted is not None:
        told["accepted"] = found.labelled_by(accepted, told["labels"])
    if to_csv:
        told["labels"].write_csv(to_csv)
    if as_json:
        typer.echo(json.dumps(told | {"labels": told["labels"].to_dicts()}, indent=1, default=str))
        return
    if accepted is not None:
        _show_accepted(len(accepted), told, rows)
    _show(told, rows)
    if to_csv:
        console.print(f"all {told['labels'].height:,} labels: {to_csv}", highlight=False, markup=False)


def _show(told: dict, rows: int) -> None:
    found = told["labels"].head(rows).to_dicts()
    for row in found:
        row["area"] = " > ".join(part for part in (row["department"], row["expense_area"]) if part)
        row["pounds"] = f"{row['amount_gbp']:,.2f}"
        by = ", ".join(part for part in (row["evidence_grade"], row["rule_id"]) if part)
        row["rule"] = f"{row['route'] or row['care_scope'] or 'no rule fits'}{f' ({by})' if by else ''}"
    headings = {
        "pounds": "£",
        "area": "area",
        "expense_code": "code",
        "expense_label": "label",
        "rule": "route",
    }
    shown = [name for name in headings if name == "pounds" or any(row[name] for row in found)]
    table = listing(f"{told['body']}: labels by money", {headings[name]: name == "pounds" for name in shown})
    for row in found:
        table.add_row(*(plain(row[name]) for name in shown))
    console.print(table)
    _say("no rule fits", told["without_a_rule"])
    if not told["proposals"]:
        return
    console.print("Rules proposed, which do not count yet:")
    for row in sorted(told["proposals"], key=lambda row: -row["amount_gbp"]):
        what = row["route"] or row["care_scope"]
        line = f"  £{row['amount_gbp']:,.2f}  {row['label_like']}  {what}, inferred. {row['reason']}"
        console.print(plain(line), highlight=False)
    _say("no rule would fit", told["without_a_rule_if_accepted"])
    where = told["written_to"]
    console.print(
        f"written to {where}" if where else "with a workspace they are kept in its route_rules.csv",
        highlight=False,
        markup=False,
    )
    console.print(f"accept all: commissioning ledger labels {told['body']} --accept", highlight=False)


def _show_accepted(rules: int, told: dict, rows: int) -> None:
    """What the rules just accepted label, and how much money stays without a route."""
    if not rules:
        console.print("No rule was waiting to be accepted.", highlight=False)
        return
    console.print(f"{counted(rules, 'rule')} accepted", highlight=False)
    for row in told["accepted"][:rows]:
        what = row["route"] or row["care_scope"]
        line = f"  £{row['amount_gbp']:,.2f}  {row['expense_label']}  {what}, by {row['rule_id']}"
        console.print(plain(line), highlight=False)
    if rest := told["accepted"][rows:]:
        pounds = sum(row["amount_gbp"] for row in rest)
        console.print(f"  £{pounds:,.2f}  {counted(len(rest), 'label')} more, which `--rows` shows")
    if not told["accepted"]:
        console.print("  no label, as other rules come first", highlight=False)


def _say(what: str, shares: dict) -> None:
    parts = [f"{shares['of_all_money']:.1%} of all money" if shares["of_all_money"] is not None else None]
    if shares["of_care_words"] is not None:
        parts.append(f"{shares['of_care_words']:.1%} of the money under labels that hold a word of care")
    told = ", ".join(part for part in parts if part)
    pounds = f"£{shares['amount_gbp']:,.2f}, {told}" if told else "there is no money"
    console.print(f"{what}: {pounds}", highlight=False)
