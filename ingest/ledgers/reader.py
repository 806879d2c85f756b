"""One file of payments, however it was saved, as canonical payments, with every line and penny accounted for.

`read` is the only entry. Its payments have these columns (`PAYMENTS`):

| column | type | meaning |
|---|---|---|
| `body` | Categorical | the body's name in `ingest/ledgers/<body>.yml`; null for a file of an unknown body |
| `payment_date` | Date | as published |
| `financial_year` | Categorical | `2014-15`: April to March |
| `amount_gbp` | Decimal(18, 2) | pounds, exact; negative for money that came back |
| `amount_kind` | Categorical | `net` or `gross` of VAT where heading or YAML says so, else `unstated` |
| `supplier`, `department`, `expense_area` | Categorical | as published, trimmed |
| `expense_code`, `expense_label`, `creditor_type` | Categorical | as published, trimmed |
| `payment_kind` | Categorical | the ledger's own kind of payment (Calderdale's `Definition`) |
| `client_group` | Categorical | where the ledger books payments to a group of clients under its name |
| `transaction_id` | String | the ledger's own number, of a line or of a document as the YAML says |
| `era` | Categorical | the chart of accounts that the code belongs to, by payment date |
| `source_file`, `source_line` | Categorical, UInt32 | where it was read; a workbook's sheet follows `!` |

Invoice numbers, supplier ids, tax numbers, descriptions and other free text are never read into it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from commissioning.base.errors import CommissioningError, LedgerError
from commissioning.ingest.ledgers import headers, text, values
from commissioning.ingest.ledgers.bodies import Body

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
EACH_ITS_OWN = {"amount", "transaction_id"}
"""Fields whose texts hardly repeat, and are kept as String; the others are Categorical."""
FIELDS = {name: pl.String if name in EACH_ITS_OWN else pl.Categorical() for name in READ}
BATCH_BYTES = 24_000_000
"""Text read as one; it bounds memory, and a batch is large enough that its steps cost little."""
PAYMENTS = {
    "body": pl.Categorical(),
    "payment_date": pl.Date(),
    "financial_year": pl.Categorical(),
    "amount_gbp": MONEY,
    "amount_kind": pl.Categorical(),
    **{name: FIELDS[name] for name in TEXTS[:-1]},
    "client_group": pl.Categorical(),
    "transaction_id": FIELDS["transaction_id"],
    "era": pl.Categorical(),
    "source_file": pl.Categorical(),
    "source_line": pl.UInt32(),
}
REJECTS = {"source_file": pl.String, "source_line": pl.UInt32, "reason": pl.String, "amount_gbp": MONEY}


@dataclass
class LedgerAccount:
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
class Table:
    """A sheet whose header is found, and the account that is kept of it."""

    sheet: text.TextTable
    header: headers.Header
    account: LedgerAccount
    fixed: dict[str, str]
    """Fields that the body's YAML sets for whole files."""

    @property
    def layout(self) -> tuple:
        """Tables of one layout mean the same by every column, and are read as one."""
        columns, fixed = (tuple(sorted(d.items())) for d in (self.header.columns, self.fixed))
        return self.sheet.layout, self.header.rows, self.header.kind, columns, fixed


@dataclass
class LedgerReading:
    """Payments and rejects, and the accounting of each table: one for a text, one a sheet of a workbook.

    `texts` are those of each field that was read, every one at least once, for whoever classes them.
    """

    payments: pl.DataFrame
    rejects: pl.DataFrame
    accounting: list[LedgerAccount]
    texts: dict[str, pl.Series]


def read(data: bytes, name: str, body: Body | None = None) -> LedgerReading:
    """Read one CSV, TSV, XLSX, XLS or ODS file of payments; `name` is what `source_file` will say.

    Raises `LedgerError` with the candidates seen where the file does not tell what a column, a date or a
    number means, and where it is no table at all.
    """
    readings = [load([table], body) for table in open_tables(data, name, body)]
    return LedgerReading(
        pl.concat([r.payments for r in readings]),
        pl.concat([r.rejects for r in readings]),
        [account for r in readings for account in r.accounting],
        {
            name: pl.concat([r.texts[name] for r in readings if name in r.texts])
            for name in dict.fromkeys(name for r in readings for name in r.texts)
        },
    )


def read_path(path: Path, body: Body | None = None) -> LedgerReading:
    """`read` for a file on disk, gzipped or not."""
    return read(path.read_bytes(), path.name.removesuffix(".gz"), body)


def open_tables(data: bytes, name: str, body: Body | None = None) -> list[Table]:
    """The tables of payments in a file, their headers found. Raises what `read` raises."""
    sheets = text.open_sheets(data, name)
    if not sheets:
        raise LedgerError("The workbook holds no cell.", file=name, todo="ask the publisher for the file")
    tables: list[Table] = []
    left_out: list[headers.NoHeaderError] = []
    for sheet in sheets:
        try:
            tables.append(_open_table(sheet, body))
        except headers.NoHeaderError as complaint:
            # A workbook may have sheets of notes beside its payments; if none has payments, say why.
            left_out.append(complaint)
    if not tables:
        raise left_out[0]
    for complaint in left_out:
        tables[0].account.oddities.append(f"sheet left out, it has no header: {complaint.file}")
    return tables


def _open_table(sheet: text.TextTable, body: Body | None) -> Table:
    header = headers.find_header(sheet.head, body=body, file=sheet.name)
    account = LedgerAccount(
        sheet.name,
        encoding=sheet.encoding,
        delimiter={"\t": "tab", None: ""}.get(sheet.delimiter, sheet.delimiter),
        line_ends=sheet.line_ends,
        amount_kind=header.kind,
        header_map={name: heading for name, heading in header.headings.items() if name in READ},
        unread=[heading for name, heading in header.headings.items() if name not in READ] + header.unused,
    )
    return Table(sheet, header, account, body.set_for(sheet.name) if body else {})


def batches(tables: Iterable[Table]) -> Iterator[list[Table]]:
    """Tables put together by layout, `BATCH_BYTES` of text or a little more; no more than three times so much
    waits for others of its layout."""
    waiting: dict[tuple, list[Table]] = {}
    for table in tables:
        batch = waiting.setdefault(table.layout, [])
        batch.append(table)
        if _size(batch) > BATCH_BYTES:
            yield waiting.pop(table.layout)
        elif sum(map(_size, waiting.values())) > 3 * BATCH_BYTES:
            yield waiting.pop(max(waiting, key=lambda layout: _size(waiting[layout])))
    yield from waiting.values()


def _size(tables: list[Table]) -> int:
    return sum(len(table.sheet.text or b"") for table in tables)


def load(tables: list[Table], body: Body | None = None) -> LedgerReading:
    """Read tables of one layout as one, and settle the account of each. Raises what `read` raises."""
    columns = tables[0].header.columns
    skip = tables[0].header.rows[-1] + 1 if tables[0].header.rows else 0
    kinds = {place: FIELDS[name] for name, place in columns.items() if name in READ}
    rows = text.read_rows([table.sheet for table in tables], skip, kinds)
    for table in tables:
        table.account.lines_read = table.sheet.height()
        if table.header.rows:
            table.account.header_line = table.sheet.line_of(table.header.rows[0])
            table.account.furniture["header"] = len(table.header.rows)
            if table.header.rows[0]:
                table.account.furniture["above the header"] = table.header.rows[0]
    cells = {name: rows[f"c{columns[name]}"] for name in READ if name in columns}
    texts = {name: values.trimmed(cells[name]) for name in TEXTS if name in cells}
    rows = pl.DataFrame(
        [
            rows["sheet"],
            rows["line"].alias("source_line"),
            cells["payment_date"].alias("date_text"),
            cells["amount"].alias("amount_text"),
            *(column.alias(name) for name, (column, _) in texts.items()),
        ]
    ).with_columns(pl.lit(None, FIELDS[name]).alias(name) for name in TEXTS if name not in cells)
    rows = _amounts(rows, tables, body)
    rows = _dates(rows, tables, body)
    payments, rest = _apart(rows, [name for name, (_, found) in texts.items() if _are_long(found)])
    rejects = _settle(tables, payments, rest, body)
    return LedgerReading(
        _canonical(payments, tables, body),
        rejects,
        [table.account for table in tables],
        {name: found for name, (_, found) in texts.items()}
        | {name: pl.Series([value]) for name, value in tables[0].fixed.items()},
    )


def pence_as_pounds(column: str) -> pl.Expr:
    """Whole pence as exact decimal pounds."""
    return (pl.col(column) / 100).cast(MONEY)


def _by_sheet(rows: pl.DataFrame, tables: list[Table]) -> Iterator[pl.DataFrame]:
    """The rows of each table, which lie together."""
    ends = np.searchsorted(rows["sheet"], np.arange(len(tables)), side="right")
    for start, end in pairwise([0, *ends.tolist()]):
        yield rows.slice(start, end - start)


# Columns


def _amounts(rows: pl.DataFrame, tables: list[Table], body: Body | None) -> pl.DataFrame:
    """Add `pence` as a whole number, null where the text is no amount, and whether it is `rounded`."""
    amount = pl.col("amount_text")
    order = body.numbers if body else None
    pounds = values.plain_numbers(rows["amount_text"])
    texts = rows.select("sheet", amount, pounds).with_row_index("row")
    for table in tables:
        table.account.number_style = "decimal point"
    odd = texts.filter(amount.is_not_null() & (pl.col("pounds").is_null() | (order == "decimal comma")))
    for (sheet,), part in odd.group_by("sheet"):
        account, whole = tables[sheet].account, texts.filter(pl.col("sheet") == sheet)
        comma = values.decimal_comma(
            whole["amount_text"],
            order=order,
            file=account.source_file,
            column=tables[sheet].header.headings["amount"],
        )
        written = (whole if comma else part).select(
            "row", values.written_number(amount, comma=comma).alias("pounds")
        )
        pounds = pounds.scatter(written["row"], written["pounds"])
        if comma:
            account.number_style = "decimal comma"
        elif written["pounds"].count():
            account.number_style += ", thousands or signs written out"
    pence = pl.col("pounds") * 100
    return rows.with_columns(pounds).with_columns(
        pence.round().cast(pl.Int64).alias("pence"), ((pence - pence.round()).abs() > 1e-2).alias("rounded")
    )


def _dates(rows: pl.DataFrame, tables: list[Table], body: Body | None) -> pl.DataFrame:
    """Add `payment_date`, null where the text is no date, with its financial year and era."""
    texts, places = values.distinct(rows["date_text"])
    sheets = rows["sheet"].to_numpy()
    used = np.zeros((len(tables), len(texts)), dtype=bool)
    used[sheets, places] = True
    # The same text is another day in the tables whose order of day and month is the other.
    known: dict[bool, dict[str | None, dt.date | None]] = {False: {None: None}, True: {None: None}}
    month_first = np.zeros(len(tables), dtype=bool)
    for place, table in enumerate(tables):
        dates = values.read_dates(
            sorted(texts.gather(np.flatnonzero(used[place])).drop_nulls()),
            order=body.date_order if body else None,
            file=table.account.source_file,
            column=table.header.headings["payment_date"],
        )
        table.account.date_style = dates.style
        month_first[place] = dates.order == "month first"
        known[bool(month_first[place])] |= dates.days
    days = [known[order].get(text) for order in (False, True) for text in texts]
    of_row = places + len(texts) * month_first[sheets]
    columns = {
        "payment_date": pl.Series(days, dtype=pl.Date),
        "financial_year": pl.Series([day and financial_year(day) for day in days], dtype=pl.Categorical),
        "era": pl.Series([day and era(day, body) for day in days], dtype=pl.Categorical),
    }
    return rows.with_columns(column.gather(of_row).alias(name) for name, column in columns.items())


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


# Payments, and what is none

TOTAL = r"(?i)^\W*(?:grand|sub|overall|page|monthly|report)?[\s-]*totals?\b"


def _are_long(texts: pl.Series) -> bool:
    return (texts.str.len_bytes().max() or 0) > text.MAX_CELL


def _apart(rows: pl.DataFrame, long_in: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The payments, which have a date and an amount, and the other rows, `long` where a cell of one of the
    columns `long_in` is too long."""
    too_long = [pl.col(name).cast(pl.String).str.len_bytes() > text.MAX_CELL for name in long_in]
    long = pl.any_horizontal(pl.lit(False), *too_long).fill_null(False)
    none = rows.select(pl.col("pence").is_null() | pl.col("payment_date").is_null() | long).to_series()
    rest = rows.filter(none).with_columns(long.alias("long")).cast({pl.Categorical: pl.String})
    return (rows.filter(~none) if rest.height else rows), rest


def _settle(
    tables: list[Table], payments: pl.DataFrame, rest: pl.DataFrame, body: Body | None
) -> pl.DataFrame:
    """Settle the account of each table; the rows that are rejected, with the reason."""
    loaded = payments.group_by("sheet").agg(
        pl.len().alias("lines"),
        pl.sum("pence", "rounded"),
        pl.min("payment_date").alias("first_date"),
        pl.max("payment_date").alias("last_date"),
        pl.count("supplier"),
    )
    loaded = {row["sheet"]: row for row in loaded.iter_rows(named=True)}
    rejects = [pl.DataFrame(schema=REJECTS)]
    for place, (table, part) in enumerate(zip(tables, _by_sheet(rest, tables), strict=True)):
        account, found = table.account, loaded.get(place, {})
        account.lines_loaded, account.loaded_pence = found.get("lines", 0), found.get("pence", 0)
        account.first_date, account.last_date = found.get("first_date"), found.get("last_date")
        account.read_pence = account.loaded_pence + int(part["pence"].sum())
        rounded = found.get("rounded", 0) + int(part["rounded"].sum())
        if rounded:
            account.oddities.append(f"{rounded:,} amounts with parts of a penny, rounded to the nearest")
        if part.height:
            rejects.append(_set_aside(table, part, body))
        _look_twice(account, named=found.get("supplier", 0))
        account.oddities = [*table.sheet.oddities, *table.header.oddities, *account.oddities]
        account.check()
    return pl.concat(rejects)


def _set_aside(table: Table, rest: pl.DataFrame, body: Body | None) -> pl.DataFrame:
    """Tell furniture (blank, padding, repeated header, total) from what is rejected, and give the latter."""
    account, kind = table.account, pl.col("kind")
    rest = rest.with_columns(_furniture(table.header).alias("kind"))
    for line in rest.filter(kind == "repeated header")["source_line"]:
        _same_header(table, line, body)
    blank = [line for line in rest.filter(kind == "padding")["source_line"] if table.sheet.is_blank(line)]
    rest = rest.with_columns(
        pl.when(pl.col("source_line").is_in(blank)).then(pl.lit("blank")).otherwise(kind).alias("kind")
    )
    for name, count in rest.drop_nulls("kind").group_by("kind").len().sort("kind").iter_rows():
        account.furniture[name] = account.furniture.get(name, 0) + count
    rejected = rest.filter(kind.is_null()).with_columns(_reason().alias("reason"))
    account.rejected = dict(rejected.group_by("reason").len().sort("reason").iter_rows())
    account.rejected_pence = int(rejected["pence"].sum())
    totals = rest.filter(kind == "total")["pence"]
    account.totals_pence = int(totals.sum())
    if len(totals):
        equal = account.loaded_pence + account.rejected_pence in totals.to_list()
        account.oddities.append(
            "the total under the table equals the sum of its lines"
            if equal
            else "no total under the table equals the sum of its lines"
        )
    return rejected.select(
        pl.lit(account.source_file).alias("source_file"),
        "source_line",
        "reason",
        pence_as_pounds("pence").alias("amount_gbp"),
    )


def _furniture(header: headers.Header) -> pl.Expr:
    """What a row without a date or an amount is, if it is no payment at all; else null."""
    no_amount = pl.col("amount_text").fill_null("").str.strip_chars() == ""
    no_date = ~pl.col("date_text").fill_null("").str.contains(r"\d")
    said = [pl.col(name).is_not_null() & (pl.col(name) != "") for name in TEXTS]
    total = pl.any_horizontal(pl.col(name).str.contains(TOTAL) for name in (*TEXTS, "date_text")).fill_null(
        False
    )
    heading = pl.col("amount_text").str.strip_chars() == header.headings["amount"]
    kind = (
        pl.when(heading)
        .then(pl.lit("repeated header"))
        .when(pl.col("pence").is_not_null() & (~pl.any_horizontal(said) | total) & no_date)
        .then(pl.lit("total"))
        .when(no_amount & no_date & (pl.col("supplier").fill_null("") == ""))
        .then(pl.lit("padding"))
    )
    return pl.when(pl.col("pence").is_null() | pl.col("payment_date").is_null()).then(kind)


def _same_header(table: Table, line: int, body: Body | None) -> None:
    """A header further down must name the same columns, or what stands under it would be misread."""
    cells = [cell or "" for cell in table.sheet.cells(line)]
    again = headers.find_header([cells], body=body, file=table.account.source_file)
    if again.columns != table.header.columns:
        raise LedgerError(
            "A second header names other columns than the first.",
            file=table.account.source_file,
            where=f"line {line}",
            expected=str(table.header.headings),
            found=str(again.headings),
            todo="cut the file in two at that line",
        )


def _reason() -> pl.Expr:
    return (
        pl.when("long")
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


def _look_twice(account: LedgerAccount, named: int) -> None:
    """Note what an analyst should look at: nothing loaded, dates far apart, no supplier `named`."""
    if not account.lines_loaded:
        account.oddities.append("no payment was loaded")
    elif (account.last_date - account.first_date).days > 400:
        account.oddities.append(f"payments from {account.first_date} to {account.last_date}")
    if account.lines_loaded and not named:
        account.oddities.append("no supplier is named in any line")


def _canonical(payments: pl.DataFrame, tables: list[Table], body: Body | None) -> pl.DataFrame:
    fixed = {
        "body": body.body if body else None,
        "amount_kind": tables[0].header.kind,
        **tables[0].fixed,
    }
    group = body.client_group if body else None
    client_group = pl.lit(None, pl.String)
    if group:
        where = pl.all_horizontal(pl.col(column) == value for column, value in group["where"].items())
        name = pl.col(group["field"]).cast(pl.String).str.extract(group["pattern"], 1)
        client_group = pl.when(where).then(name)
    files = pl.Series([table.account.source_file for table in tables], dtype=pl.Categorical)
    return (
        payments.with_columns(files.gather(payments["sheet"]).alias("source_file"))
        .lazy()
        .with_columns(
            pence_as_pounds("pence").alias("amount_gbp"),
            *(pl.lit(value, pl.Categorical()).alias(column) for column, value in fixed.items()),
        )
        # After what holds for the whole file, which `where` may ask for.
        .with_columns(client_group.cast(pl.Categorical).alias("client_group"))
        .select(list(PAYMENTS))
        .collect()
    )
