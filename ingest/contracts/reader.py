"""Files of contract notices as tables, and what became of every release in them.

`processes` has a row a contracting process (an OCDS `ocid`, or a line of a register), `awards` a row for each
award and supplier. Every release read is loaded, repeated, outside the categories asked for, or rejected with
its place and the reason; the money it states adds up in the same way.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import polars as pl

from commissioning.base.errors import ContractsError
from commissioning.ingest.contracts import merging, ocds, packages, registers, suppliers

Say = Callable[[str], None]

_WHERE = {"source_file": pl.String, "source_position": pl.String}
_MONEY = {"value": pl.Float64, "currency": pl.String}
PROCESSES = {
    "ocid": pl.String,
    "portal": pl.String,
    "releases": pl.Int64,
    "first_release": pl.Date,
    "last_release": pl.Date,
    "reference": pl.String,
    "buyer": pl.String,
    "department": pl.String,
    "title": pl.String,
    "cpv": pl.String,
    "category": pl.String,
    "procurement_category": pl.String,
    "procedure": pl.String,
    "procurement_method": pl.String,
    "status": pl.String,
    "is_framework": pl.Boolean,
    "is_dynamic_purchasing": pl.Boolean,
    **_MONEY,
    "published": pl.Date,
    "deadline": pl.Date,
    "contract_start": pl.Date,
    "contract_end": pl.Date,
    "contract_days": pl.Float64,
    "extension_months": pl.Float64,
    "extensions": pl.Float64,
    "may_extend": pl.Boolean,
    "bidders": pl.Int64,
    "suits_small": pl.Boolean,
    "suits_voluntary": pl.Boolean,
    **_WHERE,
}
AWARDS = {
    "ocid": pl.String,
    "award_id": pl.String,
    "supplier_place": pl.Int64,
    "suppliers": pl.Int64,
    "supplier": pl.String,
    "supplier_number": pl.String,
    "is_small": pl.Boolean,
    "is_voluntary": pl.Boolean,
    "award_status": pl.String,
    "award_date": pl.Date,
    **_MONEY,
    "annual_value": pl.Float64,
    "contract_start": pl.Date,
    "contract_end": pl.Date,
    **_WHERE,
}
REJECTS = {**_WHERE, "reason": pl.String, "value": pl.Float64, "currency": pl.String}
FATES = ("loaded", "repeated", "other categories", "rejected")


@dataclass
class Account:
    """What became of the releases (or lines) of one file, by number and by the money they state."""

    source_file: str
    kind: str
    read: int = 0
    count: Counter = field(default_factory=Counter)
    money_read: Counter = field(default_factory=Counter)
    money: dict[str, Counter] = field(default_factory=dict)
    reasons: Counter = field(default_factory=Counter)
    furniture: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def see(self, money: dict[str, float]) -> None:
        """Count what is in the file, before anything is known of its fate."""
        self.read += 1
        self.money_read.update(money)

    def put(self, fate: str, money: dict[str, float]) -> None:
        self.count[fate] += 1
        self.money.setdefault(fate, Counter()).update(money)

    def check(self) -> None:
        """Raise `ContractsError` where a release or a pound is not accounted for."""
        total: Counter = Counter()
        for money in self.money.values():
            total.update(money)
        lost = self.read - sum(self.count.values())
        off = {
            c: m - total[c] for c, m in self.money_read.items() if abs(m - total[c]) > 1e-6 * max(1, abs(m))
        }
        if lost or off:
            raise ContractsError(
                "The reader lost releases or money.",
                file=self.source_file,
                expected=f"{self.read} accounted for",
                found=f"{dict(self.count)}, money off by {off}",
                todo="this is a fault in the reader: please report it",
            )


@dataclass
class Contracts:
    """What files hold."""

    processes: pl.DataFrame
    awards: pl.DataFrame
    rejects: pl.DataFrame
    accounts: list[Account]

    def write(self, folder: Path) -> list[Path]:
        """Write the tables as Parquet, each replaced whole."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name in ("processes", "awards", "rejects"):
            path = folder / f"{name}.parquet"
            part = path.with_suffix(".part")
            getattr(self, name).write_parquet(part)
            part.replace(path)
            written.append(path)
        return written


@dataclass(frozen=True, slots=True)
class _Held:
    """A release kept until all files are read, with its place and the money it states."""

    release: dict
    account: Account
    where: str
    money: dict[str, float]


class _Pile:
    """Releases gathered from all files, by process, before they are merged."""

    def __init__(self, cpv: str | None):
        self.cpv = cpv
        self.releases: dict[str, list[_Held]] = {}
        self.seen: set[bytes] = set()
        self.rejects: list[dict[str, object]] = []
        self.processes: list[dict[str, object]] = []
        self.awards: list[dict[str, object]] = []

    def add_notices(self, name: str, data: bytes) -> Account:
        account = Account(name, "OCDS")
        for found in packages.releases(name, data):
            self._add_release(found, account)
        return account

    def _add_release(self, found: packages.Found, account: Account) -> None:
        problem, money, kept = found.problem, {}, {}
        if problem is None:
            try:
                kept = ocds.keep(found.release)
                money = ocds.stated_value(kept)
            except ocds.Malformed as error:
                problem, money = str(error), ocds.value_at_a_guess(found.release)
        account.see(money)
        if problem:
            account.put("rejected", money)
            self._reject(account, found.where, problem, money)
            return
        content = hashlib.blake2b(orjson.dumps(kept), digest_size=16).digest()
        if content in self.seen:
            account.put("repeated", money)
            return
        self.seen.add(content)
        self.releases.setdefault(kept["ocid"], []).append(_Held(kept, account, found.where, money))

    def add_register(self, name: str, data: bytes) -> Account:
        found = registers.read(name, data)
        account = Account(name, "register", furniture=found.furniture, notes=found.notes)
        for row in found.rows:
            money = {"GBP": row.money} if row.money else {}
            account.see(money)
            if row.problem:
                account.put("rejected", money)
                self._reject(account, f"line {row.line}", row.problem, money)
                continue
            account.put("loaded", money)
            self._add_line(row, name)
        return account

    def _add_line(self, row: registers.Row, name: str) -> None:
        """A line of a register as a process with one award."""
        fields, where = row.fields, {"source_file": name, "source_position": f"line {row.line}"}
        key = f"register:{name}:{row.line}"
        currency = None if fields["value"] is None else "GBP"
        days = fields["contract_months"]
        self.processes.append(
            {
                **{k: fields.get(k) for k in PROCESSES},
                **where,
                "ocid": key,
                "portal": "register",
                "releases": 1,
                "currency": currency,
                "contract_days": None if days is None else days * 365.25 / 12,
                "may_extend": None if fields["extensions"] is None else fields["extensions"] > 0,
            }
        )
        self.awards.append(
            {
                **{k: fields.get(k) for k in AWARDS},
                **where,
                "ocid": key,
                "supplier_place": 1,
                "suppliers": 1 if fields["supplier"] else 0,
                "currency": currency,
            }
        )

    def _reject(self, account: Account, where: str, reason: str, money: dict[str, float]) -> None:
        account.reasons[reason] += 1
        for currency, amount in (money or {None: None}).items():
            self.rejects.append(
                {
                    "source_file": account.source_file,
                    "source_position": where,
                    "reason": reason,
                    "value": amount,
                    "currency": currency,
                }
            )

    def merge(self) -> None:
        """Make one record of each process; only now is it known whether it is of a category asked for."""
        for held in self.releases.values():
            wanted = not self.cpv or any(_in_category(one.release, self.cpv) for one in held)
            for one in held:
                one.account.put("loaded" if wanted else "other categories", one.money)
            if not wanted:
                continue
            releases, last = [one.release for one in held], held[-1]
            record, source = merging.compiled(releases), (last.account.source_file, last.where)
            self.processes.append(merging.process_row(record, releases, source))
            self.awards += merging.award_rows(record, source)


def read(files: Sequence[Path], *, cpv: str | None = None, progress: Say = lambda line: None) -> Contracts:
    """Read files of notices and registers. Raises `ContractsError` where a whole file cannot be read.

    `cpv` keeps only processes of which a release is in that division of the common procurement vocabulary
    (85 is health and social work); lines of a register, which have none, are all kept.
    """
    pile, accounts = _Pile(cpv), []
    _check_names(files)
    for number, path in enumerate(files, 1):
        progress(f"{number} of {len(files)}: {path.name}")
        data = packages.content_of(path)
        is_csv = path.name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".txt"))
        account = (pile.add_register if is_csv else pile.add_notices)(path.name, data)
        accounts.append(account)
    progress(f"merging {len(pile.releases):,} processes")
    pile.merge()
    for account in accounts:
        account.check()
    awards = suppliers.mask_people(pl.DataFrame(pile.awards, schema=AWARDS, orient="row"))
    return Contracts(
        pl.DataFrame(pile.processes, schema=PROCESSES, orient="row").sort("ocid"),
        awards.sort("ocid", "award_id", "supplier_place"),
        pl.DataFrame(pile.rejects, schema=REJECTS, orient="row"),
        accounts,
    )


def _check_names(files: Sequence[Path]) -> None:
    twice = [name for name, count in Counter(path.name for path in files).items() if count > 1]
    if twice:
        raise ContractsError(
            "Two files have one name, and rejects name them by it.", found=", ".join(twice), todo="rename one"
        )


def _in_category(release: dict, cpv: str) -> bool:
    tender = release.get("tender") or {}
    codes = [tender.get("classification") or {}, *(tender.get("additionalClassifications") or [])]
    return any((code.get("id") or "").startswith(cpv) for code in codes)
