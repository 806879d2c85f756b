"""What the regions' pages show: all of it, for all regions, in a few queries on the published marts."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from commissioning.base.paths import Project
from commissioning.marts import seals
from commissioning.numbers import citations
from commissioning.site import judgements
from commissioning.site.councils.data import DUTIES, QUERIES, YEARS, Area, Rows, Years, rows_of

PEOPLE, CARERS = "users_with_direct_payment", "carers_with_direct_payment"
"""Measures of the outcomes framework: the shares of people and of carers with a direct payment."""

WITHOUT_ARTICLE = ("London", "Yorkshire")
"""Names that begin so have no article in a sentence; the others have: what the South West spent."""

REGIONS = """
    select distinct region_id as area_id, region as area_name from dim_council
    where region_id is not null order by region
"""

# Rows by region, and England's own: each query's `area_id` says whose they are.
SHARES = """
    select own.area_id, own.area_name, own.financial_year, own.basis, own.client_group, own.age_band,
        own.share, own.direct_payments_cash_gbp, own.denominator_cash_gbp, own.direct_payments_real_gbp,
        own.real_terms_base_year, own.adult_population, own.direct_payments_per_adult_real_gbp,
        own.councils_expected, own.councils_reporting, own.is_outlier, own.flag, own.flag_reason,
        england.share as england_share,
        england.direct_payments_per_adult_real_gbp as england_per_adult_real_gbp,
        england.flag_reason as england_flag_reason, own.figure, own.dataset, own.edition
    from mart_direct_payment_share as own
    left join mart_direct_payment_share as england
        on england.area_id = 'england' and england.is_preferred
        and england.financial_year = own.financial_year and england.basis = own.basis
        and england.client_group = own.client_group and england.age_band = own.age_band
    where own.area_level in ('region', 'england') and own.is_preferred and own.client_group = 'all'
    order by own.area_id, own.financial_year, own.basis, own.age_band
"""

OUTCOMES = f"""
    select area_id, area_name, financial_year, measure_id, measure_name, unit, comparability_group, value,
        value_symbol, numerator, denominator, england_value, edition
    from mart_council_outcomes
    where area_level in ('region', 'england') and measure_id in ('{PEOPLE}', '{CARERS}')
    order by area_id, measure_id desc, financial_year
"""

# Each council of a region with the newest share of people and the newest share of money.
COUNCILS = f"""
    with years as ({YEARS})

    select councils.region_id as area_id, council_id, council_name, class, is_current, start_date, end_date,
        why_too_small,
        people.financial_year as people_year, people.value / 100 as people_share,
        people.numerator as people_with_direct_payment, people.denominator as people_counted,
        money.financial_year as money_year, money.basis, money.share, money.direct_payments_cash_gbp,
        money.direct_payments_per_adult_real_gbp, money.real_terms_base_year,
        coalesce(money.is_outlier, false) as is_outlier, money.flag, money.flag_reason
    from dim_council as councils cross join years
    left join mart_council_outcomes as people
        on people.area_id = council_id and people.measure_id = '{PEOPLE}'
        and people.financial_year = years.outcomes
    left join mart_direct_payment_share as money
        on money.area_level = 'council' and money.area_id = council_id and money.is_preferred
        and money.basis = 'C' and money.financial_year = years.latest
        and money.client_group = 'all' and money.age_band = 'all'
    where councils.region_id is not null
    order by councils.region_id, council_name
"""


@dataclass
class Region(Area):
    """A region of England, or England itself: its rows of each query."""

    councils: Rows = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.facts["area_id"]

    @property
    def name(self) -> str:
        return self.facts["area_name"]

    @property
    def in_a_sentence(self) -> str:
        return self.name if self.name.startswith(WITHOUT_ARTICLE) else f"the {self.name}"


@dataclass
class Everything:
    """All regions by id, England, and what their pages share."""

    regions: dict[str, Region]
    england: Region
    gaps: dict[str, Rows]
    """What is missing of each council."""
    bases: Rows
    duties: Rows
    years: Years
    pandemic: frozenset[str]
    """Years of which a page says that they may not be like others."""
    released: datetime.date
    edition: str
    """Version of the package and build of the data, for citations."""
    """When this version of the package was."""


def load(project: Project) -> Everything:
    """Read everything from the published marts."""
    with seals.open_database(project) as db:
        db.execute("set threads = 1")
        areas = {row["area_id"]: Region(row) for row in rows_of(db, REGIONS)}
        areas["england"] = Region({"area_id": "england", "area_name": "England"})
        for name, sql in (("shares", SHARES), ("outcomes", OUTCOMES), ("councils", COUNCILS)):
            by_area: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for row in rows_of(db, sql):
                by_area[row["area_id"]].append(row)
            for area, rows in by_area.items():
                setattr(areas[area], name, rows)
        gaps: dict[str, Rows] = defaultdict(list)
        for row in rows_of(db, QUERIES["gaps"]):
            gaps[row["area_id"]].append(row)
        bases = rows_of(db, "select * from dim_basis order by basis")
        duties = rows_of(db, DUTIES)
        (years,) = rows_of(db, YEARS)
    england = areas.pop("england")
    return Everything(
        regions=areas,
        england=england,
        gaps=gaps,
        bases=bases,
        duties=duties,
        years=Years(**years),
        pandemic=judgements.pandemic(project),
        released=citations.released(project),
        edition=citations.edition(project),
    )
