"""Estimates that allow for error in the measure of choice (commissioning/marts/estimates)."""

from commissioning.marts.estimates import tables


def model(dbt, session):
    dbt.config(materialized="table", tags=["estimates"])
    return tables.exposure_errors(
        rows=dbt.ref("int_effect_panel").df(),
        peers=dbt.ref("mart_council_peers").df(),
        outcomes=dbt.ref("effect_outcomes").df(),
        exposures=dbt.ref("effect_exposures").df(),
    )
