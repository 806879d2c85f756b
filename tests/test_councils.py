"""Councils' pages: generated for every council, right, escaped, and plain about what is missing."""

from __future__ import annotations

import collections
import csv
import dataclasses
import datetime
import itertools
import json
import re
import statistics
from html import unescape

import duckdb
import polars as pl
import pytest
from conftest import ROOT, as_read
from test_prose import typed_numbers

from commissioning.base.paths import Project
from commissioning.numbers import headlines
from commissioning.site.charts import svg
from commissioning.site.charts.runs import GAP, GAP_WORDS
from commissioning.site.councils import costs, data, flags, index, notes, page, routes, shares
from commissioning.site.formats import millions, percent, pounds

HERE = Project(ROOT)


@pytest.fixture(scope="module")
def everything(built_marts) -> data.Everything:
    class Built(Project):
        database = built_marts

    return data.load(Built(ROOT))


@pytest.fixture(scope="module")
def numbers(built_marts) -> dict[str, dict]:
    computed = headlines.compute(HERE, built_marts)
    return {
        council: {name: of["councils"][council] for name, of in computed.items() if "councils" in of}
        for council in computed["council_control_2024_25"]["councils"]
    }


@pytest.fixture(scope="module")
def texts(everything, numbers) -> dict[str, str]:
    """Every council's page as it is read, without the backslashes that keep data from being markup."""
    written = {i: page.text(c, everything, numbers[i]) for i, c in everything.councils.items()}
    plain = {i: re.sub(r"\\+([!-/:-@\[-`{-~])", r"\1", text) for i, text in written.items()}
    return {i: unescape(as_read(text)) for i, text in plain.items()}


def prose(text: str) -> str:
    return re.sub(r"```\{=html\}\n.*?\n```\n", "", text, flags=re.S)


def row_of(text: str, caption: str, first: str) -> list[str]:
    """The cells of a row of the table whose caption begins so."""
    table = re.search(rf"<caption>{re.escape(caption)}.*?</table>", text, re.S)[0]
    row = re.search(rf'<tr><th scope="row"[^>]*>{re.escape(first)}</th>(.*?)</tr>', table)[1]
    return re.findall(r"<td[^>]*>(.*?)</td>", row)


def test_every_council_has_a_page(texts):
    assert len(texts) == 159
    assert {"isles-of-scilly", "city-of-london", "northamptonshire", "cumberland", "dorset"} < set(texts)
    for name, text in texts.items():
        assert text.startswith("---\ntitle: "), name
        assert "::: {.finding}" in text and "## Take the data" in text
        assert len(text.encode()) < 150_000, name


def test_values_are_the_publishers(texts):
    """Typed from the publisher's file: direct payments and long-term support of Devon, 2021-22, ASC-FR tables
    43 and 44, £ thousand: 19,404 of 125,221 (18 to 64) and 7,713 of 153,630 (65 and over)."""
    share = (19_404 + 7_713) / (125_221 + 153_630)
    cells = row_of(texts["devon"], "Direct payments of Devon", "2021-22")
    assert cells[:2] == ["C", f"{share:.1%}"]
    assert cells[6] == f"{(19_404 + 7_713) / 1000:.1f}"
    setting = row_of(
        texts["devon"], "Gross current expenditure on long-term support by setting", "Direct payments"
    )
    assert setting[0] == "27.12"
    assert setting[3:] == ["19.40", "7.71"]
    # Bromley's misreported year, as published.
    assert row_of(texts["bromley"], "Direct payments of Bromley", "2000-01")[-1].startswith("£11.7 million")


def lines_of(text: str, years: str) -> dict[tuple[str, str, str], list[str]]:
    """The cells of the table of unit costs of those years, by what, who provides and per what."""
    table = re.search(rf"<caption>What care cost [^<]*, {years}, cash</caption>.*?</table>", text, re.S)[0]
    label = r"(.*?)(?:, provided by (the council|others))?, an? (hour|week of care|person and week)"
    rows = re.findall(rf'<tr><th scope="row"[^>]*>{label}</th>(.*?)</tr>', table)
    assert len(rows) == table.count("<tr>") - 1
    return {(what, who, per): re.findall(r"<td[^>]*>(.*?)</td>", rest) for what, who, per, rest in rows}


def test_unit_costs_are_the_publishers(texts):
    """Typed from tables 51 and 55 of ASC-FR 2021-22, and from PSS EX1's unit costs of 2013-14."""
    devon = lines_of(texts["devon"], "2020-21 to 2021-22")
    hour = devon["Home care", "the council", "hour"]
    assert hour[1] == "£23.00" and hour[3] == "£32.74 †"
    assert devon["Residential care, 65 and over", "the council", "week of care"][1] == "£1,766"
    assert devon["Residential care, 18 to 64", "others", "week of care"][3] == "£1,468 †"
    # The edition gives no spending of the year before by council.
    paid = devon["Direct payments, 18 to 64", "", "person and week"]
    assert paid[:2] == ['<a href="#no-cost-1">not in the edition</a>', "£248"]
    older = lines_of(texts["devon"], "2011-12 to 2013-14")
    assert older["Direct payments, older people", "", "person and week"][2] == "£194"
    # England's is the file's, and the file has no regions.
    assert older["Home care", "", "hour"][2:] == ["£15.90", "£17.20"]
    leeds = lines_of(texts["leeds"], "2011-12 to 2013-14")
    assert leeds["Home care", "others", "hour"][2] == "£25.10"


def test_hours_of_home_care_are_those_of_table_51_for_every_council(texts, everything):
    """Straight from the snapshot, by the publisher's codes."""
    raw = pl.read_parquet(ROOT / "data" / "raw" / "asc_fr" / "2021-22.parquet").filter(
        (pl.col("table") == "T51") & (pl.col("area_code") != "")
    )
    # Columns F to I: the council's own and others' hours of the year before, then of the year.
    place = {"F": ("the council", 0), "G": ("others", 0), "H": ("the council", 1), "I": ("others", 1)}
    codes = {c: i for i, of in everything.councils.items() for c in of.facts["cassr_codes_all"].split()}
    compared = 0
    for code, value, locator in raw.select("area_code", "value", "source_locator").iter_rows():
        who, year = place[re.match(r"T51!([A-Z]+)", locator)[1]]
        name = codes.get(code)
        if name is None or value is None:
            continue
        table = lines_of(texts[name], r"(?:2020-21 to )?2021-22")
        cell = table["Home care", who, "hour"][year]
        assert cell.split(" ")[0] == pounds(value), (name, who, year)
        compared += 1
    assert compared > 500


def test_a_flagged_unit_cost_has_a_mark_and_its_reason(texts, built_marts):
    own = lines_of(texts["sheffield"], "2020-21 to 2021-22")["Home care", "the council", "hour"]
    assert own[:2] == ["£109.66 §", "£103.94 §"]
    section = texts["sheffield"].split("{#unit-costs}")[1].split("\n## ")[0]
    assert (
        "§ Outside the bounds set for the cost of an hour or a week; spending or units look misreported."
        in section
    )
    # The return's direct payments of 2021-22 are flagged, and so is what they cost a person.
    assert "† The direct payments are flagged as out of line" in section
    with duckdb.connect(str(built_marts), read_only=True) as db:
        flagged = db.execute(
            "select area_id, unit_cost_cash_gbp, flag_reason from mart_unit_costs "
            "where area_level = 'council' and financial_year = '2021-22' and flag is not null "
            "and cost_unit = 'GBP per hour'"
        ).fetchall()
    assert len(flagged) > 10
    for council, cost, reason in flagged:
        section = texts[council].split("{#unit-costs}")[1].split("\n## ")[0]
        (mark,) = re.findall(rf"([†‡§¶‖]) {re.escape(reason[0].upper() + reason[1:])}\.", section)[:1]
        assert f"{pounds(cost)} {mark}" in section, council


def test_tables_of_unit_costs_never_cross_a_break(everything):
    for council in everything.councils.values():
        series = {row["financial_year"]: row["series"] for row in council.unit_costs}
        for table in costs.tables(council, everything):
            assert len({series[year] for year in table["years"]}) == 1, council.id
    assert not costs.tables(everything.councils["cumberland"], everything)
    (only,) = costs.tables(everything.councils["bedfordshire"], everything)
    assert only["years"] == ["2008-09"]


def test_the_peers_median_is_that_of_the_fifteen_nearest(built_marts, everything):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        for council in ("devon", "city-of-london", "leeds"):
            nearest = [
                r[0]
                for r in db.execute(
                    "select peer_id from mart_council_peers where council_id = ? and peer_rank <= 15",
                    [council],
                ).fetchall()
            ]
            found = [everything.councils[p].share("2021-22", "C") for p in nearest]
            shares = [r["share"] for r in found if r and r["share"] is not None]
            row = everything.councils[council].share("2021-22", "C")
            assert row["peer_median_share"] == pytest.approx(statistics.median(shares), abs=1e-12)
            assert row["peers_with_share"] == len(shares)


def test_a_median_of_some_of_the_peers_says_so(texts, everything):
    """One of the nearest to the Isles of Scilly began in 2023; every one of Kent's has both figures."""
    some = "among those of the councils most like it that have a figure"
    for council, lack in (("isles-of-scilly", 1), ("kent", 0)):
        row = everything.councils[council].share("2021-22", "C")
        assert row["peers_with_share"] == 15 - lack
        assert (some in texts[council]) == bool(lack)


def test_the_pounds_of_a_small_council_can_be_read(texts):
    """ASC-FR 2021-22, tables 43 and 44: 16.016 thousand pounds of direct payments, 720.53 of care homes."""
    scilly = texts["isles-of-scilly"]
    assert "16" in row_of(
        scilly, "Gross current expenditure on long-term support by setting", "Direct payments"
    )
    assert (
        row_of(scilly, "Gross current expenditure on long-term support by setting", "Residential care")[0]
        == "721"
    )
    assert ">£ thousand, cash</th>" in scilly and "£ million" not in scilly.split("{#unit-costs}")[0]
    assert ">£ million, cash</th>" in texts["kent"]


def test_no_number_is_typed_in_a_sentence(texts):
    for name, text in texts.items():
        lines = [
            line for line in typed_numbers(prose(text)) if not line.startswith(("description", "subtitle"))
        ]
        # Dates of a council's beginning and end, codes, and the version of the licence are names.
        odd = [
            line
            for line in lines
            if not re.match(r"^(Codes: |commissioning-evidence contributors \(2026\))", line)
            and "as a council " not in line
            and not re.search(r"(until|since) \d", line)
        ]
        assert odd == [], name


def test_what_is_missing_says_why(texts):
    hackney = texts["hackney"]
    assert "For 2021-22 the share of spending is [council_dp_share_c_2021_22@hackney]{.n}." in hackney
    assert "no return; the publisher uses the council's 2019-20 return" in hackney
    # It spent, and nobody knows how much: a dash for the year, and a chart of the year that is known. Isles
    # of Scilly had nobody to spend on.
    ages = row_of(
        hackney, "Direct payments as a share of long-term support by client group", "All adults, 18-64"
    )
    assert ages[:2] == ["2021-22", f'<a href="#data-notes" title="{NO_RETURN}">no return</a>']
    assert ">no spending</text>" not in hackney
    # Suppressed is a word and not nought.
    scilly = texts["isles-of-scilly"]
    assert ">no spending</text>" in scilly and ">no figure</text>" not in scilly
    assert ">suppressed</a></td>" in scilly
    # A council that began after the last return.
    cumberland = texts["cumberland"]
    assert "gives spending on direct payments is for 2021-22, before Cumberland began." in cumberland
    assert "There is no figure on any basis: Cumberland began after the last year held." in cumberland
    assert "[Cumbria](cumbria.qmd)" in cumberland
    # One that was split, one that merged, one whose code stayed on new boundaries.
    assert "[North Northamptonshire](north-northamptonshire.qmd)" in texts["northamptonshire"]
    assert "ended on 31 March 2021" in texts["northamptonshire"]
    assert "has none" in texts["northamptonshire"].split("## Peers")[1]
    assert "[Dorset](dorset.qmd) (Christchurch only; " in texts["bournemouth-christchurch-and-poole"]
    assert "on are of a smaller area" in texts["dorset"] and "Part of its area went to" in texts["dorset"]
    assert "far from those of other councils" in "".join(texts.values())


NO_RETURN = "no return; the publisher uses the council's 2019-20 return in England and London"
"""What mart_gaps says of Hackney in 2021-22."""


def test_one_of_two_heirs_took_over_a_part(texts):
    """Cumbria's figures are not those of an earlier Cumberland."""

    def told(name: str) -> str:
        return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", prose(texts[name]))

    for name, before, other in (
        ("cumberland", "Cumbria", "Westmorland and Furness"),
        ("north-northamptonshire", "Northamptonshire", "West Northamptonshire"),
        ("bedford", "Bedfordshire", "Central Bedfordshire"),
    ):
        assert f"It took over a part of {before}, as {other} did." in told(name), name
    assert "It took over from Bournemouth, Dorset" in told("bournemouth-christchurch-and-poole")


def test_a_cell_without_a_figure_says_why_in_words_of_its_own(texts, everything):
    """ "No figure" and "not available" say that a cell is empty, which its reader sees."""
    for name, text in texts.items():
        cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", text)
        vague = [c for c in cells if re.search(r">(no figure|not available|not held)<", c)]
        assert not vague, (name, vague[:2])
    assert ">began later</a>" in texts["county-durham"]  # Cumberland, one of its peers
    # The comparison has a reason for each figure that a council lacks.
    told = json.loads(index.script_data(everything).removeprefix("window.COUNCILS = ").rstrip(";\n"))
    for council in told["councils"]:
        assert set(council["why"]) == {k for k, v in council["figures"].items() if v is None}, council["id"]
    of = {council["id"]: council for council in told["councils"]}
    assert told["reasons"][of["hackney"]["why"]["share-c"]] == ["no return", NO_RETURN]
    assert told["reasons"][of["cumbria"]["why"]["people"]][0] == "had ended"


def test_every_empty_cell_leads_to_its_reason(texts, everything):
    """No dash in any table; where a link leads to a place on the page, the place is there."""
    for name, text in texts.items():
        assert not re.search(r"<t[dh][^>]*>\s*–", text), name
        reasons = dict(re.findall(r'<p class="chart-data" id="(no-cost-\d+)">([^<]+)\.</p>', text))
        assert set(re.findall(r'href="#(no-cost-\d+)"', text)) == set(reasons), name
    assert '<a href="#no-cost-1">not in the edition</a>' in texts["devon"] and "## Peers" in texts["devon"]
    assert '<a href="#peers">no peers</a>' in texts["cumbria"]
    assert f'<a href="hackney.html#data-notes" title="{NO_RETURN}">no return</a>' in unescape(
        index.text(everything, HERE)
    )
    # A measure that is counted has no margin; a ratio to a return that is not held is none.
    assert ">none published</td>" in texts["devon"] and ">not held</td>" in texts["bradford"]


def test_the_comparison_knows_each_council_s_sets(everything, built_marts):
    """Peers are places in the script's own list."""
    found = json.loads(index.script_data(everything).removeprefix("window.COUNCILS = ").removesuffix(";\n"))
    councils = {council["id"]: council for council in found["councils"]}
    with duckdb.connect(str(built_marts), read_only=True) as db:
        peers = db.execute(
            "select peer_id from mart_council_peers where council_id = 'devon' and peer_rank <= 15 "
            "order by peer_rank"
        ).fetchall()
    devon = councils["devon"]
    assert [found["councils"][place]["id"] for place in devon["peers"]] == [peer for (peer,) in peers]
    assert devon["region"] == councils["cornwall"]["region"] != councils["kent"]["region"]
    assert devon["class"] == councils["kent"]["class"] != councils["cornwall"]["class"]
    assert councils["cumbria"]["peers"] == []


def test_a_ledger_is_shown_where_there_is_one(texts, everything):
    with_ledger = {i for i, text in texts.items() if "{#ledger}" in text}
    assert with_ledger == {
        "bradford",
        "calderdale",
        "devon",
        "leeds",
        "newcastle-upon-tyne",
        "sheffield",
        "wakefield",
    }
    year = [r for r in everything.councils["sheffield"].ledger if r["financial_year"] == "2015-16"]
    choice = sum(r["amount_cash_gbp"] for r in year if r["family"] == "choice_led")
    cells = row_of(texts["sheffield"], "Payments for adult social care in Sheffield", "2015-16")
    assert f"{choice / 1e6:,.1f}" in cells and choice > 1e6


def test_a_ledger_s_block_and_spot_stand_beside_their_family(texts):
    """Sheffield's of 2016-17 as *Inside the ledger* has them: 14.79 of block, 6.38 of spot, £ million."""
    table = (
        texts["sheffield"]
        .split("<caption>Payments for adult social care in Sheffield")[1]
        .split("</table>")[0]
    )
    heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", table)
    cells = row_of(texts["sheffield"], "Payments for adult social care in Sheffield", "2016-17")
    found = dict(zip(heads[1:], cells, strict=True))
    assert found["of which block"] == "14.8" and found["of which spot"] == "6.4"
    assert found["of which direct payments"] == "31.4"
    assert "[Sheffield’s payments](../bodies/sheffield.qmd)" in texts["sheffield"]
    assert "](../bodies/" not in texts["kent"]


def test_text_from_data_is_escaped(everything, numbers):
    evil = '<script>alert("x")</script> & [a](b) `c` *d*'
    council = everything.councils["devon"]
    facts = {**council.facts, "council_name": evil}
    gap = {**council.gaps[0], "reason": evil}
    spoilt = dataclasses.replace(council, facts=facts, gaps=[gap])
    text = page.text(spoilt, everything, numbers["devon"])
    assert not re.search(r"(?<!\\)<script", text)
    assert "\\[a\\]\\(b\\) \\`c\\` \\*d\\*" in prose(text)


def test_numbers_as_they_are_shown():
    assert percent(-0.0123) == "−1.2%"
    assert percent(None) == pounds(None) == millions(None) == "–"
    assert pounds(-3.5) == "−£3.50"
    assert millions(1234567.0, 2) == "1.23"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 0.47, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-3, 7, [-4, -2, 0, 2, 4, 6, 8]),
    ],
)
def test_ticks_are_round_and_reach_both_ends(low, high, expected):
    assert svg.ticks(low, high) == pytest.approx(expected)


def test_a_council_far_from_the_others_stays_on_its_chart():
    chart = svg.strip([0.1, 0.2], [0.1], 0.46, str, "Far, 46%").body
    (dot,) = re.findall(r'<circle cx="([\d.]+)"', chart)
    assert float(dot) <= svg.WIDTH


def test_charts_have_their_words(texts):
    chart = charts_of(texts["devon"])["fig-share"]
    assert 'role="img"' in chart and 'aria-labelledby="fig-share-title fig-share-desc"' in chart
    assert '<title id="fig-share-title">Direct payments as a share of spending, Devon</title>' in chart
    assert re.search(r'<desc id="fig-share-desc">Separate lines for each basis, .*basis C from .* to ', chart)


def test_a_chart_of_one_year_tells_of_no_other_basis(texts):
    """North Northamptonshire began in 2021: one figure is held of it."""
    chart = charts_of(texts["north-northamptonshire"])["fig-share"]
    assert "One figure, on basis C: 12.6% in 2021-22." in chart and "Separate lines" not in chart
    assert "The one figure is on basis C." in texts["north-northamptonshire"]


def test_a_page_is_described_by_what_it_holds(texts):
    """A council that has ended has no peers, and one that ended before the outcomes framework no outcomes."""
    described = {name: text.split("description: ")[1].split("\n")[0] for name, text in texts.items()}
    assert "spending and outcomes of adult" in described["leeds"]
    assert "its peers and England" in described["leeds"]
    assert "outcomes" not in described["cheshire"] and "peers" not in described["cheshire"]
    assert "outcomes" in described["poole"] and "peers" not in described["poole"]


def test_no_line_is_solid_over_a_gap():
    points = [(2000, 1.0), (2001, None), (2002, 2.0), (2003, 3.0)]
    chart = svg.lines([svg.Line(points, "#000")], str, years=(2000, 2005)).body
    drawn = {tuple(round(year) for year, _ in points): gap for points, gap in tracks(chart)}
    assert drawn == {(2002, 2003): False, (2000, 2002): True}
    assert GAP_WORDS in chart and chart.count("<circle") == 3


def test_a_dot_chart_of_two_years_is_refused():
    rows = [svg.Row("a", 0.1, year="2017-18"), svg.Row("b", 0.2, year="2021-22")]
    with pytest.raises(ValueError, match="one chart shows one year"):
        svg.dots(rows, str, name="Devon")


def test_a_long_name_has_its_room_in_a_dot_chart():
    rows = [svg.Row(name, 0.1, year="2024-25") for name in ("Bury", "Hammersmith and Fulham")]
    ends = [
        float(x)
        for x in re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="end"', svg.dots(rows, str, name="c").body)
    ]
    # In letters as Arial has them the longer name is 164 wide.
    assert min(ends) > 164


# What lines join, read from the drawings -------------------------------------------------------------------


def charts_of(text: str) -> dict[str, str]:
    """The drawings of a page by label."""
    return {
        re.search(r'aria-labelledby="([\w-]+)-title', chart)[1]: chart
        for chart in re.findall(r"<svg .*?</svg>", text, re.S)
    }


def tracks(chart: str) -> list[tuple[list[tuple[float, float]], bool]]:
    """Every stretch that a line joins, its places in years by the chart's own axis; whether as over a gap."""
    labels = re.findall(r'<text x="([\d.]+)"[^>]*>(\d{4})-\d\d</text>', chart)
    (x0, first), (x1, last) = labels[0], labels[-1]
    a_year = (float(x1) - float(x0)) / (int(last) - int(first))
    found = []
    for d, rest in re.findall(r'<path d="(M[^"]+)" fill="none"([^>]*)>', chart):
        for piece in d.split("M")[1:]:
            places = [tuple(map(float, place.split())) for place in piece.split("L")]
            years = [(int(first) + (x - float(x0)) / a_year, y) for x, y in places]
            found.append((years, f'stroke-dasharray="{GAP[0]} {GAP[1]}"' in rest))
    return [(points, gap) for points, gap in found if len(points) > 1]


OVER_YEARS = ("fig-share", "fig-level")


def test_a_solid_line_joins_only_years_that_follow_one_another(texts):
    checked = 0
    for name, text in texts.items():
        for label, chart in charts_of(text).items():
            if label not in OVER_YEARS:
                continue
            joined = tracks(chart)
            for points, gap in joined:
                steps = [round(b[0] - a[0]) for a, b in itertools.pairwise(points)]
                assert all(step > 1 for step in steps) if gap else set(steps) == {1}, (name, label, steps)
                checked += 1
            assert (GAP_WORDS in chart) == any(gap for _, gap in joined), (name, label)
    assert checked > 1000


def test_no_line_joins_two_areas(texts, built_marts):
    """A council that goes on under its name on new boundaries is, to a chart, another. Straight from the
    seeds: part of it went to a council in a year in which it did not end itself."""
    with duckdb.connect(str(built_marts), read_only=True) as db:
        names = {
            row[0]: row[1:]
            for row in db.execute("select council_id, end_date, start_date from dim_council").fetchall()
        }
    moved: dict[str, list[int]] = {}
    seed = (ROOT / "dbt" / "seeds" / "council_successors.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(seed.splitlines()):
        day = datetime.date.fromisoformat(row["date"])
        ended, began = names[row["council_id"]][0], names[row["successor_id"]][1]
        if ended is None or ended >= day:
            moved.setdefault(row["council_id"], []).append(day.year)
        if began is None or began < day:
            moved.setdefault(row["successor_id"], []).append(day.year)
    assert "dorset" in moved
    for name, years in moved.items():
        for label in OVER_YEARS:
            chart = charts_of(texts[name])[label]
            for points, _ in tracks(chart):
                for year in years:
                    assert not points[0][0] < year - 0.5 < points[-1][0], (name, label, points)
            assert "new boundaries" in chart and "are of different areas" in texts[name]


def test_duties_that_moved_are_marked_where_a_line_passes_them(texts, built_marts):
    """From the marts: the fund's closure of 2015 lies between 2014-15 and 2016-17 on basis C."""
    with duckdb.connect(str(built_marts), read_only=True) as db:
        passing = {
            row[0]
            for row in db.execute(
                "select area_id from mart_direct_payment_share where area_level = 'council' and is_preferred "
                "and basis in ('C', 'D') and client_group = 'all' and age_band = 'all' and share is not null "
                "group by area_id, basis "
                "having min(financial_year) < '2015-16' and max(financial_year) >= '2015-16'"
            ).fetchall()
        }
    assert len(passing) > 140
    for name, text in texts.items():
        shown = text.partition("## The level")[0]
        assert ("Independent Living Fund closes" in shown) == (name in passing), name


def test_every_dot_chart_is_of_one_year(texts):
    """Its title says which."""
    for name, text in texts.items():
        for label, chart in charts_of(text).items():
            if label in ("fig-groups", "fig-settings", "fig-outcomes", "fig-carers"):
                title = re.search(r"<title [^>]*>(.*?)</title>", chart)[1]
                assert len(re.findall(r"\b20\d\d-\d\d\b", title)) == 1, (name, label, title)


# What is flagged says so ---------------------------------------------------------------------------------

NAMED = re.compile(r"\[(\w+)@[\w-]+\]\{\.n\}")
OF_YEAR = re.compile(r"_([abcd])_(\d{4})_(\d\d)$")


def sentences(text: str) -> list[str]:
    """What the page says before its first chart, sentence by sentence."""
    start = text.partition("::: {.finding}")[2].partition("\n## ")[0]
    return [s for block in start.splitlines() for s in re.split(r"(?<=[.:])\s+(?=[A-Z])", block) if s.strip()]


def test_a_flagged_figure_says_so_in_its_own_sentence(texts, built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        flagged = set(
            db.execute(
                "select area_id, lower(basis), financial_year from mart_direct_payment_share "
                "where is_preferred and client_group = 'all' and age_band = 'all' and share is not null "
                "and (flag is not null or is_outlier)"
            ).fetchall()
        )
    met = set()
    for name, text in texts.items():
        for sentence in sentences(text):
            for headline in NAMED.findall(sentence):
                if not (of := OF_YEAR.search(headline)) or "peer" in headline:
                    continue
                key = (name, of[1], f"{of[2]}-{of[3]}")
                if key in flagged:
                    met.add(key)
                    assert "flagged as" in sentence, (name, sentence)
            if "[dp_share_c_2021_22]" in sentence:
                assert "(with earlier returns for Hackney and Swindon)" in sentence, (name, sentence)
    assert {
        ("sheffield", "c", "2021-22"),
        ("enfield", "c", "2017-18"),
        ("barking-and-dagenham", "c", "2017-18"),
    } <= met
    assert "by a figure that is flagged as out of line" in texts["sheffield"].partition("At a glance")[0]
    # The chart's words, and its point, too.
    chart = charts_of(texts["bromley"])["fig-share"]
    assert "from 16.3% in 2000-01, a flagged figure, to" in chart and "2000-01: 16%, flagged" in chart


def test_a_page_leads_with_people_and_then_money(texts):
    finding = texts["kirklees"].partition("::: {.finding}")[2].partition(":::")[0]
    named = ["dp_people_2024_25", "peer_dp_people_2024_25", "dp_share_c_2021_22", "peer_dp_share_c_2021_22"]
    places = [finding.index(f"[council_{name}@kirklees]") for name in named]
    assert places == sorted(places)
    assert "official statistics in development" in finding[: places[2]]


def test_a_cell_without_a_figure_leads_to_the_reason(texts):
    people = texts["hackney"].split("<caption>People with long-term support at the end of")[1]
    people = people.split("</table>")[0]
    # A council that made no return has no count, whatever symbol the publisher prints.
    why = f'<a href="#data-notes" title="{NO_RETURN}">no return</a>'
    assert people.count(why) > 5 and "not available" not in people
    groups = texts["hackney"].split("<caption>Direct payments as a share of long-term support by client")[1]
    assert why in groups.split("</table>")[0]


def test_a_share_below_zero_and_a_pandemic_year_are_said_where_they_lead(texts):
    said = [s for s in sentences(texts["tameside"]) if "council_dp_share_65plus_c_2021_22" in s]
    assert said and all("a negative amount" in s for s in said)
    assert "below zero" in texts["tameside"].split("{#data-notes}")[1]
    for text in texts.values():
        finding = re.search(r"::: \{\.finding\}\n(.*?)\n:::", text, re.S)[1]
        assert ("In 2021-22" in finding) == ("2021-22 was a year of the pandemic" in finding)


def test_flagged_figures_of_england_and_the_region_are_listed(texts):
    kind = "Figures of England and the region, beside the council’s, that are flagged"
    barnet = texts["barnet"].split(f"<caption>{kind}</caption>")[1].split("</table>")[0]
    assert "holds Bromley" in barnet and "Swindon" in barnet and "South West" not in barnet
    assert ", a flagged figure,;" not in "".join(texts.values())


def test_a_year_that_a_ledger_cannot_show_is_missing_and_not_nought(texts):
    held = texts["devon"].split("Direct payments in the ledger against the official return</caption>")[1]
    assert "2025-26" not in held.split("</table>")[0] and "2024-25" in held.split("</table>")[0]
    missing = texts["devon"].split("What is missing, and why</caption>")[1]
    assert "2025-26" in missing and "ledger_devon" not in missing.split("</table>")[0]


def test_datasets_of_what_is_missing_are_named_in_words(texts):
    for name, text in texts.items():
        missing = text.partition("What is missing, and why</caption>")[2].partition("</table>")[0]
        for dataset in re.findall(r'<tr><th scope="row"[^>]*>(.*?)</th>', missing):
            assert " " in dataset and "_" not in dataset, (name, dataset)


def test_an_interval_of_a_share_ends_at_the_whole(texts):
    ends = row_of(
        texts["city-of-london"],
        "What people who use services say",
        "Control over daily life, per cent, 2024-25",
    )
    assert ends[1] == "80.0 to 100.0 (cut off at 100; about 15 answered)"


def test_a_survey_that_cannot_tell_a_council_from_england_says_so(texts, built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        found = db.execute(
            "select area_id, england_value between round(interval_low, 1) and round(interval_high, 1), "
            "base < 50 from mart_council_outcomes where area_level = 'council' "
            "and measure_id = 'control_over_daily_life' and financial_year = '2024-25' and value is not null"
        ).fetchall()
    assert {alike for _, alike, _ in found} == {few for _, _, few in found} == {True, False}
    for name, alike, few in found:
        (said,) = re.findall(r"^- Of the people who use its services, .*$", texts[name], re.M)
        # An interval that leaves England's figure out never stands beside these words.
        assert ("; the survey cannot tell the two apart" in said) == alike, name
        assert ("fewer than fifty answered" in said) == few, name


def test_a_share_that_suppressed_counts_leave_open_is_a_range(texts, built_marts):
    """Rutland's was printed as 42.6%, which is the middle of 41.0% to 44.1%."""
    with duckdb.connect(str(built_marts), read_only=True) as db:
        found = db.execute(
            "select council_id, round(100 * direct_payment_user_share_low, 1) <> "
            "round(100 * direct_payment_user_share_high, 1), "
            "direct_payment_user_share_low <> direct_payment_user_share_high from mart_choice_and_outcomes "
            "where financial_year = '2021-22' and direct_payment_user_share is not null"
        ).fetchall()
    is_open_of, told = {name: is_open for name, is_open, _ in found}, 0
    assert is_open_of["rutland"] and not is_open_of["devon"]
    # Kent's one small count moves the share by less than is printed.
    assert ("kent", False, True) in found
    for name, is_open, is_suppressed in found:
        (said,) = re.findall(r"At the end of 2021-22, counted differently, .*", texts[name]) or [None]
        if said:
            told += 1
            assert (f"between [council_dp_people_low_2021_22@{name}]" in said) == is_open, name
            assert (f"differently, [council_dp_people_2021_22@{name}]" in said) == (not is_open), name
            assert ("small, suppressed" in said) == is_suppressed, name
    assert told > 100


def test_a_share_of_long_term_support_is_not_called_one_of_all_spending(texts):
    for name, text in texts.items():
        assert "of spending on adults under 65" not in text, name


def test_a_comparison_of_years_names_the_duties_that_moved_in_between(texts):
    for name, text in texts.items():
        for line in text.splitlines():
            moved = "changed in between: closure of the Independent Living Fund)" in line
            assert moved == line.startswith("- On the same basis the share of spending was "), (name, line)


def test_a_share_that_doubles_or_halves_in_a_year_is_noted(texts):
    """Shares from the publisher's files: Staffordshire 14.8% and 6.6%, Slough 5.5% and 15.8%, Leeds 4.7% and
    2.5%, which is just more than half. Bromley's of 2001-02 follows one that is flagged."""

    def note(council: str, basis: str, year: str) -> str:
        table = texts[council].split(", its peers, its region and England, by year and basis</caption>")[1]
        rows = re.findall(r"<tr>.*?</tr>", table.partition("</table>")[0])
        (row,) = [r for r in rows if f">{year}<" in r and f">{basis}<" in r]
        return re.findall(r"<td[^>]*>(.*?)</td>", row)[-1]

    reason = " the share of the year before; the return gives no reason"
    assert note("staffordshire", "C", "2017-18") == "less than half" + reason
    assert note("slough", "C", "2017-18") == "more than twice" + reason
    assert reason not in note("leeds", "D", "2015-16") + note("staffordshire", "C", "2021-22")
    assert reason not in note("bromley", "A", "2001-02")


def test_a_ledger_that_carries_by_inference_alone_says_so(texts):
    held = {
        name: texts[name].split("Direct payments in the ledger against the official return</caption>")[1]
        for name in ("leeds", "calderdale", "sheffield")
    }
    held = {name: text.partition("</table>")[0] for name, text in held.items()}
    assert held["leeds"].count(routes.BY_INFERENCE) == 2
    assert f">{routes.VERDICTS['carries']}<" not in held["leeds"]
    for name in ("calderdale", "sheffield"):
        assert f">{routes.VERDICTS['carries']}<" in held[name] and routes.BY_INFERENCE not in held[name]


def test_every_flag_has_its_words(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        found = db.execute(
            "select distinct flag, area_id = 'england' from mart_direct_payment_share where flag is not null "
            "and share is not null and (area_id = 'england' or area_level = 'council')"
        ).fetchall()
    for flag, of_england in found:
        assert flag in (flags.OF_ENGLAND if of_england else flags.WORDS)


def test_england_s_words_name_the_returns_that_its_reason_names(everything):
    imputed = [row for row in everything.england_flags.values() if row["flag"] == "imputed"]
    assert imputed
    for row in imputed:
        assert row["flag_reason"].endswith(
            flags.of_england("imputed", row["flag_reason"]).removeprefix("with ")
        )
        assert len(flags.of_england("imputed", row["flag_reason"])) > len("with ")


def test_flagged_shares_are_marked_in_tables_and_on_the_map(everything, texts):
    listed = as_read(index.text(everything, HERE))
    for council in everything.councils.values():
        row = council.share("2021-22", "C")
        if row and row["share"] is not None and council.facts["is_current"]:
            found = re.search(
                rf'href="{council.id}.html">[^<]*</a></th><td>.*?</td>'
                r'<td class="number">.*?</td><td class="number">([^<]*)<',  # People stand before money.
                listed,
            )
            assert ("†" in found[1]) == bool(row["flag"] or row["is_outlier"]), council.id
    assert "Sheffield: 19.5%, flagged as out of line" in listed
    peers = texts["rotherham"].split("## Peers")[1]
    assert flags.DAGGER in peers or "†" not in peers


def test_a_comparison_of_earlier_years_says_that_the_area_was_another(texts):
    said = [s for s in sentences(texts["dorset"]) if "2017_18" in s or "2014_15" in s]
    assert len(said) >= 2 and all("older boundaries" in s for s in said)
    assert "older boundaries" not in "".join(text for name, text in texts.items() if name != "dorset")


def test_the_scripts_data_is_that_of_the_table(everything):
    import json

    content = json.loads(index.script_data(everything).removeprefix("window.COUNCILS = ").rstrip(";\n"))
    devon = next(c for c in content["councils"] if c["id"] == "devon")
    assert devon["figures"]["share-c"] == pytest.approx(27_117 / 278_851, abs=1e-5)
    assert len(content["councils"]) == 159
    assert {key for key, _, _ in content["measures"]} == set(devon["figures"])


def test_what_is_flagged_is_marked_in_every_table_of_the_page(texts):
    """Sheffield's spending of 2021-22 is doubted, so is every figure made of it; of Oldham's ages one is."""
    sheffield = texts["sheffield"]
    assert row_of(sheffield, "Direct payments per adult resident", "2021-22")[1].endswith(" †")
    assert row_of(sheffield, "Direct payments of Sheffield, £ million", "2021-22")[1].endswith(" †")
    ages = "Direct payments as a share of long-term support by client group"
    assert row_of(sheffield, ages, "All adults, 18-64")[1].endswith(" †")
    assert "The council’s figures for 2021-22 are flagged" in sheffield
    assert re.search(r"The last figure is [^<]*, flagged as", sheffield)
    assert flags.OWN_DAGGER in sheffield and "†" not in texts["devon"].partition("## What care cost")[0]
    said = [s for s in sentences(texts["oldham"]) if "council_dp_share_1864_c_2021_22" in s]
    assert "(the figure for adults under 65 is flagged" in said[0]
    assert row_of(texts["oldham"], ages, "All adults, 65+")[1] == "7.2%"


def test_the_comparison_says_which_age_is_flagged(everything):
    notes = index._notes(everything.councils["oldham"], everything.years)
    assert notes == ["its share of 2021-22 for adults under 65 is flagged as out of line"]


def test_councils_with_one_share_have_one_place_and_it_says_so(texts, built_marts):
    """In 2000-01 many councils spent nothing on direct payments."""
    with duckdb.connect(str(built_marts), read_only=True) as db:
        shares = db.execute(
            "select area_id, financial_year, share from mart_direct_payment_share "
            "where area_level = 'council' and is_preferred and share is not null "
            "and basis = 'A' and client_group = 'all' and age_band = 'all'"
        ).fetchall()
    alike = collections.Counter((year, share) for _, year, share in shares)
    shared = [(council, year) for council, year, share in shares if alike[year, share] > 1]
    assert len(shared) > 40
    for council, year in shared:
        place = row_of(texts[council], f"Direct payments of {called(council, texts)}", year)[5]
        assert place.startswith("joint "), (council, year)
    assert row_of(texts["devon"], "Direct payments of Devon", "2000-01")[5][0].isdigit()


def called(council: str, texts: dict[str, str]) -> str:
    """As the page's first table names the council."""
    return re.search(r"<caption>Direct payments of (.*?), its peers, its region", texts[council])[1]


def test_names_have_their_article_in_a_sentence(texts):
    named = {
        "city-of-london": "the City of London",
        "isle-of-wight": "the Isle of Wight",
        "isles-of-scilly": "the Isles of Scilly",
        "east-riding-of-yorkshire": "the East Riding of Yorkshire",
        "devon": "Devon",
    }
    for council, name in named.items():
        assert f" of what {name} spent on long-term support" in texts[council]
        assert f"of {name}, its peers" in texts[council] and f"years that {name} has" in texts[council]


def test_a_ledger_s_months_are_those_that_its_pounds_are_of(texts, everything):
    """Leeds holds six months of 2010-11 and four of them show care: the pounds are of these."""
    held = row_of(texts["leeds"], "Payments for adult social care in Leeds", "2010-11")
    assert held[0] == "4" and "counted in 4 of the 12 months" in texts["leeds"]
    assert row_of(texts["bradford"], "Payments for adult social care in Bradford", "2018-19")[0] == "9"


def test_a_ledger_that_shows_no_direct_payment_has_no_nought(texts):
    held = row_of(texts["bradford"], "Direct payments in the ledger against the official return", "2017-18")
    assert held[1] == held[3] == held[4] == "none seen" and held[2] == "8.47"
    assert row_of(texts["bradford"], "Direct payments in the ledger", "2018-19")[0] == routes.NOT_HELD


def test_a_share_above_the_whole_says_so(texts, built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        councils = db.execute(
            "select distinct area_id from mart_direct_payment_share "
            "where area_level = 'council' and is_preferred and share > 1"
        ).fetchall()
    assert ("bradford",) in councils
    for (council,) in councils:
        assert "above 100%" in texts[council].split("{#data-notes}")[1], council


def test_what_the_publisher_says_of_its_survey_stands_beside_england(texts):
    """Notes 5 and 15 of the edition, which the catalogue lists among its known problems."""
    catalogue = (ROOT / "ingest" / "catalogue" / "ascof.yml").read_text(encoding="utf-8")
    assert (
        "Derby did not answer the survey of 2024-25" in catalogue
        and "far too low in many councils" in catalogue
    )
    for name, text in texts.items():
        assert ("[control_england_2024_25]" in text) == (f"England ({flags.EARLIER_ANSWERS})" in text), name
        if "What people who use services say, " in text:
            assert f"England’s figures are made {flags.EARLIER_ANSWERS}." in text, name
        if "Other measures of the outcomes framework, 2024-25" in text:
            assert "self-directed support comes out too low" in text, name


def test_years_of_another_census_are_told_apart(texts):
    """A step of the estimates, nine thousand residents in County Durham, is no step of spending for each."""
    for name, text in texts.items():
        for sentence in sentences(text):
            if "council_dp_per_adult_c_2017_18" in sentence:
                assert flags.OLDER_CENSUS in sentence, name
    assert flags.RESIDENTS in texts["county-durham"]
    assert flags.RESIDENTS not in texts["bournemouth-christchurch-and-poole"]


def test_a_council_of_the_old_return_is_held_against_england_and_its_groups_are_named(texts):
    finding = sentences(texts["bedfordshire"])[0]
    assert (
        "Supporting People left out" in finding and "against [dp_share_a_2007_08]{.n} in England" in finding
    )


def test_the_map_says_whose_figure_it_cannot_draw(everything):
    listed = as_read(index.text(everything, HERE))
    assert "Not drawn, since it has ended: Cumbria, " in listed
    assert "£ per adult, 2021-22, in 2024-25 prices" in listed


def test_money_is_in_pounds_and_a_reason_has_no_brackets_of_its_own(texts):
    for name, text in texts.items():
        assert "GBP" not in text, name
    with (ROOT / "dbt" / "seeds" / "figure_flags.csv").open(encoding="utf-8") as file:
        # A sentence puts the reason in brackets.
        assert [row["reason"] for row in csv.DictReader(file) if "(" in row["reason"]] == []


def test_england_alone_is_not_called_england_and_the_region(texts):
    assert "<caption>Figures of England, beside the council’s, that are flagged</caption>" in texts["leeds"]


def test_what_a_dagger_marks_among_client_groups_is_told_below(everything):
    """The caption leads to the list of flagged figures, so each marked one is in it."""
    marked = 0
    for council in everything.councils.values():
        table = shares.groups(council, everything)
        told = {
            (row["year"], what)
            for row in notes._flagged(council, everything)
            for what in row["what"].split("; ")
        }
        for row in table["found"] if table else []:
            if flags.dagger(row):
                age = f", {row['age_band']}" if row["age_band"] != "all" else ""
                what = f"basis C: {everything.groups[row['client_group']].lower()}{age}"
                assert (row["financial_year"], what) in told, (council.name, row["financial_year"], what)
                marked += 1
    assert marked > 20


# What rests on a flagged figure is marked wherever it stands --------------------------------------------


def test_what_rests_on_a_flagged_return_is_marked_in_every_table(texts, everything):
    """The share has its mark; so have the pounds of the same return among resources and costs."""
    year, marked = everything.years.latest, 0
    for name, council in everything.councils.items():
        if flags.words(council.share(year, "C")):
            for of, resource in (("Direct payments", "direct_payments"), ("Adult social care", "")):
                for row in council.resources:
                    if row["resource"] == resource and row["financial_year"] == year:
                        figure = row_of(texts[name], "Resources for adults’ lives", of)[1]
                        assert figure.endswith(" †"), (name, of)
                        marked += 1
            assert f"All are {flags.words(council.share(year, 'C'))}." in texts[name].split("by setting")[1]
        for row in council.unit_costs:
            if row["support_setting"] == "direct_payments" and not row["flag_reason"]:
                year = row["financial_year"]
                own = council.share(year, "C", row["client_group"], row["age_band"])
                doubted = flags.words(own) or flags.words(council.share(year, "C"))
                assert bool(doubted) == bool(costs._flagged(council, row)["flag_reason"])
    assert marked >= 2


def test_a_year_of_a_ledger_with_something_odd_is_marked_where_its_payments_stand(texts, everything):
    caption = "Payments for adult social care"
    for name, council in everything.councils.items():
        shown = {row["financial_year"] for row in council.ledger}
        for year in shown & {row["financial_year"] for row in council.coverage if row["note"]}:
            assert row_of(texts[name], caption, f"{year} †"), (name, year)
    # The file of March 2025 has two runs of care payments more than the months before it.
    assert row_of(texts["devon"], "Resources", "Payments for care in the council's ledger")[1].endswith(" †")


def test_sections_with_a_year_of_the_pandemic_say_so(texts, everything):
    """Where a table of a section has such a year, the section's own words name it."""
    for name, council in everything.councils.items():
        years = {row["financial_year"] for row in council.ledger} & everything.pandemic
        if years:
            section = prose(texts[name]).split("In its own payments")[1].split("\n## ")[0]
            assert all(year in section for year in years), name
    assert "2020-21 and 2021-22 were years of the pandemic" in prose(texts["devon"])


def test_a_count_of_nought_is_among_the_suppressed(built_marts, texts):
    """ASC-FR and SALT 2021-22, Notes and Definitions: values of 0 to 4 are suppressed."""
    with duckdb.connect(str(built_marts), read_only=True) as db:
        asked = "select count(*) from mart_people_by_mechanism where people between 0 and 4"
        assert db.execute(asked).fetchone() == (0,)
    assert "suppresses counts of 0 to 4" in texts["dorset"]


def test_missing_data_that_a_note_names_is_not_called_suppressed(texts):
    """ASCOF 2024-25, note 14: Kent is missing data for 2d; the City of London is in neither note."""
    (kent,) = {why for what, why in reasons(texts["kent"]) if "after leaving hospital" in what}
    assert kent == "missing from the data, as the publisher's note 14 says"
    assert all("note 1" not in why for _, why in reasons(texts["city-of-london"]))


def reasons(text: str) -> list[tuple[str, str]]:
    table = re.search(r"<caption>What is missing, and why.*?</table>", text, re.S)[0]
    rows = (re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table))
    return [(row[-2], row[-1]) for row in rows if len(row) > 2]


def test_a_cost_far_below_all_others_is_marked(texts):
    """PSS EX1: the City of London's cost of a person with a direct payment in 2012-13 is 3.50 a week, and the
    next lowest of the year 86.50. The fence below the quartiles is under nought there."""
    row = row_of(
        texts["city-of-london"],
        "What care cost the City of London, 2011-12",
        "Direct payments, a person and week",
    )
    assert row[1] == "£4 †"


def test_a_chart_names_the_columns_that_it_draws(texts, everything):
    """Seven columns of the download end in “share”; the chart draws three of them, or two without peers."""
    named = 0
    for name, text in texts.items():
        for columns in re.findall(r"This chart shows ([a-z_, ]+) of the rows", text):
            found = re.split(r", | and ", columns)
            assert set(found) <= set(everything.councils[name].shares[0]), (name, columns)
            if found[0] == "share":
                assert ("peer_median_share" in found) == bool(everything.councils[name].peers), name
            named += 1
    assert named > 400


def test_a_share_of_few_says_of_how_many(texts):
    """Scilly has one care home."""
    other = "Other measures of the outcomes framework"
    rated = "Care homes rated good or outstanding, per cent, 2024-25"
    scilly = row_of(texts["isles-of-scilly"], other, rated)
    assert scilly[0] == "0.0 (of 1)"
    assert (
        "with the number counted, sometimes rounded to five, where it is under 20" in texts["isles-of-scilly"]
    )
    assert "with the number counted" not in texts["devon"]


def test_an_average_that_rests_on_earlier_returns_is_marked_beside_a_councils_cost(texts):
    """Hackney and Swindon made no return of 2021-22: England, London and the South West hold earlier ones."""
    marked = 0
    for name in ("devon", "camden", "leeds"):
        paid = lines_of(texts[name], "2020-21 to 2021-22")["Direct payments, 18 to 64", "", "person and week"]
        assert re.fullmatch(r"£\d+ [†‡§¶‖]", paid[3]), name
        assert bool(re.fullmatch(r"£\d+ [†‡§¶‖]", paid[2])) == (name != "leeds"), name
        # An earlier return stands in for all of a council's return, its care homes among it.
        home = lines_of(texts[name], "2020-21 to 2021-22")[
            "Residential care, 65 and over", "the council", "week of care"
        ]
        assert re.fullmatch(r"£[\d,]+ [†‡§¶‖]", home[3]), (name, home)
        assert "May rest on earlier returns of some councils" in texts[name]
        assert "England’s figures of 2021-22 are made with earlier returns for Hackney" in texts[name]
        marked += 1
    assert marked == 3


def test_a_ledger_with_more_than_the_return_is_not_merely_called_enough(texts):
    """Sheffield's of 2016-17 has 111% of the return."""
    held = row_of(texts["sheffield"], "Direct payments in the ledger", "2016-17")
    assert held[3] == "111%" and held[5] == routes.AND_MORE
    assert row_of(texts["leeds"], "Direct payments in the ledger", "2011-12")[5] != routes.AND_MORE


def test_a_council_with_no_figure_of_a_year_is_not_told_of_the_year(texts):
    assert "What each basis counts" not in texts["cumberland"]
    assert "put earlier returns into" not in texts["cumberland"]
    assert "put earlier returns into" in texts["devon"]
