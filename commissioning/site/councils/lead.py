"""What a council's page says first: the finding, a few points, and what came before or after the council.

A figure that is flagged says so in the sentence that states it, and one of another area says that too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commissioning.site.councils import html
from commissioning.site.councils.data import BEFORE, LATEST

if TYPE_CHECKING:
    from commissioning.site.councils.page import Page

FLAGS = {
    "publisher_error": "flagged as probably misreported",
    "outlier": "flagged as out of line",
    "imputed": "flagged as resting on another year’s return",
}
"""How a sentence names each flag that a figure can have. (A figure that is not available has no sentence.)"""
ENGLAND_FLAGS = {
    "imputed": "England (estimates for missing returns included)",
    "publisher_error": "England (a figure that is flagged as partly misreported)",
}
WHY = "[why](#data-notes)"
PANDEMIC = f"{LATEST} was a year of the pandemic."
NEGATIVE = "a negative amount in the council’s return, kept as published"
DAGGER = "† Flagged as doubtful or out of line: the council’s page says why."


def flag_of(row: dict[str, Any] | None) -> str:
    """What a sentence calls a flagged figure; nothing for one that is not."""
    if row is None or row["share"] is None or not (row["flag"] or row["is_outlier"]):
        return ""
    return FLAGS[row["flag"] or "outlier"]


def described(rows: list[dict[str, Any]]) -> str:
    """One line of a chart in words: where it begins and ends."""
    ends = [
        f"{html.percent(r['share'])} in {r['financial_year']}" + (", a flagged figure," if flag_of(r) else "")
        for r in (rows[0], rows[-1])
    ]
    words = (
        f"basis {rows[0]['basis']} from {ends[0]} to {ends[1]}"
        if len(rows) > 1
        else f"basis {rows[0]['basis']}: {ends[0]}"
    )
    return words.removesuffix(",")


def marked(row: dict[str, Any] | None) -> str:
    """A share for a cell of a table, with a dagger where it is flagged: `DAGGER` goes below the table."""
    return html.percent(row["share"] if row else None) + (" †" if flag_of(row) else "")


def summary(page: Page) -> str:
    """One glance: the finding, up to six points, and what came before or after the council."""
    finding, points = _finding(page)
    if page.has("council_control_2024_25"):
        points.append(
            f"Of the people who use its services, {page.n('council_control_2024_25')} said in 2024-25 that they "
            "have control over their daily life, against [control_england_2024_25]{.n} in England. This is a survey: "
            "its margin is [below](#outcomes)."
        )
    listed = "\n".join(f"- {point}" for point in points)
    if why := page.council.facts["why_too_small"]:
        finding += f" {html.markdown(why)}."
    blocks = [f"::: {{.finding}}\n{finding}\n:::\n"]
    if points:
        blocks.append(f"::: {{.key-points}}\n**At a glance**\n\n{listed}\n:::\n")
    return "\n".join([*blocks, succession(page)])


def _finding(page: Page) -> tuple[str, list[str]]:
    """The first sentence, of the last year that has a share, and the points about shares that go with it."""
    name = html.markdown(page.name)
    if page.has("council_dp_share_c_2021_22"):
        finding = (
            f"In 2021-22{_first(page, LATEST, 'C')} direct payments were {page.n('council_dp_share_c_2021_22')} of what {name} "
            f"spent on long-term support for adults, against [dp_share_c_2021_22]{{.n}} in {_england(page, LATEST, 'C')}"
        )
        if page.has("council_peer_dp_share_c_2021_22"):
            finding += f" and a median of {page.n('council_peer_dp_share_c_2021_22')} among the councils most like it"
        return finding + f". {PANDEMIC}", [*_latest(page), *_course(page, "2014-15", BEFORE)]
    if page.has("council_dp_share_c_2017_18"):
        finding = (
            f"In 2017-18{_first(page, BEFORE, 'C')} direct payments were {page.n('council_dp_share_c_2017_18')} of what {name} "
            f"spent on long-term support for adults, against [dp_share_c_2017_18]{{.n}} in {_england(page, BEFORE, 'C')}."
        )
        missing = f"For 2021-22 the share is {page.n('council_dp_share_c_2021_22')}."
        return finding, [*([] if page.council.facts["end_date"] else [missing]), *_course(page, "2014-15")]
    if page.has("council_dp_share_a_2007_08"):
        return (
            f"In 2007-08{_first(page, '2007-08', 'A')} direct payments were {page.n('council_dp_share_a_2007_08')} of what "
            f"{name} spent on social care for adults."
        ), []
    return f"No finance return that is held here covers {name}: the last one held is for 2021-22.", []


def _latest(page: Page) -> list[str]:
    """Place, ages and level in the latest year."""
    cash = page.headlines["council_dp_cash_c_2021_22"]
    # Small councils spend less than a headline in millions can show.
    amount = (
        f"{page.n('council_dp_cash_c_2021_22')} in the year's own prices, and to "
        if cash["value"] >= 1e6
        else ""
    )
    level = (
        f"Direct payments came to {amount}"
        f"{page.n('council_dp_per_adult_c_2021_22')} for each adult resident in 2024-25 prices"
    )
    years = [LATEST]
    if page.has("council_dp_per_adult_c_2017_18"):
        level += f", after {page.n('council_dp_per_adult_c_2017_18')} in 2017-18"
        years.append(BEFORE)
    return [
        "Of [councils_reporting_2021_22]{.n} councils with a figure, it has place "
        f"{page.n('council_share_rank_c_2021_22')}, counted from the highest share{_beside(page, LATEST)}.",
        f"The share was {page.n('council_dp_share_1864_c_2021_22')} for adults under 65 and "
        f"{page.n('council_dp_share_65plus_c_2021_22')} for people aged 65 and over"
        f"{_beside(page, LATEST, ages=('all', '18-64', '65+'))}.",
        f"{level}{_beside(page, *years)}.",
    ]


def _course(page: Page, *years: str) -> list[str]:
    """The share on the same count in earlier years, where it is known in all of them."""
    if not page.has("council_dp_share_c_2014_15", "council_dp_share_c_2017_18"):
        return []
    told = [f"{page.n('council_dp_share_c_' + year.replace('-', '_'))} in {year}" for year in years]
    return [f"On the same count it was {html.and_(told)}{_beside(page, *years)}."]


def _first(page: Page, year: str, basis: str) -> str:
    """The flag of the figure that the page leads with, said before the figure."""
    words = flag_of(page.council.share(year, basis))
    return f", by a figure that is {words} ({WHY})," if words else ""


def _beside(page: Page, *years: str, ages: tuple[str, ...] = ("all",)) -> str:
    """What to bear in mind of a sentence's figures, on basis C: flags, and boundaries that were others."""
    flagged: dict[str, list[str]] = {}
    for year in years:
        flags = [flag_of(page.council.share(year, "C", "all", age)) for age in ages]
        for words in dict.fromkeys(flag for flag in flags if flag):
            flagged.setdefault(words, []).append(year)
    said = [
        f"{'the figure' if len(of) == 1 else 'the figures'} for {html.and_(of)} {'is' if len(of) == 1 else 'are'} "
        f"{words}: {WHY}"
        for words, of in flagged.items()
    ]
    rows = [page.council.share(year, "C", "all", age) for year in years for age in ages]
    if any(row and (row["share"] or 0) < 0 for row in rows):
        said.append(f"a share below zero is {NEGATIVE}")
    for change in page.council.changed_between(min(years), LATEST):
        said.append(f"figures before {change['first_financial_year']} are of its older boundaries")
    return f" ({'; '.join(said)})" if said else ""


def _england(page: Page, year: str, basis: str) -> str:
    flag = page.everything.england_flags.get((year, basis))
    return ENGLAND_FLAGS[flag] if flag else "England"


def succession(page: Page) -> str:
    """What came before and after, with links."""
    councils, lines = page.everything.councils, []
    name, facts = html.markdown(page.name), page.council.facts
    for key, words in (("predecessors", "It took over from"), ("successors", "It was followed by")):
        names = (facts[key] or "").split()
        if not names:
            continue
        links = []
        for i in names:
            pair = (page.council.id, i) if key == "successors" else (i, page.council.id)
            note = page.everything.successor_notes.get(pair)
            told = f" ({html.markdown(note)})" if note else ""
            links.append(f"[{html.markdown(councils[i].name)}]({i}.qmd){told}")
        if key == "successors" and not facts["end_date"]:
            words = "Part of its area went to"
        lines.append(f"{words} {html.and_(links)}.")
    if facts["end_date"]:
        lines.insert(0, f"{name} as a council ended on {html.day(facts['end_date'])}.")
    elif facts["start_date"]:
        lines.insert(0, f"{name} as a council began on {html.day(facts['start_date'])}.")
    for change in page.council.boundary_changes:
        area = "another" if change["became"] == "other" else f"a {change['became']}"
        lines.append(
            f"It kept its name on the new boundaries: figures from {change['first_financial_year']} on are of {area} area."
        )
    if not lines:
        return ""
    return "::: {.callout-note}\n## Boundaries\n\n" + " ".join(lines) + "\n:::\n"
