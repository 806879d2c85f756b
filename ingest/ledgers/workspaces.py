"""A workspace: a folder of the user's with bodies, headings, rules and files of her own.

`commissioning ledger init` makes it. `COMMISSIONING_WORKSPACE` names it, else the current folder lies in it.
A body of the workspace takes the place of the package's body of that name, and `clashes` says so.
"""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from commissioning.base.errors import LedgerError
from commissioning.base.files import replace_text
from commissioning.base.paths import Project, Workspace, home, own_workspace, workspace
from commissioning.ingest.ledgers import headers
from commissioning.ingest.ledgers.bodies import NOT_BODIES, SLUG, Body, is_draft, load_body

NATIONS = ("England", "Scotland", "Wales", "Northern Ireland", "United Kingdom")
GRADES = ("publisher_definition", "ledger_label", "inferred", "assumed")
BEFORE_THE_PACKAGES = 1_000_000
"""Taken from the priority of a workspace's rule, so that it comes before every rule of the package."""
SCOPES = ("adult_social_care", "other")
README = """# A workspace of ledgers

A folder of your own beside commissioning-evidence. Commands that are run in it use it. From elsewhere, tell
them of it: `export {named}`.

- `bodies/`: a YAML file for each body, written by `commissioning ledger add`.
- `bodies.csv`: what each body is: its name, kind and, where it is one, council.
- `aliases.yml`: headings that the package does not know.
- `route_rules.csv`: which label is which route. `commissioning ledger labels BODY` proposes rules. A row
  counts where its `status` is `accepted` or empty, and not where it is `proposed`. Your rules are tried
  before the package's, and one of the same `rule_id` replaces it.
- `series.csv`: months that can be compared with each other.
- `files/BODY/`: the files that `add` was given, kept.
- `lake/`: every payment that was read. It can be made anew from the files.

The package's own bodies and lists stay as they are. A body of yours stands in place of the package's body of
that name. Each file says at its top what it holds, and `commissioning ledger ingest` checks them all.
"""
ALIASES = """# Headings that the package does not know, by field, as in ingest/ledgers/aliases.yml, such as
# supplier:
#   - [paid to whom]
{}
"""


@dataclass(frozen=True)
class Table:
    """A CSV of the workspace: columns, key, which may not be empty, what each must hold, what it is for."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    needs: tuple[str, ...]
    checks: dict[str, Callable[[str], bool]]
    expected: dict[str, str]
    about: tuple[str, ...]

    def text(self) -> str:
        """An empty table: what it is for, in comments, and the names of its columns."""
        return "".join(f"# {line}\n" for line in self.about) + ",".join(self.columns) + "\n"


def _is_month(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-01", text))


@cache
def _seed(folder: Path, name: str, column: str) -> frozenset[str]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row[column] for row in csv.DictReader(file))


def seeds() -> Path:
    """The package's seeds."""
    return home().dbt / "seeds"


def _one_of_seed(name: str, column: str) -> Callable[[str], bool]:
    return lambda text: text in _seed(seeds(), name, column)


TABLES = {
    "bodies.csv": Table(
        ("body", "body_name", "kind", "nation", "council_id"),
        ("body",),
        ("body",),
        {
            "body": lambda text: bool(SLUG.fullmatch(text)),
            "kind": _one_of_seed("ledger_body_kinds", "kind"),
            "nation": NATIONS.__contains__,
            "council_id": _one_of_seed("councils", "council_id"),
        },
        {
            "body": "small letters, digits and hyphens: nhs-made-up",
            "kind": "county_council, unitary_authority, metropolitan_district, london_borough, "
            "district_council, nhs_body, department or another kind of dbt/seeds/ledger_body_kinds.csv",
            "nation": ", ".join(NATIONS),
            "council_id": "a council_id of dim_council, such as devon; empty for a body that is none",
        },
        (
            "What each body is. A body without a row is the council of its name, or of no stated kind.",
            "For example: nhs-made-up,Made-up NHS Trust,nhs_body,England,",
        ),
    ),
    "route_rules.csv": Table(
        (
            "rule_id",
            "body",
            "priority",
            "first_month",
            "last_month",
            "area_like",
            "code_like",
            "label_like",
            "prefix_like",
            "care_scope",
            "support_setting",
            "route",
            "evidence_grade",
            "reason",
            "status",
        ),
        ("rule_id",),
        ("rule_id", "body", "priority", "care_scope", "reason"),
        {
            "body": lambda text: bool(SLUG.fullmatch(text)),
            "priority": lambda text: bool(re.fullmatch(r"\d{1,6}", text)),
            "first_month": _is_month,
            "last_month": _is_month,
            "care_scope": SCOPES.__contains__,
            "support_setting": _one_of_seed("support_settings", "support_setting"),
            "route": _one_of_seed("routes", "route"),
            "evidence_grade": GRADES.__contains__,
            "status": ("accepted", "proposed").__contains__,
        },
        {
            "body": "small letters, digits and hyphens",
            "priority": "a whole number",
            "first_month": "the first day of a month, 2019-04-01",
            "last_month": "the first day of a month, 2019-04-01",
            "care_scope": " or ".join(SCOPES),
            "support_setting": "a setting of dbt/seeds/support_settings.csv, or not_split",
            "route": "a route of dbt/seeds/routes.csv, such as direct_payment, spot, block or unlabelled",
            "evidence_grade": ", ".join(GRADES),
            "status": "accepted or proposed; empty is accepted",
        },
        (
            "Which labels of a ledger are adult social care, and which route each is. Patterns are LIKE",
            "patterns in small letters (%direct payment%); an empty one fits anything; the lowest priority",
            "wins. A row with the status proposed does not count: write accepted when you agree.",
        ),
    ),
    "series.csv": Table(
        ("body", "first_month", "last_month", "era", "comparability_group", "in_series", "note"),
        ("body", "first_month"),
        ("body", "first_month", "era", "comparability_group", "in_series"),
        {
            "body": lambda text: bool(SLUG.fullmatch(text)),
            "first_month": _is_month,
            "last_month": _is_month,
            "in_series": ("true", "false").__contains__,
        },
        {
            "body": "small letters, digits and hyphens",
            "first_month": "the first day of a month, 2019-04-01",
            "last_month": "the first day of a month, 2019-04-01; empty for the last stretch",
            "in_series": "true or false",
        },
        (
            "Months of each ledger that can be compared with each other: no line joins two groups.",
            "in_series is false where the ledger cannot show care; the note says why.",
        ),
    ),
}


def named(folder: Path) -> str:
    """The setting by which commands are told of a workspace, as a shell takes it."""
    return f"COMMISSIONING_WORKSPACE={shlex.quote(str(folder.resolve()))}"


def init(folder: Path) -> list[Path]:
    """Make a workspace, or what is missing of one. Returns what was made; what is there stays as it is."""
    if folder.exists() and not folder.is_dir():
        raise LedgerError("A workspace is a folder.", file=folder, found="a file", todo="name a folder")
    made = []
    for name in ("bodies", "files", "lake"):
        if not (folder / name).is_dir():
            (folder / name).mkdir(parents=True)
            made.append(folder / name)
    texts = {"README.md": README.replace("{named}", named(folder)), "aliases.yml": ALIASES}
    texts |= {name: table.text() for name, table in TABLES.items()}
    for name, text in texts.items():
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
            made.append(folder / name)
    return made


# Reading


def rows_of(here: Project, name: str) -> list[dict[str, str]]:
    """The rows of a CSV of the workspace, checked, each with its `line`. An empty list where it is missing.

    Raises `LedgerError` naming file and line.
    """
    path, table = here.root / name, TABLES[name]
    if not path.exists():
        return []
    found = list(_records(path, table))
    seen: dict[tuple, int] = {}
    for row in found:
        key = tuple(row[column] for column in table.key)
        if key in seen:
            raise _complaint(path, row["line"], "A row is there twice.", " ".join(key), f"line {seen[key]}")
        seen[key] = row["line"]
    return found


def _records(path: Path, table: Table) -> Iterator[dict]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as fault:
        raise LedgerError(
            "A file of the workspace is no text in UTF-8.",
            file=path,
            found=str(fault),
            todo="save it again as UTF-8, as a spreadsheet or editor offers",
        ) from None
    plain = [
        (number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")
    ]
    if not plain or plain[0][1].split(",") != list(table.columns):
        raise LedgerError(
            "The header of a file of the workspace is not as it should be.",
            file=path,
            where=f"line {plain[0][0]}" if plain else None,
            expected=",".join(table.columns),
            found=plain[0][1] if plain else "nothing",
            todo="restore the header",
        )
    for number, line in plain[1:]:
        try:
            cells = next(csv.reader([line], strict=True))
        except csv.Error as fault:
            raise _complaint(path, number, "A line is no CSV.", line, str(fault)) from None
        if len(cells) != len(table.columns):
            raise _complaint(
                path,
                number,
                "A line has too many or too few cells.",
                len(cells),
                f"{len(table.columns)} cells",
            )
        row = {name: cell.strip() for name, cell in zip(table.columns, cells, strict=True)}
        for name, cell in row.items():
            if not cell and name in table.needs:
                raise _complaint(path, number, f"{name} is empty.", line, table.expected.get(name, "a text"))
            if cell and not table.checks.get(name, bool)(cell):
                raise _complaint(path, number, f"{name} is unknown or malformed.", cell, table.expected[name])
        yield {**row, "line": number}


def _complaint(path: Path, line: int, what: str, found: object, expected: str) -> LedgerError:
    return LedgerError(
        what,
        file=path,
        where=f"line {line}",
        expected=expected,
        found=found,
        todo="mend the line; the comments at the top of the file say what it holds",
    )


def rules_of(here: Project, *, proposed: bool = False) -> list[dict]:
    """The workspace's rules that count, or those that are only proposed."""
    path = here.root / "route_rules.csv"
    rows = rows_of(here, "route_rules.csv")
    priorities: dict[tuple, int] = {}
    for row in rows:
        said = [row[name] != "" for name in ("support_setting", "route", "evidence_grade")]
        if row["care_scope"] == "adult_social_care" and not all(said):
            raise _complaint(
                path,
                row["line"],
                "A rule of adult social care says too little.",
                row["rule_id"],
                "support_setting, route and evidence_grade; not_split and unlabelled where nobody can tell",
            )
        if row["status"] == "proposed":
            continue
        key = (row["body"], int(row["priority"]))
        if key in priorities:
            raise _complaint(
                path,
                row["line"],
                "Two rules of a body have one priority.",
                key,
                f"not that of line {priorities[key]}",
            )
        priorities[key] = row["line"]
    return [row for row in rows if (row["status"] == "proposed") == proposed]


def series_of(here: Project) -> dict[str, list[dict]]:
    """The stretches of each body in the workspace's `series.csv`, in order and without overlap."""
    found: dict[str, list[dict]] = {}
    for row in sorted(rows_of(here, "series.csv"), key=lambda row: (row["body"], row["first_month"])):
        before = found.setdefault(row["body"], [])
        if before and not (before[-1]["last_month"] and before[-1]["last_month"] < row["first_month"]):
            raise _complaint(
                here.root / "series.csv",
                row["line"],
                "Two stretches of a body overlap.",
                f"{row['body']}, from {row['first_month']}",
                f"a last_month before it in line {before[-1]['line']}",
            )
        before.append(row)
    return found


def own_bodies(here: Project | None = None) -> dict[str, Body]:
    """The bodies of the workspace, drafts left out."""
    here = here or workspace()
    files = sorted(file for file in here.bodies.glob("*.yml") if not is_draft(file.stem))
    return {file.stem: load_body(file) for file in files}


# Merging


def clashes(here: Project) -> list[str]:
    """What the workspace and the package both say, and which of them counts, in words."""
    package = packages_bodies()
    mine = set(own_bodies(here))
    told = [f"body {name}: yours, not the package's" for name in sorted(mine & package)]
    told += [
        f"body {name}: yours, not the package's {theirs}, which is the same council"
        for theirs, name in in_place_of(here, mine).items()
    ]
    ids = _seed(seeds(), "route_rules", "rule_id")
    told += [
        f"rule {row['rule_id']}: yours, not the package's" for row in rules_of(here) if row["rule_id"] in ids
    ]
    series = _seed(seeds(), "ledger_series", "body")
    told += [f"months of {name}: yours, not the package's" for name in sorted(set(series_of(here)) & series)]
    return told


def packages_bodies() -> set[str]:
    return {file.stem for file in Path(__file__).parent.glob("*.yml")} - NOT_BODIES


def council_of(here: Project, body: str) -> str | None:
    """The council that a body is: as `bodies.csv` or the package says, else the one of its name, if any."""
    declared = _declared(seeds()) | {row["body"]: row["council_id"] for row in rows_of(here, "bodies.csv")}
    if body in declared:
        return declared[body] or None
    return body if body in _seed(seeds(), "councils", "council_id") else None


@cache
def _declared(folder: Path) -> dict[str, str]:
    with (folder / "ledger_bodies.csv").open(encoding="utf-8", newline="") as file:
        return {row["body"]: row["council_id"] for row in csv.DictReader(file)}


def in_place_of(here: Project, names: Iterable[str]) -> dict[str, str]:
    """The package's bodies that are the council of a body among `names`, which has another name, each with
    that body: marts hold one ledger of a council.

    Raises `LedgerError` where two of `names` are one council.
    """
    mine: dict[str, str] = {}
    for name in sorted(names):
        council = council_of(here, name)
        if council is not None and mine.setdefault(council, name) != name:
            raise LedgerError(
                "Two bodies of the workspace are the same council, and would be counted twice.",
                file=here.root / "bodies.csv",
                expected="one body of a council",
                found=f"{mine[council]} and {name} are {council}",
                todo=f"leave council_id empty in the line of one of them: {name},,,,",
            )
    others = sorted(packages_bodies() - set(names))
    return {other: mine[council] for other in others if (council := council_of(here, other)) in mine}


def unplaced(here: Project, body: str) -> str | None:
    """That nothing tells what a body is, where its name is no council's and `bodies.csv` has no row of it."""
    councils = _seed(seeds(), "councils", "council_id")
    if body in councils or any(row["body"] == body for row in rows_of(here, "bodies.csv")):
        return None
    near = sorted(name for name in councils if name.startswith(body) or body.startswith(name))
    option = f"--council {near[0]}" if near else "--kind nhs_body"
    return (
        f"no council has the id {body}, so it is compared with no official return. "
        + (f"Ids like it: {', '.join(near[:5])}. " if near else "")
        + f"Say what it is: `commissioning ledger add --resume --body {body} {option}`"
    )


def place(here: Project, body: str, name: str | None, council: str | None, kind: str | None) -> None:
    """Add the body's line to `bodies.csv`: what it is called, its kind, or the council that it is.

    Raises `LedgerError` where the line would not be as that file asks, or where one is there that says
    otherwise; the file stays as it was.
    """
    path, table = here.root / "bodies.csv", TABLES["bodies.csv"]
    row = dict.fromkeys(table.columns, "") | {
        "body": body,
        "body_name": name or "",
        "kind": kind or "",
        "council_id": council or "",
    }
    for line in rows_of(here, "bodies.csv"):
        if line["body"] == body:
            if any(row[column] and row[column] != line[column] for column in ("kind", "council_id")):
                raise LedgerError(
                    "A line says already what this body is.",
                    file=path,
                    where=f"line {line['line']}",
                    expected=", ".join(filter(None, (council, kind))),
                    found=", ".join(filter(None, (line["council_id"], line["kind"]))) or "nothing of it",
                    todo="mend that line, or leave the option out",
                )
            return
    before = path.read_text(encoding="utf-8") if path.exists() else table.text()
    made = io.StringIO()
    csv.DictWriter(made, table.columns, lineterminator="\n").writerow(row)
    replace_text(path, before + ("" if before.endswith("\n") else "\n") + made.getvalue())
    try:
        rows_of(here, "bodies.csv")
    except LedgerError:
        replace_text(path, before)
        raise


def check(here: Project) -> list[str]:
    """Read every table and list of the workspace, and say what the package says as well.

    Raises `LedgerError`.
    """
    for name in TABLES:
        rows_of(here, name)
    headers.aliases()
    return clashes(here)


def required() -> Workspace:
    """The user's workspace. Raises `LedgerError` where none is named."""
    here = own_workspace()
    if here is None:
        raise LedgerError(
            "This needs a workspace.",
            where="environment variable COMMISSIONING_WORKSPACE",
            found="not set, and the current folder is in none",
            todo="run `commissioning ledger init FOLDER`, and go into the folder or set the variable to it",
        )
    return here
