"""What pages of the site state, found in their text: headlines, and pages that they link to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from commissioning.base.paths import Project
from commissioning.site.config import Site
from commissioning.site.source import read_page

_PROSE = {".qmd", ".md"}
_LINK = re.compile(r"\]\(([^\s():#]+\.qmd)")
_HEADLINE = re.compile(r"\[([a-z][a-z0-9_]*)(?:@([a-z0-9-]+))?\]\{\.n\}")


def text_of(files: list[Path]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.suffix in _PROSE)


def names_in(text: str) -> set[str]:
    """Ids of the headlines that prose states, whichever council they are of."""
    return {name for name, _ in _HEADLINE.findall(text)}


def headlines_of(text: str, read: Callable[[str | None], dict[str, dict]]) -> dict[str, dict]:
    """Value and text of every headline that a page's prose names; unknown ones are left to the render.

    `read` gives the headlines, or those of a council: `headlines.read` of a project.
    """
    found: dict[str, dict] = {}
    named = sorted(set(_HEADLINE.findall(text)))
    for council in sorted({council for _, council in named}):
        known = read(council or None)
        found |= {f"{n}@{council}": known[n] for n, c in named if c == council and n in known}
    return found


def briefs(project: Project) -> dict[str, list[tuple[str, str]]]:
    """For each headline that a brief states, those briefs: file name and title."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file in Site.read(project.reports).pages():
        if file.parent != project.reports:
            continue
        page = read_page(file)
        for name in sorted(names_in(text_of(page.files))):
            found.setdefault(name, []).append((f"{file.stem}.html", str(page.front.get("title", file.stem))))
    return found


def dead_links(page: Path, text: str) -> list[str]:
    """Pages that the page's text links to and that are not there."""
    return [target for target in sorted(set(_LINK.findall(text))) if not (page.parent / target).is_file()]
