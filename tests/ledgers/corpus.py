"""Made-up spend files, one malformation each, with what must come of them.

`rows` are (date, pounds, supplier) in the order of the file. No name is a real payee's.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass, field

# ruff: noqa: E501

HEADER = "Date,Amount,Supplier"
ACME = ("2021-05-17", "1200.50", "ACME CARE LTD")
BIRCH = ("2021-05-28", "-35.00", "BIRCH HOUSE")
TWO = (ACME, BIRCH)
BODY = {"body": "madeup", "title": "Spend", "publisher": "Nobody", "licence": "none"}


@dataclass
class Case:
    """A file and its outcome: rows, rejects and furniture by reason, or the words of an error."""

    name: str
    data: bytes
    rows: tuple = TWO
    rejected: dict[str, int] = field(default_factory=dict)
    furniture: dict[str, int] = field(default_factory=lambda: {"header": 1})
    error: str | None = None
    body: dict = field(default_factory=dict)
    oddity: str | None = None
    found: dict = field(default_factory=dict)
    file: str = "made-up.csv"


def text(*lines: str, ends: str = "\n", encoding: str = "utf-8") -> bytes:
    return (ends.join(lines) + ends).encode(encoding)


ROWS = ("17/05/2021,1200.50,ACME CARE LTD", "28/05/2021,-35.00,BIRCH HOUSE")
PLAIN = text(HEADER, *ROWS)


def workbook(
    sheets: dict[str, list[list]], *, hidden: set[str] = frozenset(), more: str = "", date1904: bool = False
) -> bytes:
    """A small XLSX written by hand: numbers, texts and `=formula` cells with a cached value `(formula, value)`.

    `more` are further rows of every sheet, as XML.
    """

    def state(name: str) -> str:
        return ' state="hidden"' if name in hidden else ""

    system = '<workbookPr date1904="1"/>' if date1904 else ""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        )
        z.writestr(
            "_rels/.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(
            f'<sheet name="{name}" sheetId="{n}"{state(name)} r:id="rId{n}"/>'
            for n, name in enumerate(sheets, start=1)
        )
        z.writestr(
            "xl/workbook.xml",
            '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            f"{system}<sheets>{names}</sheets></workbook>",
        )
        z.writestr(
            "xl/_rels/workbook.xml.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            'relationships">'
            + "".join(
                f'<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
                f'relationships/worksheet" Target="worksheets/sheet{n}.xml"/>'
                for n in range(1, len(sheets) + 1)
            )
            + "</Relationships>",
        )
        for n, rows in enumerate(sheets.values(), start=1):
            z.writestr(f"xl/worksheets/sheet{n}.xml", _sheet_xml(rows, more))
    return out.getvalue()


def _sheet_xml(rows: list[list], more: str) -> str:
    lines = []
    for r, row in enumerate(rows, start=1):
        cells = []
        for c, cell in enumerate(row):
            place = f"{chr(65 + c)}{r}"
            if isinstance(cell, tuple):
                cells.append(f'<c r="{place}"><f>{cell[0]}</f><v>{cell[1]}</v></c>')
            elif isinstance(cell, int | float):
                cells.append(f'<c r="{place}"><v>{cell!r}</v></c>')
            elif cell is not None:
                cells.append(f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>')
        lines.append(f'<row r="{r}">{"".join(cells)}</row>')
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{''.join(lines)}{more}</sheetData></worksheet>"
    )


def ods(rows: list[list[str]]) -> bytes:
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        z.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
            'manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.'
            'oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
        z.writestr(
            "content.xml",
            '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:'
            'office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:'
            'names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table '
            f'table:name="Payments">{body}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        )
    return out.getvalue()


def zipped(data: bytes) -> bytes:
    """A ZIP archive with a file in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("made-up.csv", data)
    return out.getvalue()


def locked() -> bytes:
    """The start of the container in which a spreadsheet keeps a workbook behind a password."""
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016
    return start + "EncryptedPackage".encode("utf-16-le") + b"\0" * 1000


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        z.writestr("xl/workbook.xml", "<workbook/>")
        z.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


GRID = [
    ["Date", "Amount", "Supplier"],
    ["17/05/2021", 1200.5, "ACME CARE LTD"],
    ["28/05/2021", -35, "BIRCH HOUSE"],
]

CASES = [
    Case("plain", PLAIN, found={"encoding": "ascii", "delimiter": ",", "date_style": "dd/mm/yyyy"}),
    # Encodings
    Case("utf8_bom", b"\xef\xbb\xbf" + PLAIN, found={"encoding": "ascii with BOM"}),
    Case("utf16_le_bom", b"\xff\xfe" + PLAIN.decode().encode("utf-16-le")),
    Case("utf16_be_bom", b"\xfe\xff" + PLAIN.decode().encode("utf-16-be")),
    Case(
        "utf16_le_without_bom",
        PLAIN.decode().encode("utf-16-le"),
        found={"encoding": "utf-16-le without BOM"},
    ),
    Case("utf32_bom", b"\xff\xfe\x00\x00" + PLAIN.decode().encode("utf-32-le")),
    Case(
        "cp1252_pound_in_header",
        text("Date,Net Amount (£),Supplier", *ROWS, encoding="cp1252"),
        found={"encoding": "cp1252", "amount_kind": "net"},
    ),
    Case(
        "dos_pound_in_header",
        text("Date,Net Amount(£),Supplier", *ROWS, encoding="cp437"),
        found={"encoding": "cp437"},
    ),
    Case(
        "utf8_pound_in_amount",
        text(HEADER, '17/05/2021,"£1,200.50",ACME CARE LTD', "28/05/2021,-£35.00,BIRCH HOUSE"),
    ),
    Case(
        "dos_pound_in_amount",
        text(HEADER, '17/05/2021,"£1,200.50",ACME CARE LTD', ROWS[1], encoding="cp437"),
    ),
    Case(
        "mixed_encodings",
        text(HEADER, "17/05/2021,1200.50,CAFÉ AÎNÉ LTD")
        + text("28/05/2021,-35.00,HÔTEL BIRCH", encoding="cp1252"),
        rows=(("2021-05-17", "1200.50", "CAFÉ AÎNÉ LTD"), ("2021-05-28", "-35.00", "HÔTEL BIRCH")),
        oddity="UTF-8 in places",
    ),
    Case("nul_bytes", PLAIN.replace(b"ACME", b"AC\x00ME"), oddity="1 NUL byte removed"),
    Case("nul_padding_at_the_end", PLAIN + b"\x00" * 50, furniture={"header": 1}, oddity="NUL bytes"),
    Case(
        "right_to_left_marks",
        text(HEADER, "\u200f17/05/2021,\u202a1200.50\u202c,ACME CARE LTD", ROWS[1]),
        oddity="invisible marks",
    ),
    Case(
        "no_break_spaces",
        text(HEADER, "17/05/2021,1\u00a0200.50,ACME CARE LTD", ROWS[1]),
    ),
    # Line ends
    Case("cr_only", text(HEADER, *ROWS, ends="\r"), found={"line_ends": "CR"}),
    Case("crlf", text(HEADER, *ROWS, ends="\r\n"), found={"line_ends": "CRLF"}),
    Case("lf_and_crlf", text(HEADER, ends="\r\n") + text(*ROWS), found={"line_ends": "LF and CRLF"}),
    Case("mixed_line_ends", text(HEADER, ends="\r\n") + text(ROWS[0], ends="\r") + text(ROWS[1])),
    Case("no_end_at_the_last_line", PLAIN.rstrip(b"\n")),
    Case(
        "quoted_line_break",
        text(
            "Date,Description,Amount,Supplier",
            '17/05/2021,"two\nlines",1200.50,ACME CARE LTD',
            "28/05/2021,x,-35.00,BIRCH HOUSE",
        ),
        found={"last_line": 4},
    ),
    # Delimiters and quotes
    Case("tabs", PLAIN.replace(b",", b"\t"), found={"delimiter": "tab"}, file="made-up.tsv"),
    Case("semicolons", PLAIN.replace(b",", b";"), found={"delimiter": ";"}),
    Case("pipes", PLAIN.replace(b",", b"|"), found={"delimiter": "|"}),
    Case(
        "separator_line",
        b"sep=;\n" + PLAIN.replace(b",", b";"),
        furniture={"header": 1, "above the header": 1},
    ),
    Case(
        "quote_inside_a_cell",
        text(HEADER, '17/05/2021,1200.50,6" PIPES LTD', ROWS[1]),
        rows=(("2021-05-17", "1200.50", '6" PIPES LTD'), BIRCH),
    ),
    Case(
        "quote_never_closed",
        text(HEADER, '17/05/2021,1200.50,"ACME CARE LTD', ROWS[1]),
        oddity="never closed",
    ),
    Case(
        "doubled_quotes",
        text(HEADER, '17/05/2021,1200.50,"THE ""ACME"" LTD"', ROWS[1]),
        rows=(("2021-05-17", "1200.50", 'THE "ACME" LTD'), BIRCH),
    ),
    Case(
        "everything_quoted",
        b"\n".join(b'"' + line.replace(b",", b'","') + b'"' for line in PLAIN.splitlines()) + b"\n",
    ),
    Case(
        "ragged_long_line",
        text(HEADER, ROWS[0] + ",,extra", ROWS[1]),
        rows=(BIRCH,),
        rejected={"more cells than headings": 1},
    ),
    Case("ragged_short_line", text(HEADER + ",Department", ROWS[0] + ",Adults", ROWS[1])),
    Case("trailing_commas", text(HEADER + ",,,", ROWS[0] + ",,,", ROWS[1] + ",,,")),
    Case(
        "empty_columns_between",
        text(
            "Date,,Amount,,,Supplier",
            "17/05/2021,,1200.50,,,ACME CARE LTD",
            "28/05/2021,,-35.00,,,BIRCH HOUSE",
        ),
    ),
    # Headers
    Case(
        "title_and_blank_above",
        text("Payments over £500,,", ",,", HEADER, *ROWS),
        furniture={"header": 1, "above the header": 2},
        found={"header_line": 3},
    ),
    Case(
        "header_over_two_lines",
        text("Date of,Net,Supplier", "payment,amount,(beneficiary) name", *ROWS),
        furniture={"header": 2},
        body={"date_order": "day first"},
    ),
    Case("camel_case_header", text("DatePaid,NetAmount,SupplierName", *ROWS), found={"amount_kind": "net"}),
    Case("shouted_and_spaced_header", text("DATE , AMOUNT ,SUPPLIER  NAME", *ROWS)),
    Case(
        "repeated_header",
        text(HEADER, ROWS[0], HEADER, ROWS[1]),
        furniture={"header": 1, "repeated header": 1},
    ),
    Case(
        "second_header_that_differs",
        text(HEADER, ROWS[0], "Supplier,Amount,Date", "BIRCH HOUSE,-35.00,28/05/2021"),
        error="second header names other columns",
    ),
    Case("no_header", text(*ROWS), error="No header was found"),
    Case(
        "no_header_but_the_yaml_names_columns",
        text(*ROWS),
        body={"headerless": ("Date", "Amount", "Supplier")},
        furniture={},
        oddity="no header",
    ),
    Case("header_only", text(HEADER), rows=(), oddity="no payment was loaded"),
    Case("unknown_headings", text("When,How much,Whom", *ROWS), error="No header was found"),
    Case(
        "unknown_headings_in_the_yaml",
        text("When,How much,Whom", *ROWS),
        body={"columns": {"payment_date": "When", "amount": "How much", "supplier": "Whom"}},
    ),
    Case(
        "no_amount_column",
        text("Date,Supplier,Department,Expense Type", "17/05/2021,A LTD,x,y"),
        error="No column holds the amount",
    ),
    Case(
        "no_date_column",
        text("Amount,Supplier,Department", "1,A LTD,x"),
        error="No column holds the payment date",
    ),
    Case(
        "net_and_gross",
        text("Date,Net Amount,Gross Amount,Supplier", "17/05/2021,10,12,A LTD"),
        error="Two columns could be the amount",
    ),
    Case(
        "net_and_gross_chosen_in_the_yaml",
        text(
            "Date,Net Amount,Gross Amount,Supplier",
            "17/05/2021,1200.50,1440.60,ACME CARE LTD",
            "28/05/2021,-35.00,-42,BIRCH HOUSE",
        ),
        body={"columns": {"amount": "Net Amount"}},
        found={"amount_kind": "net"},
    ),
    Case(
        "two_suppliers",
        text("Date,Amount,Supplier,Vendor", "17/05/2021,1,A LTD,B LTD"),
        error="Two columns could be the supplier",
    ),
    # Rows that are no payments
    Case(
        "blank_lines",
        text(HEADER, "", ROWS[0], ",,", "  ,,", ROWS[1], ""),
        furniture={"header": 1, "blank": 4},
    ),
    Case(
        "padding",
        text(
            "Body,Date,Amount,Supplier",
            "18,17/05/2021,1200.50,ACME CARE LTD",
            "18,,,",
            "18,28/05/2021,-35.00,BIRCH HOUSE",
        ),
        furniture={"header": 1, "padding": 1},
    ),
    Case(
        "total_at_the_end",
        text(HEADER, *ROWS, ",1165.50,"),
        furniture={"header": 1, "total": 1},
        oddity="equals the sum",
        found={"totals_pence": 116550},
    ),
    Case(
        "total_that_is_wrong",
        text(HEADER, *ROWS, "Grand Total,9999.00,"),
        furniture={"header": 1, "total": 1},
        oddity="no total under the table equals",
    ),
    Case(
        "note_at_the_end",
        text(HEADER, *ROWS, "* amounts exclude VAT,,"),
        furniture={"header": 1, "padding": 1},
    ),
    # Dates
    Case(
        "iso_dates",
        text(HEADER, "2021-05-17,1200.50,ACME CARE LTD", "2021-05-28,-35.00,BIRCH HOUSE"),
        found={"date_style": "yyyy-mm-dd"},
    ),
    Case(
        "iso_with_time",
        text(HEADER, "2021-05-17 00:00:00,1200.50,ACME CARE LTD", "2021-05-28T00:00:00Z,-35.00,BIRCH HOUSE"),
    ),
    Case("two_digit_years", text(HEADER, "17/05/21,1200.50,ACME CARE LTD", "28/05/21,-35.00,BIRCH HOUSE")),
    Case("dots", text(HEADER, "17.05.2021,1200.50,ACME CARE LTD", "28.05.2021,-35.00,BIRCH HOUSE")),
    Case("month_in_words", text(HEADER, "17-May-21,1200.50,ACME CARE LTD", "28 May 2021,-35.00,BIRCH HOUSE")),
    Case(
        "weekday_and_ordinal",
        text(HEADER, "Monday 17th May 2021,1200.50,ACME CARE LTD", '"May 28, 2021",-35.00,BIRCH HOUSE'),
    ),
    Case(
        "month_first",
        text(HEADER, "05/17/2021,1200.50,ACME CARE LTD", "05/28/2021,-35.00,BIRCH HOUSE"),
        found={"date_style": "mm/dd/yyyy"},
    ),
    Case("serial_dates", text(HEADER, "44333,1200.50,ACME CARE LTD", "44344,-35.00,BIRCH HOUSE")),
    Case("compact_dates", text(HEADER, "20210517,1200.50,ACME CARE LTD", "20210528,-35.00,BIRCH HOUSE")),
    Case(
        "ambiguous_dates",
        text(HEADER, "01/05/2021,1,A LTD", "02/05/2021,2,B LTD"),
        error="order of day and month cannot be told",
    ),
    Case(
        "ambiguous_dates_told_in_the_yaml",
        text(HEADER, "01/05/2021,1,A LTD"),
        rows=(("2021-05-01", "1.00", "A LTD"),),
        body={"date_order": "day first"},
    ),
    Case(
        "both_orders",
        text(HEADER, "17/05/2021,1,A LTD", "05/28/2021,2,B LTD", "01/02/2021,2,B LTD"),
        error="only be day first and others only month first",
    ),
    Case(
        "impossible_date",
        text(HEADER, *ROWS, "31/02/2021,5.00,A LTD", "00/00/0000,5.00,A LTD", "17/05/1021,5.00,A LTD"),
        rejected={"date unreadable or out of range": 3},
        found={"rejected_pence": 1500},
    ),
    Case(
        "no_date", text(HEADER, *ROWS, ",5.00,A LTD"), rejected={"no date": 1}, found={"rejected_pence": 500}
    ),
    Case(
        "month_only",
        text(HEADER, *ROWS, "May 2021,5.00,A LTD"),
        rejected={"date unreadable or out of range": 1},
    ),
    # Amounts
    Case("brackets", text(HEADER, "17/05/2021,1200.50,ACME CARE LTD", "28/05/2021,(35),BIRCH HOUSE")),
    Case("minus_behind", text(HEADER, "17/05/2021,1200.50,ACME CARE LTD", "28/05/2021,35.00-,BIRCH HOUSE")),
    Case("cr_behind", text(HEADER, "17/05/2021,1200.50,ACME CARE LTD", "28/05/2021,35.00 CR,BIRCH HOUSE")),
    Case("long_minus", text(HEADER, "17/05/2021,1200.50,ACME CARE LTD", "28/05/2021,−35.00,BIRCH HOUSE")),
    Case(
        "thousands_padded",
        text(HEADER, '17/05/2021," 1,200.50 ",ACME CARE LTD', "28/05/2021, -35.00 ,BIRCH HOUSE"),
    ),
    Case(
        "decimal_comma",
        text("Date;Amount;Supplier", "17/05/2021;1.200,50;ACME CARE LTD", "28/05/2021;-35,00;BIRCH HOUSE"),
        found={"number_style": "decimal comma"},
    ),
    Case(
        "both_number_styles",
        text("Date;Amount;Supplier", "17/05/2021;1.200,50;ACME CARE LTD", "28/05/2021;1,035.00;BIRCH HOUSE"),
        error="decimal comma and others only a decimal point",
    ),
    Case(
        "exponent_beyond_reason",
        text(
            HEADER,
            *ROWS,
            "28/05/2021,1e9999,A LTD",
            "28/05/2021,1e15,A LTD",
            "28/05/2021,NaN,A LTD",
            "28/05/2021,inf,A LTD",
        ),
        rejected={"amount unreadable": 4},
    ),
    Case("exponent_of_a_spreadsheet", text(HEADER, "17/05/2021,1.2005E+03,ACME CARE LTD", ROWS[1])),
    Case(
        "parts_of_a_penny",
        text(HEADER, "17/05/2021,1200.499,ACME CARE LTD", ROWS[1]),
        oddity="parts of a penny",
    ),
    Case(
        "redacted_amount",
        text(HEADER, *ROWS, "28/05/2021,REDACTED PERSONAL DATA,A LTD", "28/05/2021,REDCATED,A LTD"),
        rejected={"amount redacted": 2},
    ),
    Case("no_amount", text(HEADER, *ROWS, "28/05/2021,,A LTD"), rejected={"no amount": 1}),
    Case(
        "words_for_an_amount",
        text(HEADER, *ROWS, "28/05/2021,twelve,A LTD", "28/05/2021,#REF!,A LTD"),
        rejected={"amount unreadable": 2},
    ),
    Case(
        "wrong_groups",
        text(HEADER, *ROWS, '28/05/2021,"12,34,5.00",A LTD'),
        rejected={"amount unreadable": 1},
    ),
    Case("two_currencies", text(HEADER, "17/05/2021,GBP 1200.50,ACME CARE LTD", ROWS[1])),
    # Size
    Case(
        "line_of_ten_megabytes",
        text(HEADER, *ROWS, "28/05/2021,5.00," + "A" * 10_000_000),
        rejected={"a cell too long for any spreadsheet": 1},
        found={"rejected_pence": 500},
    ),
    # Pages, signs and unreadable numbers
    Case(
        "header_and_number_on_every_page",
        text(HEADER, ROWS[0], "Page 1 of 2,,", HEADER, ROWS[1], ",,Page 2 of 2"),
        furniture={"header": 1, "repeated header": 1, "page number": 2},
    ),
    Case(
        "a_firm_that_sounds_like_a_page",
        text(HEADER, *ROWS, ",,Page 2 Print Ltd"),
        rejected={"no amount": 1},
    ),
    Case(
        "cr_alone_with_bom_and_semicolons",
        text(*(line.replace(",", ";") for line in (HEADER, *ROWS)), ends="\r", encoding="utf-8-sig"),
    ),
    Case(
        "brackets_and_two_returns",
        text(HEADER, ROWS[0], "28/05/2021,(35.00),BIRCH HOUSE", ends="\r\r\n"),
        furniture={"header": 1, "blank": 3},
    ),
    Case(
        "exponents_and_what_is_no_number",
        text(
            HEADER,
            "17/05/2021,1.2005e3,ACME CARE LTD",
            ROWS[1],
            *(f"28/05/2021,{n},X LTD" for n in ("1e400", "nan", "inf")),
        ),
        rejected={"amount unreadable": 3},
    ),
    Case(
        "a_day_that_no_month_has",
        text(HEADER, *ROWS, "31-Jun-2021,5.00,X LTD"),
        rejected={"date unreadable or out of range": 1},
    ),
    Case(
        "a_line_of_nul_bytes",
        text(HEADER, ROWS[0].replace("ACME", "AC\0ME"), "\0\0\0", ROWS[1]),
        furniture={"header": 1, "blank": 1},
    ),
    Case(
        "utf_16_with_half_a_letter",
        text(HEADER, *ROWS, encoding="utf-16") + b"\n",
        furniture={"header": 1, "padding": 1},
    ),
    Case(
        "two_columns_headed_alike",
        text("Date Paid,Net Amount,Supplier Name,Net Amount", *(row + ",7.00" for row in ROWS)),
        error="Two columns could be the amount",
    ),
    Case("gzipped", gzip.compress(PLAIN, mtime=0), file="made-up.csv.gz"),
    Case("gzip_cut_off", gzip.compress(PLAIN, mtime=0)[:-12], error="truncated or damaged"),
    Case("gzip_bomb", gzip.compress(b"0" * 60_000_000, mtime=0), error="unpacks to far more"),
    # Containers
    Case("xlsx", workbook({"Sheet1": GRID}), found={"encoding": "xlsx"}, file="made-up.xlsx"),
    Case("xlsx_named_csv", workbook({"Sheet1": GRID}), found={"encoding": "xlsx"}),
    Case(
        "xlsx_with_formulas",
        workbook(
            {
                "Sheet1": [
                    *GRID[:1],
                    ["17/05/2021", ("1000+200.5", 1200.5), "ACME CARE LTD"],
                    GRID[2],
                    [None, ("SUM(B2:B3)", 1165.5), None],
                ]
            }
        ),
        furniture={"header": 1, "total": 1},
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_serial_dates",
        workbook({"Sheet1": [GRID[0], [44333, 1200.5, "ACME CARE LTD"], [44344, -35, "BIRCH HOUSE"]]}),
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_a_sheet_a_month",
        workbook({"May": GRID[:2], "June": [GRID[0], ["28/06/2021", -35, "BIRCH HOUSE"]]}),
        rows=(ACME, ("2021-06-28", "-35.00", "BIRCH HOUSE")),
        furniture={"header": 2},
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_with_a_sheet_of_notes",
        workbook({"Payments": GRID, "Notes": [["Amounts are net of VAT"]]}),
        furniture={"header": 1, "on a sheet left out: it has no header": 1},
        oddity="sheet left out",
        file="made-up.xlsx",
    ),
    Case("xlsx_empty", workbook({"Sheet1": []}), error="holds no cell", file="made-up.xlsx"),
    Case("xlsx_cut_off", workbook({"Sheet1": GRID})[:-40], error="damaged zip archive", file="made-up.xlsx"),
    Case("zip_bomb", bomb(), error="unpacks to far more", file="made-up.xlsx"),
    Case(
        "ods",
        ods([[str(cell) for cell in row] for row in GRID]),
        found={"encoding": "ods"},
        file="made-up.ods",
    ),
    Case("html", b"<html><body><table><tr><td>Date</td></tr></table></body></html>", error="HTML page"),
    Case("html_in_capitals", b"\n <!DOCTYPE HTML><p>404 not found", error="HTML page"),
    Case("xml_spreadsheet", b'<?xml version="1.0"?><Workbook></Workbook>', error="XML document"),
    Case("pdf", b"%PDF-1.7\n...", error="PDF document"),
    Case("json", b'{"error": "not found"}', error="JSON"),
    Case("a_zip_of_something", b"PK\x03\x04 not really", error="damaged zip archive"),
    Case("zip_named_csv", zipped(PLAIN), error="zip archive, whatever its name says"),
    Case("xlsx_behind_a_password", locked(), error="a workbook behind a password", file="made-up.xlsx"),
    Case("xls_cut_off", locked()[:600], error="cannot be opened", file="made-up.xls"),
    Case("empty", b"", error="file is empty"),
    Case("only_blanks", b"\r\n  \r\n", error="file is empty"),
    Case("one_column", text("Amount", "5", "6"), error="No header was found"),
    Case("binary", bytes(range(256)) * 8, error="No header was found"),
    # What used to be lost, or loaded wrongly, without a word
    Case(
        "open_quote_that_a_later_one_would_close",
        text(
            HEADER + ",Department",
            '17/05/2021,1200.50,"ACME CARE LTD,Adults',
            "18/05/2021,10.00,ROWAN LTD,Adults",
            '28/05/2021,-35.00,BIRCH HOUSE",Adults',
        ),
        rows=(ACME, ("2021-05-18", "10.00", "ROWAN LTD"), ("2021-05-28", "-35.00", 'BIRCH HOUSE"')),
        oddity="2 lines with a quote that is never closed",
        found={"physical_lines": 4, "lines_run_over": 0},
    ),
    Case(
        "open_quote_and_an_inch_mark",
        text(
            HEADER,
            '17/05/2021,1200.50,"ACME CARE LTD',
            "18/05/2021,10.00,ROWAN LTD",
            '19/05/2021,20.00,2" HOSE LTD',
            ROWS[1],
        ),
        rows=(ACME, ("2021-05-18", "10.00", "ROWAN LTD"), ("2021-05-19", "20.00", '2" HOSE LTD'), BIRCH),
        oddity="never closed",
    ),
    Case(
        "quoted_cell_over_three_lines",
        text(
            "Description,Date,Amount,Supplier",
            '"fell the trees, all of them',
            "and the stumps,",
            'High Road, Nowhere, BB1",17/05/2021,1200.50,ACME CARE LTD',
            "x,28/05/2021,-35.00,BIRCH HOUSE",
        ),
        found={"physical_lines": 5, "lines_run_over": 2, "last_line": 5},
    ),
    Case(
        "comma_in_a_name_that_is_not_quoted",
        text(
            "Date,Supplier,Supplier No,Amount,Department",
            "17/05/2021,ACME CARE LTD,77,1200.50,Adults",
            "18/05/2021,ROWAN, OAK AND CO,78,50.00,Adults",
            "28/05/2021,BIRCH HOUSE,79,-35.00,Adults",
        ),
        rejected={"more cells than headings": 1},
        found={"rejected_pence": 0},
    ),
    Case(
        "comma_in_a_name_and_the_last_cell_empty",
        text(
            "Date,Supplier,Supplier No,Amount,Department",
            "17/05/2021,ACME CARE LTD,77,1200.50,Adults",
            "18/05/2021,ROWAN, OAK AND CO,78,50.00,",
            "28/05/2021,BIRCH HOUSE,79,-35.00,Children",
        ),
        rejected={"an amount in a column of words: cells have slipped": 1},
    ),
    Case(
        "thousands_that_are_not_quoted",
        text("Date,Supplier,Amount", "17/05/2021,ACME CARE LTD,1,200.50", "28/05/2021,BIRCH HOUSE,-35.00"),
        rows=(BIRCH,),
        rejected={"more cells than headings": 1},
    ),
    Case(
        "errors_of_a_spreadsheet_beyond_the_header",
        text(HEADER, *(row + ",#N/A" for row in ROWS)),
    ),
    Case(
        "cells_beyond_the_header_by_the_yaml",
        text(HEADER, ROWS[0] + ",paid by card", ROWS[1]),
        body={"beyond_the_header": "ignore"},
    ),
    Case(
        "total_with_a_date",
        text(HEADER, *ROWS, "31/05/2021,1165.50,Grand Total"),
        furniture={"header": 1, "total": 1},
        oddity="equals the sum",
    ),
    Case(
        "total_with_a_date_and_no_word",
        text(HEADER, *ROWS, "31/05/2021,1165.50,"),
        furniture={"header": 1, "total": 1},
    ),
    Case(
        "subtotals_with_dates_and_a_total_of_all",
        text(
            HEADER,
            *ROWS,
            "31/05/2021,1165.50,Subtotal",
            *ROWS,
            "31/05/2021,1165.50,Subtotal",
            "31/05/2021,2331.00,Total",
        ),
        rows=(ACME, BIRCH, ACME, BIRCH),
        furniture={"header": 1, "total": 3},
    ),
    Case(
        "total_with_a_date_above_the_lines",
        text(HEADER, "31/05/2021,1165.50,TOTAL", *ROWS),
        furniture={"header": 1, "total": 1},
    ),
    Case(
        "total_with_a_date_of_one_line",
        text(HEADER, ROWS[0], "31/05/2021,1200.50,Total"),
        rows=(ACME,),
        furniture={"header": 1, "total": 1},
    ),
    Case(
        "a_supplier_called_total",
        text(HEADER, *ROWS, "31/05/2021,1165.50,TOTAL GAS LTD", "31/05/2021,7.00,TOTAL"),
        rows=(*TWO, ("2021-05-31", "1165.50", "TOTAL GAS LTD"), ("2021-05-31", "7.00", "TOTAL")),
    ),
    Case(
        "amounts_in_thousands",
        text('"All amounts in £000s",,', HEADER, *ROWS),
        error="in thousands of pounds",
    ),
    Case(
        "thousands_in_the_heading",
        text("Date,Total (£'000),Supplier", *ROWS),
        body={"columns": {"amount": "Total (£'000)"}},
        error="in thousands of pounds",
    ),
    Case(
        "thousands_in_a_note_below",
        text(HEADER, *ROWS, "Figures are in thousands,,"),
        error="in thousands of pounds",
    ),
    Case(
        "thousands_with_a_factor",
        text(
            '"All amounts in £000s",,',
            HEADER,
            "17/05/2021,1.2005,ACME CARE LTD",
            "28/05/2021,-0.035,BIRCH HOUSE",
        ),
        body={"factor": 1000},
        furniture={"header": 1, "above the header": 1},
    ),
    Case(
        "payments_over_a_thousand",
        text('"Payments over £25,000",,', HEADER, *ROWS),
        furniture={"header": 1, "above the header": 1},
    ),
    Case(
        "headings_run_together",
        text("paymentdate,netamount,suppliername", *ROWS),
        found={"amount_kind": "net"},
    ),
    Case(
        "amounts_of_other_currencies",
        text(HEADER, *ROWS, "28/05/2021,€99.00,A LTD", "28/05/2021,USD 5.00,B LTD", "28/05/2021,$7,C LTD"),
        rejected={"amount in another currency": 3},
        found={"rejected_pence": 0},
    ),
    Case(
        "column_of_currencies",
        text(HEADER + ",Currency", *(row + ",GBP" for row in ROWS), "28/05/2021,5.00,A LTD,EUR"),
        rejected={"amount in another currency": 1},
    ),
    Case(
        "heading_of_another_currency",
        text("Date,Amount (€),Supplier", *ROWS),
        error="another currency than pounds",
    ),
    Case(
        "dates_that_a_spreadsheet_lost",
        text(HEADER, "#######,1.00,A LTD", "#VALUE!,2.00,B LTD", "00:00.0,3.00,C LTD"),
        rows=(),
        rejected={"date unreadable or out of range": 3},
        found={"rejected_pence": 600},
        oddity="no payment was loaded",
    ),
    Case(
        "date_once_a_group",
        text(HEADER, ROWS[0], ",5.00,A LTD", ",6.00,B LTD", ROWS[1], ",7.00,C LTD"),
        rejected={"no date": 3},
        found={"rejected_pence": 1800},
    ),
    Case("date_when_an_invoice_was_paid", text("Invoice Paid Date,Net Amount,Supplier Name", *ROWS)),
    Case(
        "two_dates",
        text(
            "Invoice Date,Payment Date,Date Paid,Amount,Supplier", "16/05/2021,17/05/2021,18/05/2021,1,A LTD"
        ),
        error="Two columns could be the payment date",
    ),
    Case(
        "sums_carried_from_page_to_page",
        text(
            HEADER,
            ROWS[0],
            "31/05/2021,1200.50,Carried forward",
            "31/05/2021,1200.50,Brought forward",
            ROWS[1],
            "31/05/2021,1165.50,Balance c/f",
        ),
        furniture={"header": 1, "total": 3},
        found={"totals_pence": 356_650},
    ),
    Case(
        "sum_that_a_firm_of_that_name_is_paid",
        text(HEADER, ROWS[0], "28/05/2021,-35.00,Carried Forward Removals Ltd"),
        rows=(TWO[0], ("2021-05-28", "-35.00", "Carried Forward Removals Ltd")),
    ),
    Case(
        "column_that_says_which_amounts_came_back",
        text("Date,Amount,Supplier,DR/CR", f"{ROWS[0]},DR", "28/05/2021,35.00,BIRCH HOUSE,CR"),
        found={"unread": []},
    ),
    Case(
        "currency_behind_the_amount",
        text(HEADER, "17/05/2021,1200.50 GBP,ACME CARE LTD", "28/05/2021,-35.00GBP,BIRCH HOUSE"),
    ),
    Case(
        "supplier_once_a_group",
        text(HEADER, *ROWS, "29/05/2021,5.00,"),
        rows=(*TWO, ("2021-05-29", "5.00", None)),
        found={"unnamed": 1, "unnamed_pence": 500},
    ),
    Case(
        "error_of_a_spreadsheet_in_place_of_a_supplier",
        text(HEADER, *ROWS, "29/05/2021,5.00,#REF!", "30/05/2021,6.00,#VALUE!"),
        rows=(*TWO, ("2021-05-29", "5.00", None), ("2021-05-30", "6.00", None)),
        found={"unnamed": 2, "unnamed_pence": 1100},
    ),
    Case(
        "debits_and_credits_in_two_columns",
        text("Date,Debit,Credit,Supplier", "17/05/2021,1200.50,,ACME CARE LTD", "28/05/2021,,35.00,B LTD"),
        error="Debits and credits stand in two columns",
    ),
    Case(
        "debits_alone_chosen_of_two_columns",
        text(
            "Date,Debit Amount,Credit Amount,Supplier,Department", "17/05/2021,1200.50,,ACME CARE LTD,Adults"
        ),
        body={"columns": {"amount": "Debit Amount"}},
        error="Debits and credits stand in two columns",
    ),
    Case(
        "two_areas_of_which_one_is_left_over",
        text(
            "Service Area,Division,Cost Centre Name,Date,Amount,Supplier",
            "Adults,Home,Day care spot,17/05/2021,1200.50,ACME CARE LTD",
            "Adults,Home,Direct payments,28/05/2021,-35.00,BIRCH HOUSE",
        ),
        oddity="expense_area: the first of 'Service Area', 'Division' was taken",
        found={"oddities": ["expense_area: the first of 'Service Area', 'Division' was taken"]},
    ),
    Case(
        "finest_of_three_labels",
        text(
            "Service Area,Cost Centre,Cost Centre Description,Date,Amount,Supplier",
            "Adults,1MK10,Day care spot,17/05/2021,1200.50,ACME CARE LTD",
            "Adults,1MK20,Direct payments,28/05/2021,-35.00,BIRCH HOUSE",
        ),
        found={
            "oddities": [],
            "header_map": {
                "expense_area": "Service Area",
                "expense_code": "Cost Centre",
                "expense_label": "Cost Centre Description",
                "payment_date": "Date",
                "amount": "Amount",
                "supplier": "Supplier",
            },
        },
    ),
    # Dates that a file or its name tells
    Case(
        "year_to_come",
        text(HEADER, *ROWS, "28/05/2042,5.00,A LTD"),
        rejected={"date unreadable or out of range": 1},
    ),
    Case(
        "both_orders_but_each_date_reads_one_way",
        text(HEADER, "17/05/2021,1200.50,ACME CARE LTD", "5/28/2021,-35.00,BIRCH HOUSE"),
        found={
            "guesses": ["some dates can only be day first and others only month first: each as it can be"]
        },
    ),
    Case(
        "month_first_whatever_the_yaml_says",
        text(HEADER, "05/17/2021,1200.50,ACME CARE LTD", "05/28/2021,-35.00,BIRCH HOUSE"),
        body={"date_order": "day first"},
    ),
    Case(
        "one_slip_does_not_turn_a_file",
        text(HEADER, "01/05/2021,1,A LTD", "02/05/2021,2,A LTD", "03/05/2021,3,A LTD", "05/28/2021,4,A LTD"),
        body={"date_order": "day first"},
        rows=tuple((f"2021-05-{d:02}", f"{p}.00", "A LTD") for d, p in ((1, 1), (2, 2), (3, 3), (28, 4))),
    ),
    Case(
        "order_told_by_the_files_name",
        text(HEADER, "02/05/2021,1,A LTD", "03/05/2021,2,B LTD"),
        rows=(("2021-05-02", "1.00", "A LTD"), ("2021-05-03", "2.00", "B LTD")),
        file="spend-may-2021.csv",
    ),
    Case(
        "weekday_in_front",
        text(HEADER, '"Monday, May 17, 2021",1200.50,ACME CARE LTD', "Fri 28/05/2021,-35.00,BIRCH HOUSE"),
    ),
    Case("months_alone", text(HEADER, "May-21,1,A LTD", "May 2021,2,B LTD"), error="name a month and no day"),
    Case(
        "months_alone_by_the_yaml",
        text(HEADER, "May-21,1,A LTD", "2021-05,2,B LTD", "06/2021,3,C LTD"),
        body={"months": "first day"},
        rows=(
            ("2021-05-01", "1.00", "A LTD"),
            ("2021-05-01", "2.00", "B LTD"),
            ("2021-06-01", "3.00", "C LTD"),
        ),
    ),
    Case(
        "days_and_months_swapped",
        text(HEADER, "2021-03-05 00:00:00,1,A LTD", "2021-11-05 00:00:00,2,B LTD", "17/05/2021,3,C LTD"),
        error="seem to be swapped",
    ),
    Case(
        "days_and_months_swapped_in_a_saved_csv",
        text(HEADER, "05/02/2021,1,A LTD", "05/07/2021,1,A LTD", "05/09/2021,2,B LTD", "17/05/2021,3,C LTD"),
        error="seem to be swapped",
    ),
    Case(
        "days_and_months_swapped_back",
        text(HEADER, "2021-03-05 00:00:00,1,A LTD", "2021-11-05 00:00:00,2,B LTD", "17/05/2021,3,C LTD"),
        body={"swapped_dates": "mend"},
        rows=(
            ("2021-05-03", "1.00", "A LTD"),
            ("2021-05-11", "2.00", "B LTD"),
            ("2021-05-17", "3.00", "C LTD"),
        ),
    ),
    Case(
        "a_late_date_is_not_swapped",
        text(HEADER, ROWS[0], ROWS[1], "05/06/2021,1,A LTD"),
        rows=(*TWO, ("2021-06-05", "1.00", "A LTD")),
    ),
    # Sheets
    Case(
        "xlsx_whose_second_sheet_goes_on",
        workbook({"One": GRID[:2], "Two": [["28/05/2021", -35, "BIRCH HOUSE"]]}),
        oddity="no header: read with the columns of",
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_whose_second_sheet_is_another_table",
        workbook(
            {"One": GRID, "Two": [["BIRCH HOUSE", "of", "28/05/2021", 35], ["A LTD", "of", "28/05/2021", 36]]}
        ),
        rejected={"on a sheet left out: it has no header": 2},
        oddity="sheet left out",
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_of_one_sheet_twice",
        workbook({"May": GRID, "For the website": GRID}),
        rows=TWO * 2,
        furniture={"header": 2},
        oddity="2 payments are those of made-up.xlsx!For the website",
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_with_a_hidden_sheet",
        workbook({"May": GRID, "Old": GRID}, hidden={"Old"}),
        furniture={"header": 1, "on a sheet left out: it is hidden": 3},
        oddity="sheet left out, it is hidden: made-up.xlsx!Old",
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_with_hidden_sheets_alone",
        workbook({"Old": GRID}, hidden={"Old"}),
        error="No sheet of the workbook is to be read",
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_with_a_hidden_sheet_by_the_yaml",
        workbook({"Old": GRID}, hidden={"Old"}),
        body={"hidden_sheets": "read"},
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_whose_sheets_the_yaml_names",
        workbook({"May": GRID, "May in all": GRID}),
        body={"sheets": ("May",)},
        furniture={"header": 1, "on a sheet left out: `sheets` in the YAML does not name it": 3},
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_with_a_blank_cell_in_the_far_corner",
        workbook({"Sheet1": GRID}, more='<row r="1048576"><c r="XFD1048576" s="1"/></row>'),
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_with_something_in_the_far_corner",
        workbook({"Sheet1": GRID}, more='<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        error="stands too far away",
        file="made-up.xlsx",
    ),
    Case(
        "xlsx_that_counts_from_1904",
        workbook(
            {"Sheet1": [GRID[0], [42871, 1200.5, "ACME CARE LTD"], [42882, -35, "BIRCH HOUSE"]]},
            date1904=True,
        ),
        file="made-up.xlsx",
    ),
]
