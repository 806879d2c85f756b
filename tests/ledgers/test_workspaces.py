"""A workspace: made by a command, read with its mistakes named, and nothing written outside it."""

from __future__ import annotations

import shlex
import shutil

import pytest
from corpus import workbook
from typer.testing import CliRunner

from commissioning.base.errors import CommissioningError, LedgerError
from commissioning.base.paths import Workspace, home, own_workspace, project, workspace
from commissioning.commands.ledger import app
from commissioning.ingest.ledgers import adding, headers, lake, workbooks, workspaces
from commissioning.ingest.ledgers.bodies import bodies, body_named

TRUST = (
    "Date Paid,Net Amount,Paid To Whom,Transaction Number,Expense Type\n"
    "17/05/2021,1200.50,ACME CARE LTD,T1,Home care spot\n"
    "18/05/2021,99.50,ACME CARE LTD,T2,Stationery\n"
)


@pytest.fixture
def own(tmp_path, monkeypatch) -> Workspace:
    folder = tmp_path / "mine"
    workspaces.init(folder)
    monkeypatch.setenv("COMMISSIONING_WORKSPACE", str(folder))
    for told in (bodies, headers.aliases, headers._run_together):
        told.cache_clear()
    yield own_workspace()
    for told in (bodies, headers.aliases, headers._run_together):
        told.cache_clear()


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


def test_init_makes_what_is_missing_and_keeps_what_is_there(tmp_path):
    folder = tmp_path / "new" / "mine"
    assert run("init", str(folder)).exit_code == 0
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "README.md", "aliases.yml", "bodies", "bodies.csv", "files", "lake", "route_rules.csv", "series.csv",
    }  # fmt: skip
    (folder / "series.csv").write_text("mine", encoding="utf-8")
    (folder / "aliases.yml").unlink()
    assert [path.name for path in workspaces.init(folder)] == ["aliases.yml"]
    assert (folder / "series.csv").read_text(encoding="utf-8") == "mine"


def test_a_new_workspace_holds_nothing_and_complains_of_nothing(own):
    assert all(workspaces.rows_of(own, name) == [] for name in workspaces.TABLES)
    assert workspaces.rules_of(own) == [] and workspaces.series_of(own) == {} and bodies()
    assert workspaces.clashes(own) == []


def test_a_body_with_hyphens_is_added_and_ingested_in_the_workspace_alone(own, tmp_path):
    file = tmp_path / "spend-2021.csv"
    file.write_text(TRUST, encoding="utf-8")
    (own.root / "aliases.yml").write_text("supplier:\n  - [paid to whom]\n", encoding="utf-8")
    headers.aliases.cache_clear()
    headers._run_together.cache_clear()
    said = ("--publisher", "Made-up NHS Trust", "--licence", "not stated")
    added = run("add", str(file), "--body", "nhs-made-up", *said)
    assert added.exit_code == 0, added.output
    assert (own.root / "bodies" / "nhs-made-up.yml").exists()
    assert (own.root / "files" / "nhs-made-up" / "spend-2021.csv").read_text(encoding="utf-8") == TRUST
    done = run("ingest")
    assert done.exit_code == 0, done.output
    held = lake.scan(body_named("nhs-made-up")).collect()
    assert str(held["amount_gbp"].sum()) == "1300.00" and set(held["supplier"]) == {"ACME CARE LTD"}
    assert lake.body_folder(body_named("nhs-made-up")).is_relative_to(own.root / "lake")


def test_a_body_of_the_packages_name_stands_in_its_place(own, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(TRUST.replace("Paid To Whom", "Supplier"), encoding="utf-8")
    assert body_named("devon").publisher == "Devon County Council"
    assert run("add", str(file), "--body", "devon", "--publisher", "Me").exit_code == 0
    assert body_named("devon").publisher == "Me"
    assert workspaces.clashes(own) == ["body devon: yours, not the package's"]
    again = run("add", str(file), "--body", "devon")
    assert isinstance(again.exception, LedgerError) and "taken" in str(again.exception)


def test_a_workspace_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_WORKSPACE", str(tmp_path / "gone"))
    with pytest.raises(CommissioningError, match="no workspace") as error:
        workspace()
    assert error.value.found == "no such folder" and "ledger init" in error.value.todo


def test_a_home_without_a_checkout_has_the_packages_seeds(own, tmp_path, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_HOME", str(tmp_path))
    project.cache_clear()
    try:
        assert (workspaces.seeds() / "route_rules.csv").exists() and not home().is_checkout
        assert workspaces.check(own) == []
    finally:
        project.cache_clear()


RULE = "own_1,devon,10,,,,,%spot%,,adult_social_care,home_care,spot,inferred,It says spot,"
FAULTS = {
    "header": ("bodies.csv", "body,name\n", "header"),
    "cells": ("bodies.csv", "devon,Devon\n", "too many or too few cells"),
    "quote": ("bodies.csv", 'devon,"Devon,,,\n', "no CSV"),
    "slug": ("bodies.csv", "Devon County,,,,\n", "body is unknown or malformed"),
    "kind": ("bodies.csv", "devon,,shire,,\n", "kind is unknown"),
    "council": ("bodies.csv", "devon,,,,camelot\n", "council_id is unknown"),
    "twice": ("bodies.csv", "devon,,,,\ndevon,,,,\n", "there twice"),
    "route": ("route_rules.csv", RULE.replace(",spot,", ",spotty,") + "\n", "route is unknown"),
    "no route": ("route_rules.csv", RULE.replace(",spot,", ",,") + "\n", "says too little"),
    "tie": ("route_rules.csv", RULE + "\n" + RULE.replace("own_1", "own_2") + "\n", "one priority"),
    "month": ("series.csv", "devon,2019-04-02,,e,g,true,\n", "first_month is unknown or malformed"),
    "overlap": ("series.csv", "devon,2019-04-01,,e,g,true,\ndevon,2020-04-01,,e,g,true,\n", "overlap"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_table_is_named_with_its_line(own, fault):
    name, text, what = FAULTS[fault]
    path = own.root / name
    table = workspaces.TABLES[name]
    path.write_text(text if fault == "header" else table.text() + text, encoding="utf-8")
    with pytest.raises(LedgerError, match=what) as error:
        workspaces.rules_of(own), workspaces.series_of(own), workspaces.rows_of(own, "bodies.csv")
    last = path.read_text(encoding="utf-8").count("\n")
    assert error.value.file == str(path) and error.value.where == f"line {last}"


def test_a_rule_that_is_only_proposed_does_not_count(own):
    path = own.root / "route_rules.csv"
    path.write_text(workspaces.TABLES["route_rules.csv"].text() + RULE + "proposed\n", encoding="utf-8")
    assert workspaces.rules_of(own) == [] and len(workspaces.rules_of(own, proposed=True)) == 1


def test_own_headings_for_an_unknown_field_are_refused(own):
    (own.root / "aliases.yml").write_text("payer:\n  - [who pays]\n", encoding="utf-8")
    headers.aliases.cache_clear()
    with pytest.raises(LedgerError, match="no known field") as error:
        headers.aliases()
    assert error.value.found == "payer"


def test_a_body_file_with_an_unknown_key_is_named(own):
    path = own.root / "bodies" / "x-y.yml"
    path.write_text("body: x-y\ntitle: t\npublisher: p\nlicence: l\ncolour: red\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="missing or unknown") as error:
        workspaces.own_bodies(own)
    assert error.value.file == str(path) and error.value.found == ["colour"]


def test_aliases_in_a_workspaces_yaml_are_refused_with_their_line(own):
    """A few aliases within each other stand for any number of entries. An own file needs none."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 5)]
    path = own.root / "bodies" / "x-y.yml"
    path.write_text("body: x-y\n" + "\n".join(lines), encoding="utf-8")
    with pytest.raises(LedgerError) as error:
        workspaces.own_bodies(own)
    assert (error.value.where, error.value.found) == ("line 2", "the anchor &a0")
    (own.root / "aliases.yml").write_text("supplier: &a\n  - [paid to whom]\n", encoding="utf-8")
    headers.aliases.cache_clear()
    with pytest.raises(LedgerError) as error:
        headers.aliases()
    assert (error.value.where, error.value.found) == ("line 1", "the anchor &a")


@pytest.mark.parametrize("value", ["[a", "&a [*a]", "2021-02-31"])
def test_a_value_of_an_option_that_is_no_yaml_is_named(value):
    with pytest.raises(LedgerError, match="value of an option"):
        adding.options_of([f"2019*:date_order={value}"])


def test_a_far_cell_is_seen_though_rows_are_out_of_order_and_its_sheet_is_named():
    more = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="4"><c r="A4"><v>1</v></c></row>'
    with pytest.raises(LedgerError, match="too far away") as error:
        workbooks.without_far_corners(workbook({"May": [["a", "b"]]}, more=more), "made-up.xlsx")
    assert error.value.where == "sheet May, cell XFD1048576"


def test_a_workspace_is_in_use_where_one_stands_in_it(own, tmp_path, monkeypatch):
    monkeypatch.delenv("COMMISSIONING_WORKSPACE")
    assert own_workspace() is None
    (own.root / "downloads").mkdir()
    monkeypatch.chdir(own.root / "downloads")
    assert own_workspace().root == own.root.resolve()
    # A folder that holds `bodies` for a reason of its own is none.
    (tmp_path / "site" / "bodies").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "site")
    assert own_workspace() is None


def test_a_workspace_in_a_folder_with_signs_that_patterns_use(tmp_path, monkeypatch):
    """Brackets stand for letters in a pattern; the lake is found by its name. Without a body, it is said."""
    folder = tmp_path / "Ann's [2024] files?"
    workspaces.init(folder)
    monkeypatch.delenv("COMMISSIONING_WORKSPACE", raising=False)
    monkeypatch.chdir(folder)
    assert "no body is here" in run("ingest").output
    (folder / "may [final].csv").write_text(TRUST.replace("Paid To Whom", "Supplier"), encoding="utf-8")
    for command in (("add", "may [final].csv", "--body", "x-y"), ("ingest",), ("labels", "x-y")):
        done = run(*command)
        assert done.exit_code == 0, (done.output, done.exception)
    assert "1,200.50" in done.output
    # The lake can be made anew; without it the folder is a workspace still.
    shutil.rmtree(folder / "lake")
    assert own_workspace().root == folder.resolve()


def test_init_names_a_folder_as_a_shell_takes_it(tmp_path):
    folder = tmp_path / "Ann's own [2024]"
    said = run("init", str(folder)).output
    setting = shlex.quote(str(folder.resolve()))
    assert f"cd {setting}" in said and f"export COMMISSIONING_WORKSPACE={setting}" in said
    assert setting in (folder / "README.md").read_text(encoding="utf-8")


def test_a_body_that_nothing_places_is_said_to_be_none(own):
    said = workspaces.unplaced(own, "newcastle")
    assert "Ids like it: newcastle-upon-tyne." in said
    assert "`commissioning ledger add --resume --body newcastle --council newcastle-upon-tyne`" in said
    assert workspaces.unplaced(own, "devon") is None
    with (own.root / "bodies.csv").open("a", encoding="utf-8") as table:
        table.write("newcastle,Newcastle,,England,newcastle-upon-tyne\n")
    assert workspaces.unplaced(own, "newcastle") is None


def test_add_says_what_a_body_is_without_a_file_opened(own, tmp_path):
    file = tmp_path / "may.csv"
    file.write_text(TRUST.replace("Paid To Whom", "Supplier"), encoding="utf-8")
    place = ("--council", "newcastle-upon-tyne", "--publisher", "Newcastle City Council")
    done = run("add", str(file), "--body", "newcastle", *place)
    assert done.exit_code == 0, done.output
    assert workspaces.unplaced(own, "newcastle") is None
    (row,) = workspaces.rows_of(own, "bodies.csv")
    assert row["body_name"] == "Newcastle City Council" and row["council_id"] == "newcastle-upon-tyne"
    # The same again is no slip, and adds no second line.
    assert run("add", "--resume", "--body", "newcastle", *place).exit_code == 0
    assert len(workspaces.rows_of(own, "bodies.csv")) == 1


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--council", "newcastle"), "council_id"),
        (("--kind", "hospital"), "kind"),
        (("--council", "leeds"), "A line says already what this body is"),
    ],
)
def test_a_slip_in_what_a_body_is_leaves_the_list_as_it_was(own, tmp_path, options, found):
    file = tmp_path / "may.csv"
    file.write_text(TRUST.replace("Paid To Whom", "Supplier"), encoding="utf-8")
    workspaces.place(own, "mine", "Mine", council="devon", kind=None)
    before = (own.root / "bodies.csv").read_bytes()
    body = "mine" if found.startswith("A line") else "x-y"
    done = run("add", str(file), "--body", body, *options)
    assert isinstance(done.exception, LedgerError) and found in str(done.exception)
    assert (own.root / "bodies.csv").read_bytes() == before
    # Nothing of the body was written either.
    assert not list((own.root / "bodies").glob("*.yml"))


def test_what_a_body_is_needs_a_workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("COMMISSIONING_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "may.csv").write_text(TRUST, encoding="utf-8")
    done = run("add", "may.csv", "--body", "x-y", "--kind", "nhs_body")
    assert isinstance(done.exception, LedgerError) and "none is in use" in str(done.exception)


def test_a_body_of_a_council_that_the_package_has_stands_in_its_place(own):
    """Under whatever name: marts hold one ledger of a council."""
    with (own.root / "bodies.csv").open("a", encoding="utf-8") as table:
        table.write("newcastle,Newcastle,,England,newcastle-upon-tyne\ntrust,A trust,nhs_body,England,\n")
    assert workspaces.in_place_of(own, ["newcastle", "trust"]) == {"newcastle-upon-tyne": "newcastle"}
    assert workspaces.in_place_of(own, ["trust", "leeds"]) == {}
    with pytest.raises(LedgerError, match="same council") as caught:
        workspaces.in_place_of(own, ["newcastle", "newcastle-upon-tyne"])
    assert "newcastle and newcastle-upon-tyne" in caught.value.found


def test_one_body_without_files_does_not_stop_the_others(own, tmp_path):
    file = tmp_path / "spend-2021.csv"
    file.write_text(TRUST.replace("Paid To Whom", "Supplier"), encoding="utf-8")
    for body in ("a-gone", "b-here", "c-lost"):
        assert run("add", str(file), "--body", body).exit_code == 0
    assert run("ingest").exit_code == 0
    (own.root / "files" / "a-gone" / file.name).unlink()
    (own.root / "bodies" / "c-lost.yml").unlink()
    bodies.cache_clear()
    done = run("ingest")
    said = " ".join(done.output.split())
    assert done.exit_code == 1 and "b-here: 1 file" in said
    assert "a-gone: no file of it is here. The lake keeps 2 payments of files that are gone" in said
    assert "c-lost: in the lake, without a YAML" in said
    assert "a-gone: 2 payments taken out of the lake" in run("remove", "a-gone").output
    assert run("remove", "c-lost").exit_code == 0
    assert "Name them: `commissioning ledger add" in " ".join(run("ingest").output.split())


def test_columns_that_the_packages_body_of_the_name_reads_are_said(own, tmp_path):
    """Its rules of routes stay, and some ask for the area, which Wakefield's YAML takes from this column."""
    file = tmp_path / "spend-2021.csv"
    file.write_text(
        "Payment Date,Net Amount,Supplier Name,Directorate,Sercop URI,Purpose of Spend\n"
        "17/05/2021,1200.50,ACME CARE LTD,ADULTS,ADULTCARE,Independent Care\n",
        encoding="utf-8",
    )
    said = " ".join(run("add", str(file), "--body", "wakefield").output.split())
    assert '--resume --body wakefield --column "expense_area=Sercop URI"`' in said
    said = run("add", "--resume", "--body", "wakefield", "--column", "expense_area=Sercop URI").output
    assert "reads more" not in said
