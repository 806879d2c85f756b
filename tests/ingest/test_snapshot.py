"""The snapshot is sealed by its lock, and comes from the originals byte for byte."""

from __future__ import annotations

import json
import shutil

import polars as pl
import pytest

from commissioning.base.errors import OriginalError, SnapshotError
from commissioning.base.paths import project
from commissioning.ingest import originals, snapshot
from commissioning.ingest.catalogue import OriginalFile, catalogue
from commissioning.ingest.ledgers.aggregate import read_tables


def test_the_committed_snapshot_matches_its_lock():
    lock = snapshot.verify()
    assert len(lock) == sum(len(d.held) for d in catalogue().values())


def test_every_figure_has_a_file_in_the_catalogue():
    for edition in snapshot.held_editions():
        if not edition.tables:
            files = set(pl.read_parquet(snapshot.parquet_path(edition))["source_file"].unique())
            assert files <= {f.path for f in edition.files}, edition.id


@pytest.mark.parametrize(
    "edition", [e for e in snapshot.held_editions() if e.tables], ids=lambda e: e.dataset
)
def test_every_file_of_a_ledger_is_accounted_for(edition):
    files = pl.read_parquet(snapshot.table_paths(edition)["files"])
    assert sorted(files["sha256"]) == sorted(f.sha256 for f in edition.files)


@pytest.mark.mirror
@pytest.mark.skipif(project().mirror is None, reason="no mirror of publishers' originals on this machine")
@pytest.mark.parametrize("edition", snapshot.held_editions(), ids=lambda edition: edition.id)
def test_the_originals_give_the_snapshot_byte_for_byte(edition, tmp_path, monkeypatch):
    if not originals.on_this_machine(edition):
        pytest.skip("its originals are not in the mirror")
    monkeypatch.setenv("COMMISSIONING_LAKE", str(tmp_path / "lake"))
    if edition.tables:
        entry = snapshot.write_tables(edition, read_tables(edition), folder=tmp_path)
    else:
        entry = snapshot.write_edition(edition, snapshot.read_edition(edition), folder=tmp_path)
    assert entry == snapshot.read_lock()[edition.id]


def test_an_altered_raw_table_is_named(own_project):
    victim = next(own_project.raw.glob("hmt_gdp_deflator/*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"x")
    with pytest.raises(SnapshotError) as caught:
        snapshot.verify()
    assert victim.name in str(caught.value) and "git" in str(caught.value)


def test_a_missing_raw_table_is_named(own_project):
    victim = next(own_project.raw.glob("nsiamhs/*.parquet"))
    victim.unlink()
    with pytest.raises(SnapshotError, match=victim.name):
        snapshot.verify()


def test_a_raw_table_of_no_edition_is_named(own_project):
    shutil.copy(own_project.raw / "imd" / "2019.parquet", own_project.raw / "imd" / "2020.parquet")
    with pytest.raises(SnapshotError, match="belongs to no edition") as error:
        snapshot.verify()
    assert "data/raw/imd/2020.parquet" in str(error.value)


def test_a_lock_that_lacks_an_edition_is_named(own_project):
    lock = snapshot.read_lock()
    lock.pop("nsiamhs/2011-12")
    snapshot.lock_path().write_text(json.dumps(lock), encoding="utf-8")
    with pytest.raises(SnapshotError, match="nsiamhs/2011-12"):
        snapshot.verify()


def test_an_original_that_is_missing_truncated_or_altered_is_named(own_project):
    file = OriginalFile("made_up/a.csv", 5, "0" * 64)
    with pytest.raises(OriginalError, match="not on this machine"):
        originals.load(file)
    (own_project.cache / "made_up").mkdir(parents=True)
    (own_project.cache / "made_up" / "a.csv.gz").write_bytes(b"\x1f\x8b\x08\x00cut")
    with pytest.raises(OriginalError, match="truncated or damaged"):
        originals.load(file)
    (own_project.cache / "made_up" / "a.csv").write_bytes(b"abc")
    with pytest.raises(OriginalError, match="3 bytes instead of 5"):
        originals.load(file)
