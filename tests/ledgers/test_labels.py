"""`ledger labels`: labels by money, what no rule fits, and rules that count once somebody accepts them."""

from __future__ import annotations

import csv
import json

import pytest
from test_workspaces import own, run  # noqa: F401

from commissioning.base.errors import LedgerError
from commissioning.ingest.ledgers import labels, workspaces
from commissioning.ingest.ledgers.bodies import body_named

# "extra care housing" is a rule of Sheffield and "ph%" one of Bradford; nobody has a rule for pothole care.
SPEND = (
    "Date Paid,Net Amount,Supplier Name,Transaction Number,Expense Type\n"
    "17/05/2021,600,ACME CARE LTD,T1,Extra Care Housing\n"
    "18/05/2021,300,ACME ROADS LTD,T2,Pothole care\n"
    "19/06/2021,100,ACME ROADS LTD,T3,PH stationery\n"
)


@pytest.fixture
def held(own, tmp_path):  # noqa: F811
    """A made-up body in the workspace's lake."""
    file = tmp_path / "spend-2021.csv"
    file.write_text(SPEND, encoding="utf-8")
    said = ("--publisher", "Made-up Borough", "--licence", "not stated")
    assert run("add", str(file), "--body", "made-up", *said).exit_code == 0
    assert run("ingest").exit_code == 0
    return own


def test_labels_by_money_with_what_no_rule_fits(held):
    told = json.loads(run("labels", "made-up", "--json").output)
    assert [(row["expense_label"], row["amount_gbp"], row["rule_id"]) for row in told["labels"]] == [
        ("Extra Care Housing", "600.00", None),
        ("Pothole care", "300.00", None),
        ("PH stationery", "100.00", None),
    ]
    assert told["without_a_rule"] == {"of_all_money": 1, "of_care_words": 1, "amount_gbp": "1000.00"}


def test_a_proposal_takes_another_ledgers_words_and_says_its_money(held):
    told = json.loads(run("labels", "made-up", "--json").output)
    [proposal] = told["proposals"]
    assert (proposal["label_like"], proposal["route"]) == ("extra care housing", "external_provision")
    assert (proposal["evidence_grade"], proposal["status"]) == ("inferred", "proposed")
    assert proposal["amount_gbp"] == "600.00" and "sheffield" in proposal["reason"]
    # 400 of 1,000 pounds, and of the 900 under words of care the 300 of potholes.
    assert told["without_a_rule_if_accepted"] == {
        "of_all_money": 0.4,
        "of_care_words": pytest.approx(1 / 3),
        "amount_gbp": "400.00",
    }


def test_a_proposal_counts_once_it_is_accepted(held):
    for _ in range(2):
        assert run("labels", "made-up").exit_code == 0
    waiting = workspaces.rules_of(held, proposed=True)
    assert len(waiting) == 1
    assert labels.told(body_named("made-up"), propose_rules=True)["without_a_rule"]["of_all_money"] == 1
    said = " ".join(run("labels", "made-up", "--accept").output.split())
    assert "1 rule accepted £600.00 Extra Care Housing external_provision, by made-up_p1001" in said
    assert "no rule fits: £400.00, 40.0% of all money" in said
    assert "No rule was waiting to be accepted." in run("labels", "made-up", "--accept").output
    assert workspaces.rules_of(held, proposed=True) == []
    [rule] = workspaces.rules_of(held)
    after = labels.told(body_named("made-up"), propose_rules=True)
    assert after["without_a_rule"]["of_all_money"] == 0.4 and after["proposals"] == []
    assert after["labels"].row(0, named=True)["rule_id"] == rule["rule_id"]


def test_a_label_that_names_its_route_is_proposed_with_it(own, tmp_path):  # noqa: F811
    """Newcastle's rule for `home care %` says external provision, and no rule has these words."""
    file = tmp_path / "spend-2021.csv"
    names = (
        "Home care spot",
        "Home Care Block OP",
        "Home care LD",
        "Home care spot or block",
        "Vehicle spot hire",
    )
    lines = (f'17/05/2021,{100 + n},ACME CARE LTD,T{n},"{name}"\n' for n, name in enumerate(names))
    file.write_text(SPEND.splitlines()[0] + "\n" + "".join(lines), encoding="utf-8")
    assert run("add", str(file), "--body", "made-up").exit_code == 0
    assert run("ingest").exit_code == 0
    assert run("labels", "made-up").exit_code == 0
    told = json.loads(run("labels", "made-up", "--accept", "--json").output)
    routes = {row["expense_label"]: (row["route"], row["support_setting"]) for row in told["labels"]}
    assert routes == {
        "Home care spot": ("spot", "home_care"),
        "Home Care Block OP": ("block", "home_care"),
        "Home care LD": ("external_provision", "home_care"),
        "Home care spot or block": ("external_provision", "home_care"),
        "Vehicle spot hire": (None, None),
    }


def test_what_was_accepted_is_told_as_json(held):
    assert run("labels", "made-up").exit_code == 0
    told = json.loads(run("labels", "made-up", "--accept", "--json").output)
    [label] = told["accepted"]
    assert (label["expense_label"], label["route"]) == ("Extra Care Housing", "external_provision")
    assert (label["payments"], label["amount_gbp"]) == (1, "600.00")
    assert told["without_a_rule"]["amount_gbp"] == "400.00"


def test_the_workspaces_rule_comes_before_the_packages(held):
    path = held.root / "route_rules.csv"
    own_rule = "devon_001,made-up,5,,,,,%care%,,other,,,,None of it is care,\n"
    path.write_text(workspaces.TABLES["route_rules.csv"].text() + own_rule, encoding="utf-8")
    rules = labels.rules(held)
    assert rules.filter(rules["rule_id"] == "devon_001")["body"].to_list() == ["made-up"]
    assert rules["priority"].min() < 0
    assert labels.told(body_named("made-up"), propose_rules=False)["without_a_rule"]["of_all_money"] == 0.1


def test_all_labels_go_into_a_csv(held, tmp_path):
    assert run("labels", "made-up", "--csv", str(tmp_path / "out.csv")).exit_code == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert sum(float(row["amount_gbp"]) for row in csv.DictReader(file)) == 1000


def test_accepting_needs_a_workspace(monkeypatch):
    monkeypatch.delenv("COMMISSIONING_WORKSPACE", raising=False)
    done = run("labels", "devon", "--accept")
    assert isinstance(done.exception, LedgerError) and "needs a workspace" in str(done.exception)


def test_an_unknown_body_is_named(own):  # noqa: F811
    done = run("labels", "atlantis")
    assert isinstance(done.exception, LedgerError) and "'atlantis'" in str(done.exception)
