"""The reference specifications, tested in further ways (commissioning/marts/estimates)."""

from commissioning.marts.estimates import tables
from commissioning.marts.estimates.kept import kept


def model(dbt, session):
    dbt.config(materialized="table", tags=["estimates"])
    return kept(
        tables.references,
        rows=dbt.ref("int_effect_panel").df(),
        peers=dbt.ref("mart_council_peers").df(),
        outcomes=dbt.ref("effect_outcomes").df(),
        exposures=dbt.ref("effect_exposures").df(),
    )
