"""One council's page, as a plain `.qmd`: every council gets the same template, and says what it lacks and why.

Numbers in sentences are headlines with the council as their parameter; charts and tables show the marts.
"""

from __future__ import annotations

from typing import Any

from commissioning.base.csvs import ABOUT
from commissioning.site.charts import svg
from commissioning.site.charts.palette import BLUE, GREEN, INK, MUTED, VERMILION
from commissioning.site.councils import html, lead, outcomes, routes
from commissioning.site.councils.data import BEFORE, LATEST, Council, Everything, Rows

YEARS = (2000, 2022)
BREAKS = (2007.5, 2013.5)
COLORS = {"A": BLUE, "B": VERMILION, "C": INK, "D": GREEN}
REASONS = [
    "physical_support",
    "sensory_support",
    "memory_and_cognition",
    "learning_disability",
    "mental_health",
]
DATASETS = {
    "pss_ex1": "Finance return to 2013-14 (PSS EX1)",
    "asc_fr": "Finance return from 2014-15 (ASC-FR)",
    "ascof": "Outcomes framework (ASCOF)",
    "mhclg_ro3": "Revenue outturn (RO3)",
}


def text(council: Council, everything: Everything, headlines: dict[str, dict]) -> str:
    """The whole page. `headlines` are the council's, as `headlines.read` gives them."""
    page = Page(council, everything, headlines)
    blocks = [
        page.front(),
        lead.summary(page),
        page.over_the_years(),
        page.level(),
        page.place(),
        page.groups(),
        page.settings(),
        routes.people(page),
        routes.ledger(page),
        outcomes.outcomes(page),
        page.notes(),
        page.neighbours(),
        page.downloads(),
    ]
    return "\n".join(block for block in blocks if block)


def _start(year: str) -> int:
    return int(year[:4])


def _yaml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Page:
    """The parts of one council's page."""

    def __init__(self, council: Council, everything: Everything, headlines: dict[str, dict]):
        self.council, self.everything, self.headlines = council, everything, headlines
        self.name = council.name

    # Words -------------------------------------------------------------------------------------------

    def n(self, headline: str) -> str:
        return f"[{headline}@{self.council.id}]{{.n}}"

    def has(self, *names: str) -> bool:
        """Whether each of these headlines has a value for the council."""
        return all(self.headlines.get(name, {}).get("value") is not None for name in names)

    def front(self) -> str:
        facts = self.council.facts
        kind = facts["class"] + (f", {facts['region']}" if facts["region"] != facts["class"] else "")
        if facts["end_date"]:
            kind += f", until {html.day(facts['end_date'])}"
        elif facts["start_date"]:
            kind += f", since {html.day(facts['start_date'])}"
        about = f"Direct payments, spending and outcomes of adult social care in {self.name}, against its peers and England"
        return (
            f"---\ntitle: {_yaml(html.markdown(self.name))}\nsubtitle: {_yaml(html.markdown(kind))}\n"
            f"description: {_yaml(html.markdown(about))}\n"
            "format:\n  html: default\ntoc: true\n---\n"
        )

    # Direct payments -----------------------------------------------------------------------------------

    def over_the_years(self) -> str:
        totals = self.council.totals
        shown = [r for r in totals if r["share"] is not None]
        if not shown:
            return "## Direct payments over the years\n\n" + html.raw(self.bases())
        series = []
        for rows in self.council.series:
            basis = rows[0]["basis"]
            for column, color, width, dash, dot in (
                ("england_share", MUTED, 1.2, "", 2),
                ("peer_median_share", COLORS[basis], 1.6, "7 4", 2),
            ):
                points = [(_start(r["financial_year"]), r[column]) for r in rows]
                series.append(svg.Line(points, color, width=width, dash=dash, dot=dot))
            points = [(_start(r["financial_year"]), r["share"]) for r in rows]
            doubted = {_start(r["financial_year"]) for r in rows if lead.flag_of(r)}
            series.append(svg.Line(points, COLORS[basis], f"{self.name}, basis {basis},", doubted=doubted))
        key = [svg.Line([], INK, self.name), svg.Line([], MUTED, "England", 1.2, dot=2)]
        if any(r["peer_median_share"] is not None for r in shown):
            key.insert(1, svg.Line([], MUTED, "peers' median", 1.6, "7 4", 2))
        first, last = shown[0]["financial_year"], shown[-1]["financial_year"]
        duties = self.council.crossed(self.everything.duties, "share")
        chart = svg.lines(
            "fig-share",
            f"Direct payments as a share of spending, {self.name}",
            "Separate lines for each basis, which count different things: "
            + "; ".join(
                lead.described(held)
                for rows in self.council.series
                if (held := [r for r in rows if r["share"] is not None])
            )
            + ".",
            series,
            lambda v: html.percent(v, 0),
            years=YEARS,
            breaks=BREAKS,
            boundaries=self.boundaries(shown),
            duties=[year for year, _ in duties],
            key=key,
        )
        caption = (
            f"Direct payments as a share of the spending of each basis, {self.name}, "
            f"{first if first == last else f'{first} to {last}'}. Blue is basis A, orange B, green D, black C; they count different things and are "
            "never joined. Dashed rules mark where the return changed; basis D bridges the second change. Source: PSS EX1 and ASC-FR, editions held."
            + _duty_words(duties)
            + self.boundary_words(shown)
            + (
                " Some figures of England or the region are flagged: “What is missing or odd” says why."
                if self.flagged_beside()
                else ""
            )
        )
        table = html.table(
            f"Direct payments of {self.name}, its peers, its region and England, by year and basis",
            ["Year", "Basis", "Share", "Peers’ median", self.council.facts["region"] or "Region", "England", "Place",
             "£ million, cash", "£ million, 2024-25 prices", "Note"],
            [
                [
                    r["financial_year"], r["basis"], html.percent(r["share"]), html.percent(r["peer_median_share"]),
                    html.percent(r["region_share"]), html.percent(r["england_share"]),
                    f"{r['share_rank']} of {r['councils_with_share']}" if r["share_rank"] else html.NONE,
                    html.millions(r["direct_payments_cash_gbp"]), html.millions(r["direct_payments_real_gbp"]),
                    r["flag_reason"] or ("unusually high or low among councils" if r["is_outlier"] else ""),
                ]
                for r in totals
            ],
            numbers=range(2, 9),
        )  # fmt: skip
        return (
            "## Direct payments over the years {#over-the-years}\n\n"
            + html.raw(html.figure("fig-share-figure", chart, caption, table, self.csv("direct-payments")))
            + "\n"
            + html.raw(self.bases())
        )

    def boundaries(self, shown: Rows) -> list[float]:
        """Where a chart of these rows marks that the council's area changed: before the first year of the new one."""
        changes = self.council.changed_between(shown[0]["financial_year"], shown[-1]["financial_year"])
        return [_start(c["first_financial_year"]) - 0.5 for c in changes]

    def boundary_words(self, shown: Rows) -> str:
        """What a chart's caption says of the changes that it marks."""
        changes = self.council.changed_between(shown[0]["financial_year"], shown[-1]["financial_year"])
        years = html.and_([c["first_financial_year"] for c in changes]) if changes else ""
        return (
            f" New boundaries from {years}: figures before and after are of different areas." if years else ""
        )

    def bases(self) -> str:
        """What each basis counts, and what this council has on it or why nothing."""
        rows = []
        for basis in self.everything.bases:
            mine = [r for r in self.council.totals if r["basis"] == basis["basis"]]
            years = [r["financial_year"] for r in mine if r["share"] is not None]
            rows.append(
                [
                    f"{basis['basis']}: {_span(years) if years else 'nothing, ' + self._why_nothing(basis, mine)}",
                    basis["denominator_definition"],
                ]
            )
        return html.table(
            f"What each basis counts, and the years that {self.name} has",
            ["Basis and years", "Share of"],
            rows,
        )

    def _why_nothing(self, basis: dict[str, Any], mine: Rows) -> str:
        facts = self.council.facts
        if facts["start_date"] and facts["start_date"].year > _start(basis["last_year"]):
            return f"the council began on {html.day(facts['start_date'])}"
        if facts["end_date"] and facts["end_date"].year <= _start(basis["first_year"]):
            return f"the council ended on {html.day(facts['end_date'])}"
        reasons = [r["flag_reason"] for r in mine if r["flag_reason"]]
        reasons += [
            gap["reason"] for gap in self.council.gaps if gap["what"].endswith(f"basis {basis['basis']}")
        ]
        return "; ".join(dict.fromkeys(reasons)) or "the publisher’s files have no figure"

    def level(self) -> str:
        rows = [r for r in self.council.totals if r["direct_payments_real_gbp"] is not None]
        if not any(r["direct_payments_real_gbp"] for r in rows):
            return ""
        series = [
            svg.Line(
                [(_start(r["financial_year"]), r["direct_payments_real_gbp"] / 1e6) for r in line if r in rows],
                COLORS[line[0]["basis"]],
                f"Basis {line[0]['basis']},",
                doubted={_start(r["financial_year"]) for r in line if lead.flag_of(r)},
            )
            for line in self.council.series
        ]  # fmt: skip
        high = max(r["direct_payments_real_gbp"] for r in rows) / 1e6
        # A small council's axis is in thousands.
        digits, scale, unit = (0, 1, "m") if high >= 10 else (1, 1, "m") if high >= 1 else (0, 1000, "k")
        last = rows[-1]
        duties = self.council.crossed(self.everything.duties, "direct_payments_real_gbp")
        chart = svg.lines(
            "fig-level",
            f"Direct payments of {self.name} in £ million, 2024-25 prices",
            f"The last figure is £{html.millions(last['direct_payments_real_gbp'], 1 if high >= 1 else 2)} million in "
            f"{last['financial_year']}, basis {last['basis']}.",
            series,
            lambda v: f"£{v * scale:,.{digits}f}{unit}",
            years=YEARS,
            breaks=BREAKS,
            boundaries=self.boundaries(rows),
            duties=[year for year, _ in duties],
        )
        adults = [r for r in self.council.totals if r["direct_payments_per_adult_real_gbp"] is not None]
        table = html.table(
            "Direct payments per adult resident, £ in 2024-25 prices",
            ["Year", "Basis", self.name, "Peers’ median", self.council.facts["region"] or "Region", "England"],
            [
                [
                    r["financial_year"], r["basis"], html.pounds(r["direct_payments_per_adult_real_gbp"]),
                    html.pounds(r["peer_median_per_adult_real_gbp"]), html.pounds(r["region_per_adult_real_gbp"]),
                    html.pounds(r["england_per_adult_real_gbp"]),
                ]
                for r in adults
            ],
            numbers=range(2, 6),
        ) + html.table(
            f"Direct payments of {self.name}, £ million in 2024-25 prices",
            ["Year", "Basis", "£ million"],
            [[r["financial_year"], r["basis"], html.millions(r["direct_payments_real_gbp"], 2)] for r in rows],
            numbers=[2],
        )  # fmt: skip
        caption = (
            f"Direct payments, {self.name}, £ {'million' if unit == 'm' else 'thousand'} in 2024-25 prices, a line for each basis in its colour above. Source: PSS EX1 and "
            "ASC-FR, editions held; GDP deflator, HM Treasury; population, ONS."
            + _duty_words(duties)
            + self.boundary_words(rows)
        )
        return "## The level\n\n" + html.raw(
            html.figure("fig-level-figure", chart, caption, table, self.csv("direct-payments"))
        )

    def place(self) -> str:
        mine = self.council.share(LATEST, "C")
        if not mine or mine["share"] is None:
            return ""
        shares = self.everything.shares(LATEST, "C")
        peers = [shares[p["peer_id"]] for p in self.council.peers if p["peer_id"] in shares]
        others = [share for i, share in shares.items() if i != self.council.id]
        chart = svg.strip(
            "fig-place",
            f"Where {self.name} stands among councils, {LATEST}",
            f"{self.name} is at {html.percent(mine['share'])}, place {mine['share_rank']} of "
            f"{mine['councils_with_share']} from the highest; the median council is at "
            f"{html.percent(mine['council_median_share'])}.",
            others, peers, mine["share"], lambda v: html.percent(v, 0), f"{self.name}, {html.percent(mine['share'])}",
        )  # fmt: skip
        councils = {self.council.id: self.name, **{p["peer_id"]: p["peer_name"] for p in self.council.peers}}
        rows = [
            [html.link(f"{i}.html", name), lead.marked(self.everything.councils[i].share(LATEST, "C"))]
            for i, name in councils.items()
        ]
        table = html.table(
            f"Direct payment share of {self.name} and its peers, {LATEST}, basis C",
            ["Council", "Share"],
            rows,
            [1],
            links=[0],
        )
        flag = lead.flag_of(mine)
        caption = (
            f"Direct payments as a share of long-term support, {LATEST}, basis C. Each tick is a council. Source: ASC-FR."
            + (f" {self.name}’s figure is {flag}." if flag else "")
            + (f" {lead.DAGGER}" if any("†" in row[1] for row in rows) else "")
        )
        return "## Among all councils\n\n" + html.raw(
            html.figure("fig-place-figure", chart, caption, table, self.csv("direct-payments"))
        )

    def groups(self) -> str:
        """By client group and age, in the last year that has the groups; in the table the latest year's ages too."""
        found = [
            (f"{self.everything.groups[group]}, {age}", row)
            for year, groups in ((LATEST, ["all"]), (BEFORE, ["all", *REASONS]))
            for group in groups
            for age in ("18-64", "65+")
            if (row := self.council.share(year, "C", group, age))
        ]
        years = [r["financial_year"] for _, r in found if r["share"] is not None]
        if not years:
            return self._old_groups()
        # One chart is of one year: the last held with client groups, or the only one that the council has.
        year = min(years)
        rows = [(label, r) for label, r in found if r["financial_year"] == year]
        marks = [
            svg.Row(
                label, r["share"], r["peer_median_share"], r["england_share"], year=year,
                # Nothing was spent on the group, or nobody knows: a council that made no return.
                note="no spending" if r["denominator_cash_gbp"] == 0 else "no figure",
            )
            for label, r in rows
        ]  # fmt: skip
        chart = svg.dots(
            "fig-groups",
            f"Direct payment share by client group and age, {self.name}, {year}",
            "; ".join(f"{label}: {html.percent(r['share'])}" for label, r in rows) + ".",
            marks, lambda v: html.percent(v, 0), name=self.name, peers=bool(self.council.peers),
        )  # fmt: skip
        table = html.table(
            f"Direct payments as a share of long-term support by client group, {self.name}",
            ["Group", "Year", "Share", "Peers’ median", "England", "£ thousand, cash"],
            [
                [
                    label, r["financial_year"], html.percent(r["share"]), html.percent(r["peer_median_share"]),
                    html.percent(r["england_share"]), html.number(None if r["direct_payments_cash_gbp"] is None else r["direct_payments_cash_gbp"] / 1e3, 0),
                ]
                for label, r in found
            ],
            numbers=range(2, 6),
        )  # fmt: skip
        caption = f"Direct payments as a share of long-term support, basis C, {year}" + (
            ", the last year held that gives client groups by council. Small groups make large swings. Source: ASC-FR."
            if year == BEFORE
            else ". That edition gives no client groups by council. Source: ASC-FR."
        )
        if self.council.changed_between(year, LATEST):
            caption += f" Figures of {year} are of its older boundaries."
        return "## By client group\n\n" + html.raw(
            html.figure("fig-groups-figure", chart, caption, table, self.csv("direct-payments"))
        )

    def _old_groups(self) -> str:
        """For councils that ended before the later return: the client groups of the last year they have."""
        rows = [r for r in self.council.shares if r["client_group"] != "all" and r["share"] is not None]
        if not rows:
            return ""
        year, basis = rows[-1]["financial_year"], rows[-1]["basis"]
        table = html.table(
            f"Direct payments by client group, {self.name}, {year}, basis {basis}",
            ["Group", "Age", "Share", "England", "£ thousand, cash"],
            [
                [self.everything.groups[r["client_group"]], r["age_band"], html.percent(r["share"]), html.percent(r["england_share"]),
                 html.number(r["direct_payments_cash_gbp"] / 1e3, 0)]
                for r in rows if (r["financial_year"], r["basis"]) == (year, basis)
            ],
            numbers=[2, 3, 4],
        )  # fmt: skip
        return "## By client group\n\n" + html.raw(table)

    # Spending ------------------------------------------------------------------------------------------

    def settings(self) -> str:
        """What long-term support is bought: the settings of the latest year on basis C."""
        spend = [r for r in self.council.spend if r["care_type"] == "long_term"]
        years = sorted({r["financial_year"] for r in spend if r["amount_cash_gbp"] is not None})
        if not years:
            return ""
        year = years[-1]
        england = _sums(self.everything.england_spend, year)
        amounts: dict[str, float] = {}
        ages: dict[tuple[str, str], float] = {}
        for row in spend:
            if row["financial_year"] == year and row["amount_cash_gbp"] is not None:
                setting, age = row["support_setting"], row["age_band"]
                amounts[setting] = amounts.get(setting, 0) + row["amount_cash_gbp"]
                ages[setting, age] = ages.get((setting, age), 0) + row["amount_cash_gbp"]
        total, england_total = sum(amounts.values()), sum(england.values())
        if not total:
            return ""
        order = sorted(amounts, key=lambda setting: (-amounts[setting], setting))
        names = self.everything.settings
        marks = [
            svg.Row(
                names[s],
                amounts[s] / total,
                None,
                england.get(s, 0) / england_total if england_total else None,
                year=year,
            )
            for s in order
        ]
        chart = svg.dots(
            "fig-settings",
            f"Long-term support by setting, {self.name}, {year}",
            "; ".join(f"{m.label}: {html.percent(m.value)}" for m in marks) + ".",
            marks, lambda v: html.percent(v, 0), name=self.name, peers=False,
        )  # fmt: skip
        table = html.table(
            f"Gross current expenditure on long-term support by setting, {self.name}, {year}",
            ["Setting", "£ million", "Share", "England’s share", "18 to 64, £ million", "65 and over, £ million"],
            [
                [names[s], html.millions(amounts[s], 2), html.percent(amounts[s] / total), html.percent(m.england),
                 html.millions(ages.get((s, "18-64")), 2), html.millions(ages.get((s, "65+")), 2)]
                for s, m in zip(order, marks, strict=True)
            ],
            numbers=range(1, 6),
        )  # fmt: skip
        caption = (
            f"Each setting’s share of gross current expenditure on long-term support, {year}. Direct payments are money for "
            "people to buy support themselves; of the rest the return does not tell who chose it. Source: ASC-FR."
        )
        return "## What the money is spent on\n\n" + html.raw(
            html.figure("fig-settings-figure", chart, caption, table, self.csv("spending"))
        )

    # What to bear in mind ------------------------------------------------------------------------------

    def notes(self) -> str:
        """What is missing, flagged, imputed or broken, and why."""
        parts = ["## What is missing or odd {#data-notes}\n"]
        flags: dict[tuple[str, str, str], list[str]] = {}
        for row in self.council.shares:
            negative = (row["share"] or 0) < 0
            if row["flag"] or (row["is_outlier"] and row["client_group"] == "all") or negative:
                kind = (row["flag"] or ("below zero" if negative else "outlier")).replace("_", " ")
                reason = row["flag_reason"] or (
                    lead.NEGATIVE
                    if negative
                    else "the share is far from those of other councils in the year; kept as published"
                )
                group = self.everything.groups[row["client_group"]].lower() + (
                    f", {row['age_band']}" if row["age_band"] != "all" else ""
                )
                flags.setdefault((row["financial_year"], kind, reason), []).append(
                    f"basis {row['basis']}: {group}"
                )
        if flags:
            parts.append(
                html.raw(
                    html.table(
                        "Figures that are flagged; they are kept as published",
                        ["Year", "What", "Flag", "Why"],
                        [[year, "; ".join(dict.fromkeys(what)), kind, reason] for (year, kind, reason), what in sorted(flags.items())],
                    )
                )
            )  # fmt: skip
        if beside := self.flagged_beside():
            parts.append(
                html.raw(
                    html.table(
                        "Figures of England and the region, beside the council’s, that are flagged",
                        ["Year", "Whose", "Basis", "Why"],
                        [
                            [f["financial_year"], f["area_name"], f["basis"], f["flag_reason"] or html.NONE]
                            for f in beside
                        ],
                    )
                )
            )
        gaps: dict[tuple[str, str], dict[str, list[str]]] = {}
        for gap in self.council.gaps:
            gaps.setdefault((gap["dataset"], gap["reason"]), {}).setdefault(gap["what"], []).append(
                gap["financial_year"]
            )
        rows = []
        for (dataset, reason), whats in sorted(gaps.items()):
            by_years: dict[str, list[str]] = {}
            for what, years in whats.items():
                by_years.setdefault(_span(sorted(set(years))), []).append(what)
            for years, names in sorted(by_years.items()):
                named = "The council’s own payments" if dataset.startswith("ledger_") else dataset
                rows.append([DATASETS.get(dataset, named), years, "; ".join(names), reason])
        if rows:
            parts.append(
                html.raw(
                    html.table(
                        "What is missing, and why", ["Dataset", "Years", "What", "Why"], rows
                    )
                )
            )  # fmt: skip
        if len(parts) == 1:
            parts.append("Nothing is flagged or missing among the editions held.\n")
        breaks = [
            [f"{b['basis']}, from {b['first_year']}", b["break_before"]]
            for b in self.everything.bases
            if b["break_before"]
        ]
        if self.council.totals:
            parts.append(
                html.raw(
                    html.table(
                        "Breaks, which hold for every council", ["Basis", "Why it cannot be joined"], breaks
                    )
                )
            )
        parts.append(
            "Editions that exist and are not held are on the page of [what is missing](../missing.qmd). For 2021-22 the "
            "publisher put earlier returns into the totals of England and of two regions where a council made none. "
            "2021-22 was a year of the pandemic: a difference between it and earlier years may not last.\n"
        )
        return "\n".join(parts)

    def flagged_beside(self) -> Rows:
        """The flagged figures of England and of the council's region in the years and on the bases it has."""
        held = {(r["financial_year"], r["basis"]) for r in self.council.totals}
        return [
            flag
            for flag in self.everything.area_flags
            if (flag["financial_year"], flag["basis"]) in held
            and (flag["area_level"] == "england" or flag["area_name"] == self.council.facts["region"])
        ]

    def neighbours(self) -> str:
        if not self.council.peers:
            ended = self.council.facts["end_date"]
            why = (
                "The set of peers is of councils in force in 2025: a council that has ended has none."
                if ended
                else "The publisher’s set of peers does not list the council."
            )
            return f"## Peers\n\n{why}\n"
        rows = []
        for peer in self.council.peers:
            other = self.everything.councils[peer["peer_id"]]
            rows.append(
                [
                    html.link(f"{peer['peer_id']}.html", peer["peer_name"]),
                    str(peer["peer_rank"]),
                    other.facts["region"],
                    lead.marked(other.share(LATEST, "C")),
                ]
            )
        return (
            "## Peers\n\nThe councils most like it by population, economy, health and so on (ONS, 2025). They are not "
            "chosen for how they commission care.\n\n"
            + html.raw(
                html.table(
                    f"The fifteen nearest statistical neighbours of {self.name}",
                    ["Council", "Rank", "Region", f"Direct payment share, {LATEST}"], rows, [1, 3], links=[0],
                )
            )
            + (f"\n{lead.DAGGER}\n" if any("†" in row[-1] for row in rows) else "")
        )  # fmt: skip

    def csv(self, name: str) -> str:
        """Address of the council's rows of a kind, seen from its page."""
        return f"data/{self.council.id}-{name}.csv"

    def downloads(self) -> str:
        files = {
            "direct-payments": ("Direct payments, every year, basis and client group", self.council.shares),
            "spending": ("Spending by setting, basis C", self.council.spend),
            "outcomes": ("Outcomes framework, every year", self.council.outcomes),
            "people": ("People by how support is delivered", self.council.people),
            "ledger": ("Payments by route and setting", self.council.ledger),
            "gaps": ("What is missing", self.council.gaps),
        }
        links = "".join(
            f"<li>{html.link(self.csv(name), words)} (CSV, {len(rows):,} rows; "
            f"{html.link(self.csv(name) + ABOUT, 'about it')})</li>"
            for name, (words, rows) in files.items()
            if rows
        )
        codes = [
            f"{label} {self.council.facts[key]}"
            for key, label in (("gss_codes_all", "GSS"), ("cassr_codes_all", "CASSR"))
            if self.council.facts[key]
        ]
        publishers = [
            "NHS England",
            "the Department of Health and Social Care",
            "the Office for National Statistics",
        ]
        if self.council.ledger:
            publishers.append("the council itself")
        return (
            "## Take the data\n\n"
            + html.raw(f"<ul>{links}</ul>" if links else "<p>There are no rows to take.</p>")
            + f"\nCodes: {'; '.join(codes)}. Every council’s rows are in the marts: see [get the data](../data.qmd).\n\n"
            "::: {.cite}\n**How to cite**\n\n"
            f"commissioning-evidence (2026). *{html.markdown(self.name)}: direct payments, spending and outcomes of adult social "
            f"care.* From figures published by {html.and_(publishers)}; their licences are on the page of "
            "[sources](../sources.qmd). Name the publisher and the edition beside a figure.\n:::\n"
        )


def _sums(amounts: dict[tuple[str, str, str], float], year: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for (at, _, setting), amount in sorted(amounts.items()):
        if at == year and amount is not None:
            found[setting] = found.get(setting, 0) + amount
    return found


def _duty_words(duties: list[tuple[int, str]]) -> str:
    """What a caption says of the numbered marks."""
    if not duties:
        return ""
    named = "; ".join(f"{number}. {name}" for number, (_, name) in enumerate(duties, 1))
    return f" Numbers mark duties that moved between bodies, which change a figure though nobody chose differently: {named}."


def _span(years: list[str]) -> str:
    """`2000-01 to 2007-08, 2010-11`: years in a row are joined."""
    runs: list[list[str]] = []
    for year in years:
        if runs and _start(year) == _start(runs[-1][-1]) + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
