"""A place's resources: typed from publishers' cells, every pair judged, nothing added up that overlaps."""

from __future__ import annotations

import csv
from itertools import combinations

import duckdb
import pytest

from commissioning.base.paths import Project, project
from commissioning.site.councils import data, resources

REFUSED = "the newsroom marks the answer as refused, for cost or another reason"


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("area", "year", "resource", "part", "value"),
    [
        ("devon", "2022-23", "services_gross", "Adult social care", 471057000),  # RSX, AE104
        ("devon", "2023-24", "services_net", "Public health", 35675000),  # RSX, AP102
        ("calderdale", "2024-25", "services_gross", "Housing", 9161000),  # RSX, AS53
        ("england", "2022-23", "services_gross", "Adult social care", 29015974637.776211),  # RSX, AE438
        ("devon", "2017-18", "services_net_derived", "Adult social care", 229402000),  # record 2960
        ("england", "2019-20", "services_net_derived", "Adult social care", 16905497000),  # record 2172
        ("devon", "2021-22", "direct_payments", "Long-term support", 27117000),
        ("devon", "2021-22", "nhs_mental_health", "NHS DEVON CCG", 321910414.24),
        ("torbay", "2021-22", "nhs_mental_health", "NHS DEVON CCG", 321910414.24),
        ("devon", "2014", "grants", "Revenue", 3035754.27),
    ],
)
def test_money_is_as_published(marts, area, year, resource, part, value):
    found = marts.execute(
        "select amount_cash_gbp from mart_place_resources where area_id = ? and financial_year = ?"
        " and resource = ? and part = ?",
        [area, year, resource, part],
    ).fetchall()
    assert [amount for (amount,) in found] == pytest.approx([value], abs=0.01)


@pytest.mark.parametrize(
    ("area", "year", "resource", "value", "reason"),
    [
        ("devon", "2022-23", "workforce_turnover", 33.16577532, None),  # line 6269
        ("calderdale", "2022-23", "workforce_turnover", 25.21508745, None),  # line 6374
        ("bradford", "2022-23", "contracts_handed_back", 100, None),
        ("bradford", "2021-22", "hours_handed_back", 1154.25, None),
        ("kent", "2022-23", "hours_handed_back", None, "the council answered without a figure"),
        ("devon", "2022-23", "contracts_handed_back", None, "the council did not answer this question"),
        ("calderdale", "2021-22", "contracts_handed_back", None, REFUSED),
        ("devon", "2022-23", "wait_for_assessment", 19, None),
    ],
)
def test_counts_are_as_given_or_say_why_not(marts, area, year, resource, value, reason):
    found = marts.execute(
        "select quantity, missing_reason from mart_place_resources"
        " where area_id = ? and financial_year = ? and resource = ?",
        [area, year, resource],
    ).fetchall()
    assert found == [(value, reason)]


@pytest.mark.parametrize(
    ("area", "months", "covers", "value"),
    [
        ("newham", 10, "same_name", 193235601.0),  # NENW.csv, sum of 3,544 amounts
        ("barnet", None, "wider_area", 862180746.0),  # NCL.csv, sum of 6,323 amounts
        ("westminster", 8, "part_of_council", 315570395.0),  # NWCL.csv, sum of 2,044 amounts
    ],
)
def test_payments_of_a_commissioner_are_the_sum_of_its_file(marts, area, months, covers, value):
    found = marts.execute(
        "select months_held, covers, sum(amount_cash_gbp) from mart_place_resources"
        " where area_id = ? and resource = 'nhs_payments' group by all",
        [area],
    ).fetchall()
    assert found == [(months, covers, pytest.approx(value, abs=0.01))]


def test_a_council_whose_commissioner_is_not_held_has_no_payments(marts):
    found = marts.execute(
        "select distinct area_id from mart_place_resources where resource = 'nhs_payments'"
    ).fetchall()
    assert len(found) == 31
    assert not {("hackney",), ("city-of-london",)} & set(found)
    gap = marts.execute(
        "select reason from mart_gaps where edition = '2020-21_city_and_hackney' and gap_level = 'edition'"
    ).fetchall()
    assert "the City of London and Hackney have no payments" in gap[0][0]


def test_a_missing_return_is_not_nought(marts):
    found = marts.execute(
        "select distinct status, amount_cash_gbp, missing_reason from mart_place_resources"
        " where area_id = 'birmingham' and financial_year = '2024-25' and resource = 'services_gross'"
    ).fetchall()
    assert found == [("no_figure", None, "no return in time for the release held")]


def seed(name: str) -> list[dict[str, str]]:
    file = project().dbt / "seeds" / f"{name}.csv"
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def test_every_pair_of_money_is_judged_once_and_none_that_overlaps_is_added_up():
    money = {row["resource"]: row["sum_group"] for row in seed("place_resources") if row["sum_group"]}
    pairs = {
        (row["resource"], row["other_resource"]): row["relation"] for row in seed("place_resource_overlaps")
    }
    assert set(pairs) == set(combinations(money, 2))
    for (one, other), relation in pairs.items():
        assert relation == "apart" or money[one] != money[other]


def test_a_kind_without_a_source_says_where_a_figure_would_come_from(marts):
    without = {row["resource"] for row in seed("place_resources") if row["comes_from"]}
    assert {"buildings", "unpaid_care", "benefits", "people_and_communities"} <= without
    found = marts.execute(
        "select resource, count(*), count(comes_from), count(amount_cash_gbp) + count(quantity)"
        " from mart_place_resources where status = 'no_source' group by resource"
    ).fetchall()
    current = marts.execute("select count(*) from dim_council where is_current").fetchone()[0]
    assert {row[0] for row in found} == without
    assert {row[1:] for row in found} == {(current + 1, current + 1, 0)}


@pytest.fixture(scope="module")
def shown(built_marts) -> dict[str, dict[str, tuple[str, str, str]]]:
    """What each council's page has of its resources, by name."""

    class Built(Project):
        database = built_marts

    everything = data.load(Built(project().root))
    return {
        council: {
            row["name"]: (row["year"], row["figure"], row["overlaps"]) for row in resources.resources(of)
        }
        for council, of in everything.councils.items()
    }


NHS_MONEY = "NHS spending on mental health, learning disability and dementia"


def test_a_council_s_page_sets_its_resources_side_by_side(shown):
    everything_else = "all other money here"
    devon = shown["devon"]
    assert devon["Adult social care, before income"] == (
        "2024-25",
        "£520.5 million",
        f"{everything_else} but public health",
    )
    assert devon["Public health, after income"][2] == (
        f"{everything_else} but adult social care, adult social care by setting, direct payments and "
        "payments for care in the council's ledger"
    )
    assert devon["Direct payments"][2].endswith(" and public health")
    assert devon["All services, after income"] == ("2024-25", "£1,278.9 million", everything_else)
    assert devon["Grants to voluntary bodies"] == (
        "2017 (calendar)",
        "£2.5 million",
        f"{everything_else} but direct payments and {NHS_MONEY}",
    )
    assert devon[f"{NHS_MONEY}, of an NHS area that holds other councils too"][1] == "£321.9 million"
    assert devon["Turnover of the care workforce"] == ("2022-23", "33.2 per cent", "")
    assert shown["bradford"]["Home care packages or contracts handed back"][1] == "100 packages or contracts"


def test_two_rows_that_count_the_same_pounds_both_say_so(shown):
    """Public health said that it overlaps all services alone, beside rows that overlap all other money."""
    for council, rows in shown.items():
        apart = {name: said.partition(" but ")[2].lower() for name, (_, _, said) in rows.items() if said}
        stems = {name: name.partition(", ")[0].lower() for name in apart}
        for one in apart:
            for other in apart:
                assert (stems[other] in apart[one]) == (stems[one] in apart[other]), (council, one, other)


def test_months_that_are_not_held_are_said(shown):
    name = "Payments of NHS commissioners over £25,000, of the NHS area of the same name"
    assert shown["newham"][f"{name}, in 10 months of the year"][:2] == ("2020-21", "£193.2 million")
    assert shown["havering"][name][1] == "£338.2 million"


def test_the_derived_table_stands_in_only_where_there_is_no_summary(shown):
    derived = "All services, after income, from a third party’s table"
    assert derived not in shown["devon"]
    # Birmingham sent none of the three returns in time.
    assert shown["birmingham"][derived][0] == "2021-22"
    assert not [name for name in shown["birmingham"] if name.endswith(("before income", "after income"))]
