"""`status`, `open` and `open_marts` of a workspace ask its own build, and say where there is none yet."""

from __future__ import annotations

import pytest
from rich.console import Console
from typer.testing import CliRunner

from commissioning import open_marts
from commissioning.base import paths
from commissioning.base.errors import BusyError, MissingMarts
from commissioning.base.lock import only_build
from commissioning.base.progress import Progress
from commissioning.build import own as own_build
from commissioning.cli import app
from commissioning.ingest.ledgers import workspaces


@pytest.fixture
def own(tmp_path, monkeypatch):
    workspaces.init(tmp_path / "own")
    monkeypatch.setenv("COMMISSIONING_WORKSPACE", str(tmp_path / "own"))
    return paths.own_workspace()


def test_a_workspace_that_was_never_built_says_so(own):
    done = CliRunner().invoke(app, ["status"])
    assert done.exit_code == 0, done.output
    assert "no build of its own yet" in " ".join(done.output.split())
    assert paths.published() == paths.project()


def test_a_second_build_of_a_workspace_is_refused_before_it_writes(own, monkeypatch):
    monkeypatch.setattr(own_build, "prepare", lambda *_: pytest.fail("written"))
    with only_build(own), pytest.raises(BusyError, match="Another build"):
        own_build.run(paths.project(), own, Progress(Console(), quiet=True))
    assert not own.build.root.exists()


def test_the_folder_of_a_workspace_opens_its_own_marts(own):
    with pytest.raises(MissingMarts) as error:
        open_marts(own.root)
    assert str(own.build.database) in str(error.value)


def test_a_workspace_with_a_build_is_looked_at_instead_of_the_checkout(own):
    own.build.catalogue.mkdir(parents=True)
    (own.build.root / "dbt" / "dbt_project.yml").parent.mkdir(exist_ok=True)
    (own.build.root / "dbt" / "dbt_project.yml").write_text("name: own\n", encoding="utf-8")
    assert paths.published().root == own.build.root
