"""Sums by route that were made from the councils' files with another tool, held against the marts.

Each figure was added up line by line with Python's csv module and decimals, by label and date of payment,
without the ledger reader and the route rules. Where the files are on this machine they are added up again.
"""

from __future__ import annotations

import csv
import gzip
import io
import statistics
from decimal import Decimal

import duckdb
import pytest
import yaml
from conftest import ROOT

from commissioning.base.paths import Project

MIRROR = Project(ROOT).mirror

# body, label, first and last day of payment, pounds, payments
LABELS = [
    ("sheffield", "DIRECT PAYMENTS", "2012-04", "2013-03", "23673195.16", 13154),
    ("sheffield", "BLOCK CONTRACT", "2012-04", "2013-03", "14173117.93", 738),
    ("sheffield", "CITYWIDE SPOT", "2012-04", "2013-03", "7724743.67", 2254),
    ("devon", "Care Block - Private (3rd)", "2013-04", "2014-03", "2842554.98", 130),
    ("bradford", "Homecare Block", "2018-10", "2018-10", "260812.46", 7),
    ("calderdale", "Transfer Payments Individual Service Funds", "2018-04", "2019-03", "9529164.91", 118),
    ("leeds", "Supporting Ppl - Block Gross Chargeable", "2012-04", "2013-03", "13455073.00", 920),
    ("leeds", "Supporting People - Block Subsidy", "2012-04", "2013-03", "4477707.20", 506),
]

ROUTES = [
    # All lines less code 4260 (70,998.53) and the children's business units (64,232.58).
    ("sheffield", "direct_payment", "2012-13", "23537964.05"),
    ("sheffield", "spot", "2012-13", "7724743.67"),
    ("devon", "block", "2013-14", "2842554.98"),
    ("calderdale", "individual_service_fund", "2018-19", "9529164.91"),
    # Block Gross Chargeable, Block Subsidy and Block Gross (98,069.95).
    ("leeds", "block", "2012-13", "18030850.15"),
]

LABEL_HEADINGS = (
    "expensetype",
    "expensecodedescription",
    "detailedexpendituretype",
    "detailedexpensestype",
    "procurementclassification:council'sprocurementcategoryname",
    "expenditurecategory",
)


@pytest.mark.parametrize("body, route, year, expected", ROUTES)
def test_the_mart_has_the_sum_of_the_files(built_marts, body, route, year, expected):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        found = db.execute(
            "select sum(amount_cash_gbp) from mart_ledger_spend_by_route "
            "where body = ? and route = ? and financial_year = ?",
            [body, route, year],
        ).fetchone()[0]
    assert found == pytest.approx(float(expected), abs=0.005)


@pytest.mark.parametrize("body, label, first, last, expected, payments", LABELS)
def test_the_snapshot_has_the_sum_of_the_files(body, label, first, last, expected, payments):
    with duckdb.connect() as db:
        table = (ROOT / "data" / "raw" / f"ledger_{body}" / "monthly.parquet").as_posix()
        found = db.execute(
            f"select sum(amount_gbp), sum(payments) from '{table}' "
            "where expense_label = ? and month between cast(? || '-01' as date) and cast(? || '-01' as date)",
            [label, first, last],
        ).fetchone()
    assert found == (Decimal(expected), payments)


@pytest.mark.mirror
@pytest.mark.skipif(MIRROR is None, reason="needs the councils' files")
@pytest.mark.parametrize("body, label, first, last, expected, payments", LABELS)
def test_the_files_add_up_to_it(body, label, first, last, expected, payments):
    amounts = [
        amount
        for month, found, amount in lines(body, first, last)
        if found == label and first <= month <= last
    ]
    assert (sum(amounts), len(amounts)) == (Decimal(expected), payments)


# Middle payment above zero, payments. Direct payments are those of adults' code and portfolio.
MEDIANS = [
    ("DIRECT PAYMENTS", "direct_payment", "850.985", 14188),
    ("BLOCK CONTRACT", "block", "12236.88", 755),
    ("CITYWIDE SPOT", "spot", "853.76", 2241),
]
SUPPLIERS = [("2011-12", 23), ("2018-19", 4)]


@pytest.mark.parametrize("_, route, median, payments", MEDIANS)
def test_the_mart_has_the_medians_of_sheffield_s_files(built_marts, _, route, median, payments):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        found = db.execute(
            "select median_payment_gbp, payments from mart_ledger_supplier_concentration "
            "where body = 'sheffield' and financial_year = '2016-17' and route = ?",
            [route],
        ).fetchone()
    assert found == (pytest.approx(float(median)), payments)


@pytest.mark.mirror
@pytest.mark.skipif(MIRROR is None, reason="needs the councils' files")
@pytest.mark.parametrize("label, _, median, payments", MEDIANS)
def test_the_files_have_the_median(label, _, median, payments):
    amounts = [
        amount(cells)
        for cells in rows("sheffield", "2016-07", "2017-01")
        if label_of(cells) == label
        and (label != "DIRECT PAYMENTS" or (cells["expensecode"], cells["organisationalunit"]) == ADULTS)
    ]
    assert len(amounts) == payments
    assert statistics.median(one for one in amounts if one > 0) == Decimal(median)


@pytest.mark.parametrize("year, suppliers", SUPPLIERS)
def test_the_mart_has_the_block_suppliers_of_devon_s_files(built_marts, year, suppliers):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        found = db.execute(
            "select suppliers from mart_ledger_supplier_concentration "
            "where body = 'devon' and route = 'block' and financial_year = ?",
            [year],
        ).fetchone()
    assert found == (suppliers,)


@pytest.mark.mirror
@pytest.mark.skipif(MIRROR is None, reason="needs the councils' files")
@pytest.mark.parametrize("year, suppliers", SUPPLIERS)
def test_the_files_name_as_many_block_suppliers(year, suppliers):
    first, last = f"{year[:4]}-04", f"20{year[5:]}-03"
    names = {
        " ".join(cells["suppliername"].upper().removesuffix(" LTD").split())
        for cells in rows("devon", first, last)
        if "Care Block" in label_of(cells) and first <= month_of(cells) <= last
    }
    assert len(names - {"REDACTED UNDER DP ACT"}) == suppliers


ADULTS = ("9190", "COMMUNITIES")


def lines(body: str, first: str, last: str):
    """Month of payment, label and amount of every line in a ledger's files of the months and those beside."""
    for cells in rows(body, first, last):
        try:
            yield month_of(cells), label_of(cells), amount(cells)
        except ArithmeticError:
            continue  # a blank line, or an amount that is withheld


def month_of(cells: dict[str, str]) -> str:
    date = next(cells[k] for k in ("date", "gldate", "paymentdate", "datepaid") if k in cells)
    return date[:7] if date[4:5] == "-" else f"{date[6:10]}-{date[3:5]}"


def label_of(cells: dict[str, str]) -> str:
    return next(cells[k] for k in LABEL_HEADINGS if k in cells).strip()


def amount(cells: dict[str, str]) -> Decimal:
    text = next(cells[k] for k in ("amount", "invoicedvalue", "netamount") if k in cells)
    return Decimal(text.replace(",", "").strip())


def rows(body: str, first: str, last: str):
    """Cells by heading of every line in a ledger's files of the months and those beside."""
    for file in sorted((MIRROR / f"ledger_{body}").glob("*.csv.gz")):
        digits = "".join(c for c in file.name.removeprefix("DCCSpendingOver500_") if c.isdigit())[:6]
        if "card" in file.name or not back(first, 3) <= f"{digits[:4]}-{digits[4:]}" <= back(last, -2):
            continue
        data = gzip.decompress(file.read_bytes())
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252")
        for row in csv.DictReader(io.StringIO(text, newline="")):
            yield {"".join(k.lower().split()): v for k, v in row.items() if k}


def back(month: str, months: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 - months, 12)
    return f"{year}-{number + 1:02d}"


def test_sheffield_shows_most_direct_payments_and_devon_a_hundredth(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        rows = db.execute(
            "select body, financial_year, official_basis, ratio, can_carry_comparison "
            "from mart_ledger_coverage where ratio is not null and months_in_series = 12"
        ).fetchall()
    ratios = {(body, year, basis): (ratio, carries) for body, year, basis, ratio, carries in rows}
    # 23,537,964.05 of 27,379,000 that the return has (EX1 2012-13, unit costs).
    assert ratios["sheffield", "2012-13", "B"] == (pytest.approx(23537964.05 / 27379000), True)
    devon = [value for (body, _, _), value in ratios.items() if body == "devon"]
    assert all(ratio < 0.016 and not carries for ratio, carries in devon)


# What the label names, and the groups and ages of the return that come nearest to it.
NEWCASTLE = {
    "LD": "client_group = 'learning_disability'",
    "MH": "client_group = 'mental_health'",
    "PD": "client_group in ('physical_support', 'sensory_support') and age_band = '18-64'",
    "OP": "age_band = '65+'",
}


def test_newcastle_s_ledger_is_above_its_return_by_as_much_as_its_problems_say(built_marts):
    table = (ROOT / "data" / "raw" / "ledger_newcastle-upon-tyne" / "monthly.parquet").as_posix()
    where = "area_id = 'newcastle-upon-tyne' and support_setting = 'direct_payments' and basis = 'C'"
    with duckdb.connect(str(built_marts), read_only=True) as db:

        def ratio(label: str, year: str, groups: str = "true") -> float:
            return db.execute(
                f"select (select sum(amount_gbp) from '{table}' where expense_label like ? "
                "and financial_year = ?) / sum(amount_cash_gbp) from mart_social_care_spend "
                f"where {where} and grain = 'leaf' and financial_year = ? and ({groups})",
                [f"Direct Payments {label}", year, year],
            ).fetchone()[0]

        totals = [ratio("%", year) for year in ("2017-18", "2021-22")]
        by_group = {label: ratio(label, "2017-18", groups) for label, groups in NEWCASTLE.items()}
    (problem,) = (p for p in problems("ledger_newcastle-upon-tyne") if p.startswith("Direct payments"))
    assert [f"{one:.1f} times" in problem for one in totals] == [True, True]
    assert "between about one and a half and more than two times" in problem
    assert 1.4 < min(by_group.values()) < 1.6 and 2 < max(by_group.values()) < 2.5


def test_devon_s_step_up_has_about_as_many_lines(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        (lines_before, lines_after), (before, after) = zip(
            *db.execute(
                "select sum(payments), sum(amount_cash_gbp) from mart_ledger_spend_by_route "
                "where body = 'devon' and route = 'spot' and support_setting = 'residential_and_nursing' "
                "and financial_year in ('2016-17', '2017-18') group by financial_year order by financial_year"
            ).fetchall(),
            strict=True,
        )
    assert 1.2 < after / before < 1.3 and 0.9 < lines_after / lines_before < 1
    (problem,) = (p for p in problems("ledger_devon") if p.startswith("Care-home payments"))
    assert "by about a quarter" in problem and "with about as many lines" in problem


def problems(dataset: str) -> list[str]:
    entry = yaml.safe_load((ROOT / "ingest" / "catalogue" / f"{dataset}.yml").read_text(encoding="utf-8"))
    return entry["editions"][0]["known_problems"]


def test_what_is_noted_of_a_stretch_is_what_its_files_hold():
    """Devon's code 5707 and the other label of housing support; Newcastle's file of April 2017."""
    with (ROOT / "dbt" / "seeds" / "ledger_series.csv").open(encoding="utf-8") as file:
        notes = {(row["body"], row["first_month"]): row["note"] for row in csv.DictReader(file)}
    raw = duckdb.connect()
    raw.execute("set threads = 1")
    devon = ROOT / "data" / "raw" / "ledger_devon" / "monthly.parquet"

    def booked(code: str, first: str, last: str) -> float:
        return raw.execute(
            f"select cast(sum(amount_gbp) as double) / 1e6 from '{devon}' "
            "where expense_code = ? and month between ? and ?",
            [code, f"{first}-01", f"{last}-01"],
        ).fetchone()[0]

    before = f"against £{booked('5707', '2019-04', '2020-03'):.1f} million in 2019-20"
    for month, last in (("2020-06", "2022-03"), ("2021-04", "2022-03"), ("2022-04", "2023-03")):
        amount = booked("5707", month, last)
        note, shown = notes["devon", f"{month}-01"], f"{amount:.0f}" if amount > 10 else f"{amount:.1f}"
        assert f"£{shown} million" in note and before in note and "5708" not in note
    assert booked("5708", "2019-04", "2020-03") == pytest.approx(
        booked("5708", "2020-04", "2021-03"), abs=0.01
    )

    newcastle = ROOT / "data" / "raw" / "ledger_newcastle-upon-tyne" / "monthly.parquet"
    lines = dict(
        raw.execute(
            f"select strftime(month, '%m'), sum(payments) from '{newcastle}' "
            "where month between '2017-03-01' and '2017-05-01' group by all"
        ).fetchall()
    )
    assert all(0.45 < lines["04"] / lines[beside] < 0.56 for beside in ("03", "05"))
    assert "about half as many lines" in notes["newcastle-upon-tyne", "2017-04-01"]
    # Of the codes and labels in use before April 2011 few are left in the year that follows.
    kept = raw.execute(
        f"""
        with used as (select distinct month < '2011-04-01' as is_before, expense_code, expense_label
            from '{devon}' where month < '2012-04-01')
        select count(distinct expense_code) filter (where is_before),
            count(distinct expense_code) filter (where is_before and expense_code in
                (select expense_code from used where not is_before)) from used
        """
    ).fetchone()
    assert kept == (399, 28) and "nearly every expense code" in notes["devon", "2011-04-01"]
