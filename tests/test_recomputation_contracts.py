"""Contracts by another route: the raw tables in pandas, with rules of its own, held against the marts."""

from __future__ import annotations

import re

import duckdb
import pandas as pd
import pytest
from conftest import ROOT

RAW = ROOT / "data" / "raw"


@pytest.fixture(scope="module")
def notices() -> pd.DataFrame:
    """One row a notice, amounts as columns."""
    raw = pd.read_parquet(RAW / "contracts_finder" / "2026-03_lancashire_derived.parquet")
    amounts = raw.pivot_table(index=["extract", "notice"], columns="measure", values="value", aggfunc="first")
    rows = raw.drop_duplicates(["extract", "notice"]).set_index(["extract", "notice"]).join(amounts)
    return rows.reset_index().drop_duplicates("notice")


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    raw = pd.read_parquet(RAW / "contracts_register_salford" / "2022-07.parquet")
    amounts = raw.pivot_table(index="line", columns="measure", values="value", aggfunc="first")
    return raw.drop_duplicates("line").set_index("line").join(amounts)


def is_care(codes: str) -> bool:
    return any(code.startswith("85") for code in codes.split())


@pytest.fixture(scope="module")
def marts(built_marts):
    with duckdb.connect(str(built_marts), read_only=True) as db:
        yield db


def one(marts, sql: str):
    return marts.sql(sql).fetchall()[0]


def test_notices_of_care(marts, notices):
    care = notices[notices["cpv_codes"].map(is_care)]
    found = one(
        marts,
        """select count(*), count(*) filter (where stage = 'award'), count(*) filter (where suits_small),
            count(*) filter (where went_to_small),
            sum(value_cash_gbp) filter (where value_basis = 'awarded')
        from mart_contracts where dataset = 'contracts_finder' and is_care""",
    )
    assert found[:4] == (
        len(care),
        int(((care["status"] == "awarded") & (care["notice_type"] == "Contract")).sum()),
        int((care["suitable_for_sme"] == "true").sum()),
        int((care["awarded_to_sme"] == "true").sum()),
    )
    assert found[4] == pytest.approx(care["awarded_value"].sum())
    assert len(care) == 76


def test_days_to_the_deadline(marts, notices):
    dates = notices[["published_date", "deadline_date"]].apply(pd.to_datetime)
    days = (dates["deadline_date"] - dates["published_date"]).dt.days
    for condition, chosen in (("is_care", notices["cpv_codes"].map(is_care)), ("true", days.notna())):
        kept = days[chosen & (days >= 0)]
        found = one(
            marts,
            f"""select count(days_to_deadline), median(days_to_deadline) from mart_contracts
            where dataset = 'contracts_finder' and {condition}""",
        )
        assert found == (len(kept), kept.median())


def test_the_register_by_procedure_and_length(marts, register):
    care = register[register["proclass"].str.match(r"31|3211|3210[^6]|3210$|3200|3298")]
    found = dict(
        marts.sql(
            """select procedure, count(*) from mart_contracts
            where dataset = 'contracts_register_salford' and is_care group by all"""
        ).fetchall()
    )
    assert sum(found.values()) == len(care) == 60
    assert found["Exception from contract standing orders"] == int((care["process"] == "CSO Exception").sum())
    assert found["Invitation to tender"] == int((care["process"] == "ITT").sum())
    value, months = one(
        marts,
        """select sum(value_cash_gbp), median(months) from mart_contracts
        where dataset = 'contracts_register_salford' and is_care""",
    )
    assert value == pytest.approx(care["Total Contract Value (including extensions)"].sum())
    assert months == care["Contract Duration (months)"].median()


def test_forms_are_told_by_title_or_procedure(marts, register, notices):
    titles = [*register["title"], *notices["title"]]
    dynamic = sum(bool(re.search(r"dynamic purchasing|\bdps\b", title.lower())) for title in titles)
    (found,) = one(marts, "select count(*) from mart_contracts where form = 'dynamic_purchasing'")
    assert found == dynamic
    assert one(marts, "select count(*) from mart_contracts where form in ('block', 'spot')") == (0,)


def test_adults_and_children_by_the_registers_codes(marts, register):
    """Two of the children's contracts are with Various Providers, and no supplier of theirs is named."""
    for scope, codes, printed in (
        ("adult", "3210[^6]|3200|3298", (18, 6, 7, 12)),
        ("children", "3211", (32, 18, 7, 8)),
    ):
        rows = register[register["proclass"].str.match(codes)]
        recomputed = (
            len(rows),
            int((rows["process"] == "CSO Exception").sum()),
            int(rows["process"].isin(["ITT", "RFQ", "Mini-Comp"]).sum()),
            int(((rows["is_sme"] == "Yes") & ~rows["supplier"].str.match("Various")).sum()),
        )
        found = one(
            marts,
            f"""select count(*), count(*) filter (where not is_competed), count(*) filter (where is_competed),
                count(*) filter (where went_to_small)
            from mart_contracts where dataset = 'contracts_register_salford'
            and care_scope like '{scope}%'""",
        )
        assert found == recomputed == printed


def test_words_name_no_supplier(marts, register, notices):
    found = one(
        marts,
        """select count(*) filter (where suppliers = 0), count(*) filter (where suppliers = 0 and is_care)
        from mart_contracts where dataset = 'contracts_register_salford'""",
    )
    various = register["supplier"].str.match(r"Various(?: Providers)?\s*$")
    assert found == (int(various.sum()), 2)
    care = notices[
        notices["cpv_codes"].map(is_care)
        & (notices["status"] == "awarded")
        & (notices["notice_type"] == "Contract")
    ]
    named = care[~care["suppliers"].isin(["", "[none]"])]
    small = one(
        marts,
        """select count(went_to_small), count(*) filter (where went_to_small) from mart_contracts
        where dataset = 'contracts_finder' and is_care and stage = 'award'""",
    )
    assert small == (len(named), int((named["awarded_to_sme"] == "true").sum())) == (36, 25)


def test_types_of_known_suppliers(marts):
    """Told by eye, from what each body says of itself."""
    types = dict(
        marts.sql(
            "select supplier_names, supplier_type from mart_contracts where suppliers = 1 and is_care"
        ).fetchall()
    )
    assert {name: types[name] for name in KNOWN} == KNOWN


KNOWN = {
    "Salford Royal NHS Foundation Trust": "public",
    "Bolton NHS Foundation Trust": "public",
    "The Riverside Group Ltd": "voluntary",
    "Adullam Homes Housing Association": "voluntary",
    "Salvation Army": "voluntary",
    "Barnardo Services Ltd": "voluntary",
    "MIND In Salford": "voluntary",
    "West Lancashire Council for Voluntary Service": "voluntary",
    "Boingboing Resilience CIC": "voluntary",
    "Foundations Support and Care Services UK Limited": "private",
    "Excel Housing Solutions": "unknown",
}


def test_nobody_is_named_who_may_be_a_person(marts):
    import polars as pl

    from commissioning.ingest.ledgers.payees import classify

    rows = marts.sql("select distinct supplier_names from mart_contracts where supplier_names is not null")
    names = {name for (joined,) in rows.fetchall() for name in joined.split("; ")}
    numbered = marts.sql(
        "select supplier_names from mart_contracts where dataset = 'contracts_register_salford'"
    )
    with_number = {name for (name,) in numbered.fetchall()}
    assert len(names) > 500
    told = classify(pl.Series(sorted(names - with_number)))
    assert told.filter(pl.col("payee_class") == "person").is_empty()


def test_names_mislead_by_so_much(marts):
    """A quarter of known charities with company numbers have a company's name."""
    pairs = pd.read_parquet(RAW / "charity_company_numbers" / "2026-07.parquet")
    names = pairs["name"].str.upper().str.replace(r"[.,]", "", regex=True).drop_duplicates()
    company = names.str.contains(r"\b(?:LTD|LIMITED|PLC|LLP|INC|GMBH)\b")
    (private,) = one(
        marts, "select share_of_known_charities from dim_supplier_type where supplier_type = 'private'"
    )
    assert private <= company.mean()
    assert private == pytest.approx(0.2455, abs=0.01)


def test_contracts_handed_back(marts):
    raw = pd.read_parquet(RAW / "bbc_sdu_care")
    handed = raw[raw["measure"] == "home care contracts handed back"]
    found = marts.sql(
        "select country, financial_year, councils_asked, councils_with_a_figure, contracts "
        "from mart_contracts_handed_back"
    ).fetchall()
    assert len(found) == 8
    for country, year, asked, answered, contracts in found:
        rows = handed[(handed["country"] == country) & (handed["year"] == year)]
        assert (asked, answered) == (len(rows), int(rows["value"].notna().sum()))
        assert contracts == rows["value"].sum()
