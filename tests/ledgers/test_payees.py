"""Who is taken for a person. Every name here is made up."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.ingest.ledgers import payees
from commissioning.ingest.ledgers.bodies import Body


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("MR A B EXAMPLE", "person"),
        ("EXAMPLE A MRS", "person"),
        ("Dr Jane Example", "person"),
        ("EXAMPLE JA & BM", "person"),
        ("J EXAMPLE", "person"),
        ("EXAMPLE J", "person"),
        ("J.P. O'EXAMPLE", "person"),
        ("JANE EXAMPLE", "person"),
        ("Example, Jane", "person"),
        ("jane example-madeup", "person"),
        ("MRS J EXAMPLE T/A EXAMPLE CARE HOME", "person"),
        ("[masked]", "person"),
        ("EXAMPLE CARE LTD", "organisation"),
        ("JANE EXAMPLE LIMITED", "organisation"),
        ("J EXAMPLE & SONS", "organisation"),
        ("ROSE COTTAGE", "organisation"),
        ("12 EXAMPLE STREET", "organisation"),
        ("DAME EXAMPLE SCHOOL", "organisation"),
        ("EXAMPLE COUNTY COUNCIL", "public_body"),
        ("NHS EXAMPLE", "public_body"),
        ("REDACTED PERSONAL DATA", "redacted"),
        ("REDCATED PERSONAL DATA", "redacted"),
        ("Redacted under DP Act", "redacted"),
        ("EXAMPLAR", "unknown"),
        ("THE WILLOWS", "unknown"),
    ],
)
def test_a_name_is_classed_by_its_structure(name, kind):
    assert payees.classify(pl.Series([name]))["payee_class"].to_list() == [kind]


def test_people_are_masked_by_structure_and_by_the_publishers_mark():
    body = Body("madeup", "Spend", "Nobody", "none", people={"creditor_type": ["INDV"]})
    payments = pl.DataFrame(
        {
            "supplier": ["JANE EXAMPLE", "EXAMPLE", "ACME LTD", None, "REDACTED", "ACME COUNCIL"],
            "creditor_type": [None, "INDV", "LTD", None, "INDV", "INDV"],
            **dict.fromkeys(payees.LABELS, "Residential Care"),
        },
    ).cast(pl.Categorical)
    marked = payees.mark(payments, body)
    assert marked["supplier"].to_list() == [
        payees.PERSON,
        payees.PERSON,
        "ACME LTD",
        None,
        "REDACTED",
        "ACME COUNCIL",
    ]
    assert marked["payee_class"].to_list() == [
        "person",
        "person",
        "organisation",
        "unknown",
        "redacted",
        "public_body",
    ]


def test_what_is_booked_to_a_group_of_clients_has_no_known_payee():
    """A name that could be a person's stays masked, whatever the group."""
    body = Body("madeup", "Spend", "Nobody", "none", client_group={"field": "supplier"})
    payments = pl.DataFrame(
        {
            "supplier": ["2014:05 Mental Health Services", "ACME SERVICES LTD", "JANE EXAMPLE", "A"],
            "client_group": ["Mental Health Services", None, "Jane Example", "A"],
            **dict.fromkeys(payees.LABELS, "Residential Care"),
        }
    ).cast(pl.Categorical)
    marked = payees.mark(payments, body)
    assert marked["payee_class"].to_list() == ["unknown", "organisation", "person", "unknown"]
    assert marked["supplier"][2] == payees.PERSON


def test_a_label_that_is_a_name_is_masked_and_others_stay():
    labels = [
        "J Example",
        "Jane Example",
        "Mrs Example",
        "GRANT AID",
        "EDWARD STREET",
        "Residential Care",
        "S. Offices",
        None,
    ]
    payments = pl.DataFrame({"supplier": "ACME LTD", **dict.fromkeys(payees.LABELS, labels)})
    masked = payees.mark(payments.cast(pl.Categorical), Body("madeup", "Spend", "Nobody", "none"))
    for column in payees.LABELS:
        assert masked[column].to_list() == [payees.PERSON] * 3 + labels[3:]


def test_a_masked_name_stays_a_person_when_it_is_read_again():
    assert payees.looks_like_a_person(payees.PERSON)
