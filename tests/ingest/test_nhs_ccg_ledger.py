"""Payments of NHS groups: made-up monthly files with the traps of the merge, sums typed from held files."""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal

import polars as pl
import pytest

from commissioning.base.errors import LayoutError
from commissioning.base.paths import project
from commissioning.ingest import nhs_ccg_ledger

HEADER = "date,expensetype,expensearea,supplier,transactionnumber,amount,file,negative\n"
TRUST, VOLUNTARY = "Hcare Srv Rec NHS Trust-Contract Baseline", "Clinical&Medical-Voluntary Sector"
APRIL = (
    f"30/04/2020,{TRUST},MENTAL HEALTH CONTRACTS,MADE UP NHS TRUST,1,100.0,NWBR 01 - April.pdf.csv,1\n"
    '30/04/2020,"Hcare Srv Rec NHS Trust?Contract \nBaseline",'
    "MENTAL HEALTH CONTRACTS,MADE UP NHS TRUST,2,-30.5,NWBR 01 - April.pdf.csv,-1\n"
    f"30/04/2020,{VOLUNTARY},DEMENTIA,LONDON BOROUGH OF SOMEWHERE,3,7.0,NWBR 01 - April.pdf.csv,1\n"
)
MAY = f"31/05/2020,DEMENTIA,{VOLUNTARY},,4,5.0,NWBR 02 - May.pdf.csv,1\n"
SHIFTED = f"31/05/2020,{VOLUNTARY},,32339638,102000,27851.0,NWBR 03 - June.pdf.csv,1\n"
NO_AMOUNT = "31/05/2020,Rent,FINANCE,SOMEBODY LTD,9,,NWBR 03 - June.pdf.csv,1\n"


def counted(text: str, path: str = "x/NWBR.csv"):
    rows, account = nhs_ccg_ledger.read_payments(path, text.encode())
    account.check()
    return rows, account


def test_payments_are_counted_by_label():
    rows, account = counted(HEADER + APRIL)
    assert [
        (r["expense_area"], r["expense_type"], r["payee_kind"], r["payments"], r["value"]) for r in rows
    ] == [
        ("MENTAL HEALTH CONTRACTS", "Hcare Srv Rec NHS Trust-Contract Baseline", "other NHS body", 2, 69.5),
        ("DEMENTIA", "Clinical&Medical-Voluntary Sector", "council", 1, 7.0),
    ]
    assert {r["month"] for r in rows} == {"2020-04"}
    assert rows[0]["source_locator"] == "line 2 and 1 more with the same labels"
    assert account.loaded == 3
    assert not any("MADE UP" in str(value) for row in rows for value in row.values())


def test_labels_under_each_others_heading_are_put_right_by_monthly_file():
    rows, _ = counted(HEADER + APRIL + MAY)
    assert [r["expense_area"] for r in rows if r["month"] == "2020-05"] == ["DEMENTIA"]
    assert rows[-1]["payee_kind"] == "none"


def test_a_misspelt_heading_is_the_area():
    rows, _ = counted(HEADER.replace("expensearea", "exepnsearea") + APRIL)
    assert rows[0]["expense_area"] == "MENTAL HEALTH CONTRACTS"


def test_what_cannot_be_read_is_rejected_with_its_reason():
    rows, account = counted(HEADER + APRIL + SHIFTED + NO_AMOUNT)
    assert account.rejected == {nhs_ccg_ledger.SHIFTED: 1, nhs_ccg_ledger.NO_AMOUNT: 1}
    assert sum(r["value"] for r in rows) == 76.5


def test_another_groups_month_is_left_out():
    copy = APRIL.replace("NWBR 01 - April.pdf.csv", "NEWF 10 - January.pdf.csv")
    rows, account = counted(HEADER + APRIL + copy, "x/NEWF.csv")
    assert account.furniture == {"header": 1, nhs_ccg_ledger.COPIED: 3}
    assert {r["month"] for r in rows} == {"2020-04"}


def test_a_copy_that_is_not_known_is_refused():
    one, _ = counted(HEADER + APRIL)
    other, _ = counted(HEADER + APRIL, "x/NWHO.csv")
    with pytest.raises(LayoutError, match="same payments in a month"):
        nhs_ccg_ledger.refuse_copies(one + other)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEADER.replace("negative", "sign") + APRIL, "negative"),
        (HEADER.replace("expensearea", "area") + APRIL, "expensearea"),
        (HEADER + APRIL.replace("-30.5", "30.5"), "line 3"),
        (HEADER + APRIL.replace("100.0", "a lot"), "line 2"),
        (HEADER + APRIL.replace("NWBR 01 - April.pdf.csv", "NWBR 13 - April.pdf.csv"), "outside the year"),
        (HEADER + APRIL.replace("NWBR 01 - April.pdf.csv", "april"), "line 2"),
    ],
)
def test_bad_files_are_named(text, says):
    with pytest.raises(LayoutError, match=says):
        counted(text)


def test_only_public_bodies_are_told_apart_by_name():
    kinds = [
        nhs_ccg_ledger.payee_kind(name)
        for name in ("Oxleas NHS Foundation Trust", "Barts NHS", "A Surgery", " ")
    ]
    assert kinds == ["mental health trust", "other NHS body", "other", "none"]


def test_a_file_of_no_known_group_is_refused():
    with pytest.raises(LayoutError, match="no known group"):
        counted(HEADER + APRIL, "x/ABC.csv")


def snapshot() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "nhs_ccg_ledger" / "2020-21_london.parquet")


@pytest.mark.parametrize(
    ("code", "month", "payments", "pounds"),
    [
        # Counted and summed with the csv module from the monthly files within the column file.
        ("NCL", "2020-04", 1523, 329039450),
        ("NEBD", "2020-04", 132, 79683951),
        ("NEHV", "2020-09", 344, 30836874),
        ("NENW", "2021-03", 1082, 28467765),
        ("NETH", "2021-01", 284, 65072496),
        (
            "NETH",
            "2020-05",
            107,
            1020559,
        ),  # 112 and 1,050,486 less five payments in shifted columns, of 29,927
        ("NWBR", "2020-11", 453, 38477945),
        ("NWHF", "2020-10", 299, 23019263),
        ("NWHI", "2020-06", 574, 33685761),
        ("SEL", "2020-12", 2546, 333747451),
        ("SWL", "2021-01", 2263, 107534711),  # five more have no amount
    ],
)
def test_golden_sums(code, month, payments, pounds):
    held = snapshot().filter(ccg_code=code, month=month)
    assert (held["payments"].sum(), held["value"].sum()) == (payments, pounds)


def test_months_held_by_group():
    months = snapshot().group_by("ccg_code").agg(pl.col("month").n_unique()).rows()
    whole = dict.fromkeys(("NCL", "NEBD", "NEHV", "NERD"), 12)
    eight = dict.fromkeys(("NWCL", "NWHA", "NWHI", "NWHO", "NWWL", "SEL"), 8)
    fewer = {"NETH": 11, "NENW": 10, "NEWF": 9, "NWEA": 7, "NWHF": 7, "NWBR": 6, "SWL": 6}
    assert dict(months) == whole | eight | fewer


@pytest.mark.mirror
@pytest.mark.skipif(project().mirror is None, reason="no mirror of publishers' originals on this machine")
def test_the_column_as_it_stands_gives_the_smaller_sum():
    """Whoever trusts the headings finds 325.3m for mental health: swapped and misspelt ones hide 81m."""
    total = Decimal(0)
    for file in sorted((project().mirror / "nhs_ccg_ledger" / "2020-21_london").glob("*.csv.gz")):
        with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                area = " ".join((row.get("expensearea") or "").upper().split())
                if any(word in area for word in ("MENTAL HEALTH", "PSYCHOLOGICAL", "DEMENTIA")):
                    total += Decimal(row["amount"])
    assert total == 325283416
    area = pl.col("expense_area").str.to_uppercase()
    assert (
        snapshot().filter(area.str.contains("MENTAL HEALTH|PSYCHOLOGICAL|DEMENTIA"))["value"].sum()
        == 406228588
    )
