"""The catalogue is checked key by key, and its review dates are enforced."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from commissioning.base.errors import CatalogueError, LayoutError
from commissioning.base.paths import project
from commissioning.commands import check as checks
from commissioning.ingest.catalogue import Dataset, Edition, OriginalFile, catalogue, load_dataset
from commissioning.ingest.ledgers.bodies import Body

ENTRY = """
dataset: made_up
title: Made-up figures
publisher: Nobody
publication_page: null
licence: none
licence_status: stated
unit: GBP
review_by: 2027-11-30
describes: a fixture
editions:
  - edition: 2020-21
    status: held
    files: [{path: made_up/a.csv, bytes: 3, sha256: abc}]
  - edition: 2021-22
    status: declared
    why: published, not held
"""


def write(tmp_path, text):
    file = tmp_path / "made_up.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_edition_inherits_from_its_dataset(tmp_path):
    dataset = load_dataset(write(tmp_path, ENTRY))
    assert [e.id for e in dataset.held] == ["made_up/2020-21"]
    assert dataset.edition("2021-22").publisher == "Nobody"


@pytest.mark.parametrize(
    ("dataset", "edition", "name"),
    [
        ("asc_fr", "2021-22", "2021-22"),
        ("oflog_asc", "2015-16_to_2022-23", "2015-16 to 2022-23"),
        ("mhclg_rsx", "2024-25-first-release", "2024-25 first release"),
        ("contracts_finder", "all-of-england", "Contracts Finder notices of all bodies"),
        # An id that is no year needs a title of its own.
        ("mhclg_ro_multi", "multi-year-official", "All lines and years, as the publisher has them"),
    ],
)
def test_an_edition_is_named_in_words(dataset, edition, name):
    entry = catalogue()[dataset]
    found = entry.edition(edition)
    assert found.name(entry.title) == name


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("publisher: Nobody\n", "", "publisher"),
        ("status: declared", "status: perhaps", "perhaps"),
        ("    why: published, not held\n", "", "must say why"),
        ("    files: [{path: made_up/a.csv, bytes: 3, sha256: abc}]\n", "", "names no file"),
        ("unit: GBP", "unit: GBP\nunits: GBP", None),
        ("review_by: 2027-11-30", "review_by: soon", "soon"),
        ("dataset: made_up", "dataset: other", "named after"),
        ("edition: 2021-22", "edition: 2020-21", "twice"),
        ("    why: published", "    wherefore: x\n    why: published", "wherefore"),
        ("path: made_up/a.csv", "path: ../../../a.csv", "leaves its folder"),
        ("path: made_up/a.csv", "path: made_up/../../a.csv", "leaves its folder"),
        ("path: made_up/a.csv", "path: /made_up/a.csv", "leaves its folder"),
        ("path: made_up/a.csv", "path: 'made_up\\..\\..\\a.csv'", "leaves its folder"),
        ("path: made_up/a.csv", "path: 'C:a.csv'", "leaves its folder"),
        ("path: made_up/a.csv", "path: made_up//a.csv", "leaves its folder"),
        ("path: made_up/a.csv", "path: null", "leaves its folder"),
        ("edition: 2020-21", "edition: ../2020-21", "no name for a file"),
        ("edition: 2020-21", "edition: a/b", "no name for a file"),
        ("status: held", "status: held\n    tables: [../x]", "no name for a file"),
        ("sha256: abc", "sha256: abc, url: 'file:///etc/hostname'", "no web address"),
        ("bytes: 3, ", "bytes: lots, ", "size"),
        ("bytes: 3, ", "bytes: 0, ", "size"),
    ],
)
def test_a_malformed_entry_is_named(tmp_path, before, after, word):
    file = write(tmp_path, ENTRY.replace(before, after))
    if word is None:
        load_dataset(file)
        return
    with pytest.raises(CatalogueError, match=word):
        load_dataset(file)


def test_every_committed_entry_is_sound_and_every_hash_is_one():
    for dataset in catalogue().values():
        for edition in dataset.held:
            assert all(len(f.sha256) == 64 and f.bytes > 0 for f in edition.files), edition.id


def test_a_span_that_is_not_held_names_the_years_in_it_that_are():
    """ "2001-2014 is not held" is wrong where 2011 is, unless the reason says so."""
    for dataset in catalogue().values():
        for edition in dataset.editions:
            span = re.fullmatch(r"(\d{4})-(\d{4})", edition.edition)
            if edition.status == "declared" and span:
                years = {e.edition for e in dataset.held} & {
                    str(y) for y in range(int(span[1]), int(span[2]) + 1)
                }
                assert [year for year in years if year not in edition.why] == [], edition.id


def test_what_is_not_held_has_no_licence_of_what_is():
    """A licence that was stated beside one publisher's file is none of another publisher's."""
    for dataset in catalogue().values():
        held = {(e.publisher, e.licence) for e in dataset.held}
        for edition in dataset.editions:
            if edition.status == "declared" and edition.publisher not in {publisher for publisher, _ in held}:
                assert edition.licence_status == "presumed", edition.id
                assert "transcribed" not in edition.licence, edition.id
            if re.search(r"states no licence|no licence (?:is|was) stated", edition.why or ""):
                assert edition.licence == "no licence seen", edition.id


def test_who_published_what_is_not_held_is_where_its_title_says():
    for dataset in catalogue().values():
        for edition in dataset.editions:
            outside = re.search(r"outside (\w+)", edition.title)
            assert not outside or f" in {outside[1]}" not in edition.publisher, edition.id


def test_a_lapsed_review_fails_the_check():
    with pytest.raises(CatalogueError, match="past their review date"):
        checks.check_reviews(project(), dt.date(2100, 1, 1))


@pytest.mark.parametrize("measure", ["direct_payments", "feeling_safe"])
def test_a_lapsed_measure_of_either_seed_is_named(measure):
    with pytest.raises(CatalogueError, match=rf"measure {measure} \("):
        checks.check_reviews(project(), dt.date(2100, 1, 1))


def test_the_date_of_the_check_can_be_set(monkeypatch):
    monkeypatch.setenv("COMMISSIONING_TODAY", "2026-11-23")
    assert checks.today() == dt.date(2026, 11, 23)
    assert checks.check_reviews(project(), checks.today()) > 20


def test_a_file_says_which_known_layout_it_follows(tmp_path):
    text = ENTRY.replace(
        "    files: [{", "    layout: wide\n    files: [{path: b, bytes: 1, sha256: a, layout: long}, {"
    )
    first, second = load_dataset(write(tmp_path, text)).held[0].files
    assert (first.reader({"wide": 1, "long": 2}), second.reader({"wide": 1, "long": 2})) == (2, 1)
    with pytest.raises(LayoutError, match=r"made_up/a\.csv[\s\S]*\['long'\][\s\S]*found: wide"):
        second.reader({"long": 2})


@pytest.mark.parametrize("register", [Edition, Dataset, OriginalFile, Body])
def test_every_key_that_a_register_may_have_is_read(register):
    root = project().root
    files = [
        file for name in ("ingest", "commissioning", "expectations") for file in (root / name).rglob("*.py")
    ]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert [key for key in register.__dataclass_fields__ if not re.search(rf"\.{key}\b", source)] == []
