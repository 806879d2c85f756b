"""An installed wheel, in an empty folder: one importable name, and all that needs no checkout works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import duckdb
import pytest
from conftest import ROOT, made_once

MAY = "Date Paid,Net Amount,Supplier Name,Transaction Number\n17/05/2021,1200.50,ACME CARE LTD,T1\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that the wheel was installed to."""

    def install(folder):
        # Built from a copy: setuptools leaves its own folders where it builds.
        source = folder / "source"
        for name in ("commissioning", "ingest", "expectations"):
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("macros", "seeds"):
            shutil.copytree(ROOT / "dbt" / name, source / "dbt" / name)
        for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-DATA.md"):
            shutil.copy(ROOT / name, source / name)
        quiet = ("-q", "--no-deps", "--disable-pip-version-check")
        pip = (sys.executable, "-m", "pip")
        subprocess.run([*pip, "wheel", *quiet, "-w", str(folder / "wheel"), str(source)], check=True)
        (wheel,) = (folder / "wheel").glob("*.whl")
        subprocess.run([*pip, "install", *quiet, "--target", str(folder / "site"), str(wheel)], check=True)

    return made_once(tmp_path_factory, "wheel", install) / "site"


@pytest.fixture
def run(installed, tmp_path):
    """Run Python in an empty folder, where the wheel alone answers to `commissioning`."""
    rest = {k: v for k, v in os.environ.items() if not k.startswith("COMMISSIONING_")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**rest, "PYTHONPATH": str(installed), "NO_COLOR": "1", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    return run


def test_it_has_one_importable_name(run, installed):
    assert sorted(p.name for p in installed.iterdir() if p.is_dir() and "dist-info" not in p.name) == [
        "bin",
        "commissioning",
    ]
    assert str(installed) in run("-c", "import commissioning; print(commissioning.__file__)").stdout
    for name in ("ingest", "expectations"):
        assert "ModuleNotFoundError" in run("-c", f"import {name}").stderr


def test_ledgers_are_read_from_any_folder(run, tmp_path):
    file = tmp_path / "spend-2021-05.csv"
    file.write_text(MAY, encoding="utf-8")
    ledger = ("-m", "commissioning.cli", "ledger")
    looked = run(*ledger, "inspect", str(file))
    assert looked.returncode == 0 and "£1,200.50" in looked.stdout, looked.stderr
    added = run(*ledger, "add", str(file), "--body", "madeup")
    assert added.returncode == 0, added.stderr
    assert (tmp_path / "ledgers" / "madeup.yml").exists()
    read = run(*ledger, "ingest", "madeup")
    assert read.returncode == 0 and "1 payment; 1 file read" in read.stdout, read.stderr
    assert list((tmp_path / "data" / "lake" / "payments").rglob("*.parquet"))


def test_contract_notices_are_read_from_any_folder(run, tmp_path):
    file, register = tmp_path / "notices.json", tmp_path / "register.csv"
    file.write_text('[{"ocid": "ocds-b5fd17-1", "date": "2025-01-10", "tag": ["tender"]}]', encoding="utf-8")
    register.write_text("Contract Title,Supplier,Value,Start Date\nHome care,Acme Ltd,5,01/04/2020\n")
    read = run("-m", "commissioning.cli", "contracts", "read", str(file), str(register))
    assert read.returncode == 0 and "2 processes, 1 awards, 0 rejects" in read.stdout, read.stderr
    assert len(list((tmp_path / "data" / "contracts").glob("*.parquet"))) == 3


def test_a_copy_of_the_marts_is_opened(run, tmp_path):
    with duckdb.connect(str(tmp_path / "commissioning.duckdb")) as marts:
        marts.execute("create table mart_claim_check as select 7 as n")
    code = (
        "from commissioning import open_marts; "
        "print(open_marts('commissioning.duckdb').sql('from mart_claim_check').fetchall())"
    )
    assert run("-c", code).stdout.strip() == "[(7,)]"


def test_what_needs_a_checkout_says_so(run):
    for command in ("build", "check", "status"):
        said = run("-m", "commissioning.cli", command)
        assert said.returncode == 1 and "This is not a checkout" in said.stderr, command


def test_a_workspace_from_init_to_labels(run, tmp_path):
    """Without a checkout: init, add, ingest, labels."""
    (tmp_path / "may.csv").write_text(MAY.replace("Transaction Number", "Expense Type"), encoding="utf-8")
    start = (
        "import os, sys; os.environ['COMMISSIONING_WORKSPACE'] = 'mine' if sys.argv[2] != 'init' else '';"
        "from commissioning.cli import main; main()"
    )
    for command in (
        ("init", "mine"),
        ("add", "may.csv", "--body", "nhs-made-up", "--publisher", "Made-up NHS Trust"),
        ("ingest",),
        ("labels", "nhs-made-up"),
    ):
        done = run("-c", start, "ledger", *command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert "1,200.50" in done.stdout and "no rule fits: £1,200.50, 100.0% of all money" in done.stdout
