"""Errors that name what is wrong, where, and what to do.

Every error that a user can cause or meet derives from `CommissioningError`. The command line prints it
without a traceback and leaves with `exit_code`.
"""

from __future__ import annotations

from pathlib import Path


class CommissioningError(Exception):
    """Something a user can act on.

    `what` says what is wrong in one line; `file`, `where` (sheet, cell, line, rule), `expected`, `found`
    and `todo` complete it where they are known.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        file: str | Path | None = None,
        where: str | None = None,
        expected: object = None,
        found: object = None,
        todo: str | None = None,
    ):
        self.what, self.file, self.where = what, str(file) if file else None, where
        self.expected, self.found, self.todo = expected, found, todo
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [self.what]
        for label, value in (
            ("file", self.file),
            ("where", self.where),
            ("expected", self.expected),
            ("found", self.found),
            ("what to do", self.todo),
        ):
            if value is not None:
                lines.append(f"  {label}: {value}")
        return "\n".join(lines)


class CatalogueError(CommissioningError):
    """An entry in `ingest/catalogue/` is malformed or past its review date."""


class OriginalError(CommissioningError):
    """A publisher's file is missing, truncated, altered or cannot be fetched."""


class LayoutError(CommissioningError):
    """A publisher's file does not look as its reader expects: a sheet, header, column or label moved."""


class LedgerError(CommissioningError):
    """A ledger file cannot be read as it is: what was seen, and what to put into the body's YAML."""


class ContractsError(CommissioningError):
    """A file of contract notices cannot be read, or a portal does not give one."""


class EngineError(CommissioningError):
    """A cluster that is to run the ledger models is not there, is another, or may not be used."""


class PracticeError(CommissioningError):
    """An assessment, a decision or a comparison that a user asked for is not as it should be."""


class PracticeFaults(PracticeError):
    """Several faults, each with its own file and line."""

    def __init__(self, *faults: PracticeError):
        self.faults = faults
        first = faults[0]
        super().__init__(first.what, file=first.file, where=first.where)

    def __str__(self) -> str:
        numbered = [f"{n}. {fault}" for n, fault in enumerate(self.faults, 1)]
        return "\n".join([f"{len(self.faults)} faults were found.", *numbered])


class ComparisonRefused(PracticeError):
    """A council's path is not compared: fit or data are too poor for a number."""


class SymbolError(CommissioningError):
    """A cell holds text that is neither a number nor a symbol known for the dataset."""


class KeyClashError(CommissioningError):
    """Two figures of one raw table claim the same dimensions or the same cell."""


class SnapshotError(CommissioningError):
    """`data/raw/` does not match its lock file, or the rules that it was counted with."""


class GateError(CommissioningError):
    """A critical data check failed; nothing was published."""


class ModelError(CommissioningError):
    """dbt could not build or test the marts."""


class RenderError(CommissioningError):
    """A brief could not be rendered."""


class PublishError(CommissioningError):
    """The finished marts could not be moved into place."""


class DamagedFile(CommissioningError):
    """A file that the project's own commands wrote is not as they write it."""

    def __init__(self, file: Path, found: str, todo: str | None = None):
        super().__init__(
            "A file that the build wrote cannot be read.",
            file=file,
            found=found,
            todo=todo or "run `commissioning clean`, then `commissioning build`",
        )


class DamagedMarts(CommissioningError):
    """The published marts are not what was published. `faults` says what is wrong, one line a file."""

    def __init__(
        self,
        folder: Path,
        faults: list[str],
        todo: str = "run `commissioning build`: it publishes them again",
    ):
        self.faults = faults
        super().__init__(
            "The published marts are not what was published.",
            file=folder,
            found="; ".join(faults[:5]) + (f"; and {len(faults) - 5} more" if len(faults) > 5 else ""),
            todo=todo,
        )


class HeldError(CommissioningError):
    """Another program keeps a database to itself."""

    def __init__(self, file: Path | None, found: str):
        super().__init__(
            "Another program has a database of the project open.",
            file=file,
            found=found,
            todo="close that program (a Python session, DuckDB, a BI tool), then try again",
        )


class BusyError(CommissioningError):
    """Another process is at the same work."""

    exit_code = 3


class MissingMarts(CommissioningError):
    """There are no published marts to open."""

    def __init__(
        self,
        database: Path,
        what: str = "There are no marts yet.",
        todo: str = "run `commissioning build` (or `make build`) first",
    ):
        super().__init__(what, file=database, todo=todo)
