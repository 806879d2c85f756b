"""Where things are. One project folder holds everything; nothing is written outside it.

What needs no checkout, the ledgers, works in any folder: its `workspace`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from commissioning.base.errors import CommissioningError


@dataclass(frozen=True)
class Project:
    """The folders of one checkout."""

    root: Path

    @property
    def is_checkout(self) -> bool:
        return is_project(self.root)

    @property
    def bodies(self) -> Path:
        """The YAML of each body whose ledgers are read."""
        return self.root / "ingest" / "ledgers" if self.is_checkout else self.root / "ledgers"

    @property
    def catalogue(self) -> Path:
        return self.root / "ingest" / "catalogue"

    @property
    def dbt(self) -> Path:
        """The dbt project; without a checkout, its seeds and macros as the package carries them."""
        if self.is_checkout:
            return self.root / "dbt"
        package = Path(__file__).resolve().parents[1]
        # Code that lies in a checkout has the checkout's own.
        return package / "dbt" if (package / "dbt").is_dir() else package.parent / "dbt"

    @property
    def expectations(self) -> Path:
        return self.root / "expectations"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def site(self) -> Path:
        """The rendered site."""
        return self.reports / "_site"

    @property
    def raw(self) -> Path:
        """The committed snapshot of tidy raw tables."""
        return self.root / "data" / "raw"

    @property
    def cache(self) -> Path:
        """Publishers' originals fetched by this machine, by their path in the catalogue."""
        return self.root / "data" / "cache"

    def originals_of(self, body: str) -> Path:
        """Where the files of a body's ledger are kept that `commissioning ledger add` was given."""
        return self.cache / f"ledger_{body}"

    @property
    def _lake(self) -> Path:
        return self.root / "data" / "lake"

    @property
    def lake(self) -> Path:
        """Payments of the ledgers that this machine has read: `COMMISSIONING_LAKE`, or `data/lake`."""
        named = os.environ.get("COMMISSIONING_LAKE")
        if named and "://" in named:
            raise CommissioningError(
                "The lake has to be a folder of this machine.",
                where="environment variable COMMISSIONING_LAKE",
                expected="the path of a folder",
                found=named,
                todo="name a folder, or unset the variable; a lake at an address cannot be written yet",
            )
        folder = Path(named) if named else self._lake
        if folder.exists() and not folder.is_dir():
            raise CommissioningError(
                "The lake is not a folder.",
                file=folder,
                where="environment variable COMMISSIONING_LAKE" if named else None,
                todo="name a folder, or unset the variable" if named else "move the file away",
            )
        return folder

    @property
    def contracts(self) -> Path:
        """Contract notices that this machine has fetched or read."""
        return self.root / "data" / "contracts"

    @property
    def work(self) -> Path:
        """The build's own folder: may be deleted at any time."""
        return self.root / "data" / "build"

    @property
    def marts(self) -> Path:
        """The published marts."""
        return self.root / "data" / "marts"

    @property
    def database(self) -> Path:
        return self.marts / "commissioning.duckdb"

    @property
    def mirror(self) -> Path | None:
        """The folder of publishers' originals, if there is one: `COMMISSIONING_MIRROR`, or
        `../shared/mirror` beside the project."""
        named = os.environ.get("COMMISSIONING_MIRROR")
        if named:
            folder = Path(named)
            folder = folder if folder.is_absolute() else Path.cwd() / folder
            if not folder.is_dir():
                raise CommissioningError(
                    "The mirror folder does not exist.",
                    file=folder,
                    where="environment variable COMMISSIONING_MIRROR",
                    todo="name a folder of publishers' originals, or unset the variable",
                )
            return folder
        beside = self.root.parent / "shared" / "mirror"
        return beside if beside.is_dir() else None


class Workspace(Project):
    """A folder of the user's own for ledgers (`COMMISSIONING_WORKSPACE`), as `ledger init` makes it."""

    is_checkout = False

    @property
    def bodies(self) -> Path:
        return self.root / "bodies"

    @property
    def cache(self) -> Path:
        return self.root / "files"

    def originals_of(self, body: str) -> Path:
        return self.cache / body

    @property
    def _lake(self) -> Path:
        return self.root / "lake"

    @property
    def work(self) -> Path:
        return self.root / "lake" / "work"

    @property
    def build(self) -> Project:
        """The project that `commissioning build` makes of the package and this workspace."""
        return Project(self.root / "build")

    @property
    def mirror(self) -> None:
        """None: what is read lies in `files`."""


def is_project(folder: Path) -> bool:
    return (folder / "ingest" / "catalogue").is_dir() and (folder / "dbt" / "dbt_project.yml").is_file()


def is_workspace(folder: Path) -> bool:
    return (folder / "bodies").is_dir()


def _stands_in() -> Path | None:
    """The workspace that the current folder is, or lies in. Other folders may hold `bodies` too."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if is_workspace(folder) and (folder / "bodies.csv").is_file():
            return folder.resolve()
    return None


class NoCheckout(CommissioningError):
    """A command needs a checkout, and there is none."""


@cache
def project() -> Project:
    """The project to work on: `COMMISSIONING_HOME`, else the nearest checkout at or above the current
    folder, else the checkout that this code lives in."""
    named = os.environ.get("COMMISSIONING_HOME")
    here = Path.cwd()
    candidates = [Path(named)] if named else [here, *here.parents, Path(__file__).resolve().parents[2]]
    for folder in candidates:
        if is_project(folder):
            if "?" in str(folder.resolve()):
                raise CommissioningError(
                    "The checkout lies in a folder with a question mark in its name. DuckDB would put a "
                    "database's log elsewhere.",
                    file=folder.resolve(),
                    expected="a path without a question mark",
                    todo="rename the folder, or move the checkout",
                )
            return Project(folder.resolve())
    raise NoCheckout(
        "This is not a checkout of commissioning-evidence.",
        file=candidates[0],
        expected="a folder that holds ingest/catalogue and dbt/dbt_project.yml",
        todo="run the command inside the checkout, or set COMMISSIONING_HOME to it",
    )


@contextmanager
def working_on(here: Project) -> Iterator[None]:
    """Let `project` be another one, for this process and those that it starts, and as it was afterwards."""
    before = os.environ.get("COMMISSIONING_HOME")
    os.environ["COMMISSIONING_HOME"] = str(here.root)
    project.cache_clear()
    try:
        yield
    finally:
        if before is None:
            del os.environ["COMMISSIONING_HOME"]
        else:
            os.environ["COMMISSIONING_HOME"] = before
        project.cache_clear()


def own_workspace() -> Workspace | None:
    """The user's workspace: the one that `COMMISSIONING_WORKSPACE` names, else the one she stands in."""
    named = os.environ.get("COMMISSIONING_WORKSPACE")
    if not named:
        return Workspace(folder) if (folder := _stands_in()) else None
    folder = Path(named).resolve()
    if not is_workspace(folder):
        raise CommissioningError(
            "This is no workspace.",
            file=folder,
            where="environment variable COMMISSIONING_WORKSPACE",
            expected="a folder that `commissioning ledger init` has made",
            found="a folder without bodies/" if folder.is_dir() else "no such folder",
            todo=f"run `commissioning ledger init {named}`, name another folder, or unset the variable",
        )
    return Workspace(folder)


def published() -> Project:
    """Whose marts and site are looked at: those of the user's workspace once it has a build, else the
    checkout's."""
    own = own_workspace()
    return own.build if own and is_project(own.build.root) else project()


def workspace() -> Project:
    """Where ledgers are read and kept: the user's own workspace, else the folder of `home`."""
    return own_workspace() or home()


def home() -> Project:
    """The checkout; without one, `COMMISSIONING_HOME` or the current folder."""
    try:
        return project()
    except NoCheckout:
        return Project(Path(os.environ.get("COMMISSIONING_HOME") or Path.cwd()).resolve())
