"""Every malformed file of the corpus gives its expected rows, rejects or error, and loses nothing."""

from __future__ import annotations

import pytest
from corpus import BODY, CASES, Case

from commissioning.base.errors import LedgerError
from commissioning.ingest.ledgers import reader
from commissioning.ingest.ledgers.bodies import Body


def total(accounting, name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for account in accounting:
        for kind, count in getattr(account, name).items():
            counts[kind] = counts.get(kind, 0) + count
    return counts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_malformed_file_gives_what_it_should(case: Case):
    body = Body(**(BODY | case.body)) if case.body else None
    if case.error:
        with pytest.raises(LedgerError, match=case.error) as caught:
            reader.read(case.data, case.file, body)
        assert case.file in str(caught.value)
        return
    reading = reader.read(case.data, case.file, body)
    payments = reading.payments
    rows = zip(
        payments["payment_date"].cast(str),
        payments["amount_gbp"].cast(str),
        payments["supplier"],
        strict=True,
    )
    assert tuple(rows) == case.rows
    assert total(reading.accounting, "rejected") == case.rejected
    assert total(reading.accounting, "furniture") == case.furniture
    assert reading.rejects.height == sum(case.rejected.values())
    oddities = "; ".join(oddity for account in reading.accounting for oddity in account.oddities)
    assert (case.oddity or "") in oddities
    for name, value in case.found.items():
        found = payments["source_line"][-1] if name == "last_line" else getattr(reading.accounting[0], name)
        assert found == value, name


def test_the_corpus_is_large_and_each_name_its_own():
    assert len({case.name for case in CASES}) == len(CASES) >= 60
