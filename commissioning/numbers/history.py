"""What every number was: at each release, and in this machine's builds.

A release leaves `reports/releases/<version>.json`, committed: for every published id its label, format, SQL
and definition, which never change afterwards, and its value. Builds of this machine since leave their values
in `data/marts/history.json`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from commissioning import __version__
from commissioning.base.errors import CommissioningError, DamagedFile
from commissioning.base.files import read_json, replace_text
from commissioning.base.paths import Project
from commissioning.marts import seals
from commissioning.numbers import citations, headlines

DEFINING = ("label", "format", "sql", "definition")
"""What makes a published id mean what it means."""


@dataclass(frozen=True)
class Moment:
    """A number's text at a release or in a build."""

    what: str
    text: str


def releases(project: Project) -> list[dict]:
    """Every release, the oldest first."""
    found = [_release(file) for file in (project.reports / "releases").glob("*.json")]
    return sorted(found, key=lambda release: [int(part) for part in release["version"].split(".")])


def local(project: Project) -> Path:
    """What this machine's builds said, which no build can make again."""
    return project.marts / "history.json"


def _read(file: Path):
    """A release or this machine's builds: memory, which no build can make again."""
    todo = "restore it from a copy or from git; or move it away, and what it remembers is forgotten"
    return read_json(file, list if file.name == "history.json" else dict, todo=todo)


def _release(file: Path) -> dict:
    held = _read(file)
    if lacking := {"version", "released", "numbers"} - set(held):
        raise DamagedFile(file, f"it lacks {', '.join(sorted(lacking))}", "restore it from git")
    return held


def meaning(entry: dict) -> dict[str, str]:
    """What a published id must keep, in one spelling of its white space."""
    return {key: " ".join(str(entry[key]).split()) for key in DEFINING}


def release(project: Project) -> Path:
    """Write `reports/releases/<version>.json` from the published marts and return its path.

    Raises `MissingMarts` where there are none, and a named error where the version is released already or is
    one between releases (`0.3.0.dev0`).
    """
    build = seals.check(project)
    package = citations.package(project)
    file = project.reports / "releases" / f"{package['version']}.json"
    if not re.fullmatch(r"\d+\.\d+\.\d+", str(package["version"])):
        raise CommissioningError(
            "This version is one between two releases.",
            file=project.root / "CITATION.cff",
            expected="a version such as 0.3.0",
            found=package["version"],
            todo="give CITATION.cff, pyproject.toml, the package and the briefs the version first",
        )
    if file.exists():
        raise CommissioningError(
            "This version is released already.",
            file=file,
            found=package["version"],
            todo="give CITATION.cff, pyproject.toml and CHANGELOG.md the next version first",
        )
    computed = headlines.compute(project)
    numbers = {
        name: {**meaning(entry), **_values(computed[name])}
        for name, entry in headlines.register(project).items()
    }
    content = {
        "version": str(package["version"]),
        "released": str(package["date-released"]),
        "build": build["build_id"],
        "numbers": numbers,
    }
    replace_text(file, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return file


def _values(figure: dict) -> dict:
    if "councils" in figure:
        return {"councils": {council: one["text"] for council, one in figure["councils"].items()}}
    return {"text": figure["text"], "value": figure["value"]}


def record(project: Project, build: str, computed: dict[str, dict]) -> None:
    """Keep this build's numbers where one of them is not what the build before it said."""
    file = local(project)
    builds = _read(file) if file.exists() else []
    texts = {name: figure["text"] for name, figure in sorted(computed.items()) if "text" in figure}
    if not builds or builds[-1]["numbers"] != texts:
        builds.append({"build": build, "package": __version__, "numbers": texts})
        replace_text(file, json.dumps(builds, indent=1, ensure_ascii=False) + "\n")


def builds(project: Project) -> dict[str, dict[str, str]]:
    """What each remembered build said, by the build's id: a text for every number that was kept of it."""
    found = {}
    for past in releases(project):
        texts = found[past["build"]] = {}
        for name, number in past["numbers"].items():
            if "text" in number:
                texts[name] = number["text"]
            texts |= {f"{name}@{council}": text for council, text in number.get("councils", {}).items()}
    file = local(project)
    for build in _read(file) if file.exists() else []:
        found[build["build"]] = found.get(build["build"], {}) | build["numbers"]
    return found


def versions(project: Project) -> dict[str, list[Moment]]:
    """For each id its releases, then the builds of this machine in which it changed."""
    found: dict[str, list[Moment]] = {}
    for past in releases(project):
        for name, number in past["numbers"].items():
            if "text" in number:
                what = f"Release {past['version']} ({past['released']})"
                found.setdefault(name, []).append(Moment(what, number["text"]))
    file = local(project)
    for build in _read(file) if file.exists() else []:
        for name, text in build["numbers"].items():
            moments = found.setdefault(name, [])
            if not moments or moments[-1].text != text:
                moments.append(Moment(f"Since build {build['build']}, version {build['package']}", text))
    return found
