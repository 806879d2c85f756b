"""What the dbt Python models call: tables in, tables out."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from commissioning.base.progress import tell
from commissioning.marts.estimates import compositions as parted
from commissioning.marts.estimates import exposures as error
from commissioning.marts.estimates import multiverse, panel, reference
from commissioning.marts.estimates.grid import Scale


def scales(outcomes: pd.DataFrame, exposures: pd.DataFrame) -> dict[tuple[str, str], Scale]:
    """How to report each outcome on each exposure, from the seeds `effect_outcomes` and
    `effect_exposures`.
    """
    return {
        (o.outcome, e.exposure): Scale(float(e.step), o.scale)
        for o in outcomes.itertuples()
        for e in exposures.itertuples()
    }


def specifications(
    rows: pd.DataFrame, peers: pd.DataFrame, outcomes: pd.DataFrame, exposures: pd.DataFrame
) -> pa.Table:
    """Every specification, one row each, with its draws under no association."""
    read = panel.read(rows, peers)
    errors = error.errors(error.measured(rows, read.councils))
    table = multiverse.compute(read, scales(outcomes, exposures), errors, progress=tell)
    draws = {
        name: pa.array(table[name].tolist(), type=pa.list_(pa.float32()))
        for name in ("null_t", "null_estimate")
    }
    plain = pa.Table.from_pandas(table.drop(columns=list(draws)), preserve_index=False)
    for name, column in draws.items():
        plain = plain.append_column(name, column)
    return plain


def references(
    rows: pd.DataFrame, peers: pd.DataFrame, outcomes: pd.DataFrame, exposures: pd.DataFrame
) -> pa.Table:
    """The reference specifications, one row each. Null where a check is not made."""
    forms = dict(zip(outcomes.outcome, outcomes.default_form, strict=True))
    table = reference.compute(panel.read(rows, peers), scales(outcomes, exposures), forms, progress=tell)
    return pa.Table.from_pandas(table, preserve_index=False)


def compositions(
    amounts: pd.DataFrame,
    parts: pd.DataFrame,
    pairs: pd.DataFrame,
    outcomes: pd.DataFrame,
    exposures: pd.DataFrame,
) -> pa.Table:
    """Estimates whose outcome and exposure share parts, against the slope that the sharing makes."""
    table = parted.compute(amounts, parts, pairs, outcomes, exposures)
    return pa.Table.from_pandas(table, preserve_index=False)


def exposure_errors(
    rows: pd.DataFrame, peers: pd.DataFrame, outcomes: pd.DataFrame, exposures: pd.DataFrame
) -> pa.Table:
    """Primary outcomes over the change for which two measures of choice are held. Null: not bounded."""
    first = outcomes[(outcomes.order_in_question == 1) & (outcomes.question != "placebo")]
    forms = dict(zip(first.outcome, first.default_form, strict=True))
    table = error.compute(rows, panel.read(rows, peers), scales(outcomes, exposures), forms)
    return pa.Table.from_pandas(table, preserve_index=False)
