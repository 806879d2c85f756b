"""What source cells tell of every headline, kept between builds in `data/build/numbers/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from commissioning.base.errors import DamagedFile
from commissioning.base.files import read_json, replace_changed
from commissioning.base.paths import Project
from commissioning.base.state import fingerprint
from commissioning.base.workers import share_out
from commissioning.numbers import cells, headlines, trace

SHOWN_CELLS = 20
"""The largest cells of a number, which its page shows."""
FEW = 40
"""So many numbers are traced faster by one process: each reads all raw tables first."""


def trace_all(project: Project, shared: str, say: Callable[[str], object]) -> dict[str, dict]:
    """What source cells tell of every headline, by id: files, count, the largest, the value they give.

    Only headlines whose selection changed since they were last traced are traced again; `shared` is a hash of
    all that cells are made of: raw tables, seeds, catalogue, code. All cells of a headline are left in
    `data/build/numbers/<id>.csv`.
    """
    folder = project.work / "numbers"
    folder.mkdir(parents=True, exist_ok=True)
    register = {n: e for n, e in headlines.register(project).items() if "untraced" not in e}
    told, stale = {}, {}
    for name, entry in register.items():
        asked = {key: entry.get(key) for key in ("label", "format", "cells", "formula", "parameter")}
        mark = fingerprint([], shared, asked, root=project.root)
        last = _told(folder / f"{name}.json")
        if last.get("mark") == mark and (folder / f"{name}.csv").exists():
            told[name] = last
        else:
            stale[name] = mark
    wanted = [(name, register[name], mark) for name, mark in stale.items()]
    if len(wanted) < FEW:
        told |= _trace_some(project, wanted, say)
    else:
        # Neighbours in the register are alike, so each process takes every other one.
        jobs = [(project, wanted[0::2]), (project, wanted[1::2])]
        told |= share_out(
            _trace_share, jobs, progress=lambda done, count: say(f"{count} of {len(stale)} traced")
        )
    for leftover in folder.iterdir():
        if leftover.stem not in register:
            leftover.unlink()
    return {name: told[name] for name in register}


def _trace_some(
    project: Project, asked: list[tuple[str, dict, str]], say: Callable[[str], object]
) -> dict[str, dict]:
    """What source cells tell of the numbers asked for: id, entry and mark of each."""
    told: dict[str, dict] = {}
    if asked:
        with cells.sources(project, [entry for _, entry, _ in asked]) as db:
            for name, entry, mark in asked:
                told[name] = _trace(project, cells.trace(db, name, entry), name, entry, mark)
                say(f"{len(told)} of {len(asked)} traced")
    return told


def _trace_share(project: Project, asked: list[tuple[str, dict, str]]) -> list[tuple[str, dict]]:
    """The same as pairs, for a process of its own."""
    return list(_trace_some(project, asked, lambda line: None).items())


def _told(file: Path) -> dict:
    try:
        return read_json(file) or {}
    except DamagedFile:
        # Traced again.
        return {}


def _trace(project: Project, traced: cells.Traced, name: str, entry: dict, mark: str) -> dict:
    found = trace.files(traced.cells)
    value = traced.value
    by_council = isinstance(value, dict)
    told = {
        "mark": mark,
        "count": len({(cell.source_file, cell.source_locator) for cell in traced.cells}),
        "files": [vars(file) for file in found],
        "source": trace.sources(found),
        "largest": trace.largest(traced.cells, SHOWN_CELLS),
        "ledgers": trace.ledger_files(project, traced.cells),
        "value": None if by_council else value,
    }
    text = "one for every council" if by_council else headlines.shown(value, entry["format"])
    folder = project.work / "numbers"
    told["about"] = trace.cells_about(f"{name}.csv", name, entry, text, traced.cells, told["ledgers"])
    replace_changed(folder / f"{name}.csv", trace.cells_csv(name, traced.cells), durable=False)
    replace_changed(folder / f"{name}.json", json.dumps(told, ensure_ascii=False) + "\n", durable=False)
    return told
