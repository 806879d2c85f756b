"""Files that people write, damaged in every way: the error names the file, none ends in a traceback."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, copy_project

from commissioning.base.errors import CommissioningError
from commissioning.base.paths import project
from commissioning.base.trouble import named_trouble
from commissioning.expectations import declared, suites
from commissioning.ingest import catalogue, snapshot
from commissioning.ingest.ledgers import bodies, headers, payees
from commissioning.numbers import citations, headlines, history, sentences
from commissioning.site.config import Site

REGISTERS: dict[str, Callable[[], object]] = {
    "ingest/catalogue/imd.yml": catalogue.catalogue,
    "ingest/ledgers/devon.yml": lambda: bodies.load_body(project().root / "ingest/ledgers/devon.yml"),
    "ingest/ledgers/aliases.yml": headers.aliases,
    "ingest/ledgers/payees.yml": payees.rules,
    "data/raw/lock.json": snapshot.verify,
    "expectations/raw/imd.yml": lambda: suites.suite_of("raw", "imd"),
    "dbt/models/marts/dim_basis.yml": lambda: declared.declared("marts", "dim_basis"),
    "reports/families.yml": lambda: headlines.register(project()),
    "reports/headlines.yml": lambda: headlines.register(project()),
    "reports/headlines/ledgers.yml": lambda: headlines.register(project()),
    "reports/sentences.yml": lambda: sentences.register(project()),
    "reports/releases/0.2.0.json": lambda: history.releases(project()),
    "reports/_quarto.yml": lambda: Site.read(project().reports).name,
    "CITATION.cff": lambda: citations.released(project()),
}

DAMAGES: dict[str, Callable[[Path, bytes], object]] = {
    "missing": lambda file, was: None,
    "a folder": lambda file, was: file.mkdir(),
    "empty": lambda file, was: file.write_bytes(b""),
    "not text": lambda file, was: file.write_bytes(b"\xff\xfe\x00" + was),
    "a list": lambda file, was: file.write_bytes(b"[1, 2]\n"),
    "a word": lambda file, was: file.write_bytes(b"word\n"),
    "cut": lambda file, was: file.write_bytes(was[: was.index(b":", len(was) // 2) + 1] + b" [\n"),
    "another's keys": lambda file, was: file.write_bytes(b'{"this": {"that": 1}}\n'),
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    return copy_project(tmp_path_factory.mktemp("registers"))


def forget() -> None:
    """What was read before the damage is read again."""
    for found in gc.get_objects():
        if isinstance(found, _lru_cache_wrapper) and found.__module__.startswith("commissioning"):
            found.cache_clear()


@pytest.mark.parametrize("register", REGISTERS)
def test_a_damaged_register_is_named(register, checkout, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_HOME", str(checkout))
    forget()
    file = checkout / register
    REGISTERS[register]()
    was = file.read_bytes()
    wrong = {}
    for name, damage in DAMAGES.items():
        file.unlink()
        damage(file, was)
        try:
            told = told_of(REGISTERS[register])
        finally:
            file.rmdir() if file.is_dir() else file.unlink(missing_ok=True)
            file.write_bytes(was)
        if file.name not in told and (register, name) not in MAY_BE:
            wrong[name] = told
    forget()
    assert not wrong


def told_of(read: Callable[[], object]) -> str:
    """What a user is told, or what would end in a traceback."""
    forget()
    try:
        with named_trouble():
            read()
    except CommissioningError as error:
        return str(error)
    except Exception as error:
        return f"a traceback: {error!r}"
    return "nothing"


MAY_BE = {
    ("ingest/catalogue/imd.yml", "missing"),
    ("reports/families.yml", "missing"),
    ("reports/headlines.yml", "missing"),
    ("reports/headlines/ledgers.yml", "missing"),
    ("reports/headlines/ledgers.yml", "empty"),
    ("reports/sentences.yml", "missing"),
    ("reports/releases/0.2.0.json", "missing"),
}
"""Registers that a project may be without. A brief names the number that is then unknown."""


def test_every_parser_of_yaml_reads_what_people_write():
    """libyaml takes some text that the parser in Python, used where it is not there, refuses."""
    folders = ("ingest", "dbt/models", "dbt/seeds", "expectations", "reports", "commissioning")
    files = [file for name in folders for file in sorted((ROOT / name).rglob("*.yml"))]
    assert len(files) > 200
    for file in [file for file in files if "catalogue/ledger_" not in file.as_posix()]:
        yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
