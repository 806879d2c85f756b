"""Floats of the estimates are the same bytes, whichever instructions linear algebra picks."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from commissioning.marts import models
from commissioning.marts.estimates.precision import significant

SCRIPT = """
import hashlib, sys
import duckdb, numpy as np, pyarrow as pa
from commissioning.marts.estimates import tables

def written(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as stream:
        stream.write_table(table.replace_schema_metadata().combine_chunks())
    return sink.getvalue().to_pybytes()

if __name__ == "__main__":
    square = np.random.default_rng(0).normal(size=(300, 300))
    with duckdb.connect(sys.argv[1], read_only=True) as db:
        rows = db.execute(
            "select * from int_effect_panel where exposure = 'spend_c' and role = 'estimate' and lag = 0 "
            "and outcome in ('control_over_daily_life', 'residential_care_share', 'long_term_support')"
        ).df()
        both = db.execute("select * from int_effect_panel").df()
        others = [
            db.execute(f"select * from {name}").df()
            for name in ("mart_council_peers", "effect_outcomes", "effect_exposures")
        ]
        amounts, parts, pairs = (
            db.execute(f"select * from {name}").df()
            for name in ("int_effect_parts", "effect_parts", "effect_pairs")
        )
    print(hashlib.sha256((square @ square).tobytes()).hexdigest())
    made = {
        "references": tables.references(rows, *others),
        "specifications": tables.specifications(rows, *others),
        "exposure_errors": tables.exposure_errors(both, *others),
        "compositions": tables.compositions(amounts, parts, pairs, *others[1:]),
    }
    for name, table in made.items():
        print(name, hashlib.sha256(written(table)).hexdigest())
"""


def run(script: str, database: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, script, database],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_another_processor_writes_the_same_bytes(built_project, tmp_path):
    """The Python models by this processor's instructions and by those of a Pentium 4 of 2004."""
    script = tmp_path / "estimates.py"
    script.write_text(SCRIPT, encoding="utf-8")
    database = str(models.database(built_project))
    here, old = run(str(script), database), run(str(script), database, OPENBLAS_CORETYPE="Prescott")
    if here[0] == old[0]:
        pytest.skip("NumPy's linear algebra has one set of instructions on this machine")
    assert here[1:] == old[1:]
    calls = {
        call
        for model in (built_project.dbt / "models").rglob("*.py")
        for call in re.findall(r"\btables\.(\w+)", model.read_text(encoding="utf-8"))
    }
    assert {line.split()[0] for line in here[1:]} == calls, "a model in Python is not compared"


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        (123.456, 4, 123.5),
        (-0.00123456, 3, -0.00123),
        (99999.0, 4, 100000.0),
        (1e-12, 2, 1e-12),
        (0.0, 3, 0.0),
    ],
)
def test_significant_digits(value, digits, rounded):
    assert significant(value, digits) == rounded


def test_digits_are_those_of_the_error_where_it_is_larger():
    assert significant(0.0123456, 3, size=12.0) == 0.0
    assert significant(0.123456, 3, size=12.0) == 0.1


def test_what_is_no_number_stays():
    assert np.isnan(significant(np.nan)) and significant(np.inf) == np.inf


def test_rounding_agrees_with_decimal_printing():
    values = np.random.default_rng(1).normal(size=20_000) * 10.0 ** np.random.default_rng(2).integers(
        -9, 9, 20_000
    )
    expected = np.array([float(f"{v:.7e}") for v in values])
    assert np.array_equal(significant(values, 8), expected)
