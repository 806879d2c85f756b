"""Who is taken for a person. Every name here is made up."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.ingest.ledgers import bodies, masking_quality, payees
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
        # A staffing agency, a publisher and a firm of drivers are not redacted.
        ("REED", "unknown"),
        ("Reed Recruitment Ltd", "organisation"),
        ("MRS J REED", "person"),
        ("Redactive Example Ltd", "organisation"),
        ("Various Signs Ltd", "organisation"),
        ("INDIVIDUAL DRIVERS ASSOCIATION", "organisation"),
        ("EXAMPLE DATA PROTECTION", "unknown"),
        ("CONFIDENTIAL WASTE SERVICES", "organisation"),
        ("Exempt Example Cleaning", "organisation"),
        ("WITHHELD", "redacted"),
        ("Name withheld under GDPR", "redacted"),
        ("VARIOUS", "redacted"),
        ("Various Providers", "redacted"),
        ("EXAMPLE DE", "person"),
        ("Various - Total Expenses", "redacted"),
        ("PRIVATE INDIVIDUAL", "redacted"),
        ("REDATED PERSONAL DATA", "redacted"),
        ("redactedd", "redacted"),
        ("CONFIDENTIAL PAYEE", "redacted"),
        ("Data Protection", "redacted"),
        # A surname that is an organisation's word.
        ("JANE HALL", "person"),
        ("WEST J", "person"),
        ("Gurpreet Law", "person"),
        ("PARK, JANE", "person"),
        ("EXAMPLE HALL", "organisation"),
        ("ROSE HALL", "organisation"),
        ("EXAMPLE WEST", "organisation"),
        # What ledgers add.
        ("JANE EXAMPLE (DP)", "person"),
        ("J & A EXAMPLE", "person"),
        ("JANE EXAMPLE & J", "person"),
        ("EXORS OF EXAMPLE", "person"),
        ("The Late John Smith", "person"),
        ("The Late Shop", "organisation"),
        ("C/O JANE EXAMPLE", "person"),
        ("Jane Example c/o Example Solicitors", "person"),
        ("JANE EXAMPLE - DIRECT PAYMENT", "person"),
        ("EXAMPLE JANE / CHILDMINDER", "person"),
        ("J Example & B", "person"),
        ("DP Acc Jane Example", "person"),
        ("Direct Payment Account - J Example", "person"),
        ("Deputy for J Example", "person"),
        ("Jane Example 1", "person"),
        ("Jane Example's Personal Account", "person"),
        ("Jane Example re John Example", "person"),
        ("Jane Example on behalf of Acme", "person"),
        ("Est of J Example", "person"),
        ("LPA for Jane Example", "person"),
        ("Mum of Jane Example", "person"),
        ("Jane Example by her Deputy Example Solicitors", "person"),
        ("JANE EXAMPLE JNR", "person"),
        ("Jane Example ZZ1 1ZZ", "person"),
        # A word that stands where a surname does, after names that no list has.
        ("MADEUPARA BEGUM", "person"),
        ("Begum Madeupara", "person"),
        ("Madeupa Bibi", "person"),
        ("LE T", "person"),
        # With an address, a telephone number, or as an e-mail address.
        ("Jane Example, 12 High Street, Alderbury", "person"),
        ("Jane Example, Rose Cottage, Alderbury", "person"),
        ("Jane Example 07700 900123", "person"),
        ("Jane Example jane@mail.example", "person"),
        ("jane.example@mail.example", "person"),
        ("accounts@acme.example", "unknown"),
        ("Acme Care, 12 High Street", "organisation"),
        # Who trades under another name, and a company that does.
        ("J Example t/a Acme Cabs", "person"),
        ("RAINBOW T/A JANE EXAMPLE", "person"),
        ("ACME LTD T/A JANE EXAMPLE", "organisation"),
        ("Acme Lettings t/a Acme Homes", "organisation"),
        # Written as one word.
        ("JSMITH", "person"),
        ("SMITHJ", "person"),
        ("JaneSmith", "person"),
        ("SMITHS", "unknown"),
        ("SUE RYDER 6179", "organisation"),
        ("Barry Street", "person"),
        # Names of other countries, with accents and little words.
        ("Zoë Exámple", "person"),
        ("Agnieszka Madeupska", "person"),
        ("Madeupenko Oleksandr", "person"),
        ("Jan van der Example", "person"),
        # A firm that has a title or a form; brackets and doctors.
        ("MR EXAMPLE LTD", "organisation"),
        ("J EXAMPLE (CARE)LTD", "organisation"),
        ("DR EXAMPLE & PARTNERS", "organisation"),
        ("EXAMPLE & EXAMPLE", "unknown"),
        ("K S FENCING", "unknown"),
        ("CHAPTER 1", "organisation"),
        ("EXAMPLE SOUTH WEST", "organisation"),
        ("PAYPAL *JANEEXAMPLE", "unknown"),
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


@pytest.mark.parametrize(
    ("label", "masked"),
    [
        ("Direct payment - Jane Smith", "Direct payment - [person]"),
        ("J Smith (DP)", "[person] (DP)"),
        ("Foster carer: Mrs Example", "Foster carer: [person]"),
        ("Holly House / J Kowalska", "Holly House / [person]"),
        ("Care - Jane Smith-Jones", "Care - [person]"),
        ("COPIER RENTALS -(J Smith)", "COPIER RENTALS -([person])"),
        ("Direct payment Mrs Example", "Direct payment [person]"),
        ("Direct Payments - Mr & Mrs Example", "Direct Payments - [person]"),
        ("Residential care Mr A Example week 3", "Residential care [person] week 3"),
        ("Respite (Smith)", "Respite ([person])"),
        ("Respite for Jane Smith", "Respite for [person]"),
        ("Spot purchase - Smith J", "Spot purchase - [person]"),
        ("Direct payments JSMITH", "Direct payments [person]"),
        ("DP Acc Jane Smith", "DP Acc [person]"),
        ("Care package Dr J Patel", "Care package [person]"),
        ("Home care c/o Jane Smith", "Home care [person]"),
        ("Respite - Grant J", "Respite - [person]"),
        ("Ask jane.example@mail.example", "Ask [e-mail]"),
        ("Contact 07700 900123", "Contact [telephone]"),
    ],
)
def test_a_name_within_a_label_is_masked_and_the_rest_stays(label, masked):
    assert payees.masked_labels(pl.Series([label])) == {label: masked}
    assert payees.masked_labels(pl.Series([masked])) == {}


def test_labels_of_ledgers_are_no_names():
    labels = ["Holdback A/C SCT", "MDC - Alison Crescent", "Grant DD", "Affordable Warmth Grant",
              "IT Licences", "Day Care - Vol Sect", "NI, B Cer, Passp, DL", "Care - West",
              "Residential care Alderbury", "Sec 117 MS", "Fees 2015 2016", "A/C 12345678901",
              "Taxis for schools", "Respite (Adults)", "Home Care Block OP", "Day Care - External LD",
              "Residential Framework PDSI", "Respite - Spot Purchase MH"]  # fmt: skip
    assert payees.masked_labels(pl.Series(labels)) == {}


def test_a_group_of_clients_that_is_a_name_is_masked():
    body = Body("madeup", "Spend", "Nobody", "none", client_group={"field": "supplier"})
    payments = pl.DataFrame({"supplier": ["ACME"] * 2, "client_group": ["Jane Smith", "Dementia"]})
    assert payees.mark(payments.cast(pl.Categorical), body)["client_group"].to_list() == [
        payees.PERSON,
        "Dementia",
    ]


def test_the_list_of_names_is_whole():
    """One word a row, in order, of four kinds."""
    found = pl.read_csv(bodies.lists_folder() / "person_names.csv")
    assert found["word"].to_list() == sorted(set(found["word"]))
    assert set(found["kind"]) == {"given", "common", "surname", "elsewhere"}
    assert found["word"].str.contains("^[A-Z][A-Z']{2,}$").all()


def test_masking_finds_what_it_promises_on_names_that_it_was_not_made_from():
    """The labelled names are made up and are not in the lists of rules by intent: see docs/decisions.md."""
    found = {
        (row["kind"], row["form"]): row["masked"] / row["names"]
        for row in masking_quality.by_form().to_dicts()
    }
    for form, least in masking_quality.PROMISED.items():
        assert found["person", form] >= least, form
    for form in ("address or e-mail", "account, number or other person", "trading under another name"):
        assert found["person", form] >= 0.97, form
    # A surname alone has no form, and a name run into one word has one that words share.
    weak = {"no sign", "one word"}
    assert min(share for (kind, form), share in found.items() if kind == "person" and form not in weak) > 0.9
    total = masking_quality.total()
    assert total.recall >= 0.93 and total.precision >= 0.985


def test_names_within_labels_are_found_and_ordinary_labels_stay():
    found = {row["form"]: row["masked"] / row["names"] for row in masking_quality.labels_by_form().to_dicts()}
    weak = {"surname alone in brackets", "surname alone", "an ordinary label"}
    assert min(share for form, share in found.items() if form not in weak) >= 0.97
    assert found["surname alone in brackets"] > 0.6 and found["an ordinary label"] < 0.02


def test_a_masked_name_stays_a_person_when_it_is_read_again():
    assert payees.classify(pl.Series([payees.PERSON]))["payee_class"].to_list() == ["person"]
