"""From raw tables to published marts: dbt and what it reads, the estimates, publishing, the seal."""
