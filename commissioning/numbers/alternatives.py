"""What a number would be on other terms, and the figures that stand beside it.

An alternative is the same quantity of the same thing and year, in the same unit: by another price index, or
without the figures that are flagged. It is of one of the `kinds` of `reports/families.yml`, and differs from
its number in nothing but what the kind may change. Alternatives alone make the range on a number's page. Any
other figure that helps to judge the number is `related`, with a unit of its own, and never in a range.

    alternatives:
      - {kind: deflator, unit: pounds at 2024-25 prices, label: By CPI, sql: select what, value ...}
    related:
      - {label: In cash, unit: "pounds, cash", sql: select what, value ...}

`alternatives: {none: why}` says that there is none. Of a number for every council the SQL gives rows of
`area_id, what, value`.
"""

from __future__ import annotations

import re
from pathlib import Path

from commissioning.base.errors import RenderError
from commissioning.numbers import queries

KEYS = {"alternatives": {"kind", "unit", "label", "sql"}, "related": {"unit", "label", "sql"}}
"""What an entry of each list must have; a related figure may have a `format` too."""

INDICES = ("CPI", "CPIH")
"""The price indices that every real-terms number is shown by, beside the GDP deflator of its own."""


def check(name: str, entry: dict, kinds: dict[str, dict]) -> None:
    """Raise `RenderError` where an alternative of `entry` is none, or one that must be there is not."""
    complain = _Complaint(name, entry["file"])
    choices = entry["alternatives"]
    _check_price_basis(complain, "the number itself", entry["unit"], entry["sql"])
    if isinstance(choices, dict):
        if set(choices) != {"none"} or not choices["none"]:
            raise complain("A headline's alternatives are neither a list nor none with its reason.", choices)
        choices = []
    for choice in choices:
        _check_keys(complain, "alternatives", choice)
        _check_alternative(complain, entry, choice, kinds)
    for figure in entry["related"]:
        _check_keys(complain, "related", figure)
        _check_price_basis(complain, figure["label"], figure["unit"], figure["sql"])
        _check_format(complain, entry, figure)
    given = {choice["kind"] for choice in choices}
    if price_basis(entry["unit"]) == "real" and "deflator" not in given:
        raise complain(
            "A number in real terms is not shown by another price index.",
            sorted(given),
            expected=f"an alternative of kind deflator, by {' and '.join(INDICES)}",
            todo="multiply the cash by to_real of dim_deflator, as the family direct_payments_real does",
        )
    if choices and re.search(r"\bmart_ledger_", entry["sql"]) and "strict_evidence" not in given:
        raise complain(
            "A number that rests on route rules is not shown under strict grades of evidence alone.",
            sorted(given),
            expected="an alternative of kind strict_evidence",
            todo="keep the rows whose evidence_grade is publisher_definition or ledger_label",
        )


class _Complaint:
    """Makes the errors about one headline."""

    def __init__(self, name: str, file: Path):
        self.name, self.file = name, file

    def __call__(self, what: str, found: object, **rest: object) -> RenderError:
        rest.setdefault(
            "todo", "move it to `related`, or mend it: commissioning/numbers/alternatives.py says how"
        )
        return RenderError(what, file=self.file, where=self.name, found=found, **rest)


def _check_keys(complain: _Complaint, group: str, choice: dict) -> None:
    known = KEYS[group] | ({"format"} if group == "related" else set())
    if not KEYS[group] <= set(choice) <= known:
        raise complain(
            f"An entry of {group} is not complete or has keys that are not known.",
            sorted(choice),
            expected=sorted(KEYS[group]),
        )


def _check_format(complain: _Complaint, entry: dict, figure: dict) -> None:
    """Pounds are not written as per cent: a related figure of another kind says how it is written."""
    if "format" in figure or figure["unit"] == "as the number":
        return
    if re.split(r"[ ,]", figure["unit"])[0] != re.split(r"[ ,]", entry["unit"])[0]:
        raise complain(
            f"A related figure is of another kind than its number and written like it: {figure['label']}.",
            figure["unit"],
            expected=f"a `format` of its own, or a unit like {entry['unit']!r}",
            todo="give it a `format`, such as percent.0, number.0 or gbp_million.1",
        )


def _check_alternative(complain: _Complaint, entry: dict, choice: dict, kinds: dict[str, dict]) -> None:
    label = choice["label"]
    if choice["kind"] not in kinds:
        raise complain(
            f"An alternative is of an unknown kind: {label}.", choice["kind"], expected=", ".join(kinds)
        )
    if choice["unit"] != entry["unit"]:
        raise complain(
            f"An alternative has another unit than its number: {label}.",
            choice["unit"],
            expected=entry["unit"],
        )
    _check_price_basis(complain, label, choice["unit"], choice["sql"])
    kind = kinds[choice["kind"]]
    free = set(kind["may_change"])
    own, its = (
        {pair for pair in _conditions(complain, sql) if pair[0] not in free}
        for sql in (entry["sql"], choice["sql"])
    )
    if own != its:
        changed = sorted(f"{column} = '{value}'" for column, value in own ^ its)
        raise complain(
            f"An alternative is about another thing than its number: {label}.",
            f"one of the two has and the other has not: {', '.join(changed)}",
            expected=f"that they differ in {', '.join(sorted(free))} alone, as {choice['kind']} may",
        )


def _conditions(complain: _Complaint, sql: str) -> frozenset[tuple[str, str]]:
    import duckdb

    try:
        return queries.conditions(sql)
    except duckdb.Error as error:
        raise complain(
            "The SQL of a headline or of its alternative is no query.", f"{error}\n{sql}", todo="mend the SQL"
        ) from error


def price_basis(unit: str) -> str | None:
    """`real` or `cash` for a unit of money or its growth; None for shares, people and the like."""
    if re.search(r"\bprices\b|\breal terms\b", unit):
        return "real"
    return "cash" if re.search(r"\bcash\b|\binflation included\b", unit) else None


def _check_price_basis(complain: _Complaint, label: str, unit: str, sql: str) -> None:
    """Cash is not passed off as real terms, nor the other way round: names of columns say what they are."""
    basis, made_real = price_basis(unit), "to_real" in sql
    if basis == "real" and "_cash_gbp" in sql and not made_real:
        raise complain(f"Cash stands where the unit says real terms: {label}.", sql, expected=unit)
    if basis != "real" and (made_real or "_real_gbp" in sql):
        raise complain(
            f"Real terms stand where the unit does not say so: {label}.",
            sql,
            expected=f"{unit}, and the prices or `in real terms` named in it",
        )


def check_values(
    name: str, entry: dict, choice: dict, kind: dict, value: float | str | None, rows: list[tuple]
) -> None:
    """Raise `RenderError` where what an alternative gives cannot be the same quantity as `value`.

    Kinds have a bound, `within`: 1.25 allows a quarter of the value more or less; of a share or a growth, a
    quarter of the whole. No bound holds for a query that `unbounded` fits. Where the number lies outside the
    range that its alternatives leave, something else was counted. A label may not name a year that the
    number's SQL does not.
    """
    complain = _Complaint(name, entry["file"])
    label = choice["label"]
    years = {year for what, _ in rows for year in re.findall(r"\b\d{4}-\d{2}\b", str(what))}
    strange = sorted(year for year in years if year not in entry["sql"] + choice["unit"])
    if strange:
        raise complain(f"An alternative is of another year than its number: {label}.", ", ".join(strange))
    if choice["kind"] == "deflator":
        missing = [index for index in INDICES if not any(what == index for what, _ in rows)]
        if missing:
            raise complain(
                f"A number in real terms is not shown by every price index: {label}.",
                f"without {' and '.join(missing)}",
                expected=f"rows named {' and '.join(INDICES)}",
            )
    if "within" not in kind or not isinstance(value, (int, float)):
        return
    if "unbounded" in kind and re.search(kind["unbounded"], entry["sql"]):
        return
    is_part = str(entry["format"]).partition(".")[0] in ("percent", "points")
    room = (float(kind["within"]) - 1) * (1 if is_part else abs(value))
    for what, other in rows:
        if abs(float(other) - value) > room:
            raise complain(
                f"A number lies outside the range of its own alternatives: {label}.",
                f"{value}, where {what} gives {other}",
                expected=f"no more than {room} between them, as {choice['kind']} may have",
            )


def span(value: float, others: list[float]) -> tuple[float, float]:
    """The range of a number and its alternatives; its own value is always in it."""
    return min([value, *others]), max([value, *others])
