"""Estimates of how choice and outcomes go together, over councils and years.

`docs/analysis-plan.md` says what is estimated and why; `docs/methods-estimates.md` explains each step.

- `samples` picks the council-years of one specification and takes a design's comparisons out of them
- `fit` estimates one slope with its errors
- `panel` reads the tables of dbt, `grid` lists every specification, `multiverse` computes them all
- `reference` tests the plan's first choices in further ways, and estimates them again with linearmodels
- `compositions` holds estimates that share parts against what the sharing makes by itself
- `exposures` allows for error in the measure of choice
- `precision` rounds, so that every processor writes the same bytes
- `tables` is what the dbt Python models call, through `kept`, which holds what they gave last
- `simulate` makes panels with a known effect and checks that each design finds it
"""

RUNS_ON = ("numpy", "scipy", "pandas", "pyarrow", "linearmodels")
"""What the estimates run on: another version of one may give other digits."""
