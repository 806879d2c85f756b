"""The build: snapshot -> gate -> marts -> gate -> publish -> briefs, redoing only what changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from commissioning import render
from commissioning.base.errors import BusyError, DamagedMarts, RenderError
from commissioning.base.files import replace_text
from commissioning.base.paths import Project
from commissioning.base.progress import Progress
from commissioning.base.state import State, fingerprint, versions
from commissioning.base.trouble import named_trouble
from commissioning.build.steps import Files, Planned, Read, Step, Work, code_mark, in_parts, waiting_for
from commissioning.ingest import snapshot
from commissioning.ingest.catalogue import catalogue
from commissioning.marts import inputs, models, publish, seals
from commissioning.numbers import headlines, sentences
from commissioning.render import search


@contextmanager
def only_build(project: Project) -> Iterator[None]:
    """Hold the build lock; `BusyError` where another build holds it. A dead build's lock is free."""
    from filelock import FileLock, Timeout

    project.work.mkdir(parents=True, exist_ok=True)
    holder = project.work / "build.pid"
    try:
        with FileLock(project.work / "build.lock", timeout=0):
            replace_text(holder, f"process {os.getpid()}")
            yield
    except Timeout:
        found = _holder(holder)
        raise BusyError(
            "Another build of this project is running.",
            file=project.work / "build.lock",
            found=found,
            todo="wait until it has ended, then build again",
        ) from None


def _holder(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return "another process"


SAVED_EVERY = 1.0
"""Seconds between two savings of what is done: a build that is killed loses no more than that."""

# What steps read and make, by name: a step waits for another where it reads a pattern that the other makes.
RAW = ("data/raw/**/*",)
CATALOGUE = ("ingest/catalogue/*.yml",)
DBT = ("dbt/**/*",)
SEEDS = ("dbt/seeds/*.csv",)
STAGED = ("data/build/marts/**/*",)
MARTS = ("data/marts/commissioning.duckdb", "data/marts/*.json", "data/marts/parquet/*.parquet")
GATE = ("data/build/gate/**/*.json",)
LAKE = ("data/build/inputs/ledgers/**/*",)
WORKING = ("data/build/models.duckdb", "data/build/dbt-state/*")
DBT_OWN = ("data/build/dbt-target/**/*", "data/build/dbt-logs/*", "data/build/inputs/*.parquet")
HEADLINES = ("reports/_generated/headlines.json",)
OF_COUNCILS = ("reports/_generated/councils/*.json",)
NUMBER_PAGES = ("reports/numbers/*.qmd",)
COUNCIL_PAGES = ("reports/councils/*.qmd",)
SITE_PAGES = ("reports/_site/**/*.html", "reports/_site/*.pdf", "reports/_site/downloads/**/*")


# What is told of files whose bytes say too much -----------------------------------------------------------


def raw_hashes(build: Build) -> dict[str, str]:
    """One hash for each raw source: a dataset of the snapshot, or all ledgers, which may be the lake's."""
    lock, sources = snapshot.read_lock(), {}
    for dataset in catalogue().values():
        if dataset.held:
            mine = [(i, e["sha256"]) for i, e in lock.items() if i.startswith(dataset.dataset + "/")]
            sources.setdefault(dataset.source, []).extend(mine)
    hashes = {name: fingerprint([], sorted(mine), root=build.project.root) for name, mine in sources.items()}
    if inputs.from_lake():
        hashes["ledgers"] = inputs.lake_mark(build.project)
    return hashes


def published_marts(build: Build) -> object:
    """The rows of the published marts, and what is said about them; the database's own bytes may differ."""
    published = _published(build.project)
    about = build.files.hashes(["data/marts/datapackage.json"])
    return published and [published["build_id"], published["tables"], about]


def _published(project: Project) -> dict | None:
    """`build.json` of the published marts; None where there are none, or where they must be mended first."""
    try:
        return publish.published_build(project)
    except DamagedMarts:
        return None


def stated_numbers(build: Build) -> object:
    from commissioning.site import numbers

    return numbers.stated(build.project)


def rendered_pages(build: Build) -> dict[str, str]:
    project = build.project
    targets = [
        (project.site / page.relative_to(project.reports)).with_suffix(".html")
        for page in render.site_pages()
    ]
    return {build.files.name(file): build.files.sha256(file) for file in targets if file.exists()}


def renderer(build: Build) -> str:
    return render.renderer()


# Marts ---------------------------------------------------------------------------------------------------

ENGINES = ("duckdb", "dbt-core", "dbt-duckdb", "numpy", "scipy", "linearmodels")


def build_marts(work: Work) -> None:
    """dbt, then the staged marts."""
    project = work.build.project
    last = work.last.get("marts", {})
    hashes, engines = raw_hashes(work.build), versions(*ENGINES)
    # dbt sees neither the code that its Python models import nor other versions of what runs them.
    estimators = Files(project.root).matching(["commissioning/marts/estimates/*.py"])
    code = {"estimates": fingerprint(estimators, root=project.root)}
    before = last.get("raw") if last.get("versions") == engines else None
    changed = None if before is None else {n for n, h in hashes.items() if before.get(n) != h}
    inputs.write(project)
    if inputs.from_lake():
        inputs.write_ledgers(project)
    tags = {tag for tag, hashed in code.items() if last.get("code", {}).get(tag) != hashed}
    ran = models.build(project, changed, changed_tags=tags, progress=work.say)
    lock = snapshot.read_lock()
    build = publish.stage(project, inputs={i: e["sha256"] for i, e in sorted(lock.items())})
    work.finished("marts", [], raw=hashes, code=code, versions=engines, build_id=build["build_id"])
    rows = sum(table["rows"] for table in build["tables"].values())
    work.say(f"{len(ran)} nodes, {rows:,} rows in {len(build['tables'])} marts")


def has_marts(build: Build, last: dict) -> bool:
    """Whether the marts that were built last are staged, or published and whole."""
    return is_staged(build.project) or publish.is_whole(build.project, last.get("build_id"))


def is_staged(project: Project) -> bool:
    return publish.staged_build(project) is not None


def staged(build: Build) -> dict[str, object]:
    """Nothing is published where nothing is staged."""
    return {"publish": None} if is_staged(build.project) else {}


def publish_marts(work: Work) -> None:
    publish.publish(work.build.project)


# Gates ---------------------------------------------------------------------------------------------------


def raw_tables(build: Build) -> dict[str, object]:
    """Raw tables with what their rules look at."""
    return _gate_parts(build, "raw", raw_hashes(build))


def mart_tables(build: Build) -> dict[str, object]:
    """Staged marts, or, where nothing changed, the published ones, on which new rules are tried.

    A rule may hold one mart against another, so any change puts them all before the gate again.
    """
    project = build.project
    held = publish.staged_build(project) or _published(project)
    return _gate_parts(build, "marts", {name: held["build_id"] for name in held["tables"]}) if held else {}


def _gate_parts(build: Build, layer: str, hashes: dict[str, str]) -> dict[str, object]:
    parts = {}
    for name, content in hashes.items():
        suite = build.project.expectations / layer / f"{name}.yml"
        # A raw suite may look at other datasets beside its own.
        others = re.findall(r"^reads: \[(.*)\]", suite.read_text("utf-8"), re.M) if suite.exists() else []
        read = {other: hashes.get(other) for line in others for other in line.split(", ")}
        rules = build.files.sha256(suite) if suite.exists() else None
        parts[f"gate {layer} {name}"] = [content, rules, read]
    return parts


def check_raw(work: Work) -> None:
    _check(work, "raw", lambda gate, names: gate.check_raw(names))


def check_marts(work: Work) -> None:
    project = work.build.project
    candidate = publish.staging_folder(project) / "commissioning.duckdb"
    database = candidate if candidate.exists() else project.database
    _check(work, "marts", lambda gate, names: gate.check_marts(database, names))


def _check(work: Work, layer: str, check: Callable) -> None:
    from commissioning.expectations import gate

    results = check(gate, [part.split()[-1] for part in work.parts])
    warnings = gate.enforce(results)
    gate.write(results)
    for part in work.parts:
        result = work.build.project.work / "gate" / layer / f"{part.split()[-1]}.json"
        work.finished(part, [result] if result.exists() else [])
    work.say(f"{sum(len(result.rules) for result in results)} rules on {len(results)} tables")
    for suite, rule in warnings:
        work.build.progress.warn(f"{suite.name}, {rule.id}: {rule.unexpected} odd figures kept as published")


# Site ----------------------------------------------------------------------------------------------------


def write_numbers(work: Work) -> None:
    """The headlines' values and source cells, and the page of each."""
    from commissioning.numbers import history
    from commissioning.site import numbers

    build, project = work.build, work.build.project
    published = publish.published_build(project)
    sentences.check(project)
    traced = numbers.trace_all(project, build.mark_of(TRACED), work.say)
    computed = headlines.write(project, {name: told["source"] for name, told in traced.items()})
    history.record(project, published["build_id"], computed)
    pages = numbers.write(project, published, traced, numbers.stated(project))
    work.finished("numbers")
    work.say(f"{len(computed)} numbers, {len(pages)} pages")


def write_councils(work: Work) -> None:
    """The councils' pages, not rendered yet, and the files beside them."""
    from commissioning.site import councils

    work.say(f"{councils.write(work.build.project)} councils")
    work.finished("councils")


def write_data_docs(work: Work) -> None:
    """The quality pages: what every rule of both gates found."""
    from commissioning.expectations import gate
    from commissioning.site import quality

    quality.render(gate.read(), work.build.project.site / "quality")
    work.finished("data docs")


def copy_theme(work: Work) -> None:
    render.copy_theme()
    work.finished("theme")


def page_name(project: Project, page: Path) -> str:
    """`80-in-80-out`, `councils/kent`."""
    return page.relative_to(project.reports).with_suffix("").as_posix()


def site_pages(build: Build) -> dict[str, object]:
    """Every page with its own files and the headlines that its text names, not the whole register."""
    from commissioning.site import stated

    project, known = build.project, render.site_pages()
    read = cache(partial(headlines.read, project))
    return {
        f"page {page_name(project, page)}": [
            {build.files.name(file): build.files.sha256(file) for file in files},
            stated.headlines_of(stated.text_of(files), read),
        ]
        for page, files in ((page, render.page_inputs(page)) for page in known)
    }


def render_pages(work: Work) -> None:
    project = work.build.project
    files = [project.reports / f"{part.removeprefix('page ')}.qmd" for part in work.parts]

    def finished(page: Path, written: list[Path]) -> None:
        name = page_name(project, page)
        work.finished(f"page {name}", [*written, *(project.site / "downloads" / name).glob("*.*")])

    render.render_site(files, progress=work.say, finished=finished)
    work.say(f"{len(files)} pages")


def write_search(work: Work) -> None:
    work.say(f"{search.write(work.build.project, render.site_pages())} pages")
    work.finished("search")


# The table -----------------------------------------------------------------------------------------------

TRACED = (
    Read(RAW, raw_hashes),
    Read(LAKE),
    Read((*SEEDS, "reports/cells.sql")),
    Read(CATALOGUE),
)
"""What a number's source cells are made of."""

STEPS = (
    Step(
        "gate, raw",
        reads=(Read((*RAW, *CATALOGUE, "expectations/raw/*.yml"), in_parts),),
        makes=GATE,
        parts=raw_tables,
        do=check_raw,
    ),
    Step(
        "marts",
        reads=(Read(RAW, raw_hashes), Read(DBT), Read(CATALOGUE)),
        makes=(*STAGED, *LAKE, *WORKING, *DBT_OWN),
        is_intact=has_marts,
        do=build_marts,
    ),
    Step(
        "gate, marts",
        reads=(Read((*STAGED, *MARTS, "expectations/marts/*.yml"), in_parts),),
        makes=GATE,
        parts=mart_tables,
        do=check_marts,
    ),
    Step("publish", reads=(Read(STAGED, in_parts),), makes=MARTS, parts=staged, do=publish_marts),
)

SITE_STEPS = (
    Step(
        "numbers",
        reads=(
            *TRACED,
            Read(MARTS, published_marts),
            Read(("reports/headlines.yml", "reports/headlines/*.yml", "reports/families.yml")),
            Read(("reports/sentences.yml",)),
            Read(("reports/releases/*.json", "CITATION.cff")),
            Read(("reports/*.qmd",), stated_numbers),
        ),
        makes=(
            *HEADLINES,
            *OF_COUNCILS,
            *NUMBER_PAGES,
            "reports/_site/numbers/*.csv*",
            "data/build/numbers/*",
        ),
        do=write_numbers,
    ),
    Step(
        "councils",
        reads=(Read(MARTS, published_marts), Read(OF_COUNCILS), Read(("data/raw/boundaries/*.parquet",))),
        makes=(*COUNCIL_PAGES, "reports/_site/councils/data/*.csv*", "reports/_site/councils/councils.js"),
        do=write_councils,
    ),
    Step("data docs", reads=(Read(GATE),), makes=("reports/_site/quality/**/*",), do=write_data_docs),
    Step(
        "theme",
        reads=(Read(("reports/_theme/*", "reports/_quarto.yml")),),
        makes=("reports/_site/_theme/*",),
        do=copy_theme,
    ),
    Step(
        "pages",
        reads=(
            Read((), renderer),
            Read(MARTS, published_marts),
            Read(("reports/_quarto.yml", "reports/_filters/*", "reports/_theme/*")),
            Read((*HEADLINES, *OF_COUNCILS, *NUMBER_PAGES, *COUNCIL_PAGES), in_parts),
            Read(("reports/*.qmd", "reports/*.yml"), in_parts),
        ),
        makes=SITE_PAGES,
        parts=site_pages,
        do=render_pages,
    ),
    Step(
        "search",
        reads=(
            Read(SITE_PAGES, rendered_pages),
            Read(("reports/_quarto.yml",)),
            Read(MARTS, published_marts),
        ),
        makes=("reports/_site/search-index.js",),
        do=write_search,
    ),
)


class Build:
    """One run of the build over one project."""

    def __init__(self, project: Project, progress: Progress):
        self.project, self.progress = project, progress
        self.state = State(project.work / "state.json")
        self.files = Files(project.root)

    def run(self, *, briefs: bool = True) -> None:
        """Bring marts and briefs up to date. Raises the first error met; earlier steps stay done."""
        with named_trouble(), only_build(self.project):
            publish.finish_publishing(self.project)
            if faults := publish.faults(self.project):
                self.progress.warn(f"the published marts are mended: {'; '.join(faults)}")
            with self.progress.step("snapshot"):
                snapshot.verify()
            self.warn_of_stale_ledgers()
            for step in STEPS + (SITE_STEPS if briefs else ()):
                self.do(step, self.due(step))

    def render(self, names: list[str] | None = None, *, force: bool = False) -> None:
        """Render the pages that are due; with `force`, all.

        `names` limits it to pages so named. Raises `RenderError` for an unknown name.
        """
        publish.finish_publishing(self.project)
        seals.check(self.project)
        for step in SITE_STEPS:
            marks = self.marks(step) if force and step.name == "pages" else self.due(step)
            if names and step.name == "pages":
                marks = self._named(names, marks)
            self.do(step, marks)

    def _named(self, names: list[str], marks: dict[str, str]) -> dict[str, str]:
        reports = self.project.reports
        known = {page_name(self.project, page): page for page in render.site_pages()}
        if unknown := set(names) - set(known):
            raise RenderError(
                "There is no such page.",
                found=sorted(unknown),
                expected=[name for name, page in known.items() if page.parent == reports],
            )
        return {part: mark for part, mark in marks.items() if part.removeprefix("page ") in names}

    def warn_of_stale_ledgers(self) -> None:
        if not inputs.from_lake() and (stale := inputs.stale_ledgers(self.project)):
            self.progress.warn(
                f"the suppliers of {', '.join(stale)} were counted with other route rules than today's: "
                "run `commissioning ledger snapshot` where the lake is"
            )

    def plan(self) -> list[Planned]:
        """What `run` would do now: the steps that are due, and those that wait for what these make."""
        planned, changing = [], []
        for step in STEPS + SITE_STEPS:
            due, waits = self.due(step), waiting_for(step, changing)
            if due or waits:
                changing.append(step)
                planned.append(Planned(step.name, len(due), len(self.marks(step)), waits))
        return planned

    # A step

    def mark_of(self, reads: tuple[Read, ...]) -> str:
        """A hash of the package and of all that is read."""
        held = [read.told(self) if read.told else self.files.hashes(read.patterns) for read in reads]
        return fingerprint([], code_mark(), held, root=self.project.root)

    def marks(self, step: Step) -> dict[str, str]:
        """Every part of the step with the mark of what it reads."""
        shared = self.mark_of(step.reads)
        parts = step.parts(self) if step.parts else {step.name: None}
        return {part: fingerprint([], shared, own, root=self.project.root) for part, own in parts.items()}

    def due(self, step: Step) -> dict[str, str]:
        """The parts that must be done, with their marks."""
        return {part: mark for part, mark in self.marks(step).items() if not self._is_done(step, part, mark)}

    def _is_done(self, step: Step, part: str, mark: str) -> bool:
        last = self.state.recall(part)
        if last.get("fingerprint") != mark:
            return False
        return step.is_intact(self, last) if step.is_intact else not self.files.altered(last.get("made", {}))

    def do(self, step: Step, marks: dict[str, str]) -> None:
        """Do the parts with these marks. Each that ends is remembered, though others fail or are killed."""
        if not marks:
            return
        last = {part: self.state.recall(part) for part in marks}
        for facts in last.values():
            for file in self.files.altered(facts.get("made", {})):
                # What is kept here for the next run must not be taken for what was made.
                if file.is_relative_to(self.project.work):
                    file.unlink(missing_ok=True)
        self.state.forget(*marks)
        saved = time.monotonic()

        def finished(part: str, made: Iterable[Path] | None = None, **facts: object) -> None:
            nonlocal saved
            made = self.files.matching(step.makes) if made is None else made
            self.state.keep(part, marks[part], self.files.made(made), **facts)
            if time.monotonic() - saved > SAVED_EVERY:
                self.state.save()
                saved = time.monotonic()

        self.files.forget()
        try:
            with self.progress.step(step.name) as say:
                step.do(Work(self, list(marks), last, say, finished))
        finally:
            self.files.forget()
            self.state.save()
