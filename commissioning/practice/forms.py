"""A round of an assessment that a team fills in, as YAML or spreadsheet: made empty, and read back.

A respondent is a role and never a name. A rating is a level of the framework, `not relevant`, or empty where
it was not answered. Free text stays in the file.
"""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from commissioning.base.choices import expected
from commissioning.base.errors import PracticeError
from commissioning.base.yamls import read_yaml
from commissioning.practice import documents, workbooks
from commissioning.practice.documents import Document, Faults

if TYPE_CHECKING:
    import duckdb

    from commissioning.ingest.sheets import Sheet

NOT_RELEVANT = "not relevant"
TEXTS = ("evidence", "helps", "hinders", "next_step")
ROUND = ("framework", "round", "date")
SHEETS = ("round", "responses", "elements")
OTHER_SHEETS = (".ods", ".xls", ".xlsm", ".xlsb", ".csv", ".tsv")
HEADER = ("response", "role", "element", "rating", *TEXTS)
INDENT = {"initial_indent": "  ", "subsequent_indent": "    "}
ABOUT = """A round of an assessment. One entry below `responses` for each respondent: copy the first as often
as needed.
role: one of {roles}
rating: one of {levels}, or {not_relevant}. Leave it empty where it was not answered.
The levels are {whose}.
evidence, helps, hinders, next_step: free text, which stays in this file. Write no names."""


@dataclass(frozen=True)
class Element:
    id: str
    name: str
    theme: str
    is_current: bool
    description: str


@dataclass(frozen=True)
class Framework:
    """A published framework: its elements in order, and the levels to rate them by, lowest first."""

    id: str
    name: str
    use_as: str
    what_it_is: str
    note: str
    source: str
    levels: tuple[str, ...]
    elements: dict[str, Element]
    levels_from: str

    @property
    def whose_levels(self) -> str:
        return "of its makers" if self.levels_from == "published" else "ours, and not its makers'"

    @property
    def themes(self) -> list[str]:
        return list(dict.fromkeys(one.theme for one in self.elements.values() if one.is_current))


@dataclass(frozen=True)
class Rating:
    """A rating of one element. `level` counts from 0, the lowest; None is `not relevant`."""

    element: str
    level: int | None
    texts: dict[str, str]


@dataclass(frozen=True)
class Response:
    role: str
    ratings: tuple[Rating, ...]


@dataclass(frozen=True)
class Round:
    file: Path
    where: str
    framework: Framework
    number: int
    date: dt.date
    responses: tuple[Response, ...]
    warnings: tuple[str, ...] = ()
    """Lines on texts that seem to say how to reach a person."""


@cache
def roles() -> tuple[str, ...]:
    file = Path(__file__).with_name("roles.yml")
    return tuple(read_yaml(file, PracticeError, "The list of roles", needs=("roles",))["roles"])


def framework(db: duckdb.DuckDBPyConnection, name: str) -> Framework:
    """A framework of the published marts. Raises `PracticeError` for one that is unknown or has no levels."""
    known = [row[0] for row in db.execute("select framework from dim_framework order by position").fetchall()]
    if name not in known:
        raise PracticeError(
            "There is no such framework.",
            expected=expected(name, known, "commissioning assess frameworks"),
            found=name,
            todo="name one of these, spelt as it is here",
        )
    about = db.execute(
        "select framework_name, use_as, what_it_is, coalesce(note, ''), coalesce(source_url, ''), levels, "
        "levels_from "
        "from dim_framework where framework = ?",
        [name],
    ).fetchone()
    rows = db.execute(
        "select element, element_name, theme, is_current, description from dim_framework_element "
        "where framework = ? order by position",
        [name],
    ).fetchall()
    if not about[5] or not rows:
        raise PracticeError(
            "This framework has nothing to rate.",
            found=name,
            todo="take another one: `commissioning assess frameworks` lists those that can be rated",
        )
    elements = {row[0]: Element(*row) for row in rows}
    return Framework(name, *about[:5], tuple(about[5].split("|")), elements, about[6])


def listed(db: duckdb.DuckDBPyConnection) -> list[str]:
    """A line for each framework, and whether it can be rated."""
    rows = db.execute(
        "select framework, framework_name, coalesce(levels, '') <> '' and exists ("
        "from dim_framework_element e where e.framework = f.framework), coalesce(note, 'It has no levels.') "
        "from dim_framework f order by position"
    ).fetchall()
    return [
        f"{name}: {title}" + ("" if rated else f". Cannot be rated: {note}")
        for name, title, rated, note in rows
    ]


# Writing an empty form


def write_yaml(file: Path, what: Framework, number: int, date: dt.date) -> None:
    blank = {"rating": "", **dict.fromkeys(TEXTS, "")}
    ratings = {one.id: dict(blank) for one in what.elements.values() if one.is_current}
    content = {
        "framework": what.id,
        "round": number,
        "date": date,
        "responses": [{"role": "", "ratings": ratings}],
    }
    about = ABOUT.format(
        roles=", ".join(roles()),
        levels=", ".join(what.levels),
        not_relevant=NOT_RELEVANT,
        whose=what.whose_levels,
    ) + "".join(
        "\n" + textwrap.fill(f"{one.id}: {one.name}. {one.description}", 106, **INDENT)
        for one in what.elements.values()
        if one.is_current
    )
    documents.write(file, content, about)


def write_xlsx(file: Path, what: Framework, number: int, date: dt.date, responses: int) -> None:
    """A workbook with a row for each response and element, and lists to choose roles and ratings from."""
    import xlsxwriter

    documents.refuse_existing(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    current = [one for one in what.elements.values() if one.is_current]
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        first = book.add_worksheet("round")
        for row, (name, value) in enumerate([("framework", what.id), ("round", number), ("date", date)]):
            first.write(row, 0, name, bold)
            if isinstance(value, dt.date):
                first.write_datetime(row, 1, value)
            else:
                first.write(row, 1, value)
        first.set_column(0, 1, 24)
        sheet = book.add_worksheet("responses")
        sheet.write_row(0, 0, HEADER, bold)
        sheet.freeze_panes(1, 4)
        sheet.set_column(0, 0, 9)
        sheet.set_column(1, 3, 22)
        sheet.set_column(4, 7, 40, wrap)
        pairs = [(n, one.id) for n in range(1, responses + 1) for one in current]
        for row, (n, element) in enumerate(pairs, 1):
            sheet.write_row(row, 0, [n, "", element])
        last = max(len(pairs), 1)
        sheet.data_validation(1, 1, last, 1, {"validate": "list", "source": list(roles())})
        choices = [*what.levels, NOT_RELEVANT]
        sheet.data_validation(1, 3, last, 3, {"validate": "list", "source": choices})
        key = book.add_worksheet("elements")
        key.write_row(0, 0, ("element", "theme", "name", "description"), bold)
        key.set_column(0, 2, 32)
        key.set_column(3, 3, 80, wrap)
        key.write(len(current) + 2, 0, f"The levels are {what.whose_levels}.")
        for row, one in enumerate(current, 1):
            key.write_row(row, 0, (one.id, one.theme, one.name, one.description))


# Reading


def read_all(files: Sequence[Path], db: duckdb.DuckDBPyConnection) -> list[Round]:
    """Rounds in order. Raises `PracticeError` for every fault of every file."""
    found, faults = [], Faults()
    for file in files:
        with faults.kept():
            found.append(read(file, db))
    with faults.kept():
        found = in_order(found)
    faults.tell()
    return found


def read(file: Path, db: duckdb.DuckDBPyConnection) -> Round:
    """A round that was filled in. Raises `PracticeError` with file and line, or row, of what is wrong."""
    if file.suffix.lower() in OTHER_SHEETS:
        raise PracticeError(
            "A form is a spreadsheet of another kind.",
            file=file,
            expected="YAML, or a spreadsheet saved as .xlsx",
            todo="save it as .xlsx; `commissioning assess new --xlsx` makes one to compare it with",
        )
    found = _read_xlsx(file, db) if file.suffix.lower() == ".xlsx" else _read_yaml(file, db)
    if not found.responses:
        raise PracticeError(
            "Nobody has answered yet.", file=file, todo="fill in at least one role with one rating"
        )
    return found


def _read_yaml(file: Path, db: duckdb.DuckDBPyConnection) -> Round:
    document = documents.read(file, "An assessment")
    content, faults = document.content, Faults()
    with faults.kept():
        document.keys((), ("framework", "round", "date", "responses"))
    what, date, responses, places = None, None, [], []
    if document.has("framework"):
        with faults.kept(), document.at(("framework",)):
            what = framework(db, documents.said(content["framework"]))
    with faults.kept():
        number = content.get("round")
        if document.has("round") and (type(number) is not int or number < 1):
            found = documents.no_number(number)
            raise document.fail("A round is a number.", ("round",), expected="1, 2, 3 …", found=found)
    if document.has("date"):
        with faults.kept():
            date = document.past(("date",))
    with faults.kept():
        if not isinstance(content.get("responses", []), list):
            raise document.fail(
                "responses is not a list.", ("responses",), expected="a list", found=content["responses"]
            )
        # Without its framework no rating can be held against anything.
        for n, _ in enumerate((content.get("responses") or []) if what else []):
            with faults.kept():
                responses += (given := _response(document, what, ("responses", n)))
                places += [f"line {document.lines['responses', n]}"] * len(given)
    faults.tell()
    warnings = (*document.warnings(), *_copies(file, responses, places))
    where = f"line {document.lines[('date',)]}"
    return Round(file, where, what, number, date, tuple(responses), warnings)


def _response(document: Document, what: Framework, way: documents.Way) -> list[Response]:
    """One response, or none where nothing was answered."""
    entry, faults = document.get(way), Faults()
    if not isinstance(entry, dict):
        raise document.fail(
            "A response is not as it should be.", way, expected="role and ratings", found=entry
        )
    for key in sorted(map(str, set(entry) - {"role", "ratings"})):
        faults.found.append(
            document.fail(
                "A response has an unknown key. Respondents are roles and have no name.",
                (*way, key),
                expected="role, ratings",
                found=key,
            )
        )
    ratings, given = [], entry.get("ratings")
    if not isinstance(given, dict):
        with faults.kept():
            raise document.fail(
                "A response has no ratings.",
                (*way, "ratings"),
                expected="an element with its rating",
                found=given,
            )
        given = {}
    for element, said in given.items():
        said = said if isinstance(said, dict) else {"rating": said}
        place = (*way, "ratings", element)
        with faults.kept():
            if extra := set(said) - {"rating", *TEXTS}:
                raise document.fail(
                    "A rating has an unknown key.", place,
                    expected=", ".join(("rating", *TEXTS)), found=", ".join(sorted(map(str, extra))),
                )  # fmt: skip
            if isinstance(entry["ratings"][element], dict):
                document.are_texts(place, TEXTS)
            if rating := _rating(what, documents.said(element), said, partial(_fail_at, document, place)):
                ratings.append(rating)
    role = None
    if ratings or faults.found:
        with faults.kept():
            role = _role(entry.get("role"), partial(_fail_at, document, (*way, "role")))
    faults.tell()
    return [Response(role, tuple(ratings))] if ratings else []


def _copies(file: Path, responses: Sequence[Response], places: Sequence[str]) -> list[str]:
    """A line for responses that are equal word for word: most likely copies that were left so."""
    alike: dict[tuple, list[str]] = {}
    for response, place in zip(responses, places, strict=True):
        ratings = sorted(
            (one.element, str(one.level), *sorted(one.texts.items())) for one in response.ratings
        )
        alike.setdefault((response.role, *ratings), []).append(place)
    return [
        f"{file}, {first}: equal to this in role, ratings and text: {', '.join(others)}; take out what is a "
        "copy, as each is counted as a person"
        for first, *others in alike.values()
        if others
    ]


def _fail_at(document: Document, way: documents.Way, what: str, **about: object) -> NoReturn:
    raise document.fail(what, way, **about)


def _check_columns(sheet: Sheet, fail: Callable) -> None:
    """Refuse a sheet that lacks a column of the form, or has anything outside of these."""
    heads = sheet.texts(0)
    if missing := [one for one in HEADER if one not in heads]:
        fail(
            "responses", 1, "A column is missing.",
            expected=", ".join(HEADER), found="no column " + ", ".join(missing),
        )  # fmt: skip
    if more := [one for one in heads if one and one not in HEADER]:
        fail(
            "responses", 1, "There is an unknown column. Respondents are roles and have no name.",
            expected=", ".join(HEADER), found=", ".join(more),
        )  # fmt: skip
    if tuple(heads[: len(HEADER)]) != HEADER:
        fail(
            "responses", 1, "The columns are not in their order.",
            expected=", ".join(HEADER), found=", ".join(heads),
        )  # fmt: skip
    for n in range(1, len(sheet.rows)):
        if any(sheet.texts(n)[len(HEADER) :]):
            fail(
                "responses", n + 1, "Something stands beside the form. Respondents have no name.",
                expected=f"nothing to the right of {HEADER[-1]}",
            )  # fmt: skip


def _read_xlsx(file: Path, db: duckdb.DuckDBPyConnection) -> Round:
    book = workbooks.opened(file)

    def fail(sheet: str, row: int, what: str, **about: object) -> NoReturn:
        about.setdefault("todo", "mend the row; `commissioning assess new` makes a form to compare it with")
        if "found" in about:
            about["found"] = documents.said(about["found"])
        raise PracticeError(what, file=file, where=f"sheet {sheet}, row {row}", **about)

    for name in ("round", "responses"):
        if name not in book.sheets:
            fail(name, 1, "A sheet is missing.", expected=name, found=", ".join(book.sheets))
    faults, what = Faults(), None
    for name in (name for name in book.sheets if name not in SHEETS):
        with faults.kept():
            fail(
                name, 1, "There is an unknown sheet. Only the sheets of the form are read.",
                expected=", ".join(SHEETS), found=name, todo="take it out, or keep it in a file of its own",
            )  # fmt: skip
    with faults.kept():
        what, number, date = _head_of_xlsx(book.sheets["round"].rows, db, fail)
    sheet = book.sheets["responses"]
    with faults.kept():
        _check_columns(sheet, fail)
    with faults.kept():
        _check_lost(file, fail)
    if what and not faults.found:
        with faults.kept():
            responses, warnings = _responses_of_xlsx(file, sheet, what, fail)
    faults.tell()
    return Round(
        file, "sheet round, row 3", what, number, date, responses, warnings + workbooks.comments(file)
    )


def _check_lost(file: Path, fail: Callable) -> None:
    """Refuse cells in which an answer was and is lost: read as values they would be empty."""
    faults, columns = Faults(), dict(zip("ABCDEFGH", HEADER, strict=True))
    for row, column, found in workbooks.lost(file, "responses"):
        if column in columns:
            with faults.kept():
                fail(
                    "responses", row, f"The {columns[column]} is lost: its cell has no value.",
                    expected="what was meant, typed in", found=found,
                    todo="type it in, or empty the cell where nothing was answered",
                )  # fmt: skip
    faults.tell()


def _responses_of_xlsx(
    file: Path, sheet: Sheet, what: Framework, fail: Callable
) -> tuple[tuple[Response, ...], tuple[str, ...]]:
    role_of: dict[str, str] = {}
    first_row: dict[str, int] = {}
    ratings: dict[str, dict[str, Rating]] = {}
    faults, warnings = Faults(), []
    for n in range(1, len(sheet.rows)):
        cells = dict(zip(HEADER, sheet.texts(n, len(HEADER)), strict=True))
        cells["response"] = cells["response"].removesuffix(".0")
        at = partial(fail, "responses", n + 1)
        if cells["response"] and not cells["response"].isdecimal():
            with faults.kept():
                at(
                    "A response is not a number. Respondents have no name.",
                    expected="1, 2, 3 …",
                    found=cells["response"],
                )
        kinds = {kind for key in TEXTS if (kind := documents.contact(cells[key]))}
        warnings += [
            f"{file}, sheet responses, row {n + 1}: this looks like {kind}; write none here"
            for kind in sorted(kinds)
        ]
        if cells["role"]:
            with faults.kept():
                role = _role(cells["role"], at)
                if role_of.setdefault(cells["response"], role) != role:
                    at("A response has two roles.", expected=role_of[cells["response"]], found=role)
        if not any(cells[key] for key in ("rating", *TEXTS)):
            continue
        with faults.kept():
            first_row.setdefault(cells["response"], n + 1)
            if not cells["response"]:
                at("The number of the response is missing.", expected="1, 2, 3 …")
            if (rating := _rating(what, cells["element"], cells, at)) is None:
                continue
            if rating.element in ratings.setdefault(cells["response"], {}):
                at("A response rates an element twice.", expected="one row", found=rating.element)
            ratings[cells["response"]][rating.element] = rating
    for response in ratings:
        if response not in role_of and not faults.found:
            with faults.kept():
                fail(
                    "responses",
                    first_row[response],
                    "A response has no role.",
                    expected=", ".join(roles()),
                    found=f"response {response}",
                )
    faults.tell()
    made = tuple(Response(role_of[r], tuple(given.values())) for r, given in ratings.items())
    places = [f"sheet responses, row {first_row[r]}" for r in ratings]
    return made, (*warnings, *_copies(file, made, places))


def _head_of_xlsx(rows: list, db: duckdb.DuckDBPyConnection, fail) -> tuple[Framework, int, dt.date]:
    about = {str(row[0]).strip(): row[1] for row in rows if len(row) > 1}
    stands = {str(row[0]).strip(): n for n, row in enumerate(rows, 1) if row}
    at = {name: stands.get(name, n) for n, name in enumerate(ROUND, 1)}
    number, date, what, faults = about.get("round"), about.get("date"), None, Faults()
    for n, row in enumerate(rows, 1):
        cells = [str(cell).strip() for cell in row]
        if any(cells) and (cells[0] not in ROUND or any(cells[2:])):
            with faults.kept():
                fail(
                    "round", n, "There is an unknown entry. Respondents are roles and have no name.",
                    expected=", ".join(ROUND), found=cells[0] if cells[0] not in ROUND else "a third column",
                )  # fmt: skip
    if isinstance(date, dt.datetime):
        date = date.date()
    with faults.kept():
        try:
            date = dt.date.fromisoformat(date) if isinstance(date, str) else date
        except ValueError:
            fail("round", at["date"], "This is not a date.", expected="2026-11-30", found=date)
        if not isinstance(date, dt.date):
            fail("round", at["date"], "This is not a date.", expected="2026-11-30", found=date)
        if fault := documents.wrong_day(date):
            fail("round", at["date"], fault, expected=documents.days_told(), found=date)
    with faults.kept():
        if not isinstance(number, int | float) or number < 1 or number != int(number):
            fail("round", at["round"], "A round is a number.", expected="1, 2, 3 …", found=number)
    with faults.kept():
        try:
            what = framework(db, str(about.get("framework", "")).strip())
        except PracticeError as error:
            fail(
                "round",
                at["framework"],
                error.what,
                expected=error.expected,
                found=error.found,
                todo=error.todo,
            )
    faults.tell()
    return what, int(number), date


def _rating(what: Framework, element: str, said: dict, fail) -> Rating | None:
    if element not in what.elements:
        known = [one.id for one in what.elements.values() if one.is_current]
        listed_by = f"commissioning assess frameworks {what.id}"
        fail(
            "The framework has no such element.", expected=expected(element, known, listed_by), found=element
        )
    if not what.elements[element].is_current:
        fail(
            "The element was retired and can no longer be rated.",
            found=element,
            todo="strike it, or rate the element that took its place",
        )
    text = said.get("rating")
    texts = {key: str(said[key]).strip() for key in TEXTS if said.get(key)}
    if text in (None, ""):
        if texts:
            fail(
                "There is text on an element without a rating.",
                expected=f"a level, or {NOT_RELEVANT}",
                found=element,
            )
        return None
    choices = {level.lower(): n for n, level in enumerate(what.levels)}
    key = str(text).strip().lower()
    if key != NOT_RELEVANT and key not in choices:
        fail(
            "A rating is off the scale.",
            expected=", ".join([*what.levels, NOT_RELEVANT]),
            found=text,
        )
    return Rating(element, choices.get(key), texts)


def _role(role: object, fail) -> str:
    """A role as the list has it, in whatever case it was written."""
    written = role.strip() if isinstance(role, str) else ""
    if written.lower() in roles():
        return written.lower()
    # Words that each begin with a capital letter and are no role in capitals, a title or an address of mail.
    word = r"[A-Z][\w'’.-]*"
    name = rf"{word}(,?\s*{word}){{0,3}}|(Mr|Mrs|Ms|Miss|Dr|Prof)\b.*|.*@.*"
    looks = re.fullmatch(name, written)
    fail(
        "A respondent looks like a name." if looks else "The role is unknown.",
        expected=", ".join(roles()),
        found=role,
        todo="put a role from the list in its place, and `other` where none fits. Write no names",
    )


def in_order(rounds: Sequence[Round]) -> list[Round]:
    """Rounds of one framework, the earliest first. Raises `PracticeError` for two of one date or number."""
    found = sorted(rounds, key=lambda one: one.date)
    for before, after in pairwise(found):
        if after.framework.id != before.framework.id:
            raise PracticeError(
                "The rounds are of two frameworks.",
                file=after.file,
                expected=before.framework.id,
                found=after.framework.id,
                todo="report each framework by itself",
            )
        if after.date == before.date or after.number <= before.number:
            same = "have one date" if after.date == before.date else "are not in the order of their dates"
            raise PracticeError(
                f"Two rounds {same}.",
                file=after.file,
                where=after.where,
                expected=f"another round and a later date than {before.number}, {before.date}, "
                f"of {before.file.name}",
                found=f"{after.number}, {after.date}",
                todo="mend the date or the number of the round, or name a file once",
            )
    return found
