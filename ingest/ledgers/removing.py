"""Taking a body out of the lake: its payments, its rejected lines, and what is remembered of its files.

Files and YAML stay where they are, so that an ingest brings it back. A body whose YAML or whose files are
gone stays in the lake until somebody takes it out.
"""

from __future__ import annotations

import shutil

from commissioning.base.errors import LedgerError, OriginalError
from commissioning.base.lock import only_one
from commissioning.base.paths import workspace
from commissioning.ingest.ledgers import lake
from commissioning.ingest.ledgers.bodies import Body, bodies, dataset_of


def held() -> list[str]:
    """The names of the bodies that the lake holds payments of."""
    folders = (workspace().lake / "payments").glob("body=*")
    return sorted(folder.name.partition("=")[2] for folder in folders)


def without_files(of: list[Body]) -> list[Body]:
    """Those bodies that no catalogue lists and of which no file is here."""
    return [body for body in of if dataset_of(body) is None and not _has_files(body)]


def _has_files(body: Body) -> bool:
    try:
        return bool(lake.find_files(body))
    except OriginalError:
        return False


def payments_of(body: Body) -> int:
    """How many payments of a body the lake holds, by what is remembered of its files."""
    files = lake.read_memory(body)["files"].values() if lake.body_folder(body).exists() else ()
    return sum(account["lines_loaded"] for entry in files for account in entry["accounting"])


def remove(name: str) -> int:
    """Take a body out of the lake, and say how many payments that were.

    Raises `LedgerError` where the lake does not hold it, `BusyError` where it is just being read.
    """
    if name not in held():
        raise LedgerError(
            "The lake holds no payment of this ledger.",
            file=workspace().lake,
            expected=", ".join(held()) or "no body at all",
            found=name,
        )
    body = bodies().get(name) or Body(name, title="", publisher="", licence="")
    what = f"Another process is reading the ledger of {name} into this lake."
    with only_one(lake.lock_path(body), what, todo="wait until it has ended, then remove it"):
        lake.finish_swap(body)
        payments = payments_of(body)
        # Without its memory all of it would be read again, should the rest be stopped.
        lake.memory_path(body).unlink(missing_ok=True)
        shutil.rmtree(lake.body_folder(body))
        (workspace().lake / "rejects" / f"{name}.parquet").unlink(missing_ok=True)
    return payments
