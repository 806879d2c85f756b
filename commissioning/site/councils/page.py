"""One council's page: what the template `council.qmd.j2` and its parts are given."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from commissioning.base.csvs import ABOUT
from commissioning.site import templates
from commissioning.site.councils import costs, flags, notes, outcomes, resources, routes, shares, spending
from commissioning.site.councils.data import Council, Everything
from commissioning.site.councils.downloads import FILES
from commissioning.site.formats import percent

CODES = {"gss_codes_all": "GSS", "cassr_codes_all": "CASSR"}

COMPARED = 4
"""How many councils the comparison holds side by side."""


def text(council: Council, everything: Everything, headlines: dict[str, dict]) -> str:
    """The whole page as a plain `.qmd`. `headlines` are the council's, as `headlines.read` gives them."""
    return templates.qmd(
        "council.qmd.j2",
        **_words(council, everything),
        **_headlines(council, everything.years.latest, headlines),
        **_sections(council, everything),
    )


def _words(council: Council, everything: Everything) -> dict[str, Any]:
    years = everything.years
    return {
        "council": council,
        "everything": everything,
        "facts": council.facts,
        # As headings, tables and charts name it, and as a sentence does.
        "name": council.name,
        "called": council.in_a_sentence,
        "years": years,
        "latest": years.latest,
        "pandemic": everything.pandemic,
        "released": everything.released,
        "edition": everything.edition,
        "flag_of": flags.words,
        "england_words": {
            key: flags.of_england(row["flag"], row["flag_reason"])
            for key, row in everything.england_flags.items()
        },
        "negative": flags.NEGATIVE,
        "dagger": flags.DAGGER,
        "own_dagger": flags.OWN_DAGGER,
        "earlier_answers": flags.EARLIER_ANSWERS,
        "older_census": flags.OLDER_CENSUS,
        "residents": flags.RESIDENTS,
        "of_returns": flags.RETURNS,
        "about_suffix": ABOUT,
    }


def _headlines(council: Council, latest: str, headlines: dict[str, dict]) -> dict[str, Any]:
    """How a template names a headline, the council's own or a national one, by its stem and year."""

    def value(stem: str, year: str) -> Any:
        return headlines.get(f"council_{_id(stem, year)}", {}).get("value")

    return {
        "own": lambda stem, year: Markup(f"[council_{_id(stem, year)}@{council.id}]{{.n}}"),
        "national": lambda stem, year: Markup(f"[{_id(stem, year)}]{{.n}}"),
        "has": lambda stem, year: value(stem, year) is not None,
        # Suppressed counts leave the share of people open: its two ends print alike or not.
        "open_counts": len({percent(value(f"dp_people_{end}", latest)) for end in ("low", "high")}) > 1,
        "suppressed_counts": value("dp_people_low", latest) != value("dp_people_high", latest),
        # A headline in millions shows less than a small council spends.
        "in_millions": lambda stem, year: value(stem, year) >= 1e6,
    }


def _id(stem: str, year: str) -> str:
    return f"{stem}_{year.replace('-', '_')}"


def _sections(council: Council, everything: Everything) -> dict[str, Any]:
    """The sections' own values; a section without any is not shown, or says why."""
    return {
        "succession": notes.succession(council, everything),
        "none_printed": shares.years_without_payments(council),
        "over_the_years": shares.over_the_years(council, everything),
        "bases": shares.bases(council, everything),
        "level": shares.level(council, everything),
        "place": shares.place(council, everything),
        "groups": shares.groups(council, everything),
        "old_groups": shares.old_groups(council, everything),
        "settings": spending.settings(council, everything),
        "unit_costs": costs.tables(council, everything),
        "rates": costs.years_of_rates(council),
        "people": routes.people(council),
        "ledger": routes.ledger(council, everything.enough),
        "resources": resources.resources(council),
        "outcomes": outcomes.outcomes(council, everything),
        "control": outcomes.control(council, everything),
        "peers_lack": shares.peers_lack(council, everything),
        "far_from": outcomes.far_from_before(council, everything),
        "few_people": outcomes.few_people(council, everything),
        "notes": notes.notes(council, everything),
        "imputed": notes.imputed(everything),
        "peers": notes.peers(council, everything),
        "no_peers": ("#peers", "too few peers") if council.peers else ("#peers", "no peers"),
        "compared": ",".join([council.id, *(peer["peer_id"] for peer in council.peers[: COMPARED - 1])]),
        "files": {name: len(getattr(council, file.rows)) for name, file in FILES.items()},
        "codes": [(label, council.facts[key]) for key, label in CODES.items() if council.facts[key]],
    }
