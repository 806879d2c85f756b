"""The UK portals of contract notices, and how each is asked, as they document it.

Contracts Finder and Find a Tender answer for a span of time, a hundred releases a page, and say where the
next page is. Public Contracts Scotland and Sell2Wales answer for a month and a kind of notice, all at once.
None of them takes a CPV code: everything is fetched, and `commissioning contracts read --cpv` chooses.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """One span of a portal: what its pages are called, the address of the first, and its last day."""

    name: str
    url: str
    last_day: dt.date


@dataclass(frozen=True)
class Portal:
    """One portal. `spans` gives what to ask it for; `kinds` its kinds of notice, where it asks for them."""

    name: str
    title: str
    address: str
    query: str
    documented: str
    kinds: tuple[int, ...] = ()

    def spans(self, first: dt.date, last: dt.date) -> Iterator[Asked]:
        """The spans from `first` to `last`: days, or months and kinds of notice."""
        day = first
        if not self.kinds:
            while day <= last:
                query = self.query.format(day=day.isoformat())
                yield Asked(f"{self.name}_{day}", f"{self.address}?{query}", day)
                day += dt.timedelta(days=1)
            return
        day = first.replace(day=1)
        while day <= last:
            end = day.replace(day=calendar.monthrange(day.year, day.month)[1])
            for kind in self.kinds:
                query = self.query.format(month=f"{day:%m-%Y}", kind=kind)
                yield Asked(f"{self.name}_{day:%Y-%m}_{kind:03}", f"{self.address}?{query}", end)
            day = end + dt.timedelta(days=1)


# Kinds of notice on the two portals that one supplier runs: the EU's forms, and after them each portal's own.
_FORMS = (1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25)

PORTALS = {
    portal.name: portal
    for portal in (
        Portal(
            "contracts-finder",
            "Contracts Finder",
            "https://www.contractsfinder.service.gov.uk/Published/Notices/OCDS/Search",
            "publishedFrom={day}T00:00:00&publishedTo={day}T23:59:59&limit=100",
            "https://www.contractsfinder.service.gov.uk/apidocumentation",
        ),
        Portal(
            "find-a-tender",
            "Find a Tender",
            "https://www.find-tender.service.gov.uk/api/1.0/ocdsReleasePackages",
            "updatedFrom={day}T00:00:00&updatedTo={day}T23:59:59&limit=100",
            "https://www.find-tender.service.gov.uk/apidocumentation/1.0/GET-ocdsReleasePackages",
        ),
        Portal(
            "public-contracts-scotland",
            "Public Contracts Scotland",
            "https://api.publiccontractsscotland.gov.uk/v1/Notices",
            "dateFrom={month}&outputType=0&noticeType={kind}",
            "https://api.publiccontractsscotland.gov.uk/v1",
            (*_FORMS, 101, 102, 103, 104),
        ),
        Portal(
            "sell2wales",
            "Sell2Wales",
            "https://api.sell2wales.gov.wales/v1/Notices",
            "dateFrom={month}&outputType=0&noticeType={kind}",
            "https://api.sell2wales.gov.wales/v1",
            (*_FORMS, 51, 52, 53, 54, 55, 56),
        ),
    )
}
