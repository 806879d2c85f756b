"""Numbers: every headline from its source cells alone, its trace, its page and its citations."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import math
import re
import subprocess

import duckdb
import pypandoc
import pytest
from conftest import ROOT
from rich.console import Console

import commissioning
from commissioning.base.errors import CommissioningError
from commissioning.base.paths import Project
from commissioning.commands import check as checks
from commissioning.ingest.catalogue import catalogue
from commissioning.numbers import cells, citations, headlines, history, trace
from commissioning.numbers.citations import Citation
from commissioning.site import templates
from commissioning.site.formats import clauses
from commissioning.site.numbers import listings
from commissioning.site.numbers.listings import with_unit
from commissioning.site.numbers.page import Number, or_under

HERE = Project(ROOT)
ESTIMATED = r"\bmart_(?:effect_\w+|specification_curve)\b"
REGISTER = headlines.register(HERE)
UNTRACED = {name for name, entry in REGISTER.items() if "untraced" in entry}
# Regressions, each over thousands of cells: tests/estimates holds these to other libraries and to hand.
ESTIMATES = {name for name, entry in REGISTER.items() if re.search(ESTIMATED, entry["sql"])}


@pytest.fixture(scope="module")
def computed(built_marts):
    return headlines.compute(HERE, built_marts)


@pytest.fixture(scope="module")
def traced():
    with cells.sources(HERE, REGISTER.values()) as db:
        return {n: cells.trace(db, n, e) for n, e in REGISTER.items() if n not in UNTRACED}


def agrees(value, figure: dict, format: str) -> bool:
    """Whether a value from the cells is the mart's: the same text, and the same number to a billionth."""
    if value is None or figure["value"] is None:
        return value is figure["value"]
    same = isinstance(value, str) or math.isclose(value, figure["value"], rel_tol=1e-9, abs_tol=1e-12)
    return same and headlines.shown(value, format) == figure["text"]


@pytest.mark.parametrize("name", sorted(set(REGISTER) - UNTRACED))
def test_a_headline_is_what_its_source_cells_give_without_dbt(computed, traced, name):
    entry, trace = REGISTER[name], traced[name]
    assert trace.cells
    if "parameter" not in entry:
        assert agrees(trace.value, computed[name], entry["format"]), (trace.value, computed[name])
        return
    councils = computed[name]["councils"]
    wrong = {c: f for c, f in councils.items() if not agrees(trace.value.get(c), f, entry["format"])}
    assert not wrong, {c: (trace.value.get(c), f) for c, f in list(wrong.items())[:3]}
    assert {c for c, value in trace.value.items() if value is not None} <= set(councils)
    assert sum(f["value"] is not None for f in councils.values()) > 100


def test_headlines_that_are_no_sum_of_cells_are_few_and_say_why():
    assert len(UNTRACED - ESTIMATES) <= 0.04 * len(REGISTER), sorted(UNTRACED - ESTIMATES)
    assert all(len(REGISTER[name]["untraced"]) > 40 for name in UNTRACED)


def test_every_cell_says_where_it_is(traced):
    for name, found in traced.items():
        for cell in found.cells:
            assert cell.dataset and cell.edition and cell.source_file and cell.source_locator, (name, cell)
            assert cell.value_text is not None, (name, cell)


def test_every_cell_is_in_a_file_of_the_catalogue_or_in_a_seed(traced):
    originals = {f.path for d in catalogue().values() for e in d.editions for f in e.files}
    for name, found in traced.items():
        for file in trace.files(found.cells):
            typed = file.path.startswith(("dbt/seeds/", "data/raw/ledger_"))
            assert typed or (file.path in originals and file.sha256), (name, file)
            assert not typed or (ROOT / file.path).exists(), (name, file)
            assert file.publisher and file.licence, (name, file)


# --- The command line --------------------------------------------------------------------------------------


@pytest.fixture
def published():
    if not HERE.database.exists():
        pytest.skip("no marts are published in this checkout")
    return HERE


def told(reference, csv=None) -> str:
    out = io.StringIO()
    trace.print_trace(HERE, Console(file=out, soft_wrap=True), reference, csv)
    return out.getvalue()


def test_a_trace_tells_the_chain_from_value_to_cells(published, tmp_path):
    text = told("dp_share_c_2021_22", tmp_path / "cells.csv")
    for part in (
        "11.3%\n", "mart_direct_payment_share where", "Mart rows: 1\n", "NHS England",
        "From the source cells alone: 11.3% (as above)", "ASCFR and SALT Data Tables 2021-22.xlsx, 4 cells",
        "T43!I9: 1354293.51995056  (direct payments)", "https://files.digital.nhs.uk/AF/4C9A4F/",
        "f5cb529cd35f819949fc064337b105f968b06d841d9eb7e2a5f9c79c8ea63205", "Open Government Licence v3.0",
    ):  # fmt: skip
        assert part in text, part
    rows = list(csv.DictReader((tmp_path / "cells.csv").open(encoding="utf-8-sig", newline="")))
    assert {(row["place"], row["as_published"]) for row in rows} == {
        ("T43!I9", "1354293.51995056"), ("T43!M9", "8274432.38431082"),
        ("T44!I9", "519495.049233565"), ("T44!M9", "8292035.48316747"),
    }  # fmt: skip
    assert {row["cite_as"] for row in rows} == {
        "Adult Social Care Finance Return (ASC-FR), 2021-22 (NHS England; Open Government Licence v3.0). "
        "In: commissioning-evidence, numbers/dp_share_c_2021_22.html"
    }
    (about,) = json.loads((tmp_path / "cells.csv-metadata.json").read_text(encoding="utf-8"))["notes"]
    assert about["value"] == "11.3%" and about["files"][0]["sha256"].startswith("f5cb529cd35f")


def test_a_trace_of_a_council_is_of_its_own_cells(published):
    text = told("council_dp_share_c_2021_22@isles-of-scilly")
    assert "(as above)" in text
    assert "4 cells" in text
    missing = told("council_dp_share_c_2021_22@hackney")
    assert "not available: no return" in missing
    assert "[x]" in missing


def test_a_number_that_is_no_sum_of_cells_says_so(published):
    assert "No source cells: It counts this package's own records" in told("gaps_total")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("dp_share_c_2021_2", "no such number.*dp_share_c_2021_22"),
        ("council_dp_share_c_2021_22", "name the council.*@devon"),
        ("dp_share_c_2021_22@devon", "not about one council"),
        ("council_dp_share_c_2021_22@devonn", "no such council.*devon"),
    ],
)
def test_a_wrong_reference_is_named_with_what_is_near(published, reference, said):
    with pytest.raises(CommissioningError, match=f"(?s){said}"):
        told(reference)


# --- Pages -------------------------------------------------------------------------------------------------

NASTY = "=cmd|'/c calc'!A1 <script>alert(1)</script> *bold* [link](x) `code` | cell {#id} \\ $x$ @cite ~~~"


def test_cells_that_a_spreadsheet_would_run_are_neutralised():
    edition = catalogue()["asc_fr"].edition("2021-22")
    path = edition.files[0].path
    cell = cells.Cell("asc_fr", "2021-22", path, "T43!I9", NASTY, 1.5, "GBP", "+part", None, "2021-22")
    text = trace.cells_csv("x", [cell])
    row = next(csv.DictReader(text.splitlines()))
    assert row["as_published"] == "'" + NASTY
    assert row["counts_as"] == "'+part"
    assert row["value"] == "1.5"
    for line in text.lstrip("\ufeff").splitlines():
        assert line[0] not in "=+-@"


def test_sums_of_a_ledger_trace_to_its_files_and_no_further():
    path = "data/raw/ledger_devon/monthly.parquet"
    cell = cells.Cell(
        "ledger_devon", "payments", path, "2011-05, x", "1", 1.0, "GBP", "spot", "devon", "2011-12"
    )  # fmt: skip
    files = trace.ledger_files(HERE, [cell])
    assert [file["file"] for file in files] == [
        f"DCCSpendingOver500_{m}.csv" for m in (*range(201104, 201113), *range(201201, 201204))
    ]
    assert all(
        set(file) == {"file", "lines_read", "lines_loaded", "loaded_gbp", "sha256", "address"}
        for file in files
    )
    text = trace.cells_about("x.csv", "x", {"label": "x"}, "1", [cell], files)
    assert json.loads(text)["notes"][0]["ledger_files"][11]["file"] == "DCCSpendingOver500_201203.csv"


def test_sql_is_broken_into_lines_outside_quotes_only():
    sql = "select a from b where c = 'x and y  from z' and d = 1 order by a"
    assert clauses(sql) == "select a\nfrom b\nwhere c = 'x and y  from z'\n  and d = 1\norder by a"


def test_pages_say_what_the_register_says_and_what_the_cells_give(published):
    pages = {file.stem: file.read_text("utf-8") for file in (HERE.reports / "numbers").glob("*.qmd")}
    if not pages:
        pytest.skip("no site is rendered in this checkout")
    # As the last build here had it, which may be behind the register.
    built = {*headlines.read(HERE), *headlines.read(HERE, "devon")}
    assert built < set(pages)
    assert not [name for name, text in pages.items() if "NOT the number" in text]
    page = re.sub(r"\\(?=[!-/:-@])", "", pages["dp_share_c_2021_22"])
    for part in (
        "The cells alone give 11.3%: the same", "4 cells in 1 file", "T43!I9", "1354293.51995056",
        "(../who-holds-the-budget.html)", "Release 0.2.0 (2026-11-23)", "TY  - DATA",
    ):  # fmt: skip
        assert part in page, part
    assert all(f'<a href="{name}.html">' in pages["index"] for name in built)
    # No publisher prints what stands in a table of this project.
    for name, text in pages.items():
        files = re.findall(r"^\d+\\?\. .* `([^`]*)`, [\d\\,]+ cells?, .*sha256 `", text, re.M)
        ours = [re.match(r"data/raw/ledger_\S+parquet$", path) is not None for path in files]
        prints = "as the publisher prints them" in text
        assert prints == (bool(ours) and not all(ours)), name
        assert ("as this project counted them" in text) == any(ours), name


# --- Citations ---------------------------------------------------------------------------------------------


def made(title="Share of £5, 100% & {more}_#1", value="−£2.5 million") -> Citation:
    return Citation(
        id="share_of_x", title=title, value=value, sources="A return, 2021-22 (A & B)",
        author="the contributors", publication="the package", version="0.2.0",
        released=dt.date(2026, 11, 23), build="abc123",
    )  # fmt: skip


def parsed(text: str, format: str) -> dict:
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", format, "-t", "csljson"],
        input=text, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    (item,) = json.loads(done.stdout)
    return item


@pytest.mark.parametrize("format", ["bibtex", "ris", "csljson"])
def test_a_citation_is_read_back_by_another_tool(format):
    cited = made()
    item = parsed({"bibtex": cited.bibtex, "ris": cited.ris, "csljson": cited.csl}[format](), format)
    assert item["id"] == "share_of_x"
    assert re.sub(r"</?span[^>]*>", "", item["title"]) == cited.title
    (author,) = item["author"]
    # A reader of names takes a first word in small letters for a particle.
    assert author.get("literal") or f"{author['dropping-particle']} {author['family']}" == "the contributors"
    assert item["issued"]["date-parts"][0][0] == 2026
    if format != "ris":  # whose notes Pandoc leaves out
        assert cited.csl().count(item["note"]) == 1


def test_a_citation_in_ris_is_tags_and_values():
    lines = made().ris().splitlines()
    tags = dict(re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line).groups() for line in lines)
    assert (lines[0], lines[-1]) == ("TY  - DATA", "ER  - ")
    for part in ("−£2.5 million", "abc123", "A return, 2021-22 (A & B)", "numbers/share_of_x.html"):
        assert part in tags["N1"]


def test_the_text_of_a_citation_names_value_version_build_and_sources():
    text = made(title="A share", value="11.3%").text()
    assert text == (
        "the contributors (2026). A share: 11.3%. the package, version 0.2.0, data build abc123, "
        "numbers/share_of_x.html. From A return, 2021-22 (A & B)."
    )


def test_a_headline_past_its_review_date_fails_the_check():
    due = min(entry["review_by"] for entry in REGISTER.values())
    assert checks.check_reviews(HERE, dt.date(2026, 11, 30)) > len(REGISTER)
    with pytest.raises(CommissioningError, match=r"headline dp_share_c_2021_22 \(2027-11-30\)"):
        checks.check_reviews(HERE, due + dt.timedelta(days=1))


def test_a_citation_names_the_publisher_s_page_and_the_caution():
    cited = dataclasses.replace(
        made(), published_at=("https://publisher.example/a",), caution="In development"
    )
    said = "From A return, 2021-22 (A & B), https://publisher.example/a. In development."
    assert said in cited.text() and said in cited.ris() and said in cited.csl()
    # The site has no host of its own: what is relative is not called permanent.
    assert "ermanent" not in cited.text() + cited.ris() + cited.csl() + cited.bibtex()


def test_what_comes_from_client_level_data_is_said_to_be_in_development():
    """Of every number that reads the new collection, on its page and in its citation."""
    with (ROOT / "dbt" / "seeds" / "ascof_renumbering.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "client_level_data" in row.values()]
    new = {row["measure_id"] for row in rows}
    assert "users_with_direct_payment" in new
    reading = {
        name: entry.get("caution", "")
        for name, entry in REGISTER.items()
        if "'2024-25'" in entry["sql"] and any(f"'{measure}'" in entry["sql"] for measure in new)
    }
    assert len(reading) >= 7
    assert not {name for name, caution in reading.items() if "statistics in development" not in caution}


# --- Releases and history ----------------------------------------------------------------------------------


def test_a_published_id_never_changes_its_meaning():
    retired = headlines.retired(HERE)
    for past in history.releases(HERE):
        for name, published in past["numbers"].items():
            if name in retired:
                continue
            assert name in REGISTER, (
                f"{name} was published in {past['version']}: say `retired: why` in its place"
            )
            now = history.meaning(REGISTER[name])
            assert now == {key: published[key] for key in now}, (
                f"{name} must keep its meaning: take another id"
            )


def test_the_first_release_with_a_register_is_kept():
    first = history.releases(HERE)[0]
    assert (first["version"], first["released"], len(first["numbers"])) == ("0.2.0", "2026-11-23", 154)
    assert first["numbers"]["dp_share_c_2021_22"]["text"] == "11.3%"


def test_a_version_between_releases_is_not_released(published, monkeypatch):
    """Its numbers may change yet, and a release fixes their meaning for good."""
    package = {**citations.package(HERE), "version": "0.3.0.dev0"}
    monkeypatch.setattr(citations, "package", lambda project: package)
    with pytest.raises(CommissioningError, match="between two releases"):
        history.release(HERE)


def test_every_brief_is_cited_with_the_version_that_it_is_of():
    """A brief that shows what came after a release must not be cited as that release's."""
    version = citations.package(HERE)["version"]
    assert version == commissioning.__version__
    changed = re.search(r"^## Unreleased$", (HERE.root / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert not changed or version not in {release["version"] for release in history.releases(HERE)}
    for page in HERE.reports.glob("*.qmd"):
        cited = re.findall(r"\bVersion (\d[\w.]*\w)", page.read_text("utf-8"))
        assert set(cited) <= {version}, page.stem


def test_builds_are_kept_where_a_number_changed(tmp_path):
    project = Project(tmp_path)
    history.record(project, "one", {"x": {"text": "1"}, "y": {"councils": {}}})
    history.record(project, "two", {"x": {"text": "1"}})
    history.record(project, "three", {"x": {"text": "2"}})
    moments = history.versions(project)["x"]
    assert [(m.what.split()[2].rstrip(","), m.text) for m in moments] == [("one", "1"), ("three", "2")]


# --- What a page says of its own number --------------------------------------------------------------------


@pytest.fixture(scope="module")
def page_of(built_marts, computed):
    """A number's page over the built marts, without its cells."""
    with duckdb.connect(str(built_marts), read_only=True) as db:
        names = dict(db.execute("select council_id, council_name from dim_council").fetchall())

        def page(name: str) -> Number:
            figure = computed[name].get("councils", computed[name])
            return Number(
                HERE, "made up", headlines.kinds(HERE), names, db, name, REGISTER[name], figure, None, [], []
            )

        yield page


def test_a_number_of_a_flagged_row_says_why_it_is_flagged(page_of, built_marts):
    assert "Hackney and Swindon" in page_of("dp_share_c_2021_22").flags()[0]
    assert "Bromley's figure" in page_of("dp_share_a_2000_01").flags()[0]
    with duckdb.connect(str(built_marts), read_only=True) as db:
        flagged = {
            f"{basis} {year}"
            for basis, year in db.execute(
                "select basis, financial_year from mart_direct_payment_share "
                "where area_id = 'england' and is_preferred "
                "and client_group = 'all' and age_band = 'all' and flag_reason is not null"
            ).fetchall()
        }
    of_england = [
        name
        for name, entry in REGISTER.items()
        if "area_id = 'england' and is_preferred" in entry["sql"]
        and f"{entry['given'].get('basis')} {entry['given'].get('year')}" in flagged
        and entry["given"].get("group", "all") == "all"
    ]
    assert len(of_england) > 5
    assert [name for name in of_england if not page_of(name).flags()] == []


def test_a_number_of_councils_has_an_anchor_for_each(page_of):
    number = page_of("council_dp_share_c_2021_22")
    number.entry = number.entry | {"untraced": "Cells are left out here."}
    page = templates.qmd("number.qmd.j2", **number.view())
    assert '<tr id="council-hackney"><th scope="row"><a href="../councils/hackney.html">' in page


def test_a_council_s_flag_stands_beside_its_figure(page_of):
    for name in ("council_dp_share_c_2021_22", "council_dp_cash_c_2021_22", "council_share_rank_c_2021_22"):
        assert set(page_of(name).doubts()) == {"enfield", "sheffield", "st-helens"}, name
    assert "bromley" in page_of("council_dp_share_a_2000_01").doubts()
    assert page_of("council_dp_share_1864_c_2021_22").doubts().keys() >= {"oldham", "sheffield", "st-helens"}
    older = page_of("council_dp_share_65plus_c_2021_22").doubts()
    assert older["sheffield"].startswith("a part of a figure that is flagged: ")
    assert older["tameside"] == "a negative amount in the council's return, kept as published"
    # The median of a council's peers is not its own figure.
    assert page_of("council_peer_dp_share_c_2021_22").doubts() == {}


def test_notes_on_what_a_number_leaves_out_are_none_of_its_own(page_of):
    for name in ("nhs_services_share_2021_22", "nhs_unsplit_share_2021_22"):
        assert not any("out of area" in flag for flag in page_of(name).flags()), name


def test_both_rows_of_a_comparison_say_that_they_are_flagged(page_of):
    flags = " ".join(page_of("hour_both_2021_22").flags())
    assert all(council in flags for council in ("York", "Sheffield", "Brighton and Hove"))


def test_a_count_has_no_direction_of_what_it_counts():
    counts = {"specifications", "share of specifications", "curves", "councils"}
    said = {n: entry["direction_of_good"] for n, entry in REGISTER.items() if entry["unit"] in counts}
    assert [n for n, words in said.items() if re.search("quality of life|outcome that|hour", words)] == []


def test_a_share_of_people_has_one_direction_in_every_year():
    said = {
        entry["direction_of_good"]
        for name, entry in REGISTER.items()
        if re.match("(?:council_)?dp_people_", name) and entry["unit"] == "share of people"
    }
    assert len(said) == 1


def test_a_number_of_a_year_of_the_pandemic_says_so(page_of):
    names = [name for name in REGISTER if re.search("_(2020_21|2021_22)$", name)]
    assert len(names) > 60
    silent = [n for n in names if not any("of the pandemic" in flag for flag in page_of(n).flags())]
    # Named after the edition or the survey's year, which its marts hold alone.
    assert silent == []
    assert any("2021-22 was a year" in flag for flag in page_of("dp_share_fall_c_2017_2021").flags())


def test_what_was_revised_later_is_said_of_every_number_that_holds_it(page_of):
    for name in ("nhs_specialised_real_growth", "nhs_total_cash_2021_22", "nhs_total_real_growth"):
        assert any("revised down" in flag for flag in page_of(name).flags()), name


def test_a_note_of_many_areas_is_said_once(page_of):
    flags = page_of("nhs_crisis_ccg_median_jump_2020_21").flags()
    assert sum("crisis care, 2020-21" in flag for flag in flags) == 1
    assert not any("out of area placements" in flag for flag in page_of("nhs_ccg_share_2021_22").flags())
    assert re.match(r"\d+ areas, crisis care, 2020-21: England rises", flags[0])


def test_every_estimate_shows_its_interval(page_of, built_marts):
    """An estimate is what a mart has the ends of an interval beside."""
    estimates = {
        n: e
        for n, e in REGISTER.items()
        if re.match(r"select (estimate|correlation|\w+\(excess\)) ", e["sql"])
    }
    estimates |= {n: e for n, e in REGISTER.items() if e["sql"].startswith("select difference_from_managed")}
    # The correlation of the two measures is read from a row whose interval is another figure's.
    assert [n for n in estimates if page_of(n).interval() is None] == ["fx_measures_agree"]
    shown = page_of("fx_control_primary").interval()
    assert shown == {"low": "−0.34", "high": "2.02", "holds_zero": True, "verdict": "cannot tell"}
    assert page_of("fx_control_primary_low").interval() is None
    # The least and the most of two ways have each an interval of their own.
    ends = [page_of(f"fx_settings_excess_{end}").interval() for end in ("least", "most")]
    assert [(end["low"], end["high"]) for end in ends] == [("2.4", "5.8"), ("2.8", "6.5")]


def test_a_list_of_others_does_not_hold_the_number_itself(page_of):
    for name, entry in REGISTER.items():
        years = re.findall(r"\b\d{4}-\d\d\b", entry["label"])
        for figure in entry["related"]:
            if "Other years" in figure["label"] or "Other periods" in figure["label"]:
                listed = " ".join(str(row[0]) for row in page_of(name)._run(figure["sql"])[1])
                assert not [year for year in years[-1:] if year in listed], name


def test_a_difference_that_rounds_to_nought_is_shown_with_a_digit_more(page_of):
    share = page_of("ledger_sheffield_choice_share_2016_17")
    assert share.entry["format"] == "percent.0"
    for value, other, gap in (
        (0.596, 0.594, "−0.2 percentage points"),
        (0.594, 0.596, "+0.2 percentage points"),
        (0.60, 0.61, "+1 percentage point"),
        (0.601, 0.602, "the same"),
    ):
        share.figure = {"value": value, "text": ""}
        assert share._gap(other) == gap


def test_a_difference_has_as_many_digits_as_it_needs(page_of):
    """Two amounts that are printed as 6.1 and 6.0 million may be some thousands of pounds apart."""
    block = page_of("ledger_devon_block_home_care_real_2011_12")
    block.figure = {"value": 6_051_000.0, "text": ""}
    assert block._gap(6_048_500.0) == "−£0.003 million"
    shown = [row[2] for table in block.alternatives for row in table["rows"]]
    assert shown and not [gap for gap in shown if gap != "the same" and not re.search("[1-9]", gap)]


def test_the_years_of_people_with_a_direct_payment_hold_2021_22(page_of):
    """That year's share is worked out from printed counts, and the list says so; carers have none."""
    (table,) = page_of("dp_people_2024_25").view()["related"]
    worked = [row for row in table["rows"] if row[0] == "2021-22, worked out from printed counts"]
    assert [value for _, value in worked] == [page_of("dp_people_2021_22").text]
    assert [row[0][:7] for row in table["rows"]] == ["2018-19", "2019-20", "2020-21", "2021-22"]
    carers = page_of("dp_carers_2020_21").view()["related"][0]["rows"]
    assert not [row for row in carers if "printed counts" in row[0]]


def test_the_index_of_numbers_begins_with_people_and_money(page_of):
    names = ("choice_control_r_2021_22", "dp_share_c_2021_22", "dp_people_2024_25", "nhs_trusts_share")
    themes = list(listings.by_theme([page_of(name) for name in names])["themes"])
    assert themes[:2] == ["People with a direct payment", "Direct payments in England"] and len(themes) == 4


def test_a_mart_without_a_row_is_not_said_to_have_one(page_of):
    number = page_of("nhs_crisis_zero_2021_22")
    number.entry = number.entry | {"untraced": "traced by another test"}
    text = templates.qmd("number.qmd.j2", **number.view())
    assert "No row of the mart fits" in text and "one row" not in text


def test_one_row_of_a_mart_is_read_downwards(page_of):
    mart = page_of("dp_share_c_2021_22").view()["mart"]
    assert mart["count"] == 1 and [head for head, _ in mart["columns"]] == ["Column", "It is"]
    assert dict(mart["rows"])["<code>financial_year</code>"] == "2021-22"


def test_a_unit_is_that_of_the_value():
    """Pounds for a value shown in pounds, and no unit that leaves open which of several it is."""
    for name, entry in REGISTER.items():
        kind = entry["format"].partition(".")[0]
        if kind.startswith("gbp"):
            assert re.search(r"pounds|GBP", entry["unit"]), name
        assert " or " not in entry["unit"], name


def test_no_share_among_related_figures_is_rounded_to_nought(page_of):
    checked = 0
    for name, entry in REGISTER.items():
        for figure in entry["related"]:
            format = figure.get("format", entry["format"])
            if format.startswith("percent"):
                for _, value in page_of(name)._run(figure["sql"])[1]:
                    assert not value or re.search("[1-9]", or_under(value, format)), name
                    checked += 1
    assert checked > 500
    assert or_under(0.0003, "percent.1") == "under 0.1%"
    assert or_under(0.0, "percent.1") == "0.0%"
    # Under a half per cent of all: whole per cents, the number's own format, would say nothing.
    assert "0.46%" in [text for table in page_of("claim_amount_gap")._related() for _, text in table["rows"]]


def test_bare_numbers_have_their_unit_in_lists():
    assert with_unit("5.8", REGISTER["fx_settings_primary"]) == "5.8 percentage points"
    assert with_unit("−5.1", REGISTER["fx_spending_primary"]) == "−5.1 per cent"
    assert with_unit("11.3%", REGISTER["dp_share_c_2021_22"]) == "11.3%"
    assert with_unit("on its page", REGISTER["fx_settings_primary"]) == "on its page"


def test_a_number_no_longer_in_use_says_why_in_a_sentence():
    for why in ("it counts Dorset", "It counts Dorset."):
        text = templates.qmd("retired_number.qmd.j2", old={"label": "A number", "retired": why}, past=[])
        assert "It counts Dorset\n" not in text and "It counts Dorset." in text.replace("\\", "")
        assert ".." not in text
    text = templates.qmd("retired_number.qmd.j2", old={"label": "A number", "retired": "a pilot"}, past=[])
    assert "A pilot." in text


def test_a_year_that_is_held_in_part_is_marked_among_others(page_of):
    """The publisher's notes: only some quarters of 2017-18 and of 2021-22."""
    of_area = [name for name, entry in REGISTER.items() if "out of area placements" in str(entry["given"])]
    assert len(of_area) >= 4
    for name in of_area:
        for figure in page_of(name).entry["related"]:
            terms = [str(row[0]) for row in page_of(name)._run(figure["sql"])[1]]
            for year in ("2017-18", "2021-22"):
                assert all("(only Q" in term for term in terms if year in term), (name, terms)
            assert not any("(only" in term for term in terms if "2019-20" in term), (name, terms)
