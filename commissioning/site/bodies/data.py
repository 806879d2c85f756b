"""What the pages of bodies show: all of it, for all bodies with a ledger, from the published marts alone.

Bodies are those of `dim_body`, so a body of a user's own workspace is one among them.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from math import fsum
from typing import Any

from commissioning.base.paths import Project
from commissioning.marts import seals
from commissioning.numbers import citations
from commissioning.site import judgements
from commissioning.site.charts.ledgers import KINDS
from commissioning.site.councils.data import enough

Rows = list[dict[str, Any]]
WHOLE = 12
"""Months of a whole year."""

FORM_NOT_SAID = ("unlabelled", "external_provision")
"""Routes of labels that do not say how care was bought, as `mart_ledger_coverage` has them."""

BODIES = """
    select dim_body.*, known_problems, coalesce(is_own, false) as is_own
    from dim_body
    left join (
        select dataset, string_agg(known_problems, ' | ' order by edition) as known_problems,
            bool_or(provenance = 'workspace') as is_own
        from dim_source group by dataset
    ) on dataset = 'ledger_' || body
    order by body_name, body
"""

# Rows by body. Each list is also a file that the page offers.
QUERIES = {
    "routes": """
        select body, month, financial_year, era, comparability_group, in_series, route, route_name,
            spend.family, support_setting, spend.evidence_grade, amount_cash_gbp, amount_real_gbp,
            real_terms_base_year, payments, redacted_share, duplicate_payments_left_out,
            duplicate_amount_left_out_gbp
        from mart_ledger_spend_by_route as spend inner join dim_route using (route)
        order by body, month, comparability_group, route, support_setting, spend.evidence_grade
    """,
    "coverage": """
        select body, financial_year, official_basis, official_dataset, official_edition, months_held,
            months_in_series, visible_direct_payments_cash_gbp, visible_direct_payments_strict_cash_gbp,
            official_direct_payments_cash_gbp, ratio,
            visible_direct_payments_strict_cash_gbp / nullif(official_direct_payments_cash_gbp, 0)
                as strict_ratio,
            verdict, can_carry_comparison, visible_care_cash_gbp, unlabelled_share, form_not_said_share, note
        from mart_ledger_coverage
        order by body, financial_year, official_basis, official_edition
    """,
    "types": """
        select body, financial_year, months_in_series, route, is_total, supplier_type, supplier_type_name,
            evidence_grade, payments, amount_cash_gbp, share
        from mart_ledger_supplier_types inner join dim_supplier_type using (supplier_type)
        order by body, financial_year, is_total desc, route, place, evidence_grade
    """,
    "suppliers": """
        select body, financial_year, months_held, concentration.route, is_total,
            coalesce(route_name, 'All routes') as route_name, suppliers, hhi, top_ten_share, new_suppliers,
            leaving_suppliers, median_payment_gbp, payments, amount_cash_gbp, named_amount_cash_gbp,
            redacted_share, person_share
        from mart_ledger_supplier_concentration as concentration left join dim_route using (route)
        order by body, financial_year, is_total desc, route
    """,
    "labels": """
        select body, expense_code, expense_label, care_scope, support_setting,
            coalesce(support_setting_name, support_setting) as support_setting_name, labels.route, route_name,
            labels.evidence_grade, rule_id, reason, first_month, last_month, payments, amount_cash_gbp
        from mart_ledger_labels as labels
        left join dim_route using (route) left join dim_support_setting using (support_setting)
        order by body, care_scope, amount_cash_gbp desc, expense_label, expense_code, rule_id
    """,
    "files": """
        select body, source_file, sha256, address, publisher,
            licence || if(
                'ledger_' || body in (select dataset from dim_source where licence_status = 'presumed'),
                ' (presumed)', ''
            ) as licence, lines_read, lines_loaded,
            lines_rejected, lines_furniture, rejects, furniture, read_gbp, loaded_gbp, rejected_gbp,
            totals_gbp, duplicate_payments, duplicate_gbp, balances, amount_kind, first_date, last_date,
            oddities
        from mart_ledger_accounting order by body, first_date nulls last, source_file
    """,
}


@dataclass
class Stretch:
    """A financial year of a ledger, or the part of one that lies on one side of a break: months that show
    care."""

    year: str
    series: str
    rows: Rows
    months_in_year: int
    split: bool
    """Whether the year has another part, in another series."""

    @cached_property
    def months(self) -> list[datetime.date]:
        return sorted({row["month"] for row in self.rows})

    @property
    def counted(self) -> int:
        """How many months it has."""
        return len(self.months) if self.split else self.months_in_year

    @property
    def whole(self) -> bool:
        return self.counted == WHOLE

    @property
    def label(self) -> str:
        """`2019-20`, and of a part `2019-20, April to May`."""
        if not self.split:
            return self.year
        first, last = (f"{month:%B}" for month in (self.months[0], self.months[-1]))
        return f"{self.year}, {first}" + (f" to {last}" if last != first else "")

    @property
    def key(self) -> str:
        """What ids of its figures end in."""
        return f"{self.year}-{self.series}" if self.split else self.year

    @property
    def form_not_said(self) -> float | None:
        """The share of its money whose label does not say how the care was bought. `mart_ledger_coverage` has
        it of all months, those that cannot show care among them."""
        amounts = self.amounts()
        total = fsum(amounts.values())
        return fsum(amounts.get(route, 0.0) for route in FORM_NOT_SAID) / total if total > 0 else None

    def amounts(self, column: str = "amount_cash_gbp") -> dict[str, float]:
        """Its money by route."""
        return by_route(self.rows, column)


@dataclass
class Body:
    """A body with a ledger: its row of `dim_body`, and its rows of each query."""

    facts: dict[str, Any]
    routes: Rows = field(default_factory=list)
    coverage: Rows = field(default_factory=list)
    types: Rows = field(default_factory=list)
    suppliers: Rows = field(default_factory=list)
    labels: Rows = field(default_factory=list)
    files: Rows = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.facts["body"]

    @property
    def name(self) -> str:
        return self.facts["body_name"]

    @property
    def problems(self) -> list[str]:
        """What is known to be wrong with the ledger, in the catalogue's words."""
        return [said for said in (self.facts["known_problems"] or "").split(" | ") if said]

    @cached_property
    def care(self) -> Rows:
        """Payments for adults' care of the months in which the ledger can show it."""
        return [row for row in self.routes if row["in_series"]]

    @cached_property
    def stretches(self) -> list[Stretch]:
        held = {row["financial_year"]: row["months_in_series"] for row in self.coverage}
        parts = [
            (*key, list(rows))
            for key, rows in groupby(
                sorted(self.care, key=lambda row: row["month"]),
                key=lambda row: (row["financial_year"], row["comparability_group"]),
            )
        ]
        years = [year for year, _, _ in parts]
        return [
            Stretch(year, series, rows, held.get(year, 0), years.count(year) > 1)
            for year, series, rows in parts
        ]

    @cached_property
    def lead(self) -> Stretch | None:
        """The stretch that the page leads with: the last whole year, or else the longest part of one."""
        return max(
            self.stretches,
            key=lambda s: (s.whole, s.year if s.whole else "", s.counted, s.year),
            default=None,
        )

    @cached_property
    def route_names(self) -> dict[str, str]:
        """The routes that its care took: the three that are told apart first, the others by money."""
        money = by_route(self.care)
        names = {row["route"]: row["route_name"] for row in self.care}
        first = [route for route in KINDS if route in names]
        rest = sorted(set(names) - set(first), key=lambda route: (-money[route], route))
        return {route: names[route] for route in [*first, *rest]}


@dataclass
class Everything:
    """All bodies by id, and what their pages share."""

    bodies: dict[str, Body]
    councils: dict[str, str]
    """Names of councils by id: each has a page of its own."""
    enough: float
    pandemic: frozenset[str]
    released: datetime.date
    edition: str
    """Version of the package and build of the data, for citations."""
    has_briefs: bool = True
    """Whether briefs and councils have pages beside these; the site of a workspace has none."""


def by_route(rows: Rows, column: str = "amount_cash_gbp") -> dict[str, float]:
    """Money by route."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        found[row["route"]].append(row[column] or 0.0)
    return {route: fsum(amounts) for route, amounts in found.items()}


def by_kind(amounts: dict[str, float]) -> dict[str, float]:
    """Money by the kinds that charts tell apart."""
    kinds = {kind: amounts.get(kind, 0.0) for kind in KINDS}
    kinds["rest"] = fsum(amount for route, amount in amounts.items() if route not in KINDS)
    return kinds


def load(project: Project) -> Everything:
    """Read everything from the published marts."""
    bodies, councils = read(project)
    return Everything(
        bodies=bodies,
        councils=councils,
        enough=enough(project),
        pandemic=judgements.pandemic(project),
        released=citations.released(project),
        edition=citations.edition(project),
        has_briefs=(project.reports / "inside-the-ledger.qmd").exists(),
    )


def read(project: Project) -> tuple[dict[str, Body], dict[str, str]]:
    """Every body of the published marts by id, and the names of councils."""
    with seals.open_database(project) as db:
        db.execute("set threads = 1")
        bodies = {row["body"]: Body(row) for row in _rows(db, BODIES)}
        for name, sql in QUERIES.items():
            for body, rows in groupby(_rows(db, sql), key=lambda row: row["body"]):
                setattr(bodies[body], name, list(rows))
        councils = _rows(db, "select council_id, council_name from dim_council")
    return bodies, {row["council_id"]: row["council_name"] for row in councils}


def _rows(db: Any, sql: str) -> Rows:
    cursor = db.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
