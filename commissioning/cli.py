"""The front door: `commissioning --help`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from commissioning.commands import assess, contracts, decide, ledger

if TYPE_CHECKING:
    from commissioning.base.paths import Project, Workspace

app = typer.Typer(
    name="commissioning",
    help="Evidence and spend analysis on commissioning: from publishers' figures to cited briefs.\n\n"
    "`commissioning build` does everything that is needed and nothing twice; the other commands do one "
    "stage of it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(ledger.app)
app.add_typer(contracts.app)
app.add_typer(assess.app)
app.add_typer(decide.app)
console = Console(soft_wrap=True)
complaints = Console(stderr=True, soft_wrap=True)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]


def _build(quiet: bool):
    from commissioning.base.paths import project
    from commissioning.base.progress import Progress
    from commissioning.build import Build

    return Build(project(), Progress(console, quiet=quiet))


@app.command()
def build(
    quiet: Quiet = False,
    marts_only: Annotated[
        bool, typer.Option("--marts-only", help="Stop after publishing the marts.")
    ] = False,
) -> None:
    """Check the snapshot, build and check the marts, publish them, render the briefs.

    Works offline from the committed snapshot. Only what changed since the last build is done again. The
    published marts in data/marts/ and the site in reports/_site/ are replaced whole or not at all.

    With a workspace (COMMISSIONING_WORKSPACE) the marts and a site of its bodies are built in its folder
    build/, and the checkout stays as it is.
    """
    import time

    from commissioning.base.paths import own_workspace

    start = time.perf_counter()
    here = (
        _build_workspace(own, quiet, marts_only)
        if (own := own_workspace())
        else _build_here(quiet, marts_only)
    )
    if not quiet:
        where = here.database if marts_only else here.site / "index.html"
        console.print(f"done in {time.perf_counter() - start:.1f} s: {where}", highlight=False)


def _build_here(quiet: bool, marts_only: bool) -> Project:
    from commissioning.marts import engines

    run = _build(quiet)
    engines.check()
    run.run(briefs=not marts_only)
    return run.project


def _build_workspace(own: Workspace, quiet: bool, marts_only: bool) -> Project:
    from commissioning.base.paths import project
    from commissioning.base.progress import Progress
    from commissioning.build import own as own_build

    used = own_build.run(project(), own, Progress(console, quiet=quiet), briefs=not marts_only)
    for line in own_build.told(used):
        console.print(line, highlight=False, markup=False)
    return own.build


@app.command()
def ingest(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Datasets (pss_ex1) or editions (pss_ex1/2000-01); all if none."),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the publishers' own addresses and show what they changed.")
    ] = False,
) -> None:
    """Read publishers' originals into the snapshot in data/raw/.

    Originals come from data/cache/ or from a mirror folder (environment variable COMMISSIONING_MIRROR, or
    ../shared/mirror), and must have the sha256 that the catalogue names. With `--refresh`, ledgers are asked
    for only where they are named (ledger_devon): each is hundreds of files.
    """
    from commissioning.base.lock import only_build
    from commissioning.base.paths import project
    from commissioning.ingest import snapshot

    with only_build(project()):
        if refresh:
            from commissioning.ingest.refresh_report import run_refresh

            run_refresh(names or [])
        else:
            snapshot.ingest(
                snapshot.held_editions(names or []),
                progress=lambda line: console.print(line, highlight=False),
            )


@app.command()
def check(quiet: Quiet = False) -> None:
    """Run every check: snapshot against lock, catalogue reviews, data rules on raw tables and marts.

    Review dates are held against today, or the day that COMMISSIONING_TODAY names (2026-11-30). With a
    workspace (COMMISSIONING_WORKSPACE) that has been built, its raw tables and marts are checked as well.
    """
    from commissioning.base.paths import own_workspace, project
    from commissioning.base.progress import Progress
    from commissioning.commands.check import run_checks
    from commissioning.commands.check_own import check_own

    progress = Progress(console, quiet=quiet)
    run_checks(project(), progress)
    if own := own_workspace():
        check_own(own, progress)


@app.command()
def render(
    names: Annotated[
        list[str] | None, typer.Argument(help="Pages to render (80-in-80-out, councils/kent); all if none.")
    ] = None,
    quiet: Quiet = False,
    renderer: Annotated[
        str | None, typer.Option("--with", help="builtin or quarto (COMMISSIONING_RENDERER); else builtin.")
    ] = None,
) -> None:
    """Render briefs from the published marts, whether or not anything changed."""
    import os

    from commissioning.base.lock import only_build

    if renderer:
        os.environ["COMMISSIONING_RENDERER"] = renderer
    run = _build(quiet)
    with only_build(run.project):
        run.render(names=names or None, force=True)


@app.command()
def status() -> None:
    """Say what is held, what is published and what the next build would do.

    With a workspace (COMMISSIONING_WORKSPACE): what its build holds of each body, and what is stale in it.
    """
    from commissioning.base.paths import own_workspace, project
    from commissioning.commands.check import print_status
    from commissioning.commands.check_own import print_own_status

    if own := own_workspace():
        print_own_status(project(), own, console)
    else:
        print_status(project(), console)


@app.command(name="open")
def open_(
    what: Annotated[str, typer.Argument(help="`site`, a page such as `80-in-80-out`, or `marts`.")] = "site",
) -> None:
    """Open the site in a browser, or show how to query the marts.

    With a workspace (COMMISSIONING_WORKSPACE) that has been built, site and marts are the workspace's.
    """
    from commissioning.commands.check import open_page

    open_page(what, console)


@app.command()
def trace(
    number: Annotated[
        str | None, typer.Argument(help="Its id: dp_share_c_2021_22, or council_dp_share_c_2021_22@devon.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write all of its source cells there.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Name every number.")] = False,
    councils: Annotated[bool, typer.Option("--councils", help="Name every council with its id.")] = False,
) -> None:
    """Show where a number comes from: value, SQL, mart rows, and the publishers' cells that it is made of.

    For each cell: file, sheet and cell or line, text as published; for each file: publisher, address, sha256,
    licence. The number is worked out a second time, from the cells alone.
    """
    from commissioning.base.paths import project
    from commissioning.numbers import trace

    if number is None and csv:
        raise typer.BadParameter("goes with a number: name it", param_hint="--csv")
    if number and (list_ or councils):
        raise typer.BadParameter("lists them all: leave the number out", param_hint="--list, --councils")
    if councils:
        trace.print_councils(project(), console)
    elif list_ or number is None:
        trace.print_list(project(), console)
    else:
        trace.print_trace(project(), console, number, csv)


def _measures(wanted: bool) -> None:
    if wanted:
        from commissioning.commands import compare_path as comparing

        comparing.measures()
        raise typer.Exit


@app.command(name="compare-path")
def compare_path(
    council: Annotated[str, typer.Argument(help="Its id or name: devon. `trace --councils` lists all.")],
    measure: Annotated[str, typer.Argument(help="Such as control_over_daily_life; `--measures` lists all.")],
    from_year: Annotated[
        str,
        typer.Option(
            "--from", help="First year of the change: 2021-22, with five comparable years before it."
        ),
    ],
    leave_out: Annotated[
        list[str] | None, typer.Option("--leave-out", help="A council that changed, too; may be repeated.")
    ] = None,
    steady: Annotated[
        str | None, typer.Option("--steady", help="A measure: councils that moved in it are left out.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the years there.")] = None,
    measures: Annotated[
        bool,
        typer.Option("--measures", is_eager=True, callback=_measures, help="List measures with their years."),
    ] = False,
) -> None:
    """Compare a council's path with a synthetic one, made of councils that did not change.

    Shows its peers, the fit before, the spread of placebo councils and the smallest change that would show.
    Refuses where fit or data are too poor.
    """
    from commissioning.commands import compare_path as comparing

    comparing.run(console, council, measure, from_year, leave_out or [], steady, csv)


@app.command()
def release() -> None:
    """Keep every number's meaning and value in `reports/releases/<version>.json`: part of making a release.

    Version and date are those of CITATION.cff, the values those of the published marts. From then on no
    published id may change its meaning.
    """
    from commissioning.base.paths import project
    from commissioning.numbers import history

    console.print(str(history.release(project())), highlight=False)


@app.command()
def bench(
    rounds: Annotated[
        int, typer.Option(min=1, help="How often each stage is timed; the median is shown.")
    ] = 3,
    ledgers: Annotated[
        bool, typer.Option("--ledgers", help="Only ledgers: reading them, and from the lake to their marts.")
    ] = False,
    memory: Annotated[
        bool, typer.Option("--memory", help="Also ingest ten times the largest ledger (3 GB of disk).")
    ] = False,
    contracts: Annotated[
        bool, typer.Option("--contracts", help="Only contract notices: reading 100,000 OCDS releases.")
    ] = False,
    simulation: Annotated[
        bool,
        typer.Option("--simulation", help="Only the estimates' coverage on made-up panels (some minutes)."),
    ] = False,
    scale: Annotated[
        bool, typer.Option("--scale", help="Only from a lake of 15.8 million payments to the ledger marts.")
    ] = False,
    spark: Annotated[
        Path | None,
        typer.Option("--spark", help="With --scale: an environment with pyspark, to measure Spark as well."),
    ] = None,
) -> None:
    """Time each stage of the build, compare dbt with the same SQL run straight in DuckDB, and the reading of
    ledgers with Polars alone, pandas and DuckDB; then the way from the lake to the ledger marts."""
    from commissioning.base.paths import project
    from commissioning.bench import run_bench
    from commissioning.bench.ledgers import run_ledger_bench, run_marts_bench

    if simulation:
        from commissioning.bench import run_simulation

        run_simulation(project(), console)
        return
    if scale:
        from commissioning.bench.scale import run_scale_bench

        run_scale_bench(console, spark)
        return
    if contracts:
        from commissioning.bench.contracts import run_contracts_bench

        run_contracts_bench(console, rounds)
        return
    if not ledgers:
        run_bench(project(), console, rounds)
    run_ledger_bench(console, rounds, memory=memory)
    run_marts_bench(console, rounds)


@app.command()
def clean() -> None:
    """Delete everything that a build makes: work folder, marts, site, pages and numbers written for the site.

    What no build can make again stays: the snapshot in data/raw/, originals in data/cache/, the payments in
    data/lake/, and data/marts/history.json, what this machine's builds said before.
    """
    from commissioning.base.files import remove
    from commissioning.base.lock import only_build
    from commissioning.base.paths import project
    from commissioning.commands.clean import clean as delete

    here = project()
    with only_build(here):
        delete(here)
    remove(here.work)


def main() -> None:
    """Run the command line: named errors without a traceback, 130 after Ctrl-C or when told to end."""
    import signal

    from commissioning.base.errors import CommissioningError
    from commissioning.base.trouble import named_trouble

    # Ended in any other way it would leave its worker processes behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with named_trouble():
            code = app(standalone_mode=False)
    except CommissioningError as error:
        complaints.print(f"error: {error}", style="red", highlight=False, markup=False)
        sys.exit(error.exit_code)
    except Exception as error:
        # A wrong option or argument: Typer's own error knows how to show itself.
        if not (hasattr(error, "show") and hasattr(error, "exit_code")):
            raise
        error.show()
        sys.exit(error.exit_code)
    # Typer catches Ctrl-C and returns this code for it.
    if code == 130:
        complaints.print(
            "stopped; marts, pages and lake hold what was finished, nothing by halves", highlight=False
        )
    sys.exit(code)


if __name__ == "__main__":
    main()
