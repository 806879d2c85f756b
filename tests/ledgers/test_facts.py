"""What the publishers' files say, typed from them, against the lake's snapshot; and the 107 odd files."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import polars as pl
import pytest

from commissioning.base.paths import project
from commissioning.ingest.catalogue import catalogue
from commissioning.ingest.ledgers import headers, payees, reader
from commissioning.ingest.ledgers.bodies import bodies, body_named
from commissioning.ingest.snapshot import held_editions, table_paths

LEDGERS = [edition for edition in held_editions() if edition.tables]
mirror = pytest.mark.skipif(
    project().mirror is None, reason="no mirror of publishers' originals on this machine"
)


def table(body: str, name: str) -> pl.DataFrame:
    edition = catalogue()[f"ledger_{body}"].held[0]
    return pl.read_parquet(table_paths(edition)[name])


def count(files: pl.DataFrame, column: str, kind: str) -> int:
    return files.select(pl.col(column).str.extract(rf"(?:^|, ){kind} (\d+)", 1).cast(pl.Int64).sum()).item()


def test_devons_blank_and_padding_lines_and_totals_are_no_payments():
    files = table("devon", "files")
    assert files.height == 183
    assert count(files, "furniture", "blank") == 16_874
    assert count(files, "furniture", "padding") == 1_622
    totals = files.filter(pl.col("totals_gbp") != 0)
    assert totals["source_file"].str.extract(r"(\d{6})").to_list() == ["202512", "202601", "202602", "202603"]
    assert totals["totals_gbp"].sum() == Decimal("166908706.81")
    assert files["lines_rejected"].sum() == 0


# Added up from the publisher's files with Python's csv module and decimal, line by line.
DEVON_FILES = [
    ("201101", 7_012, "28663931.81"),
    ("201806", 7_752, "48315273.64"),
    ("202512", 2_164, "38360526.29"),
]


@pytest.mark.parametrize(("month", "lines", "gbp"), DEVON_FILES)
def test_devons_months_add_up_to_the_publishers_files(month, lines, gbp):
    file = table("devon", "files").filter(pl.col("source_file").str.contains(month)).row(0, named=True)
    assert (file["lines_loaded"], file["loaded_gbp"]) == (lines, Decimal(gbp))


def test_devons_payments_of_february_2020_are_counted_once():
    """1,495 payments of 3 to 7 February, GBP 8.45m, are in the files of January and of February."""
    files = table("devon", "files")
    flagged = {
        row["source_file"][-10:-4]: (row["duplicate_payments"], row["duplicate_gbp"])
        for row in files.filter(pl.col("duplicate_payments") > 0).iter_rows(named=True)
    }
    assert flagged["202002"][0] == 1_495
    assert round(flagged["202002"][1], -4) == Decimal("8450000")
    # The two files hold 10,235 and 7,718 lines.
    january, february = (files.filter(pl.col("source_file").str.contains(m)) for m in ("202001", "202002"))
    assert (january["lines_loaded"].item(), february["lines_loaded"].item()) == (10_235, 7_718)
    monthly = table("devon", "monthly").filter(
        pl.col("month").is_between(pl.date(2020, 1, 1), pl.date(2020, 2, 1))
    )
    assert monthly["payments"].sum() + 1_495 == 10_235 + 7_718


def test_within_a_file_few_lines_of_devon_are_taken_for_duplicates():
    """Equal in every column: 15 lines of March 2011, one of January 2012, GBP 50,392.69 in all."""
    files = table("devon", "files").filter(pl.col("duplicate_payments") > 0)
    files = files.filter(~pl.col("source_file").str.contains("202002"))
    found = dict(zip(files["source_file"].str.extract(r"(\d{6})"), files["duplicate_payments"], strict=True))
    assert found == {"201103": 15, "201201": 1}
    assert files["duplicate_gbp"].sum() == Decimal("50392.69")


def test_sheffields_redacted_amounts_are_rejected_by_name():
    rejects = table("sheffield", "files").filter(pl.col("lines_rejected") > 0)
    assert rejects.select("source_file", "rejects").rows() == [("2014-04.csv", "amount redacted 2528")]


def test_calderdales_cards_of_february_2020_are_those_of_2019():
    files = table("calderdale", "files").filter(
        pl.col("source_file").is_in(["2019-02-card.csv", "2020-02-card.csv"])
    )
    assert files["sha256"].n_unique() == 1
    assert files["duplicate_payments"].to_list() == [0, 1_937]


def test_calderdales_personal_budgets_say_for_which_clients():
    budgets = table("calderdale", "monthly").filter(pl.col("payment_kind") == "Personal Budgets")
    groups = budgets.group_by("client_group").agg(pl.col("payments").sum()).drop_nulls()
    assert set(groups["client_group"]) >= {"Dementia", "Learning Disabilities", "Physically Disabled"}
    assert groups["payments"].sum() > 0.99 * budgets["payments"].sum()
    booked = budgets.filter(pl.col("client_group").is_not_null())
    assert booked["payee_class"].unique().to_list() == ["unknown"]
    assert booked["amount_gbp"].sum() == Decimal("156585163.00")


def test_bradford_leaves_four_lines_in_five_of_three_months_without_a_code_and_no_other():
    """Counted with Python's csv module: every line without a code is without a category as well."""
    months = table("bradford", "monthly").with_columns(
        (pl.col("payments") + pl.col("duplicate_payments")).alias("lines")
    )
    lines = dict(months.group_by("month").agg(pl.col("lines").sum()).iter_rows())
    bare = months.filter(pl.col("expense_code").is_null())
    assert bare["expense_label"].null_count() == bare.height == months["expense_label"].null_count()
    found = bare.group_by("month").agg(pl.col("lines").sum()).sort("month").rows()
    assert found == [(dt.date(2018, 5, 1), 9_411), (dt.date(2018, 7, 1), 8_030), (dt.date(2018, 8, 1), 7_984)]
    assert [lines[month] for month, _ in found] == [11_556, 10_058, 9_960]


@pytest.mark.parametrize("edition", LEDGERS, ids=lambda edition: edition.dataset)
def test_every_line_and_penny_of_every_file_is_accounted_for(edition):
    files = pl.read_parquet(table_paths(edition)["files"])
    lines = files["lines_loaded"] + files["lines_rejected"] + files["lines_furniture"]
    assert lines.to_list() == files["lines_read"].to_list()
    money = files["loaded_gbp"] + files["rejected_gbp"] + files["totals_gbp"]
    assert money.to_list() == files["read_gbp"].to_list()
    monthly = pl.read_parquet(table_paths(edition)["monthly"])
    assert monthly["payments"].sum() + monthly["duplicate_payments"].sum() == files["lines_loaded"].sum()
    assert monthly["amount_gbp"].sum() + monthly["duplicate_amount_gbp"].sum() == files["loaded_gbp"].sum()


@pytest.mark.parametrize("edition", LEDGERS, ids=lambda edition: edition.dataset)
def test_the_snapshot_names_no_supplier_and_no_person(edition):
    """No column could hold a payee, and no label has the form of a title and a name."""
    for path in table_paths(edition).values():
        found = pl.read_parquet(path)
        assert not {"supplier", "supplier_id", "transaction_id", "invoice_number", "description"} & set(
            found.columns
        )
        for column in found.select(pl.col(pl.String)).columns:
            texts = found[column].drop_nulls().unique().str.to_uppercase()
            titled = texts.filter(texts.str.contains(r"^(?:MR|MRS|MISS|MS) [A-Z]|\b(?:MR|MRS|MISS)$"))
            assert titled.to_list() == [], column
        for column in {*payees.LABELS, "client_group"} & {*found.columns}:
            assert payees.masked_labels(found[column].drop_nulls()) == {}, column


@mirror
@pytest.mark.mirror
def test_no_payee_of_the_ledgers_stands_in_the_snapshot_as_a_person(tmp_path, monkeypatch):
    """Every name that the reader takes for a person in one file of each body is nowhere in the snapshot."""
    for edition in LEDGERS:
        body = body_named(edition.dataset.removeprefix("ledger_"))
        file = edition.files[len(edition.files) // 2]
        path = project().mirror / file.path
        reading = reader.read_path(path if path.exists() else path.with_name(path.name + ".gz"), body)
        marked = payees.mark(reading.payments, body)
        people = set(reading.payments.filter(marked["payee_class"] == "person")["supplier"].drop_nulls())
        assert people and payees.PERSON in set(marked["supplier"])
        for place in table_paths(edition).values():
            found = pl.read_parquet(place).select(pl.col(pl.String))
            held = {text for column in found.columns for text in found[column].unique()}
            assert not held & people


@mirror
@pytest.mark.mirror
def test_all_107_files_of_hyndburn_load_and_lose_nothing():
    body = body_named("hyndburn")
    files = sorted((project().mirror / body.folder).glob("*"))
    assert len(files) == 107
    accounts = [account for file in files for account in reader.read_path(file, body).accounting]
    assert sum(account.lines_loaded for account in accounts) == 35_961
    assert not any(account.rejected for account in accounts)
    # Three months have their header in the last line, where a sort has put it.
    assert sum(account.header_line is None for account in accounts) == 3


def test_every_heading_of_the_published_schemas_is_known():
    """The LGA's and the Treasury's names of fields, each known to the table of aliases."""
    lga = re.findall(
        r"\w+",
        """OrganisationLabel OrganisationURI OrganisationalUnit ServiceCategoryLabel ServiceCategoryURI
    BeneficiaryName BeneficiaryOtherID CompaniesHouseRegistrationNumber CharityCommissionNumber VCSEGrant
    PaymentDate TransactionNumber Amount IrrecoverableVATAmount Purpose CategoryInternalName CPVLabel CPVCode
    ProclassLabel ProclassCode CardTransaction ContractRef""",
    )
    treasury = [
        "Department family",
        "Entity",
        "Date",
        "Expense type",
        "Expense area",
        "Supplier",
        "Transaction number",
        "Amount",
    ]
    unknown = [name for name in lga + treasury if headers.words(name) not in headers.aliases()]
    assert unknown == []


def test_every_body_is_sound():
    assert set(bodies()) >= {"bradford", "calderdale", "devon", "hyndburn", "leeds", "sheffield"}
    assert set(bodies()) >= {"newcastle-upon-tyne", "wakefield"}


DOMICILIARY = "Independent Sector Domiciliary Care (Private Contractors)"


@pytest.mark.parametrize(
    ("body", "label", "first", "last", "pounds", "payments"),
    [
        # Counted and summed with Python's csv module from the publishers' lines.
        ("newcastle-upon-tyne", "Direct Payments LD", (2017, 4), (2018, 3), "5027361.86", 2734),
        ("newcastle-upon-tyne", "Direct Payments MH", (2021, 4), (2022, 3), "276372.92", 155),
        ("newcastle-upon-tyne", "Home Care-Spot Purchased OP", (2019, 7), (2019, 7), "1663245.67", 89),
        ("newcastle-upon-tyne", "Home Care-Personal OP", (2019, 5), (2019, 5), "614005.39", 20),
        ("newcastle-upon-tyne", "Crisis Response Block Gross", (2020, 4), (2021, 3), "3776138.74", 32),
        ("newcastle-upon-tyne", "Supported Living LD", (2022, 1), (2022, 1), "3029723.01", 108),
        ("wakefield", "Individual Service Fund (ISF)", (2016, 7), (2019, 3), "441463.13", 238),
        ("wakefield", "Supporting People Payments", (2018, 4), (2019, 3), "4517530.28", 120),
        ("wakefield", "Managed Account (Private Contractors)", (2017, 4), (2018, 3), "201360.16", 97),
        ("wakefield", "Adult Service Contracts", (2018, 4), (2019, 3), "13322762.02", 468),
        ("wakefield", DOMICILIARY, (2016, 4), (2017, 3), "12978181.28", 732),
        ("wakefield", DOMICILIARY, (2017, 4), (2018, 3), "18301159.81", 1030),
        ("wakefield", "Agency Staff", (2018, 4), (2019, 3), "8255434.86", 6134),
    ],
)
def test_a_label_has_the_lines_of_the_files(body, label, first, last, pounds, payments):
    of_label = table(body, "monthly").filter(
        pl.col("expense_label") == label, pl.col("month").is_between(dt.date(*first, 1), dt.date(*last, 1))
    )
    amount = of_label["amount_gbp"].sum() + of_label["duplicate_amount_gbp"].sum()
    assert (amount, of_label["payments"].sum() + of_label["duplicate_payments"].sum()) == (
        Decimal(pounds),
        payments,
    )


def test_newcastle_and_wakefield_have_every_line():
    """402,049 and 87,463 lines under the headers; the last of April 2017 is cut off before its amount."""
    loaded = {
        body: table(body, "files")["lines_loaded"].sum() for body in ("newcastle-upon-tyne", "wakefield")
    }
    assert loaded == {"newcastle-upon-tyne": 402_048, "wakefield": 87_463}


def test_the_catalogue_alone_tells_of_a_ledger_that_it_lists():
    """A body's own file says how it is read; what a reader must know of it stands once."""
    for name, body in bodies().items():
        if dataset := catalogue().get(f"ledger_{name}"):
            (edition,) = dataset.held
            told = (dataset.title, edition.publisher, edition.licence)
            assert (body.title, body.publisher, body.licence) == told, name
            assert body.known_problems == (), f"{name}: say it in ingest/catalogue/ledger_{name}.yml"
