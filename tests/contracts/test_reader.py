"""Contract notices are read whole, merged by the standard's rules, and refused by name and place."""

from __future__ import annotations

import copy
import gzip
import json
from collections import Counter

import ocdsmerge
import polars as pl
import pytest
from typer.testing import CliRunner

from commissioning.base.errors import ContractsError
from commissioning.base.paths import project
from commissioning.cli import app
from commissioning.ingest.contracts import merging, ocds, packages, reader, suppliers

TENDER = {
    "ocid": "ocds-b5fd17-1",
    "id": "1-tender",
    "date": "2025-01-10T09:00:00Z",
    "tag": ["tender"],
    "buyer": {"id": "B1", "name": "Alderbury Council"},
    "parties": [
        {
            "id": "B1",
            "name": "Alderbury Council",
            "roles": ["buyer"],
            "contactPoint": {
                "name": "Jane Example",
                "email": "jane@example.org",
                "telephone": "01234 567890",
            },
            "address": {"streetAddress": "1 High Street"},
        }
    ],
    "tender": {
        "id": "T1",
        "title": "Home care; ask jane@example.org or 01234 567890",
        "classification": {"scheme": "CPV", "id": "85312000", "description": "Social work services"},
        "value": {"amount": 100000, "currency": "GBP"},
        "procurementMethodDetails": "Open procedure",
        "tenderPeriod": {"endDate": "2025-02-14T12:00:00Z"},
        "suitability": {"sme": True, "vcse": False},
        "items": [{"id": "1", "anything": ["is", 2]}],
    },
}
AWARD = {
    "ocid": "ocds-b5fd17-1",
    "id": "1-award",
    "date": "2025-03-01T09:00:00Z",
    "tag": ["award"],
    "buyer": {"id": "B1", "name": "Alderbury Council"},
    "parties": [
        {"id": "B1", "name": "Alderbury Council", "roles": ["buyer"]},
        {
            "id": "S1",
            "name": "Acme Care Ltd",
            "roles": ["supplier"],
            "identifier": {"scheme": "GB-COH", "id": "01234567"},
            "details": {"scale": "sme", "vcse": False},
        },
        {"id": "S2", "name": "Jane Example t/a Example Care", "roles": ["supplier"]},
    ],
    "tender": {"id": "T1", "status": "complete", "numberOfTenderers": 4},
    "awards": [
        {
            "id": "A1",
            "status": "active",
            "date": "2025-02-28T00:00:00Z",
            "value": {"amount": 90000, "currency": "GBP"},
            "contractPeriod": {
                "startDate": "2025-04-01T00:00:00+01:00",
                "endDate": "2027-03-31T00:00:00+01:00",
            },
            "suppliers": [
                {"id": "S1", "name": "Acme Care Ltd"},
                {"id": "S2", "name": "Jane Example t/a Example Care"},
            ],
        }
    ],
}


def changed(release: dict, path: str, value: object) -> dict:
    release = copy.deepcopy(release)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inner = release
    for part in way:
        inner = inner[part]
    inner[last] = value
    return release


@pytest.fixture
def write(tmp_path):
    def write(content: object, name: str = "notices.json"):
        path = tmp_path / name
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return path

    return write


def lines(*items: object) -> bytes:
    return (
        b"\n".join(item if isinstance(item, bytes) else json.dumps(item).encode() for item in items) + b"\n"
    )


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"uri": "x", "releases": [TENDER, AWARD]}, "a.json"),
        (
            {"records": [{"ocid": "ocds-b5fd17-1", "releases": [TENDER, AWARD], "compiledRelease": {}}]},
            "a.json",
        ),
        ({"ocid": "ocds-b5fd17-1", "releases": [TENDER, AWARD], "compiledRelease": {}}, "a.json"),
        ([TENDER, AWARD], "a.json"),
        ([{"releases": [TENDER]}, {"releases": [AWARD]}], "a.json.gz"),
        (lines(TENDER, AWARD), "a.jsonl"),
        (lines(TENDER, AWARD), "a.json"),
        (lines({"releases": [TENDER]}, b"", {"releases": [AWARD]}), "a.ndjson.gz"),
        (b"\xef\xbb\xbf" + json.dumps([TENDER, AWARD]).encode(), "a.json"),
    ],
)
def test_every_packaging_gives_the_same_process(write, content, name):
    found = reader.read([write(content, name)])
    (process,) = found.processes.to_dicts()
    assert process["releases"] == 2 and process["portal"] == "Contracts Finder"
    assert process["buyer"] == "Alderbury Council" and process["value"] == 100000
    assert process["bidders"] == 4 and process["status"] == "complete"
    assert (process["suits_small"], process["suits_voluntary"]) == (True, False)
    assert [str(process[name]) for name in ("published", "deadline", "last_release")] == [
        "2025-01-10",
        "2025-02-14",
        "2025-03-01",
    ]
    first, second = found.awards.to_dicts()
    assert first["supplier"] == "Acme Care Ltd" and first["supplier_number"] == "GB-COH-01234567"
    assert first["is_small"] is True and first["value"] == second["value"] == 90000
    assert str(first["contract_start"]) == "2025-04-01" and first["suppliers"] == 2
    assert found.accounts[0].count == Counter(loaded=2) and found.accounts[0].money_read["GBP"] == 190000


def test_no_person_gets_through(write, tmp_path):
    found = reader.read([write([TENDER, AWARD])])
    found.write(tmp_path / "out")
    kept = "".join(
        json.dumps(pl.read_parquet(path).to_dicts(), default=str) for path in (tmp_path / "out").iterdir()
    )
    assert "Example" not in kept and "567890" not in kept and "High Street" not in kept
    assert found.awards["supplier"].to_list() == ["Acme Care Ltd", "[person]"]
    assert found.processes["title"][0] == "Home care; ask [e-mail] or [telephone]"


def test_a_sole_trader_with_a_company_number_is_a_company():
    names = pl.Series(
        ["Jane Smith", "Jane Smith trading as Smith Care", "Smith Care Ltd", "Jane Smith Ltd t/a Smith"]
    )
    assert suppliers.people_among(names) == {"Jane Smith", "Jane Smith trading as Smith Care"}


def test_the_order_in_a_file_does_not_matter_and_the_later_release_wins(write):
    amended = changed(changed(TENDER, "date", "2025-01-20T00:30:00+01:00"), "tender.value.amount", 120000)
    # Half an hour before midnight in UTC: earlier than the release below, though its text sorts later.
    last = changed(changed(TENDER, "date", "2025-01-19T23:45:00Z"), "tender.value.amount", 130000)
    for order in ([TENDER, amended, last, AWARD], [AWARD, last, amended, TENDER]):
        (process,) = reader.read([write(order)]).processes.to_dicts()
        assert process["value"] == 130000 and process["releases"] == 4


def test_an_explicit_null_takes_a_value_back(write):
    (process,) = reader.read(
        [write([TENDER, changed(AWARD, "tender.value", {"amount": None})])]
    ).processes.to_dicts()
    assert process["value"] is None


def test_one_party_id_for_two_bodies_is_kept_apart(write):
    other = changed(AWARD, "parties", [{"id": "B1", "name": "Acme Care Ltd", "roles": ["supplier"]}])
    other = changed(other, "awards.0.suppliers", [{"id": "B1", "name": "Acme Care Ltd"}])
    other.pop("buyer")
    found = reader.read([write([TENDER, other])])
    assert found.processes["buyer"].to_list() == ["Alderbury Council"]
    assert found.awards["supplier"].to_list() == ["Acme Care Ltd"]


def test_repeats_are_counted_and_not_merged_twice(write):
    first, second = write([TENDER, AWARD, TENDER], "a.json"), write({"releases": [AWARD]}, "b.json")
    found = reader.read([first, second])
    assert [account.count for account in found.accounts] == [
        Counter(loaded=2, repeated=1),
        Counter(repeated=1),
    ]
    assert found.processes["releases"].to_list() == [2]


def test_a_category_is_kept_with_all_releases_of_its_processes(write):
    road = changed(TENDER, "ocid", "ocds-b5fd17-2")
    road["tender"]["classification"]["id"] = "45233142"
    found = reader.read([write([TENDER, AWARD, road])], cpv="85")
    assert found.processes["releases"].to_list() == [2]
    (account,) = found.accounts
    assert account.count == Counter({"loaded": 2, "other categories": 1})
    assert account.money["other categories"]["GBP"] == 100000


@pytest.mark.parametrize(
    ("release", "reason"),
    [
        (7, "a number in place of a release"),
        ({}, "an object without ocid, releases or records"),
        ({"ocid": "x"}, "date is missing"),
        ({"ocid": "", "date": "2025-01-01"}, "ocid is missing"),
        (changed(TENDER, "date", "10 January"), "date is no date: 99 xxxxxxx"),
        (changed(TENDER, "tender.value.amount", "100,000"), "tender.value.amount is text, not a number"),
        (changed(TENDER, "tender", []), "tender is a list, not an object"),
        (changed(AWARD, "awards", {}), "awards is an object, not a list"),
        (changed(AWARD, "awards.0.suppliers.1", "Acme"), "awards[0].suppliers[1] is text, not an object"),
        (
            changed(TENDER, "tender.suitability.sme", "yes"),
            "tender.suitability.sme is text, not true or false",
        ),
        (
            changed(TENDER, "tender.value.amount", 10**30),
            "tender.value.amount is too large to be true: 1e+30",
        ),
        ({"records": {}}, "an object in place of a list"),
        ({"records": [{"ocid": "x"}]}, "a record with neither its releases nor a compiled release"),
        (
            {"records": [{"releases": [{"url": "x"}]}]},
            "a record with neither its releases nor a compiled release",
        ),
        ([[TENDER]], "a list in place of a release"),
    ],
)
def test_a_malformed_release_is_named_with_its_place_and_the_others_are_read(write, release, reason):
    found = reader.read([write(lines(TENDER, release, AWARD), "notices.jsonl")])
    (reject,) = found.rejects.to_dicts()
    assert reject["reason"] == reason
    assert reject["source_file"] == "notices.jsonl" and reject["source_position"].startswith("line 2")
    assert found.processes["releases"].to_list() == [2]


def test_the_money_of_a_reject_is_counted(write):
    found = reader.read([write([TENDER, changed(AWARD, "awards.0.status", 1.5)])])
    (reject,) = found.rejects.to_dicts()
    assert reject["reason"] == "awards[0].status is a number, not text" and reject["source_position"] == "[1]"
    assert reject["value"] == 90000
    assert found.accounts[0].money["rejected"]["GBP"] == 90000


def test_a_line_that_breaks_off_is_a_reject(write):
    found = reader.read([write(lines(TENDER, json.dumps(AWARD).encode()[:200]), "a.jsonl")])
    assert found.rejects["source_position"].to_list() == ["line 2"]
    assert "no JSON" in found.rejects["reason"][0]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.json", "empty"),
        (json.dumps({"releases": [TENDER]}).encode()[:-20], "a.json", "no JSON, or is cut short"),
        (b"<html>Service unavailable</html>", "a.json", "no JSON, or is cut short"),
        (b"not a gzip", "a.json.gz", "cannot be unpacked"),
        (b"a,b\n1,2\n", "a.csv", "No row of a register holds its headings"),
    ],
)
def test_a_file_that_is_no_notices_is_a_named_error(tmp_path, content, name, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ContractsError, match=said) as caught:
        reader.read([path])
    assert name in str(caught.value)


def test_a_missing_file_and_two_of_one_name_are_refused(write, tmp_path):
    with pytest.raises(ContractsError, match="no such file"):
        reader.read([tmp_path / "none.json"])
    with pytest.raises(ContractsError, match="Two files have one name"):
        reader.read([write([TENDER]), write([TENDER])])


def test_lost_money_is_a_fault(write):
    account = reader.Account("a.json", "OCDS")
    account.see({"GBP": 5.0})
    account.put("loaded", {"GBP": 4.0})
    with pytest.raises(ContractsError, match="lost releases or money"):
        account.check()


def test_the_command_says_what_became_of_everything(write, tmp_path):
    path = write(lines(TENDER, AWARD, TENDER, {"ocid": "x"}), "notices.jsonl")
    command = ["contracts", "read", str(path), "--out", str(tmp_path / "out"), "--allow-rejected", "1"]
    outcome = CliRunner().invoke(app, command)
    said = " ".join(outcome.output.split())
    assert outcome.exit_code == 0, said
    assert "1 processes, 2 awards, 1 rejects" in said
    assert "1 rejected: date is missing (line 4)" in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "awards.parquet",
        "processes.parquet",
        "rejects.parquet",
    ]


@pytest.fixture(scope="module")
def sample():
    folder = project().mirror / "ocds_sample" / "2025-03"
    return sorted(folder.iterdir())


@pytest.mark.mirror
@pytest.mark.skipif(project().mirror is None, reason="no mirror of publishers' originals on this machine")
def test_the_real_sample_is_read_whole(sample):
    found = reader.read(sample)
    assert {a.source_file: (a.read, dict(a.count)) for a in found.accounts} == {
        "contracts_finder.jsonl.gz": (200, {"loaded": 200}),
        "other.jsonl": (1, {"repeated": 1}),
        "public_contracts_scotland.jsonl.gz": (90, {"loaded": 90}),
        "sell2wales.jsonl.gz": (90, {"loaded": 90}),
    }
    assert dict(found.processes.group_by("portal").len().iter_rows()) == {
        "Contracts Finder": 190,
        "Public Contracts Scotland": 90,
        "Sell2Wales": 90,
    }
    assert found.processes["releases"].sum() == 380
    (parking,) = found.processes.filter(reference="MRTN001-DN756786-01185010").to_dicts()
    assert parking["buyer"] == "London Borough of Merton" and parking["cpv"] == "63712400"
    assert parking["procedure"] == "Direct award" and str(parking["deadline"]) == "2024-12-21"


@pytest.mark.mirror
@pytest.mark.skipif(project().mirror is None, reason="no mirror of publishers' originals on this machine")
def test_merging_agrees_with_the_library_on_whole_releases(sample):
    """What is kept before merging is what would be kept of releases merged whole."""
    by_process: dict[str, list[dict]] = {}
    for path in sample:
        for found in packages.releases(path.name, packages.content_of(path)):
            by_process.setdefault(found.release["ocid"], []).append(found.release)
    several = [releases for releases in by_process.values() if len(releases) > 1]
    assert len(several) > 5
    for releases in [*several, *list(by_process.values())[:40]]:
        merger = ocdsmerge.Merger(merge_rules=merging.RULES)
        whole = merger.create_compiled_release([{**r, "date": ocds.moment(r["date"])} for r in releases])
        whole = ocds.keep({**whole, "tag": ["compiled"]})
        ours = merging.compiled([ocds.keep(release) for release in releases])
        source = ("file", "line")
        assert merging.award_rows(ours, source) == merging.award_rows(whole, source)
        assert ours["tender"] == whole["tender"] and ours["buyer"] == whole["buyer"]


def test_a_moment_beyond_the_calendar_is_a_reject(tmp_path):
    path = tmp_path / "early.json"
    path.write_text(json.dumps({**TENDER, "date": "0001-01-01T00:00:00+14:00"}))
    found = reader.read([path])
    assert found.rejects["reason"].to_list() == ["date is no date: 9999-99-99x99:99:99+99:99"]


def test_a_long_text_is_a_reject(tmp_path):
    path = tmp_path / "long.json"
    path.write_text(json.dumps({**TENDER, "tender": {**TENDER["tender"], "title": "a" * 32_768}}))
    assert reader.read([path]).rejects["reason"].to_list() == [
        "tender.title is a text of more than 32,767 characters"
    ]
