"""A page for every number: `reports/numbers/<id>.qmd`, and an index of them.

The pages are plain Markdown, made from the register, the published marts and the source cells before the site
is rendered, and rewritten only where their text changed. Each has its cells beside it as `<id>.csv`, and
what they are in a file about that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from commissioning.base.csvs import ABOUT
from commissioning.base.errors import DamagedFile, RenderError
from commissioning.base.files import read_json, replace_changed
from commissioning.base.paths import Project
from commissioning.base.sql import closed, one_select
from commissioning.base.state import fingerprint
from commissioning.base.workers import share_out
from commissioning.marts import seals
from commissioning.numbers import alternatives, cells, headlines, history, trace
from commissioning.numbers.citations import citation
from commissioning.site.source import read_page
from commissioning.site.stated import names_in

SHOWN_CELLS, SHOWN_ROWS = 20, 12
FEW = 40
"""So many numbers are traced faster by one process: each reads all raw tables first."""


# Source cells --------------------------------------------------------------------------------------------


def trace_all(project: Project, shared: str, say: Callable[[str], object]) -> dict[str, dict]:
    """What source cells tell of every headline, by id: files, count, the largest, the value they give.

    Only headlines whose selection changed since they were last traced are traced again; `shared` is a hash of
    all that cells are made of: raw tables, seeds, catalogue, code. All cells of a headline are left in
    `data/build/numbers/<id>.csv`.
    """
    folder = project.work / "numbers"
    folder.mkdir(parents=True, exist_ok=True)
    register = {n: e for n, e in headlines.register(project).items() if "untraced" not in e}
    told, stale = {}, {}
    for name, entry in register.items():
        asked = {key: entry.get(key) for key in ("label", "format", "cells", "formula", "parameter")}
        mark = fingerprint([], shared, asked, root=project.root)
        last = _told(folder / f"{name}.json")
        if last.get("mark") == mark and (folder / f"{name}.csv").exists():
            told[name] = last
        else:
            stale[name] = mark
    wanted = [(name, register[name], mark) for name, mark in stale.items()]
    if len(wanted) < FEW:
        told |= _trace_some(project, wanted, say)
    else:
        # Neighbours in the register are alike, so each process takes every other one.
        jobs = [(project, wanted[0::2]), (project, wanted[1::2])]
        told |= share_out(
            _trace_share, jobs, progress=lambda done, count: say(f"{count} of {len(stale)} traced")
        )
    for leftover in folder.iterdir():
        if leftover.stem not in register:
            leftover.unlink()
    return {name: told[name] for name in register}


def _trace_some(
    project: Project, asked: list[tuple[str, dict, str]], say: Callable[[str], object]
) -> dict[str, dict]:
    """What source cells tell of the numbers asked for: id, entry and mark of each."""
    told: dict[str, dict] = {}
    if asked:
        with cells.sources(project) as db:
            for name, entry, mark in asked:
                told[name] = _trace(project, cells.trace(db, name, entry), name, entry, mark)
                say(f"{len(told)} of {len(asked)} traced")
    return told


def _trace_share(project: Project, asked: list[tuple[str, dict, str]]) -> list[tuple[str, dict]]:
    """The same as pairs, for a process of its own."""
    return list(_trace_some(project, asked, lambda line: None).items())


def _told(file: Path) -> dict:
    try:
        return read_json(file) or {}
    except DamagedFile:
        # Traced again.
        return {}


def _trace(project: Project, traced: cells.Traced, name: str, entry: dict, mark: str) -> dict:
    found = trace.files(traced.cells)
    value = traced.value
    by_council = isinstance(value, dict)
    told = {
        "mark": mark,
        "count": len({(cell.source_file, cell.source_locator) for cell in traced.cells}),
        "files": [vars(file) for file in found],
        "source": trace.sources(found),
        "largest": trace.largest(traced.cells, SHOWN_CELLS),
        "ledgers": trace.ledger_files(project, traced.cells),
        "value": None if by_council else value,
    }
    text = "one for every council" if by_council else headlines.shown(value, entry["format"])
    folder = project.work / "numbers"
    told["about"] = trace.cells_about(f"{name}.csv", name, entry, text, traced.cells, told["ledgers"])
    _write(folder / f"{name}.csv", trace.cells_csv(name, traced.cells))
    _write(folder / f"{name}.json", json.dumps(told, ensure_ascii=False) + "\n")
    return told


# Pages ---------------------------------------------------------------------------------------------------


def write(project: Project, build: dict, traced: dict[str, dict], stated: dict[str, list]) -> list[Path]:
    """Write the page of every number, the index, and the downloads beside them; the pages, changed or not.

    `traced` and `stated` are what `trace_all` and `stated` give.
    """
    register = headlines.register(project)
    figures = headlines.read(project)
    councils = _council_figures(project)
    past = history.versions(project)
    folder = project.reports / "numbers"
    # Every alternative that a page shows: kind, number, its value as text, the other terms, the other value.
    kinds, listed = headlines.kinds(project), []
    pages = {}
    with seals.open_database(project) as db:
        db.execute("set threads = 1")
        closed(db)
        names = dict(
            db.execute("select council_id, council_name from dim_council order by council_name").fetchall()
        )
        for name, entry in register.items():
            page = _Page(
                project, db, build, name, entry, traced.get(name), stated.get(name, []), past.get(name, []),
                kinds, listed,
            )  # fmt: skip
            pages[name] = (
                page.council(councils[name], names) if "parameter" in entry else page.one(figures[name])
            )
    for name, old in headlines.retired(project).items():
        pages[name] = _retired_page(name, old, past.get(name, []))
    pages["index"] = _index(register, figures)
    pages["alternatives"] = _alternatives_by_kind(register, kinds, listed)
    for name, text in pages.items():
        _write(folder / f"{name}.qmd", text)
    for leftover in folder.glob("*.qmd"):
        if leftover.stem not in pages:
            leftover.unlink()
            (project.site / "numbers" / f"{leftover.stem}.html").unlink(missing_ok=True)
    for name in traced:
        content = (project.work / "numbers" / f"{name}.csv").read_text(encoding="utf-8")
        _write(project.site / "numbers" / f"{name}.csv", content)
        _write(project.site / "numbers" / f"{name}.csv{ABOUT}", traced[name]["about"])
    return [folder / f"{name}.qmd" for name in pages]


def _write(path: Path, text: str) -> None:
    replace_changed(path, text, durable=False)


def _council_figures(project: Project) -> dict[str, dict[str, dict]]:
    """For each headline with a council parameter, what it gives for each council."""
    found: dict[str, dict[str, dict]] = {}
    for file in sorted((project.reports / headlines.GENERATED_COUNCILS).glob("*.json")):
        for name, figure in read_json(file).items():
            found.setdefault(name, {})[file.stem] = figure
    return found


def stated(project: Project) -> dict[str, list[tuple[str, str]]]:
    """For each headline that a brief states, those briefs: file name and title."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file in sorted(project.reports.glob("*.qmd")):
        page = read_page(file.resolve())
        text = "\n".join(path.read_text(encoding="utf-8") for path in page.files if path.suffix == ".qmd")
        for name in sorted(names_in(text)):
            found.setdefault(name, []).append((f"{file.stem}.html", str(page.front.get("title", file.stem))))
    return found


def plain(text: object) -> str:
    """Text that Markdown leaves as it is: a label, a cell, a council's name."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(text).split()))


class Markdown(str):
    """Text that is Markdown already and stays as it is in a table."""


def _table(
    caption: str, label: str, heads: list[str], rows: Iterable[Iterable[object]], numbers: str = ""
) -> str:
    """A Markdown table; columns at the places in `numbers` ("13") are aligned right."""
    align = ["--:" if str(place) in numbers else ":--" for place in range(len(heads))]
    lines = [heads, align, *([_in_table(cell) for cell in row] for row in rows)]
    body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{body}\n\n: {plain(caption)} {{#tbl-{label}}}\n"


def _in_table(cell: object) -> str:
    if isinstance(cell, Markdown):
        return cell
    return "" if cell is None else plain(cell)


def _front(title: str, subtitle: str) -> str:
    """Front matter of a page for the web alone."""
    quoted = [json.dumps(plain(text), ensure_ascii=False) for text in (title, subtitle)]
    return f"---\ntitle: {quoted[0]}\nsubtitle: {quoted[1]}\nformat:\n  html: default\ntoc: false\n---\n"


def _sql(text: str) -> str:
    """SQL with a line for each clause, for people to read; text in quotes stays as it is."""
    pieces = r"'(?:[^']|'')*'|\s+"

    def spaced(match: re.Match) -> str:
        if match[0].startswith("'"):
            return match[0]
        following = text[match.end() :]
        if re.match(r"(from|where|inner join|left join|group by|order by|union all|having)\b", following):
            return "\n"
        return "\n  " if re.match(r"and\b", following) else " "

    return _code("sql", re.sub(pieces, spaced, text.strip()))


def _code(language: str, text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}{language}\n{text.strip()}\n{fence}\n"


class _Page:
    """The parts of one number's page."""

    def __init__(self, project, db, build, name, entry, traced, stated, past, kinds, listed):
        self.project, self.db, self.build = project, db, build
        self.name, self.entry, self.traced, self.stated, self.past = name, entry, traced, stated, past
        self.kinds, self.listed = kinds, listed

    def one(self, figure: dict) -> str:
        """The page of a number that is one value."""
        return "\n".join(
            [
                _front(self.entry["label"], self.entry["unit"]),
                f"::: {{.number-value}}\n{plain(figure['text'])}\n:::\n",
                self._reviewed(),
                self._alternatives(figure["value"]),
                self._related(),
                self._rows(),
                self._cells(),
                self._steps(figure["text"]),
                self._history(),
                self._where(),
                self._cite(figure["text"]),
            ]
        )

    def council(self, figures: dict[str, dict], names: dict[str, str]) -> str:
        """The page of a number that every council has one of."""
        rows = [
            (
                Markdown(f"[{plain(names[council])}](../councils/{council}.html)"),
                figures[council]["text"],
                figures[council].get("missing"),
            )
            for council in sorted(figures, key=lambda council: names[council])
        ]
        known = [figure["value"] for figure in figures.values() if figure["value"] is not None]
        table = _table(
            f"{self.entry['label']}: {len(known)} of {len(rows)} councils, past and present, have a figure",
            "councils", ["Council", "Figure", "Why there is none"], rows, "1",
        )  # fmt: skip
        return "\n".join(
            [
                _front(self.entry["label"], f"{self.entry['unit']}, council by council"),
                self._reviewed(),
                "## Every council {#councils}\n\n" + table,
                self._alternatives_by_council(figures, names),
                self._related(),
                self._cells(),
                self._steps(None),
                self._history(),
                self._where(),
                self._cite("one figure for every council"),
            ]
        )

    def _reviewed(self) -> str:
        entry = self.entry
        parts = [
            ("What it is", entry["definition"]),
            ("Why it matters", entry["why_it_matters"]),
            ("Which direction is good", entry["direction_of_good"]),
            ("How it is worked out", entry["method"]),
            (
                "Who answers for it",
                f"{entry['author']}. {entry['checked_by']}. To be looked at again by {entry['review_by']}.",
            ),
        ]
        return "\n".join(f"{term}\n:   {plain(text)}\n" for term, text in parts)

    def _run(self, sql: str) -> tuple[list[str], list[tuple]]:
        import duckdb

        try:
            result = self.db.execute(one_select(sql))
        except duckdb.Error as error:
            raise RenderError(
                "The SQL of a headline's page fails.",
                file=self.entry["file"],
                where=self.name,
                found=f"{error}\n{sql}",
            ) from error
        return [column[0] for column in result.description], result.fetchall()

    def _alternatives(self, value: object) -> str:
        """The same quantity on other terms, and what that does to the finding."""
        choices, heading = self.entry["alternatives"], "## Does it hold on other terms? {#alternatives}\n"
        if isinstance(choices, dict):
            return f"{heading}\nThere is no other reckoning: {plain(choices['none'])}.\n"
        parts, others = [], []
        for place, choice in enumerate(choices, 1):
            rows = [row for row in self._run(choice["sql"])[1] if row[1] is not None]
            kind = self.kinds[choice["kind"]]
            alternatives.check_values(self.name, self.entry, choice, kind, value, rows)
            self.listed += [(choice["kind"], self.name, self._shown(value), *row) for row in rows]
            others += [row[1] for row in rows]
            lines = [(what, self._shown(other), *self._gap(value, other)) for what, other in rows]
            if lines:
                caption = f"{kind['name']}: {choice['label']}"
                heads = ["On these terms", "It is", "Difference"]
                parts.append(_table(caption, f"alternatives-{place}", heads, lines, "12"))
        if not parts:
            return f"{heading}\nThere is no other reckoning: no other figure of the same quantity is held.\n"
        return "\n".join([heading, self._verdict(value, others), *parts])

    def _alternatives_by_council(self, figures: dict[str, dict], names: dict[str, str]) -> str:
        """The same for a number that every council has one of: no range, but a column for each."""
        choices, heading = self.entry["alternatives"], "## Does it hold on other terms? {#alternatives}\n"
        if isinstance(choices, dict):
            return self._alternatives(None)
        parts = [heading]
        for place, choice in enumerate(choices, 1):
            kind, found = self.kinds[choice["kind"]], {}
            for council, what, other in self._run(choice["sql"])[1]:
                if other is not None:
                    found.setdefault(council, {})[what] = other
            for council, others in found.items():
                value = figures[council]["value"]
                alternatives.check_values(self.name, self.entry, choice, kind, value, list(others.items()))
            terms = sorted({what for others in found.values() for what in others})
            self.listed += [(choice["kind"], self.name, "council by council", what, None) for what in terms]
            lines = [
                [names[council], figures[council]["text"]]
                + [self._shown(found[council][what]) if what in found[council] else None for what in terms]
                for council in sorted(found, key=lambda council: names[council])
            ]
            caption = f"{kind['name']}: {choice['label']}"
            heads = ["Council", "Figure", *terms]
            parts.append(_table(caption, f"alternatives-{place}", heads, lines, "123456789"))
        return "\n".join(parts)

    def _related(self) -> str:
        """Figures that help to judge the number and are another quantity."""
        parts = []
        for place, figure in enumerate(self.entry["related"], 1):
            format = figure.get("format", self.entry["format"])
            rows = [row for row in self._run(figure["sql"])[1] if row[1] is not None]
            lines = [(what, self._shown(other, format)) for what, other in rows]
            caption = f"{figure['label']} ({figure['unit']})"
            if lines:
                parts.append(_table(caption, f"related-{place}", ["Figure", "It is"], lines, "1"))
        if not parts:
            return ""
        note = "They help to judge the number. They count something else, so they are in no range.\n"
        return "\n".join(["## Related figures {#related}\n", note, *parts])

    def _shown(self, value: object, format: str | None = None) -> str:
        return value if isinstance(value, str) else headlines.shown(value, format or self.entry["format"])

    def _gap(self, value: object, other: object) -> list[str]:
        """The difference, in the number's own format."""
        if isinstance(value, str) or isinstance(other, str):
            return ["the same" if value == other else "another"]
        format = self.entry["format"].replace("percent", "points")
        gap = headlines.shown(float(other) - value, format)
        return [
            "the same" if self._shown(other) == self._shown(value) else gap if gap[0] == "−" else f"+{gap}"
        ]

    def _verdict(self, value: object, others: list) -> str:
        if isinstance(value, str):
            return ""
        low, high = alternatives.span(value, [float(other) for other in others])
        turned = sum(float(other) * value < 0 for other in others)
        if self._shown(low) == self._shown(high):
            return f"As rounded here, it is the same: {plain(self._shown(value))}.\n"
        text = f"With the number itself, these run from {self._shown(low)} to {self._shown(high)}."
        if turned:
            text += f" On {turned} of the {len(others)} the sign turns: which way it points hangs on them."
        elif low < 0 or value < 0:
            text += " The sign is the same on all of them."
        text += " Differences are worked out before rounding."
        return plain(text) + "\n"

    def _rows(self) -> str:
        """The mart rows that the SQL reads: the columns that it names, and whose and when they are."""
        query = trace.rows_behind(self.entry["sql"])
        if not query:
            return ""
        columns, rows = self._run(query)
        named = set(re.findall(r"\w+", self.entry["sql"]))
        kept = [
            p
            for p, c in enumerate(columns)
            if c in ("area_name", "council_name", "financial_year") or (c in named and c != "area_id")
        ]
        kept = kept or list(range(min(6, len(columns))))
        shown = [[_cell(row[place]) for place in kept] for row in rows[:SHOWN_ROWS]]
        what = f"{len(rows):,} rows" if len(rows) > 1 else "one row"
        more = f", the first {SHOWN_ROWS}" if len(rows) > SHOWN_ROWS else ""
        table = _table(f"The mart's {what}{more}", "rows", [f"`{columns[place]}`" for place in kept], shown)
        return f"## The table behind it {{#table}}\n\n{table}"

    def _cells(self) -> str:
        heading = "## Source cells {#cells}\n"
        if self.traced is None:
            return f"{heading}\n{plain(self.entry['untraced'])}\n"
        files, count = self.traced["files"], self.traced["count"]
        numbers = {file["path"]: place for place, file in enumerate(files, 1)}
        text = (
            f"It is made of {count:,} cell{'s' * (count != 1)} in {len(files)} file{'s' * (len(files) > 1)}."
        )
        links = (
            f"[All cells as CSV]({self.name}.csv){{.download}} "
            f"([about the CSV]({self.name}.csv{ABOUT}){{.download}})"
        )
        items = []
        for file in files:
            address = f"<{file['address']}>" if file["address"] else "no address known"
            items.append(
                f"{numbers[file['path']]}. {plain(file['title'])}, {plain(file['edition'])}. "
                f"{plain(file['publisher'])}. "
                f"`{file['path']}`, {file['cells']:,} cells, {address}, {plain(file['licence'])}. "
                f"sha256 `{file['sha256'] or 'none: a table of this project'}`\n"
            )
        largest = [cells.Cell(*cell) for cell in self.traced["largest"]]
        what = "All of them" if count <= len(largest) else f"The {len(largest)} largest of {count:,}"
        table = _table(
            f"{what}, as the publisher prints them", "cells",
            ["File", "Place", "As published", "Unit", "Counts as"],
            [(numbers[c.source_file], c.source_locator, c.value_text, c.unit, c.part) for c in largest], "2",
        )  # fmt: skip
        return "\n".join([heading, f"{text} {links}\n", "".join(items), table, self._ledgers()])

    def _ledgers(self) -> str:
        """The publisher's files behind sums of a ledger, which are traced no further."""
        files = self.traced["ledgers"]
        if not files:
            return ""
        rows = [(f["file"], f"{f['lines_loaded']:,}", f["loaded_gbp"]) for f in files[:SHOWN_CELLS]]
        more = (
            f" (the first {SHOWN_CELLS}; the file about the CSV names all)"
            if len(files) > SHOWN_CELLS
            else ""
        )
        caption = (
            f"The {len(files)} files of the council behind these sums{more}. Single payments are not shown: "
            "one may be to a person"
        )
        return _table(caption, "ledgers", ["File", "Payments", "Pounds in all"], rows, "12")

    def _steps(self, text: str | None) -> str:
        parts = ["## Steps {#steps}\n", "From the marts:\n", _sql(self.entry["sql"])]
        if self.traced is not None:
            parts += [
                "From the publishers' cells, without the marts. The cells:\n",
                _sql(self.entry["cells"]),
            ]
            parts += ["What they make:\n", _sql(self.entry["formula"])]
            if text is not None:
                again = self._shown(self.traced["value"])
                verdict = "the same" if again == text else "NOT the number above"
                parts.append(f"The cells alone give {plain(again)}: {verdict}.\n")
        return "\n".join(parts)

    def _history(self) -> str:
        rows = [(moment.what, moment.text) for moment in self.past]
        if not rows:
            return "## History {#history}\n\nThis number is not in any release yet.\n"
        return "## History {#history}\n\n" + _table(
            "Its value by release and build", "history", ["Release or build", "Value"], rows, "1"
        )

    def _where(self) -> str:
        if not self.stated:
            where = (
                "On the [councils' pages](../councils/index.html)."
                if "parameter" in self.entry
                else "On no brief at present."
            )
        else:
            where = "\n".join(f"- [{plain(title)}](../{file})" for file, title in self.stated)
        return f"## Where it is stated {{#stated}}\n\n{where}\n"

    def _cite(self, text: str) -> str:
        own = self.entry.get("sources", "this package's own records")
        sources = self.traced["source"] if self.traced else own
        cited = citation(
            self.project, id=self.name, title=self.entry["label"], value=text, sources=sources,
            build=self.build["build_id"],
        )  # fmt: skip
        return "\n".join(
            [
                "## Cite {#cite}\n",
                f"Its address stays: `numbers/{self.name}.html`. Name the publisher's edition beside it.\n",
                "::: {.cite}",
                _code("text", cited.text()),
                "BibTeX\n\n" + _code("bibtex", cited.bibtex()),
                "RIS\n\n" + _code("ris", cited.ris()),
                "CSL-JSON\n\n" + _code("json", cited.csl()),
                ":::\n",
            ]
        )


def _cell(value: object) -> object:
    return (
        f"{value:,.6g}"
        if isinstance(value, float) and abs(value) < 1e6
        else f"{value:,.0f}"
        if isinstance(value, float)
        else value
    )


def _retired_page(name: str, old: dict, past: list) -> str:
    moments = _table(
        "Its value by release and build",
        "history",
        ["Release or build", "Value"],
        [(m.what, m.text) for m in past],
        "1",
    )
    return "\n".join(
        [_front(old["label"], "no longer in use"), f"{plain(old['retired'])}\n", moments if past else ""]
    )


def _alternatives_by_kind(register: dict[str, dict], kinds: dict[str, dict], listed: list[tuple]) -> str:
    """Every alternative that the pages show, kind by kind, and the numbers that have none with the reason."""
    parts = [
        _front("Alternatives by kind", "What the numbers would be on other terms"),
        "An alternative is the same quantity of the same thing and year, in the same unit. It differs from "
        "its number in one thing, its kind. Anything else is a related figure, on the number's own page.\n",
    ]
    for kind, said in kinds.items():
        rows = [
            (
                Markdown(f"[{plain(register[name]['label'])}]({name}.html)"), text, what,
                "on its page" if other is None else other if isinstance(other, str)
                else headlines.shown(other, register[name]["format"]),
            )
            for _, name, text, what, other in (row for row in listed if row[0] == kind)
        ]  # fmt: skip
        caption = f"{said['name']}: {len(rows)} alternatives"
        heads = ["Number", "It is", "On these terms", "It would be"]
        parts += [f"## {plain(said['name'])} {{#{kind}}}\n", f"{plain(said['means'])}\n"]
        table = _table(caption, f"kind-{kind.replace('_', '-')}", heads, rows, "13")
        parts.append(table if rows else "No number has one at present.\n")
    none: dict[str, list[str]] = {}
    for name, entry in register.items():
        if isinstance(entry["alternatives"], dict):
            none.setdefault(entry["alternatives"]["none"], []).append(name)
    parts.append("## Numbers without an alternative {#none}\n")
    for why, names in none.items():
        links = ", ".join(f"[{plain(register[name]['label'])}]({name}.html)" for name in names)
        parts.append(f"- {plain(why[0].upper() + why[1:])}: {links}.\n")
    return "\n".join(parts) + "\n"


def _index(register: dict[str, dict], figures: dict[str, dict]) -> str:
    """Every number by theme."""
    themes: dict[str, list] = {}
    for name, entry in register.items():
        themes.setdefault(entry["theme"], []).append(name)
    parts = [
        _front("Numbers", "Every number that the site states, what it means and which cells it is made of"),
        f"{len(register)} numbers. Each has a page with its definition, the table and the source cells "
        "behind it, what it would be on other terms, and how to cite it.\n",
    ]
    for theme, names in themes.items():
        lines = [
            f"| [{plain(register[name]['label'])}]({name}.html) | "
            f"{plain(figures[name]['text'] if name in figures else 'council by council')} |"
            for name in names
        ]
        parts.append("\n".join([f"## {plain(theme)}\n", "| Number | Value |", "|:--|--:|", *lines, ""]))
    untraced = [(name, entry) for name, entry in register.items() if "untraced" in entry]
    parts += [
        "[All alternatives by kind](alternatives.html): what the numbers would be on other terms.\n",
        "## Numbers without source cells\n",
        "Every other number is worked out again from its cells alone.\n",
    ]
    parts += [
        f"- [{plain(entry['label'])}]({name}.html): {plain(entry['untraced'])}" for name, entry in untraced
    ]
    return "\n".join(parts) + "\n"
