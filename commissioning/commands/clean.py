"""`commissioning clean`: deleting what a build makes, and nothing that it could not make again."""

from __future__ import annotations

from pathlib import Path

from commissioning.base.files import remove
from commissioning.base.paths import Project
from commissioning.numbers import history

BUILT = ("_generated", "bodies", "councils", "numbers", "quality", "regions", ".quarto", "_freeze")
"""Folders in `reports/` that builds write."""


def made_by_builds(project: Project) -> list[Path]:
    """Every folder and file that a build makes outside its own folder, `data/build/`."""
    made = [
        project.site,
        *(project.reports / name for name in BUILT),
        *project.reports.rglob("*.quarto_ipynb"),
        *(project.dbt / name for name in ("target", "logs", ".user.yml")),
    ]
    # The numbers of this machine's former builds are memory and lie among the marts.
    if project.marts.is_dir():
        made += [path for path in project.marts.iterdir() if path != history.local(project)]
    return made


def clean(project: Project) -> None:
    """Delete all that builds made; the build's own folder last, as it holds the lock."""
    for path in made_by_builds(project):
        remove(path)
    if project.marts.is_dir() and not any(project.marts.iterdir()):
        project.marts.rmdir()
