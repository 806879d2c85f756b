"""The build of a workspace: the package's figures and the ledgers of the user's own, in a folder of hers.

`WORKSPACE/build/` is made a project like the checkout: the checkout's models, rules and raw tables, and over
them the workspace's bodies, route rules and months. The checkout itself stays as it is. A body that the lake
holds is counted into `data/raw/ledger_<body>/` and gets an entry in the catalogue, so that all after it is
the build that the package's own bodies go through.
"""

from __future__ import annotations

import csv
import datetime as dt
import filecmp
import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import yaml

from commissioning.base.counting import counted
from commissioning.base.errors import BusyError, LedgerError
from commissioning.base.files import read_json, replace_changed, replace_text
from commissioning.base.lock import only_build
from commissioning.base.paths import Project, Workspace, working_on
from commissioning.base.progress import Progress
from commissioning.base.yamls import written
from commissioning.build import SITE_STEPS, STEPS, Build
from commissioning.build.step import SKIPPED
from commissioning.ingest import snapshot
from commissioning.ingest.catalogue import catalogue, load_dataset
from commissioning.ingest.ledgers import aggregate, labels, lake, workspaces
from commissioning.ingest.ledgers.bodies import Body, is_draft
from commissioning.marts import models
from commissioning.render import search
from commissioning.site.bodies import page

COPIED = ("dbt", "expectations", "ingest/catalogue", "reports/_theme", "reports/_filters", "data/raw")
"""Folders of the checkout that the workspace's project has too."""
TABLES = ["monthly", "suppliers", "supplier_types", "files"]
ALL_MONTHS = "all months"
"""Era and group of a body of which `series.csv` says nothing: whether its months can be compared is open."""
NOT_ASKED = ("ledger_care_labels_have_a_rule.sql",)
"""Tests of the package's own rules; what the workspace's rules leave open is said and not forbidden."""


@dataclass(frozen=True)
class Used:
    """What became of a body of the workspace: how many payments, or why it is left out."""

    body: str
    payments: int = 0
    left_out: str | None = None
    without_a_rule: float | None = None
    """Share of its money under labels that no rule fits."""


class OwnBuild(Build):
    """The build over a workspace's project: marts, and a site of bodies without briefs, whose sentences are
    about the package's figures. Suppliers of the package's ledgers were counted elsewhere."""

    site_steps = tuple(step for step in SITE_STEPS if step.name in ("bodies", "theme", "pages", "search"))

    def warn_of_stale_ledgers(self) -> None:
        """Nothing: whoever has a workspace cannot count the package's ledgers anew."""


def run(home: Project, own: Workspace, progress: Progress, *, briefs: bool = True) -> list[Used]:
    """Build the workspace's project and say what became of each body.

    Raises `LedgerError` for a table of the workspace that cannot be used, and what a build raises; the
    workspace's published marts then stay as they were.
    """
    for clash in workspaces.check(own):
        progress.warn(clash)
    # The build's own lock comes later: two builds would write the workspace's project at once.
    with only_build(own), working_in(own.build):
        with progress.step("workspace") as say:
            start(home, own.build)
            used = prepare(home, own, say)
            out = sum(one.left_out is not None for one in used)
            say(f"{counted(len(used) - out, 'body')} of your own used, {out} left out")
        OwnBuild(own.build, progress).run(briefs=briefs)
    return used


def start(home: Project, here: Project) -> None:
    """Begin a new workspace's project from what the checkout has built, so that the national tables are
    neither checked nor built again. Where the checkout is not built, or is being built, nothing is taken."""
    if models.database(here).exists() or not models.is_sound(home):
        return
    try:
        with only_build(home):
            here.work.mkdir(parents=True, exist_ok=True)
            shutil.copy(models.database(home), here.work)
            for name in ("dbt-target", "dbt-state", "gate"):
                if (home.work / name).is_dir():
                    shutil.copytree(home.work / name, here.work / name, dirs_exist_ok=True)
            state = read_json(home.work / "state.json") or {}
            wanted = {step.name for step in STEPS[:2]}
            kept = {part: told for part, told in state.items() if told.get("step") in wanted}
            replace_text(here.work / "state.json", json.dumps(kept))
    except BusyError:
        return


@contextmanager
def working_in(here: Project) -> Iterator[None]:
    """Work on the workspace's project, whose catalogue is its own."""
    with working_on(here):
        catalogue.cache_clear()
        try:
            yield
        finally:
            catalogue.cache_clear()


def told(used: list[Used]) -> list[str]:
    """A line for each body of the workspace: what was used, what was not and why."""
    if not used:
        return ["no body of your own: describe one with `commissioning ledger add FILE… --body NAME`"]
    return [f"{one.body}: {_told(one)}" for one in used]


def _told(one: Used) -> str:
    if one.left_out:
        return f"left out: {one.left_out}"
    if one.without_a_rule is None:
        return counted(one.payments, "payment")
    return f"{counted(one.payments, 'payment')}; no rule fits {one.without_a_rule:.1%} of the money"


def prepare(home: Project, own: Workspace, say: Callable[[str], object] = lambda line: None) -> list[Used]:
    """Bring the workspace's project up to date with the checkout and the workspace."""
    here = own.build
    bodies = workspaces.own_bodies(own)
    ready = {name: body for name, body in bodies.items() if lake.body_folder(body).exists()}
    for folder in COPIED:
        _copy(home.root / folder, here.root / folder, keep=_made_here(here, ready))
    _copy_file(home.root / "CITATION.cff", here.root / "CITATION.cff")
    _write_settings(home, here)
    for name in NOT_ASKED:
        (here.dbt / "tests" / name).unlink(missing_ok=True)
    _soften(here)
    _write_seeds(here, own)
    lock = json.loads((home.raw / "lock.json").read_text("utf-8"))
    for other in workspaces.in_place_of(own, ready):
        lock = {
            edition: kept for edition, kept in lock.items() if edition.partition("/")[0] != f"ledger_{other}"
        }
        _take_out(here, f"ledger_{other}")
    used = [Used(name, left_out=_why_not(body)) for name, body in bodies.items() if name not in ready]
    used += [
        Used(file.stem.removesuffix(".draft"), left_out=f"a draft with open questions: {file}")
        for file in own.bodies.glob("*.yml")
        if is_draft(file.stem)
    ]
    months: dict[str, pl.Series] = {}
    for name, body in ready.items():
        say(name)
        _write_entry(here, body)
        edition = load_dataset(here.catalogue / f"{body.folder}.yml").held[0]
        folder = here.work / "inputs" / "counted" / body.folder
        aggregate.count(here, edition, folder)
        tables = {table: pl.read_parquet(folder / f"{table}.parquet", glob=False) for table in TABLES}
        if not tables["monthly"].height:
            _take_out(here, body.folder)
            used.append(Used(name, left_out="no payment of it could be read"))
            continue
        lock[edition.id] = snapshot.write_tables(edition, tables, here.raw)
        months[name] = tables["monthly"]["month"]
        found = labels.shares(labels.table(tables["monthly"], labels.rules(own)))
        payments = tables["monthly"]["payments"].sum()
        used.append(Used(name, payments, without_a_rule=found["of_all_money"]))
    _write_series(here, own, months)
    text = json.dumps(lock, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    replace_text(here.raw / "lock.json", text)
    catalogue.cache_clear()
    used.sort(key=lambda one: one.body)
    replace_changed(here.reports / "index.qmd", page.workspace(used))
    return used


def _why_not(body: Body) -> str:
    return f"the lake does not hold it: run `commissioning ledger ingest {body.body}`"


# What is stale


def stale_bodies(own: Workspace) -> dict[str, str | None]:
    """Every body of the workspace, and why the build does not hold it as the lake does now; None where it
    does. To be asked within `working_in`."""
    here, found = own.build, {}
    for name, body in workspaces.own_bodies(own).items():
        entry = here.catalogue / f"{body.folder}.yml"
        kept = read_json(here.work / "inputs" / "counted" / body.folder / "counted.json") or {}
        if not lake.body_folder(body).exists():
            found[name] = _why_not(body)
        elif not entry.exists() or "mark" not in kept:
            found[name] = "in the lake and not in the build"
        elif kept["mark"] != aggregate.mark(here, body, load_dataset(entry).held[0]):
            found[name] = "stale: its files, its rules or the program changed since"
        else:
            found[name] = None
    return found


def changed_since(home: Project, own: Workspace) -> list[str]:
    """What the next build would take from the workspace or the checkout and this one has otherwise."""
    here, found = own.build, [name for name, why in stale_bodies(own).items() if why]
    rules = labels.rules(own).with_columns(pl.col("priority").cast(pl.String)).write_csv()
    if (here.dbt / "seeds" / "route_rules.csv").read_text("utf-8") != rules:
        found.append("route rules")
    theirs, ours = (json.loads((one.raw / "lock.json").read_text("utf-8")) for one in (home, here))
    bodies = workspaces.own_bodies(own)
    ready = [name for name, body in bodies.items() if lake.body_folder(body).exists()]
    own_bodies = {body.folder for body in bodies.values()}
    own_bodies |= {f"ledger_{other}" for other in workspaces.in_place_of(own, ready)}
    moved = {name for name in theirs if theirs[name] != ours.get(name)}
    if moved := {name for name in moved if name.partition("/")[0] not in own_bodies}:
        found.append(f"{len(moved)} editions of the package")
    models_of = (folder / "models" for folder in (home.dbt, here.dbt))
    before, now = ({f.name: f.read_bytes() for f in folder.rglob("*.*")} for folder in models_of)
    if before != now:
        found.append("models of the package")
    return found


# Copying


def _made_here(here: Project, ready: Iterable[str]) -> set[Path]:
    """What the workspace's bodies have in the project, and what the checkout's copy must not replace."""
    made: set[Path] = set()
    for name in ready:
        made |= {here.catalogue / f"ledger_{name}.yml"}
        made |= {here.raw / f"ledger_{name}" / f"{table}.parquet" for table in TABLES}
    return made


def _copy(source: Path, target: Path, keep: set[Path]) -> None:
    """Make a folder the same as another: files that differ are copied, files that are no longer there go."""
    wanted = {
        target / file.relative_to(source): file
        for file in source.rglob("*")
        if file.is_file() and not SKIPPED & set(file.relative_to(source).parts)
    }
    for place, file in wanted.items():
        if place not in keep:
            _copy_file(file, place)
    for place in [file for file in target.rglob("*") if file.is_file()]:
        ours = place in wanted or place in keep or SKIPPED & set(place.relative_to(target).parts)
        if not ours:
            place.unlink()


def _copy_file(file: Path, place: Path) -> None:
    if not (place.exists() and filecmp.cmp(file, place)):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def _take_out(here: Project, dataset: str) -> None:
    (here.catalogue / f"{dataset}.yml").unlink(missing_ok=True)
    shutil.rmtree(here.raw / dataset, ignore_errors=True)


def _write_settings(home: Project, here: Project) -> None:
    """Settings of the site and its search: the checkout's, without what leads to pages that are not here."""
    settings = yaml.safe_load((home.reports / "_quarto.yml").read_text("utf-8"))
    settings["website"] |= {
        "title": "Your ledgers",
        "navbar": {"left": [{"href": "bodies/index.qmd", "text": "Bodies"}]},
    }
    settings["site-name"] = "Your ledgers"
    settings["website"].pop("page-footer", None)
    settings.pop("sections", None)
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    (here.reports / "_generated").mkdir(parents=True, exist_ok=True)
    replace_changed(here.reports / "_quarto.yml", text)
    # Answers of the search lead to pages of the checkout's site.
    words = search.read_words(home.reports / search.WORDS) | {"answers": []}
    replace_changed(here.reports / search.WORDS, yaml.safe_dump(words, sort_keys=False, allow_unicode=True))


# Rules of the gates


def _soften(here: Project) -> None:
    """Rules on figures of the package's own bodies are warnings: another body may be smaller, or be in place
    of one of them."""
    for file in sorted(here.expectations.glob("*/*.yml")):
        text = file.read_text("utf-8")
        replace_changed(file, text.replace("in_a_workspace: warning", "severity: warning"))


# Seeds


def _write_seeds(here: Project, own: Workspace) -> None:
    seeds = here.dbt / "seeds"
    rules = labels.rules(own).with_columns(pl.col("priority").cast(pl.String))
    replace_changed(seeds / "route_rules.csv", rules.write_csv())
    said = workspaces.rows_of(own, "bodies.csv")
    _merge(seeds / "ledger_bodies.csv", said, "body")


def _merge(seed: Path, rows: list[dict], key: str) -> None:
    """Put rows of the workspace in place of the seed's of the same key."""
    with seed.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = list(reader.fieldnames)
        theirs = {row[key] for row in rows}
        held = [row for row in reader if row[key] not in theirs] + rows
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(held)
    replace_changed(seed, text.getvalue())


def _write_series(here: Project, own: Workspace, months: dict[str, pl.Series]) -> None:
    """Which months of each body can be compared; where nobody says, all months are one stretch."""
    said = workspaces.series_of(own)
    rows = []
    for body, held in months.items():
        stretches = said.get(body)
        if stretches is None:
            whole = {"body": body, "first_month": held.min(), "era": ALL_MONTHS, "comparability_group": body}
            rows.append(whole | {"in_series": "true", "last_month": "", "note": ""})
            continue
        if lost := [month for month in held.unique().sort() if not _is_in(month, stretches)]:
            raise LedgerError(
                "Months of a body are in no stretch.",
                file=own.root / "series.csv",
                where=f"line {stretches[0]['line']}",
                expected=f"stretches of {body} from {held.min():%Y-%m} to {held.max():%Y-%m} without a gap",
                found=", ".join(f"{month:%Y-%m}" for month in lost[:6]),
                todo="add a line that holds them; in_series is false where they cannot be compared",
            )
        rows += stretches
    _merge(here.dbt / "seeds" / "ledger_series.csv", rows, "body")


def _is_in(month: dt.date, stretches: list[dict]) -> bool:
    text = month.isoformat()
    return any(row["first_month"] <= text <= (row["last_month"] or "9999") for row in stretches)


# The catalogue


def _write_entry(here: Project, body: Body) -> None:
    """The body's entry in the catalogue, from what the lake remembers of its files."""
    files = lake.read_memory(body)["files"]
    read = max((entry["mtime_ns"] for entry in files.values()), default=0)
    day = dt.datetime.fromtimestamp(read / 1e9, dt.UTC).date()
    entry = {
        "dataset": body.folder,
        "title": body.title,
        "publisher": body.publisher,
        "publication_page": None,
        "licence": body.licence,
        "licence_status": "presumed",
        "unit": "GBP",
        "review_by": day + dt.timedelta(days=365),
        "describes": f"Payments of {body.publisher}, read into a workspace.",
        "breaks": [],
        "editions": [
            {
                "edition": "payments",
                "status": "held",
                "published": None,
                "retrieved": day,
                "provenance": "workspace",
                "provenance_note": "Files that the owner of the workspace has, read on this machine",
                "known_problems": list(body.known_problems),
                "tables": TABLES,
                "files": [
                    {"path": path, "bytes": max(told["bytes"], 1), "sha256": told["sha256"], "url": None}
                    for path, told in sorted(files.items())
                ],
            }
        ],
    }
    text = written(entry)
    (here.catalogue).mkdir(parents=True, exist_ok=True)
    replace_changed(here.catalogue / f"{body.folder}.yml", text)
