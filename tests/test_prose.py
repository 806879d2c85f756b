"""Briefs: no number is typed in prose, and every figure says what it shows and where it is from."""

from __future__ import annotations

import ast
import csv
import itertools
import re
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

from commissioning import open_marts
from commissioning.base.paths import Project
from commissioning.numbers import headlines, queries, sentences
from commissioning.site.charts.runs import GAP, GAP_WORDS

REPORTS = Path(__file__).resolve().parent.parent / "reports"
PAGES = sorted(REPORTS.glob("*.qmd"))
REGISTER = headlines.register(Project(REPORTS.parent))
SENTENCES = sentences.register(Project(REPORTS.parent))

HEADLINE = re.compile(r"\[([^\]]*)\]\{\.n\}")
CELL = re.compile(r"^```\{python\}\n(.*?)^```", re.M | re.S)

WORDS = {"label", "title", "subtitle", "source", "alt", "caption"}

# What may be typed: it names something and counts nothing.
NAMES = [
    r"(?:mid-)?\b(?:19|20)\d\d(?:-\d\d)?\b(?! (?:people|councils|per cent))",  # years and financial years
    r"\b18(?:-| to )64\b|\b(?:18|65)(?: and over|\+)",  # age labels
    r"(?i)\b(?:aged|under|from) (?:18|65)\b(?! per cent)",
    # Publishers' own labels.
    r"\bSW\d[a-e]?\b",
    r"\bPSS EX1\b|\bEX1\b|\bRO3\b|\b1C\b|\b[Tt]ables? \d+\b|\b[Oo]ptions? [1-4]\b|\(option [1-4]\)",
    # Versions of the licence, the guidelines, the package.
    r"\bv3\.0\b|\bWCAG 2\.2\b|\bVersion \d+\.\d+\.\d+(?:\.dev\d+)?",
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


def lines_read(text: str) -> list[str]:
    """The lines of a page that readers see. Captions and alternative texts count."""
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
    return [*shown, *body.splitlines()]


def typed_numbers(text: str) -> list[str]:
    """Lines of a page that state a number which no headline gives."""
    found = []
    for line in lines_read(text):
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


# --- Sentences that say more than a number -----------------------------------------------------------------


def unfounded(text: str, known: list[str]) -> list[str]:
    """Sentences of a page that speak without exception and hold none of the words that have an entry."""
    found = []
    for line in lines_read(text):
        for words in known:
            line = line.replace(words, "")
        for sentence in re.split(r"(?<=[.!?;])\s+", line):
            if any(re.search(pattern, sentence, re.I) for pattern in SENTENCES["absolutes"]):
                found.append(sentence)
    return found


@pages
def test_words_that_allow_no_exception_say_what_bears_them_out(page):
    known = [entry["words"] for entry in SENTENCES["sentences"] if entry["page"] == page.stem]
    assert unfounded(page.read_text(encoding="utf-8"), known) == [], (
        "say what was looked for and where, or give the sentence an entry in reports/sentences.yml"
    )


@pytest.mark.parametrize("key", ["label", "definition", "why_it_matters", "method", "direction_of_good"])
def test_what_is_said_of_headlines_allows_exceptions_too(key):
    told = {str(entry[key]) for entry in REGISTER.values()}
    assert [text for text in told if any(re.search(p, text, re.I) for p in SENTENCES["absolutes"])] == []


@pytest.mark.parametrize(
    "prose",
    [
        "It is the only survey that asks both.",
        "Its report is no longer to be had.",
        "Nothing that is public splits the survey's spending by provider.",
        "That needs figures which nobody publishes.",
        "England publishes no such figure at all.",
        "It has no count of people who direct support that others arrange.",
        "No return or survey held records it.",
        "No source found gives the share.",
        "The two were never published side by side.",
        "The return does not record the form of contract.",
        "Two cannot be reproduced.",
        "Control was no higher in councils that paid more.",
        "**Recovery is no different.**",
        "On every basis the share rose.",
        '```{python}\nfigure("fig-x", c, d, title="Every service grew.", alt="A")\n```',
    ],
)
def test_an_absolute_is_found(prose):
    text = f"---\ntitle: A\n---\n\n{prose}\n"
    assert unfounded(text, []) != []
    assert unfounded(text, [prose, "Every service grew."]) == []


@pytest.mark.parametrize("prose", ["No number is typed.", "It is never nought.", "None of this shows cause."])
def test_rules_and_cautions_are_no_absolutes(prose):
    assert unfounded(f"---\ntitle: A\n---\n\n{prose}\n", []) == []


@pytest.mark.parametrize("entry", SENTENCES["sentences"], ids=lambda e: f"{e['page']}: {e['words'][:40]}")
def test_an_entry_s_words_stand_in_its_page(entry):
    text = (REPORTS / f"{entry['page']}.qmd").read_text(encoding="utf-8")
    assert any(entry["words"] in line for line in lines_read(text))


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def test_every_condition_of_a_sentence_holds(marts):
    asked = [entry for entry in SENTENCES["sentences"] if "holds" in entry]
    wrong = [(e["page"], e["words"]) for e in asked if marts.execute(e["holds"]).fetchall() != [(True,)]]
    assert wrong == []
    assert len(asked) >= 40


# --- Flagged figures, and the pandemic ---------------------------------------------------------------------


def paragraphs_that_lead(page: Path) -> list[str]:
    """What a reader meets first: findings, each key point, every paragraph of the home and the findings."""
    text = page.read_text(encoding="utf-8")
    if page.stem in ("index", "findings"):
        return [line for line in text.splitlines() if HEADLINE.search(line)]
    blocks = re.findall(r"^::: \{\.(?:finding|key-points)\}\n(.*?)^:::", text, re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if HEADLINE.search(line)]


def caveats(marts, name: str) -> list[str]:
    """Of a headline over few rows of direct payments, the words that its flags ask for beside it."""
    entry = REGISTER.get(name)
    rows = queries.rows_behind(entry["sql"]) if entry and "parameter" not in entry else None
    if not rows or "mart_direct_payment_share" not in queries.tables(rows):
        return []
    flagged = marts.execute(f"select area_id, flag, flag_reason from ({rows})").fetchall()
    if len(flagged) > 3:  # a median or a tenth of all councils: one flag does not make it
        return []
    asked = [reason for _, flag, reason in flagged if flag is not None]
    return [word for reason in asked for word in FLAGGED_AS if word in reason]


# Whose doubtful figure, or whose stand-in, a flag of dbt/seeds/figure_flags.csv speaks of.
FLAGGED_AS = ("Bromley", "Thurrock", "Hackney", "Swindon")


@pages
def test_a_flagged_figure_never_leads_without_its_flag(page, marts):
    wrong = [
        (name, word)
        for paragraph in paragraphs_that_lead(page)
        for name in HEADLINE.findall(paragraph)
        for word in caveats(marts, name)
        if word not in paragraph
    ]
    assert wrong == []


def test_flags_are_known_by_whom_they_speak_of(marts):
    assert caveats(marts, "dp_share_a_2000_01") == ["Bromley"]
    assert caveats(marts, "dp_share_c_2021_22") == ["Hackney", "Swindon"]
    assert caveats(marts, "dp_share_a_2001_02") == []
    reasons = marts.execute(
        "select distinct flag_reason from mart_direct_payment_share "
        "where area_id = 'england' and flag is not null"
    ).fetchall()
    assert all(any(word in reason for word in FLAGGED_AS) for (reason,) in reasons)


YEARS_OF_THE_PANDEMIC = [
    row["financial_year"].replace("-", "_")
    for row in csv.DictReader(
        (REPORTS.parent / "dbt/seeds/pandemic_years.csv").read_text(encoding="utf-8").splitlines()
    )
]
# Numbers of a year of the pandemic: of one of these, the survey's, and estimates over shares to then.
OF_THE_PANDEMIC = re.compile(rf"_(?:{'|'.join(YEARS_OF_THE_PANDEMIC)})\b|\bmech_|\bfx_")


@pages
def test_what_leads_with_a_year_of_the_pandemic_says_so(page):
    """On the home and the findings each paragraph for itself, elsewhere what leads a brief as a whole."""
    leads = paragraphs_that_lead(page)
    for text in leads if page.stem in ("index", "findings") else [" ".join(leads)]:
        if any(OF_THE_PANDEMIC.search(name) for name in HEADLINE.findall(text)):
            assert "pandemic" in text


@pages
def test_a_paragraph_to_quote_stands_alone(page):
    """Who quotes it quotes nothing that says what a basis is."""
    _, _, after = page.read_text(encoding="utf-8").partition("## A paragraph to quote\n")
    assert re.findall(r"\bbas(?:is [A-D]|es)\b", after.partition(":::")[0]) == []


def is_nought(text: str) -> bool:
    """Whether a number as prose shows it has noughts alone: 0, 0.0%, £0 million."""
    return bool(re.search(r"\d", text)) and not re.search(r"[1-9]", text)


@pages
def test_no_sentence_counts_nought(page, marts):
    """Of "0 councils did" a writer makes "none did", and says in reports/sentences.yml what makes it so."""
    named = {name for name in HEADLINE.findall(page.read_text(encoding="utf-8")) if name in REGISTER}
    values = {name: marts.execute(REGISTER[name]["sql"]).fetchone()[0] for name in sorted(named)}
    assert [
        n for n, value in values.items() if is_nought(headlines.shown(value, REGISTER[n]["format"]))
    ] == []


@pytest.mark.parametrize("text", ["0", "0.0%", "£0 million", "0.00"])
def test_a_nought_is_known(text):
    assert is_nought(text)
    assert not is_nought(text.replace("0", "10", 1)) and not is_nought("none")


# --- Cells -------------------------------------------------------------------------------------------------


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
def shown() -> dict[str, list]:
    """Figures and tables of the pages: label, rows, chart or none, words, from this checkout's marts."""
    here = Project(REPORTS.parent)
    if not here.database.exists():
        pytest.skip("no marts are published in this checkout")
    from commissioning.site.charts import figures

    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPORTS)  # where cells run
        for page in PAGES:
            drawn = found[page.stem] = []

            def table(rows, data=None, label="", drawn=drawn, **words):
                drawn.append((label, rows_of(rows if data is None else data), None, words))

            def figure(label, chart, data, drawn=drawn, **words):
                drawn.append((label, rows_of(data), chart, words))

            patch.setattr(figures, "figure", figure)
            patch.setattr(figures, "table", table)
            names: dict = {}
            for code in cells(page):
                exec(compile(code, page.name, "exec"), names)
    return found


def rows_of(data) -> list[dict]:
    rows = getattr(data, "rows", data)
    return rows.to_dicts() if hasattr(rows, "to_dicts") else [dict(row) for row in rows]


@pytest.fixture(scope="module")
def charts(shown) -> dict[str, list]:
    """Every chart of the briefs as an Altair specification."""
    return {
        page: [{**chart.to_dict(), "subtitle": words["subtitle"]} for _, _, chart, words in drawn if chart]
        for page, drawn in shown.items()
    }


def said(words: dict) -> str:
    return " ".join(str(words.get(key, "")) for key in ("title", "subtitle", "caption"))


# Lists of editions, gaps, checks, bases and returns: what stands there in a year is no figure of it.
ABOUT_THE_PACKAGE = {
    "index",
    "sources",
    "missing",
    "data",
    "reconciliation",
    "quality",
    "methods",
    "dictionary",
}


ABOUT_RETURNS = {("who-holds-the-budget", "tbl-bases"), ("two-returns-one-council", "tbl-held")}


def test_what_is_shown_of_a_year_of_the_pandemic_says_so(shown):
    years = {year.replace("_", "-") for year in YEARS_OF_THE_PANDEMIC}
    silent, checked = [], 0
    for page, drawn in shown.items():
        for label, rows, _, words in drawn if page not in ABOUT_THE_PACKAGE else ():
            cells_shown = {str(value) for row in rows for pair in row.items() for value in pair}
            of_the_pandemic = any(year in cell for year in years for cell in cells_shown)
            if of_the_pandemic and (page, label) not in ABOUT_RETURNS:
                checked += 1
                silent += [(page, label)] if "pandemic" not in said(words) else []
    assert not silent, silent
    assert checked >= 20


def test_what_is_shown_of_councils_names_those_whose_figure_is_flagged(shown):
    """A flag on the council's page alone is none on a chart of all councils."""
    with open_marts() as marts:
        flagged = marts.sql(
            "select distinct area_name, round(share, 6) from mart_direct_payment_share "
            "where share is not null and area_level = 'council' and flag = 'outlier' "
            "and client_group = 'all' and age_band = 'all'"
        ).fetchall()
    unnamed, checked = set(), 0
    for page, drawn in shown.items():
        for label, rows, _, words in drawn:
            for row in rows:
                values = {round(value, 6) for value in row.values() if isinstance(value, float)}
                for area, share in flagged:
                    if area in row.values() and share in values:
                        checked += 1
                        unnamed |= {(page, label, area)} if area not in said(words) else set()
    assert unnamed == set()
    assert checked >= 5


def lines_of(spec: dict) -> list[tuple[dict, list[dict], dict]]:
    """Encodings of every line of a chart, with the panels' channels, each with its rows and its mark."""

    def walk(part: dict, data: dict, panels: dict):
        data = part.get("data", data)
        facet = part.get("facet", {})
        panels = {**panels, **({"facet": facet} if "field" in facet else facet)}
        mark = part.get("mark", {})
        mark = mark if isinstance(mark, dict) else {"type": mark}
        if mark.get("type") == "line":
            rows = spec["datasets"][data["name"]] if "name" in data else data["values"]
            for step in part.get("transform", []):
                # A transformation of another kind would need to be followed here: none is passed over.
                field, value = re.fullmatch(r"datum\.(\w+) === '([^']*)'", step["filter"]).groups()
                rows = [row for row in rows if row[field] == value]
            yield {**part["encoding"], **panels}, rows, mark
        for inner in [*part.get("layer", []), *part.get("hconcat", []), *part.get("vconcat", [])]:
            yield from walk(inner, data, panels)
        if "spec" in part:
            yield from walk(part["spec"], data, panels)

    return list(walk(spec, {}, {}))


PARTING = ("color", "detail", "strokeDash", "shape", "facet", "row", "column", "x_offset")


def each_line(spec: dict) -> list[tuple[dict, list[dict], dict]]:
    """What is joined by one line each: its encoding, its rows in order of years, its mark."""
    found = []
    for encoding, rows, mark in lines_of(spec):
        fields = [encoding[c]["field"] for c in PARTING if "field" in encoding.get(c, {})]
        apart: dict[tuple, list[dict]] = {}
        for row in rows:
            apart.setdefault(tuple(row[field] for field in fields), []).append(row)
        x = encoding["x"]["field"]
        found += [(encoding, sorted(line, key=lambda row: row[x]), mark) for line in apart.values()]
    return found


# Columns that say what a figure may be compared with. A line may hold one value of each only, and its data
# must carry at least one of them, so that this can be seen.
GROUPS = ("basis", "comparability_group", "collection", "way_id", "coverage")


def test_no_line_joins_two_comparability_groups(charts):
    checked = 0
    for page, specs in charts.items():
        for spec in specs:
            for _, line, _ in each_line(spec):
                present = [group for group in GROUPS if group in line[0]]
                assert present, (page, "the data of a line chart say no comparability group", list(line[0]))
                for group in present:
                    checked += 1
                    assert len({row[group] for row in line}) == 1, (page, group, line)
    assert checked >= 30


def test_a_line_is_solid_only_over_years_that_follow_one_another(charts):
    """Over years without a figure a line is dotted, from the last year before to the first after, and the
    subtitle says so."""
    checked = dotted = 0
    for page, specs in charts.items():
        for spec in specs:
            gaps = 0
            for encoding, line, mark in each_line(spec):
                assert encoding["x"]["field"] == "year", (page, "the years of a line must be whole numbers")
                years = [row["year"] for row in line]
                steps = [b - a for a, b in itertools.pairwise(years)]
                if mark.get("strokeDash") == list(GAP):
                    gaps += 1
                    assert len(steps) == 1 and steps[0] > 1, (page, years)
                else:
                    assert set(steps) <= {1}, (page, years)
                checked += 1
            assert (GAP_WORDS in spec["subtitle"]) == (gaps > 0), (page, spec["subtitle"])
            dotted += gaps
    assert checked >= 30 and dotted >= 10


def test_no_line_of_a_council_crosses_a_change_of_its_boundaries(charts):
    with open_marts() as marts:
        changes = marts.sql(
            "select council_id, cast(left(first_financial_year, 4) as integer) from dim_boundary_change"
        ).fetchall()
    for page, specs in charts.items():
        for spec in specs:
            for _, line, _ in each_line(spec):
                areas = {row.get("area_id") or row.get("council_id") or row.get("body") for row in line}
                for council, year in changes:
                    crossed = line[0]["year"] < year <= line[-1]["year"]
                    assert not (council in areas and crossed), (page, council, line)


def test_a_brief_is_cited_with_the_years_of_its_title():
    """Every year that title or subtitle names stands in the citation, and no other."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        head = " ".join(re.findall(r"^(?:title|subtitle): (.*)$", text, re.M))
        for cited in re.findall(
            r"^commissioning-evidence \(\d{4}\)\. \*(.*?)\*|^  title  = \{(.*)\},$", text, re.M
        ):
            years = [set(re.findall(r"\b\d{4}-\d\d\b", part)) for part in (head, "".join(cited))]
            assert years[1] <= years[0] and (not years[1] or years[1] == years[0]), (page.name, cited)
