"""Lists of sources under a brief: a licence that nobody saw is called presumed, as the catalogue calls it."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from commissioning.ingest.catalogue import catalogue

NAMED = {
    r"\bEX1\b|Personal Social Services Expenditure, 2000-01": "pss_ex1",
    "Finance Return|Activity and Finance Report": "asc_fr",
    "Personal Social Services Expenditure, council level": "asc_fr_activity",
    "Outcomes Framework": "ascof",
    "Adult Social Care Survey": "ascs",
    "population estimates": "ons_population",
    "GDP deflators": "hmt_gdp_deflator",
    "Talking Therapies": "nhse_talking_therapies",
    "mental health dashboard": "nhse_mh_dashboard",
    "clinical commissioning groups": "nhs_ccg_ledger",
    "outturn RO3": "mhclg_ro3",
    "self-directed support files": "phs_sds",
    "contracts register": "contracts_register_salford",
    "Contracts Finder": "contracts_finder",
    "multi-year data set": "mhclg_ro_multi",
    "Devon County Council, published": "ledger_devon",
    "Sheffield City Council, published": "ledger_sheffield",
    "Calderdale Council, published": "ledger_calderdale",
    "Bradford Metropolitan District Council, published": "ledger_bradford",
    "Leeds City Council, published": "ledger_leeds",
    "Newcastle City Council, published": "ledger_newcastle-upon-tyne",
    "Wakefield Council, published": "ledger_wakefield",
}
"""How a brief names a dataset."""


SOURCES = re.compile(r"^::: \{\.sources\}\n(.*?)^:::", re.M | re.S)


def listed() -> list[tuple[str, str]]:
    """Each source under a brief that states a licence, with its page."""
    found = []
    for page in sorted((ROOT / "reports").glob("*.qmd")):
        for block in SOURCES.findall(page.read_text(encoding="utf-8")):
            lines = [line for line in block.splitlines() if line.startswith("- ") and "Licence v" in line]
            found += [(page.stem, line) for line in lines]
    return found


def presumed(line: str) -> set[bool]:
    """Whether the licences are presumed of the editions that a line names, or of all held."""
    years = () if "earlier editions" in line else tuple(re.findall(r"\b(?:19|20)\d\d-\d\d\b", line))
    found = set()
    for pattern, dataset in NAMED.items():
        if re.search(pattern, line):
            held = catalogue()[dataset].held
            named = [edition for edition in held if years and edition.edition.startswith(years)] or held
            found |= {edition.licence_status == "presumed" for edition in named}
    return found


OF_THE_CATALOGUE = [(page, line) for page, line in listed() if presumed(line)]


@pytest.mark.parametrize(("page", "line"), OF_THE_CATALOGUE, ids=lambda said: said[:50])
def test_a_licence_that_is_presumed_is_called_so(page, line):
    assert ("presumed" in line) == (True in presumed(line)), page


def test_lines_of_every_kind_are_read():
    # The others are an answer to parliament and the ledgers of several councils at once.
    assert len(listed()) - len(OF_THE_CATALOGUE) <= 2 and len(OF_THE_CATALOGUE) > 25
    assert presumed("- HM Treasury, GDP deflators, March 2026. Open Government Licence v3.0.") == {True}
    newest = "- Adult Social Care Outcomes Framework, 2024-25 edition"
    assert presumed(newest) == {False} and presumed(f"{newest}, and earlier editions") == {True, False}
