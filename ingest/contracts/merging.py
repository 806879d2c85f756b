"""One record of all releases of a contracting process, and the tables made of it.

The rules of merging are the standard's (`ocdsmerge`): the later release wins, lists with identifiers are
merged by them, other lists are replaced whole.
"""

from __future__ import annotations

import warnings

from ocdsmerge import Merger
from ocdsmerge.exceptions import DuplicateIdValueWarning

from commissioning.ingest.contracts.ocds import day, moment, scrubbed, without_people
from commissioning.ingest.contracts.suppliers import register_number

RULES = {
    ("tag",): "omitWhenMerged",
    ("parties", "additionalIdentifiers"): "wholeListMerge",
    ("tender", "additionalClassifications"): "wholeListMerge",
}
"""Of the rules of OCDS 1.1, those that concern a field we keep: additional identifiers and classifications
are replaced whole. Lists of texts always are."""

PORTALS = {
    "ocds-b5fd17": "Contracts Finder",
    "ocds-h6vhtk": "Find a Tender",
    "ocds-r6ebe6": "Public Contracts Scotland",
    "ocds-kuma6s": "Sell2Wales",
}
SCHEMES = ("GB-COH", "GB-CHC", "GB-SC", "GB-NIC", "GB-MPR")
"""Public registers of companies, charities and mutuals."""
_MERGER = Merger(merge_rules=RULES)


def compiled(releases: list[dict]) -> dict:
    """One record of the kept releases of a process."""
    if len(releases) == 1:
        return releases[0]
    with warnings.catch_warnings():
        # Two items of a list under one id: the last stands, as the standard says.
        warnings.simplefilter("ignore", DuplicateIdValueWarning)
        ordered = [{**release, "date": moment(release["date"])} for release in _apart(releases)]
        return _MERGER.create_compiled_release(ordered)


def _apart(releases: list[dict]) -> list[dict]:
    """Releases in which one party id means one organisation.

    Some portals number parties anew in each release (`org-1`), so that one id can stand for two bodies. Such
    an id gets the name behind it.
    """
    names: dict[str, set[str]] = {}
    for release in releases:
        for party in release.get("parties") or []:
            names.setdefault(party.get("id"), set()).add(party.get("name"))
    clash = {key for key, found in names.items() if key is not None and len(found) > 1}
    return [_renamed(release, clash) for release in releases] if clash else releases


def _renamed(release: dict, clash: set[str]) -> dict:
    called = {party["id"]: party.get("name") for party in release.get("parties") or [] if party.get("id")}

    def renamed(part: dict) -> dict:
        key = part.get("id")
        return {**part, "id": f"{key} {called[key]}"} if key in clash and key in called else part

    release = dict(release)
    if release.get("buyer"):
        release["buyer"] = renamed(release["buyer"])
    release["parties"] = [renamed(party) for party in release.get("parties") or []]
    if release.get("awards"):
        release["awards"] = [
            {**award, "suppliers": [renamed(part) for part in award["suppliers"]]}
            if award.get("suppliers")
            else award
            for award in release["awards"]
        ]
    return release


def process_row(record: dict, releases: list[dict], source: tuple[str, str]) -> dict[str, object]:
    """The row of a process in `processes`."""
    tender, buyer = record.get("tender") or {}, record.get("buyer") or {}
    cpv, period = tender.get("classification") or {}, tender.get("tenderPeriod") or {}
    suitable, techniques = tender.get("suitability") or {}, tender.get("techniques") or {}
    lots = tender.get("lots") or []
    contract = (
        tender.get("contractPeriod") or (lots[0].get("contractPeriod") if len(lots) == 1 else None) or {}
    )
    dates = sorted(moment(release["date"]) for release in releases)
    tendered = [moment(r["date"]) for r in releases if "tender" in (r.get("tag") or [])]
    return {
        "ocid": record["ocid"],
        "portal": PORTALS.get(record["ocid"][:11], "not known"),
        "releases": len(releases),
        "first_release": day(dates[0]),
        "last_release": day(dates[-1]),
        "reference": scrubbed(tender.get("id")),
        "buyer": scrubbed(buyer.get("name")),
        "department": None,
        "title": without_people(tender.get("title")),
        "cpv": scrubbed(cpv.get("id")) if cpv.get("scheme") in (None, "CPV") else None,
        "category": scrubbed(cpv.get("description")),
        "procurement_category": scrubbed(tender.get("mainProcurementCategory")),
        "procedure": scrubbed(tender.get("procurementMethodDetails"))
        or scrubbed(tender.get("procurementMethod")),
        "procurement_method": scrubbed(tender.get("procurementMethod")),
        "status": scrubbed(tender.get("status")),
        "is_framework": _any_true(techniques, "hasFrameworkAgreement"),
        "is_dynamic_purchasing": _any_true(techniques, "hasDynamicPurchasingSystem"),
        **_money("value", tender.get("value")),
        "published": day(tender.get("datePublished") or (min(tendered) if tendered else "")),
        "deadline": day(period.get("endDate") or ""),
        "contract_start": day(contract.get("startDate") or ""),
        "contract_end": day(contract.get("endDate") or ""),
        "contract_days": contract.get("durationInDays"),
        "extension_months": None,
        "extensions": None,
        "may_extend": _of_lots(lots, ("hasOptions", "hasRenewal")),
        "bidders": _bidders(record),
        "suits_small": suitable.get("sme"),
        "suits_voluntary": suitable.get("vcse"),
        "source_file": source[0],
        "source_position": source[1],
    }


def award_rows(record: dict, source: tuple[str, str]) -> list[dict[str, object]]:
    """The rows of a process in `awards`: one for each award and supplier, or one where none is named."""
    parties = {party.get("id"): party for party in record.get("parties") or []}
    signed = {contract.get("awardID"): contract for contract in record.get("contracts") or []}
    rows = []
    for award in record.get("awards") or []:
        contract = signed.get(award.get("id")) or {}
        period = contract.get("period") or award.get("contractPeriod") or {}
        suppliers = award.get("suppliers") or [{}]
        for place, supplier in enumerate(suppliers, 1):
            party = parties.get(supplier.get("id")) or {}
            details = party.get("details") or {}
            rows.append(
                {
                    "ocid": record["ocid"],
                    "award_id": scrubbed(award.get("id")),
                    "supplier_place": place,
                    "suppliers": len(award.get("suppliers") or []),
                    "supplier": scrubbed(supplier.get("name") or party.get("name")),
                    "supplier_number": _number(party),
                    "is_small": {"sme": True, "large": False}.get(details.get("scale")),
                    "is_voluntary": details.get("vcse"),
                    "award_status": scrubbed(award.get("status")),
                    "award_date": day(award.get("date") or ""),
                    **_money("value", contract.get("value") or award.get("value")),
                    "annual_value": None,
                    "contract_start": day(period.get("startDate") or ""),
                    "contract_end": day(period.get("endDate") or ""),
                    "source_file": source[0],
                    "source_position": source[1],
                }
            )
    return rows


def _money(name: str, money: dict | None) -> dict[str, object]:
    amount = (money or {}).get("amount")
    return {
        name: None if amount is None else float(amount),
        "currency": scrubbed((money or {}).get("currency")) if amount is not None else None,
    }


def _any_true(part: dict, name: str) -> bool | None:
    return part.get(name) if name in part else None


def _of_lots(lots: list[dict], names: tuple[str, ...]) -> bool | None:
    said = [lot[name] for lot in lots for name in names if lot.get(name) is not None]
    return any(said) if said else None


def _bidders(record: dict) -> int | None:
    """How many bid: the tender's number of tenderers, else the statistics of bids, where of one figure."""
    told = (record.get("tender") or {}).get("numberOfTenderers")
    if told is None:
        figures = [
            figure.get("value")
            for figure in (record.get("bids") or {}).get("statistics") or []
            if figure.get("measure") == "bids"
        ]
        told = figures[0] if len(figures) == 1 else None
    return None if told is None else int(told)


def _number(party: dict) -> str | None:
    """The number of an organisation in a public register of companies, charities or the like."""
    for identifier in [party.get("identifier") or {}, *(party.get("additionalIdentifiers") or [])]:
        scheme, number = identifier.get("scheme") or "", identifier.get("id") or ""
        if scheme in SCHEMES and (good := register_number(scheme, number)):
            return good
    return None
