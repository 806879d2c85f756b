"""The register of sentences that say more than a number can: `reports/sentences.yml`.

A number in a sentence is a headline and moves with the data. What the sentence says of it (higher, not
clear of zero, in every year, nobody publishes it) is typed, and would stay when the data no longer bear it
out. So it has an entry:

```yaml
- page: better-lives
  words: its interval includes zero          # as they stand in the page, within one line of it
  holds: select difference_low < 0 and difference_high > 0 from mart_outcomes_by_mechanism where ...
- page: nhs-mental-health-money
  words: none of the sources held
  searched: every dataset of the sources page     # what was looked through
  when: 2026-11-26                                 # and when
```

`holds` is SQL over the published marts that gives true; every build asks it (`check`). `absolutes` are
patterns of words that need an entry wherever they stand; tests/test_prose.py looks for them, and for words
that are no longer in their page.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from commissioning.base import sql
from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.base.yamls import read_yaml
from commissioning.marts import seals

KEYS = ({"page", "words", "holds"}, {"page", "words", "searched", "when"})


def file(project: Project) -> Path:
    """The register."""
    return project.reports / "sentences.yml"


def register(project: Project) -> dict[str, list[Any]]:
    """`absolutes`, the patterns, and `sentences`, the entries; both empty for a project without the register.

    Raises `RenderError` for a file or an entry that is not as it should be.
    """
    path = file(project)
    if not path.exists():
        return {"absolutes": [], "sentences": []}
    read = read_yaml(
        path, RenderError, "The register of sentences", needs=("absolutes", "sentences"), anchors=True
    )
    for entry in read["sentences"]:
        if set(entry) not in KEYS or not isinstance(entry.get("when", dt.date.min), dt.date):
            raise RenderError(
                "An entry for a sentence is not as it should be.",
                file=path,
                where=str(entry.get("words", entry)),
                expected="page, words and either holds (SQL) or searched (where) and when (a date)",
                found=", ".join(sorted(entry)),
            )
    return read


def check(project: Project) -> int:
    """How many sentences were asked. Raises `RenderError` for the first that the marts do not bear out."""
    asked = [entry for entry in register(project)["sentences"] if "holds" in entry]
    if asked:
        with seals.open_database(project) as marts:
            sql.closed(marts)
            for entry in asked:
                _ask(marts, entry, file(project))
    return len(asked)


def _ask(marts, entry: dict, path: Path) -> None:
    import duckdb

    try:
        rows = marts.execute(sql.one_select(entry["holds"])).fetchall()
    except duckdb.Error as error:
        raise RenderError(
            "The condition of a sentence fails.",
            file=path,
            where=entry["words"],
            found=str(error),
            todo="mend `holds` of the sentence",
        ) from error
    if len(rows) != 1 or len(rows[0]) != 1 or rows[0][0] is not True:
        raise RenderError(
            f"A sentence of {entry['page']}.qmd is no longer so.",
            file=path,
            where=entry["words"],
            expected=f"true from: {' '.join(entry['holds'].split())}",
            found=str(rows[:3]),
            todo="say in the page what the marts now give, then mend the entry",
        )
