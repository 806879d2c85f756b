"""Running dbt over the snapshot: raw -> staging -> intermediate -> marts, in the build's working database.

The working database `data/build/models.duckdb` is dbt's own and may be deleted at any time. Only what changed
since the last run that ended well (models, seeds, macros, tests, raw tables) and what depends on it is run
again. What that run left is kept while the next one works, which starts from there if this one fails or is
stopped.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from commissioning.base.errors import DamagedFile, ModelError
from commissioning.base.files import read_json, remove, replace_text
from commissioning.base.paths import Project
from commissioning.base.progress import heard_by
from commissioning.base.sql import escaped_pattern
from commissioning.marts import inputs, seals

LEDGERS = "ledgers"
"""The tag of the models that can run on another engine."""
# Tests of these models are selected as what follows them; `empty` keeps the exclusion to the models alone.
AFTER_LEDGERS = [
    "--indirect-selection",
    "empty",
    "--select",
    f"tag:{LEDGERS}+",
    "--exclude",
    f"tag:{LEDGERS},resource_type:model",
]


def database(project: Project) -> Path:
    return project.work / "models.duckdb"


def _state(project: Project) -> Path:
    return project.work / "dbt-state"


def environment(project: Project) -> dict[str, str]:
    """Environment variables that the dbt project reads."""
    return {
        "COMMISSIONING_MODELS_DB": os.path.relpath(database(project), project.dbt),
        "COMMISSIONING_RAW": _in_source(project, project.raw),
        "COMMISSIONING_INPUTS": _in_source(project, project.work / "inputs"),
        "COMMISSIONING_LEDGER_TABLES": _in_source(project, inputs.ledger_folder(project)),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_PROFILES_DIR": str(project.dbt),
        "DBT_PROJECT_DIR": str(project.dbt),
        "DBT_TARGET_PATH": str(project.work / "dbt-target"),
        "DBT_LOG_PATH": str(project.work / "dbt-logs"),
        "DO_NOT_TRACK": "1",
    }


def _in_source(project: Project, folder: Path) -> str:
    """A folder as `external_location` in `_sources.yml` takes it: within quotes, within a file pattern, and
    filled in by dbt-duckdb with `str.format`. It is seen from dbt's own folder: in a copy of the project, a
    workspace's for one, a full path would be another source, and every model would run again."""
    return (
        escaped_pattern(Path(os.path.relpath(folder, project.dbt)))
        .replace("'", "''")
        .replace("{", "{{")
        .replace("}", "}}")
    )


@contextmanager
def our_environment(project: Project) -> Iterator[None]:
    """Our settings in the environment and none of the user's own for dbt, which would choose another target,
    defer to another project or leave models out; the environment as it was afterwards.

    dbt works in its own folder meanwhile, so that the database has a short and plain path: dbt-duckdb takes a
    path for an address and would cut it off at a `#`.
    """
    before = dict(os.environ)
    for name in before:
        if name.upper().startswith("DBT_"):
            del os.environ[name]
    os.environ.update(environment(project))
    try:
        with chdir(project.dbt):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _seal(project: Project) -> Path:
    return _state(project) / "seal.json"


def _kept(project: Project) -> Path:
    """The working database as it was before the run that is under way, or that was stopped."""
    return project.work / "kept" / database(project).name


def _hashes(project: Project, file: Path) -> dict[str, str]:
    """Hashes of a working database and of the manifest that says what is in it."""
    files = {"database": file, "manifest": _state(project) / "manifest.json"}
    return {name: seals.sha256(file) for name, file in files.items()}


def _sealed(project: Project, file: Path) -> dict | None:
    """What the last run that ended well noted, if this is the database that it left, with nothing beside."""
    try:
        sealed = read_json(_seal(project))
        whole = sealed["hashes"] == _hashes(project, file) and not seals.companions(file)
    except (OSError, DamagedFile, KeyError, TypeError):
        return None
    return sealed if whole else None


def is_sound(project: Project) -> bool:
    """Whether the working database is what the last run that ended well left."""
    return _sealed(project, database(project)) is not None


def made_from(project: Project) -> dict | None:
    """What the last run that ended well said that it was made from. Where a run was stopped since, or another
    program was at the working database, the one that was kept is put back.

    None where there is none: all must then be built from nothing.
    """
    if sealed := _sealed(project, database(project)):
        return sealed["made_from"]
    if sealed := _sealed(project, _kept(project)):
        for companion in seals.companions(database(project)):
            remove(companion)
        _kept(project).replace(database(project))
        return sealed["made_from"]
    return None


def manifest(project: Project) -> dict:
    """dbt's manifest of the last run: nodes, columns, descriptions."""
    return read_json(project.work / "dbt-target" / "manifest.json")


def marts(project: Project) -> dict[str, dict]:
    """The published tables by name, with their manifest nodes: every model in `dbt/models/marts/`."""
    nodes = manifest(project)["nodes"].values()
    found = {n["name"]: n for n in nodes if n["resource_type"] == "model" and n["fqn"][1] == "marts"}
    return dict(sorted(found.items()))


def invoke(project: Project, arguments: list[str], *, progress: Callable[[str], None] = lambda line: None):
    """Run one dbt command in this process. Raises `ModelError` naming each node that failed and why."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def on_event(event) -> None:
        if event.info.name in ("LogModelResult", "LogSeedResult", "LogTestResult"):
            data = event.data
            if data.node_info.node_status.lower() in ("success", "pass"):
                progress(f"{data.node_info.node_name} {data.execution_time:.1f} s")

    # What went wrong is said by the error raised here; dbt's own words go to its log.
    quiet = [
        "--log-level",
        "none",
        "--log-level-file",
        "debug",
        "--no-print",
        "--no-use-colors",
        "--no-version-check",
    ]
    # Where dbt's log cannot be written, Python would print a traceback for every line that is not logged.
    complains, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        with our_environment(project):
            outcome = dbtRunner(callbacks=[on_event]).invoke([*quiet, *arguments])
    finally:
        logging.raiseExceptions = complains
        # The adapter keeps the database open for the life of the process.
        DuckDBConnectionManager.close_all_connections()
    if outcome.success:
        return outcome
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception is not None:
        raise ModelError(
            "dbt stopped before any model ran.",
            found=str(outcome.exception).strip(),
            todo=f"mend the model or seed named above; the log is {project.work / 'dbt-logs' / 'dbt.log'}",
        )
    failed = [r for r in outcome.result.results if str(r.status) in ("error", "fail", "runtime error")]
    raise ModelError(
        f"{len(failed)} models or tests failed; nothing was published.",
        where="; ".join(f"{r.node.name} ({r.node.original_file_path})" for r in failed[:5]),
        found="\n".join(_explain(project, r) for r in failed[:5]),
        todo="mend the data or the model; a failing test names the rows it found",
    )


def _explain(project: Project, result) -> str:
    """A failed node's message, and for a failed test the first rows that it found."""
    lines = [f"{result.node.name}: {(result.message or '').strip()}"]
    if result.node.resource_type == "test" and result.node.compiled_code and str(result.status) == "fail":
        import duckdb

        # Views of raw tables name them as seen from dbt's folder.
        with chdir(project.dbt), duckdb.connect(str(database(project)), read_only=True) as db:
            # The test may end in a comment.
            rows = db.execute(f"select * from (\n{result.node.compiled_code}\n) limit 5")
            names = [column[0] for column in rows.description]
            lines += [f"    {dict(zip(names, row, strict=True))}" for row in rows.fetchall()]
    return "\n".join(lines)


def build(
    project: Project,
    changed_raw: set[str] | None,
    *,
    changed_tags: set[str] = frozenset(),
    made_from: dict | None = None,
    ledgers: Callable[[], None] | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> list[str]:
    """Bring the working database up to date and return the names of the nodes that ran.

    `changed_raw` names the raw sources (datasets, or `ledgers`) that changed since the last run that ended
    well; None means that there was none, so everything is built from nothing. `changed_tags` names the tags
    of models whose Python code outside dbt changed, which dbt cannot see. `made_from` is noted beside what
    was built. `ledgers` makes the tables of the models so tagged on another engine: it is called when
    all that they read is built.
    """
    state, kept = _state(project), _kept(project)
    # A seed that gained a column would not fit its old table without a full refresh.
    whole = ["build", "--full-refresh", "--exclude-resource-type", "unit_test"]
    arguments = [*whole]
    if changed_raw is None or not is_sound(project):
        for leftover in (database(project), *seals.companions(database(project)), kept, state):
            remove(leftover)
    else:
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(database(project), kept)
        # The catalogue is small and written anew for every run.
        sources = ("ledgers" if name == "ledgers" else f"raw.{name}" for name in sorted(changed_raw))
        changed = ["source:inputs.catalogue+", *(f"source:{source}+" for source in sources)]
        changed += [f"tag:{tag}+" for tag in sorted(changed_tags)]
        arguments += ["--select", "state:modified+", *changed, "--state", str(state)]
    shutil.rmtree(project.work / "dbt-target" / "compiled", ignore_errors=True)
    with heard_by(progress):
        if ledgers is None:
            outcomes = [invoke(project, arguments, progress=progress)]
        else:
            outcomes = [invoke(project, [*arguments, "--exclude", f"tag:{LEDGERS}+"], progress=progress)]
            ledgers()
            outcomes.append(invoke(project, [*whole, *AFTER_LEDGERS], progress=progress))
    state.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(project.work / "dbt-target" / "manifest.json", state / "manifest.json")
    sealed = {"hashes": _hashes(project, database(project)), "made_from": made_from}
    replace_text(_seal(project), json.dumps(sealed) + "\n")
    remove(kept)
    return [result.node.name for outcome in outcomes for result in outcome.result.results]
