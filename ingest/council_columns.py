"""Text files of the finance return that have councils as columns: line 1 gives regions, line 2 headings, then
figures follow up to an empty line, and notes."""

from __future__ import annotations

import re

from commissioning.base.errors import OriginalError
from commissioning.ingest.raw import Accounting
from commissioning.ingest.sheets import Lines

Areas = dict[int, dict[str, str]]
"""The area of each column of figures: its code, name and region."""


def councils_as_columns(
    file: str, data: bytes, labels: list[str], last_line: str
) -> tuple[Lines, Areas, range, Accounting]:
    """The lines, the area of each column, the rows of figures, and an account that has no figure yet.

    The last line of figures must be labelled `last_line`, else the file is cut short (`OriginalError`).
    """
    lines = Lines.read(file, data, encoding="cp1252")
    lines.headings = lines.texts(1)
    for column, label in enumerate(labels):
        lines.expect(1, column, label)
    lines.check_width(range(len(lines.rows)))
    areas: Areas = {}
    for column in range(len(labels), len(lines.headings)):
        heading = lines.headings[column]
        if not heading:
            raise lines.wrong(
                "A column of figures has no heading.",
                at=f"line 2, field {column + 1}",
                expected="a council's code and name, a region or England",
                found="nothing",
            )
        council = re.fullmatch(r"(\d{3}) - (.+)", heading)
        code, name = council.groups() if council else ("", heading)
        region = lines.text(0, column) if council else ""
        areas[column] = {"area_code": code, "area": name, "region": region}
    end = next((row for row in range(2, len(lines.rows)) if not any(lines.texts(row))), None)
    if end is None or last_line not in lines.texts(end - 1, len(labels)):
        raise OriginalError(
            "The lines of figures do not end as they should.",
            file=file,
            where="the line before the first empty one",
            expected=f"a line labelled {last_line!r}, then an empty line and notes",
            found=lines.texts((end or len(lines.rows)) - 1, len(labels)),
            todo="the file looks truncated: fetch the original again",
        )
    furniture = {"headers": 2, "empty lines and notes": len(lines.rows) - end}
    return lines, areas, range(2, end), lines.accounting(0, furniture)
