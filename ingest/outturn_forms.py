"""What the forms of the revenue outturn (RO3, RSX) share: a sheet of all authorities and its headers."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.ingest.catalogue import Edition
from commissioning.ingest.raw import Accounting
from commissioning.ingest.sheets import Sheet, Workbook

LABELS = ("E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed Class")
FIRST_COLUMN = 7  # of figures; before it stand the labels and whether the return was certified
MEASURES = {
    "empl": "Employees (C1)",
    "run-exp": "Running Expenses (C2)",
    "tot-exp": "Total Expenditure (C3 = C1 + C2)",
    "sfc": "Sales, Fees and Charges (C4)",
    "oth-inc": "Other Income (C5)",
    "tot-inc": "Total Income (C6 = C4 + C5)",
    "net-cur-exp": "Net Current Expenditure (C7 = C3 - C6)",
}


def sheet_of_authorities(
    edition: Edition, originals: Mapping[str, bytes], begins: str
) -> tuple[Sheet, Accounting]:
    """The sheet whose name begins so, and the account of the workbook with the other sheets left out."""
    (file,) = edition.files
    book = Workbook.open(file.path, originals[file.path])
    sheet = book.sheet(next((name for name in book.sheets if name.startswith(begins)), begins))
    return sheet, book.accounting([sheet.name], "sheets left out (front page, notes, drop-down)")


def find_header(sheet: Sheet) -> int:
    """The row of the headers over the authorities."""
    header = sheet.find_row(0, "E-code")
    for position, label in enumerate(LABELS):
        sheet.expect(header, position, label)
    return header


def find_classes(sheet: Sheet, header: int) -> int:
    """The row of the headers over the class totals; England stands in the row above."""
    classes = sheet.find_row(0, "E-code", start=header + 1)
    sheet.expect(classes - 1, 0, "Eng")
    return classes


def labels_of(sheet: Sheet, row: int, year: str) -> dict[str, str]:
    """What a row says of all its figures."""
    code, gss_code, area, note, area_class = sheet.texts(row, 5)
    certified = sheet.rows[row][FIRST_COLUMN - 1]
    detail = f"certified={int(certified) if isinstance(certified, float) else certified}"
    return {
        "year": year,
        "authority_code": "" if code == "[Y]" else code,
        "gss_code": gss_code,
        "area": area,
        "class": area_class,
        "detail": detail + (f"; note={note}" if note else ""),
        "unit": "GBP thousand",
    }
