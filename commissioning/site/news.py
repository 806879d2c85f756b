"""What changed, from CHANGELOG.md: the page `reports/news/index.qmd` and an Atom feed of the versions."""

from __future__ import annotations

import datetime
import itertools
import re
import uuid
from dataclasses import dataclass
from html import unescape
from xml.etree import ElementTree

from commissioning.base.errors import RenderError
from commissioning.base.files import replace_changed
from commissioning.base.paths import Project
from commissioning.site import templates
from commissioning.site.config import Site

FOLDER = "news"
FEED = "feed.xml"
ATOM = "http://www.w3.org/2005/Atom"
_GROUP = re.compile(r"<h3[^>]*>(.*?)</h3>")
_HEADING = re.compile(r"^## (?P<name>.+?)(?: \((?P<date>\d{4}-\d\d-\d\d)\))?$", re.M)


@dataclass(frozen=True)
class Version:
    """A heading of the change log, with what stands below it as HTML. What is not out yet has no date."""

    name: str
    date: str | None
    html: str

    @property
    def day(self) -> datetime.date | None:
        return datetime.date.fromisoformat(self.date) if self.date else None

    @property
    def id(self) -> str:
        return "v" + _slug(self.name)

    @property
    def ungrouped(self) -> str:
        """What stands before the first sub-heading: all of it in a version that has none."""
        return _GROUP.split(self.html)[0]

    @property
    def groups(self) -> list[tuple[str, str, str]]:
        """Each sub-heading with its id and what stands below it."""
        parts = _GROUP.split(self.html)[1:]
        names = [unescape(name) for name in parts[::2]]
        ids = [f"{self.id}-{_slug(name)}" for name in names]
        return list(zip(names, ids, parts[1::2], strict=True))


def write(project: Project) -> int:
    """Write the page and the feed; how many versions are out."""
    found = versions(project)
    out = next((version for version in found if version.date), None)
    newest, out_on = (out.name, out.day) if out else ("the first", None)
    page = templates.qmd("news.qmd.j2", versions=found, newest=newest, out_on=out_on)
    replace_changed(project.reports / FOLDER / "index.qmd", page, durable=False)
    text = feed(Site.read(project.reports).name, found)
    replace_changed(project.site / FOLDER / FEED, text, durable=False)
    return sum(version.date is not None for version in found)


def versions(project: Project) -> list[Version]:
    """The versions of CHANGELOG.md as it lists them, the newest first."""
    import pypandoc

    file = project.root / "CHANGELOG.md"
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise RenderError(
            "The change log cannot be read.", file=file, found=str(error), todo="restore it from git"
        ) from error
    headings = list(_HEADING.finditer(text))
    starts = [*(heading.start() for heading in headings), len(text)]
    bodies = (text[heading.end() : end] for heading, end in zip(headings, starts[1:], strict=True))
    # Tags in the log are words about tags.
    form, options = "markdown-raw_html-citations", ["--wrap=none"]
    return [
        Version(
            heading["name"],
            heading["date"],
            _scrolled(heading["name"], pypandoc.convert_text(body, "html", format=form, extra_args=options)),
        )
        for heading, body in zip(headings, bodies, strict=True)
    ]


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")


def _scrolled(version: str, html: str) -> str:
    """Tables that are wider than a phone scroll by themselves, and not with the page: each has a name, and
    the keyboard reaches it."""
    numbers = itertools.count(1)

    def named(table: re.Match[str]) -> str:
        name = f"Table {next(numbers)} of {version}"
        region = f'<div class="table-scroll" role="region" tabindex="0" aria-label="{name}">'
        return f'{region}{table[0]}<caption class="visually-hidden">{name}</caption>'

    return re.sub(r"<table[^>]*>", named, html.strip()).replace("</table>", "</table></div>")


def feed(site: str, found: list[Version]) -> str:
    """The versions that are out as an Atom feed. The site has no address, so links are relative."""
    ElementTree.register_namespace("", ATOM)
    out = [version for version in found if version.date]
    root = ElementTree.Element(f"{{{ATOM}}}feed")
    _text(root, "title", f"{site}: what changed")
    _text(root, "id", _urn("feed"))
    _text(root, "updated", _moment(max((version.date for version in out), default="1970-01-01")))
    ElementTree.SubElement(root, f"{{{ATOM}}}link", rel="self", href=FEED)
    ElementTree.SubElement(root, f"{{{ATOM}}}link", rel="alternate", href="index.html")
    _text(ElementTree.SubElement(root, f"{{{ATOM}}}author"), "name", "commissioning-evidence contributors")
    for version in out:
        entry = ElementTree.SubElement(root, f"{{{ATOM}}}entry")
        _text(entry, "title", f"Version {version.name}")
        _text(entry, "id", _urn(version.name))
        _text(entry, "updated", _moment(version.date))
        ElementTree.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=f"index.html#{version.id}")
        _text(entry, "content", version.html, type="html")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _text(parent: ElementTree.Element, name: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes).text = text


def _urn(name: str) -> str:
    """An id that stays the same from build to build, wherever the site is put."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"commissioning-evidence {name}").urn


def _moment(date: str) -> str:
    return f"{date}T00:00:00Z"
