"""The build: snapshot -> gate -> marts -> gate -> publish -> briefs, redoing only what changed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from commissioning import headlines, inputs, models, publish, render
from commissioning.errors import BusyError, CommissioningError
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


@contextmanager
def named_disk_errors() -> Iterator[None]:
    """Turn a full or read-only disk into a named error."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        raise CommissioningError(
            "The disk is full or cannot be written.",
            file=error.filename,
            found=os.strerror(error.errno),
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
        """One hash for each dataset of the snapshot."""
        return {
            name: fingerprint(
                [],
                [(i, e["sha256"]) for i, e in sorted(lock.items()) if i.startswith(name + "/")],
                root=self.project.root,
            )
            for name, dataset in catalogue().items()
            if dataset.held
        }

    def check_raw(self, lock: dict[str, dict]) -> None:
        """The first gate: raw tables whose data or rules changed since they last passed."""
        self._gate("raw", self._raw_hashes(lock))

    def check_marts(self) -> None:
        """The second gate: staged marts whose rows or rules changed since they last passed."""
        tables = publish.staged_build(self.project)["tables"] if self._is_staged() else {}
        self._gate("marts", {name: table["sha256"] for name, table in tables.items()})

    def _is_staged(self) -> bool:
        return (publish.staging_folder(self.project) / "build.json").exists()

    def _gate(self, layer: str, hashes: dict[str, str]) -> None:
        code = [self.project.expectations / "gate.py", self.project.root / "commissioning" / "state.py"]
        stale = {}
        for name, content in hashes.items():
            suite = self.project.expectations / layer / f"{name}.yml"
            rules = [file for file in (suite, *code) if file.exists()]
            mark = fingerprint(rules, content, versions("great-expectations"), root=self.project.root)
            if not self.state.is_fresh(f"gate {layer} {name}", mark):
                stale[name] = mark
        if not stale:
            return
        from expectations import gate

        with self.progress.step(f"gate, {layer}"):
            if layer == "raw":
                results = gate.check_raw(list(stale))
            else:
                results = gate.check_marts(
                    publish.staging_folder(self.project) / "commissioning.duckdb", list(stale)
                )
            for warning in gate.enforce(results):
                self.progress.warn(str(warning))
            for name, mark in stale.items():
                self.state.remember(f"gate {layer} {name}", mark)

    def build_marts(self, lock: dict[str, dict]) -> None:
        """dbt, then the staged marts. Skipped where neither data nor models changed."""
        project = self.project
        hashes = self._raw_hashes(lock)
        sources = [
            *files_in(project.dbt, "*.sql", "*.yml", "*.csv", "*.py"),
            *project.catalogue.glob("*.yml"),
        ]
        mark = fingerprint(sources, hashes, versions("duckdb", "dbt-core", "dbt-duckdb"), root=project.root)
        staged = publish.staging_folder(project)
        done = self.state.recall("marts").get("fingerprint") == mark
        if done and (
            self._is_staged()
            or (publish.published_build(project) or {}).get("build_id")
            == self.state.recall("marts")["build_id"]
        ):
            return
        with self.progress.step("marts") as say:
            before = self.state.recall("marts").get("raw")
            self.state.forget("marts")
            changed = None if before is None else {n for n, h in hashes.items() if before.get(n) != h}
            inputs.write(project)
            if before is not None:
                changed |= {"catalogue"}
            ran = models.build(project, changed, progress=say)
            build = publish.stage(project, inputs={i: e["sha256"] for i, e in sorted(lock.items())})
            self.state.remember("marts", mark, raw=hashes, build_id=build["build_id"])
            say(
                f"{len(ran)} nodes, {sum(t['rows'] for t in build['tables'].values()):,} rows in {len(build['tables'])} marts"
            )
        assert staged.exists()

    def publish(self) -> None:
        """Move the staged marts into place, where there are any."""
        if self._is_staged():
            with self.progress.step("publish"):
                publish.publish(self.project)

    def render(self) -> None:
        """Render the pages whose text, filters, theme, headlines or marts changed."""
        from commissioning import pages

        project = self.project
        build = publish.published_build(project)
        code = files_in(project.root / "commissioning", "*.py")
        mark = fingerprint([project.reports / "headlines.yml"], build["build_id"], root=project.root)
        numbers = project.reports / "_generated" / "headlines.json"
        if not self.state.is_fresh("headlines", mark, [numbers]):
            with self.progress.step("headlines") as say:
                say(f"{len(headlines.write(project))} numbers")
                self.state.remember("headlines", mark)
        pages.write(project, build)
        stale = {}
        for page in render.site_pages():
            used = pages.marts_of(page)
            tables = {name: build["tables"][name]["sha256"] for name in used}
            shown = pages.headlines_of(page, numbers)
            mark = fingerprint([*render.page_inputs(page), *code], tables, shown, root=project.root)
            if not self.state.is_fresh(f"page {page.name}", mark, render.page_outputs(page)):
                stale[page] = mark
        if not stale:
            return
        with self.progress.step("briefs") as say:
            for page in render.render_site(list(stale), progress=say):
                self.state.remember(f"page {page.name}", stale[page])
