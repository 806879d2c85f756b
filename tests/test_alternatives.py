"""An alternative is the same quantity in the same unit: what the register refuses, what the pages say."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT

from commissioning.base.errors import RenderError
from commissioning.base.paths import Project
from commissioning.numbers import alternatives, headlines

HERE = Project(ROOT)
KINDS = headlines.kinds(HERE)
PAGES = sorted((HERE.site / "numbers").glob("*.html"))
REAL = "pounds at 2024-25 prices"
SHARE = (
    "from mart_direct_payment_share where area_id = 'england' and basis = 'C' and financial_year = '2021-22'"
)
DEFLATOR = {
    "kind": "deflator", "unit": REAL, "label": "By CPI",
    "sql": "select price_index, direct_payments_cash_gbp * to_real from mart_direct_payment_share "
    "inner join dim_deflator using (financial_year) where area_id = 'england' and basis = 'C' "
    "and financial_year = '2021-22' and price_index in ('CPI', 'CPIH')",
}  # fmt: skip


def entry(choices=None, *, unit="share", sql=f"select share {SHARE}", related=(), **rest) -> dict:
    choices = {"none": "made up"} if choices is None else choices
    return {
        "file": Path("reports/made-up.yml"), "unit": unit, "sql": sql, "format": "percent.1",
        "alternatives": choices, "related": list(related), **rest,
    }  # fmt: skip


def choice(kind="sample", unit="share", label="Other terms", sql=f"select 'x', share {SHARE}") -> dict:
    return {"kind": kind, "unit": unit, "label": label, "sql": sql}


def sums(unit: str, column: str, rest: str = SHARE) -> dict:
    return choice(unit=unit, sql=f"select 'Sum', sum({column}) {rest}")


EVERY_YEAR = (
    "select financial_year, share from mart_direct_payment_share where area_id = 'england' and basis = 'C' "
    "order by financial_year"
)
OLDER = f"select 'x', share {SHARE} and age_band = '65+'"
REAL_SUM, CASH_SUM = (f"select direct_payments_{kind}_gbp {SHARE}" for kind in ("real", "cash"))
CASH_BY_REGION = {"label": "By region", "unit": REAL, "sql": CASH_SUM}
LEDGER = "select ratio from mart_ledger_coverage where body = 'devon'"

REFUSED = {
    # As the register of 0.2.0 had them: no kind, no unit.
    "no kind": (entry([{"label": "Other years", "sql": "select 1"}]), "not complete"),
    "unknown kind": (entry([choice("other years")]), "unknown kind.*other years"),
    "a kind for bases": (entry([choice("basis")]), "unknown kind.*basis"),
    "another unit": (entry([choice(unit="people")]), "another unit.*people"),
    "no reason": (entry({"none": ""}), "neither a list nor none"),
    "another year": (
        entry([choice(sql=f"select 'x', share {SHARE}".replace("2021-22", "2017-18"))]),
        "another thing.*2017-18",
    ),
    "every year": (entry([choice(sql=EVERY_YEAR)]), "another thing.*financial_year = '2021-22'"),
    "another basis": (
        entry([choice(sql=f"select 'x', share {SHARE}".replace("'C'", "'A'"))]),
        "another thing.*basis",
    ),
    "another age": (entry([choice(sql=OLDER)]), "another thing.*age_band"),
    # As council_dp_real_c_2021_22 had it: East Midlands GBP 205.3m, which are the pounds of the time.
    "cash as real terms": (
        entry([DEFLATOR, sums(REAL, "direct_payments_cash_gbp")], unit=REAL, sql=REAL_SUM),
        "Cash stands where the unit says real terms",
    ),
    "cash as related real terms": (entry(related=[CASH_BY_REGION]), "Cash stands where the unit says real"),
    "real terms as cash": (
        entry([sums("pounds, cash", "direct_payments_real_gbp")], unit="pounds, cash", sql=CASH_SUM),
        "Real terms stand",
    ),
    "a number that hides its prices": (entry(sql=REAL_SUM, unit="pounds"), "Real terms stand"),
    "no other index": (entry(unit=REAL, sql=REAL_SUM), "not shown by another price index"),
    "no strict grades": (entry([choice(sql=LEDGER)], sql=LEDGER), "strict grades"),
    "no SQL": (entry([choice(sql="selec 1")]), "no query.*syntax error.*selec 1"),
    # As the payments of London's groups were: 35,422,164,500.0% of pounds.
    "pounds written as per cent": (
        entry(related=[{"label": "By sector", "unit": "pounds, cash", "sql": CASH_SUM}]),
        "another kind than its number.*By sector.*pounds",
    ),
    "related without a unit": (entry(related=[{"label": "x", "sql": "select 1"}]), "related is not complete"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_alternative_is_refused_by_name(case):
    refused, found = REFUSED[case]
    with pytest.raises(RenderError, match=f"(?s){found}") as error:
        alternatives.check("share_of_x", refused, KINDS)
    for word in ("share_of_x", "made-up.yml", "what to do"):
        assert word in str(error.value)


def test_what_is_an_alternative_is_taken():
    summed = f"select 'Sum', sum(share) {SHARE}".replace("area_id = 'england'", "area_level = 'council'")
    alternatives.check("share_of_x", entry([choice(sql=summed)]), KINDS)
    by_sector = {"label": "By sector", "unit": "pounds, cash", "format": "gbp_million.1", "sql": CASH_SUM}
    alternatives.check("share_of_x", entry(related=[by_sector]), KINDS)
    real = entry([DEFLATOR], unit=REAL, sql=f"select direct_payments_real_gbp {SHARE}")
    alternatives.check("real_x", real, KINDS)


@pytest.mark.parametrize(
    ("value", "format", "kind", "rows", "found"),
    [
        # As claim_direct_payments_share, ro3_difference_total_cash_2022_23 and fx_specifications had them.
        (0.0056, "percent.2", "sample", [("a", 0.76), ("b", 0.80)], "outside the range"),
        (646e6, "gbp_million.0", "edition", [("a", 20517e6), ("b", 29016e6)], "outside the range"),
        (10536, "number", "sample", [("a", -5), ("b", 6)], "outside the range"),
        (2.2e9, "gbp_billion.2", "deflator", [("CPI", 2.2e9)], "without CPIH"),
        (0.113, "percent.1", "sample", [("2017-18", 0.12)], "another year.*2017-18"),
    ],
)
def test_a_value_outside_the_range_of_its_alternatives_fails_the_build(value, format, kind, rows, found):
    made = entry(format=format, sql="select 1")
    with pytest.raises(RenderError, match=f"(?s){found}") as error:
        alternatives.check_values("share_of_x", made, choice(kind), KINDS[kind], value, rows)
    assert "share_of_x" in str(error.value) and "made-up.yml" in str(error.value)


def test_a_range_holds_its_number():
    assert alternatives.span(5.0, [6.0, 7.0]) == (5.0, 7.0)
    assert alternatives.span(5.0, [1.0, 2.0]) == (1.0, 5.0)


# What the built site says ----------------------------------------------------------------------------------


def amount(text: str) -> float:
    found = re.search(r"−?\d[\d,]*(?:\.\d+)?", text.replace("£", ""))
    number = float(found[0].replace(",", "").replace("−", "-"))
    return number * (1000 if "billion" in text else 1)


def ranges() -> dict[str, tuple[str, str, str]]:
    """For each page that prints a range: the number, and the ends of the range."""
    found = {}
    for page in PAGES:
        text = unescape(page.read_text(encoding="utf-8"))
        value = re.search(r'class="number-value"[^>]*>\s*<p>(.*?)</p>', text, re.S)
        ends = re.search(r"runs? from (.+?) to (.+?)\.(?:\s|<)", text)
        if value and ends:
            found[page.stem] = value[1], ends[1], ends[2]
    return found


@pytest.mark.skipif(not PAGES, reason="the site is not built: run make build")
def test_every_range_on_the_site_holds_its_number():
    printed = ranges()
    assert len(printed) > 60
    outside = {name: x for name, x in printed.items() if not amount(x[1]) <= amount(x[0]) <= amount(x[2])}
    assert outside == {}


@pytest.fixture
def marts():
    if not HERE.database.exists():
        pytest.skip("no marts are published in this checkout")
    with duckdb.connect(str(HERE.database), read_only=True) as db:
        yield db


def values(marts, name: str, kind: str) -> dict:
    found = headlines.register(HERE)[name]["alternatives"]
    rows = [
        row for choice in found if choice["kind"] == kind for row in marts.execute(choice["sql"]).fetchall()
    ]
    return {row[:-1] if len(row) > 2 else row[0]: row[-1] for row in rows}


# CPI and CPIH of lines 2, 23 and 26 of uk_cost_indices_HMT_March2026.csv, columns cpi_index and cpih_index.
CPI = {"2000-01": 72.8500, "2021-22": 113.2500, "2024-25": 134.7833}
CPIH = {"2000-01": 73.6417, "2021-22": 113.1167, "2024-25": 134.0417}


def test_consumer_prices_by_hand(marts):
    """Direct payments of 2021-22 in GBP thousand: T43!I9 and T44!I9 of the ASC-FR tables, both ages."""
    cash = (1354293.51995056 + 519495.049233565) * 1000
    found = values(marts, "dp_real_c_2021_22", "deflator")
    expected = {
        "CPI": cash * CPI["2024-25"] / CPI["2021-22"],
        "CPIH": cash * CPIH["2024-25"] / CPIH["2021-22"],
    }
    assert found == pytest.approx(expected, rel=1e-9)
    cash = marts.execute(
        "select direct_payments_cash_gbp from mart_direct_payment_share where area_id = 'england' "
        "and is_preferred and basis = 'A' and financial_year = '2000-01' and client_group = 'all' "
        "and age_band = 'all'"
    ).fetchone()[0]
    found = values(marts, "dp_real_a_2000_01", "deflator")
    assert found["CPI"] == pytest.approx(cash * CPI["2024-25"] / CPI["2000-01"], rel=1e-9)


def test_every_real_number_has_both_indices_for_all_that_it_covers(marts):
    """England's and the ledgers' have two values; a council's has two wherever it has a value of its own."""
    register = headlines.register(HERE)
    real = [name for name, one in register.items() if alternatives.price_basis(one["unit"]) == "real"]
    assert len(real) > 25
    for name in real:
        found = values(marts, name, "deflator")
        if "parameter" in register[name]:
            own = {row[0] for row in marts.execute(register[name]["sql"]).fetchall() if row[1] is not None}
            assert {place for place, _ in found if found[place, "CPI"] is not None} >= own, name
        else:
            assert set(found) == {"CPI", "CPIH"} and None not in found.values(), name
