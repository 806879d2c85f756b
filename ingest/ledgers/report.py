"""What became of a body's files, in lines and in pounds: loaded, rejected, set aside, left out, guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from commissioning.base.counting import counted
from commissioning.ingest.ledgers import headers
from commissioning.ingest.ledgers.reader import LedgerAccount

SHOWN_HEADINGS = 12


@dataclass
class Sum:
    """Lines, and their money in pence."""

    lines: int = 0
    pence: int = 0

    def add(self, lines: int, pence: int) -> None:
        self.lines += lines
        self.pence += pence


@dataclass
class Report:
    """The account of files together. `empty` are those of which nothing was loaded and something rejected,
    `unknown` the headings that no list of headings has, whose columns are not read. Of what is loaded,
    `unnamed` lines name no supplier."""

    files: int = 0
    tables: int = 0
    lines: int = 0
    loaded: Sum = field(default_factory=Sum)
    rejected: dict[str, Sum] = field(default_factory=dict)
    set_aside: dict[str, int] = field(default_factory=dict)
    totals_pence: int = 0
    duplicates: Sum = field(default_factory=Sum)
    left_out: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    guesses: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, Sum] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    unnamed: Sum = field(default_factory=Sum)

    @property
    def rejected_lines(self) -> int:
        return sum(found.lines for found in self.rejected.values())

    @property
    def rejected_pence(self) -> int:
        return sum(found.pence for found in self.rejected.values())

    @property
    def rejected_share(self) -> float:
        """The larger of the share of lines and the share of money."""
        lines = self.rejected_lines / max(1, self.loaded.lines + self.rejected_lines)
        money = abs(self.rejected_pence)
        return max(lines, money / max(1, abs(self.loaded.pence) + money))

    def complaint(self, allowed: float) -> str | None:
        """Why a command should end with an error code; None where no more is rejected than is allowed."""
        if not self.loaded.lines and allowed < 1:
            return " ".join(["No payment was loaded.", *self.questions()])
        if self.rejected_share > allowed:
            return f"{self.rejected_share:.1%} of lines or money is rejected, and {allowed:.1%} allowed."
        if self.empty and allowed < 1:
            return f"Nothing could be loaded from {', '.join(self.empty)}."
        return None

    def questions(self) -> list[str]:
        """What to ask where nothing could be loaded."""
        if any("date" in why for why in self.rejected):
            return [
                "Do the dates stand in another column (`ledger add` takes `--column payment_date=HEADING`)? "
                "Where a spreadsheet has lost them, only the publisher has them."
            ]
        return []

    def as_dict(self) -> dict:
        """The report for `--json`, with money in pounds."""
        return {
            "files": self.files,
            "tables": self.tables,
            "lines_read": self.lines,
            "loaded": _in_pounds(self.loaded),
            "rejected": {why: _in_pounds(found) for why, found in self.rejected.items()},
            "set_aside": self.set_aside,
            "totals_gbp": self.totals_pence / 100,
            "duplicates": _in_pounds(self.duplicates),
            "left_out": self.left_out,
            "nothing_loaded_from": self.empty,
            "guesses": self.guesses,
            "unknown_headings": self.unknown,
            "without_a_supplier": _in_pounds(self.unnamed),
            "amount_kinds": {kind: _in_pounds(found) for kind, found in self.kinds.items()},
            "rejected_share": round(self.rejected_share, 6),
        }

    def in_words(self) -> Iterable[tuple[str, str]]:
        """The report line by line: what, and how much."""
        yield "loaded", _said(self.loaded)
        for why, found in self.rejected.items():
            amount = pounds(found.pence) if found.pence else "of unknown amount"
            yield "rejected", f"{counted(found.lines, 'line')}, {amount}: {why}"
            if why == "more cells than headings":
                yield (
                    "look at",
                    "if the cells beyond the last heading are no part of a payment, "
                    "`beyond_the_header: ignore` in the YAML, or `add --beyond-the-header ignore`, reads "
                    "these lines without them",
                )
        if self.set_aside:
            said = ", ".join(f"{kind} {count:,}" for kind, count in self.set_aside.items())
            totals = f"; totals of {pounds(self.totals_pence)}" if self.totals_pence else ""
            yield "set aside", f"{counted(sum(self.set_aside.values()), 'line')}: {said}{totals}"
        if self.duplicates.lines:
            yield "duplicates", f"{_said(self.duplicates)}, published before and left out of sums"
        for name, why in self.left_out.items():
            yield "left out", f"{name}: {why}"
        if len(self.kinds) > 1:
            kinds = "; ".join(f"{kind} {_said(found)}" for kind, found in self.kinds.items())
            yield (
                "look at",
                f"amounts of several kinds do not add up to one sum: {kinds}. `add --option "
                '"PATTERN:amount_kind=net"` says it of files that do not',
            )
        if self.unnamed.lines:
            yield "look at", f"{_said(self.unnamed)} of what is loaded, without the name of a supplier"
        if self.unknown:
            headings = ", ".join(map(repr, self.unknown[:SHOWN_HEADINGS]))
            more = len(self.unknown) - SHOWN_HEADINGS
            said = f"{headings}{f' and {more} more' if more > 0 else ''}"
            yield "not read", f"columns of unknown headings: {said}. `add --column field=heading` reads one"
        for guess, names in self.guesses.items():
            more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
            yield "guessed", f"{guess} ({', '.join(names[:3])}{more})"


def _in_pounds(found: Sum) -> dict:
    return {"lines": found.lines, "gbp": found.pence / 100}


def _said(found: Sum) -> str:
    return f"{counted(found.lines, 'line')}, {pounds(found.pence)}"


def pounds(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}£{abs(pence) / 100:,.2f}"


def report_of(
    accounts: Iterable[LedgerAccount | dict],
    *,
    duplicates: tuple[int, int] = (0, 0),
    not_read: dict[str, str] | None = None,
) -> Report:
    """The report of tables' accounts, as the reader gives them or the lake remembers them. `not_read` are
    files that were never opened, with the reason."""
    made = Report(duplicates=Sum(*duplicates))
    names = set()
    for account in accounts:
        told = account if isinstance(account, dict) else asdict(account)
        name = told["source_file"]
        names.add(name.partition("!")[0])
        made.tables += 1
        made.lines += told["lines_read"]
        made.loaded.add(told["lines_loaded"], told["loaded_pence"])
        made.unnamed.add(told.get("unnamed", 0), told.get("unnamed_pence", 0))
        made.totals_pence += told["totals_pence"]
        for why, count in told["rejected"].items():
            made.rejected.setdefault(why, Sum()).add(count, told["rejected_pence_by_reason"].get(why) or 0)
        made.set_aside = dict(sorted((Counter(made.set_aside) + Counter(told["furniture"])).items()))
        if told["left_out"]:
            made.left_out[name] = told["left_out"]
        if told["rejected"] and not told["lines_loaded"]:
            made.empty.append(name)
        unknown = (heading for heading in told["unread"] if not headers.alias_of(heading))
        made.unknown = list(dict.fromkeys([*made.unknown, *unknown]))
        for guess in told["guesses"]:
            made.guesses.setdefault(guess, []).append(name)
        if told["lines_loaded"]:
            made.kinds.setdefault(told["amount_kind"], Sum()).add(told["lines_loaded"], told["loaded_pence"])
    made.left_out |= not_read or {}
    made.files = len(names)
    return made
