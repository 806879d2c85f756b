"""ONS statistical nearest neighbours of upper-tier councils, England (the global model).

Of the workbook, table 3 lists for each council all others from the nearest to the farthest, and table 4 gives
the distances between them. Kept are the 20 nearest of each: a row for the rank and one for the distance.

A cell of table 3 holds a neighbour's code under the heading `Neighbour 7`: the code is a dimension, and the
heading is the figure, so `value_text` is the heading. Names of neighbours are those of the table's own rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from commissioning.base.errors import LayoutError
from commissioning.ingest import raw
from commissioning.ingest.catalogue import Edition
from commissioning.ingest.cells import Sheet, Workbook

DIMENSIONS = {
    name: pl.String for name in ("area_code", "area", "neighbour_code", "neighbour", "measure", "model")
}
KEY = ("area_code", "neighbour_code", "measure", "model")
MODEL = "global model, upper tier"
RANKS, DISTANCES = "Table 3", "Table 4"
TITLES = {
    RANKS: "Table 3: Upper tier local authority statistical nearest neighbours",
    DISTANCES: "Table 4: Upper tier local authority relative distances",
}
CODE_HEADER, NAME_HEADER = "Upper tier local authority code", "Upper tier local authority name"
FIRST_COLUMN = 2
NEAREST = 20


def read(edition: Edition, originals: Mapping[str, bytes]) -> raw.Reading:
    """The 20 nearest neighbours of each council: rank (1 is the nearest) and relative Euclidean distance.

    Raises `LayoutError` where the tables are not as known or do not speak of the same councils.
    """
    (path, data), *_ = originals.items()
    book = Workbook(path, data)
    rows, account = read_tables(book.sheet(RANKS), book.sheet(DISTANCES))
    cells = sum(len(row) for name in book.sheet_names if name not in TITLES for row in book.sheet(name).rows)
    account.read += cells
    account.furniture["sheets left out (contents, notes, lower-tier tables)"] = cells
    return raw.Reading(raw.tidy(rows, DIMENSIONS), KEY, [account])


def read_tables(ranks: Sheet, distances: Sheet) -> tuple[list[dict[str, object]], raw.Accounting]:
    """The rows of both tables, by council and neighbour, and what became of the cells."""
    rank_header, distance_header = _header(ranks), _header(distances)
    names = {ranks.text(row, 0): ranks.text(row, 1) for row in range(rank_header + 1, len(ranks.rows))}
    places = {distances.text(row, 0): row for row in range(distance_header + 1, len(distances.rows))}
    width = len(distances.rows[distance_header])
    columns = {distances.text(distance_header, column): column for column in range(FIRST_COLUMN, width)}
    if not (list(names) == list(places) == list(columns)) or len(names) != len(ranks.rows) - rank_header - 1:
        raise LayoutError(
            "The two tables do not list the same councils once each in the same order.",
            file=ranks.file,
            where=f"column A of {RANKS} and {DISTANCES}, header row of {DISTANCES}",
            expected=f"{len(ranks.rows) - rank_header - 1} councils in each",
            found=f"{len(names)}, {len(places)} and {len(columns)}",
            todo="open the workbook; it may be truncated or its tables changed",
        )
    _check_rank_headers(ranks, rank_header, len(names) - 1)
    rows = []
    for row, area_code in enumerate(names, start=rank_header + 1):
        for column in range(FIRST_COLUMN, FIRST_COLUMN + min(NEAREST, len(names) - 1)):
            neighbour = ranks.text(row, column)
            if neighbour not in names or neighbour == area_code:
                raise _layout_error(ranks, row, column, "the code of another council of the table")
            pair = {
                "area_code": area_code,
                "area": names[area_code],
                "neighbour_code": neighbour,
                "neighbour": names[neighbour],
                "model": MODEL,
                "value_symbol": None,
                "source_file": ranks.file,
            }
            heading = ranks.text(rank_header, column)
            rows.append(
                pair
                | {
                    "measure": "rank",
                    "unit": "rank, 1 = nearest",
                    "value_text": heading,
                    "value": float(heading.removeprefix("Neighbour ")),
                    "source_locator": ranks.locator(row, column),
                }
            )
            place = places[area_code], columns[neighbour]
            where = distances.locator(*place)
            text, value, _ = raw.parse_value(
                distances.rows[place[0]][place[1]], {}, file=distances.file, where=where
            )
            rows.append(
                pair
                | {
                    "measure": "distance",
                    "unit": "relative Euclidean distance",
                    "value_text": text,
                    "value": value,
                    "source_locator": where,
                }
            )
    cells = sum(len(sheet.rows) * len(sheet.rows[0]) for sheet in (ranks, distances))
    labels = 2 * 2 * len(names)
    titles = sum(
        (header + 1) * len(sheet.rows[0])
        for sheet, header in ((ranks, rank_header), (distances, distance_header))
    )
    furniture = {
        "titles and headers": titles,
        "area labels": labels,
        f"neighbours beyond the {NEAREST}th, and their distances": cells - titles - labels - len(rows),
    }
    return rows, raw.Accounting(ranks.file, "cells", cells, len(rows), furniture)


def _header(sheet: Sheet) -> int:
    """The header row of a table, once its title and its first two headers are as known."""
    if sheet.text(0, 0) != TITLES[sheet.name]:
        raise _layout_error(sheet, 0, 0, TITLES[sheet.name])
    header = sheet.find_row(0, CODE_HEADER)
    if sheet.text(header, 1) != NAME_HEADER:
        raise _layout_error(sheet, header, 1, NAME_HEADER)
    return header


def _check_rank_headers(sheet: Sheet, header: int, neighbours: int) -> None:
    for rank in range(1, neighbours + 1):
        column = FIRST_COLUMN + rank - 1
        if sheet.text(header, column) != f"Neighbour {rank}":
            raise _layout_error(sheet, header, column, f"Neighbour {rank}")


def _layout_error(sheet: Sheet, row: int, column: int, expected: str) -> LayoutError:
    return LayoutError(
        "A cell is not what its place says.",
        file=sheet.file,
        where=sheet.locator(row, column),
        expected=expected,
        found=repr(sheet.text(row, column)),
        todo="open the sheet; if the publisher moved or renamed it, teach ingest/nearest_neighbours.py",
    )
