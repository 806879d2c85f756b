"""The ledger models read the snapshot or the lake: both give the same marts, and stale rules are told."""

from __future__ import annotations

import shutil

import duckdb
import pytest
from conftest import ROOT, copy_project
from rich.console import Console

from commissioning.base.errors import CommissioningError, LedgerError, SnapshotError
from commissioning.base.paths import Project, project
from commissioning.base.progress import Progress
from commissioning.commands import check as checks
from commissioning.ingest.ledgers import routes
from commissioning.marts import inputs, models

MIRROR = Project(ROOT).mirror
MARTS = ("spend_by_route", "labels", "coverage", "supplier_concentration", "accounting")


def rows(database, mart: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as db:
        return db.execute(f"select * from mart_ledger_{mart} order by all").fetchall()


@pytest.mark.mirror
@pytest.mark.skipif(MIRROR is None, reason="needs the councils' files")
def test_lake_and_snapshot_give_the_same_marts(built_project, tmp_path, monkeypatch):
    from commissioning.ingest.ledgers import lake
    from commissioning.ingest.ledgers.bodies import body_named

    private = Project(copy_project(tmp_path / "project").resolve())
    shutil.copytree(built_project.work, private.work)
    monkeypatch.setenv("COMMISSIONING_HOME", str(private.root))
    monkeypatch.setenv("COMMISSIONING_MIRROR", str(MIRROR))
    monkeypatch.setenv("COMMISSIONING_LEDGERS", "lake")
    project.cache_clear()
    for name, value in models.environment(private).items():
        monkeypatch.setenv(name, value)
    for folder in sorted(private.raw.glob("ledger_*")):
        lake.ingest(body_named(folder.name.removeprefix("ledger_")))
    inputs.write_ledgers(private)
    ran = models.build(private, {"ledgers"})
    assert {f"mart_ledger_{mart}" for mart in MARTS} <= set(ran)
    for mart in MARTS:
        ours, theirs = rows(models.database(private), mart), rows(models.database(built_project), mart)
        assert len(ours) == len(theirs) > 20 and ours == theirs, mart


def test_another_word_than_snapshot_or_lake_is_refused(monkeypatch):
    monkeypatch.setenv("COMMISSIONING_LEDGERS", "pond")
    with pytest.raises(CommissioningError, match="snapshot or the lake") as error:
        inputs.ledger_folder(Project(ROOT))
    assert error.value.found == "pond"


def test_an_empty_lake_is_a_named_error(own_project, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_LEDGERS", "lake")
    monkeypatch.setenv("COMMISSIONING_LAKE", str(own_project.work / "empty"))
    with pytest.raises(LedgerError, match="no payment of this ledger") as error:
        inputs.write_ledgers(own_project)
    assert "commissioning ledger ingest" in error.value.todo


def test_suppliers_counted_with_other_rules_are_told_and_fail_the_check(own_project):
    assert inputs.stale_ledgers(own_project) == []
    checks.check_ledger_rules(own_project)
    rules = routes.rules_file(own_project)
    rules.write_text(rules.read_text("utf-8").replace(",spot,", ",block,", 1), encoding="utf-8")
    # A rule of one body leaves what was counted of the others as it was.
    assert inputs.stale_ledgers(own_project) == ["devon"]
    quiet = Progress(Console(quiet=True), quiet=True)
    with pytest.raises(SnapshotError, match="counted with other route rules") as error:
        checks.run_checks(own_project, quiet)
    assert "commissioning ledger snapshot" in error.value.todo
