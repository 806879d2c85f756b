"""The route rules outside dbt: the same macro and the same seed, over any payments that DuckDB can read.

The rules are `dbt/seeds/route_rules.csv`; what a rule means is said in `dbt/macros/ledger_routes.sql`. The
lake classes its payments with this, so that its table of suppliers and the marts rest on the same rules.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commissioning.base.errors import CommissioningError
from commissioning.base.paths import Project
from commissioning.base.sql import file_pattern


def rules_file(project: Project) -> Path:
    return project.dbt / "seeds" / "route_rules.csv"


def macro_file(project: Project) -> Path:
    return project.dbt / "macros" / "ledger_routes.sql"


def rules_sha256(project: Project, body: str) -> str:
    """One hash over a body's rules and the SQL that applies them, whatever the line ends and comments."""
    with rules_file(project).open(encoding="utf-8", newline="") as file:
        rules = [row for row in csv.DictReader(file) if row["body"] == body]
    applied = [routes_sql(project, "payments", "rules"), same_label_sql(project, "l", "r")]
    plain = [line for line in "\n".join(applied).splitlines() if not line.lstrip().startswith("--")]
    return hashlib.sha256("\n".join([json.dumps(rules), *plain]).encode()).hexdigest()


def rules_relation(project: Project) -> str:
    """The seed as a DuckDB relation with the types that dbt gives it."""
    file = rules_file(project)
    special = {"priority": "INTEGER", "first_month": "DATE", "last_month": "DATE"}
    names = file.read_text(encoding="utf-8").splitlines()[0].split(",")
    columns = ", ".join(f"'{name}': '{special.get(name, 'VARCHAR')}'" for name in names)
    return f"read_csv({file_pattern(file)}, header = true, columns = {{{columns}}})"


def routes_sql(project: Project, payments: str, rules: str | None = None) -> str:
    """SQL giving the route of every label in `payments`: columns as in the macro `ledger_routes`.

    `payments` is a relation with body, month (date), department, expense_area, expense_code, expense_label
    and transaction_prefix; `rules` is a relation of rules, the seed where none is given.
    """
    return macro(macro_file(project), "ledger_routes", payments, rules or rules_relation(project))


def same_label_sql(project: Project, left: str, right: str) -> str:
    """SQL condition that joins payments (alias `left`) to the result of `routes_sql` (alias `right`)."""
    return macro(macro_file(project), "same_ledger_label", left, right)


def macro(file: Path, name: str, *arguments: str, engine: str = "default", **named: object) -> str:
    """The SQL that a macro of dbt gives for `arguments`, on DuckDB or with `engine` on `spark`.

    Raises `CommissioningError` where it needs dbt itself.
    """
    return _rendered(file, name, lambda text: getattr(text.module, name)(*arguments, **named), engine)


def model(file: Path, **functions: Callable[..., str]) -> str:
    """The SQL of a model, its `source` and the like given. Raises `CommissioningError` as `macro` does."""
    return _rendered(file, file.stem, lambda text: text.render(**functions))


def _rendered(file: Path, name: str, of: Callable[[Any], str], engine: str = "default") -> str:
    import jinja2

    portable = file.with_name("portable.sql")
    files = [portable, file] if portable.exists() else [file]
    try:
        text = "".join(each.read_text(encoding="utf-8") for each in files)
        found = jinja2.Environment().from_string(text)
        found.globals |= {"adapter": _Adapter(found, engine), "return": str}
        return of(found)
    except (jinja2.TemplateError, AttributeError) as error:
        raise CommissioningError(
            "SQL of dbt cannot be rendered outside dbt.",
            file=file,
            where=name,
            found=str(error),
            todo="keep to plain Jinja in this file: none of dbt's own functions but adapter.dispatch",
        ) from error


@dataclass(frozen=True)
class _Adapter:
    """What stands for dbt's `adapter` in a template: the macro of an engine, or the default."""

    text: Any
    engine: str

    def dispatch(self, name: str) -> Callable[..., str]:
        macros = self.text.module
        return getattr(macros, f"{self.engine}__{name}", None) or getattr(macros, f"default__{name}")
