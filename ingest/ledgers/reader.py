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
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from commissioning.base.counting import counted
from commissioning.base.errors import CommissioningError, LedgerError
from commissioning.ingest.ledgers import dates, furniture, headers, repeats, text, values
from commissioning.ingest.ledgers.bodies import NUMBERS, TEXTS, Body
from commissioning.ingest.ledgers.values import MONEY, pence_as_pounds

READ = ("payment_date", "amount", *TEXTS, *NUMBERS, "currency", "sign")
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
    **{name: FIELDS[name] for name in (*TEXTS[:-1], *NUMBERS)},
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
    totals. Its totals' money is `totals_pence`, apart from what was loaded and rejected. `lines_run_over` are
    those that a quoted cell takes beyond the first: with them, `lines_read` is every line of the file.
    `guesses` says what the file does not tell for sure, `left_out` why a sheet was not read at all. Of the
    lines loaded, `unnamed` name no supplier.
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
    rejected_pence_by_reason: dict[str, int] = field(default_factory=dict)
    physical_lines: int = 0
    lines_run_over: int = 0
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
    guesses: list[str] = field(default_factory=list)
    left_out: str | None = None
    unnamed: int = 0
    unnamed_pence: int = 0

    def start_anew(self, header: headers.Header) -> None:
        """Forget what an earlier attempt, which ended in a question, has counted."""
        self.furniture, self.rejected, self.oddities = {}, {}, []
        self.guesses = list(header.guesses)

    def check(self) -> None:
        """Raise where lines or money were lost: that would be a fault of the reader."""
        lines = self.lines_loaded + sum(self.rejected.values()) + sum(self.furniture.values())
        pence = self.loaded_pence + self.rejected_pence + self.totals_pence
        physical = lines + self.lines_run_over
        if (lines, physical, pence) != (self.lines_read, self.physical_lines, self.read_pence):
            raise CommissioningError(
                "The reader lost lines or money.",
                file=self.source_file,
                expected=f"{self.lines_read} records in {self.physical_lines} lines, {self.read_pence} pence",
                found=f"{lines} records in {physical} lines, {pence} pence: {asdict(self)}",
                todo="this is a fault in the reader: please report it with the file's sha256",
            )


@dataclass
class Table:
    """A sheet whose header is found, and the account that is kept of it."""

    sheet: text.TextTable
    header: headers.Header
    account: LedgerAccount
    body: Body | None
    """The body with its options for this file."""

    @property
    def fixed(self) -> dict[str, str]:
        """Fields that the body's YAML sets for whole files."""
        return self.body.set_for(self.sheet.name) if self.body else {}

    @property
    def beyond(self) -> int:
        """The place of the first cell that no heading stands over; a workbook's columns cannot slip."""
        return self.header.width if self.sheet.delimiter and self.header.rows else self.sheet.width

    @property
    def layout(self) -> tuple:
        """Tables of one layout mean the same by every column, and are read as one."""
        columns, fixed = (tuple(sorted(d.items())) for d in (self.header.columns, self.fixed))
        rules = self.body and (self.body.factor, self.body.numbers, self.body.beyond_the_header)
        return self.sheet.layout, self.header.rows, self.header.kind, columns, fixed, self.beyond, rules


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
    opened = open_tables(data, name, body)
    readings = [load([table], body) for table in opened.tables]
    payments = pl.concat([r.payments for r in readings])
    accounts = [account for r in readings for account in r.accounting]
    for account in accounts:
        copied = repeats.said_of(payments, account.source_file) if len(accounts) > 1 else []
        account.oddities += copied
        account.guesses += copied
    return LedgerReading(
        payments,
        pl.concat([r.rejects for r in readings] + [opened.rejects]),
        accounts + opened.left_out,
        {
            name: pl.concat([r.texts[name] for r in readings if name in r.texts])
            for name in dict.fromkeys(name for r in readings for name in r.texts)
        },
    )


def read_path(path: Path, body: Body | None = None) -> LedgerReading:
    """`read` for a file on disk, gzipped or not."""
    return read(path.read_bytes(), path.name.removesuffix(".gz"), body)


@dataclass
class Opened:
    """The tables of payments in a file, the accounts of sheets that are left out, and rows of these that may
    be payments."""

    tables: list[Table]
    left_out: list[LedgerAccount]
    rejects: pl.DataFrame


def open_tables(data: bytes, name: str, body: Body | None = None) -> Opened:
    """The tables of payments in a file, their headers found. Raises what `read` raises."""
    body = body.for_file(name) if body else None
    sheets = text.open_sheets(data, name)
    if not sheets:
        raise LedgerError("The workbook holds no cell.", file=name, todo="ask the publisher for the file")
    tables: list[Table] = []
    left_out: list[LedgerAccount] = []
    complaints: list[headers.NoHeaderError] = []
    for sheet in sheets:
        if why := _not_wanted(sheet, body):
            left_out.append(_left_out(sheet, why))
            continue
        try:
            tables.append(
                _open_table(sheet, headers.find_header(sheet.head, body=body, file=sheet.name), body)
            )
        except headers.NoHeaderError as complaint:
            if sheet.rows is None:
                raise
            if tables and (header := headers.goes_on(sheet.head, tables[-1].header, tables[-1].sheet.name)):
                tables.append(_open_table(sheet, header, body))
                continue
            # A workbook may have sheets of notes beside its payments; if none has payments, say why.
            complaints.append(complaint)
            for said in {cell for row in sheet.head for cell in row if cell}:
                headers.check_unit(said, body, sheet.name)
            left_out.append(_left_out(sheet, "it has no header"))
    if not tables and complaints:
        raise complaints[0]
    if not tables:
        raise LedgerError(
            "No sheet of the workbook is to be read.",
            file=name,
            found="; ".join(f"{account.source_file}: {account.left_out}" for account in left_out),
            todo="put `hidden_sheets: read` into the body's YAML, or mend `sheets` there",
        )
    tables[0].header.oddities += [f"sheet left out, {a.left_out}: {a.source_file}" for a in left_out]
    rejects = [row for account in left_out for row in _rows_left_out(account, sheets)]
    return Opened(tables, left_out, pl.DataFrame(rejects, schema=REJECTS, orient="row"))


def _rows_left_out(account: LedgerAccount, sheets: list[text.TextTable]) -> Iterator[tuple]:
    sheet = next(sheet for sheet in sheets if sheet.name == account.source_file)
    for reason in account.rejected:
        for line, row in sheet.rows:
            if headers.looks_like_payment(row):
                yield account.source_file, line, reason, None


def _not_wanted(sheet: text.TextTable, body: Body | None) -> str | None:
    """Why a sheet is not to be read at all: it is hidden, or the YAML names others; else None."""
    title = sheet.name.rpartition("!")[2]
    if body and body.sheets and not any(fnmatch(title, pattern) for pattern in body.sheets):
        return "`sheets` in the YAML does not name it"
    if sheet.hidden and (body is None or body.hidden_sheets != "read"):
        return "it is hidden"
    return None


def _left_out(sheet: text.TextTable, why: str) -> LedgerAccount:
    """The account of a sheet that is not read: rows with a date and a number may be payments, and count as
    rejected, except where the publisher hid them or the YAML leaves them out."""
    reason = f"on a sheet left out: {why}"
    like = sum(headers.looks_like_payment(row) for _, row in sheet.rows) if why == "it has no header" else 0
    others = len(sheet.rows) - like
    return LedgerAccount(
        sheet.name,
        lines_read=len(sheet.rows),
        physical_lines=len(sheet.rows),
        rejected={reason: like} if like else {},
        furniture={reason: others} if others else {},
        encoding=sheet.encoding,
        line_ends=sheet.line_ends,
        left_out=why,
    )


def account_of_a_question(name: str, complaint: LedgerError, lines: int = 0) -> LedgerAccount:
    """The account of a file, or a sheet, that leaves a question: none of its `lines` is loaded."""
    why = complaint.what.rstrip(".")
    return LedgerAccount(
        name,
        lines_read=lines,
        physical_lines=lines,
        rejected={f"in a file that leaves a question: {why}": lines} if lines else {},
        left_out=why,
    )


def count_lines(data: bytes) -> int:
    """How many lines a text has; nought for a workbook, whose rows are not known before it is read."""
    return len(data.splitlines()) if text.container(data) is None else 0


def _open_table(sheet: text.TextTable, header: headers.Header, body: Body | None) -> Table:
    account = LedgerAccount(
        sheet.name,
        encoding=sheet.encoding,
        delimiter={"\t": "tab", None: ""}.get(sheet.delimiter, sheet.delimiter),
        line_ends=sheet.line_ends,
        amount_kind=header.kind,
        header_map={name: heading for name, heading in header.headings.items() if name in READ},
        unread=[heading for name, heading in header.headings.items() if name not in READ] + header.unused,
    )
    return Table(sheet, header, account, body)


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
    for table in tables:
        table.account.start_anew(table.header)
    columns = tables[0].header.columns
    skip = tables[0].header.rows[-1] + 1 if tables[0].header.rows else 0
    kinds = {place: FIELDS[name] for name, place in columns.items() if name in READ}
    rows = text.read_rows([table.sheet for table in tables], skip, kinds, tables[0].beyond)
    for table in tables:
        table.account.lines_read = table.sheet.height()
        table.account.physical_lines = table.sheet.physical_lines()
        table.account.lines_run_over = table.sheet.run_over
        if table.header.rows:
            table.account.header_line = table.sheet.line_of(table.header.rows[0])
            table.account.furniture["header"] = len(table.header.rows)
            if table.header.rows[0]:
                table.account.furniture["above the header"] = table.header.rows[0]
    cells = {name: rows[f"c{columns[name]}"] for name in READ if name in columns}
    texts = {name: values.trimmed(cells[name]) for name in (*TEXTS, *NUMBERS) if name in cells}
    rows = pl.DataFrame(
        [
            rows["sheet"],
            rows["line"].alias("source_line"),
            rows["wide"]
            if _beyond_is_wrong(tables[0])
            else pl.repeat(False, rows.height, eager=True).alias("wide"),
            furniture.slipped({name: texts[name] for name in furniture.WORDS if name in texts}, rows.height),
            cells["payment_date"].alias("date_text"),
            cells["amount"].alias("amount_text"),
            *(column.alias(name) for name, (column, _) in texts.items()),
        ]
    ).with_columns(pl.lit(None, FIELDS[name]).alias(name) for name in (*TEXTS, *NUMBERS) if name not in cells)
    if "supplier" in texts and texts["supplier"][1].str.contains(values.FORMULA_ERROR).any():
        rows = _without_errors(rows, tables)
    rows = _amounts(rows, tables, cells.get("currency"), cells.get("sign"))
    rows = _dates(rows, tables, body)
    found = {name: found for name, (_, found) in texts.items()}
    payments, rest = furniture.apart(rows, found)
    rejects = _settle(tables, payments, rest, body)
    return LedgerReading(
        _canonical(payments, tables, body),
        rejects,
        [table.account for table in tables],
        {name: found for name, (_, found) in texts.items()}
        | {name: pl.Series([value]) for name, value in tables[0].fixed.items()},
    )


def _without_errors(rows: pl.DataFrame, tables: list[Table]) -> pl.DataFrame:
    """A formula that failed, such as `#REF!`, names no supplier: the cell is empty, as each account says."""
    wrong = pl.col("supplier").cast(pl.String).str.contains(values.FORMULA_ERROR)
    for sheet, lines in rows.filter(wrong).group_by("sheet").len().iter_rows():
        tables[sheet].account.guesses.append(
            f"{counted(lines, 'line')} with an error of a spreadsheet, such as #REF!, in place of a "
            "supplier: read as naming none"
        )
    return rows.with_columns(
        pl.when(wrong.fill_null(False)).then(None).otherwise("supplier").alias("supplier")
    )


def _beyond_is_wrong(table: Table) -> bool:
    """Whether a row with more cells than the header is rejected, as its cells may have slipped."""
    return table.body is None or table.body.beyond_the_header == "reject"


def _by_sheet(rows: pl.DataFrame, tables: list[Table]) -> Iterator[pl.DataFrame]:
    """The rows of each table, which lie together."""
    ends = np.searchsorted(rows["sheet"], np.arange(len(tables)), side="right")
    for start, end in pairwise([0, *ends.tolist()]):
        yield rows.slice(start, end - start)


# Columns


def _amounts(
    rows: pl.DataFrame, tables: list[Table], currency: pl.Series | None, sign: pl.Series | None
) -> pl.DataFrame:
    """Add `pence` as a whole number, null where the text is no amount of pounds, whether it is `rounded`, and
    whether it is `foreign`, by its own sign or by the column of currencies. Where a column of signs says
    credit, the money came back."""
    amount = pl.col("amount_text")
    rules = tables[0].body
    order = rules.numbers if rules else None
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
    if sign is not None:
        came_back = values.each_distinct(
            sign, lambda texts: texts.str.contains(values.CREDIT).fill_null(False)
        )
        pounds = pl.select(
            pl.when(came_back).then(-pounds.abs()).otherwise(pounds).alias("pounds")
        ).to_series()
    pence = pl.col("pounds") * (100 * (rules.factor or 1 if rules else 1))
    return (
        rows.with_columns(pounds, _foreign(rows, pounds, currency).alias("foreign"))
        # What stands in the column of amounts is none where it is of another currency, or the cells slipped.
        .with_columns(pl.when(~pl.any_horizontal("foreign", "wide", "slipped")).then("pounds"))
        .with_columns(
            pence.round().cast(pl.Int64).alias("pence"),
            ((pence - pence.round()).abs() > 1e-2).alias("rounded"),
        )
    )


def _foreign(rows: pl.DataFrame, pounds: pl.Series, currency: pl.Series | None) -> pl.Series:
    if currency is not None:
        return values.each_distinct(
            currency, lambda texts: ~texts.str.contains(values.POUNDS).fill_null(True)
        ).alias("foreign")
    nowhere = pl.Series("foreign", [False], dtype=pl.Boolean).new_from_index(0, rows.height)
    odd = (pounds.is_null() & rows["amount_text"].is_not_null()).arg_true()
    if not len(odd):
        return nowhere
    return nowhere.scatter(odd, rows["amount_text"].gather(odd).str.contains(values.FOREIGN))


def _dates(rows: pl.DataFrame, tables: list[Table], body: Body | None) -> pl.DataFrame:
    """Add `payment_date`, null where the text is no date, with its financial year and era."""
    texts, places = values.distinct(rows["date_text"])
    sheets = rows["sheet"].to_numpy()
    used = np.zeros((len(tables), len(texts)), dtype=bool)
    used[sheets, places] = True
    # The same text is another day in the tables whose order of day and month is the other.
    known: dict[tuple, dict[str | None, dt.date | None]] = {}
    readings: list[tuple] = []
    for place, table in enumerate(tables):
        found = dates.read_dates(
            sorted(texts.gather(np.flatnonzero(used[place])).drop_nulls()),
            _date_rules(table),
            file=table.account.source_file,
            column=table.header.headings["payment_date"],
        )
        table.account.date_style = found.style
        table.account.guesses += found.guesses
        # What a spreadsheet swapped is told by the whole of its file, so that it is read by itself.
        readings.append((*found.reading, place if found.reading[-1] else None))
        known.setdefault(readings[-1], {}).update(found.days)
    order = {reading: number for number, reading in enumerate(known)}
    days = [found.get(text) for found in known.values() for text in texts]
    of_sheet = np.array([order[reading] for reading in readings])
    of_row = places + len(texts) * of_sheet[sheets]
    columns = {
        "payment_date": pl.Series(days, dtype=pl.Date),
        "financial_year": pl.Series([day and financial_year(day) for day in days], dtype=pl.Categorical),
        "era": pl.Series([day and era(day, body) for day in days], dtype=pl.Categorical),
    }
    return rows.with_columns(column.gather(of_row).alias(name) for name, column in columns.items())


def _date_rules(table: Table) -> dates.Rules:
    body = table.body
    return dates.Rules(
        order=body.date_order if body else None,
        months=body.months if body else None,
        swapped=body.swapped_dates if body else None,
        epoch=table.sheet.epoch,
        named=dates.months_in_name(table.sheet.name),
    )


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


def _settle(
    tables: list[Table], payments: pl.DataFrame, rest: pl.DataFrame, body: Body | None
) -> pl.DataFrame:
    """Settle the account of each table; the rows that are rejected, with the reason."""
    nameless = pl.col("supplier").is_null() | (pl.col("supplier") == "")
    loaded = payments.group_by("sheet").agg(
        pl.len().alias("lines"),
        pl.sum("pence", "rounded"),
        pl.min("payment_date").alias("first_date"),
        pl.max("payment_date").alias("last_date"),
        nameless.sum().alias("unnamed"),
        pl.col("pence").filter(nameless).sum().alias("unnamed_pence"),
    )
    loaded = {row["sheet"]: row for row in loaded.iter_rows(named=True)}
    rejects = [pl.DataFrame(schema=REJECTS)]
    for place, (table, part) in enumerate(zip(tables, _by_sheet(rest, tables), strict=True)):
        account, found = table.account, loaded.get(place, {})
        account.lines_loaded, account.loaded_pence = found.get("lines", 0), found.get("pence", 0)
        account.unnamed, account.unnamed_pence = found.get("unnamed", 0), found.get("unnamed_pence", 0)
        account.first_date, account.last_date = found.get("first_date"), found.get("last_date")
        account.read_pence = account.loaded_pence + int(part["pence"].sum())
        rounded = found.get("rounded", 0) + int(part["rounded"].sum())
        if rounded:
            account.oddities.append(
                f"{counted(rounded, 'amount')} with parts of a penny, rounded to the nearest"
            )
        if part.height:
            rejects.append(furniture.set_aside(table, part, body))
        _look_twice(account)
        account.oddities = [*table.sheet.oddities, *table.header.oddities, *account.oddities]
        account.check()
    return pl.concat(rejects)


def _look_twice(account: LedgerAccount) -> None:
    """Note what an analyst should look at: nothing loaded, dates far apart, no supplier named."""
    if not account.lines_loaded:
        account.oddities.append("no payment was loaded")
    elif (account.last_date - account.first_date).days > 400:
        account.oddities.append(f"payments from {account.first_date} to {account.last_date}")
    if account.lines_loaded == account.unnamed > 0:
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
