"""Grants of one council: made-up lists, no recipient kept, and sums typed from another count of the lists."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError, SymbolError
from commissioning.base.paths import project
from commissioning.ingest import devon_grants

HEADER = ",".join(devon_grants.HEADINGS) + "\n"
LINES = (
    'Place,SfC,1/4/2015,31/03/2016,Village Hall,Charity No. 1234567,"Roof, and paint","1,000.50",Capital  \n'
    "Place,SfC,1/4/2015,31/03/2016,Choir,none,Sheet music,200,Revenue\n"
    "Place,SfC,1/4/2015,31/03/2016,Scouts,752,Tents,-50.25,Revenue\n"
    "People,CSW,1/4/2015,31/03/2016,Café,N/A,Chairs,0.1,Revenue\n"
)
TOTAL = ",,,,,,,1150.35,\n"


def count(text: str):
    return devon_grants.count_grants("devon_grants/x.csv", text.encode(), "2015")


def test_every_grant_is_counted_by_service_and_by_recipients_number():
    rows, account = count(HEADER + LINES + TOTAL)
    account.check()
    assert (account.loaded, account.furniture) == (4, {"header": 1, "the council's own total": 1})
    values = {
        (row["cut"], row["service"], row["money"], row["recipient"], row["measure"]): row["value"]
        for row in rows
    }
    assert values == {
        ("service", "SfC", "Capital", "", "grants"): 1,
        ("service", "SfC", "Capital", "", "amount"): 1000.5,
        ("service", "SfC", "Revenue", "", "grants"): 2,
        ("service", "SfC", "Revenue", "", "amount"): 149.75,
        ("service", "CSW", "Revenue", "", "grants"): 1,
        ("service", "CSW", "Revenue", "", "amount"): 0.1,
        ("recipient", "", "", devon_grants.CHARITY_OR_COMPANY, "grants"): 1,
        ("recipient", "", "", devon_grants.CHARITY_OR_COMPANY, "amount"): 1000.5,
        ("recipient", "", "", devon_grants.OTHER_NUMBER, "grants"): 1,
        ("recipient", "", "", devon_grants.OTHER_NUMBER, "amount"): -50.25,
        ("recipient", "", "", devon_grants.NO_NUMBER, "grants"): 2,
        ("recipient", "", "", devon_grants.NO_NUMBER, "amount"): 200.1,
    }
    assert "Village Hall" not in str(rows)
    assert "Roof" not in str(rows)


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (HEADER.replace("Amount", "Paid") + LINES, LayoutError, "Amount"),
        (HEADER + LINES.replace("Revenue", "Both", 1), LayoutError, "line 3"),
        (HEADER + LINES.replace("Choir", " "), LayoutError, "line 3"),
        (HEADER + LINES.replace("200", "two hundred"), SymbolError, 'line 3, column "Amount"'),
        (HEADER + LINES.replace("200", ""), SymbolError, 'line 3, column "Amount"'),
        (HEADER + LINES[:-20], OriginalError, "line 5"),
    ],
)
def test_bad_lists_are_named(text, error, says):
    with pytest.raises(error, match=says):
        count(text)


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    return pl.concat([pl.read_parquet(f) for f in sorted((project().raw / "devon_grants").glob("*.parquet"))])


@pytest.mark.parametrize(
    ("year", "grants", "amount"),
    [
        ("2014", 781, 3197205.17),
        ("2015", 673, 2818236.63),
        ("2016", 751, 3330576.73),
        ("2017", 590, 2452238.99),
    ],
)
def test_totals_of_the_lists(held, year, grants, amount):
    """Counted with the csv module and summed by hand from the council's lists; 2,795 grants in four years."""
    of_year = held.filter(year=year, cut="service").group_by("measure").agg(pl.col("value").sum())
    found = dict(of_year.rows())
    assert found["grants"] == grants
    assert found["amount"] == pytest.approx(amount, abs=0.005)


@pytest.mark.parametrize(
    ("year", "service", "money", "grants", "amount"),
    [
        ("2014", "Social Care Commissioning", "Revenue", 70, 408301.08),
        ("2014", "Public Health", "Revenue", 24, 558217),
        ("2014", "Highways", "Revenue", 1, 43021.07),
        ("2015", "SCC", "Revenue", 6, 21486),
        ("2015", "SfC", "Capital", 81, 699318.85),
        ("2016", "Public Health", "Revenue", 8, 125500),
        ("2016", "Youth", "Revenue", 1, 28250),
    ],
)
def test_golden_figures(held, year, service, money, grants, amount):
    found = held.filter(year=year, cut="service", service=service, money=money)
    assert found.filter(measure="grants")["value"].to_list() == [grants]
    assert found.filter(measure="amount")["value"].to_list() == pytest.approx([amount], abs=0.005)
