"""What to bear in mind of a number: flags, notes, years of the pandemic, and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING, Any

from commissioning.numbers import queries
from commissioning.site.formats import and_

if TYPE_CHECKING:
    import duckdb

Rows = Sequence[dict[str, Any]]

FLAGS = ("flag_reason", "note")
"""Columns of marts that say what is odd about a row."""
OF_WHAT = ("category", "financial_year")
"""Columns that say what the row is of, beside its area."""
LEFT_OUT = re.compile(r"\bcategory not in \([^)]*\)")
"""Categories that a number's SQL reads past."""
NAMED = 3
"""Areas of one note that are named."""
SHOWN_NOTES = 6
"""Flags and notes that a page shows."""
INTERVALS = {
    "mart_choice_correlations": (("correlation",), "interval_low", "interval_high"),
    "mart_effect_composition": (("estimate", "excess"), "interval_low", "interval_high"),
    "mart_effect_estimates": (("estimate",), "interval_low", "interval_high"),
    "mart_effect_exposure_error": (("estimate",), "interval_low", "interval_high"),
    "mart_sds_correlations": (("correlation",), "interval_low", "interval_high"),
    "mart_outcomes_by_mechanism": (("difference_from_managed",), "difference_low", "difference_high"),
}
"""By mart: the columns that are estimates, and the ends of their 95% interval."""
FLAGGED = """
    with shares as (
        from mart_direct_payment_share
        where area_level = 'council' and is_preferred and basis = ? and financial_year = ?
    ),
    told as (
        select
            area_id, client_group, age_band, share,
            case
                when flag is not null or is_outlier
                    then coalesce(flag_reason, 'far from the shares of other councils in the year')
            end as why
        from shares
    )
    select
        own.area_id,
        coalesce(
            own.why,
            'a part of a figure that is flagged: ' || whole.why,
            case when own.share < 0 then 'a negative amount in the council''s return, kept as published' end
        ) as why_flagged
    from told as own
    inner join told as whole on whole.area_id = own.area_id
    where whole.client_group = 'all' and whole.age_band = 'all' and own.client_group = ? and own.age_band = ?
        and own.share is not null and why_flagged is not null
"""
"""Why councils' figures are flagged: their own, or those that they are a part of."""


def of(entry: dict[str, Any], rows: Rows, pandemic: Set[str]) -> list[str]:
    """Flags and notes of the mart's `rows` that the number is made of, years of the pandemic among its own,
    and what its family says."""
    # A sum of one category reads the rows of all: a note on another is none of its own.
    said = _of_rows([row for row in rows if _counts(row.get("category"), entry["sql"])])
    named = {text[:7] for _, text in queries.conditions(entry["sql"])}
    said += [f"{year} was a year of the pandemic" for year in sorted(named & pandemic)]
    if caution := entry.get("caution"):
        said.append(caution.rstrip("."))
    return list(dict.fromkeys(said))


def _counts(category: str | None, sql: str) -> bool:
    """Whether a number's SQL counts rows of a category: it names it, or it names all that it leaves out."""
    if not category:
        return True
    quoted = "'" + category.replace("'", "''") + "'"
    left_out = LEFT_OUT.findall(sql)
    return quoted in LEFT_OUT.sub("", sql) or (bool(left_out) and not any(quoted in few for few in left_out))


def _of_rows(rows: Rows) -> list[str]:
    """Flags and notes of rows, each once with the areas that it is of."""
    areas: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        for column in FLAGS:
            if row.get(column) and row.get("area_name"):
                what = tuple(row[part] for part in OF_WHAT if row.get(part))
                areas.setdefault((*what, row[column]), []).append(row["area_name"])
    said = [
        ", ".join((_called(list(dict.fromkeys(names))), *what)) + f": {text}"
        for (*what, text), names in areas.items()
    ]
    more = len(said) - SHOWN_NOTES
    return said if more <= 0 else [*said[:SHOWN_NOTES], f"{more} more in the mart's rows"]


def _called(names: list[str]) -> str:
    """A few areas by name, and of more how many they are."""
    return f"{len(names)} areas" if len(names) > NAMED else and_(names)


def of_councils(entry: dict[str, Any], db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Why the figures of councils on the number's own basis and year are flagged, by council."""
    if not re.search(r"\bfrom mart_direct_payment_(share|comparison)\b", entry["sql"]):
        return {}
    asked = [entry["given"].get(key, "all") for key in ("basis", "year", "group", "age")]
    return dict(db.execute(FLAGGED, asked).fetchall())


def interval(sql: str, rows_behind: Callable[[], Rows]) -> dict[str, Any] | None:
    """The 95% interval of a number that is an estimate, as the mart has it beside the estimate.

    Gives `low`, `high`, whether it `holds_zero`, and the `verdict`; of the smaller or larger excess of two
    ways, those of its own way. None for what is no estimate.
    """
    chosen = re.match(r"select (?:(min|max)\()?(\w+)\)? from (\w+) ", " ".join(sql.split()))
    estimates, low, high = INTERVALS.get(chosen[3], ((), "", "")) if chosen else ((), "", "")
    if not chosen or chosen[2] not in estimates:
        return None
    rows = [row for row in rows_behind() if row[low] is not None]
    if not rows or (len(rows) > 1 and chosen[2] != "excess"):
        return None
    own = {"min": min, "max": max}.get(chosen[1], min)(rows, key=lambda row: row[chosen[2]])
    return {
        "low": own[low],
        "high": own[high],
        "holds_zero": own[low] <= 0 <= own[high],
        "verdict": own.get("verdict"),
    }
