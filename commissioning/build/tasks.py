"""What each step does, what its parts are, and what is told of files whose bytes say too much."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from commissioning import render
from commissioning.base.counting import counted
from commissioning.base.errors import DamagedMarts
from commissioning.base.paths import Project
from commissioning.base.state import fingerprint, versions
from commissioning.build.patterns import CATALOGUE, LAKE, RAW, SEEDS
from commissioning.build.step import Files, Read, Work
from commissioning.ingest import snapshot
from commissioning.ingest.catalogue import catalogue
from commissioning.marts import engines, inputs, models, publish
from commissioning.marts.estimates import RUNS_ON
from commissioning.numbers import headlines, sentences
from commissioning.render import search

if TYPE_CHECKING:
    from commissioning.build import Build


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
    from commissioning.site import stated

    return stated.briefs(build.project)


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

ENGINES = ("duckdb", "dbt-core", "dbt-duckdb", *RUNS_ON)
"""What the models run on: with another version of one, all are built from nothing."""


def ledger_engine(build: Build) -> dict[str, str]:
    return engines.chosen().made_by


def build_marts(work: Work) -> None:
    """dbt, then the staged marts."""
    project = work.build.project
    engine = engines.chosen()
    hashes, runs_on = raw_hashes(work.build), {**versions(*ENGINES), **engine.made_by}
    last = models.made_from(project) or {}
    # dbt sees neither the code that its Python models import nor other versions of what runs them.
    estimators = Files(project.root).matching(["commissioning/marts/estimates/*.py"])
    code = {"estimates": fingerprint(estimators, root=project.root)}
    before = last.get("raw") if last.get("versions") == runs_on else None
    changed = None if before is None else {n for n, h in hashes.items() if before.get(n) != h}
    inputs.write(project)
    tags = {tag for tag, hashed in code.items() if last.get("code", {}).get(tag) != hashed}
    made_from = {"raw": hashes, "code": code, "versions": runs_on}
    ran = engine.build(project, changed, changed_tags=tags, made_from=made_from, progress=work.say)
    lock = snapshot.read_lock()
    build = publish.stage(project, inputs={i: e["sha256"] for i, e in sorted(lock.items())})
    work.finished("marts", [], build_id=build["build_id"])
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
    """Staged marts, or, where nothing changed, the published ones, on which new rules are tried. Each with
    its own bytes and those of the marts that its rules hold it against."""
    project = build.project
    held = publish.staged_build(project) or _published(project)
    tables = held["tables"] if held else {}
    return _gate_parts(build, "marts", {name: facts["sha256"] for name, facts in tables.items()})


def _gate_parts(build: Build, layer: str, hashes: dict[str, str]) -> dict[str, object]:
    parts = {}
    for name, content in hashes.items():
        suite = build.project.expectations / layer / f"{name}.yml"
        # A mart's columns and key are declared beside its model, a raw table's in its reader's code.
        declared = build.project.dbt / "models" / layer / f"{name}.yml"
        files = [file for file in (suite, declared) if file.exists()]
        read = {other: hashes.get(other) for other in _named_beside(layer, files)}
        parts[f"gate {layer} {name}"] = [content, [build.files.sha256(file) for file in files], read]
    return parts


def _named_beside(layer: str, files: list[Path]) -> set[str]:
    """Other tables that rules may look at: what a raw suite says it reads, and every mart that is named."""
    texts = [file.read_text("utf-8") for file in files]
    if layer == "marts":
        return {name for text in texts for name in re.findall(r"\b(?:mart|dim)_\w+", text)}
    lines = [line for text in texts for line in re.findall(r"^reads: \[(.*)\]", text, re.M)]
    return {name for line in lines for name in line.split(", ")}


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
        odd = "not as expected" if rule.unexpected is None else counted(rule.unexpected, "odd figure")
        work.build.progress.warn(f"{suite.name}, {rule.id}: {odd}, kept as published")


# Site ----------------------------------------------------------------------------------------------------


TRACED = (
    Read(RAW, raw_hashes),
    Read(LAKE),
    Read((*SEEDS, "reports/cells/*.sql")),
    Read(CATALOGUE),
)
"""What a number's source cells are made of."""


def write_numbers(work: Work) -> None:
    """The headlines' values and source cells, and the page of each."""
    from commissioning.numbers import cell_store, history
    from commissioning.site import numbers, stated

    build, project = work.build, work.build.project
    published = publish.published_build(project)
    sentences.check(project)
    traced = cell_store.trace_all(project, build.mark_of(TRACED), work.say)
    computed = headlines.write(project, {name: told["source"] for name, told in traced.items()})
    history.record(project, published["build_id"], computed)
    pages = numbers.write(project, published, traced, stated.briefs(project))
    work.finished("numbers")
    work.say(f"{len(computed)} numbers, {len(pages)} pages")


def write_councils(work: Work) -> None:
    """The councils' pages, not rendered yet, and the files beside them."""
    from commissioning.site import councils

    work.say(f"{councils.write(work.build.project)} councils")
    work.finished("councils")


def write_regions(work: Work) -> None:
    """The regions' pages, not rendered yet, and the files beside them."""
    from commissioning.site import regions

    work.say(f"{regions.write(work.build.project)} regions")
    work.finished("regions")


def write_bodies(work: Work) -> None:
    """The pages of bodies with a ledger, not rendered yet, and the files beside them."""
    from commissioning.site import bodies

    work.say(f"{bodies.write(work.build.project)} bodies")
    work.finished("bodies")


def write_news(work: Work) -> None:
    """The page of what changed, not rendered yet, and the feed beside it."""
    from commissioning.site import news

    work.say(f"{news.write(work.build.project)} versions")
    work.finished("news")


def write_quality_pages(work: Work) -> None:
    """The quality pages, not rendered yet: what every rule of both gates found, and how pages read."""
    from commissioning.expectations import gate
    from commissioning.site import quality

    quality.write(work.build.project, gate.read())
    work.finished("quality pages")


def copy_data(work: Work) -> None:
    """The published marts beside the pages, laid out as in `data/marts`, so that the package's paths hold."""
    from commissioning.site import files

    project = work.build.project
    source, target = project.marts, project.site / "data"
    names = ["commissioning.duckdb", "datapackage.json", "build.json"]
    names += [f"parquet/{file.name}" for file in sorted((source / "parquet").glob("*.parquet"))]
    shutil.rmtree(target, ignore_errors=True)
    (target / "parquet").mkdir(parents=True)
    for name in names:
        shutil.copyfile(source / name, target / name)
    files.archive(target, [name for name in names if name != "commissioning.duckdb"])
    size = sum((target / name).stat().st_size for name in names)
    work.say(f"{len(names)} files, {size / 1e6:.0f} MB")
    work.finished("data files")


def copy_theme(work: Work) -> None:
    render.copy_theme()
    work.finished("theme")


def page_name(project: Project, page: Path) -> str:
    """`80-in-80-out`, `councils/kent`."""
    return page.relative_to(project.reports).with_suffix("").as_posix()


def site_pages(build: Build) -> dict[str, object]:
    """Every page with its own files, the headlines that its text names, not the whole register, and the pages
    that it links to in vain: one that was deleted must stop the render of those that link to it."""
    from commissioning.site import stated

    project, known = build.project, render.site_pages()
    read = cache(partial(headlines.read, project))
    parts = {}
    for page in known:
        files = render.page_inputs(page)
        text = stated.text_of(files)
        parts[f"page {page_name(project, page)}"] = [
            {build.files.name(file): build.files.sha256(file) for file in files},
            stated.headlines_of(text, read),
            stated.dead_links(page, text),
        ]
    return parts


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
