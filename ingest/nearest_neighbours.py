"""ONS statistical nearest neighbours of upper-tier councils, England (the global model).

Of the workbook, table 3 lists for each council all others from the nearest to the farthest, and table 4 gives
the distances between them. Kept are the 20 nearest of each: a row for the rank and one for the distance.

A cell of table 3 holds a neighbour's code under the heading `Neighbour 7`: the code is a dimension, and the
heading is the figure, so `value_text` is the heading. Names of neighbours are those of the table's own rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting, Reading
from commissioning.ingest.sheets import Sheet, Workbook

DIMENSIONS = ("area_code", "area", "neighbour_code", "neighbour", "measure", "model")
KEY = ("area_code", "neighbour_code", "measure", "model")
MODEL = "global model, upper tier"
RANKS, DISTANCES = "Table 3", "Table 4"
TITLES = {
    RANKS: "Table 3: Upper tier local authority statistical nearest neighbours",
    DISTANCES: "Table 4: Upper tier local authority relative distances",
}
CODE_HEADING, NAME_HEADING = "Upper tier local authority code", "Upper tier local authority name"
FIRST_COLUMN = 2
NEAREST = 20


def read(edition: Edition, originals: Mapping[str, bytes]) -> Reading:
    """The 20 nearest neighbours of each council: rank (1 is the nearest) and relative Euclidean distance.

    Raises `LayoutError` where the tables are not as known or do not speak of the same councils.
    """
    ((path, data),) = originals.items()
    book = Workbook.open(path, data)
    account = book.accounting(TITLES, "sheets left out (contents, notes, lower-tier tables)")
    rows = read_tables(book.sheet(RANKS), book.sheet(DISTANCES), account)
    return Reading.of(rows, [account], DIMENSIONS, KEY)


def read_tables(ranks: Sheet, distances: Sheet, account: Accounting) -> list[dict[str, object]]:
    """The rows of both tables, by council and neighbour."""
    rank_header, distance_header = _header(ranks), _header(distances)
    names = {ranks.text(row, 0): ranks.text(row, 1) for row in range(rank_header + 1, len(ranks.rows))}
    _check_same_councils(ranks, distances, rank_header, distance_header, list(names))
    for rank in range(1, len(names)):
        ranks.expect(rank_header, FIRST_COLUMN + rank - 1, f"Neighbour {rank}")
    rows = list(_pairs(ranks, distances, rank_header, distance_header, names))
    titles = sum(
        (header + 1) * len(sheet.rows[0])
        for sheet, header in ((ranks, rank_header), (distances, distance_header))
    )
    labels = 2 * 2 * len(names)
    account.loaded += len(rows)
    account.leave("titles and headers", titles)
    account.leave("area labels", labels)
    beyond = ranks.size + distances.size - titles - labels - len(rows)
    account.leave(f"neighbours beyond the {NEAREST}th, and their distances", beyond)
    return rows


def _header(sheet: Sheet) -> int:
    """The header row of a table, once its title and its first two headings are as known."""
    sheet.expect(0, 0, TITLES[sheet.name])
    header = sheet.find_row(0, CODE_HEADING)
    sheet.expect(header, 1, NAME_HEADING)
    return header


def _check_same_councils(
    ranks: Sheet, distances: Sheet, rank_header: int, distance_header: int, councils: list[str]
) -> None:
    lines = len(ranks.rows) - rank_header - 1
    down = [distances.text(row, 0) for row in range(distance_header + 1, len(distances.rows))]
    across = distances.texts(distance_header)[FIRST_COLUMN:]
    if not councils == down == across or len(councils) != lines:
        raise ranks.wrong(
            "The two tables do not list the same councils once each in the same order.",
            at=f"column A, and column A and header of {DISTANCES}",
            expected=f"{lines} councils in each",
            found=f"{len(councils)}, {len(down)} and {len(across)}",
            todo="open the workbook; it may be truncated or its tables changed",
        )


def _pairs(
    ranks: Sheet, distances: Sheet, rank_header: int, distance_header: int, names: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Rank and distance of each council's nearest; both tables list the councils in one order."""
    places = {code: place for place, code in enumerate(names)}
    for area_code, place in places.items():
        row = rank_header + 1 + place
        for column in range(FIRST_COLUMN, FIRST_COLUMN + min(NEAREST, len(names) - 1)):
            neighbour = ranks.text(row, column)
            if neighbour not in names or neighbour == area_code:
                raise ranks.wrong(
                    "A neighbour is not known.", at=(row, column), expected="the code of another council"
                )
            pair = {
                "area_code": area_code,
                "area": names[area_code],
                "neighbour_code": neighbour,
                "neighbour": names[neighbour],
                "model": MODEL,
            }
            heading = ranks.text(rank_header, column)
            rank = {"value_text": heading, "value": float(heading.removeprefix("Neighbour "))}
            yield (
                pair
                | {"measure": "rank", "unit": "rank, 1 = nearest", "value_symbol": None}
                | rank
                | (ranks.place(row, column))
            )
            yield distances.figure(
                distance_header + 1 + place,
                FIRST_COLUMN + places[neighbour],
                measure="distance",
                unit="relative Euclidean distance",
                **pair,
            )
