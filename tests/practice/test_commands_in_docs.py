"""Every command of docs/practice.md runs, in the order in which a new user meets them, in an empty folder."""

from __future__ import annotations

import re
import shlex

import duckdb
import pytest
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from commissioning.base.errors import CommissioningError, PracticeFaults
from commissioning.cli import app
from commissioning.marts import seals

PAGE = (ROOT / "docs" / "practice.md").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    """The commands of the page's blocks, without those that set the shell up."""
    lines = [
        line
        for block in re.findall(r"^```\w*\n(.*?)^```$", PAGE, re.M | re.S)
        for line in block.replace("\\\n", " ").splitlines()
    ]
    return [shlex.split(line)[1:] for line in lines if line.startswith("commissioning ")]


@pytest.fixture
def run(built_marts, tmp_path, monkeypatch):
    monkeypatch.setattr(
        seals, "open_database", lambda project: duckdb.connect(str(built_marts), read_only=True)
    )
    monkeypatch.setattr(seals, "check", lambda project, every_file=True: {"build_id": "b1"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMMISSIONING_HOME", str(ROOT))
    monkeypatch.setenv("COMMISSIONING_WORKSPACE", str(tmp_path / "care"))
    # The day on which the example of the docs was written down.
    monkeypatch.setenv("COMMISSIONING_TODAY", "2026-11-29")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> str:
        ended = CliRunner().invoke(app, arguments)
        if isinstance(ended.exception, CommissioningError):
            raise ended.exception
        assert ended.exit_code == 0, (arguments, ended.output, ended.exception)
        return ended.output

    return run


def fill_in(folder) -> None:
    """What a team does between `new` and `check`."""
    for file in folder.glob("*.yml"):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        (blank,) = content["responses"]
        content["responses"] = [
            {"role": role, "ratings": {element: "In part" for element in blank["ratings"]}}
            for role in ("commissioner", "provider", "carer")
            for _ in range(5)
        ]
        file.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_every_command_that_the_docs_show_runs(run, tmp_path):
    found = commands()
    assert {tuple(one[:2]) for one in found} >= {
        ("assess", "new"), ("assess", "check"), ("assess", "report"), ("decide", "new"), ("decide", "check"),
        ("decide", "review"), ("compare-path", "--measures"),
    }  # fmt: skip
    for command in found:
        if command[:2] == ["assess", "check"]:
            fill_in(tmp_path / "care" / "assessments")
        run(*command)
    made, example = (
        (folder / "home-support-2023.yml").read_text(encoding="utf-8")
        for folder in (tmp_path / "care" / "decisions", ROOT / "docs" / "examples")
    )
    # Every build has its own id.
    assert re.sub("build: .*", "build: …", example) == re.sub("build: .*", "build: …", made)
    for name in ("assessment", "decisions"):
        for suffix in ("html", "pdf", "csv"):
            assert (tmp_path / "reports" / f"{name}.{suffix}").stat().st_size > 100
    page = (tmp_path / "reports" / "decisions.html").read_text(encoding="utf-8")
    assert "Control over daily life" in page and "control_over_daily_life" not in page
    assert ">77.3% (76.9% to 77.7%)" in page and 'data-label="Since then"' in page


def test_what_is_frozen_is_held_against_what_is_published(run, tmp_path):
    for command in commands():
        if command[:2] in (["ledger", "init"], ["decide", "new"]):
            run(*command)
    file = tmp_path / "care" / "decisions" / "home-support-2023.yml"
    good = file.read_text(encoding="utf-8")
    wrong = (
        ("0.1131", "0.1139", "frozen text"),
        ("value: 0.11310730713229272", "value: 0.1131", "not what the build"),
        ("text: 11.3%", "text: 12%", "frozen text"),
        ("@devon", "@narnia", "no such council"),
        ("@devon", "", "one for every council"),
        ("area: england", "area: narnia", "no such council"),
        ("  year: 2021-22", "  year: 1999-00", "no such figure"),
        ("  value: 76.9", "  value: 76.8", "not what the build"),
        ("  value: 76.9", "  value: 99.9", "outside its own interval"),
    )
    for n, (old, new, what) in enumerate(wrong):
        assert old in good
        changed = good.replace(old, new, 1).replace(file.stem, f"wrong-{n}")
        if what != "not what the build":
            # Of an older build a number is not worked out anew, which takes its time. The outcome's stays.
            changed = changed.replace("  build: b1\n", "  build: b0\n", 2)
        file.with_stem(f"wrong-{n}").write_text(changed, encoding="utf-8")
    file.with_stem("malformed").write_text(good.replace("stage: procure", "stage: buy"), encoding="utf-8")
    with pytest.raises(PracticeFaults) as error:
        run("decide", "check")
    told = {(fault.file.rpartition("/")[2], fault.what) for fault in error.value.faults}
    for n, (_, _, what) in enumerate(wrong):
        assert any(name == f"wrong-{n}.yml" and what in said for name, said in told), (n, what)
    assert ("malformed.yml", "The stage of the cycle is unknown.") in told
    assert not any(name == file.name for name, _ in told)
    assert all(fault.where.startswith("line ") for fault in error.value.faults)


def test_outputs_that_cannot_be_written_are_named(run, tmp_path):
    (tmp_path / "taken").write_text("x")
    (tmp_path / "folder.yml").mkdir()
    for command in (
        ["assess", "new", "pies_2", "--out", "folder.yml"],
        ["assess", "new", "pies_2", "--xlsx", "--out", "x.yml"],
        ["compare-path", "devon", "control_over_daily_life", "--from", "2021-22", "--csv", "folder.yml"],
        ["compare-path", "devon", "control_over_daily_life", "--from", "2021-22", "--csv", "no/x.csv"],
    ):
        with pytest.raises(CommissioningError) as error:
            run(*command)
        assert error.value.where in ("--out", "--csv")
    assert not (tmp_path / "x.yml").exists()
