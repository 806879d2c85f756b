"""The panel that dbt joins (`int_effect_panel`), as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from commissioning.marts.estimates.samples import Sample

FIRST = {"long_term_support": "adults", "residential_care_share": "commissioned_support"}
"""The plan's denominator of outcomes that have several."""


class Pair(NamedTuple):
    """An outcome in one way of measuring it, held against an exposure `lag` years before."""

    outcome: str
    exposure: str
    lag: int
    role: str
    denominator: str
    prices: str
    edition: str

    @property
    def is_first(self) -> bool:
        """Whether the outcome is measured as the plan does first."""
        measured_so = FIRST.get(self.outcome, self.denominator) == self.denominator
        return measured_so and self.edition == "latest" and self.prices != "cash"


@dataclass(frozen=True)
class Panel:
    """Samples by pair; `peers[i, j]` is 1 where council `j` is one of the fifteen nearest of council `i`."""

    councils: list[str]
    regions: list[str]
    peers: np.ndarray
    samples: dict[Pair, Sample]


def read(panel: pd.DataFrame, peers: pd.DataFrame, nearest: int = 15) -> Panel:
    """Arrays from `int_effect_panel` and `mart_council_peers`. The order of their rows does not matter."""
    councils, regions = sorted(panel.council_id.unique()), sorted(panel.region_id.unique())
    number = {name: i for i, name in enumerate(councils)}
    near = peers[
        (peers.peer_rank <= nearest) & peers.council_id.isin(councils) & peers.peer_id.isin(councils)
    ]
    matrix = np.zeros((len(councils), len(councils)))
    matrix[near.council_id.map(number), near.peer_id.map(number)] = 1
    panel = panel.assign(
        council=panel.council_id.map(number),
        region=panel.region_id.map({name: i for i, name in enumerate(regions)}),
        entity=panel.groupby(["council_id", "comparability_group"]).ngroup(),
    ).sort_values(["council", "comparability_group", "exposure_year"])
    samples = {
        Pair(*key): _sample(rows) for key, rows in panel.groupby(list(Pair._fields), sort=True, dropna=False)
    }
    return Panel(councils, regions, matrix, samples)


def _sample(rows: pd.DataFrame) -> Sample:
    def number(column: str) -> np.ndarray:
        return rows[column].to_numpy(dtype=float, na_value=np.nan)

    return Sample(
        council=rows.council.to_numpy(dtype=int),
        year=rows.exposure_year.to_numpy(dtype=int),
        region=rows.region.to_numpy(dtype=int),
        entity=np.unique(rows.entity.to_numpy(), return_inverse=True)[1],
        share=number("share"),
        outcome=number("outcome_value"),
        margin=number("margin_of_error"),
        base=number("base"),
        adults=number("adults"),
        share_65_plus=number("share_65_plus"),
        imd=number("imd_2019_score"),
        flagged=rows.is_flagged.to_numpy(dtype=bool),
        approximate=rows.is_approximate.to_numpy(dtype=bool),
        in_2020_21=rows.is_2020_21.to_numpy(dtype=bool),
        side=rows.side_of_breaks.to_numpy(dtype=int),
    )
