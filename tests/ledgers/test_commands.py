"""`commissioning ledger inspect` and `add` give a right reading or a clear question."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from corpus import workbook
from typer.testing import CliRunner

from commissioning.base.errors import LedgerError
from commissioning.cli import app
from commissioning.ingest.ledgers import bodies, lake

GOOD = (
    "Payments over £500,,,\n"
    "Date Paid,Net Amount,Supplier Name,Transaction Number\n"
    "17/05/2021,1200.50,ACME CARE LTD,T1\n"
    "28/05/2021,(35.00),MRS JANE EXAMPLE,T2\n"
    ",1165.50,,\n"
)


def run(*arguments: str, code: int = 0) -> str:
    outcome = CliRunner().invoke(app, ["ledger", *arguments])
    if outcome.exception and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    assert outcome.exit_code == code, outcome.output
    return " ".join(outcome.output.split())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "spend-2021-05.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_inspect_says_what_it_understood_and_shows_no_person(file):
    said = run("inspect", str(file))
    for word in (
        "utf-8",
        "line 2",
        "Net Amount",
        "dd/mm/yyyy",
        "net",
        "£1,165.50",
        "the total under the table",
    ):
        assert word in said, word
    assert "[person]" in said and "JANE" not in said


def test_inspect_asks_where_it_cannot_tell(file):
    file.write_text("Date,Net,Gross,Supplier\n17/05/2021,10,12,A LTD\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="Two columns could be the amount") as caught:
        run("inspect", str(file))
    assert "'Net', 'Gross'" in str(caught.value) and "columns: {amount: Net}" in str(caught.value)


def test_inspect_shows_no_name_where_there_is_no_header(file):
    file.write_text("17/05/2021,10,MRS JANE EXAMPLE\n28/05/2021,12,A LTD\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="No header was found") as caught:
        run("inspect", str(file))
    assert "EXAMPLE" not in str(caught.value) and "<date> | <number> | <text>" in str(caught.value)


def test_a_body_is_added_and_can_be_ingested(file, own_project, monkeypatch):
    monkeypatch.delenv("COMMISSIONING_LAKE", raising=False)
    bodies.bodies.cache_clear()
    second = file.with_name("spend-2021-06.csv")
    second.write_text(GOOD.replace("/05/2021", "/06/2021").replace("T", "U"), encoding="utf-8")
    said = run("add", str(file), str(second), "--body", "madeup", "--publisher", "Made-up Council")
    assert "2 files, 4 payments" in said
    entry = yaml.safe_load(
        (own_project.root / "ingest" / "ledgers" / "madeup.yml").read_text(encoding="utf-8")
    )
    assert entry["files"] == "spend-2021-*.csv" and entry["amount_kind"] == "net"
    assert entry["transaction_numbers"] == "line" and entry["date_order"] == "day first"
    assert (
        re.search(r"madeup +\d+\.\d s", run("ingest", "madeup"))
        and lake.scan(bodies.body_named("madeup")).collect().height == 4
    )
    bodies.bodies.cache_clear()


def test_where_every_file_is_a_question_a_draft_holds_it_and_can_be_resumed(file, own_project):
    bodies.bodies.cache_clear()
    folder = own_project.root / "ingest" / "ledgers"
    file = file.with_name("spend.csv")
    file.write_text("Date,Amount,Supplier\n01/05/2021,10,A LTD\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="order of day and month") as caught:
        run("add", str(file), "--body", "madeup")
    draft = folder / "madeup.draft.yml"
    assert "add --resume --body madeup" in caught.value.todo and str(draft) in caught.value.todo
    entry = yaml.safe_load(draft.read_text(encoding="utf-8"))
    assert entry["questions"][0]["file"] == "spend.csv" and "month first" in entry["questions"][0]["found"]
    assert not (folder / "madeup.yml").exists() and "madeup" not in bodies.bodies()
    with pytest.raises(LedgerError, match="draft with open questions"):
        run("ingest", "madeup")
    draft.write_text(yaml.safe_dump(entry | {"date_order": "month first"}), encoding="utf-8")
    assert "1 payment can be read" in run("add", "--resume", "--body", "madeup")
    assert not draft.exists() and "questions" in (folder / "madeup.yml").read_text(encoding="utf-8")
    run("ingest", "madeup")
    assert str(lake.scan(bodies.body_named("madeup")).collect()["payment_date"][0]) == "2021-01-05"
    bodies.bodies.cache_clear()


def test_a_question_can_be_answered_by_an_option_as_well(file, own_project):
    bodies.bodies.cache_clear()
    file = file.with_name("spend.csv")
    file.write_text("Date,Amount,Supplier\n01/05/2021,10,A LTD\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="order of day and month"):
        run("add", str(file), "--body", "madeup")
    assert "1 payment can be read" in run("add", str(file), "--body", "madeup", "--date-order", "day first")
    bodies.bodies.cache_clear()


def test_a_name_that_is_taken_or_malformed_is_refused(file):
    for name in ("devon", "../devon", "Devon County"):
        with pytest.raises(LedgerError, match="name is"):
            run("add", str(file), "--body", name)


@pytest.mark.parametrize(
    ("texts", "options", "said"),
    [
        ([GOOD.splitlines()[1] + "\n"], (), "No payment can be read"),
        ([GOOD.replace("1200.50", "n/a").replace("(35.00)", "?")], (), "amount unreadable"),
    ],
)
def test_files_that_make_no_ledger_are_refused_and_leave_a_draft(tmp_path, own_project, texts, options, said):
    bodies.bodies.cache_clear()
    files = [tmp_path / f"spend-{number}.csv" for number in range(len(texts))]
    for path, text in zip(files, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match=said):
        run("add", *map(str, files), "--body", "madeup", *options)
    folder = own_project.root / "ingest" / "ledgers"
    assert [path.name for path in folder.glob("madeup*")] == ["madeup.draft.yml"]
    bodies.bodies.cache_clear()


def test_a_heading_that_no_file_has_is_refused_and_nothing_is_written(file, own_project):
    bodies.bodies.cache_clear()
    with pytest.raises(LedgerError, match="No file has this heading of the amount"):
        run("add", str(file), "--body", "madeup", "--amount", "Nett")
    assert not list((own_project.root / "ingest" / "ledgers").glob("madeup*"))
    assert not (own_project.cache / "ledger_madeup").exists()
    bodies.bodies.cache_clear()


def test_the_heading_of_the_amount_may_be_written_in_any_case(file, own_project):
    bodies.bodies.cache_clear()
    assert "2 payments" in run("add", str(file), "--body", "madeup", "--amount", "net amount")
    bodies.bodies.cache_clear()


def test_two_files_of_one_name_are_refused(file):
    other = file.parent / "more" / file.name
    other.parent.mkdir()
    other.write_text(GOOD, encoding="utf-8")
    with pytest.raises(LedgerError, match="Two files have one name"):
        run("add", str(file), str(other), "--body", "madeup")


def test_files_that_an_ingest_leaves_out_are_named(file, own_project, monkeypatch):
    monkeypatch.delenv("COMMISSIONING_LAKE", raising=False)
    bodies.bodies.cache_clear()
    run("add", str(file), "--body", "madeup")
    folder = own_project.cache / "ledger_madeup"
    (folder / "june.csv").write_text(GOOD, encoding="utf-8")
    (folder / "notes.txt").write_text("not of payments", encoding="utf-8")
    said = run("ingest", "madeup")
    assert "left out june.csv: not read, as `files` in the YAML of madeup does not fit its name" in said
    bodies.bodies.cache_clear()


@pytest.mark.parametrize("command", [("inspect",), ("add", "--body", "madeup")])
def test_a_folder_is_answered_with_what_to_name(tmp_path, command):
    with pytest.raises(LedgerError, match="This is a folder") as caught:
        run(*command, str(tmp_path))
    assert f"{tmp_path}/*.csv" in caught.value.todo


def test_inspect_names_the_lines_that_it_rejects_and_no_dates_that_are_not_there(file):
    file.write_text(GOOD.replace("1200.50", "n/a").replace("(35.00)", "?"), encoding="utf-8")
    said = run("inspect", str(file), code=1)
    assert "rejected: amount unreadable │ 2 (line 3, 4)" in said
    assert "None" not in said and "First payments" not in said


def test_a_ledger_outside_the_catalogue_has_no_snapshot():
    with pytest.raises(LedgerError, match="none of them") as caught:
        run("snapshot", "hyndburn")
    assert "docs/adding.md" in caught.value.todo and "devon" in caught.value.expected


def test_an_unknown_body_is_named_with_those_known():
    with pytest.raises(LedgerError, match="no ledger of a body 'atlantis'") as caught:
        run("ingest", "atlantis")
    assert "devon" in str(caught.value)


# Nothing unsaid, and every question answerable

PLAIN = "Payment Date,Supplier Name,Department,Amount\n"
LINES = "".join(f"{day:02}/04/2024,HOME {day} LTD,Adults,{day}00.00\n" for day in range(1, 29))


@pytest.fixture
def add(tmp_path, own_project, monkeypatch):
    """Add a body of these files by these options; gives what was said."""
    monkeypatch.delenv("COMMISSIONING_LAKE", raising=False)
    bodies.bodies.cache_clear()

    def added(files: dict[str, str], *options: str, code: int = 0) -> str:
        places = [tmp_path / name for name in files]
        for place, text in zip(places, files.values(), strict=True):
            place.write_text(text, encoding="utf-8")
        return run("add", *map(str, places), "--body", "madeup", *options, code=code)

    yield added
    bodies.bodies.cache_clear()


def in_lake() -> list[tuple]:
    run("ingest", "madeup", "--allow-rejected", "1")
    rows = lake.scan(bodies.body_named("madeup")).collect().sort("payment_date", "amount_gbp")
    return [(str(day), str(gbp)) for day, gbp in rows.select("payment_date", "amount_gbp").rows()]


def test_what_is_rejected_is_said_in_lines_and_pounds_and_ends_in_an_error_code(add, tmp_path):
    groups = PLAIN + "15/04/2024,A LTD,Adults,100.00\n,B LTD,Adults,50.00\n,C LTD,Adults,70.00\n"
    said = add({"a.csv": groups}, code=1)
    assert "rejected 2 lines, £120.00: no date" in said and "loaded 1 line, £100.00" in said
    assert "rejected 2 lines, £120.00: no date" in run("ingest", "madeup", code=1)
    assert "rejected 2 lines, £120.00: no date" in run("inspect", str(tmp_path / "a.csv"), code=1)
    run("ingest", "madeup", "--allow-rejected", "0.7")


def test_json_says_the_same(add, tmp_path):
    text = PLAIN + LINES + ",B LTD,Adults,50.00\n"
    add({"a.csv": text}, "--allow-rejected", "0.1")
    for command in (("ingest", "madeup"), ("inspect", str(tmp_path / "a.csv"))):
        outcome = CliRunner().invoke(app, ["ledger", *command, "--json", "--allow-rejected", "0"])
        (told,) = json.loads(outcome.output).values()
        assert outcome.exit_code == 1 and "3.4%" in told["complaint"]
        assert told["loaded"] == {"lines": 28, "gbp": 40600.0}
        assert told["rejected"] == {"no date": {"lines": 1, "gbp": 50.0}}
        assert told["set_aside"] == {"header": 1} and told["lines_read"] == 30


def test_a_file_of_which_nothing_is_loaded_is_named_however_small(add):
    lost = PLAIN + "########,A LTD,Adults,9.00\n"
    said = add({"spend-04.csv": PLAIN + LINES * 3, "spend-05.csv": lost}, code=1)
    assert "1 line, £9.00: date unreadable" in said and "Nothing could be loaded from spend-05.csv" in said


def test_one_odd_file_does_not_stop_the_rest(add):
    odd = "Date,Net,Gross,Supplier\n17/05/2024,10,12,A LTD\n"
    said = add({"spend-04.csv": PLAIN + LINES, "spend-05.csv": odd}, "--allow-rejected", "1")
    assert "left out, as it leaves a question: spend-05.csv" in said and "28 payments can be read" in said
    assert (
        "2 lines, of unknown amount: in a file that leaves a question: Two columns could be the amount"
        in said
    )
    said = run("ingest", "madeup", code=1)
    assert "left out spend-05.csv: Two columns could be the amount" in said and len(in_lake()) == 28
    run("add", "--resume", "--body", "madeup", "--option", "*05.csv:columns=amount:Gross")
    assert ("2024-05-17", "12.00") in in_lake()


def test_a_question_met_while_loading_leaves_out_its_file_alone(add):
    """The order of dates is found when files of one layout are read together."""
    untold = PLAIN + "01/02/2024,A LTD,Adults,5.00\n"
    add({"a.csv": PLAIN + LINES, "b.csv": untold}, "--option", "a.csv:date_order=day first")
    entry = yaml.safe_load(bodies.lists_folder().joinpath("madeup.yml").read_text(encoding="utf-8"))
    bodies.lists_folder().joinpath("madeup.yml").write_text(
        yaml.safe_dump({key: value for key, value in entry.items() if key != "date_order"}), encoding="utf-8"
    )
    bodies.bodies.cache_clear()
    said = run("ingest", "madeup", code=1)
    assert "left out b.csv: The order of day and month cannot be told" in said
    assert (
        "2 lines, of unknown amount: in a file that leaves a question" in said and "loaded 28 lines" in said
    )


def test_siblings_tell_the_order_of_a_file_that_does_not(add):
    said = add({"a.csv": PLAIN + "05/06/2024,A LTD,Adults,1.00\n", "b.csv": PLAIN + LINES})
    assert "day first, as in the body's other files (a.csv)" in said
    assert ("2024-06-05", "1.00") in in_lake()


def test_each_file_is_read_in_its_own_order(add):
    add({"a.csv": PLAIN + LINES, "b.csv": PLAIN + "5/31/2024,A LTD,Adults,1.00\n"})
    assert ("2024-05-31", "1.00") in in_lake() and len(in_lake()) == 29


@pytest.mark.parametrize(
    ("text", "question", "options", "row"),
    [
        (
            "Date,Posting Date,Supplier,Amount\n30/04/2024,15/04/2024,A LTD,1\n",
            "Two columns could be the payment",
            ("--column", "payment_date=Posting Date"),
            ("2024-04-15", "1.00"),
        ),
        (
            "TX DAY,GROSS AMT,MERCHANT NAME,CAC DESC\n15/04/2024,1.00,oak supplies,Paper\n",
            "No header",
            ("--column", "payment_date=TX DAY", "--column", "amount=GROSS AMT"),
            ("2024-04-15", "1.00"),
        ),
        (
            PLAIN + "Apr-24,A LTD,Adults,1\n",
            "month and no day",
            ("--months", "first day"),
            ("2024-04-01", "1.00"),
        ),
        (
            "Payments in £000s,,,\n" + PLAIN + "15/04/2024,A LTD,Adults,1.5\n",
            "thousands",
            ("--factor", "1000"),
            ("2024-04-15", "1500.00"),
        ),
        (
            PLAIN + "2024-03-05,A LTD,Adults,1\n2024-11-05,A LTD,Adults,1\n17/05/2024,A LTD,Adults,1\n",
            "swapped",
            ("--swapped-dates", "mend"),
            ("2024-05-03", "1.00"),
        ),
        (
            PLAIN + '15/04/2024,A LTD,Adults,"1.234,50"\n15/04/2024,A LTD,Adults,"1,234.50"\n',
            "decimal comma",
            ("--numbers", "decimal point", "--allow-rejected", "1"),
            ("2024-04-15", "1234.50"),
        ),
    ],
    ids=["two_dates", "unknown_headings", "months", "thousands", "swapped", "decimal_comma"],
)
def test_every_question_has_an_answer_that_add_takes(add, text, question, options, row):
    with pytest.raises(LedgerError, match=question):
        add({"a.csv": text})
    add({"a.csv": text}, *options)
    assert row in in_lake()


def test_headings_are_shown_where_none_is_known(add):
    with pytest.raises(LedgerError, match="TX DAY \\| GROSS AMT \\| MERCHANT NAME"):
        add({"a.csv": "TX DAY,GROSS AMT,MERCHANT NAME\n15/04/2024,1.00,MRS JANE EXAMPLE\n"})


def test_a_field_may_have_several_headings(add):
    files = {
        "a.csv": "When,Whom,How much\n15/04/2024,A LTD,1\n",
        "b.csv": "Paid,Whom,Sum paid\n16/04/2024,B LTD,2\n",
    }
    columns = (
        "payment_date=When",
        "payment_date=Paid",
        "supplier=Whom",
        "amount=How much",
        "amount=Sum paid",
    )
    add(files, *(part for column in columns for part in ("--column", column)))
    assert in_lake() == [("2024-04-15", "1.00"), ("2024-04-16", "2.00")]


def test_names_of_files_may_hold_brackets(add):
    add({"April [final].csv": PLAIN + LINES, "May [final].csv": PLAIN + LINES.replace("/04/", "/05/")})
    assert len(in_lake()) == 56


def test_equal_lines_of_one_document_stay_two_payments(add):
    numbered = "".join(f"15/04/2024,A LTD,Adults,{100 + n}.00,{n}\n" for n in [*range(200), 199])
    said = add({"a.csv": PLAIN.rstrip() + ",Document No\n" + numbered})
    assert "transaction_numbers: document" in said and len(in_lake()) == 201
    assert "duplicates" not in run("ingest", "madeup")


def test_net_and_gross_files_are_not_one_sum(add):
    said = add(
        {
            "a.csv": PLAIN.replace("Amount", "Net Amount") + LINES,
            "b.csv": PLAIN.replace("Amount", "Gross Amount") + LINES,
        }
    )
    assert "amounts of several kinds do not add up to one sum: net 28 lines" in said


def test_a_sheet_that_repeats_another_is_said_and_counts_once(add, tmp_path):
    grid = [
        ["Payment Date", "Supplier Name", "Amount"],
        *(["15/04/2024", f"HOME {n} LTD", n] for n in range(1, 9)),
    ]
    book = tmp_path / "april.xlsx"
    book.write_bytes(workbook({"April": grid, "April for the website": grid}))
    assert "8 payments are those of april.xlsx!April" in run("add", str(book), "--body", "madeup")
    assert "duplicates 8 lines, £36.00, published before" in run("ingest", "madeup")


def test_lines_that_name_no_supplier_are_said(add):
    said = add({"a.csv": PLAIN + LINES + "29/04/2024,,Adults,5.00\n"})
    assert "look at 1 line, £5.00 of what is loaded, without the name of a supplier" in said


def test_a_column_of_numbers_that_is_named_later_is_used(add):
    numbered = PLAIN.rstrip() + ",Our No.\n" + LINES.replace(".00\n", ".00,A1\n")
    said = add({"a.csv": numbered})
    assert "transaction_numbers: none" in said and "unknown headings: 'Our No.'" in said
    said = run("add", "--resume", "--body", "madeup", "--column", "transaction_id=Our No.")
    assert "transaction_numbers: document" in said and "unknown headings" not in said


def test_a_kind_of_amount_is_not_guessed_from_other_files(add):
    add({"a.csv": PLAIN.replace("Amount", "Net Amount") + LINES * 2, "b.csv": PLAIN + LINES})
    said = run("ingest", "madeup")
    assert "amounts of several kinds do not add up to one sum: net 56 lines" in said
    run("add", "--resume", "--body", "madeup", "--option", "b.csv:amount_kind=net")
    assert "several kinds" not in run("ingest", "madeup")


def test_a_malformed_answer_is_refused(add):
    for options, said in (
        (("--column", "amount"), "A column is a field and its heading"),
        (("--column", "price=Amount"), "A column is a field and its heading"),
        (("--option", "date_order=day first"), "An option for some files"),
    ):
        with pytest.raises(LedgerError, match=said):
            add({"a.csv": PLAIN + LINES}, *options)


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["payments.csv", "details.csv"], "*.csv"),
        (["april_payments.csv", "may_payments.csv"], "*_payments.csv"),
        (["Spend 2019-04.csv", "Spend 2019-11.csv"], "Spend 2019-*.csv"),
        (["April [final].csv"], "April [[]final].csv"),
    ],
)
def test_a_pattern_of_names_holds_whole_words(names, pattern):
    """Letters that names share by chance would leave out the next month's file."""
    from commissioning.ingest.ledgers.adding import pattern_of

    assert pattern_of(names) == pattern
