"""The build: snapshot -> gate -> marts -> gate -> publish -> briefs, redoing only what changed.

`table` lists the steps, `steps` says what a step is, `tasks` holds what each does. Here is the loop.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from commissioning import render
from commissioning.base.errors import RenderError
from commissioning.base.files import remove
from commissioning.base.lock import only_build
from commissioning.base.paths import Project
from commissioning.base.progress import Progress
from commissioning.base.state import State, fingerprint
from commissioning.base.trouble import named_trouble
from commissioning.build.order import SITE_STEPS, STEPS
from commissioning.build.step import Files, Planned, Read, Step, Work, code_mark, waiting_for
from commissioning.build.tasks import page_name
from commissioning.ingest import snapshot
from commissioning.marts import inputs, publish, seals

SAVED_EVERY = 1.0
"""Seconds between two savings of what is done: a build that is killed loses no more than that."""


class Build:
    """One run of the build over one project."""

    site_steps = SITE_STEPS

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
            for step in STEPS + (self.site_steps if briefs else ()):
                marks = self.marks(step)
                self.take_away(step, marks)
                self.do(step, self.due(step, marks))

    def render(self, names: list[str] | None = None, *, force: bool = False) -> None:
        """Render the pages that are due; with `force`, all.

        `names` limits it to pages so named. Raises `RenderError` for an unknown name.
        """
        publish.finish_publishing(self.project)
        seals.check(self.project)
        for step in self.site_steps:
            marks = self.marks(step)
            self.take_away(step, marks)
            wanted = marks if force and step.name == "pages" else self.due(step, marks)
            if names and step.name == "pages":
                wanted = self._named(names, wanted)
            self.do(step, wanted)

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
        for step in STEPS + self.site_steps:
            marks, waits = self.marks(step), waiting_for(step, changing)
            gone = self.gone(step, marks)
            count = len(self.due(step, marks)) + len(gone)
            if count or waits:
                changing.append(step)
                planned.append(Planned(step.name, count, len(marks) + len(gone), waits))
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

    def due(self, step: Step, marks: dict[str, str]) -> dict[str, str]:
        """Which of the step's parts must be done, with their marks."""
        return {part: mark for part, mark in marks.items() if not self._is_done(step, part, mark)}

    def gone(self, step: Step, marks: dict[str, str]) -> list[str]:
        """Parts that the step has had and has no longer, such as a page that was deleted."""
        return sorted(set(self.state.parts_of(step.name)) - set(marks))

    def take_away(self, step: Step, marks: dict[str, str]) -> None:
        """Delete what parts that are gone have made: it rests on nothing, and no build would change it."""
        if not (gone := self.gone(step, marks)):
            return
        with self.progress.step(step.name) as say:
            for part in gone:
                self._remove(self.state.recall(part)["made"])
                self.state.drop(part)
            self.state.save()
            say(f"{len(gone)} gone")

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            remove(self.project.root / name)

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
        self.state.begin(*marks)
        saved = time.monotonic()

        def finished(part: str, made: Iterable[Path] | None = None, **facts: object) -> None:
            nonlocal saved
            now = self.files.made(self.files.matching(step.makes) if made is None else made)
            self._remove(set(last[part].get("made", {})) - set(now))
            self.state.keep(part, marks[part], now, step=step.name, **facts)
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
