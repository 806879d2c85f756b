"""A report in the user's own folder: HTML that needs no other file, and PDF, by the built-in renderer."""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape, unescape
from pathlib import Path

import yaml

from commissioning.base.errors import PracticeError
from commissioning.base.paths import project

SETTINGS = {
    "project": {"output-dir": "_site"},
    "lang": "en-GB",
    "site-name": "A report of your own",
    "website": {"title": "A report of your own"},
    "format": {"html": {}, "typst": {}},
}
BREAK, LONG, PART = "\u200b", 30, 15
"""A word of more letters than `LONG`, mostly an address of the web, may break in print after each `PART`."""
TEMPLATE = Path(__file__).with_name("page.html")


def write(folder: Path, name: str, title: str, subtitle: str, body: str) -> list[Path]:
    """Render Markdown as `name`.html and `name`.pdf in `folder`. Returns both."""
    from commissioning.render import builtin

    for file in (folder / f"{name}{suffix}" for suffix in (".html", ".pdf", ".csv")):
        if file.is_dir():
            raise PracticeError(
                "A report's file has the name of a folder that is there.",
                file=file,
                where="--out",
                todo="name another folder, or move that one away",
            )

    with tempfile.TemporaryDirectory(prefix="commissioning-report-") as there:
        reports = Path(there).resolve() / "reports"
        for part in ("_theme", "_filters"):
            shutil.copytree(project().reports / part, reports / part)
        # A dollar sign is the template's own sign.
        css = (reports / "_theme" / "brief.css").read_text(encoding="utf-8").replace("$", "$$")
        page = TEMPLATE.read_text(encoding="utf-8").replace("/* brief.css */", css)
        (reports / "_theme" / "builtin.html").write_text(page, encoding="utf-8")
        (reports / "_quarto.yml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
        front = yaml.safe_dump({"title": title, "subtitle": subtitle}, allow_unicode=True)
        source = reports / f"{name}.qmd"
        source.write_text(f"---\n{front}---\n\n{body}\n", encoding="utf-8")
        made = builtin.render(reports, [source], progress=lambda line: None)
        folder.mkdir(parents=True, exist_ok=True)
        for file in made:
            if file.suffix == ".html":
                # A browser breaks words by itself, and an address that is copied has no such signs in it.
                html = file.read_text(encoding="utf-8").replace(BREAK, "")
                file.write_text(labelled(html), encoding="utf-8")
        return [Path(shutil.copy(file, folder / file.name)) for file in made]


def table(rows: Iterable[Mapping[str, object]], columns: Sequence[str] | Mapping[str, str]) -> str:
    """A table whose cells are shown as they are written: what a user typed is no markup."""
    from commissioning.site.charts.figures import table as made

    rows = [{name: breakable(cell) for name, cell in row.items()} for row in rows]
    return made(rows, columns).markdown if rows else "None.\n"


def breakable(cell: object) -> object:
    """A cell whose long words may break: else a column is as wide as its longest word, and hides others."""

    def parts(word: re.Match[str]) -> str:
        return BREAK.join(word[0][n : n + PART] for n in range(0, len(word[0]), PART))

    return re.sub(rf"\S{{{LONG + 1},}}", parts, cell) if isinstance(cell, str) else cell


def facts_table(facts: Iterable[tuple[str, str]]) -> str:
    return table(
        [{"item": item, "details": details} for item, details in facts],
        {"item": "Item", "details": "Details"},
    )


def labelled(html: str) -> str:
    """A page whose cells name their columns, so that a narrow screen can show a row as a list."""

    def label(table: re.Match[str]) -> str:
        heads = re.findall(r"<th\b[^>]*>(.*?)</th>", table[0], re.S)
        heads = [escape(unescape(re.sub("<[^>]+>", "", head).strip())) for head in heads]
        return re.sub(r"<tr\b.*?</tr>", lambda row: cells(row[0], iter(heads)), table[0], flags=re.S)

    def cells(row: str, heads: Iterator[str]) -> str:
        return re.sub(r"<td\b", lambda cell: f'{cell[0]} data-label="{next(heads, "")}"', row)

    return re.sub(r"<table\b.*?</table>", label, html, flags=re.S)


def literal(text: str) -> str:
    """What a user typed, for a heading: shown as it is written."""
    return re.sub(r"([^\w\s,.;:])", r"\\\1", " ".join(text.split()))


def write_csv(file: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)
    return file
