"""The index of the site's search: a script, made of the text of the pages and `reports/search.yml`."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from commissioning.base.errors import RenderError
from commissioning.base.files import replace_text
from commissioning.base.paths import Project
from commissioning.marts import seals
from commissioning.site.config import Site

FILE = "search-index.js"
AREAS = "{council areas of Scotland}"
"""Stands for their names among the words of an answer."""

REGION = "Region"
"""The kind of a region's page."""

CHECK, TERM = "Data check", "Term"
"""The kinds of a page of the gate's rules, which search shows last, and of a term of the glossary."""

WORDS = "search.yml"
"""Kinds of pages, synonyms and answers, below `reports/`."""

_TITLE = re.compile(r'<h1 class="title">(.*?)</h1>', re.S)
_ABOUT = re.compile(r'<meta name="description" content="([^"]*)"')
_MAIN = re.compile(r'<main id="main">(.*?)</main>', re.S)
_VALUE = re.compile(r'<div class="number-value">(.*?)</div>', re.S)
_TERM = re.compile(r'<dt><span id="(term-[^"]+)">(.*?)</span></dt>\s*<dd>(.*?)</dd>', re.S)
_HEADING = re.compile(r'<h[23][^>]*? id="([^"]+)"[^>]*>(.*?)</h[23]>', re.S)
_UNREAD = re.compile(
    r'<(script|style|svg)\b.*?</\1>|<!--.*?-->|<span class="header-section-number">.*?</span>', re.S
)
_TAG = re.compile(r"<[^>]+>")

Found = tuple[str, str, str, str, list[str]]
"""Title, address, kind, description, and texts to be found by."""


def write(project: Project, pages: Iterable[Path]) -> int:
    """Write `search-index.js` from the HTML of `pages`; how many pages it holds.

    `entries` are `[title, address, kind, description, words]`: a page, or a section of a brief. Words are
    numbers of the list `words`, in which every word of the site stands once: an index of the whole text
    stays small so.
    """
    site = Site.read(project.reports)
    known = read_words(project.reports / WORDS)
    aliases = _aliases(project)
    found: list[Found] = []
    count = 0
    for page in pages:
        target = site.target(page, ".html")
        if not target.exists() or page.name == "search.qmd":
            continue
        text = target.read_text(encoding="utf-8")
        title, about = _first(_TITLE, text) or page.stem, _first(_ABOUT, text)
        address, kind = target.relative_to(site.output).as_posix(), site.section_name(page)
        kind = known["kinds"].get(kind, kind)
        if page.parent.name == "councils" and page.name == "index.qmd":
            kind = "Data"  # the list of councils is none
        if page.parent.name == "quality":
            kind = CHECK
        if page.parent.name == "regions":
            kind = REGION  # a region lies under the councils and is none
        count += 1
        if page.parent.name in ("councils", "regions", "numbers") and page.name != "index.qmd":
            # The template's own words are the same for every one of them and find none.
            if value := _first(_VALUE, text):
                about = f"{value}, {about}"
            more = aliases.get(page.stem, []) if page.parent.name == "councils" else [_plain(about)]
            found.append((title, address, kind, "" if page.parent.name == "councils" else about, more))
            continue
        body = _UNREAD.sub(" ", (_MAIN.search(text) or ["", ""])[1])
        found.append((title, address, kind, about, [_plain(about), _plain(_TAG.sub(" ", body))]))
        found += [
            (term, f"{address}#{anchor}", TERM, said, [_plain(said)]) for term, anchor, said in _terms(body)
        ]
        if kind == "Brief":
            found += [
                (heading, f"{address}#{anchor}", "Section", title, [_plain(words)])
                for heading, anchor, words in _sections(body)
            ]
    _write(site, known, found, _areas_of_scotland(project))
    return count


def _write(site: Site, known: dict[str, Any], found: list[Found], areas: list[str]) -> None:
    numbers: dict[str, int] = {}
    entries = []
    for title, address, kind, about, texts in found:
        own = set(_plain(title).split())
        words = {word for text in texts for word in text.split() if len(word) > 1 and word not in own}
        coded = [numbers.setdefault(word, len(numbers)) for word in sorted(words)]
        entries.append([title, address, kind, about, coded])
    kinds = list(
        dict.fromkeys(["Brief", "Council", REGION, "Section", TERM, "Number", *known["kinds"].values()])
    )
    content = {
        "entries": entries,
        "words": " ".join(numbers),
        "kinds": kinds,
        "synonyms": [[_plain(phrase) for phrase in line] for line in known["synonyms"]],
        "council_words": known["council_words"],
        "answers": [{**answer, "words": _words_of(answer, areas)} for answer in known["answers"]],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    replace_text(site.output / FILE, f"window.SITE_INDEX = {text};\n", durable=False)


def read_words(file: Path) -> dict[str, Any]:
    """What `search.yml` says. Raises `RenderError` where it is of another shape."""
    try:
        known = yaml.safe_load(file.read_text(encoding="utf-8"))
        right = _is_right(known)
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError):
        right = False
    if not right:
        raise RenderError(
            "The words of the search cannot be read.",
            file=file,
            expected="kinds, synonyms (lists of words), council_words and answers (words, text, page)",
            todo="mend the file; its comments say what stands where",
        )
    return known


def _is_right(known: dict[str, Any]) -> bool:
    texts = [
        *known["kinds"].values(),
        *known["council_words"],
        *(word for line in known["synonyms"] for word in line),
    ]
    return (
        all(isinstance(text, str) for text in texts)
        and all(len(line) > 1 for line in known["synonyms"])
        and all(set(a) == {"words", "text", "page"} and a["words"] for a in known["answers"])
    )


def _words_of(answer: dict[str, Any], areas: list[str]) -> list[str]:
    """What an answer is for; the council areas of Scotland are those of the marts."""
    words: list[str] = []
    for word in answer["words"]:
        words += areas if word == AREAS else [_plain(word)]
    return words


def _sections(body: str) -> list[tuple[str, str, str]]:
    """Heading, anchor and text of each section of a page."""
    heads = list(_HEADING.finditer(body))
    starts = [*(head.start() for head in heads), len(body)]
    return [
        (
            " ".join(html.unescape(_TAG.sub("", head[2])).split()),
            head[1],
            _TAG.sub(" ", body[head.end() : end]),
        )
        for head, end in zip(heads, starts[1:], strict=True)
    ]


def _terms(body: str) -> list[tuple[str, str, str]]:
    """Name, anchor and meaning of each term of a glossary."""
    return [
        tuple(" ".join(html.unescape(_TAG.sub("", part)).split()) for part in (term[2], term[1], term[3]))
        for term in _TERM.finditer(body)
    ]


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return " ".join(html.unescape(_TAG.sub("", found[1])).split()) if found else ""


def _plain(text: str) -> str:
    """Words in small letters without accents or signs, as `search.js` makes of a query."""
    text = unicodedata.normalize("NFD", html.unescape(text).lower().replace("&", "and"))
    text = re.sub("['\u2019]s\\b", "s", text)
    return re.sub(r"[^a-z0-9]+", " ", "".join(c for c in text if not unicodedata.combining(c))).strip()


def _aliases(project: Project) -> dict[str, list[str]]:
    """What each council is also called; of one that ended, the names of those that followed find it too."""
    found: dict[str, list[str]] = {}
    with seals.open_database(project) as db:
        for council, alias in db.execute(
            """
            select council_id, alias from dim_council_alias
            union select followed.council_id, ended.council_name
            from dim_council as ended
            inner join dim_council as followed
                on list_contains(string_split(coalesce(ended.successors, ''), ' '), followed.council_id)
            order by 1, 2
            """
        ).fetchall():
            found.setdefault(council, []).append(_plain(alias))
    return found


def _areas_of_scotland(project: Project) -> list[str]:
    """Their names, and these without "City": Edinburgh, Dundee."""
    with seals.open_database(project) as db:
        names = db.execute(
            "select distinct area_name from mart_sds_share where area_level = 'council' order by 1"
        ).fetchall()
    plain = [_plain(name) for (name,) in names]
    return sorted({*plain, *(name.removeprefix("city of ").removesuffix(" city") for name in plain)})
