"""`_quarto.yml`: the site's name, navigation and pages."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from commissioning.base.errors import RenderError
from commissioning.base.yamls import read_yaml


@cache
def _settings(file: Path, changed: int) -> dict[str, Any]:
    return read_yaml(file, RenderError, "The Quarto project's settings", needs=("project", "website"))


@dataclass(frozen=True)
class Site:
    """The Quarto project in `reports`, as far as the built-in renderer needs it."""

    reports: Path
    config: dict[str, Any]

    @classmethod
    def read(cls, reports: Path) -> Site:
        file = reports / "_quarto.yml"
        config = _settings(file, file.stat().st_mtime_ns if file.exists() else 0)
        site = cls(reports, config)
        if not site.output.resolve().is_relative_to(reports.resolve()) or site.output == reports:
            raise RenderError(
                "The site would be written outside the project's reports.",
                file=file,
                where="project: output-dir",
                expected="a folder below reports, such as _site",
                found=config["project"]["output-dir"],
            )
        return site

    @property
    def name(self) -> str:
        return self.config["website"]["title"]

    @property
    def output(self) -> Path:
        return self.reports / self.config["project"].get("output-dir", "_site")

    @property
    def formats(self) -> dict[str, Any]:
        return self.config["format"]

    def pages(self) -> list[Path]:
        listed = self.config["project"].get("render") or ["**/*.qmd"]
        chosen: set[Path] = set()
        for pattern in listed:
            if pattern.startswith("!"):
                chosen -= set(self.reports.glob(pattern[1:]))
            else:
                chosen |= set(self.reports.glob(pattern))
        return sorted(page for page in chosen if not self._is_private(page))

    def _is_private(self, page: Path) -> bool:
        return any(part.startswith(("_", ".")) for part in page.relative_to(self.reports).parts)

    def target(self, page: Path, suffix: str) -> Path:
        """Where `page` is written: `.html` or `.pdf`."""
        return (self.output / page.relative_to(self.reports)).with_suffix(suffix)

    def downloads(self, page: Path, figures: Path) -> dict[Path, Path]:
        """Where each download of `page` that its cells wrote below `figures` is put, and where it is."""
        name = page.relative_to(self.reports).with_suffix("")
        made = sorted((figures / "downloads" / name).glob("*.*"))
        return {self.output / "downloads" / name / file.name: file for file in made}

    def remove_other_downloads(self, page: Path, kept: Iterable[Path]) -> None:
        """Remove the downloads of figures that `page` no longer has."""
        folder = self.output / "downloads" / page.relative_to(self.reports).with_suffix("")
        for file in set(folder.glob("*.*")) - set(kept):
            file.unlink()

    def root(self, page: Path) -> str:
        """The way from `page` up to the site's home, as a URL prefix: "" or "../"."""
        return "../" * (len(page.relative_to(self.reports).parts) - 1)

    def navigation(self, page: Path) -> list[dict[str, str]]:
        """The bar's links as seen from `page`, escaped for HTML. `current` is "page" for the page itself and
        "true" for the one that it lies under."""
        links = []
        for item in self.config["website"].get("navbar", {}).get("left", []):
            if not isinstance(item, dict) or set(item) != {"href", "text"}:
                raise RenderError(
                    "A link of the site's bar is written in a way the built-in renderer does not know.",
                    file=self.reports / "_quarto.yml",
                    where="website: navbar: left",
                    expected="href and text",
                    found=item,
                )
            href = item["href"]
            current = "page" if href == self._name(page) else "true" if href == self._section(page) else ""
            links.append({**self._link(href, item["text"], page), "current": current})
        return links

    def crumbs(self, page: Path) -> list[dict[str, str]]:
        """The way to `page` from the site's home: links, escaped for HTML; none for the home itself."""
        name, section = self._name(page), self._section(page)
        if name == "index.qmd":
            return []
        titles = {
            item["href"]: item["text"] for item in self.config["website"].get("navbar", {}).get("left", [])
        }
        way = [self._link("index.qmd", "Home", page)]
        return [*way, self._link(section, titles[section], page)] if section in titles else way

    def section_name(self, page: Path) -> str:
        """What the bar calls the page, or the one that it lies under; empty for the rest."""
        for item in self.config["website"].get("navbar", {}).get("left", []):
            if item["href"] in (self._name(page), self._section(page)):
                return item["text"]
        return ""

    def _name(self, page: Path) -> str:
        return page.relative_to(self.reports).as_posix()

    def _section(self, page: Path) -> str | None:
        """The page of the bar that `page` lies under: as `sections` says (`folder/` is all of it), or its
        folder's index."""
        name = self._name(page)
        for section, pages in self.config.get("sections", {}).items():
            if name in pages or any(folder.endswith("/") and name.startswith(folder) for folder in pages):
                return section
        index = (page.parent / "index.qmd").relative_to(self.reports).as_posix()
        return index if "/" in name and name != index else None

    def _link(self, href: str, text: str, page: Path) -> dict[str, str]:
        if "://" not in href:
            href = self.root(page) + (href.removesuffix(".qmd") + ".html" if href.endswith(".qmd") else href)
        return {"href": html.escape(href), "text": html.escape(text)}


def build_id(root: Path) -> str | None:
    """The published build of the data, if there is one."""
    try:
        return json.loads((root / "data" / "marts" / "build.json").read_text(encoding="utf-8"))["build_id"]
    except (OSError, ValueError, KeyError):
        return None


def colophon(renderer: str, root: Path) -> str:
    """What the foot of a page says: the renderer, this package's version, the build of the data."""
    from commissioning import __version__

    parts = [f"Rendered by {renderer}", f"commissioning-evidence {__version__}"]
    if build := build_id(root):
        parts.append(f"data build {build}")
    return " · ".join(parts)


def environment(renderer: str, root: Path) -> dict[str, str]:
    """The environment that cells and filters run in."""
    return {
        **os.environ,
        "COMMISSIONING_HOME": str(root),
        "COMMISSIONING_COLOPHON": colophon(renderer, root),
    }
