"""A council on one page of A4: `reports/_site/councils/profiles/<council_id>.pdf`, of every council in force.

The page is `reports/_theme/profile.typ`. One Typst compiler makes all of them: it reads the template and its
fonts once, and a page takes some hundredths of a second.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import Any

from commissioning.base.errors import RenderError
from commissioning.base.files import read_json, replace_text
from commissioning.base.paths import Project
from commissioning.site.councils import flags, outcomes
from commissioning.site.councils.data import PEERS, Council, Everything
from commissioning.site.councils.outcomes import FEW_IN_WORDS
from commissioning.site.formats import NONE, number, percent

FOLDER = "councils/profiles"

MADE_OF = "data/build/council_profiles.json"

SURVEYED = (
    ("control_over_daily_life", "People with control over their daily life"),
    ("satisfaction_with_care", "People extremely or very satisfied"),
    ("feeling_safe", "People who feel as safe as they want"),
    ("quality_of_life", "Quality of life, score of 0 to 24"),
    ("carers_quality_of_life", "Carers’ quality of life, score of 0 to 12"),
)


def write(everything: Everything, project: Project, made_by: str) -> int:
    """Write the profile of every council in force whose text or template changed; how many there are.

    Hashes of what each is made of are kept, so that the next build need not make it again.
    """
    import typst

    template = project.reports / "_theme" / "profile.typ"
    look = template.read_text(encoding="utf-8")
    folder = project.site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    compiler = typst.Compiler(str(template), root=str(template.parent), ignore_system_fonts=True)
    midday = datetime.datetime.combine(everything.released, datetime.time(12), datetime.UTC)
    store = project.root / MADE_OF
    before = read_json(store) or {}
    now: dict[str, str] = {}
    for council in everything.councils.values():
        if not council.facts["is_current"]:
            continue
        said = json.dumps(content(council, everything, made_by), ensure_ascii=False, sort_keys=True)
        pdf = folder / f"{council.id}.pdf"
        now[council.id] = hashlib.sha256((said + look).encode()).hexdigest()
        if pdf.exists() and before.get(council.id) == now[council.id]:
            continue
        try:
            made = compiler.compile(sys_inputs={"council": said}, timestamp=int(midday.timestamp()))
        except typst.TypstError as error:
            raise RenderError(
                "Typst could not make a council's profile.",
                file=template,
                where=council.id,
                found=error,
                todo="mend what Typst names",
            ) from None
        pdf.write_bytes(made)
    for leftover in set(folder.glob("*.*")) - {folder / f"{name}.pdf" for name in now}:
        leftover.unlink()
    store.parent.mkdir(parents=True, exist_ok=True)
    replace_text(store, json.dumps(now), durable=False)
    return len(now)


def content(council: Council, everything: Everything, made_by: str) -> dict[str, Any]:
    """What the template shows."""
    years = everything.years
    facts = council.facts
    money = council.share(years.latest, "C")
    people = council.outcome("users_with_direct_payment", years.outcomes)
    england = _england(everything, "users_with_direct_payment", years.outcomes).get("england_value")
    has_people = people is not None and people["value"] is not None
    return {
        "id": council.id,
        "name": council.name,
        "called": council.in_a_sentence,
        "kind": facts["class"]
        if facts["class"] == facts["region"]
        else f"{facts['class']}, {facts['region']}",
        "years": {"people": years.outcomes, "money": years.latest, "peers": str(years.peers)},
        "people": {
            "year": years.outcomes,
            "own": _per_cent(people["value"]),
            "england": _per_cent(england),
            "peers": None if people["peer_median"] is None else _per_cent(people["peer_median"]),
        }
        if has_people
        else None,
        "money": {
            "own": percent(money["share"]),
            "england": percent(money["england_share"]),
            "flag": flags.words(money),
        }
        if money and money["share"] is not None
        else None,
        "bars": _bars(council, everything, england),
        "rows": _rows(council, everything),
        "dashes": any(NONE in row.values() for row in _rows(council, everything)),
        "flags": _flags(council, everything),
        "released": str(everything.released.year),
        "made": made_by.replace(",", f" of {everything.released.day} {everything.released:%B %Y},") + ".",
    }


def _per_cent(value: float | None) -> str:
    return NONE if value is None else percent(value / 100)


def _england(everything: Everything, measure: str, year: str) -> dict[str, Any]:
    """A row that carries England's figure, as every council's does that has one."""
    rows = (council.outcome(measure, year) for council in everything.councils.values())
    return next((row for row in rows if row and row["england_value"] is not None), {})


def _england_share(everything: Everything, year: str) -> float | None:
    """England's share of the money on basis C, from whichever council has a row."""
    rows = (council.share(year, "C") for council in everything.councils.values())
    return next((row["england_share"] for row in rows if row and row["england_share"] is not None), None)


def _bars(council: Council, everything: Everything, england: float | None) -> list[dict[str, Any]]:
    """The council, its peers and England by people with a direct payment, highest first."""
    nearest = [peer["peer_id"] for peer in council.peers if peer["peer_rank"] <= PEERS]
    found = []
    for other in [council, *(everything.councils[name] for name in nearest)]:
        row = other.outcome("users_with_direct_payment", everything.years.outcomes)
        if row and row["value"] is not None:
            found.append((row["value"], other.name, other is council, False))
    if england is not None:
        found.append((england, "England", False, True))
    return [
        {"name": name, "value": value, "shown": _per_cent(value), "own": own, "england": whole}
        for value, name, own, whole in sorted(found, key=lambda bar: (-bar[0], bar[1]))
    ]


def _rows(council: Council, everything: Everything) -> list[dict[str, str]]:
    years = everything.years
    rows = [
        _outcome(council, everything, "users_with_direct_payment", "People with a direct payment", year)
        for year in ("2018-19", years.carers_paid, years.outcomes)
    ]
    # The newest is of another collection: a rule stands before it.
    rows[-1] |= {"what": f"{rows[-1]['what']}, new collection", "new": True}
    rows.append(
        _outcome(
            council,
            everything,
            "carers_with_direct_payment",
            "Carers with a direct payment",
            years.carers_paid,
        )
    )
    for year in (years.before, years.latest):
        row = council.share(year, "C") or {}
        rows.append(
            {
                "what": "Direct payments, share of long-term support",
                "year": year,
                "own": percent(row.get("share")) + (" †" if flags.words(row or None) else ""),
                "peers": percent(row.get("peer_median_share")),
                "england": percent(_england_share(everything, year)),
            }
        )
    for measure, what in SURVEYED:
        year = years.carers if measure.startswith("carers") else years.outcomes
        rows.append(_outcome(council, everything, measure, what, year))
    return rows


def _outcome(council: Council, everything: Everything, measure: str, what: str, year: str) -> dict[str, str]:
    row, england = council.outcome(measure, year) or {}, _england(everything, measure, year)
    shown = _per_cent if (row or england).get("unit") == "per cent" else _score
    own = shown(row.get("value"))
    if row.get("value") is not None and row["margin_of_error"] is not None:
        few = outcomes.is_few(row)
        own += " ‡" if few else f" ± {number(row['margin_of_error'])}"
    return {
        "what": what,
        "year": year,
        "own": own,
        "peers": shown(row.get("peer_median")),
        "england": shown(england.get("england_value")),
    }


def _score(value: float | None) -> str:
    return number(value)


def _flags(council: Council, everything: Everything) -> list[str]:
    years = everything.years
    found = [
        f"† The direct payment share of {year} is {words}."
        for year in (years.before, years.latest)
        if (words := council.flag(year, "C"))
    ]
    newest = f"The share of people with a direct payment in {years.outcomes}"
    if before := outcomes.far_from_before(council, everything):
        found.append(
            f"{newest} is far from that of {before}, which another collection gives: how the council records "
            "direct payments may be part of the difference."
        )
    if outcomes.few_people(council, everything):
        row = council.outcome("users_with_direct_payment", years.outcomes)
        found.append(f"{newest} is {row['numerator']:.0f} of {row['denominator']:.0f} people.")
    if any("‡" in row["own"] for row in _rows(council, everything)):
        found.append(
            f"‡ {FEW_IN_WORDS.capitalize()} people answered: too few to tell the council from England."
        )
    if council.facts["why_too_small"]:
        found.append(council.facts["why_too_small"].rstrip(".").replace("'", "’") + ".")
    found += [
        f"Figures before {change['first_financial_year']} are of other boundaries."
        for change in council.boundary_changes
    ]
    return found
