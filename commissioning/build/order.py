"""The steps of the build in their order: what each reads, what it makes, what it does."""

from __future__ import annotations

from commissioning.build import tasks
from commissioning.build.patterns import (
    BODY_PAGES,
    CATALOGUE,
    COUNCIL_PAGES,
    DBT,
    DBT_OWN,
    GATE,
    HEADLINES,
    LAKE,
    MARTS,
    NEWS_PAGES,
    NUMBER_PAGES,
    OF_COUNCILS,
    QUALITY_PAGES,
    RAW,
    REGION_PAGES,
    SITE_PAGES,
    STAGED,
    WORKING,
)
from commissioning.build.step import Read, Step, in_parts

STEPS = (
    Step(
        "gate, raw",
        reads=(Read((*RAW, *CATALOGUE, "expectations/raw/*.yml"), in_parts),),
        makes=GATE,
        parts=tasks.raw_tables,
        do=tasks.check_raw,
    ),
    Step(
        "marts",
        reads=(Read(RAW, tasks.raw_hashes), Read(DBT), Read(CATALOGUE), Read((), tasks.ledger_engine)),
        makes=(*STAGED, *LAKE, *WORKING, *DBT_OWN),
        is_intact=tasks.has_marts,
        do=tasks.build_marts,
    ),
    Step(
        "gate, marts",
        reads=(Read((*STAGED, *MARTS, "expectations/marts/*.yml", "dbt/models/marts/*.yml"), in_parts),),
        makes=GATE,
        parts=tasks.mart_tables,
        do=tasks.check_marts,
    ),
    Step("publish", reads=(Read(STAGED, in_parts),), makes=MARTS, parts=tasks.staged, do=tasks.publish_marts),
)

SITE_STEPS = (
    Step(
        "numbers",
        reads=(
            *tasks.TRACED,
            Read(MARTS, tasks.published_marts),
            Read(("reports/headlines.yml", "reports/headlines/*.yml", "reports/families.yml")),
            Read(("reports/sentences.yml",)),
            Read(("reports/releases/*.json", "CITATION.cff")),
            Read(("reports/*.qmd", "docs/glossary.md", "reports/_quarto.yml"), tasks.stated_numbers),
        ),
        makes=(
            *HEADLINES,
            *OF_COUNCILS,
            *NUMBER_PAGES,
            "reports/_site/numbers/*.csv*",
            "data/build/numbers/*",
        ),
        do=tasks.write_numbers,
    ),
    Step(
        "councils",
        reads=(
            Read(MARTS, tasks.published_marts),
            Read(OF_COUNCILS),
            Read(("data/raw/boundaries/*.parquet", "CITATION.cff")),
            Read(("dbt/seeds/ledger_coverage_verdicts.csv", "dbt/seeds/pandemic_years.csv")),
            Read(("reports/_theme/profile.typ",)),
        ),
        makes=(
            *COUNCIL_PAGES,
            "reports/_site/councils/data/*.csv*",
            "reports/_site/councils/profiles/*.pdf",
            "data/build/council_profiles.json",
            "reports/_site/councils/councils.js",
        ),
        do=tasks.write_councils,
    ),
    Step(
        "regions",
        reads=(
            Read(MARTS, tasks.published_marts),
            Read(("CITATION.cff", "dbt/seeds/pandemic_years.csv")),
        ),
        makes=(*REGION_PAGES, "reports/_site/regions/data/*.csv*"),
        do=tasks.write_regions,
    ),
    Step(
        "bodies",
        reads=(
            Read(MARTS, tasks.published_marts),
            Read(("CITATION.cff", "dbt/seeds/ledger_coverage_verdicts.csv", "dbt/seeds/pandemic_years.csv")),
        ),
        makes=(*BODY_PAGES, "reports/_site/bodies/data/*.csv*"),
        do=tasks.write_bodies,
    ),
    Step(
        "news",
        reads=(Read(("CHANGELOG.md", "reports/_quarto.yml")),),
        makes=(*NEWS_PAGES, "reports/_site/news/feed.xml"),
        do=tasks.write_news,
    ),
    Step(
        "data files",
        # What it copies. The history beside them is written by the numbers.
        reads=(Read(MARTS[:1] + MARTS[2:]), Read(("data/marts/build.json", "data/marts/datapackage.json"))),
        makes=("reports/_site/data/*.*", "reports/_site/data/parquet/*.parquet"),
        do=tasks.copy_data,
    ),
    Step(
        "quality pages",
        reads=(Read(GATE), Read(("reports/*.qmd",))),
        makes=QUALITY_PAGES,
        do=tasks.write_quality_pages,
    ),
    Step(
        "theme",
        reads=(Read(("reports/_theme/*", "reports/_quarto.yml")),),
        makes=("reports/_site/_theme/*",),
        do=tasks.copy_theme,
    ),
    Step(
        "pages",
        reads=(
            Read((), tasks.renderer),
            Read(MARTS, tasks.published_marts),
            Read(("reports/_quarto.yml", "reports/_filters/*", "reports/_theme/*", "docs/glossary.md")),
            Read(
                (
                    *HEADLINES,
                    *OF_COUNCILS,
                    *NUMBER_PAGES,
                    *COUNCIL_PAGES,
                    *REGION_PAGES,
                    *BODY_PAGES,
                    *NEWS_PAGES,
                    *QUALITY_PAGES,
                ),
                in_parts,
            ),
            Read(("reports/*.qmd", "reports/*.yml", "docs/glossary.md"), in_parts),
            # Outlines of the home page's map.
            Read(("data/raw/boundaries/*.parquet",)),
        ),
        makes=SITE_PAGES,
        parts=tasks.site_pages,
        do=tasks.render_pages,
    ),
    Step(
        "search",
        reads=(
            Read(SITE_PAGES, tasks.rendered_pages),
            Read(("reports/_quarto.yml", "reports/search.yml")),
            Read(MARTS, tasks.published_marts),
        ),
        makes=("reports/_site/search-index.js",),
        do=tasks.write_search,
    ),
)
