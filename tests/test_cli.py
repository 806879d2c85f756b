"""The command line: help, usage errors, named errors, and what it says before and after a build."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from commissioning.base.lock import only_build
from commissioning.cli import app
from commissioning.commands import ledger
from commissioning.marts import seals

COMMANDS = {
    "build": "done again",
    "ingest": "--refresh",
    "check": "lock",
    "render": "names",
    "status": "published",
    "open": "marts",
    "trace": "--csv",
    "release": "meaning",
    "bench": "--rounds",
    "clean": "history.json",
}


def run(*arguments: str, home: object = None) -> subprocess.CompletedProcess:
    env = {**os.environ, "COLUMNS": "100"} | ({"COMMISSIONING_HOME": str(home)} if home else {})
    line = [sys.executable, "-m", "commissioning.cli", *arguments]
    return subprocess.run(line, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120)


def test_help_lists_every_command():
    ended = run("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    for command in COMMANDS:
        assert f"│ {command} " in ended.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    ended = run(command, "-h")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"{command} [OPTIONS]" in ended.stdout
    text = " ".join(ended.stdout.replace("│", " ").split())
    assert COMMANDS[command] in text
    assert "Show this message and exit." in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["biuld"], "No such command 'biuld'"),
        (["build", "--mart-only"], "No such option: --mart-only"),
        (["open", "site", "marts"], "unexpected extra argument"),
        (["bench", "--rounds", "many"], "Invalid value for '--rounds'"),
        (["bench", "--rounds", "0"], "Invalid value for '--rounds'"),
    ],
)
def test_a_wrong_command_line_is_answered_with_usage(arguments, said):
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Usage:" in ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["open", "no-such-page"], ["There is no site yet", "run `commissioning build`"]),
        (["open", "marts"], ["There are no marts yet", "commissioning.duckdb", "commissioning build"]),
        (["render"], ["There are no marts yet", "commissioning.duckdb"]),
        (["ingest", "no_such"], ["'no_such'", "pss_ex1"]),
    ],
)
def test_an_error_is_named_on_the_error_output(own_project, arguments, said):
    ended = run(*arguments, home=own_project.root)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: ")
    for words in said:
        assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_page_that_is_not_there_is_named_with_those_that_are(own_project):
    own_project.site.mkdir()
    (own_project.site / "index.html").touch()
    ended = run("open", "no-such-page", home=own_project.root)
    assert ended.returncode == 1
    assert "found: no-such-page" in ended.stderr
    assert "expected: index" in ended.stderr


def test_a_folder_that_is_no_checkout_is_named(tmp_path):
    ended = run("status", home=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "not a checkout" in ended.stderr
    assert str(tmp_path) in ended.stderr


def test_status_before_and_after_a_build(own_project):
    ended = run("status", home=own_project.root)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "pss_ex1" in ended.stdout
    assert "No marts are published yet: run `commissioning build`." in ended.stdout
    lock = json.loads((own_project.raw / "lock.json").read_text(encoding="utf-8"))
    inputs = {edition: entry["sha256"] for edition, entry in lock.items()}
    inputs["asc_fr/2014-15"] = "another"
    build = {"build_id": "0123456789ab", "inputs": inputs}
    build["tables"] = {"mart_made_up": {"rows": 1234, "sha256": "1f"}}
    own_project.marts.mkdir()
    own_project.database.touch()
    seals.seal(own_project.marts, build)
    ended = run("status", home=own_project.root)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "build 0123456789ab" in ended.stdout
    assert "mart_made_up" in ended.stdout
    assert "1,234" in ended.stdout
    assert "Raw editions changed since: asc_fr/2014-15." in ended.stdout
    own_project.database.chmod(0o644)
    own_project.database.write_bytes(b"of another program")
    ended = run("status", home=own_project.root)
    assert ended.returncode == 1
    assert "pss_ex1" in ended.stdout
    assert ended.stderr.startswith("error: The published marts are not what was published.")
    assert "run `commissioning build`" in ended.stderr


@pytest.mark.parametrize("command", ["build", "ingest", "render", "clean"])
def test_a_command_that_writes_leaves_while_a_build_runs(own_project, command):
    with only_build(own_project):
        ended = run(command, home=own_project.root)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "Another build of this project is running." in ended.stderr
    assert f"process {os.getpid()}" in ended.stderr


def test_help_loses_no_word_of_what_a_command_says():
    """Text in angle brackets is lost from help that is read as Markdown, unless it is code."""
    groups = {"": app, "ledger": ledger.app}
    for group, commands in groups.items():
        for command in commands.registered_commands:
            name = command.name or command.callback.__name__
            ended = run(*group.split(), name, "-h")
            shown = ended.stdout.replace("│", " ").split()
            said = command.callback.__doc__.replace("`", "").split()
            lost = [word for word in said if word not in " ".join(shown)]
            assert not lost, (group, name, lost)


def test_a_day_that_is_none_is_named(own_project, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_TODAY", "tomorrow")
    ended = run("check", home=own_project.root)
    assert ended.returncode == 1
    assert "COMMISSIONING_TODAY" in ended.stderr and "tomorrow" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("target", "said"),
    [("nowhere/cells.csv", "There is no such folder."), (".", "This is no file.")],
)
def test_source_cells_are_written_to_a_file_in_a_folder_that_is_there(tmp_path, target, said):
    ended = run("trace", "dp_share_c_2021_22", "--csv", str(tmp_path / target))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr and str(tmp_path) in ended.stderr
    assert "where: --csv" in ended.stderr


def test_a_lake_that_is_a_file_is_named(tmp_path, monkeypatch):
    lake = tmp_path / "lake"
    lake.touch()
    monkeypatch.setenv("COMMISSIONING_LAKE", str(lake))
    ended = run("ledger", "snapshot")
    assert ended.returncode == 1
    assert "The lake is not a folder." in ended.stderr and str(lake) in ended.stderr
