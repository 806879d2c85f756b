"""From a number back to the publishers' cells: `commissioning trace`."""

from __future__ import annotations

import difflib
import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path

from rich.console import Console

from commissioning.base import csvs
from commissioning.base.choices import expected
from commissioning.base.errors import CommissioningError
from commissioning.base.files import replace_text
from commissioning.base.outputs import check_file
from commissioning.base.paths import Project
from commissioning.base.sql import closed, literal, one_select
from commissioning.ingest.catalogue import catalogue
from commissioning.marts import seals
from commissioning.numbers import cells, headlines, queries
from commissioning.numbers.cells import Cell

CELL_COLUMNS = {
    "file": "source_file", "place": "source_locator", "as_published": "value_text", "value": "value",
    "unit": "unit", "counts_as": "part", "area_id": "area_id", "year": "year",
}  # fmt: skip
"""The columns of a number's CSV, and where they are in a cell."""


@dataclass(frozen=True)
class SourceFile:
    """A publisher's file, and how many of a number's cells are in it."""

    dataset: str
    edition: str
    path: str
    name: str
    """The dataset and its edition in words; an edition with a title of its own goes by that."""
    publisher: str
    licence: str
    address: str | None
    sha256: str | None
    cells: int


def files(found: list[Cell]) -> list[SourceFile]:
    """The files that cells are in, in the order of their paths."""
    counts = Counter(map(attrgetter("dataset", "edition", "source_file"), found))
    return [_file(*key, count) for key, count in sorted(counts.items(), key=lambda item: item[0][2])]


def _file(dataset: str, edition: str, path: str, count: int) -> SourceFile:
    title = catalogue()[dataset].title
    known = catalogue()[dataset].edition(edition)
    named = known.name(title)
    words = [named] if named == known.title else [title, named]
    original = next((file for file in known.files if file.path == path), None)
    # `ledger_files` names the publisher's files that a ledger's sums are made of.
    typed = original is None and not dataset.startswith("ledger_")
    return SourceFile(
        dataset=dataset,
        edition=edition,
        path=path,
        name=", ".join([*words, "typed from the publisher's page"] if typed else words),
        publisher=known.publisher,
        licence=known.licence + ("" if known.licence_status == "stated" else " (presumed)"),
        address=(original.url if original else None) or known.url or known.publication_page,
        sha256=original.sha256 if original else None,
        cells=count,
    )


def ledger_files(project: Project, found: list[Cell]) -> list[dict]:
    """The publisher's files behind ledger sums, by name, with how many lines each has and what they come to.

    Ledgers are traced to the file and no further: a line is a payment, which may be one to a private person.
    """
    years: dict[str, set[str]] = {}
    for cell in found:
        if cell.dataset.startswith("ledger_") and cell.year:
            years.setdefault(cell.dataset, set()).add(cell.year)
    return [
        {key: file[key] for key in ("file", "lines_read", "lines_loaded", "loaded_gbp", "sha256", "address")}
        for dataset, wanted in sorted(years.items())
        for file in _files_of_ledger(project.raw / dataset / "files.parquet")
        if wanted & set(file["years"])
    ]


@cache
def _files_of_ledger(path: Path) -> list[dict]:
    """A ledger's files in the order of their dates, with the financial years that their payments fall in."""
    import polars as pl

    rows = pl.read_parquet(path, glob=False).sort("first_date", "source_file", nulls_last=True).to_dicts()
    for row in rows:
        row |= {"file": row["source_file"], "loaded_gbp": str(row["loaded_gbp"]), "years": []}
        if row["first_date"]:
            first, last = (row[key].year - (row[key].month < 4) for key in ("first_date", "last_date"))
            row["years"] = [f"{year}-{(year + 1) % 100:02d}" for year in range(first, last + 1)]
    return rows


def sources(found: list[SourceFile]) -> str:
    """The publishers' editions in a line: `Adult Social Care Finance Return, 2021-22 (NHS England)`."""
    publishers = [_today(file.publisher) for file in found]
    names = [f"{file.name} ({who})" for file, who in zip(found, publishers, strict=True)]
    names = list(dict.fromkeys(names))
    return "; ".join(names[:3]) + (f"; and {len(names) - 3} more" if len(names) > 3 else "")


def _today(publisher: str) -> str:
    """A publisher's name without those that it had before."""
    return re.sub(r" \(formerly .*\)$", "", publisher)


def of_council(entry: dict, found: list[Cell], council: str) -> list[Cell]:
    """The cells that one council's number is made of: its own and those that are about no area. A number with
    `shared_cells`, such as a median over peers, is made of other councils' as well."""
    if entry.get("shared_cells"):
        return found
    return [cell for cell in found if cell.area_id in (council, None)]


def largest(found: list[Cell], count: int) -> list[Cell]:
    """The cells with the largest values, in descending order; cells without a value last."""

    def order(cell: Cell) -> tuple:
        return cell.value is None, -abs(cell.value or 0), cell.source_file, cell.source_locator

    return heapq.nsmallest(count, found, key=order)


def cells_csv(name: str, found: list[Cell]) -> str:
    """All cells of a number as CSV; each row says whose figure it is."""
    columns, where = list(CELL_COLUMNS), f"commissioning-evidence, numbers/{name}.html"
    values = attrgetter(*CELL_COLUMNS.values())
    rows = (dict(zip(columns, values(cell), strict=True)) for cell in found)
    cited = {
        file.path: f"{file.name} ({_today(file.publisher)}; {file.licence}). In: {where}"
        for file in files(found)
    }
    return csvs.csv_text(rows, columns, [cited[cell.source_file] for cell in found])


def cells_about(csv: str, name: str, entry: dict, value: str, found: list[Cell], ledgers: list[dict]) -> str:
    """What lies beside the CSV of a number's cells: the number, and the files that they are from.

    `ledgers` are the publishers' files behind sums of a ledger: `ledger_files`.
    """
    provenance = {
        "number": name,
        "label": entry["label"],
        "value": value,
        "files": [vars(file) for file in files(found)],
        "ledger_files": ledgers,
    }
    return csvs.about_text(csv, list(CELL_COLUMNS), provenance)


def look_up(project: Project, reference: str) -> tuple[str, str | None, dict]:
    """Id, council and entry of a number named as `dp_share_2021_22` or `council_dp_share_2021_22@devon`.

    Raises a named error with near matches for what is not there.
    """
    name, _, council = reference.partition("@")
    register = headlines.register(project)
    if name not in register:
        if reason := headlines.retired(project).get(name):
            raise CommissioningError("A number's id was retired.", **retirement(reason, name, register))
        raise CommissioningError(
            "There is no such number.",
            file=project.reports / "headlines.yml",
            expected=expected(name, register, "commissioning trace --list"),
            found=name,
            todo="`commissioning trace --list` names them all",
        )
    entry = register[name]
    if bool(council) != ("parameter" in entry):
        raise CommissioningError(
            "The number is one for every council: name the council."
            if "parameter" in entry
            else "The number is not about one council.",
            expected=f"{name}@devon" if "parameter" in entry else name,
            found=reference,
        )
    known = councils(project) if council else {}
    if council and council not in known:
        near = close_councils(council, known)
        raise CommissioningError(
            "There is no such council.",
            expected="the id of a council after the @, such as devon",
            found=council,
            todo=(f"did you mean {' or '.join(near)}? " if near else "")
            + f"`commissioning trace --councils` lists all {len(known)}",
        )
    return name, council or None, entry


def retirement(entry: dict, name: str, register: Iterable[str]) -> dict[str, str]:
    """Why an id was retired, and the numbers that its reason names in its place, for an error."""
    instead = [one for one in re.findall(r"[a-z][a-z0-9_]+", entry["retired"]) if one in register]
    return {
        "found": f"{name}: {entry['retired']}",
        "todo": f"name {' or '.join(instead)} instead, with its value then"
        if instead
        else "nothing took its place: strike it, or choose from `commissioning trace --list`",
    }


def councils(project: Project) -> dict[str, str]:
    """The name of every council by its id."""
    with seals.open_database(project) as db:
        rows = db.execute("select council_id, council_name from dim_council order by council_id").fetchall()
    return dict(rows)


def close_councils(asked: str, known: dict[str, str]) -> list[str]:
    """Ids of councils whose id or name is spelt nearly as `asked`, the nearest first."""
    spelt = {i: i for i in known} | {name.lower(): i for i, name in known.items()}
    near = difflib.get_close_matches(asked.lower(), spelt, 5, 0.65)
    return list(dict.fromkeys(spelt[one] for one in near))[:3]


def print_councils(project: Project, console: Console) -> None:
    """Every council's id with its name."""
    for council, name in councils(project).items():
        console.print(f"{council}: {name}", highlight=False, markup=False)


def print_trace(project: Project, console: Console, reference: str, csv: Path | None) -> None:
    """Print the chain from value to cells; with `csv`, write all cells there as well."""
    if csv:
        check_file(csv, "--csv")
    build = seals.check(project)
    name, council, entry = look_up(project, reference)
    figure = headlines.compute(project, only=name)[name]
    if council:
        figure = figure["councils"][council]

    def say(line: str) -> None:
        console.print(line, highlight=False, markup=False)

    say(f"{entry['label']}{f', {council}' if council else ''}")
    say(f"  {figure['text']}{': ' + figure['missing'] if figure.get('missing') else ''}")
    say(f"  {entry['definition']}")
    say(f"\nSQL over the marts (build {build['build_id']}):\n  {entry['sql']}")
    _say_mart_rows(project, entry, council, say)
    if "untraced" in entry:
        say(f"\nNo source cells: {entry['untraced']}")
        return
    with cells.sources(project, [entry]) as db:
        traced = cells.trace(db, name, entry)
    found = of_council(entry, traced.cells, council) if council else traced.cells
    value = traced.value.get(council) if council else traced.value
    shown = "no value" if value is None else headlines.shown(value, entry["format"])
    say(f"\nFrom the source cells alone: {shown} ({'as' if shown == figure['text'] else 'NOT as'} above)")
    say(f"  {entry['formula']}")
    _say_cells(found, say)
    ledgers = ledger_files(project, found)
    _say_ledgers(ledgers, say)
    if csv:
        beside = csv.with_name(csv.name + csvs.ABOUT)
        replace_text(csv, cells_csv(name, found))
        replace_text(beside, cells_about(csv.name, reference, entry, figure["text"], found, ledgers))
        say(f"\nAll {len(found)} cells are in {csv}, and what they are in {beside.name}")


def _say_mart_rows(project: Project, entry: dict, council: str | None, say: Callable[[str], None]) -> None:
    """How many rows of a mart the headline's SQL reads, and the first of them."""
    query = queries.rows_behind(entry["sql"])
    if not query:
        return
    if council:
        key = "council_id" if "council_id" in entry["sql"] else "area_id"
        query = f"from ({query}) where {key} = {literal(council)}"
    with seals.open_database(project) as db:
        result = closed(db).execute(one_select(query))
        columns, rows = [column[0] for column in result.description], result.fetchall()
    say(f"\nMart rows: {len(rows)}")
    for row in rows[:5]:
        filled = zip(columns, row, strict=True)
        say("  " + ", ".join(f"{column}={value}" for column, value in filled if value is not None))


def _say_cells(found: list[Cell], say: Callable[[str], None]) -> None:
    """The files that cells are in, and the largest cells with the number of their file."""
    numbered: dict[str, int] = {}
    for place, file in enumerate(files(found), 1):
        numbered[file.path] = place
        say(f"\n[{place}] {file.name}: {file.publisher}")
        say(f"    file     {file.path}, {file.cells} cells")
        say(f"    sha256   {file.sha256 or 'none: a table of this project'}")
        say(f"    address  {file.address or 'not known'}")
        say(f"    licence  {file.licence}")
    say(f"\nSource cells: {len(found)}" + (", the 20 largest:" if len(found) > 20 else ""))
    for cell in largest(found, 20):
        text = cell.value_text or "empty"
        say(f"  [{numbered[cell.source_file]}] {cell.source_locator}: {text}  ({cell.part})")


def _say_ledgers(ledgers: list[dict], say: Callable[[str], None]) -> None:
    """The publisher's files behind sums of a ledger."""
    for file in ledgers[:20]:
        money = f"{file['lines_loaded']} payments, {file['loaded_gbp']} GBP"
        say(f"  ledger file {file['file']}: {money}, sha256 {file['sha256']}")
    if len(ledgers) > 20:
        say(f"  and {len(ledgers) - 20} more files of the ledger")


def print_list(project: Project, console: Console) -> None:
    """Every id with its label."""
    for name, entry in headlines.register(project).items():
        suffix = "@<council>" if "parameter" in entry else ""
        console.print(f"{name}{suffix}: {entry['label']}", highlight=False, markup=False)
