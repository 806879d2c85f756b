"""Briefs: no number is typed in prose, and every figure says what it shows and where it is from."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from commissioning import headlines
from commissioning.paths import Project

REPORTS = Path(__file__).resolve().parent.parent / "reports"
PAGES = sorted(REPORTS.glob("*.qmd"))
REGISTER = headlines.register(Project(REPORTS.parent))

HEADLINE = re.compile(r"\[([^\]]*)\]\{\.n\}")
CELL = re.compile(r"^```\{python\}\n(.*?)^```", re.M | re.S)

WORDS = {"label", "title", "subtitle", "source", "alt", "caption"}

# What may be typed: it names something and counts nothing.
NAMES = [
    r"(?:mid-)?\b(?:19|20)\d\d(?:-\d\d)?\b(?! (?:people|councils|per cent))",  # years and financial years
    r"\b18(?:-| to )64\b|\b(?:18|65)(?: and over|\+)",  # age labels
    r"(?i)\b(?:aged|under|from) (?:18|65)\b(?! per cent)",
    # Publishers' own labels.
    r"\bPSS EX1\b|\bEX1\b|\bRO3\b|\b1C\b|\b[Tt]ables? \d+\b|\b[Oo]ptions? [1-4]\b|\(option [1-4]\)",
    r"\bv3\.0\b|\bWCAG 2\.2\b|\bVersion \d+\.\d+\.\d+",  # of the licence, the guidelines, the package
    r"^ *\d+\. ",  # list markers
    r"\{[#.][^}]*\}|[@#](?:sec|fig|tbl)-[\w-]+",  # references
    r"\]\([^)]*\)",  # links
]


def words_of(code: str) -> dict[str, str]:
    """What a cell's figure or table says to readers, with its label; {} for a cell without one."""
    code = code.removeprefix("```{python}\n").removesuffix("```")
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("figure", "table"):
            said = {k.arg: k.value for k in node.keywords if k.arg in WORDS}
            said |= {"label": node.args[0]} if node.func.id == "figure" else {}
            return {"kind": node.func.id, **{key: written(value) for key, value in said.items()}}
    return {}


def written(node: ast.expr) -> str:
    """The text that an expression holds as it is written, leaving out what is put into it."""
    return "".join(part.value for part in ast.walk(node) if isinstance(part, ast.Constant))


def front_matter(text: str) -> str:
    return re.match(r"---\n(.*?)\n---\n", text, re.S).group(1)


def typed_numbers(text: str) -> list[str]:
    """Lines of a page that state a number which no headline gives. Captions and alternative texts count."""
    front = front_matter(text)
    meta = yaml.safe_load(front)
    shown = [str(meta[key]) for key in ("subtitle", "description") if key in meta]
    shown += [
        value
        for cell in CELL.findall(text)
        for key, value in words_of(cell).items()
        if key in WORDS - {"label"}
    ]
    body = re.sub(r"^```.*?^```", "", text.replace(f"---\n{front}\n---\n", "", 1), flags=re.M | re.S)
    found = []
    for line in [*shown, *body.splitlines()]:
        rest = HEADLINE.sub("", line)
        for title in titles():
            rest = rest.replace(title, "")
        for name in NAMES:
            rest = re.sub(name, "", rest)
        if re.search(r"\d", rest):
            found.append(line)
    return found


@cache
def titles() -> list[str]:
    """Titles of the pages, which may hold numbers: they name a claim."""
    return [yaml.safe_load(front_matter(p.read_text(encoding="utf-8")))["title"] for p in PAGES]


def pages(function):
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)(function)


@pages
def test_no_number_is_typed(page):
    assert typed_numbers(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "prose",
    [
        "The share was 11.3% of spending.",
        "It was 12 per cent in 2014-15.",
        "Councils spent £30.5 million.",
        "In 2014-15, 152 councils made a return.",
        "About 2000 people.",
        "**From 8 to 11 of spending.**",
        '```{python}\nfigure("fig-x", c, d, title="It was 11.3% in 2014-15.", alt="A")\n```',
        '```{python}\ntable(rows, label="tbl-x", caption="It was 11.3%.")\n```',
    ],
)
def test_a_typed_number_is_found(prose):
    assert typed_numbers(f"---\ntitle: A\n---\n\n{prose}\n") != []


@pytest.mark.parametrize(
    "prose",
    [
        "In 2014-15 it was [dp_share_c_2014_15]{.n} in 2024-25 prices (@sec-2).",
        "Adults under 65, aged 18 to 64, 18-64, or 65 and over, at mid-2015.",
        "1. PSS EX1 and row 1C, Open Government Licence v3.0, January 2015.",
        "Three councils; see [here](page-2.qmd).",
        "```{python}\nx = 11.3\n```",
        "```bibtex\n@report{x, year = {2026}, note = {11.3}}\n```",
    ],
)
def test_names_with_digits_and_code_are_not_typed_numbers(prose):
    assert typed_numbers(f"---\ntitle: A\ndate: 2026-11-23\n---\n\n{prose}\n") == []


@pages
def test_every_headline_named_is_in_the_register(page):
    named = set(HEADLINE.findall(page.read_text(encoding="utf-8")))
    assert {name.partition("@")[0] for name in named} - set(REGISTER) == set()


def cells(page: Path) -> list[str]:
    return CELL.findall(page.read_text(encoding="utf-8"))


@pages
def test_every_figure_says_what_it_shows_and_where_it_is_from(page):
    for code in cells(page):
        words = words_of(code)
        if words.get("kind") == "figure":
            assert words["title"] and words["subtitle"] and words["source"], words["label"]
            assert len(words["alt"]) > 40, words["label"]
            assert words["alt"] not in words["title"] + words["subtitle"], words["label"]
        if words.get("label", "").startswith("tbl-"):
            assert words["caption"], words["label"]


@pages
def test_what_readers_can_download_has_an_order(page):
    for code in cells(page):
        for sql in re.findall(r'query\(\s*f?"(?:"")?(.*?)"(?:"")?\s*\)', code, re.S):
            assert re.search(r"\border by\b", sql), sql


@pytest.fixture(scope="module")
def charts() -> dict[str, list]:
    """Every chart of the briefs as Altair specifications, from the marts of this checkout if it has any."""
    here = Project(REPORTS.parent)
    if not here.database.exists():
        pytest.skip("no marts are published in this checkout")
    from commissioning.render import figures

    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPORTS)  # where cells run
        for page in PAGES:
            drawn = found[page.stem] = []
            patch.setattr(figures, "figure", lambda label, chart, data, drawn=drawn, **_: drawn.append(chart))
            patch.setattr(figures, "table", lambda rows, **_: getattr(rows, "fetchall", tuple)())
            names: dict = {}
            for code in cells(page):
                exec(compile(code, page.name, "exec"), names)
    return {name: [chart.to_dict() for chart in drawn] for name, drawn in found.items()}


def lines_of(spec: dict) -> list[tuple[dict, list[dict]]]:
    """Encodings of every line of a chart, each with its rows."""

    def walk(part: dict, data: dict):
        data = part.get("data", data)
        mark = part.get("mark", {})
        if (mark.get("type") if isinstance(mark, dict) else mark) == "line":
            rows = spec["datasets"][data["name"]] if "name" in data else data["values"]
            yield part["encoding"], rows
        for inner in [*part.get("layer", []), *part.get("hconcat", []), *part.get("vconcat", [])]:
            yield from walk(inner, data)
        if "spec" in part:
            yield from walk(part["spec"], data)

    return list(walk(spec, {}))


# Columns that say what a figure may be compared with. A line may hold one value of each only, and its data
# must carry at least one of them, so that this can be seen.
GROUPS = ("basis", "comparability_group", "collection", "way_id", "coverage")


def test_no_line_joins_two_comparability_groups(charts):
    checked = 0
    for page, specs in charts.items():
        for spec in specs:
            for encoding, rows in lines_of(spec):
                channels = [encoding[c]["field"] for c in ("color", "detail") if c in encoding]
                fields = [field for field in channels if rows and field in rows[0]]
                present = [group for group in GROUPS if rows and group in rows[0]]
                assert present, (page, "the data of a line chart say no comparability group", list(rows[0]))
                for group in present:
                    checked += 1
                    found: dict[tuple, set] = {}
                    for row in rows:
                        found.setdefault(tuple(row[field] for field in fields), set()).add(row[group])
                    assert all(len(values) == 1 for values in found.values()), (page, group, found)
    assert checked >= 5
