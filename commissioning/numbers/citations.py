"""Citing a number: as text, BibTeX, RIS and CSL-JSON."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from functools import cache

from commissioning.base.errors import RenderError
from commissioning.base.files import read_json
from commissioning.base.paths import Project
from commissioning.base.yamls import read_yaml

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "£": r"\pounds{}",
    "~": r"\textasciitilde{}",
}
_TEX |= {"^": r"\textasciicircum{}"} | {c: f"\\{c}" for c in "&%$#_"}


@dataclass(frozen=True)
class Citation:
    """What is cited: a number of the package, at one release and build of its data."""

    id: str
    title: str
    value: str
    sources: str
    author: str
    publication: str
    version: str
    released: dt.date
    build: str
    published_at: tuple[str, ...] = ()
    """Publishers' pages that its sources are taken from, where they are few."""
    caution: str = ""
    """What to bear in mind of the series, such as a publisher's own label."""

    @property
    def _address(self) -> str:
        return f"numbers/{self.id}.html"

    @property
    def _note(self) -> str:
        return f"{self.value}. Data build {self.build}. From {self._from} Page of the site: {self._address}"

    @property
    def _from(self) -> str:
        """Sources with their addresses, and the caution, as sentences."""
        parts = [", ".join([self.sources, *self.published_at]), self.caution]
        return " ".join(f"{part.rstrip('.')}." for part in parts if part)

    def text(self) -> str:
        return (
            f"{self.author} ({self.released.year}). {self.title}: {self.value}. {self.publication}, version "
            f"{self.version}, data build {self.build}, {self._address}. From {self._from}"
        )

    def bibtex(self) -> str:
        fields = {
            "author": "{" + _tex(self.author) + "}",
            "title": "{" + _tex(self.title) + "}",
            "year": str(self.released.year),
            "howpublished": _tex(self.publication),
            "version": _tex(self.version),
            "note": _tex(self._note),
        }
        lines = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
        return f"@misc{{{self.id},\n{lines}\n}}\n"

    def ris(self) -> str:
        tags = [
            ("TY", "DATA"),
            ("ID", self.id),
            ("AU", f"{self.author},"),  # the comma says that it is no person's name
            ("TI", self.title),
            ("T2", self.publication),
            ("PY", str(self.released.year)),
            ("DA", f"{self.released:%Y/%m/%d}"),
            ("ET", self.version),
            ("N1", self._note),
            ("ER", ""),
        ]
        return "".join(f"{tag}  - {_line(value)}\n" for tag, value in tags)

    def csl(self) -> str:
        item = {
            "id": self.id,
            "type": "dataset",
            "title": self.title,
            "author": [{"literal": self.author}],
            "container-title": self.publication,
            "version": self.version,
            "issued": {"date-parts": [[self.released.year, self.released.month, self.released.day]]},
            "note": self._note,
        }
        return json.dumps([item], indent=1, ensure_ascii=False) + "\n"


def citation(
    project: Project,
    *,
    id: str,
    title: str,
    value: str,
    sources: str,
    build: str,
    published_at: tuple[str, ...] = (),
    caution: str = "",
) -> Citation:
    """The citation of one number; author, version and date are those of `CITATION.cff`."""
    package = _package(project)
    return Citation(
        id=id,
        title=title,
        value=value,
        sources=sources,
        author=package["authors"][0]["name"],
        publication=package["title"],
        version=str(package["version"]),
        released=package["date-released"],
        build=build,
        published_at=published_at,
        caution=caution,
    )


def released(project: Project) -> dt.date:
    """When this version of the package was released."""
    return _package(project)["date-released"]


def edition(project: Project) -> str:
    """Which version of the package and build of the data a page is of, as a citation says it."""
    build = (read_json(project.marts / "build.json") or {}).get("build_id")
    return f"Version {_package(project)['version']}, data build {build}."


@cache
def _package(project: Project) -> dict:
    return package(project)


def package(project: Project) -> dict:
    """What `CITATION.cff` says of the package: version, title, authors, day of release."""
    needs = ("version", "title", "authors", "date-released")
    return read_yaml(project.root / "CITATION.cff", RenderError, "The package's citation", needs=needs)


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in _line(text))


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
