"""The index of the site's search: a script, built from the rendered pages."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from commissioning.base.files import replace_text
from commissioning.base.paths import Project
from commissioning.marts import seals
from commissioning.site.config import Site

FILE = "search-index.js"

_TITLE = re.compile(r'<h1 class="title">(.*?)</h1>', re.S)
_ABOUT = re.compile(r'<meta name="description" content="([^"]*)"')
_HEADING = re.compile(r"<h[23][^>]*>(.*?)</h[23]>", re.S)
_SENTENCES = re.compile(r'<div class="(?:finding|key-points)">(.*?)</div>', re.S)
_TAG = re.compile(r"<[^>]+>")


def write(project: Project, pages: Iterable[Path]) -> int:
    """Write `search-index.js` from the HTML of `pages`; how many it holds.

    An entry is `[title, address, section, description, words]`: words are those of headings, findings and
    aliases that the title and description do not have.
    """
    site = Site.read(project.reports)
    aliases = _aliases(project)
    entries = []
    for page in pages:
        target = site.target(page, ".html")
        if not target.exists() or page.name == "search.qmd":
            continue
        text = target.read_text(encoding="utf-8")
        title, about = _first(_TITLE, text) or page.stem, _first(_ABOUT, text)
        more = [
            _plain(_TAG.sub(" ", found)) for found in (*_HEADING.findall(text), *_SENTENCES.findall(text))
        ]
        if page.parent.name == "councils":
            # The template's own words are the same for every council and find none.
            more, about = aliases.get(page.stem, []), ""
        words = dict.fromkeys(" ".join([_plain(about), *more]).split())
        entries.append(
            [
                title,
                target.relative_to(site.output).as_posix(),
                site.section_name(page),
                about,
                " ".join(words),
            ]
        )
    content = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    replace_text(site.output / FILE, f"window.SITE_INDEX = {content};\n", durable=False)
    return len(entries)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return " ".join(html.unescape(_TAG.sub("", found[1])).split()) if found else ""


def _plain(text: str) -> str:
    """Words in small letters without accents or signs, as `search.js` makes of a query."""
    text = unicodedata.normalize("NFD", html.unescape(text).lower().replace("&", "and"))
    return re.sub(r"[^a-z0-9]+", " ", "".join(c for c in text if not unicodedata.combining(c))).strip()


def _aliases(project: Project) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with seals.open_database(project) as db:
        for council, alias in db.execute(
            "select council_id, alias from dim_council_alias order by council_id, alias"
        ).fetchall():
            found.setdefault(council, []).append(_plain(alias))
    return found
