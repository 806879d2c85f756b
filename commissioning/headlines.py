"""The register of every number that a brief's prose may state: `reports/headlines.yml`.

An entry reads

```yaml
dp_share_2021_22:
  label: Direct payments as a share of long-term support, England, 2021-22
  sql: select share from mart_direct_payment_share where ...     # one row, one column
  format: percent.1
```

`write` computes them from the published marts into `reports/_generated/headlines.json`, where the briefs'
filter finds them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import yaml

from commissioning.errors import RenderError
from commissioning.files import replace_text
from commissioning.paths import Project

GENERATED = "_generated/headlines.json"
"""Where the briefs' filter finds the numbers, below `reports/`."""


def register(project: Project) -> dict[str, dict]:
    """Every entry by id. Raises `RenderError` for an entry without label, SQL or known format."""
    file = project.reports / "headlines.yml"
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise RenderError("The register of headlines is not YAML.", file=file, found=str(error)) from error
    for name, entry in entries.items():
        missing = {"label", "sql", "format"} - set(entry or {})
        if missing:
            raise RenderError("A headline is incomplete.", file=file, where=name, expected=sorted(missing))
        kind, _, digits = str(entry["format"]).partition(".")
        if kind not in FORMATS or not (digits or "0").isdecimal():
            raise RenderError(
                "A headline has an unknown format.",
                file=file,
                where=name,
                expected=f"{', '.join(sorted(FORMATS))}, with decimals such as percent.1",
                found=entry["format"],
            )
    return entries


def _signed(text: str, value: float) -> str:
    """`text` with a minus sign, unless rounding left only noughts."""
    return ("−" if value < 0 and any(digit in text for digit in "123456789") else "") + text


FORMATS: dict[str, Callable[[float, int], str]] = {
    "percent": lambda value, digits: _signed(f"{abs(value) * 100:,.{digits}f}%", value),
    "points": lambda value, digits: _signed(f"{abs(value) * 100:,.{digits}f} percentage points", value),
    "gbp": lambda value, digits: _signed(f"£{abs(value):,.{digits}f}", value),
    "gbp_million": lambda value, digits: _signed(f"£{abs(value) / 1e6:,.{digits}f} million", value),
    "gbp_billion": lambda value, digits: _signed(f"£{abs(value) / 1e9:,.{digits}f} billion", value),
    "number": lambda value, digits: _signed(f"{abs(value):,.{digits}f}", value),
    "times": lambda value, digits: _signed(f"{abs(value):,.{digits}f} times", value),
    "text": lambda value, digits: str(value),
}
"""Formats by name; the number after the dot in an entry's `format` is how many decimals to show."""


def shown(value: object, format: str) -> str:
    """A value as prose shows it: `shown(0.1131, 'percent.1')` is `11.3%`."""
    kind, _, digits = format.partition(".")
    return FORMATS[kind](value, int(digits or 0))


def compute(project: Project, database: Path | None = None) -> dict[str, dict]:
    """Value and text of every headline, from the published marts or another database of marts.

    Raises `RenderError` naming the id where its SQL fails or does not give one value.
    """
    import duckdb

    entries = register(project)
    file = project.reports / "headlines.yml"
    results = {}
    with duckdb.connect(str(database or project.database), read_only=True) as db:
        # Threads add up in any order: the last digit of a sum or a correlation would differ from run to run.
        db.execute("set threads = 1")
        for name, entry in entries.items():
            try:
                rows = db.execute(entry["sql"]).fetchall()
            except duckdb.Error as error:
                raise RenderError(
                    "A headline's SQL fails.", file=file, where=name, found=str(error)
                ) from error
            if len(rows) != 1 or len(rows[0]) != 1 or rows[0][0] is None:
                raise RenderError(
                    "A headline's SQL must give one row with one value.",
                    file=file,
                    where=name,
                    found=f"{len(rows)} rows: {rows[:3]}",
                    todo="make the conditions select exactly one figure, and check that the figure exists",
                )
            value = rows[0][0]
            try:
                text = shown(value, entry["format"])
                number = value if isinstance(value, str) else float(value)
            except (TypeError, ValueError) as error:
                raise RenderError(
                    "A headline's value does not suit its format.",
                    file=file,
                    where=name,
                    expected=f"a value for the format {entry['format']}",
                    found=repr(value),
                ) from error
            results[name] = {"text": text, "value": number, "label": entry["label"]}
    return results


def write(project: Project) -> dict[str, dict]:
    """Compute every headline and write `reports/_generated/headlines.json` for the briefs."""
    results = compute(project)
    replace_text(
        project.reports / GENERATED,
        json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
    )
    return results
