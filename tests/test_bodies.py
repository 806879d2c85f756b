"""Pages of bodies with a ledger, and `ledger compare`: for every body, right, escaped, from marts alone."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import json
import re
from html import unescape

import duckdb
import pytest
from conftest import ROOT, as_read
from typer.testing import CliRunner

from commissioning.base.errors import LedgerError, MissingMarts
from commissioning.base.paths import Project
from commissioning.build import SITE_STEPS
from commissioning.cli import app
from commissioning.marts import publish
from commissioning.site import bodies
from commissioning.site.bodies import compare, data, downloads, page
from commissioning.site.charts import ledgers

LEDGER_MARTS = (
    "spend_by_route",
    "coverage",
    "supplier_types",
    "supplier_concentration",
    "labels",
    "accounting",
)


@pytest.fixture(scope="module")
def here(built_marts) -> Project:
    class Built(Project):
        database = built_marts

    return Built(ROOT)


@pytest.fixture(scope="module")
def everything(here) -> data.Everything:
    return data.load(here)


@pytest.fixture(scope="module")
def texts(everything) -> dict[str, str]:
    return {name: as_read(page.text(body, everything)) for name, body in everything.bodies.items()}


@pytest.fixture(scope="module")
def ask(built_marts):
    """Asks the marts by SQL, past the code of the pages."""
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield lambda sql: db.execute(sql).fetchall()


def cell(text: str, id: str) -> str:
    return re.search(rf'<span id="{re.escape(id)}">(.*?)</span>', text)[1]


def prose(text: str) -> str:
    return re.sub(r"```\{=html\}\n.*?\n```\n", "", text, flags=re.S).split("---\n", 2)[2]


def test_every_body_with_a_ledger_has_a_page(texts, everything, ask):
    listed = {body for (body,) in ask("select body from dim_body")}
    held = {body for mart in LEDGER_MARTS for (body,) in ask(f"select distinct body from mart_ledger_{mart}")}
    assert set(texts) == listed and held <= listed and len(held) == 7
    index = page.index(everything)
    assert set(re.findall(r'<a href="([^"/]+)\.html">', index)) == listed


def test_values_are_those_of_the_brief(texts):
    """Sheffield's labels in 2016-17, as *Inside the ledger* has them, in cash."""
    found = {
        kind: cell(texts["sheffield"], f"{kind}-2016-17") for kind in ("direct_payment", "block", "spot")
    }
    assert found == {"direct_payment": "31.37", "block": "14.79", "spot": "6.38"}
    assert cell(texts["sheffield"], "months-2010-11") == "3"
    assert cell(texts["devon"], "suppliers-all-2017-18") == "876"
    assert cell(texts["devon"], "ending-all-2017-18") == "113"


def test_a_year_s_money_is_what_other_marts_make_of_it(texts, everything, ask):
    """Coverage sums direct payments and care by itself; the table of supplier types sums by supplier."""
    compared = 0
    for body, year, direct, care, form in ask(
        "select distinct body, financial_year, visible_direct_payments_cash_gbp, visible_care_cash_gbp, "
        "form_not_said_share from mart_ledger_coverage where months_in_series = months_held"
    ):
        if any(stretch.split and stretch.year == year for stretch in everything.bodies[body].stretches):
            continue
        assert cell(texts[body], f"all-{year}") == f"{care / 1e6:,.2f}".replace("-", "−"), (body, year)
        assert cell(texts[body], f"form-not-said-{year}") == f"{form:.1%}"
        if f'id="direct_payment-{year}"' in texts[body]:
            shown = cell(texts[body], f"direct_payment-{year}")
            assert shown in (f"{direct / 1e6:,.2f}", "none" if direct == 0 else ""), (body, year)
        compared += 1
    assert compared > 40
    of_types = ask(
        "select body, financial_year, sum(amount_cash_gbp) from mart_ledger_supplier_types "
        "where is_total and months_in_series = 12 group by all"
    )
    for body, year, amount in of_types:
        if f'id="all-{year}"' in texts[body]:
            assert cell(texts[body], f"all-{year}") == f"{amount / 1e6:,.2f}", (body, year)


def test_months_add_up_to_their_year(texts):
    for body, text in texts.items():
        months = re.findall(r'<span id="block-month-(\d{4})-(\d\d)">([^<]*)</span></td>', text)
        sums: dict[str, float] = {}
        for year, month, shown in months:
            start = int(year) - (int(month) < 4)
            key = f"{start}-{(start + 1) % 100:02d}"
            amount = 0.0 if shown == "–" else float(shown.replace(",", "").replace("−", "-"))
            sums[key] = sums.get(key, 0) + amount / 1e3
        for year, amount in sums.items():
            if f'id="block-{year}"' in text and cell(text, f"block-{year}") != "–":
                stated = float(cell(text, f"block-{year}").replace(",", "").replace("−", "-"))
                assert amount == pytest.approx(stated, abs=0.012), (body, year)


def test_a_number_in_a_sentence_is_a_cell_of_the_page(texts, ask):
    notes = [note for (note,) in ask("select distinct note from mart_ledger_coverage where note is not null")]
    for body, text in texts.items():
        ids = re.findall(r'(?<![-\w])id="([^"]+)"', text)
        assert len(ids) == len(set(ids)), body
        numbers = re.findall(r'\[([^\]]+)\]\(#([^)]+)\)\{\.n data-id="([^"]+)"\}', prose(text))
        assert len(numbers) > 4, body
        for words, id, named in numbers:
            assert named == f"{id}@{body}" and id in ids
            held, said = cell(text, id), words.replace("\\", "").removeprefix("£").removesuffix(" million")
            assert unescape(held) == said, (body, id)
        bare = re.sub(r"\[[^\]]+\]\([^)]*\)(\{[^}]*\})?", "", prose(text)).replace("\\", "")
        for note in notes:
            bare = bare.replace(note, "")
        edition = r"Version \d[\w.]+, data build \w{12}"
        bare = re.sub(rf"{edition}|\b20\d\d(-\d\d)?\b|\{{#[a-z-]+\}}|v3\.0", "", bare)
        assert not re.search(r"\d", bare), (body, re.findall(r".{30}\d.*", bare))


def test_a_year_that_a_break_cuts_is_two_rows(texts):
    """Newcastle's labels changed in June 2019."""
    # What is inferred is not said to be labelled, and a ledger is held against the last return there is.
    assert "marked or inferred as direct payments" in prose(texts["leeds"])
    devon = texts["devon"].replace("\\", "")
    assert "In 2021-22, the last whole year with a return and a year of the pandemic," in devon
    assert "<li>The file of March 2025 holds two payment runs more than usual" in texts["devon"]
    newcastle = texts["newcastle-upon-tyne"]
    assert ">2019-20, April to May</th>" in newcastle and ">2019-20, June to March</th>" in newcastle
    assert 'id="all-2019-20"' not in newcastle
    assert "stroke-dasharray" in newcastle and "Dashed rules" in newcastle
    assert "Dashed rules" not in texts["sheffield"]


def test_what_a_sentence_holds_against_the_return_says_what_it_means(texts):
    """Newcastle's ledger has far more direct payments than the return, and nobody knows why."""
    newcastle = texts["newcastle-upon-tyne"].replace("\\", "")
    assert "basis C (far more than the return, and why is not known)." in newcastle
    assert "with payments whose kind we inferred)." in prose(texts["leeds"]).split("## By year")[0]
    assert "such as May 2018. The other sections count them." in texts["bradford"].replace("\\", "")
    assert "cannot show care, such as" not in texts["sheffield"]


def test_months_with_holes_between_them_are_counted():
    """Bradford's care was shown as December 2017 to December 2019; three of these months cannot show it."""
    months = [datetime.date(2018, 3, 1), datetime.date(2018, 4, 1), datetime.date(2018, 6, 1)]
    assert page._span(months) == "March 2018 to June 2018, 3 of 4 months"
    assert page._span(months[:2]) == "March 2018 to April 2018" and page._span([]) == "no care seen"


def test_what_the_label_does_not_say_is_not_said_to_be_labelled(texts):
    """Calderdale's direct payments are labelled as for school children; another column says what they are."""
    assert "} marked as direct payments" in prose(texts["calderdale"])


def test_suppliers_without_a_later_payment_are_told_with_where_the_ledger_ends(texts):
    """Of Calderdale's next year five months are held: who is not paid in them has not gone for good."""
    for name, ends in {"calderdale": "August 2022", "leeds": "December 2013"}.items():
        lead = prose(texts[name]).replace("\\", "").split("## By year")[0]
        assert f"of them the ledger has no payment in a later year; it shows care to {ends}." in lead, name
        assert "Where only some months of the next year are held" in texts[name]


def test_what_is_odd_about_a_year_stands_where_the_page_leads_with_it(texts):
    """Devon's last year has two payment runs more, Newcastle shows more direct payments than its return, and
    a month of Sheffield's 2014-15 lacks amounts."""
    leads = {name: prose(text).replace("\\", "").split(":::")[1] for name, text in texts.items()}
    assert "two more care payment runs than usual" in leads["devon"]
    assert "direct payments (far more than the return, and why is not known)" in leads["newcastle-upon-tyne"]
    assert all("in cash" in lead for lead in leads.values() if "shows [" in lead)
    _, against = texts["sheffield"].split("<caption>Direct payments in the ledger against the official")
    row = next(row for row in against.split("<tr>") if ">2014-15<" in row)
    assert "many direct payments among them" in row


def test_a_licence_that_is_presumed_is_said_to_be(texts, ask):
    presumed = {name for (name,) in ask("select dataset from dim_source where licence_status = 'presumed'")}
    for name, text in texts.items():
        cited = text[text.index("**How to cite**") :]
        assert ("presumed" in cited) == (f"ledger_{name}" in presumed), name


def test_labels_have_the_rule_that_places_them(texts, ask):
    for body, label, rule, amount in ask(
        "select body, arg_max(expense_label, amount_cash_gbp), arg_max(rule_id, amount_cash_gbp), "
        "max(amount_cash_gbp) from mart_ledger_labels where care_scope = 'adult_social_care' group by body"
    ):
        first = unescape(texts[body].split("by money</caption>")[1].split("<tbody>")[1].split("</tr>")[0])
        assert label in first and rule in first and f"{amount / 1e6:,.2f}" in first


def test_every_line_is_accounted_for(texts, ask):
    for body, files, read, rejected in ask(
        "select body, count(*), sum(lines_read), sum(lines_rejected) from mart_ledger_accounting "
        "group by body"
    ):
        assert cell(texts[body], "files") == str(files)
        assert cell(texts[body], "lines-read") == f"{int(read):,}"
        assert cell(texts[body], "lines-rejected") == f"{int(rejected):,}"


def made_up(**facts: object) -> data.Body:
    nothing = {
        "body_name": "A trust",
        "kind": "nhs",
        "kind_name": "NHS body",
        "nation": None,
        "council_id": None,
        "known_problems": None,
        "is_own": False,
    }
    return data.Body({"body": "a-trust", **nothing, **facts})


def test_a_body_of_a_workspace_that_is_no_council_has_a_page(everything):
    body = made_up()
    text = page.text(body, everything)
    assert "No payment in A trust’s ledger has a label that we class" in text
    assert "No official return of direct payments goes with A trust" in text
    assert "There are no rows to take" in text and "](../councils/" not in text
    # Nobody has said what it is: it may be a council.
    text = page.text(made_up(kind="not_stated", kind_name="Not stated"), everything)
    assert (
        "Nothing here says whether A trust is a council" in text and "A body whose kind is not stated" in text
    )
    assert "No official return" not in text
    body = made_up()
    body.routes = [
        row | {"body": "a-trust"}
        for row in everything.bodies["sheffield"].routes
        if row["financial_year"] == "2010-11" and row["route"] == "block"
    ]
    body.coverage = [
        {"financial_year": "2010-11", "months_in_series": 3, "ratio": None, "form_not_said_share": 0.0}
    ]
    body.coverage[0] |= dict.fromkeys(
        ("visible_direct_payments_cash_gbp", "official_direct_payments_cash_gbp", "strict_ratio"), 0.0
    )
    body.coverage[0] |= {"official_basis": "none", "verdict": "no_official_figure", "note": None}
    text = page.text(body, everything).replace("\\", "")
    assert "In no whole year can every month show care: these are [3](#months-2010-11)" in text
    assert "We find no direct payments and no spot purchases in it" in text
    # No row of its coverage has a return beside it.
    assert "No official return of direct payments goes with A trust" in text
    assert "the council’s official return" not in text


def test_every_cell_says_why_it_has_no_figure_and_every_id_is_one_word(everything):
    """But for suppliers that end or come: the text above their table says when there is a dash."""
    for body in everything.bodies.values():
        text = page.text(body, everything)
        ids = re.findall(r'<span id="([^"]*)">', text)
        assert len(ids) == len(set(ids)) and not [name for name in ids if " " in name]
        dashes = re.findall(r'<td[^>]*>(?:<span id="([^"]*)">)?–(?:</span>)?</td>', text)
        assert not [name for name in dashes if not name.startswith(("new-", "ending-"))]


def test_text_from_data_is_escaped(everything):
    evil = '<script>alert("x")</script> & [a](b) `c` *d* ```'
    real = everything.bodies["bradford"]
    body = made_up(body_name=evil)
    body.routes = real.routes
    body.coverage, body.suppliers, body.types = real.coverage, real.suppliers, real.types
    body.labels = [row | {"expense_label": evil, "reason": evil, "rule_id": evil} for row in real.labels[:2]]
    body.files = [row | {"source_file": evil, "oddities": evil, "licence": evil} for row in real.files[:2]]
    text = page.text(body, everything)
    # In Markdown a backslash keeps a sign from being markup, in HTML an entity does.
    assert not re.search(r"(?<!\\)<script", text) and not re.search(r"(?<!\\)\[a\]\(b\)", prose(text))
    assert "&lt;script&gt;" in text
    made = (everything.released, everything.edition)
    listed = page.index(data.Everything({"x": body}, {}, 0.8, frozenset(), *made))
    assert "<script" not in listed
    assert "<script" not in compare.drawing([body])


def test_a_body_s_rows_can_be_taken_away(everything, ask):
    sheffield = everything.bodies["sheffield"]
    files = downloads.texts(sheffield, "bodies/sheffield.html", "a build")
    assert len(files) == 2 * len(downloads.FILES)
    rows = list(csv.DictReader(io.StringIO(files["sheffield-routes.csv"].removeprefix("\ufeff"))))
    ((count, amount),) = ask(
        "select count(*), sum(amount_cash_gbp) from mart_ledger_spend_by_route where body = 'sheffield'"
    )
    assert len(rows) == count
    assert sum(float(row["amount_cash_gbp"]) for row in rows) == pytest.approx(amount)
    about = json.loads(files["sheffield-routes.csv-metadata.json"])
    assert about["notes"][0]["Licence"].startswith("Open Government Licence")


def test_pages_are_written_from_marts_alone_and_go_with_their_body(here, tmp_path, monkeypatch):
    """A page of a body that the marts have no more is deleted; the step reads no catalogue and no ledger."""

    class Target(Project):
        database = here.database
        reports, site = tmp_path / "reports", tmp_path / "site"

    monkeypatch.setattr(publish, "published_build", lambda project: None)
    gone = tmp_path / "reports" / "bodies" / "gone.qmd"
    gone.parent.mkdir(parents=True)
    gone.write_text("x", encoding="utf-8")
    assert bodies.write(Target(ROOT)) == 7
    assert not gone.exists()
    assert {file.stem for file in gone.parent.glob("*.qmd")} == {"index", *data.read(here)[0]}
    assert (tmp_path / "site" / "bodies" / "data" / "leeds-labels.csv").exists()
    step = next(step for step in SITE_STEPS if step.name == "bodies")
    assert not [p for p in step.patterns() if p.startswith(("ingest/", "data/raw", "data/lake"))]
    pages = next(step for step in SITE_STEPS if step.name == "pages")
    assert "reports/bodies/*.qmd" in {*pages.patterns()} & {*step.makes}


def test_stacks_go_up_for_money_paid_and_down_for_money_that_came_back():
    parts = {"direct_payment": 2.0, "block": -1.0, "spot": 3.0, "rest": -0.5}
    assert ledgers._stacked(parts) == [
        ("direct_payment", 0.0, 2.0),
        ("block", 0.0, -1.0),
        ("spot", 2.0, 5.0),
        ("rest", -1.0, -1.5),
    ]


# ledger compare -----------------------------------------------------------------------------------------


@pytest.fixture
def run(here, monkeypatch):
    monkeypatch.setattr("commissioning.base.paths.project", lambda: here)

    def run(*arguments: str):
        return CliRunner().invoke(app, ["ledger", "compare", *arguments])

    return run


def test_bodies_are_compared_by_year(run, ask):
    rows = json.loads(run("leeds", "sheffield", "leeds", "--json").output)["rows"]
    assert list(dict.fromkeys(row["body"] for row in rows)) == ["leeds", "sheffield"]
    found = {(row["body"], row["period"]): row for row in rows}
    for body, year, route, amount, share in ask(
        "select body, financial_year, route, amount, "
        "amount / sum(amount) over (partition by body, financial_year) from "
        "(select body, financial_year, route, sum(amount_cash_gbp) as amount "
        "from mart_ledger_spend_by_route where in_series and body in ('leeds', 'sheffield') group by all)"
    ):
        row = found[body, year]
        assert row["routes_cash_gbp"][route] == pytest.approx(amount, abs=0.01)
        if route in ("direct_payment", "block", "spot"):
            assert row["shares"][route] == pytest.approx(share)
    for row in rows:
        assert sum(row["kinds_cash_gbp"].values()) == pytest.approx(row["total_cash_gbp"], abs=0.05)
        assert sum(row["shares"].values()) == pytest.approx(1)
    assert found["sheffield", "2014-15"]["against_return"][0]["basis"] == "C"
    told = run("leeds", "sheffield").output
    assert "Leeds" in told and "Sheffield" in told and "31.37" in told and "19.1%" in told


def test_bodies_are_compared_by_month(run):
    rows = json.loads(run("devon", "--by", "month", "--json").output)["rows"]
    assert rows[0]["period"] == "2011-01" and rows[-1]["period"] == "2025-03"
    assert len({row["series"] for row in rows}) == 3


def test_a_comparison_is_drawn(run, tmp_path):
    target = tmp_path / "chart.svg"
    told = run("sheffield", "newcastle-upon-tyne", "--chart", str(target)).output
    assert "chart.svg" in told.replace("\n", "")
    drawn = target.read_text(encoding="utf-8")
    assert drawn.startswith("<svg xmlns=") and "Newcastle upon Tyne" in drawn and "Block contracts" in drawn
    assert "stroke-dasharray" in drawn


def test_an_unknown_body_is_named_with_those_there_are(run):
    outcome = run("sheffeld", "leeds")
    assert isinstance(outcome.exception, LedgerError)
    assert outcome.exception.found == "sheffeld" and "sheffield" in outcome.exception.expected


def test_with_a_workspace_its_own_build_is_compared(run, tmp_path, monkeypatch):
    assert CliRunner().invoke(app, ["ledger", "init", str(tmp_path / "mine")]).exit_code == 0
    monkeypatch.setenv("COMMISSIONING_WORKSPACE", str(tmp_path / "mine"))
    outcome = run("leeds")
    assert isinstance(outcome.exception, MissingMarts)
    assert str(tmp_path / "mine" / "build") in str(outcome.exception)


@pytest.mark.parametrize(
    "wrong", [("--by", "week"), ("--chart", "chart.png"), ("--chart", "no/folder/x.svg")]
)
def test_a_wrong_wish_is_refused(run, wrong):
    outcome = run("leeds", *wrong)
    assert isinstance(outcome.exception, LedgerError) and outcome.exception.where == wrong[0]


def test_the_index_marks_the_bodies_of_a_workspace_and_puts_them_first(everything):
    assert ">your workspace<" not in page.index(everything) and ">From</th>" not in page.index(everything)
    *_, last = everything.bodies
    own = dataclasses.replace(everything.bodies[last], facts=everything.bodies[last].facts | {"is_own": True})
    text = page.index(dataclasses.replace(everything, bodies=everything.bodies | {last: own}))
    found = re.findall(r'<th scope="row"><a href="([\w-]+)\.html">.*?<td>([^<]*)</td>', text)
    assert found[0] == (last, "your workspace") and {whose for _, whose in found[1:]} == {"the package"}
