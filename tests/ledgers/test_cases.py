"""The made-up cases of the shared folder, each a fault seen in a real file, give what its README expects.

They are no part of the repository. Siblings of each kind are in `corpus.py`, `test_commands.py` and
`test_payees.py`; this says how the cases themselves come out, one line a case.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from commissioning.base.errors import LedgerError
from commissioning.base.paths import project
from commissioning.ingest.ledgers import payees, reader
from commissioning.ingest.ledgers.report import report_of

FOLDER = project().root.parent / "shared" / "cases" / "ledgers"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared cases are not on this machine")
# Case, lines loaded, pounds, lines rejected.
READ = [
    ("c01", 5, "1500.00", 0),
    ("c02", 2, "400.00", 1),
    ("c03", 4, "1000.00", 0),
    ("c05", 4, "600.00", 0),
    ("c08", 2, "300.00", 0),
    ("c09", 3, "600.00", 0),
    ("c11", 8, "800.00", 0),
    ("c13", 8, "800.00", 0),
    ("c15", 2, "350.50", 0),
    ("c16", 0, "0.00", 3),
    ("c18_order_changes_2024-04", 1, None, 0),
    ("c20_sibling_tells_2024-07", 1, None, 0),
    ("c21", 1, "1100.00", 0),
    ("c22_heading_renamed_2024-04", 1, "100.00", 0),
    ("c22_heading_renamed_2024-05", 1, "200.00", 0),
    ("c27", 1, "200.00", 0),
    ("c28", 2, "300.00", 3),
    ("c31", 2, "300.00", 0),
    ("c32_one_file_all_rejected_2024-05", 0, "0.00", 2),
    ("c34", 201, "40199.00", 0),
]
ASKED = {
    "c07": "Days and months seem to be swapped",
    "c17": "name a month and no day",
    "c24": "Two columns could be the payment date",
    "c35": "No header was found",
}
PEOPLE = {"c09": 2, "c11": 8, "c13": 8}


def case(name: str):
    (path,) = FOLDER.glob(f"{name}*")
    return path


@pytest.mark.parametrize(("name", "lines", "pounds", "rejected"), READ, ids=[row[0] for row in READ])
def test_a_case_is_read_as_expected(name, lines, pounds, rejected):
    reading = reader.read_path(case(name), None)
    assert (reading.payments.height, reading.rejects.height) == (lines, rejected)
    if pounds is not None:
        assert (reading.payments["amount_gbp"].sum() or Decimal(0)) == Decimal(pounds)
    # Much rejected, or nothing loaded, ends in an error code.
    assert bool(report_of(reading.accounting).complaint(0.02)) == bool(rejected)


@pytest.mark.parametrize("name", ASKED)
def test_a_case_that_cannot_be_told_is_a_question(name):
    with pytest.raises(LedgerError, match=ASKED[name]):
        reader.read_path(case(name), None)


@pytest.mark.parametrize("name", PEOPLE)
def test_people_of_a_case_are_masked(name):
    masked = payees.mark(reader.read_path(case(name), None).payments, None)
    assert masked["supplier"].to_list().count(payees.PERSON) == PEOPLE[name]


def test_the_finest_label_is_kept():
    assert reader.read_path(case("c31"), None).payments["expense_label"].to_list() == [
        "Direct Payments LD",
        "Home Care-Spot Purchased OP",
    ]
