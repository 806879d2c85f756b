"""The register of every number that prose may state: `reports/headlines.yml` and `reports/headlines/*.yml`.

Most entries are one line: they are members of a family, and say what they are given.

```yaml
dp_share_c_2021_22: {family: direct_payment_share, given: {basis: C, year: 2021-22}}
```

Their family, in `reports/families.yml`, says the rest; the top of that file says how. An entry may say any of
it itself.

An entry with `parameter: council` is one number for every council. Its SQL gives rows of `area_id, value`
and, where a value may be null, a third column that says why it is missing. Prose states the first kind as
`[dp_share_2021_22]{.n}` and the second as `[council_dp_share_2021_22@devon]{.n}`.

`write` computes them from the published marts into `reports/_generated/headlines.json`, and each council's
into `reports/_generated/councils/<area_id>.json`, where the pages' filter finds them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from commissioning.base.errors import RenderError
from commissioning.base.files import read_json, replace_changed
from commissioning.base.paths import Project
from commissioning.base.rounding import rounded, signed
from commissioning.base.sql import closed, one_select
from commissioning.marts import seals
from commissioning.numbers import alternatives
from commissioning.numbers.families import Families
from commissioning.numbers.families import read as read_register

if TYPE_CHECKING:
    import duckdb

GENERATED = "_generated/headlines.json"
"""Where the pages' filter finds the numbers, below `reports/`."""

GENERATED_COUNCILS = "_generated/councils"
"""Where it finds the numbers of one council, below `reports/`: one file for each council."""

NO_ROW = "no figure is published for this council"
"""Why a council that was always there has no value where the headline's SQL gives no row for it."""


def register_files(project: Project) -> list[Path]:
    """The files that hold the register, in the order in which they are read."""
    files = [project.reports / "headlines.yml", *sorted((project.reports / "headlines").glob("*.yml"))]
    return [file for file in files if file.exists()]


def register(project: Project) -> dict[str, dict]:
    """Every entry by id, with what its family gives and the `file` it is in, placeholders filled in.

    Raises `RenderError` for an entry that lacks something, is there twice or names what is not there.
    """
    families = _families(project)
    entries: dict[str, dict] = {}
    for file in register_files(project):
        for name, entry in read_register(file).items():
            if name in entries:
                raise RenderError(
                    "A headline is there twice.", file=file, where=name, expected="an id of its own"
                )
            if not re.fullmatch(r"[a-z][a-z0-9_]*", str(name)):
                raise RenderError(
                    "A headline's id is not a plain word: its page and downloads are files of that name.",
                    file=file,
                    where=f"id {name!r}",
                    expected="small letters, digits and _, beginning with a letter",
                )
            if "retired" not in (entry or {}):
                entries[name] = families.entry(name, entry or {}, file)
                _check_choices(name, entries[name])
                alternatives.check(name, entries[name], families.kinds)
    return entries


def kinds(project: Project) -> dict[str, dict]:
    """The kinds of alternatives, by name: what each is called, means and may change."""
    return _families(project).kinds


def _families(project: Project) -> Families:
    return Families(project.reports / "families.yml")


def retired(project: Project) -> dict[str, dict]:
    """Ids that were published once and are no longer in use: `label`, and `retired`, the reason."""
    return {
        name: entry
        for file in register_files(project)
        for name, entry in read_register(file).items()
        if "retired" in (entry or {})
    }


def _check_choices(name: str, entry: dict) -> None:
    """Format, parameter and review date are of the kinds that are known."""
    kind, _, digits = str(entry["format"]).partition(".")
    if kind not in FORMATS or not (digits or "0").isdecimal():
        raise RenderError(
            "A headline has an unknown format.",
            file=entry["file"],
            where=name,
            expected=f"{', '.join(sorted(FORMATS))}, with decimals such as percent.1",
            found=entry["format"],
        )
    if entry.get("parameter", "council") != "council":
        raise RenderError(
            "A headline has an unknown parameter.",
            file=entry["file"],
            where=name,
            expected="council, or no parameter",
            found=entry["parameter"],
        )
    if not isinstance(entry["review_by"], dt.date):
        raise RenderError(
            "A headline's review date is not one.",
            file=entry["file"],
            where=name,
            expected="review_by: 2027-11-30",
            found=entry["review_by"],
        )
    if not isinstance(entry.get("sources", ""), str):
        raise RenderError(
            "A headline's sources are not a line of words, as a citation has them.",
            file=entry["file"],
            where=name,
            expected="sources: Adult Social Care Survey 2020-21, annex tables (NHS England)",
            found=entry["sources"],
        )


def _points(number: str) -> str:
    return f"{number} percentage point{'' if number == '1' else 's'}"


FORMATS: dict[str, Callable[[float, int], str]] = {
    "percent": lambda value, digits: signed(f"{rounded(value, digits, 2)}%", value),
    "points": lambda value, digits: signed(_points(rounded(value, digits, 2)), value),
    "gbp": lambda value, digits: signed(f"£{rounded(value, digits)}", value),
    "gbp_million": lambda value, digits: signed(f"£{rounded(value, digits, -6)} million", value),
    "gbp_billion": lambda value, digits: signed(f"£{rounded(value, digits, -9)} billion", value),
    "number": lambda value, digits: signed(rounded(value, digits), value),
    "times": lambda value, digits: signed(f"{rounded(value, digits)} times", value),
    "text": lambda value, digits: str(value),
}
"""Formats by name; the number after the dot in an entry's `format` is how many decimals to show."""


def shown(value: object, format: str) -> str:
    """A value as prose shows it: `shown(0.1131, 'percent.1')` is `11.3%`."""
    kind, _, digits = format.partition(".")
    return FORMATS[kind](value, int(digits or 0))


def compute(project: Project, database: Path | None = None, *, only: str | None = None) -> dict[str, dict]:
    """Label, value and text of every headline, or `only` of one, from the published or other marts.

    A headline with a council parameter has `councils` in place of value and text: for every council of
    `dim_council` either `value` and `text`, or `value` None, the text "not available" and `missing`, why.
    Raises `RenderError` naming the id where its SQL fails or does not give what it should.
    """
    import duckdb

    entries = register(project)
    results = {}
    connected = duckdb.connect(str(database), read_only=True) if database else seals.open_database(project)
    with connected as db:
        # Threads add up in any order: the last digit of a sum or a correlation would differ from run to run.
        db.execute("set threads = 1")
        closed(db)
        for name, entry in entries.items():
            if only not in (None, name):
                continue
            try:
                rows = db.execute(one_select(entry["sql"])).fetchall()
            except duckdb.Error as error:
                raise RenderError(
                    "A headline's SQL fails.",
                    file=entry["file"],
                    where=name,
                    found=str(error),
                    todo="mend `sql` of the headline or of its family",
                ) from error
            result = {"label": entry["label"]}
            if "parameter" in entry:
                result["councils"] = _of_councils(name, entry, rows, _why_no_row(db))
            else:
                if len(rows) != 1 or len(rows[0]) != 1 or rows[0][0] is None:
                    raise RenderError(
                        "A headline's SQL must give one row with one value.",
                        file=entry["file"],
                        where=name,
                        found=f"{len(rows)} rows: {rows[:3]}",
                        todo="make the conditions select exactly one figure; check that it exists",
                    )
                result |= _shown(name, entry, rows[0][0])
            results[name] = result
    return results


def _shown(name: str, entry: dict, value: object) -> dict:
    try:
        text = shown(value, entry["format"])
        number = value if isinstance(value, str) else float(value)
    except (TypeError, ValueError) as error:
        raise RenderError(
            "A headline's value does not suit its format.",
            file=entry["file"],
            where=name,
            expected=f"a value for the format {entry['format']}",
            found=repr(value),
        ) from error
    return {"text": text, "value": number}


def _why_no_row(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every council by id, with what to say where a headline has no row for it."""
    return {
        council: f"the council ended on {_day(ended)}"
        if ended
        else f"the council began on {_day(began)}"
        if began
        else NO_ROW
        for council, began, ended in db.execute(
            "select council_id, start_date, end_date from dim_council order by council_id"
        ).fetchall()
    }


def _day(date: dt.date) -> str:
    return f"{date.day} {date:%B %Y}"


def _of_councils(name: str, entry: dict, rows: list[tuple], councils: dict[str, str]) -> dict[str, dict]:
    """What a headline gives for each of `councils`, which say why one has no row."""
    found = {row[0]: row for row in rows}
    odd = sorted(set(found) - set(councils), key=str)
    if odd or len(found) != len(rows) or any(len(row) not in (2, 3) for row in rows):
        raise RenderError(
            "A headline's SQL must give for each council a row: area_id, value and, where null, why.",
            file=entry["file"],
            where=name,
            found=f"{len(rows)} rows, not councils: {odd[:3]}" if odd else f"{len(rows)} rows: {rows[:3]}",
            todo="mend `sql` of the headline or of its family",
        )
    results = {}
    for council, why_no_row in councils.items():
        row = found.get(council, (council, None))
        if row[1] is not None:
            results[council] = _shown(name, entry, row[1])
        else:
            reason = (row[2] if len(row) == 3 else None) or why_no_row
            results[council] = {"text": "not available", "value": None, "missing": reason}
    return results


def write(project: Project, sources: dict[str, str] | None = None) -> dict[str, dict]:
    """Compute every headline and write the files that the pages' filter reads.

    `sources` says in a line which editions a headline is from.
    """
    results = compute(project)
    for name, source in (sources or {}).items():
        results[name]["source"] = source
    by_council: dict[str, dict] = {}
    for name, result in results.items():
        for council, figure in result.get("councils", {}).items():
            shared = {key: result[key] for key in ("label", "source") if key in result}
            by_council.setdefault(council, {})[name] = {**shared, **figure}
    folder = project.reports / GENERATED_COUNCILS
    for council, figures in by_council.items():
        _write_json(folder / f"{council}.json", figures)
    for leftover in set(folder.glob("*.json")) - {folder / f"{council}.json" for council in by_council}:
        leftover.unlink()
    _write_json(
        project.reports / GENERATED,
        {name: result for name, result in results.items() if "councils" not in result},
    )
    return results


def read(project: Project, council: str | None = None) -> dict[str, dict]:
    """What `write` wrote last: the headlines, or those of one council; none for an unknown council."""
    file = project.reports / (f"{GENERATED_COUNCILS}/{council}.json" if council else GENERATED)
    return read_json(file) or {}


def _write_json(path: Path, content: dict) -> None:
    """Write only what changed, so that a page whose numbers stayed is not rendered again."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    replace_changed(path, text)
