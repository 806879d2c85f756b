"""One file of payments, however it was saved, as canonical payments, with every line and penny accounted for.

`read` is the only entry. Its payments have these columns (`PAYMENTS`):

| column | type | meaning |
|---|---|---|
| `body` | String | the body's name in `ingest/ledgers/<body>.yml`; null for a file of an unknown body |
| `payment_date` | Date | as published |
| `financial_year` | String | `2014-15`: April to March |
| `amount_gbp` | Decimal(18, 2) | pounds, exact; negative for money that came back |
| `amount_kind` | String | `net` or `gross` of VAT where heading or YAML says so, else `unstated` |
| `supplier`, `department`, `expense_area` | String | as published, trimmed |
| `expense_code`, `expense_label`, `creditor_type` | String | as published, trimmed |
| `payment_kind` | String | the ledger's own kind of payment, where it has one (Calderdale's `Definition`) |
| `client_group` | String | where the ledger books payments to a group of clients under its name |
| `transaction_id` | String | the ledger's own number, of a line or of a document as the YAML says |
| `era` | String | the chart of accounts that the code belongs to, by payment date |
| `source_file`, `source_line` | String, UInt32 | where the payment was read; a workbook's sheet follows `!` |

Invoice numbers, supplier ids, tax numbers, descriptions and other free text are never read into it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl

from commissioning.errors import CommissioningError, LedgerError
from ingest.ledgers import headers, text, values
from ingest.ledgers.bodies import Body

MONEY = pl.Decimal(18, 2)
TEXTS = (
    "supplier",
    "department",
    "expense_area",
    "expense_code",
    "expense_label",
    "creditor_type",
    "payment_kind",
    "transaction_id",
)
READ = ("payment_date", "amount", *TEXTS)
"""Fields that are read; others are known by their heading, so that nothing is a riddle, and left alone."""
PAYMENTS = {
    "body": pl.String,
    "payment_date": pl.Date,
    "financial_year": pl.String,
    "amount_gbp": MONEY,
    "amount_kind": pl.String,
    "supplier": pl.String,
    "department": pl.String,
    "expense_area": pl.String,
    "expense_code": pl.String,
    "expense_label": pl.String,
    "creditor_type": pl.String,
    "payment_kind": pl.String,
    "client_group": pl.String,
    "transaction_id": pl.String,
    "era": pl.String,
    "source_file": pl.String,
    "source_line": pl.UInt32,
}
REJECTS = {"source_file": pl.String, "source_line": pl.UInt32, "reason": pl.String, "amount_gbp": MONEY}


@dataclass
class Accounting:
    """What became of every line of a file (or row of a sheet) and of its money, in pence.

    `furniture` is what is no payment: the header, lines above it, blank lines, padding, repeated headers and
    totals. Its totals' money is `totals_pence`, apart from what was loaded and rejected.
    """

    source_file: str
    sha256: str = ""
    lines_read: int = 0
    lines_loaded: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    furniture: dict[str, int] = field(default_factory=dict)
    read_pence: int = 0
    loaded_pence: int = 0
    rejected_pence: int = 0
    totals_pence: int = 0
    encoding: str = ""
    delimiter: str = ""
    line_ends: str = ""
    date_style: str = ""
    number_style: str = ""
    amount_kind: str = ""
    header_line: int | None = None
    header_map: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    oddities: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Raise where lines or money were lost: that would be a fault of the reader."""
        lines = self.lines_loaded + sum(self.rejected.values()) + sum(self.furniture.values())
        pence = self.loaded_pence + self.rejected_pence + self.totals_pence
        if (lines, pence) != (self.lines_read, self.read_pence):
            raise CommissioningError(
                "The reader lost lines or money.",
                file=self.source_file,
                expected=f"{self.lines_read} lines and {self.read_pence} pence accounted for",
                found=f"{lines} lines and {pence} pence: {asdict(self)}",
                todo="this is a fault in the reader: please report it with the file's sha256",
            )


@dataclass
class Reading:
    """Payments and rejects of one file, and the accounting of each of its sheets (one for a text file)."""

    payments: pl.DataFrame
    rejects: pl.DataFrame
    accounting: list[Accounting]


def read(data: bytes, name: str, body: Body | None = None) -> Reading:
    """Read one CSV, TSV, XLSX, XLS or ODS file of payments; `name` is what `source_file` will say.

    Raises `LedgerError` with the candidates seen where the file does not tell what a column, a date or a
    number means, and where it is no table at all.
    """
    sheets = text.open_sheets(data, name)
    if not sheets:
        raise LedgerError("The workbook holds no cell.", file=name, todo="ask the publisher for the file")
    readings: list[Reading] = []
    complaints: list[LedgerError] = []
    for sheet in sheets:
        try:
            readings.append(_read_sheet(sheet, body))
        except LedgerError as complaint:
            # A workbook may have sheets of notes beside its payments; if none has payments, say why.
            complaints.append(complaint)
    if not readings or (
        complaints and len(sheets) > 1 and not all("No header" in str(c) for c in complaints)
    ):
        raise complaints[0]
    for complaint in complaints:
        readings[0].accounting[0].oddities.append(f"sheet left out, it has no header: {complaint.file}")
    return Reading(
        pl.concat([r.payments for r in readings]),
        pl.concat([r.rejects for r in readings]),
        [account for r in readings for account in r.accounting],
    )


def _read_sheet(sheet: text.Sheet, body: Body | None) -> Reading:
    header = headers.find_header(sheet.head, body=body, file=sheet.name)
    account = Accounting(
        sheet.name,
        encoding=sheet.encoding,
        delimiter={"\t": "tab", None: ""}.get(sheet.delimiter, sheet.delimiter),
        line_ends=sheet.line_ends,
        amount_kind=header.kind,
        header_map={name: heading for name, heading in header.headings.items() if name in READ},
        unread=[heading for name, heading in header.headings.items() if name not in READ] + header.unused,
    )
    table = sheet.records(place for name, place in header.columns.items() if name in READ)
    account.lines_read = table.height
    skip = header.rows[-1] + 1 if header.rows else 0
    if header.rows:
        account.header_line = int(table["line"][header.rows[0]])
        account.furniture["header"] = len(header.rows)
        if header.rows[0]:
            account.furniture["above the header"] = header.rows[0]
    place = {name: f"c{column}" for name, column in header.columns.items()}
    table = table.slice(skip).select(
        pl.col("line").alias("source_line"),
        pl.col(place["payment_date"]).alias("date_text"),
        pl.col(place["amount"]).alias("amount_text"),
        values.plain_number(pl.col(place["amount"])).alias("pounds"),
        *(
            pl.col(place[name]).str.strip_chars().alias(name)
            if name in place
            else pl.lit(None, pl.String).alias(name)
            for name in TEXTS
        ),
    )
    table = _amounts(table, header, account, body)
    table = _dates(table, header, account, body)
    table, furniture = _set_furniture_aside(table, sheet, header, account, body)
    account.totals_pence = int(furniture["pence"].sum())
    payments, rejects = _reject(table, account)
    _look_twice(payments, furniture, account)
    account.oddities = [*sheet.oddities, *header.oddities, *account.oddities]
    account.check()
    return Reading(_canonical(payments, sheet.name, header.kind, body), rejects, [account])


def pence_as_pounds(column: str) -> pl.Expr:
    """Whole pence as exact decimal pounds."""
    return (pl.col(column) / 100).cast(MONEY)


def _amounts(
    table: pl.DataFrame, header: headers.Header, account: Accounting, body: Body | None
) -> pl.DataFrame:
    """Add `pounds` as a double and `pence` as a whole number, null where the text is no amount."""
    amount = pl.col("amount_text")
    rest = pl.col("pounds").is_null() & amount.is_not_null()
    comma = body is not None and body.numbers == "decimal comma"
    account.number_style = "decimal point"
    plain = table["pounds"].count()
    if comma or plain < table["amount_text"].count():
        comma = values.decimal_comma(
            table["amount_text"],
            order=body.numbers if body else None,
            file=account.source_file,
            column=header.headings["amount"],
        )
        written = values.written_number(amount, comma=comma)
        table = table.with_columns(
            (written if comma else pl.when(rest).then(written).otherwise("pounds")).alias("pounds")
        )
        if comma:
            account.number_style = "decimal comma"
        elif table["pounds"].count() > plain:
            account.number_style += ", thousands or signs written out"
    pence = pl.col("pounds") * 100
    table = table.with_columns(
        pence.round().cast(pl.Int64).alias("pence"), ((pence - pence.round()).abs() > 1e-2).alias("rounded")
    )
    fractions = table["rounded"].sum()
    if fractions:
        account.oddities.append(f"{fractions:,} amounts with parts of a penny, rounded to the nearest")
    account.read_pence = int(table["pence"].sum())
    return table


TOTAL = r"(?i)^\W*(?:grand|sub|overall|page|monthly|report)?[\s-]*totals?\b"


def _set_furniture_aside(
    table: pl.DataFrame, sheet: text.Sheet, header: headers.Header, account: Accounting, body: Body | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Payments-to-be, and the rows that are none: blank, padding, repeated header, total."""
    if not (table["payment_date"].null_count() or table["pence"].null_count()):
        return table, table.clear()
    suspect = table.filter(pl.col("payment_date").is_null() | pl.col("pence").is_null())
    no_amount = pl.col("amount_text").fill_null("").str.strip_chars() == ""
    no_date = ~pl.col("date_text").fill_null("").str.contains(r"\d")
    said = [pl.col(name).is_not_null() & (pl.col(name) != "") for name in TEXTS]
    total = pl.any_horizontal(pl.col(name).str.contains(TOTAL) for name in (*TEXTS, "date_text")).fill_null(
        False
    )
    heading = pl.col("amount_text").str.strip_chars() == header.headings["amount"]
    suspect = suspect.with_columns(
        pl.when(heading)
        .then(pl.lit("repeated header"))
        .when(pl.col("pence").is_not_null() & (~pl.any_horizontal(said) | total) & no_date)
        .then(pl.lit("total"))
        .when(no_amount & no_date & (pl.col("supplier").fill_null("") == ""))
        .then(pl.lit("padding"))
        .alias("kind")
    ).filter(pl.col("kind").is_not_null())
    for line in suspect.filter(pl.col("kind") == "repeated header")["source_line"]:
        _same_header(sheet, line, header, account, body)
    padding = suspect.filter(pl.col("kind") == "padding")["source_line"].to_list()
    empty = [line for line in padding if sheet.is_blank(line)]
    suspect = suspect.with_columns(
        pl.when(pl.col("source_line").is_in(empty)).then(pl.lit("blank")).otherwise("kind").alias("kind")
    )
    for kind, count in suspect.group_by("kind").len().sort("kind").iter_rows():
        account.furniture[kind] = account.furniture.get(kind, 0) + count
    return table.join(
        suspect.select("source_line"), on="source_line", how="anti", maintain_order="left"
    ), suspect


def _same_header(
    sheet: text.Sheet, line: int, header: headers.Header, account: Accounting, body: Body | None
) -> None:
    """A header further down must name the same columns, or what stands under it would be misread."""
    whole = sheet.records().filter(pl.col("line") == line).drop("line").row(0)
    cells = [cell or "" for cell in whole]
    again = headers.find_header([cells], body=body, file=account.source_file)
    if again.columns != header.columns:
        raise LedgerError(
            "A second header names other columns than the first.",
            file=account.source_file,
            where=f"line {line}",
            expected=str(header.headings),
            found=str(again.headings),
            todo="cut the file in two at that line",
        )


def _dates(
    table: pl.DataFrame, header: headers.Header, account: Accounting, body: Body | None
) -> pl.DataFrame:
    """Add `payment_date`, null where the text is no date, with its financial year and era."""
    distinct = table["date_text"].drop_nulls().unique().to_list()
    dates = values.read_dates(
        sorted(distinct),
        order=body.date_order if body else None,
        file=account.source_file,
        column=header.headings["payment_date"],
    )
    account.date_style = dates.style
    days = pl.DataFrame(
        {
            "date_text": list(dates.days),
            "payment_date": list(dates.days.values()),
            "financial_year": [None if day is None else financial_year(day) for day in dates.days.values()],
            "era": [None if day is None else era(day, body) for day in dates.days.values()],
        },
        schema={
            "date_text": pl.String,
            "payment_date": pl.Date,
            "financial_year": pl.String,
            "era": pl.String,
        },
    )
    return table.join(days, on="date_text", how="left", maintain_order="left")


def financial_year(day: dt.date) -> str:
    """`2014-15` for a day from April 2014 to March 2015."""
    start = day.year - (day.month < 4)
    return f"{start}-{(start + 1) % 100:02d}"


def era(day: dt.date, body: Body | None) -> str | None:
    """The chart of accounts in force on a day, as the body's YAML tells it."""
    found = None
    for entry in body.eras if body else ():
        if entry.get("from") is None or day >= entry["from"]:
            found = entry["era"]
    return found


def _reject(table: pl.DataFrame, account: Accounting) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Payments that have a date and an amount, and the rest with the reason."""
    long = pl.any_horizontal(pl.col(name).str.len_bytes() > text.MAX_CELL for name in TEXTS).fill_null(False)
    bad = pl.col("pence").is_null() | pl.col("payment_date").is_null() | long
    payments, rejects = table, pl.DataFrame(schema=REJECTS)
    if table.select(bad.any()).item():
        payments, rejected = table.filter(~bad), table.filter(bad)
        account.rejected_pence = int(rejected["pence"].sum())
        rejects = rejected.select(
            pl.lit(account.source_file).alias("source_file"),
            "source_line",
            _reason(long).alias("reason"),
            pence_as_pounds("pence").alias("amount_gbp"),
        )
        account.rejected = dict(rejects.group_by("reason").len().sort("reason").iter_rows())
    account.lines_loaded = payments.height
    account.loaded_pence = int(payments["pence"].sum())
    account.first_date, account.last_date = payments["payment_date"].min(), payments["payment_date"].max()
    return payments, rejects


def _reason(long: pl.Expr) -> pl.Expr:
    return (
        pl.when(long)
        .then(pl.lit("a cell too long for any spreadsheet"))
        .when(pl.col("pence").is_null() & values.is_redacted(pl.col("amount_text")))
        .then(pl.lit("amount redacted"))
        .when(pl.col("amount_text").fill_null("").str.strip_chars() == "")
        .then(pl.lit("no amount"))
        .when(pl.col("pence").is_null())
        .then(pl.lit("amount unreadable"))
        .when(pl.col("date_text").fill_null("").str.strip_chars() == "")
        .then(pl.lit("no date"))
        .otherwise(pl.lit("date unreadable or out of range"))
    )


def _look_twice(payments: pl.DataFrame, furniture: pl.DataFrame, account: Accounting) -> None:
    """Note what an analyst should look at: a total that is not the sum, dates far apart, nothing loaded."""
    totals = furniture.filter(pl.col("kind") == "total")["pence"].to_list() if furniture.height else []
    whole = account.loaded_pence + account.rejected_pence
    if totals and whole not in totals:
        account.oddities.append("no total under the table equals the sum of its lines")
    elif totals:
        account.oddities.append("the total under the table equals the sum of its lines")
    if payments.is_empty():
        account.oddities.append("no payment was loaded")
    elif (account.last_date - account.first_date).days > 400:
        account.oddities.append(f"payments from {account.first_date} to {account.last_date}")
    if payments.height and payments["supplier"].null_count() == payments.height:
        account.oddities.append("no supplier is named in any line")


def _canonical(payments: pl.DataFrame, name: str, kind: str, body: Body | None) -> pl.DataFrame:
    constant = {"body": body.body if body else None, "source_file": name, "amount_kind": kind}
    constant |= body.set_for(name) if body else {}
    group = body.client_group if body else None
    client_group = pl.lit(None, pl.String)
    if group:
        where = pl.all_horizontal(pl.col(column) == value for column, value in group["where"].items())
        client_group = pl.when(where).then(pl.col(group["field"]).str.extract(group["pattern"], 1))
    return (
        payments.lazy()
        .with_columns(
            pence_as_pounds("pence").alias("amount_gbp"),
            client_group.alias("client_group"),
            *(pl.lit(value, pl.String).alias(column) for column, value in constant.items()),
        )
        .select(list(PAYMENTS))
        .collect()
    )


def read_path(path: Path, body: Body | None = None) -> Reading:
    """`read` for a file on disk, gzipped or not."""
    return read(path.read_bytes(), path.name.removesuffix(".gz"), body)
