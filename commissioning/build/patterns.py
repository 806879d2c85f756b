"""Files that steps read and make. A step waits for another where it reads a pattern that the other makes."""

from __future__ import annotations

RAW = ("data/raw/**/*",)
CATALOGUE = ("ingest/catalogue/*.yml",)
DBT = ("dbt/**/*",)
SEEDS = ("dbt/seeds/*.csv",)
STAGED = ("data/build/marts/**/*",)
MARTS = ("data/marts/commissioning.duckdb", "data/marts/*.json", "data/marts/parquet/*.parquet")
GATE = ("data/build/gate/**/*.json",)
LAKE = ("data/build/inputs/ledgers/**/*",)
WORKING = (
    "data/build/models.duckdb",
    "data/build/kept/*",
    "data/build/dbt-state/*",
    "data/build/estimates/*",
)
DBT_OWN = ("data/build/dbt-target/**/*", "data/build/dbt-logs/*", "data/build/inputs/*.parquet")
HEADLINES = ("reports/_generated/headlines.json",)
OF_COUNCILS = ("reports/_generated/councils/*.json",)
NUMBER_PAGES = ("reports/numbers/*.qmd",)
COUNCIL_PAGES = ("reports/councils/*.qmd",)
REGION_PAGES = ("reports/regions/*.qmd",)
BODY_PAGES = ("reports/bodies/*.qmd",)
NEWS_PAGES = ("reports/news/*.qmd",)
QUALITY_PAGES = ("reports/quality/*.qmd",)
SITE_PAGES = ("reports/_site/**/*.html", "reports/_site/*.pdf", "reports/_site/downloads/**/*")
