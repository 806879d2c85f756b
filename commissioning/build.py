"""The build: snapshot -> gate -> marts -> gate -> publish -> briefs, redoing only what changed."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from commissioning import headlines, inputs, models, publish, render, seals, search
from commissioning.errors import BusyError, CommissioningError, RenderError
from commissioning.files import replace_text
from commissioning.paths import Project
from commissioning.progress import Progress
from commissioning.state import State, files_in, fingerprint, versions
from ingest import snapshot
from ingest.catalogue import catalogue


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
        found = holder.read_text(encoding="utf-8") if holder.exists() else "another process"
        raise BusyError(
            "Another build of this project is running.",
            file=project.work / "build.lock",
            found=found,
            todo="wait until it has ended, then build again",
        ) from None


DISK_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
# DuckDB, dbt and Polars have errors of their own, which hold the system's words.
DISK_WORDS = (*map(os.strerror, DISK_TROUBLE), "There is not enough space on the disk")


@contextmanager
def named_disk_errors() -> Iterator[None]:
    """Turn a full or read-only disk into a named error, whichever library met it."""
    try:
        yield
    except Exception as error:
        text = str(error)
        if getattr(error, "errno", None) not in DISK_TROUBLE and not any(w in text for w in DISK_WORDS):
            raise
        raise CommissioningError(
            "The disk is full or cannot be written.",
            file=getattr(error, "filename", None),
            found=text,
            todo="free some space, then build again; the last good marts are untouched",
        ) from error


class Build:
    """One run of the build over one project."""

    def __init__(self, project: Project, progress: Progress):
        self.project, self.progress = project, progress
        self.state = State(project.work / "state.json")

    def run(self, *, briefs: bool = True) -> None:
        """Bring marts and briefs up to date. Raises the first error met; earlier steps stay done."""
        with only_build(self.project), named_disk_errors():
            publish.finish_publishing(self.project)
            if faults := publish.faults(self.project):
                self.progress.warn(f"the published marts are mended: {'; '.join(faults)}")
            lock = self.verify_snapshot()
            self.check_raw(lock)
            self.build_marts(lock)
            self.check_marts()
            self.publish()
            if briefs:
                self.render()

    def verify_snapshot(self) -> dict[str, dict]:
        with self.progress.step("snapshot"):
            return snapshot.verify()

    def _raw_hashes(self, lock: dict[str, dict]) -> dict[str, str]:
        """One hash for each raw source: a dataset of the snapshot, or all ledgers."""
        sources: dict[str, list[tuple[str, str]]] = {}
        for dataset in catalogue().values():
            if dataset.held:
                mine = [(i, e["sha256"]) for i, e in lock.items() if i.startswith(dataset.dataset + "/")]
                sources.setdefault(dataset.source, []).extend(mine)
        return {name: fingerprint([], sorted(mine), root=self.project.root) for name, mine in sources.items()}

    def check_raw(self, lock: dict[str, dict]) -> None:
        """The first gate: raw tables whose data or rules changed since they last passed."""
        self._gate("raw", self._raw_hashes(lock))

    def check_marts(self) -> None:
        """The second gate: staged marts whose rows or rules changed since they last passed.

        Nothing is staged where nothing changed; then new rules are tried on the published marts.
        """
        staged = self._is_staged()
        build = publish.staged_build(self.project) if staged else publish.published_build(self.project)
        # A rule may hold one mart against another, so any change puts them all before the gate again.
        self._gate("marts", {name: build["build_id"] for name in build["tables"]})

    def _is_staged(self) -> bool:
        return publish.staged_build(self.project) is not None

    def _gate(self, layer: str, hashes: dict[str, str]) -> None:
        folder, code = self.project.expectations, [self.project.expectations / "gate.py"]
        stale = {}
        for name, content in hashes.items():
            suite = folder / layer / f"{name}.yml"
            # A raw suite may look at other datasets beside its own.
            others = re.findall(r"^reads: \[(.*)\]", suite.read_text("utf-8"), re.M) if suite.exists() else []
            read = {other: hashes.get(other) for line in others for other in line.split(", ")}
            rules = [file for file in (suite, *code) if file.exists()]
            mark = fingerprint(
                rules, content, read, versions("great-expectations", "duckdb"), root=self.project.root
            )
            if not self.state.is_fresh(f"gate {layer} {name}", mark, [self._result(layer, name)]):
                stale[name] = mark
        if not stale:
            return
        from expectations import gate

        with self.progress.step(f"gate, {layer}") as say:
            if layer == "raw":
                results = gate.check_raw(list(stale))
            else:
                staged = publish.staging_folder(self.project) / "commissioning.duckdb"
                database = staged if staged.exists() else self.project.database
                results = gate.check_marts(database, list(stale))
            warnings = gate.enforce(results)
            gate.write(results)
            for name, mark in stale.items():
                self.state.remember(f"gate {layer} {name}", mark)
            say(f"{sum(len(result.rules) for result in results)} rules on {len(results)} tables")
        for suite, rule in warnings:
            self.progress.warn(f"{suite.name}, {rule.id}: {rule.unexpected} odd figures kept as published")

    def _result(self, layer: str, name: str) -> Path:
        return self.project.work / "gate" / layer / f"{name}.json"

    def build_marts(self, lock: dict[str, dict]) -> None:
        """dbt, then the staged marts. Skipped where neither data nor models changed."""
        project = self.project
        hashes = self._raw_hashes(lock)
        if inputs.from_lake():
            hashes["ledgers"] = inputs.lake_mark(project)
        elif stale := inputs.stale_ledgers(project):
            self.progress.warn(
                f"the suppliers of {', '.join(stale)} were counted with other route rules than today's: "
                "run `commissioning ledger snapshot` where the lake is"
            )
        sources = [
            *files_in(project.dbt, "*.sql", "*.yml", "*.csv", "*.py"),
            *project.catalogue.glob("*.yml"),
        ]
        engines = versions("duckdb", "dbt-core", "dbt-duckdb", "numpy", "scipy", "linearmodels")
        estimators = files_in(project.root / "commissioning" / "estimates", "*.py")
        code = {"estimates": fingerprint(estimators, root=project.root)}
        mark = fingerprint(sources, hashes, engines, code, root=project.root)
        last = self.state.recall("marts")
        done = self._is_staged() or publish.is_whole(project, last.get("build_id"))
        if last.get("fingerprint") == mark and done:
            return
        with self.progress.step("marts") as say:
            # Other versions may compute other rows from the same models.
            before = last.get("raw") if last.get("versions") == engines else None
            self.state.forget("marts")
            changed = None if before is None else {n for n, h in hashes.items() if before.get(n) != h}
            inputs.write(project)
            if inputs.from_lake():
                inputs.write_ledgers(project)
            tags = {tag for tag, hashed in code.items() if last.get("code", {}).get(tag) != hashed}
            ran = models.build(project, changed, changed_tags=tags, progress=say)
            build = publish.stage(project, inputs={i: e["sha256"] for i, e in sorted(lock.items())})
            self.state.remember(
                "marts", mark, raw=hashes, code=code, versions=engines, build_id=build["build_id"]
            )
            rows = sum(table["rows"] for table in build["tables"].values())
            say(f"{len(ran)} nodes, {rows:,} rows in {len(build['tables'])} marts")

    def publish(self) -> None:
        """Move the staged marts into place, where there are any."""
        if self._is_staged():
            with self.progress.step("publish"):
                publish.publish(self.project)

    def render(self, names: list[str] | None = None, *, force: bool = False) -> None:
        """Render the pages whose text, filters, theme, headlines or marts changed; with `force`, all.

        `names` limits it to pages so named. Raises `RenderError` for an unknown name.
        """
        from commissioning import pages

        project = self.project
        publish.finish_publishing(project)
        build = seals.check(project)
        self._write_numbers(build)
        self._write_councils(build["build_id"])
        self._write_data_docs()
        known = render.site_pages()
        if names:
            unknown = set(names) - {self._name(page) for page in known}
            if unknown:
                raise RenderError(
                    "There is no such page.",
                    found=sorted(unknown),
                    expected=[self._name(page) for page in known if page.parent == project.reports],
                )
        read = cache(partial(headlines.read, project))
        # Every page depends on the text of the headlines that it names, not on the whole register.
        shared = fingerprint(
            [
                *(file for file in render.site_inputs() if file.name != Path(headlines.GENERATED).name),
                *files_in(project.root / "commissioning" / "render", "*.py", "*.lua"),
            ],
            versions("altair", "vl-convert-python", "pypandoc_binary", "typst"),
            root=project.root,
        )
        stale = {}
        wanted = [page for page in known if not names or self._name(page) in names]
        for page, (files, outputs) in zip(wanted, render.page_files(wanted), strict=True):
            text = pages.text_of(files)
            mark = fingerprint(
                files,
                shared,
                pages.marts_of(text, build["tables"]),
                pages.headlines_of(text, read),
                root=project.root,
            )
            if force or not self.state.is_fresh(f"page {self._name(page)}", mark, outputs):
                stale[page] = mark
        index = project.site / search.FILE
        if not stale:
            if not index.exists():
                search.write(project, known)
            return
        with self.progress.step("pages") as say:
            marks = {f"page {self._name(page)}": mark for page, mark in stale.items()}
            self.state.forget(*marks)
            render.render_site(list(stale), progress=say)
            self.state.remember_all(marks)
            search.write(project, known)
            say(f"{len(stale)} pages")

    def _write_councils(self, build_id: str) -> None:
        """The councils' pages, not rendered yet, and the files beside them."""
        from commissioning import councils

        project = self.project
        code = files_in(
            project.root / "commissioning", "councils/*.py", "render/svg.py", "render/downloads.py"
        )
        numbers = sorted((project.reports / headlines.GENERATED_COUNCILS).glob("*.json"))
        mark = fingerprint(
            [*code, *numbers, *(project.raw / "boundaries").glob("*.parquet")], build_id, root=project.root
        )
        outputs = [project.reports / "councils" / "index.qmd", project.site / "councils" / "councils.js"]
        if not self.state.is_fresh("councils", mark, outputs):
            with self.progress.step("councils") as say:
                self.state.forget("councils")
                say(f"{councils.write(project)} councils")
                self.state.remember("councils", mark)

    def _name(self, page: Path) -> str:
        """`80-in-80-out`, `councils/kent`."""
        return page.relative_to(self.project.reports).with_suffix("").as_posix()

    def _write_numbers(self, build: dict) -> None:
        """The headlines' values and source cells, and the page of each."""
        from commissioning import cells, history, numbers

        project, code = self.project, self.project.root / "commissioning"
        sources = [
            *headlines.register_files(project),
            *cells.inputs(project),
            project.raw / "lock.json",
            project.root / "CITATION.cff",
            *(project.reports / "releases").glob("*.json"),
            *(
                code / f"{name}.py"
                for name in ("cells", "citations", "headlines", "history", "numbers", "trace")
            ),
        ]
        stated = numbers.stated(project)
        mark = fingerprint(sources, build["build_id"], stated, root=project.root)
        outputs = [
            project.reports / headlines.GENERATED,
            project.reports / "numbers" / "index.qmd",
            *numbers.downloads(project),
        ]
        if self.state.is_fresh("numbers", mark, outputs):
            return
        with self.progress.step("numbers") as say:
            snapshot = fingerprint([project.raw / "lock.json"], root=project.root)
            traced = numbers.trace_all(project, snapshot, say)
            computed = headlines.write(project, {name: told["source"] for name, told in traced.items()})
            history.record(project, build["build_id"], computed)
            pages = numbers.write(project, build, traced, stated)
            self.state.remember("numbers", mark)
            say(f"{len(computed)} numbers, {len(pages)} pages")

    def _write_data_docs(self) -> None:
        """The quality pages: what every rule of both gates found."""
        results = sorted((self.project.work / "gate").rglob("*.json"))
        code = self.project.expectations / "data_docs.py"
        mark = fingerprint([*results, code], root=self.project.root)
        index = self.project.site / "quality" / "index.html"
        if not self.state.is_fresh("data docs", mark, [index]):
            from expectations import data_docs, gate

            with self.progress.step("data docs"):
                data_docs.render(gate.read(), index.parent)
                self.state.remember("data docs", mark)
