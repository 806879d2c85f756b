"""One number's page: what the template `number.qmd.j2` is given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from commissioning.base.csvs import ABOUT
from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.base.sql import one_select
from commissioning.numbers import alternatives, cells, headlines, queries
from commissioning.numbers.cell_store import SHOWN_CELLS
from commissioning.numbers.citations import citation
from commissioning.site.formats import written
from commissioning.site.judgements import pandemic
from commissioning.site.numbers import cautions

if TYPE_CHECKING:
    import duckdb

SHOWN_ROWS = 12
"""Rows of a mart that a page shows."""
CITED_PAGES = 2
"""Publishers' pages that a citation names; of more it names the sources alone."""
FINER_DIGITS = 4
"""Digits more, at most, that a difference gets which would else be nought."""

NEVER_SHOWN = "area_id"
ALWAYS_SHOWN = ("area_name", "council_name", "financial_year")
KEYS = (
    ("bases A to D", "bases", r"\b[Bb]as[ie]s [A-D]\b"),
    ("grades of evidence: labelled, inferred, assumed", "grades", r"\binferred\b|ledger_cells"),
)
"""What the methods have a key of, its anchor there, and the words of an entry that need it."""
FIRST_COLUMNS = 6
"""What is shown of a mart of which a headline names no column."""


@dataclass
class Number:
    """A headline of the register with all that its page says of it."""

    project: Project
    build: str
    kinds: dict[str, dict]
    councils: dict[str, str]
    """Names of councils, by id."""
    db: duckdb.DuckDBPyConnection = field(repr=False)
    name: str
    entry: dict[str, Any]
    figure: dict[str, Any]
    """Its value and text; of a number for every council, one of each by council."""
    traced: dict[str, Any] | None
    stated: list[tuple[str, str]]
    past: list

    @property
    def by_council(self) -> bool:
        return "parameter" in self.entry

    @property
    def value(self) -> Any:
        return None if self.by_council else self.figure["value"]

    @property
    def text(self) -> str:
        return "council by council" if self.by_council else self.figure["text"]

    def view(self) -> dict[str, Any]:
        """The template's values."""
        text = None if self.by_council else self.figure["text"]
        own = self.entry.get("sources", "this package's own records")
        return {
            "name": self.name,
            "entry": self.entry,
            "text": text,
            "flags": self.flags(), "labels": labels_of(self.entry),
            "interval": self.interval(),
            "councils": self._councils() if self.by_council else [],
            "alternatives": self.alternatives,
            "no_alternative": self.no_alternative,
            "verdict": verdict(self),
            "related": self._related(),
            "mart": None if self.by_council else self._mart(),
            "traced": self.traced and self._traced(text),
            "history": [(moment.what, moment.text) for moment in self.past],
            "stated": self.stated,
            "build": self.build,
            "cited": citation(
                self.project, id=self.name, title=self.entry["label"], build=self.build,
                value="one figure for every council" if text is None else text,
                sources=self.traced["source"] if self.traced else own,
                published_at=published_at(self.traced), caution=self.entry.get("caution", ""),
            ),
            "about_suffix": ABOUT,
        }  # fmt: skip

    def shown(self, value: object, format: str | None = None) -> str:
        return value if isinstance(value, str) else headlines.shown(value, format or self.entry["format"])

    def _councils(self) -> list[dict[str, Any]]:
        """Every council's figure, by its name, with why it is missing or flagged."""
        doubts = self.doubts()
        return [
            {
                "id": council,
                "council": self.councils[council],
                "missing": doubts.get(council),
                **self.figure[council],
            }
            for council in sorted(self.figure, key=self.councils.get)
        ]

    def flags(self) -> list[str]:
        """What to bear in mind of the number."""
        rows = [] if self.by_council else [*self._rows_behind(), *self._rows_behind(joined=True)]
        return cautions.of(self.entry, rows, pandemic(self.project))

    def interval(self) -> dict[str, Any] | None:
        """Its 95% interval, as text, where it is an estimate."""
        found = cautions.interval(self.entry["sql"], self._rows_behind)
        return found and found | {end: self.shown(found[end]) for end in ("low", "high")}

    @cached_property
    def _behind(self) -> tuple[list[str], list[tuple]] | None:
        """Columns and whole rows of the mart that the number's SQL reads, where it reads one."""
        query = queries.rows_behind(self.entry["sql"])
        return self._run(query) if query else None

    def _rows_behind(self, joined: bool = False) -> list[dict[str, Any]]:
        """The rows that the SQL reads: of two marts in one, those of the first, or those `joined` to them."""
        columns, rows = self._behind or ([], [])
        if joined and len(set(columns)) == len(columns):
            return []
        step = 1 if joined else -1
        return [dict(zip(columns[::step], row[::step], strict=True)) for row in rows]

    def doubts(self) -> dict[str, str]:
        """Why the figures of councils on the number's own basis and year are flagged, by council."""
        return cautions.of_councils(self.entry, self.db)

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
                todo="mend `sql` of the headline or of its family",
            ) from error
        return [column[0] for column in result.description], result.fetchall()

    # On other terms

    @property
    def no_alternative(self) -> str | None:
        """Why the number has no alternative, where the register says so."""
        choices = self.entry["alternatives"]
        return choices["none"] if isinstance(choices, dict) else None

    @cached_property
    def alternatives(self) -> list[dict[str, Any]]:
        """The same quantity on other terms, a table for each entry of the register that gives any rows."""
        if self.no_alternative:
            return []
        make = self._by_council if self.by_council else self._alone
        found = [make(choice, self.kinds[choice["kind"]]) for choice in self.entry["alternatives"]]
        return [
            {
                "id": f"alternatives-{place}",
                "kind": choice["kind"],
                "caption": f"{self.kinds[choice['kind']]['name']}: {choice['label']}",
                **table,
            }
            for place, (choice, table) in enumerate(zip(self.entry["alternatives"], found, strict=True), 1)
            if table["rows"] or self.by_council
        ]

    def _alone(self, choice: dict, kind: dict) -> dict[str, Any]:
        rows = [row for row in self._run(choice["sql"])[1] if row[1] is not None]
        alternatives.check_values(self.name, self.entry, choice, kind, self.value, rows)
        return {
            "columns": None,
            "rows": [(terms, self.shown(other), self._gap(other)) for terms, other in rows],
            "others": [other for _, other in rows],
        }

    def _by_council(self, choice: dict, kind: dict) -> dict[str, Any]:
        """Of a number that every council has one of: no range, but a column for each of the terms."""
        found: dict[str, dict[str, object]] = {}
        for council, terms, other in self._run(choice["sql"])[1]:
            if other is not None:
                found.setdefault(council, {})[terms] = other
        for council, others in found.items():
            value = self.figure[council]["value"]
            alternatives.check_values(self.name, self.entry, choice, kind, value, list(others.items()))
        terms = sorted({terms for others in found.values() for terms in others})
        return {
            "terms": terms,
            "columns": [
                (head, place, *([written] if place else []))
                for place, head in enumerate(["Council", "Figure", *terms])
            ],
            "rows": [
                [self.councils[council], self.figure[council]["text"]]
                + [self.shown(found[council][on]) if on in found[council] else None for on in terms]
                for council in sorted(found, key=self.councils.get)
            ],
        }

    def _gap(self, other: object) -> str:
        """The difference, in the number's own format."""
        if isinstance(self.value, str) or isinstance(other, str):
            return "the same" if self.value == other else "another"
        if self.shown(other) == self.shown(self.value):
            return "the same"
        format = self.entry["format"].replace("percent", "points")
        gap = headlines.shown(float(other) - self.value, format)
        for _ in range(FINER_DIGITS):
            # Two that round apart may lie nearer to each other than the last digit shown.
            if re.search("[1-9]", gap):
                break
            format = _finer(format)
            gap = headlines.shown(float(other) - self.value, format)
        return gap if gap[0] == "−" else f"+{gap}"

    def _related(self) -> list[dict[str, Any]]:
        """Figures that help to judge the number and are another quantity."""
        found = []
        for place, figure in enumerate(self.entry["related"], 1):
            rows = [
                (what, or_under(other, figure.get("format") or self.entry["format"]))
                for what, other, *_ in self._run(figure["sql"])[1]
                if other is not None
            ]
            if rows:
                caption = f"{figure['label']} ({figure['unit']})"
                found.append({"id": f"related-{place}", "caption": caption, "rows": rows})
        return found

    # What it is made of

    def _mart(self) -> dict[str, Any] | None:
        """The mart rows that the SQL reads: the columns that it names, and whose and when they are."""
        if not self._behind:
            return None
        columns, rows = self._behind
        named = set(re.findall(r"\w+", self.entry["sql"])) - {NEVER_SHOWN} | set(ALWAYS_SHOWN)
        kept = [place for place, column in enumerate(columns) if column in named]
        kept = kept or list(range(min(FIRST_COLUMNS, len(columns))))
        names = {place: Markup("<code>{}</code>").format(columns[place]) for place in kept}
        shown = [[_rounded(value) for value in row] for row in rows[:SHOWN_ROWS]]
        heads = [(name, place) for place, name in names.items()]
        if len(shown) == 1:
            # One row is read downwards: across, its last columns would lie out of sight.
            heads, shown = [("Column", 0), ("It is", 1)], [(names[place], shown[0][place]) for place in kept]
        return {"columns": heads, "rows": shown, "count": len(rows), "limit": SHOWN_ROWS}

    def _traced(self, text: str | None) -> dict[str, Any]:
        files = [
            file | {"place": place, "ours": counted_here(file)}
            for place, file in enumerate(self.traced["files"], 1)
        ]
        places = {file["path"]: file["place"] for file in files}
        largest = [cells.Cell(*cell) for cell in self.traced["largest"]]
        again = None if text is None else self.shown(self.traced["value"])
        return {
            "count": self.traced["count"],
            "files": files,
            "largest": [
                (places[c.source_file], c.source_locator, c.value_text, c.unit, c.part) for c in largest
            ],
            "ledgers": [
                (file["file"], f"{file['lines_loaded']:,}", f"{float(file['loaded_gbp']):,.2f}")
                for file in self.traced["ledgers"][:SHOWN_CELLS]
            ],
            "ledger_count": len(self.traced["ledgers"]),
            "limit": SHOWN_CELLS,
            "again": again,
            "same": again == text,
        }


def labels_of(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """The keys that explain what the page says: bases of the returns, grades of a ledger's payments."""
    said = " ".join(str(entry.get(part, "")) for part in ("label", "definition", "method", "cells"))
    return [(words, anchor) for words, anchor, pattern in KEYS if re.search(pattern, said)]


def counted_here(file: dict) -> bool:
    """Whether this project counted what stands there: a ledger's sums are in no file of the publisher."""
    return file["sha256"] is None and file["dataset"].startswith("ledger_")


def published_at(traced: dict[str, Any] | None) -> tuple[str, ...]:
    """The publishers' pages of a number's files, where they are few enough to be cited."""
    found = dict.fromkeys(file["address"] for file in (traced["files"] if traced else ()))
    known = tuple(address for address in found if address and address.startswith("http"))
    return known if len(known) <= CITED_PAGES else ()


def verdict(number: Number) -> dict[str, Any] | None:
    """What the alternatives do to the finding: their range, and whether its sign holds."""
    if number.by_council or isinstance(number.value, str) or not number.alternatives:
        return None
    others = [float(other) for table in number.alternatives for other in table["others"]]
    low, high = alternatives.span(number.value, others)
    return {
        "low": number.shown(low),
        "high": number.shown(high),
        "turned": sum(other * number.value < 0 for other in others),
        "others": len(others),
        "below": low < 0 or number.value < 0,
    }


def or_under(value: object, format: str) -> str:
    """A related figure; a share that would round to nought is said to be under the least that is shown."""
    text = value if isinstance(value, str) else headlines.shown(value, format)
    kind, _, digits = format.partition(".")
    if kind != "percent" or not value or re.search("[1-9]", text):
        return text
    return f"under {headlines.shown(10 ** -(2 + int(digits or 0)), format)}"


def _finer(format: str) -> str:
    """The format with a digit more: `points.1` for `points.0`."""
    kind, _, digits = format.partition(".")
    return f"{kind}.{int(digits or 0) + 1}"


def _rounded(value: object) -> object:
    if not isinstance(value, float):
        return value
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
