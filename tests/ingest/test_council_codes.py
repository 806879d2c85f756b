"""Registers of councils: each layout on a made-up file, errors, and facts typed from the held files."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError, OriginalError
from commissioning.base.paths import project
from commissioning.ingest import council_codes
from commissioning.ingest.catalogue import Edition, catalogue

CASSR = (
    "cassr_code,gss_code,name_mysociety,names_seen,class,region,start,end,replaced_by_mysociety,"
    "years_gss_seen,years_code_seen\n"
    "101,E10000099,Northshire,Northshire,Shire county,North,,2023-04-01,NSE,2016-17,2008-09\n"
    "101,E06000099,Northshire,Northshire UA,Unitary,North,2023-04-01,,,2024-25,2008-09\n"
    "102,,,Southshire,Shire county,North,,2009-04-01,,2008-09,2008-09\n"
)
MYSOCIETY = (
    "local-authority-code,official-name,nice-name,gss-code,start-date,end-date,replaced-by,nation,region,"
    "local-authority-type,local-authority-type-name,former-gss-codes,alt-names\n"
    'NSE,Northshire Council,Northshire,E06000099,2023-04-01,,,England,North,UA,Unitary authority,,"a,b"\n'
    "DIS,Smalltown Council,Smalltown,E07000001,,,,England,North,NMD,Non-metropolitan district,,\n"
    "SCO,Elsewhere Council,Elsewhere,S12000001,,,,Scotland,Scotland,SCO,Scottish unitary,,\n"
)
TIERS = (
    "\ufeffLTLA23CD,LTLA23NM,LTLA23NMW,UTLA23CD,UTLA23NM,UTLA23NMW,ObjectId\n"
    "E07000001,Smalltown,,E10000099,Northshire,,1\n"
    "W06000001,Elsewhere,,W06000001,Elsewhere,,2\n"
)
FILES = {"cassr-gss": CASSR, "mysociety": MYSOCIETY, "lad-utla-2023": TIERS}


def read(edition: str, text: str):
    entry: Edition = catalogue()["council_codes"].edition(edition)
    return council_codes.read(entry, {entry.files[0].path: text.encode()})


def facts(edition: str, text: str) -> list[tuple[str, str, str, str]]:
    reading = read(edition, text)
    for account in reading.accounting:
        account.check()
    assert not reading.table.select(reading.key).is_duplicated().any()
    return list(reading.table.select("code", "paired_code", "attribute", "value_text").iter_rows())


def test_a_code_with_two_boundaries_keeps_both():
    found = facts("cassr-gss", CASSR)
    assert ("101", "E10000099", "gss_code", "E10000099") in found
    assert ("101", "E06000099", "gss_code", "E06000099") in found
    assert ("102", "", "names_seen", "Southshire") in found
    assert not [fact for fact in found if not fact[3]]


def test_only_english_upper_tier_councils_of_the_register():
    found = facts("mysociety", MYSOCIETY)
    assert {fact[0] for fact in found} == {"NSE"}
    assert ("NSE", "E06000099", "alt-names", "a,b") in found


def test_tiers():
    assert facts("lad-utla-2023", TIERS) == [("E07000001", "E10000099", "UTLA23NM", "Northshire")]


@pytest.mark.parametrize("edition", FILES)
def test_a_renamed_column_and_a_cut_line_are_named(edition):
    text = FILES[edition]
    with pytest.raises(LayoutError, match="line 1"):
        read(edition, text.replace("gss_code", "g").replace("gss-code", "g").replace("UTLA23CD", "g"))
    with pytest.raises(OriginalError, match="as many fields as the header"):
        read(edition, text[: text.rstrip().rindex(",")])


@pytest.mark.parametrize(
    ("edition", "code", "attribute", "texts"),
    [
        ("cassr-gss", "809", "gss_code", ["E06000059", "E10000009"]),
        ("cassr-gss", "916", "gss_code", ["E06000060"]),
        ("mysociety", "GAT", "former-gss-codes", ["E08000020"]),
        ("mysociety", "CMA", "replaced-by", ["CBD,WAF"]),
        ("lad-utla-2023", "E07000008", "UTLA23NM", ["Cambridgeshire"]),
    ],
)
def test_golden_facts(edition, code, attribute, texts):
    table = pl.read_parquet(project().raw / "council_codes" / f"{edition}.parquet")
    assert table.filter(code=code, attribute=attribute)["value_text"].to_list() == texts
