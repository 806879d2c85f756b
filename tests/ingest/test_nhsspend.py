"""NHSSpend: made-up tables with what can go wrong, and figures typed from the held files."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError
from commissioning.base.paths import project
from commissioning.ingest import nhsspend

BODY = (
    "NHS Abrev,ccg19nm,Count,Value (m),Number of Datasets,Value (%),Count (%),Number of Charity Suppliers\n"
)
LINE = "XX,NHS Made Up CCG,20.0,4.0,3.0,2.5,10.0,2.0\n"
ACCOUNTS = "year_index,year,indep,vol,local_auth\n2014,2013/2014,10,2,3\n"
MATCH = ",query_string_n,CharityRegNo,CharityName,audit_type\n0,MADE UP TRUST,1234567.0,THE MADE UP TRUST,1\n"


def test_a_body_has_a_row_for_each_measure():
    rows, account = nhsspend.read_bodies("x.csv", (BODY + LINE).encode(), "commissioner", "charities")
    account.check()
    assert {row["measure"]: row["value"] for row in rows} == {
        "payments": 20,
        "value of payments": 4,
        "monthly files read": 3,
        "share of value": 2.5,
        "share of payments": 10,
        "suppliers": 2,
    }
    assert rows[3]["source_locator"] == 'line 2, column "Value (%)"'


def test_accounts_and_matches():
    rows, account = nhsspend.read_accounts("x.csv", ACCOUNTS.encode())
    account.check()
    assert [(row["years"], row["supplied_by"], row["value"]) for row in rows] == [
        ("2013-14", "independent sector", 10),
        ("2013-14", "voluntary sector", 2),
        ("2013-14", "local authorities", 3),
    ]
    rows, account = nhsspend.read_matches("x.csv", MATCH.encode())
    account.check()
    assert (rows[0]["name"], rows[0]["value_text"]) == ("MADE UP TRUST", "1234567")


@pytest.mark.parametrize(
    ("read", "text", "says"),
    [
        ("read_accounts", ACCOUNTS.replace("2013/2014", "2013"), "line 2"),
        ("read_accounts", ACCOUNTS.replace("vol", "third"), "vol"),
        ("read_matches", MATCH.replace("1234567.0", "No match"), "line 2"),
        ("read_matches", MATCH.replace("audit_type", "audit"), "audit_type"),
    ],
)
def test_another_table_is_refused(read, text, says):
    with pytest.raises(LayoutError, match=says):
        getattr(nhsspend, read)("nhsspend/x.csv", text.encode())


def test_two_tables_that_disagree_on_a_body_are_refused():
    rows, _ = nhsspend.read_bodies("nhsspend/a.csv", (BODY + LINE).encode(), "commissioner", "charities")
    other = (BODY + LINE.replace("20.0", "21.0")).replace("Charity", "Company")
    rows += nhsspend.read_bodies("nhsspend/b.csv", other.encode(), "commissioner", "companies")[0]
    with pytest.raises(LayoutError, match="differ") as caught:
        nhsspend.check_bodies(rows)
    assert "XX" in str(caught.value) and "20.0" in str(caught.value)


TYPED = [
    ("commissioner", "AWC", "charities", "payments", 3611),
    ("commissioner", "AWC", "charities", "value of payments", 1214),
    ("commissioner", "AWC", "charities", "share of value", 0.419029718562673),
    ("commissioner", "ASH", "charities", "suppliers", 11),
    ("commissioner", "BARNET", "charities", "share of payments", 4.602220166512488),
    ("commissioner", "AWC", "companies", "share of value", 2.405837662675273),
    ("commissioner", "BARNET", "companies", "suppliers", 100),
    ("trust", "AAW", "charities", "share of value", 3.2500688281134815),
    ("trust", "ALD", "charities", "monthly files read", 23),
    ("trust", "AAW", "companies", "share of value", 68.56006668306843),
    ("trust", "BAS", "companies", "payments", 2678),
]
ACCOUNTS_TYPED = {
    ("2013-14", "independent sector"): 6467000,
    ("2013-14", "local authorities"): 2473000,
    ("2016-17", "voluntary sector"): 757000,
    ("2017-18", "voluntary sector"): 1564000,
    ("2018-19", "independent sector"): 9180000,
    ("2018-19", "voluntary sector"): 1619000,
}


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return pl.read_parquet(project().raw / "nhsspend" / "2013_to_2021_derived.parquet")


@pytest.mark.parametrize(("record", "code", "supplied_by", "measure", "value"), TYPED)
def test_published_figures_of_bodies(table, record, code, supplied_by, measure, value):
    assert table.filter(record=record, body_code=code, supplied_by=supplied_by, measure=measure)[
        "value"
    ].to_list() == [value]


def test_published_figures_of_the_accounts(table):
    found = table.filter(record="accounts").select("years", "supplied_by", "value").iter_rows()
    found = {(years, by): value for years, by, value in found}
    assert len(found) == 18 and {key: found[key] for key in ACCOUNTS_TYPED} == ACCOUNTS_TYPED


def test_published_matches(table):
    found = dict(table.filter(record="match").select("name", "value_text").iter_rows())
    assert len(found) == 1814
    typed = {
        "170 COMMUNITY PROJECT": "1074622",
        "ABBEYFIELD SOCIETY": "200719",
        "ABOVE AND BEYOND": "1170973",
        "ACE CENTRE": "1089313",
    }
    assert {name: found[name] for name in typed} == typed
    assert table.filter(record="commissioner").height == 2 * 173 * 6
    assert table.filter(record="trust").height == 2 * 189 * 6
