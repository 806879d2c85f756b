"""The build of a workspace: its bodies reach the marts, each is used or said to be left out, and the checkout
stays as it is. The whole way by commands is in docs/adding.md."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from commissioning.base.errors import LedgerError
from commissioning.base.paths import Project, Workspace, own_workspace
from commissioning.build import own as own_build
from commissioning.cli import app as cli
from commissioning.commands.ledger import app
from commissioning.ingest.ledgers import headers, workspaces
from commissioning.ingest.ledgers.bodies import bodies
from commissioning.ingest.snapshot import verify
from commissioning.marts import inputs, models
from commissioning.render import search

SPENT = (
    "Date,Amount,Supplier,Expense Type\n"
    "17/05/2021,1200.50,ACME CARE LTD,Home care spot purchase\n"
    "18/05/2021,800.25,BETTER CARE LTD,Home care block contract\n"
    "18/06/2021,99.25,ACME PAPER LTD,Stationery\n"
    "19/06/2021,300.00,BEST HOMES LTD,Residential care\n"
)
RULES = (
    "own_1,nhs-made-up,10,,,,,%spot%,,adult_social_care,home_care,spot,ledger_label,It says spot,\n"
    "own_2,nhs-made-up,20,,,,,%block%,,adult_social_care,home_care,block,ledger_label,It says block,\n"
    "own_3,nhs-made-up,30,,,,,%residential%,,adult_social_care,residential,external_provision,inferred,So,proposed\n"
    "own_4,devon,10,,,,,%block%,,adult_social_care,home_care,block,ledger_label,It says block,\n"
)


def bytes_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        digest.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def made(built_project, tmp_path_factory):
    """A workspace of two bodies with payments, one of which the package has too, one without, and a draft."""
    folder = tmp_path_factory.mktemp("it's mine")
    with pytest.MonkeyPatch.context() as patch, forgotten():
        patch.setenv("COMMISSIONING_HOME", str(built_project.root))
        patch.setenv("COMMISSIONING_WORKSPACE", str(folder / "own"))
        workspaces.init(folder / "own")
        file = folder / "spent.csv"
        file.write_text(SPENT, encoding="utf-8")
        for body in ("nhs-made-up", "devon", "late", "city"):
            done = CliRunner().invoke(app, ["add", str(file), "--body", body, "--publisher", f"The {body}"])
            assert done.exit_code == 0, done.output
        own = own_workspace()
        with (own.root / "route_rules.csv").open("a", encoding="utf-8") as rules:
            rules.write(RULES)
        with (own.root / "bodies.csv").open("a", encoding="utf-8") as table:
            table.write("nhs-made-up,Made-up NHS Trust,nhs_body,England,\ncity,City,,England,bradford\n")
        done = CliRunner().invoke(app, ["ingest", "nhs-made-up", "devon", "city"])
        assert done.exit_code == 0, done.output
        (own.bodies / "odd.draft.yml").write_text("body: odd\n", encoding="utf-8")
        sources = [built_project.root / name for name in ("dbt/seeds", "data/raw", "ingest/catalogue")]
        before = [bytes_of(source) for source in sources]
        own_build.start(built_project, own.build)
        with own_build.working_in(own.build):
            used = own_build.prepare(built_project, own)
            verify()
            inputs.write(own.build)
            ran = models.build(own.build, {"ledgers"})
        assert before == [bytes_of(source) for source in sources]
        yield own, used, ran


@contextmanager
def forgotten():
    """Let nothing that is kept of bodies and headings in one workspace be taken for another's."""
    kept = (bodies, headers.aliases, headers._run_together)
    for told in kept:
        told.cache_clear()
    try:
        yield
    finally:
        for told in kept:
            told.cache_clear()


def rows(own: Workspace, sql: str) -> list[tuple]:
    with duckdb.connect(models.database(own.build), read_only=True) as db:
        return db.execute(sql).fetchall()


def test_every_body_is_used_or_said_to_be_left_out(made):
    _, used, _ = made
    assert [one.body for one in used] == ["city", "devon", "late", "nhs-made-up", "odd"]
    told = own_build.told(used)
    # 99.25 of stationery and 300.00 of a rule that nobody accepted, of 2,400.00.
    assert told[3] == "nhs-made-up: 4 payments; no rule fits 16.6% of the money"
    assert "left out" in told[2] and "commissioning ledger ingest late" in told[2]
    assert "left out" in told[4] and "open questions" in told[4]


def test_a_body_of_another_name_stands_in_place_of_the_packages_of_its_council(made, built_project):
    own, _, _ = made
    here = "select body from dim_body where council_id = 'bradford' or body = 'bradford'"
    assert rows(own, here) == [("city",)]
    assert not (own.build.raw / "ledger_bradford").exists()
    with own_build.working_in(own.build):
        assert not any("package" in told for told in own_build.changed_since(built_project, own))


def test_a_body_of_no_council_reaches_every_mart(made):
    own, _, _ = made
    spent = rows(
        own,
        "select month::varchar, route, amount_cash_gbp, era, in_series from mart_ledger_spend_by_route "
        "where body = 'nhs-made-up' order by route",
    )
    assert spent == [
        ("2021-05-01", "block", 800.25, own_build.ALL_MONTHS, True),
        ("2021-05-01", "spot", 1200.50, own_build.ALL_MONTHS, True),
    ]
    assert rows(own, "select body_name, kind, council_id from dim_body where body = 'nhs-made-up'") == [
        ("Made-up NHS Trust", "nhs_body", None)
    ]
    lines = "select lines_read, lines_loaded, read_gbp from mart_ledger_accounting where body = 'nhs-made-up'"
    assert rows(own, lines) == [(5, 4, 2400.0)]
    types = rows(
        own,
        "select sum(amount_cash_gbp) from mart_ledger_supplier_types where body = 'nhs-made-up' and is_total",
    )
    assert types == [(2000.75,)]
    assert rows(own, "select count(*) from mart_ledger_coverage where body = 'nhs-made-up'") == [(1,)]


def test_an_own_body_stands_in_place_of_the_packages_and_the_others_stay(made, built_project):
    own, _, ran = made
    assert rows(
        own, "select sum(amount_cash_gbp), count(*) from mart_ledger_spend_by_route where body = 'devon'"
    ) == [(800.25, 1)]
    # The package's rules for Devon are tried after the workspace's; none of them fits these labels.
    others = "select * from mart_ledger_spend_by_route where body = 'leeds' order by all"
    with duckdb.connect(models.database(built_project), read_only=True) as db:
        assert rows(own, others) == db.execute(others).fetchall() != []
    assert "mart_effect_estimates" not in ran


def test_what_nobody_changed_is_not_counted_again(made, built_project, monkeypatch):
    own, used, _ = made
    monkeypatch.setattr(own_build.aggregate, "tables", lambda edition: pytest.fail("counted again"))
    before = bytes_of(own.build.raw)
    with own_build.working_in(own.build):
        assert own_build.prepare(built_project, own) == used
        verify()
    assert bytes_of(own.build.raw) == before


def test_status_after_a_build_that_stopped_says_what_is_left_to_do(made):
    """The workspace is taken up and counted, and nothing of it is published: that is not "nothing"."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "400")
        done = CliRunner().invoke(cli, ["status"])
    said = " ".join(done.output.split())
    assert done.exit_code == 0, said
    assert "devon: counted, as the lake has it" in said and "No marts are published yet" in said
    # One body was never read into the lake.
    assert "Changed in checkout and workspace since: late." in said
    left = said.partition("The next build will do: ")[2]
    assert "marts" in left and "pages" in left


def test_every_file_that_a_step_of_its_site_names_is_there(made):
    own, _, _ = made
    named = {name for step in own_build.OwnBuild.site_steps for name in step.patterns() if "*" not in name}
    named = {name for name in named if name.startswith("reports/") and "_generated" not in name}
    assert "reports/search.yml" in named
    assert [name for name in named if not (own.build.root / name).is_file()] == []
    assert search.read_words(own.build.reports / search.WORDS)["answers"] == []


def test_a_month_outside_every_stretch_is_named(made, built_project):
    own, _, _ = made
    series = own.root / "series.csv"
    text = series.read_text(encoding="utf-8")
    try:
        series.write_text(text + "nhs-made-up,2021-06-01,,e,g,true,\n", encoding="utf-8")
        with own_build.working_in(own.build), pytest.raises(LedgerError, match="no stretch") as error:
            own_build.prepare(built_project, own)
        assert error.value.found == "2021-05" and error.value.file == str(series)
        assert error.value.where == f"line {text.count(chr(10)) + 1}"
    finally:
        series.write_text(text, encoding="utf-8")


def test_money_in_is_money_out_for_every_body(made):
    own, _, _ = made
    read = rows(own, "select body, sum(loaded_gbp) from mart_ledger_accounting group by body order by body")
    assert len(read) == 8 and dict(read)["nhs-made-up"] == Decimal("2400").__float__()
    assert isinstance(own.build, Project)
