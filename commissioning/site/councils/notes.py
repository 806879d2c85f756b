"""What a council's page says is missing, flagged or broken, and why; its peers; the files to take away."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from commissioning.site.councils import flags, gaps
from commissioning.site.councils.data import Council, Everything, Rows
from commissioning.site.formats import NONE, span


def notes(council: Council, everything: Everything) -> dict[str, Rows]:
    return {
        "flagged": _flagged(council, everything),
        "beside": _flagged_beside(council, everything),
        "missing": _missing(council),
        "breaks": [basis for basis in everything.bases if basis["break_before"]] if council.totals else [],
    }


def _flagged(council: Council, everything: Everything) -> Rows:
    """The council's flagged figures, those with the same reason together."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in council.shares:
        beyond = flags.beyond(row["share"])
        # On basis C the table of client groups marks them too.
        told = row["is_outlier"] and (row["client_group"] == "all" or row["basis"] == "C")
        if not (row["flag"] or told or beyond):
            continue
        kind, why = beyond or ("outlier", flags.FAR_OUT)
        kind = row["flag"] or kind
        group = everything.groups[row["client_group"]].lower()
        age = f", {row['age_band']}" if row["age_band"] != "all" else ""
        reason = row["flag_reason"] or why
        found[row["financial_year"], kind.replace("_", " "), reason].append(
            f"basis {row['basis']}: {group}{age}"
        )
    return [
        {"year": year, "what": "; ".join(dict.fromkeys(what)), "flag": kind, "why": reason}
        for (year, kind, reason), what in sorted(found.items())
    ]


def _flagged_beside(council: Council, everything: Everything) -> Rows:
    """The flagged figures of England and of the council's region in the years and on the bases it has."""
    held = {(row["financial_year"], row["basis"]) for row in council.totals}
    return [
        flag | {"why": flag["flag_reason"] or NONE}
        for flag in everything.area_flags
        if (flag["financial_year"], flag["basis"]) in held
        and (flag["area_level"] == "england" or flag["area_name"] == council.facts["region"])
    ]


def imputed(everything: Everything) -> Rows:
    """The regions whose latest figures hold earlier returns of some council, if England's do."""
    latest = (everything.years.latest, "C")
    if everything.england_flags.get(latest, {}).get("flag") != "imputed":
        return []
    return [
        flag
        for flag in everything.area_flags
        if (flag["financial_year"], flag["basis"], flag["flag"]) == (*latest, "imputed")
        and flag["area_level"] == "region"
    ]


def _missing(council: Council) -> Rows:
    """What is missing, those of one dataset, reason and span of years together."""
    titles = {gap["dataset"]: gap["dataset_title"] for gap in council.gaps}
    years: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for gap in council.gaps:
        years[gap["dataset"], gap["reason"]][gap["what"]].add(gap["financial_year"])
    rows = []
    for (dataset, reason), whats in sorted(years.items()):
        by_years: dict[str, list[str]] = defaultdict(list)
        for what, found in whats.items():
            by_years[span(sorted(found))].append(what)
        of = {"dataset": dataset, "title": titles[dataset], "why": reason}
        rows += [
            {**of, "years": during, "what": "; ".join(names)} for during, names in sorted(by_years.items())
        ]
    return rows


def peers(council: Council, everything: Everything) -> Rows:
    rows, years, people = [], everything.years, "users_with_direct_payment"
    for peer in council.peers:
        other = everything.councils[peer["peer_id"]]
        share = other.share(years.latest, "C")
        why_people = gaps.of_measure(other, years.outcomes, people, everything.measure_names)
        rows.append(
            {
                "id": other.id,
                "name": other.name,
                "rank": peer["peer_rank"],
                "people": flags.people_or_why(
                    other.outcome(people, years.outcomes), gaps.link(why_people, other.id)
                ),
                "share": flags.marked_or_why(share, gaps.link(gaps.of_share(other, years.latest), other.id)),
                "doubtful": bool(flags.words(share)),
            }
        )
    return rows


def succession(council: Council, everything: Everything) -> dict[str, Any]:
    """The councils that came before and after, with what is noted of each and who else took over a part."""
    found: dict[str, Any] = {}
    for side in ("predecessors", "successors"):
        ids = (council.facts[side] or "").split()
        pairs = [(council.id, i) if side == "successors" else (i, council.id) for i in ids]
        found[side] = [
            {
                "id": i,
                "name": everything.councils[i].name,
                "note": everything.successor_notes.get(pair),
                "shared_with": [
                    {"id": heir, "name": everything.councils[heir].name}
                    for heir in (everything.councils[i].facts["successors"] or "").split()
                    if side == "predecessors" and heir != council.id
                ],
            }
            for i, pair in zip(ids, pairs, strict=True)
        ]
    return found
