"""The gate after ingest and before publishing: suites of checks, their runner, pages of the results."""
