"""A body's page and the index of bodies: what the templates `body.qmd.j2` and `bodies.qmd.j2` are given.

A number in a sentence is a link to the cell of a table on the page that holds it, and has that cell's id.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from math import fsum
from typing import Any

from markupsafe import Markup

from commissioning.base.csvs import ABOUT
from commissioning.site import templates
from commissioning.site.bodies.data import WHOLE, Body, Everything, Rows, Stretch, by_kind, by_route
from commissioning.site.bodies.downloads import FILES, licences
from commissioning.site.charts import ledgers
from commissioning.site.charts.ledgers import KINDS
from commissioning.site.councils.routes import AND_MORE, NOT_HELD, VERDICTS, against_the_return, meaning
from commissioning.site.formats import NONE, count, millions, number, percent, pounds, shown

BY_LABEL = ("publisher_definition", "ledger_label")
"""Grades of evidence by which a payment counts as labelled."""
NOTHING = "none"
SHOWN = 200
"""Labels and files on a page; the CSV has all."""

GRADES = {
    "publisher_definition": "what the publisher says",
    "ledger_label": "the label",
    "inferred": "inferred",
    "assumed": "nothing: assumed",
}
EVIDENCE = {
    "publisher_number": "its number in the ledger",
    "audited_match": "a name that people checked",
    "name_pattern": "the form of the name",
    "payee_class": "the publisher’s mark or the form of the name",
    "none": "nothing",
}


def text(body: Body, everything: Everything) -> str:
    """The whole page as a plain `.qmd`."""
    return templates.qmd(
        "body.qmd.j2",
        body=body,
        name=body.name,
        council=everything.councils.get(body.facts["council_id"] or ""),
        has_briefs=everything.has_briefs,
        problems=body.problems,
        enough=everything.enough,
        pandemic=everything.pandemic,
        released=everything.released,
        edition=everything.edition,
        about_suffix=ABOUT,
        figure_of=_in_a_sentence(body),
        lead=_lead(body, everything.enough),
        years=_years(body),
        months=_months(body),
        coverage=_coverage(body, everything.enough),
        types=_types(body),
        suppliers=_suppliers(body),
        labels=_labels(body),
        files=_files(body),
        hidden=_hidden(body),
        licences=licences(body),
        downloads={name: len(getattr(body, file.rows)) for name, file in FILES.items()},
        titles={name: file.title.replace("'", "’") for name, file in FILES.items()},
    )


def _in_a_sentence(body: Body):
    def link(words: object, *parts: str) -> Markup:
        id = "-".join(parts)
        return Markup(f'[{templates.markdown(words)}](#{id}){{.n data-id="{id}@{body.id}"}}')

    return link


def _cell(id: str, words: object) -> Markup:
    """What a table shows, with the id by which sentences name it."""
    return Markup('<span id="{}">{}</span>').format(id, words)


# By year and month ------------------------------------------------------------------------------------------


def _lead(body: Body, enough: float) -> dict[str, Any] | None:
    """What the page leads with; its numbers are cells of the tables below."""
    stretch = body.lead
    if stretch is None:
        return None
    kinds = by_kind(stretch.amounts())
    total = fsum(kinds.values())
    official = _last_return(body.coverage, stretch.year, enough)
    exceeds = official and official["verdict"] == "exceeds"
    inferred = {row["route"] for row in stretch.rows if row["evidence_grade"] not in BY_LABEL}
    return {
        "stretch": stretch,
        "year": stretch.year,
        "key": stretch.key,
        "total": _money(total),
        "routes": [
            {
                "id": f"{kind}-{stretch.key}",
                "name": name.lower(),
                "amount": _money(kinds[kind]),
                "inferred": kind in inferred,
                "doubt": official["means"] if exceeds and kind == "direct_payment" else "",
            }
            for kind, (name, _) in KINDS.items()
            if kind != "rest" and kinds[kind] > 0
        ],
        "none": [name.lower() for kind, (name, _) in KINDS.items() if kind != "rest" and kinds[kind] <= 0],
        "form_not_said": percent(stretch.form_not_said),
        "return": official,
        "note": next((r["note"] for r in body.coverage if r["financial_year"] == stretch.year), None),
        "suppliers": next(
            (r for r in body.suppliers if r["financial_year"] == stretch.year and r["is_total"]), None
        ),
    }


def _last_return(rows: Rows, last: str, enough: float) -> dict[str, Any] | None:
    """The return of the last whole year that has one, no later than `last`, on the newest basis held."""
    held = [
        row
        for row in rows
        if row["ratio"] is not None and row["months_in_series"] == WHOLE and row["financial_year"] <= last
    ]
    if not held:
        return None
    year = max(row["financial_year"] for row in held)
    of_year = [row for row in held if row["financial_year"] == year]
    best = min(of_year, key=lambda row: "CDBA".find(row["official_basis"]))
    means = meaning(best, enough)
    enough_is_shown = means in (VERDICTS["carries"], AND_MORE)
    said = (None if enough_is_shown else means, best["note"] if year != last else None)
    return best | {"means": ". ".join(filter(None, said))}


def _hidden(body: Body) -> str:
    """The first month of those in which the ledger cannot show care; nothing where there is none."""
    months = [row["month"] for row in body.routes if not row["in_series"]]
    return f"{min(months):%B %Y}" if months else ""


def _money(amount: float) -> str:
    return f"£{millions(amount, 2)} million"


def _on_axis(value: float) -> str:
    """£ million in a few letters."""
    text = number(abs(value), 1).removesuffix(".0")
    return "£0" if text == "0" else f"{'−' if value < 0 else ''}£{text}m"


def _years(body: Body) -> dict[str, Any] | None:
    if not body.stretches:
        return None
    rows, real, bars = [], [], []
    for place, stretch in enumerate(body.stretches):
        amounts, kinds = stretch.amounts(), by_kind(stretch.amounts())
        total = fsum(amounts.values())
        at_prices = by_kind(stretch.amounts("amount_real_gbp"))
        rows.append(
            {
                "year": stretch.label,
                "months": _cell(f"months-{stretch.key}", stretch.counted),
                "all": _cell(f"all-{stretch.key}", millions(total, 2)),
                "form_not_said": _cell(f"form-not-said-{stretch.key}", percent(stretch.form_not_said)),
                **{
                    route: _cell(
                        f"{route}-{stretch.key}", millions(amounts[route], 2) if route in amounts else NOTHING
                    )
                    for route in body.route_names
                },
            }
        )
        real.append(
            {
                "year": stretch.label,
                "all": millions(fsum(at_prices.values()), 2),
                **{kind: millions(amount, 2) for kind, amount in at_prices.items()},
                **{
                    f"{kind}_share": percent(amount / total if total > 0 else None)
                    for kind, amount in kinds.items()
                },
            }
        )
        anew = place > 0 and body.stretches[place - 1].series != stretch.series
        bars.append(
            ledgers.Bar(stretch.label, {k: v / 1e6 for k, v in at_prices.items()}, stretch.whole, anew)
        )
    return {
        "rows": rows,
        "of_routes": [(route_name, route, shown) for route, route_name in body.route_names.items()],
        "real": real,
        "kinds": [(kind, name) for kind, (name, _) in KINDS.items()],
        "columns": [(name, kind, shown) for kind, (name, _) in KINDS.items()]
        + [("All", "all", shown)]
        + [(f"{name}, share", f"{kind}_share", shown) for kind, (name, _) in KINDS.items()],
        "prices": next(
            iter({row["real_terms_base_year"] for row in body.care if row["real_terms_base_year"]}), NONE
        ),
        "drawing": ledgers.bars(bars, _on_axis),
        "unseen": ledgers.too_small(bar.parts for bar in bars),
        "broken": len({stretch.series for stretch in body.stretches}) > 1,
        "first": body.stretches[0].label,
        "last": body.stretches[-1].label,
        "partial": not all(stretch.whole for stretch in body.stretches),
    }


def _months(body: Body) -> dict[str, Any] | None:
    if not body.care:
        return None
    by_month: dict[tuple, Rows] = defaultdict(list)
    for row in body.care:
        by_month[row["month"], row["comparability_group"]].append(row)
    rows, drawn = [], []
    for (month, series), found in sorted(by_month.items()):
        kinds = by_kind(by_route(found, "amount_cash_gbp"))
        real = by_kind(by_route(found, "amount_real_gbp"))
        rows.append(
            {
                "month": f"{month:%B %Y}",
                "all": number(fsum(kinds.values()) / 1e3, 0),
                "payments": count(sum(row["payments"] for row in found)),
                **{
                    kind: _cell(f"{kind}-month-{month:%Y-%m}", number(amount / 1e3, 0))
                    for kind, amount in kinds.items()
                },
            }
        )
        drawn.append(ledgers.Month(month, series, {k: v / 1e6 for k, v in real.items()}))
    told = any(month.parts[kind] for month in drawn for kind in KINDS if kind != "rest")
    return {
        "rows": rows,
        "columns": [(name, kind, shown) for kind, (name, _) in KINDS.items()],
        "first": rows[0]["month"],
        "last": rows[-1]["month"],
        "drawing": ledgers.months(drawn, _on_axis) if told else None,
        "unseen": ledgers.too_small(month.parts for month in drawn),
    }


# Against the return -----------------------------------------------------------------------------------------


def _coverage(body: Body, enough: float) -> dict[str, Any] | None:
    rows = against_the_return(body.coverage, enough)
    for row in rows:
        basis = "none" if row["basis"] == NOT_HELD else row["basis"]
        row["ratio"] = _cell(f"ratio-{basis}-{row['year']}", row["ratio"])
    return {"rows": rows, "any": any(row["basis"] != NOT_HELD for row in rows)} if rows else None


# Suppliers --------------------------------------------------------------------------------------------------


def _types(body: Body) -> dict[str, Any] | None:
    """Types of supplier over the years, and in the year that the page leads with by route."""
    totals = [row for row in body.types if row["is_total"] and row["months_in_series"]]
    if not totals:
        return None
    names = {row["supplier_type"]: row["supplier_type_name"] for row in totals}
    years: dict[str, Counter] = defaultdict(Counter)
    amounts: dict[str, Counter] = defaultdict(Counter)
    for row in totals:
        amounts[row["financial_year"]][row["supplier_type"]] += row["amount_cash_gbp"]
        years[row["financial_year"]][row["supplier_type"]] += row["share"] or 0
    rows = [
        {
            "year": year,
            "all": millions(fsum(amounts[year].values()), 2),
            **{
                kind: _cell(f"type-{kind}-{year}", percent(found[kind]) if kind in found else NOTHING)
                for kind in names
            },
        }
        for year, found in sorted(years.items())
    ]
    latest = body.lead.year if body.lead and body.lead.year in years else max(years)
    return {
        "columns": [(words, kind, shown) for kind, words in names.items()],
        "rows": rows,
        "latest": latest,
        "evidence": [
            {
                "type": row["supplier_type_name"],
                "evidence": EVIDENCE.get(row["evidence_grade"], row["evidence_grade"]),
                "payments": count(row["payments"]),
                "amount": millions(row["amount_cash_gbp"], 2),
                "share": percent(row["share"]),
            }
            for row in totals
            if row["financial_year"] == latest
        ],
    }


def _suppliers(body: Body) -> dict[str, Any] | None:
    if not body.suppliers:
        return None

    def cells(row: dict[str, Any]) -> dict[str, Any]:
        def cell(what: str, value: str, nothing: str = "no named one") -> Markup:
            return _cell(
                f"{what}-{row['route']}-{row['financial_year']}", nothing if value == NONE else value
            )

        return {
            "year": row["financial_year"],
            "route": row["route_name"],
            "months": row["months_held"],
            "suppliers": cell("suppliers", count(row["suppliers"])),
            "top_ten": cell("top-ten", percent(row["top_ten_share"])),
            "hhi": cell("hhi", number(row["hhi"], 3)),
            "new": cell("new", NONE if row["new_suppliers"] is None else count(row["new_suppliers"]), NONE),
            "ending": cell(
                "ending",
                NONE if row["leaving_suppliers"] is None else count(row["leaving_suppliers"]),
                NONE,
            ),
            "median": cell("median", pounds(row["median_payment_gbp"], 0)),
            "withheld": cell("withheld", percent(row["redacted_share"])),
            "people": cell("people", percent(row["person_share"])),
        }

    return {
        "all": [cells(row) for row in body.suppliers if row["is_total"]],
        "routes": [cells(row) for row in body.suppliers if not row["is_total"]],
    }


# Labels and files -------------------------------------------------------------------------------------------


def _labels(body: Body) -> dict[str, Any] | None:
    if not body.labels:
        return None
    care = [row for row in body.labels if row["care_scope"] == "adult_social_care"]
    other = [row for row in body.labels if row["care_scope"] != "adult_social_care"]
    total = fsum(row["amount_cash_gbp"] for row in care)
    grades = []
    for grade, words in GRADES.items():
        rows = [row for row in care if row["evidence_grade"] == grade]
        amount = fsum(row["amount_cash_gbp"] for row in rows)
        if rows:
            grades.append(
                {
                    "grade": words,
                    "labels": _cell(f"labels-{grade}", count(len(rows))),
                    "rules": _cell(f"rules-{grade}", count(len({row["rule_id"] for row in rows}))),
                    "amount": millions(amount, 2),
                    "share": _cell(f"labels-share-{grade}", percent(amount / total if total > 0 else None)),
                }
            )
    return {
        "grades": grades,
        "care": [_label(row) for row in care[:SHOWN]],
        "more": len(care) - len(care[:SHOWN]),
        "other": [_label(row) for row in other[:SHOWN]],
        "more_other": len(other) - len(other[:SHOWN]),
    }


def _label(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": row["expense_label"] or "no label",
        "code": row["expense_code"],
        "amount": millions(row["amount_cash_gbp"], 2),
        "payments": count(row["payments"]),
        "route": row["route_name"] or NOTHING,
        "setting": row["support_setting_name"] or "not said",
        "grade": GRADES.get(row["evidence_grade"] or "", NOTHING),
        "rule": row["rule_id"],
        "why": row["reason"] or "not said",
        "months": f"{row['first_month']:%B %Y} to {row['last_month']:%B %Y}",
    }


def _files(body: Body) -> dict[str, Any] | None:
    if not body.files:
        return None

    def summed(column: str) -> float:
        return fsum(row[column] or 0 for row in body.files)

    return {
        "sums": [
            {"what": words, "lines": lines, "money": money}
            for words, lines, money in (
                ("Read", _cell("lines-read", count(int(summed("lines_read")))), pounds(summed("read_gbp"))),
                ("Loaded as payments", count(int(summed("lines_loaded"))), pounds(summed("loaded_gbp"))),
                (
                    "Rejected, with a reason",
                    _cell("lines-rejected", count(int(summed("lines_rejected")))),
                    pounds(summed("rejected_gbp")),
                ),
                (
                    "Headers, blanks, totals",
                    count(int(summed("lines_furniture"))),
                    pounds(summed("totals_gbp")),
                ),
                (
                    "Of those loaded: repeats, left out of sums",
                    count(int(summed("duplicate_payments"))),
                    pounds(summed("duplicate_gbp")),
                ),
            )
        ],
        "count": count(len(body.files)),
        "balance": all(row["balances"] for row in body.files),
        "unbalanced": [row["source_file"] for row in body.files if not row["balances"]],
        "more": max(0, len(body.files) - SHOWN),
        "rows": [
            {
                "file": row["source_file"],
                "first": str(row["first_date"] or NOTHING),
                "last": str(row["last_date"] or NOTHING),
                "loaded": count(row["lines_loaded"]),
                "rejected": count(row["lines_rejected"]),
                "why": row["rejects"] or "none rejected",
                "money": pounds(row["loaded_gbp"]),
                "odd": row["oddities"] or "nothing",
            }
            for row in body.files[:SHOWN]
        ],
    }


# The index --------------------------------------------------------------------------------------------------


def index(everything: Everything) -> str:
    """The page `bodies/index.qmd`."""
    rows = [_listed(body) for body in everything.bodies.values()]
    # The workspace's own come first: they are what its owner looks for.
    own = any(body.facts["is_own"] for body in everything.bodies.values())
    rows.sort(key=lambda row: row["whose"] == "the package")
    return templates.qmd("bodies.qmd.j2", rows=rows, own=own, has_briefs=everything.has_briefs)


def _listed(body: Body) -> dict[str, Any]:
    stretch: Stretch | None = body.lead
    kinds = by_kind(stretch.amounts()) if stretch else {}
    found = {kind: millions(kinds[kind], 2) if kinds.get(kind) else "none seen" for kind in KINDS}
    return {
        "id": body.id,
        "name": body.name,
        "whose": "your workspace" if body.facts["is_own"] else "the package",
        "kind": body.facts["kind_name"] or "not stated",
        "held": _span(sorted({row["month"] for row in body.care})),
        "year": stretch.label if stretch else NOTHING,
        "months": stretch.counted if stretch else NOTHING,
        **(found if stretch else dict.fromkeys(KINDS, "none seen")),
    }


def _span(months: list[datetime.date]) -> str:
    """`July 2016 to March 2019`, and of months with holes between them how many there are."""
    if not months:
        return "no care seen"
    first, last = months[0], months[-1]
    between = 12 * (last.year - first.year) + last.month - first.month + 1
    holes = f", {len(months)} of {between} months" if len(months) < between else ""
    return f"{first:%B %Y} to {last:%B %Y}{holes}"


def workspace(used: list[Any]) -> str:
    """The first page of a workspace's site: its bodies, with what was used of each or why it is left out."""
    return templates.qmd("workspace.qmd.j2", used=used)
