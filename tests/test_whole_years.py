"""A year that a ledger holds in full need not show care in all its months: `months_in_series` tells."""

import re
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent / "reports"

HELD = re.compile(r'"""(?:(?!""").)*?\bmonths_held = 12(?:(?!""").)*?"""', re.S)


def without_a_ledger(page: str) -> list[str]:
    """Queries that take whole years by the months held, of any ledger: one of them may not show care."""
    return [query for query in HELD.findall(page) if "body = '" not in query]


def test_the_check_finds_such_a_query():
    assert without_a_ledger('x("""select * from m where route = \'all\' and months_held = 12""")')
    assert not without_a_ledger('x("""select * from m where body = \'devon\' and months_held = 12""")')


def test_whole_years_of_all_ledgers_show_care_in_all_months():
    for page in REPORTS.glob("*.qmd"):
        assert not without_a_ledger(page.read_text()), page.name
