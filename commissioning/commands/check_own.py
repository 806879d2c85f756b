"""`commissioning check` and `status` for the build of a workspace."""

from __future__ import annotations

from rich.console import Console

from commissioning.base.errors import MissingMarts
from commissioning.base.paths import Project, Workspace, is_project
from commissioning.base.progress import Progress
from commissioning.commands.check import check_data, print_plan
from commissioning.ingest import snapshot
from commissioning.marts import seals

NOT_BUILT = "The workspace has no build of its own yet: run `commissioning build`."


def check_own(own: Workspace, progress: Progress) -> None:
    """The checks of a workspace's build: its raw tables, their gate, and the published marts with theirs.

    Raises the first that fails. Review dates and numbers of briefs are the package's, and are not asked.
    """
    from commissioning.build.own import working_in

    here = own.build
    if not is_project(here.root):
        progress.warn(NOT_BUILT)
        return
    with working_in(here):
        with progress.step("workspace, snapshot") as say:
            say(f"{len(snapshot.verify())} editions match the lock")
        check_data(here, progress, "workspace, ")


def print_own_status(home: Project, own: Workspace, console: Console) -> None:
    """What a workspace's build holds of each body, what changed since, and whether its marts are sound."""
    from commissioning.build import own as own_build

    def say(line: str) -> None:
        console.print(line, highlight=False, markup=False)

    say(f"Workspace {own.root}")
    if not is_project(own.build.root):
        say(NOT_BUILT)
        return
    with own_build.working_in(own.build):
        for body, why in own_build.stale_bodies(own).items():
            say(f"  {body}: {why or 'counted, as the lake has it'}")
        changed = own_build.changed_since(home, own)
        try:
            build = seals.check(own.build)
            rows = build["tables"].get("mart_ledger_spend_by_route", {}).get("rows", 0)
            say(f"Published: {own.build.database}, build {build['build_id']}")
            say(f"  {len(build['tables'])} marts, {rows:,} rows of mart_ledger_spend_by_route")
        except MissingMarts:
            say("No marts are published yet: run `commissioning build`.")
        say(f"Changed in checkout and workspace since: {'; '.join(changed) or 'nothing'}.")
        # A build that failed or was stopped has taken all up, and published nothing of it.
        print_plan(own_build.OwnBuild(own.build, Progress(console)), console)
