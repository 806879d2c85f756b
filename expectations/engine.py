"""What rules run on: Great Expectations, which takes seconds to import, over one batch of pandas."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commissioning.expectations.suites import Rule


@cache
def engine():
    """Great Expectations, the batch to hand frames to, and the lookup of expectations by name. The context
    is in memory: no progress bars, nothing sent, nothing written. One batch serves all frames, because each
    new one costs as much as checking a rule."""
    from commissioning.expectations import library

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = library.great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("gate").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("all")
    return library.great_expectations, batch, library.get_expectation_impl


def expectation(rule: Rule):
    """A rule as Great Expectations checks it. Raises whatever it says of a rule that it does not accept."""
    _, _, implementation = engine()
    return implementation(rule.expectation)(**rule.kwargs, severity=rule.severity, meta={"id": rule.id})
