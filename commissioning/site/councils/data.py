"""What the councils' pages show: all of it, for all councils, in a few queries on the published marts."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from commissioning.base.paths import Project
from commissioning.marts import seals
from commissioning.numbers import citations
from commissioning.site import judgements
from commissioning.site.councils import flags
from commissioning.site.formats import start

Rows = list[dict[str, Any]]

PEERS = 15

TAKE_THE = ("City of ", "East Riding of ", "Isle of ", "Isles of ")
"""Names that begin so have an article in a sentence: what the City of London spent."""

SYMBOLS = {
    "suppressed": "suppressed",
    "not_available": "not available",
    "not_applicable": "does not apply",
    "not_collected": "not collected",
    "low_reliability": "withheld as unreliable",
    "rounds_to_zero": "rounds to 0",
}
"""Why a publisher prints no figure, in words."""


COUNCILS = "select * from dim_council order by council_name, council_id"

# Rows by council: each query's `area_id` says whose they are.
QUERIES = {
    "shares": """
        select area_id, financial_year, basis, client_group, age_band, shares.share, direct_payments_cash_gbp,
            denominator_cash_gbp, direct_payments_real_gbp, shares.real_terms_base_year, adult_population,
            direct_payments_per_adult_cash_gbp, direct_payments_per_adult_real_gbp, is_outlier, flag,
            flag_reason, dataset, edition,
            comparison.* exclude (area_id, financial_year, basis, client_group, age_band, share,
                per_adult_real_gbp, real_terms_base_year)
        from mart_direct_payment_share as shares
        inner join mart_direct_payment_comparison as comparison
            using (area_id, financial_year, basis, client_group, age_band)
        where area_level = 'council' and is_preferred
        order by area_id, financial_year, basis, client_group, age_band
    """,
    "spend": """
        select area_id, financial_year, basis, expenditure_type, client_group, age_band, care_type,
            support_setting, route, amount_cash_gbp, amount_real_gbp, real_terms_base_year, value_symbol,
            dataset, edition
        from mart_social_care_spend
        where area_level = 'council' and basis = 'C' and grain = 'leaf' and provision = 'total'
        order by area_id, financial_year, client_group, age_band, care_type, support_setting
    """,
    "outcomes": """
        select area_id, financial_year, measure_id, measure_name, kind, unit, direction_of_good,
            comparability_group, value, value_symbol, margin_of_error, interval_low, interval_high, base,
            numerator, denominator, england_value, peer_median, peers_with_value, percentile, edition
        from mart_council_outcomes where area_level = 'council'
        order by area_id, financial_year, measure_name
    """,
    "people": """
        select area_id, financial_year, age_band, mechanism, people, value_symbol
        from mart_people_by_mechanism where area_level = 'council'
        order by area_id, financial_year, age_band, mechanism
    """,
    "gaps": """
        select area_id, dataset, dataset_title, edition, financial_year, what, reason
        from mart_gaps inner join (select distinct dataset, dataset_title from dim_source) using (dataset)
        where gap_level = 'council'
        order by area_id, dataset, financial_year, what, reason
    """,
    # The latest year of each resource. Of services those for adults and the total, of others their parts
    # added up, and never two resources. The derived table stands in only where there is no summary.
    "resources": """
        with latest as (
            select area_id, resource, max(financial_year) as financial_year from mart_place_resources
            where area_level = 'council' and status = 'shown' group by all
        ),
        pairs as (
            select resource, other_resource, other_resource_name as name
            from dim_place_overlap where relation = 'apart'
            union all
            select other_resource, resource, resource_name from dim_place_overlap where relation = 'apart'
        ),
        -- Of what the page shows.
        apart as (
            select held.area_id, pairs.resource,
                string_agg(pairs.name, ' and ' order by pairs.name) as apart_from
            from pairs inner join latest as held on held.resource = pairs.other_resource
            group by all
        )
        select area_id, kinds.position, places.resource, places.resource_name, financial_year, places.covers,
            places.months_held,
            case when places.resource like 'services%' then places.part end as part,
            places.is_total, places.quantity_unit, places.reported_by,
            kinds.sum_group is not null as overlaps, apart.apart_from,
            sum(amount_cash_gbp) as amount_cash_gbp, max(quantity) as quantity
        from mart_place_resources as places
        inner join latest using (area_id, resource, financial_year)
        inner join dim_place_resource as kinds using (resource)
        left join apart using (area_id, resource)
        where area_level = 'council' and status = 'shown'
            and case places.resource
                when 'services_gross' then part = 'Adult social care'
                when 'services_net' then is_total or part in ('Adult social care', 'Public health')
                when 'services_net_derived' then is_total
                    and area_id not in (select area_id from latest where resource = 'services_net')
                else true
            end
        group by all
        order by area_id, kinds.position, is_total desc, part
    """,
    # Weeks of care that no cost goes with are left out, as they say nothing of what care cost.
    "unit_costs": """
        with lines as (
            select *, (financial_year, series, support_setting, client_group, age_band, provision, cost_unit)
                as line
            from mart_unit_costs
        ),
        wider as (select * from lines where area_level in ('region', 'england'))
        select costs.area_id, costs.financial_year, costs.series, costs.edition, costs.support_setting,
            costs.client_group, costs.age_band, costs.provision, costs.cost_unit, costs.figure,
            costs.unit_cost_cash_gbp, costs.unit_cost_real_gbp, costs.real_terms_base_year,
            costs.missing_reason, costs.flag_reason,
            region.unit_cost_cash_gbp as region_unit_cost_cash_gbp, region.flag_reason as region_flag_reason,
            england.unit_cost_cash_gbp as england_unit_cost_cash_gbp,
            england.flag_reason as england_flag_reason
        from lines as costs
        inner join dim_council as councils on councils.council_id = costs.area_id
        left join wider as region
            on region.area_id = councils.region_id and region.line = costs.line
        left join wider as england on england.area_id = 'england' and england.line = costs.line
        where costs.area_level = 'council'
            and (costs.unit_cost_cash_gbp is not null or costs.missing_reason not like '%weeks and no cost')
        order by costs.area_id, costs.financial_year, costs.support_setting, costs.cost_unit,
            costs.client_group, costs.age_band, costs.provision, costs.figure
    """,
    "ledger": """
        select area_id, financial_year, route, route_name, spend.family, support_setting,
            spend.evidence_grade, comparability_group, months.months_in_series,
            sum(amount_cash_gbp) as amount_cash_gbp, sum(payments) as payments
        from mart_ledger_spend_by_route as spend inner join dim_route using (route)
        inner join (
            select area_id, financial_year, max(months_in_series) as months_in_series
            from mart_ledger_coverage group by all
        ) as months using (area_id, financial_year)
        where in_series
        group by all
        order by area_id, financial_year, spend.family, route, support_setting, spend.evidence_grade,
            comparability_group
    """,
    "coverage": """
        select area_id, financial_year, official_basis, months_in_series, visible_direct_payments_cash_gbp,
            official_direct_payments_cash_gbp, ratio,
            visible_direct_payments_strict_cash_gbp / nullif(official_direct_payments_cash_gbp, 0)
                as strict_ratio,
            verdict, can_carry_comparison, note
        from mart_ledger_coverage
        order by area_id, financial_year, official_basis
    """,
    "bodies": """
        select council_id as area_id, body, body_name from dim_body
        where council_id is not null order by council_id, body
    """,
    "boundary_changes": """
        select council_id as area_id, changed_on, first_financial_year, became, note
        from dim_boundary_change order by council_id, changed_on
    """,
    "peers": f"""
        select council_id as area_id, peer_id, council_name as peer_name, peer_rank
        from mart_council_peers
        inner join (select council_id as peer_id, council_name from dim_council) using (peer_id)
        where peer_rank <= {PEERS} order by council_id, peer_rank
    """,
}

# The years that pages speak of. Basis C is the best there is: its first year, its last, and the last one
# before that which has every client group.
YEARS = """
    with shares as (
        select financial_year, client_group from mart_direct_payment_share
        where area_level = 'council' and basis = 'C' and is_preferred and share is not null
    ),

    surveys as (
        select measure_id, max(financial_year) as latest from mart_council_outcomes
        where area_level = 'council' and value is not null group by measure_id
    )

    select
        min(financial_year) as first, max(financial_year) as latest,
        max(financial_year) filter (
            where client_group <> 'all' and financial_year < (select max(financial_year) from shares)
        ) as before,
        (select min(first_year) from dim_basis) as first_held,
        (select last_year from dim_basis where basis = 'A') as last_of_a,
        (select last_year from dim_basis where basis = 'B') as last_of_b,
        (select max(real_terms_base_year) from mart_direct_payment_share) as prices,
        (select latest from surveys where measure_id = 'control_over_daily_life') as outcomes,
        (select latest from surveys where measure_id = 'carers_satisfaction') as carers,
        (select latest from surveys where measure_id = 'carers_with_direct_payment') as carers_paid,
        (select max(edition) from mart_council_peers) as peers
    from shares
"""

ENGLAND_SPEND = """
    select financial_year, age_band, support_setting, figure, sum(amount_cash_gbp) as amount_cash_gbp
    from mart_social_care_spend
    where area_id = 'england' and basis = 'C' and grain = 'leaf' and provision = 'total'
        and care_type = 'long_term'
    group by financial_year, age_band, support_setting, figure
    order by figure desc, financial_year, age_band, support_setting
"""


# England's direct payments on basis C, as the publisher gives them.
ENGLAND_SHARES = """
    select financial_year, age_band, share, direct_payments_cash_gbp, direct_payments_per_adult_real_gbp
    from mart_direct_payment_share
    where area_id = 'england' and basis = 'C' and client_group = 'all' and is_preferred
    order by financial_year, age_band
"""


# Why England's own figure is to be read with care, by year and basis.
ENGLAND_FLAGS = """
    select financial_year, basis, flag, flag_reason from mart_direct_payment_share
    where area_id = 'england' and client_group = 'all' and age_band = 'all' and is_preferred
        and flag is not null
    order by financial_year, basis
"""


# The figures of England and the regions that stand beside a council's and are flagged.
AREA_FLAGS = """
    select area_level, area_name, financial_year, basis, flag, flag_reason from mart_direct_payment_share
    where area_level in ('england', 'region') and client_group = 'all' and age_band = 'all' and is_preferred
        and flag is not null
    order by financial_year, basis, area_level, area_name
"""


# Duties and funds that moved between bodies, and the bases whose figures they change.
DUTIES = """
    select break_name, short_name, part, bases, years_of_change from dim_responsibility_break
    order by years_of_change, break_id
"""


@dataclass(frozen=True)
class Years:
    """The financial years that pages speak of, as `YEARS` finds them."""

    first: str
    latest: str
    before: str
    first_held: str
    last_of_a: str
    last_of_b: str
    prices: str
    """Whose prices real terms are in."""
    outcomes: str
    carers: str
    """The last years of the survey of people who use services, and of the one of carers."""
    carers_paid: str
    """The last year of the share of carers with a direct payment."""
    peers: str
    """The year of the publisher's set of neighbours."""


@dataclass
class Area:
    """A council or a region: what is known of it, and its rows of shares and outcomes."""

    facts: dict[str, Any]
    shares: Rows = field(default_factory=list)
    outcomes: Rows = field(default_factory=list)

    def share(self, year: str, basis: str, group: str = "all", age: str = "all") -> dict[str, Any] | None:
        """The row of a year and basis, where there is one."""
        return self._by_key.get((year, basis, group, age))

    @cached_property
    def _by_key(self) -> dict[tuple[str, ...], dict[str, Any]]:
        return {(r["financial_year"], r["basis"], r["client_group"], r["age_band"]): r for r in self.shares}

    def outcome(self, measure: str, year: str) -> dict[str, Any] | None:
        """The row of a measure of the outcomes framework in a year, where there is one."""
        return self._outcomes.get((measure, year))

    @cached_property
    def _outcomes(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {(r["measure_id"], r["financial_year"]): r for r in self.outcomes}

    @cached_property
    def totals(self) -> Rows:
        """The rows of all client groups and ages, by year and basis."""
        return [r for r in self.shares if r["client_group"] == "all" and r["age_band"] == "all"]

    def flag(self, year: str, basis: str, age: str = "all") -> str:
        """What a sentence calls the share of a year and basis where it is flagged; else nothing."""
        return flags.words(self.share(year, basis, "all", age))

    def crossed(self, duties: Rows, column: str) -> list[tuple[int, str]]:
        """Duties that moved between the first and the last figure of a column on some basis: the first year
        that differs, and the name. One that only changes what the share is of leaves an amount as it was."""
        held: dict[str, list[str]] = defaultdict(list)
        for row in self.totals:
            if row[column] is not None:
                held[row["basis"]].append(row["financial_year"])
        found = []
        for duty in duties:
            spans = [(min(held[b]), max(held[b])) for b in duty["bases"].split() if b in held]
            years = [
                year
                for year in duty["years_of_change"].split()
                if any(first < year <= last for first, last in spans)
            ]
            if years and (column == "share" or duty["part"] != "denominator"):
                found.append((int(min(years)[:4]), duty["short_name"]))
        return found


@dataclass
class Council(Area):
    """A council, past or present: its row of `dim_council`, and its rows of each query."""

    aliases: list[str] = field(default_factory=list)
    spend: Rows = field(default_factory=list)
    people: Rows = field(default_factory=list)
    gaps: Rows = field(default_factory=list)
    resources: Rows = field(default_factory=list)
    unit_costs: Rows = field(default_factory=list)
    ledger: Rows = field(default_factory=list)
    coverage: Rows = field(default_factory=list)
    bodies: Rows = field(default_factory=list)
    boundary_changes: Rows = field(default_factory=list)
    peers: Rows = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.facts["council_id"]

    @property
    def name(self) -> str:
        return self.facts["council_name"]

    @property
    def in_a_sentence(self) -> str:
        return f"the {self.name}" if self.name.startswith(TAKE_THE) else self.name

    def cautions(self, years: list[str], latest: str, duties: Rows, ages: Sequence[str] = ("all",)) -> Rows:
        """What to bear in mind of a sentence's figures, on basis C: flags, with the years that have them; a
        share below zero; boundaries that were others before a year; duties that moved since the first."""
        flagged: dict[str, list[str]] = {}
        for year in years:
            for age in ages:
                if words := self.flag(year, "C", age):
                    # A sentence is of years, or of the ages in one year.
                    flagged.setdefault(words, []).append(flags.AGES[age] if len(ages) > 1 else year)
        rows = [self.share(year, "C", "all", age) for year in years for age in ages]
        below = any(row and (row["share"] or 0) < 0 for row in rows)
        found = [{"flag": words, "years": of} for words, of in flagged.items()]
        found += [{"below_zero": True}] if below else []
        found += [{"before": c["first_financial_year"]} for c in self.changed_between(min(years), latest)]
        if moved := [
            duty["break_name"]
            for duty in duties
            if "C" in duty["bases"].split()
            and any(min(years) < year <= latest for year in duty["years_of_change"].split())
        ]:
            found.append({"moved": moved})
        return [{"flag": "", "below_zero": False, "before": "", **caution} for caution in found]

    def changed_between(self, year: str, later: str) -> Rows:
        """The changes of its boundaries after the one financial year and by the other."""
        return [c for c in self.boundary_changes if year < c["first_financial_year"] <= later]

    @cached_property
    def series(self) -> list[Rows]:
        """Its totals that may be drawn as one line each: of one basis and of one area."""
        found: dict[tuple[str, int], Rows] = defaultdict(list)
        for row in self.totals:
            found[row["basis"], len(self.changed_between("", row["financial_year"]))].append(row)
        return [found[key] for key in sorted(found)]


@dataclass
class Everything:
    """All councils by id, and what their pages share."""

    councils: dict[str, Council]
    bases: Rows
    england_spend: dict[tuple[str, str, str], float]
    settings: dict[str, str]
    groups: dict[str, str]
    successor_notes: dict[tuple[str, str], str]
    england_shares: dict[tuple[str, str], dict[str, Any]]
    """England's own rows on basis C, by year and age."""
    england_flags: dict[tuple[str, str], dict[str, Any]]
    area_flags: Rows
    duties: Rows
    years: Years
    enough: float
    """The least part of the direct payments of its return with which a ledger shows enough of them."""
    pandemic: frozenset[str]
    """Years of which a page says that they may not be like others."""
    released: datetime.date
    edition: str
    """Version of the package and build of the data, for citations."""
    """When this version of the package was."""
    _shares: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)

    def england_settings(self, year: str) -> dict[str, float]:
        """England's long-term support in a year by setting."""
        found: dict[str, float] = defaultdict(float)
        for (at, _, setting), amount in sorted(self.england_spend.items()):
            if at == year and amount is not None:
                found[setting] += amount
        return found

    @cached_property
    def measure_names(self) -> dict[str, str]:
        """The measures of the outcomes framework by id."""
        return {r["measure_id"]: r["measure_name"] for c in self.councils.values() for r in c.outcomes}

    @cached_property
    def axis(self) -> tuple[int, int]:
        return axis(self.bases)

    @cached_property
    def breaks(self) -> list[float]:
        return breaks(self.bases)

    def shares(self, year: str, basis: str) -> dict[str, float]:
        """The share of every council that has one, by council."""
        if (year, basis) not in self._shares:
            rows = {i: council.share(year, basis) for i, council in self.councils.items()}
            self._shares[year, basis] = {
                i: r["share"] for i, r in rows.items() if r and r["share"] is not None
            }
        return self._shares[year, basis]


def axis(bases: Rows) -> tuple[int, int]:
    """The years that charts reach from and to."""
    return (
        min(start(basis["first_year"]) for basis in bases),
        max(start(basis["last_year"]) for basis in bases) + 1,
    )


def breaks(bases: Rows) -> list[float]:
    """Where charts are ruled: before the first year of a basis that takes over where another ends."""
    ends = {start(basis["last_year"]) for basis in bases}
    firsts = [start(basis["first_year"]) for basis in bases]
    return [first - 0.5 for first in firsts if first - 1 in ends]


def load(project: Project) -> Everything:
    """Read everything from the published marts."""
    with seals.open_database(project) as db:
        db.execute("set threads = 1")
        councils = {row["council_id"]: Council(row) for row in rows_of(db, COUNCILS)}
        for name, sql in QUERIES.items():
            by_council: dict[str, Rows] = defaultdict(list)
            for row in rows_of(db, sql):
                by_council[row["area_id"]].append(row)
            for council, rows in by_council.items():
                setattr(councils[council], name, rows)
        bases = rows_of(db, "select * from dim_basis order by basis")
        england_flags = {(r["financial_year"], r["basis"]): r for r in rows_of(db, ENGLAND_FLAGS)}
        england_shares = {(r["financial_year"], r["age_band"]): r for r in rows_of(db, ENGLAND_SHARES)}
        area_flags = rows_of(db, AREA_FLAGS)
        duties = rows_of(db, DUTIES)
        (years,) = rows_of(db, YEARS)
        # The publisher's own England figure, where there is one; else the sum of the visible councils.
        england: dict[tuple[str, str, str], float] = {}
        for row in rows_of(db, ENGLAND_SPEND):
            key = (row["financial_year"], row["age_band"], row["support_setting"])
            england.setdefault(key, row["amount_cash_gbp"])
        for row in rows_of(db, "select council_id, alias from dim_council_alias order by council_id, alias"):
            councils[row["council_id"]].aliases.append(row["alias"])
        settings = rows_of(db, "select support_setting, support_setting_name from dim_support_setting")
        groups = rows_of(db, "select client_group, client_group_name from dim_client_group")
        successors = rows_of(db, "select council_id, successor_id, note from dim_council_successor")
    return Everything(
        councils=councils,
        bases=bases,
        england_spend=england,
        england_shares=england_shares,
        england_flags=england_flags,
        area_flags=area_flags,
        duties=duties,
        years=Years(**years),
        enough=enough(project),
        pandemic=judgements.pandemic(project),
        released=citations.released(project),
        edition=citations.edition(project),
        settings={row["support_setting"]: row["support_setting_name"] for row in settings},
        groups={row["client_group"]: row["client_group_name"] for row in groups},
        successor_notes={
            (row["council_id"], row["successor_id"]): row["note"] for row in successors if row["note"]
        },
    )


def enough(project: Project) -> float:
    """By the rules from which mart_ledger_coverage has its verdicts; the marts do not hold the rules."""
    rules = judgements.seed(project, "ledger_coverage_verdicts")
    return next(float(rule["least_ratio"]) for rule in rules if rule["verdict"] == "carries")


def rows_of(db: Any, sql: str) -> Rows:
    """What a query gives, a mapping for each row."""
    cursor = db.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
