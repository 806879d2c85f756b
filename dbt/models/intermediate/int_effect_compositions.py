"""Estimates that share parts, against pounds handed on at random (commissioning/marts/estimates)."""

from commissioning.marts.estimates import tables
from commissioning.marts.estimates.kept import kept


def model(dbt, session):
    dbt.config(materialized="table", tags=["estimates"])
    return kept(
        tables.compositions,
        amounts=dbt.ref("int_effect_parts").df(),
        parts=dbt.ref("effect_parts").df(),
        pairs=dbt.ref("effect_pairs").df(),
        outcomes=dbt.ref("effect_outcomes").df(),
        exposures=dbt.ref("effect_exposures").df(),
    )
