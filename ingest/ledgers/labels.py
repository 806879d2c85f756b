"""The labels of a body's ledger by money, the route that rules give each, and rules proposed for the rest.

A proposal takes the words of a rule of another ledger (its `label_like`) where a label without a rule fits
them, whatever else that rule asks for. Of several words the longest count, and of one pattern what most rules
say. Where a label of care names another route itself ("Home care spot"), a proposal for that label alone has
that route. Each is `inferred`, and stands in the workspace's `route_rules.csv` as `proposed`: it counts once
a person has written `accepted` there, or has run `commissioning ledger labels BODY --accept`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from commissioning.base.files import replace_text
from commissioning.base.paths import Project, home, own_workspace
from commissioning.base.sql import file_pattern
from commissioning.ingest.ledgers import aggregate, routes, workspaces
from commissioning.ingest.ledgers.bodies import Body

AFTER_OTHERS = 1000
"""Priority of the first rule proposed: after those that a person has written."""
WORD = re.compile(r"[a-z]{4,}")
"""What a pattern must hold to be proposed: `ph%` is a code of its own ledger, no word."""
LABELS = """
select
    m.department, m.expense_area, m.expense_code, m.expense_label,
    r.rule_id, r.care_scope, r.route, r.support_setting, r.evidence_grade,
    cast(sum(m.payments) as bigint) as payments,
    cast(sum(m.amount_gbp) as decimal(18, 2)) as amount_gbp,
    bool_or(exists (
        select 1 from {words} as w where lower(m.expense_label) like w.label_like
    )) as is_care_word
from monthly as m
left join ({routes}) as r on {same_label}
group by all
order by amount_gbp desc, expense_label, expense_code, rule_id
"""


def monthly(body: Body) -> pl.DataFrame:
    """The body's payments in the lake by month and label."""
    return aggregate.monthly(aggregate.labelled(body))


def table(by_month: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """A row for each label and rule that fits it, the most money first; `rule_id` is null where none fits."""
    here = home()
    sql = LABELS.format(
        words=f"read_csv({file_pattern(workspaces.seeds() / 'ledger_care_words.csv')}, header = true)",
        routes=routes.routes_sql(here, "monthly", "route_rules"),
        same_label=routes.same_label_sql(here, "m", "r"),
    )
    with duckdb.connect() as connection:
        connection.register("monthly", by_month.to_arrow())
        connection.register("route_rules", rules.to_arrow())
        return pl.from_arrow(connection.sql(sql).to_arrow_table())


def rules(own: Project | None) -> pl.DataFrame:
    """The rules that count: the workspace's, tried first, and the package's."""
    package = _typed(pl.read_csv(workspaces.seeds() / "route_rules.csv", infer_schema=False))
    if own is None:
        return package
    mine = frame(workspaces.rules_of(own)).with_columns(pl.col("priority") - workspaces.BEFORE_THE_PACKAGES)
    return pl.concat([mine, package.join(mine, on="rule_id", how="anti")])


def frame(rows: list[dict]) -> pl.DataFrame:
    """Rows of `route_rules.csv` in the columns and types of the seed."""
    columns = [name for name in workspaces.TABLES["route_rules.csv"].columns if name != "status"]
    plain = [{name: row[name] or None for name in columns} for row in rows]
    return _typed(pl.DataFrame(plain, schema=dict.fromkeys(columns, pl.String)))


def _typed(found: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(
        pl.col("priority").cast(pl.Int32), pl.col("first_month", "last_month").str.to_date()
    )


def propose(body: Body, labels: pl.DataFrame, taken: list[dict]) -> list[dict]:
    """Rules for labels that no rule fits, by the words of other ledgers' rules.

    `taken` are the workspace's own rules, proposed ones among them: none is proposed again.
    """
    others = pl.read_csv(workspaces.seeds() / "route_rules.csv", infer_schema=False)
    others = others.filter((pl.col("body") != body.body) & pl.col("label_like").is_not_null())
    said: dict[str, Counter] = defaultdict(Counter)
    users: dict[str, set[str]] = defaultdict(set)
    for rule in others.iter_rows(named=True):
        words = rule["label_like"]
        if not WORD.search(words):
            continue
        said[words][(rule["care_scope"], rule["support_setting"], rule["route"])] += 1
        users[words].add(rule["body"])
    says = {
        words: sorted(found.items(), key=lambda item: (-item[1], str(item[0])))[0][0]
        for words, found in said.items()
    }
    open_labels = labels.filter(pl.col("rule_id").is_null())["expense_label"].drop_nulls().unique()
    mine = [row for row in taken if row["body"] == body.body]
    used = {row["label_like"] for row in mine}
    chosen: dict[str, tuple[str, str, str, str]] = {}
    for label, words in _fitting(open_labels, list(says)):
        scope, setting, route = says[words]
        reason = f"The words of rules of {', '.join(sorted(users[words]))}"
        named = _route_named(label) if scope == "adult_social_care" else None
        if named in (None, route):
            chosen[words] = (scope, setting, route, reason)
        else:
            reason += f", which say {route}; the label names {named}"
            chosen[label.strip().lower()] = (scope, setting, named, reason)
    first = max([AFTER_OTHERS, *(int(row["priority"]) for row in mine)])
    # A pattern without a wildcard is of one label, and comes before those that fit it as well.
    wanted = sorted(set(chosen) - used, key=lambda words: ("%" in words, -len(words), words))
    return [_proposal(body, first + number, words, chosen[words]) for number, words in enumerate(wanted, 1)]


def _proposal(body: Body, priority: int, words: str, said: tuple[str, str, str, str]) -> dict:
    scope, setting, route, reason = said
    return {
        **dict.fromkeys(workspaces.TABLES["route_rules.csv"].columns, ""),
        "rule_id": f"{body.body}_p{priority}",
        "body": body.body,
        "priority": str(priority),
        "label_like": words,
        "care_scope": scope,
        "support_setting": setting or "",
        "route": route or "",
        "evidence_grade": "inferred" if scope == "adult_social_care" else "",
        "reason": reason,
        "status": "proposed",
    }


@cache
def _route_names() -> dict[str, str]:
    """A pattern of each route that the words of a label alone can tell, and the route: `block`, `spot`."""
    routes = pl.read_csv(workspaces.seeds() / "routes.csv", infer_schema=False)
    told = routes.filter((pl.col("evidence_grade") == "ledger_label") | (pl.col("family") == "choice_led"))
    return {rf"\b{name.replace('_', '[ -]')}s?\b": name for name in told["route"]}


def _route_named(label: str) -> str | None:
    """The one route that a label names; None where it names none, or several."""
    named = {route for pattern, route in _route_names().items() if re.search(pattern, label.lower())}
    return named.pop() if len(named) == 1 else None


def _fitting(labels: pl.Series, patterns: list[str]) -> list[tuple[str, str]]:
    """For each label that a pattern fits, the longest that does."""
    found = pl.DataFrame({"label": labels}, schema={"label": pl.String})
    words = pl.DataFrame({"words": patterns}, schema={"words": pl.String})
    with duckdb.connect() as connection:
        connection.register("labels", found.to_arrow())
        connection.register("patterns", words.to_arrow())
        rows = connection.execute(
            "select label, arg_max(words, (length(words), words)) from labels inner join patterns "
            "on lower(trim(label)) like words group by label order by label"
        ).fetchall()
    return rows


# The workspace's file


def write_proposals(own: Project, proposals: list[dict]) -> Path:
    """Add proposals to the workspace's `route_rules.csv`; what is there stays as it is."""
    path = own.root / "route_rules.csv"
    text = path.read_text(encoding="utf-8") if path.exists() else workspaces.TABLES["route_rules.csv"].text()
    added = io.StringIO()
    writer = csv.writer(added, lineterminator="\n")
    for row in proposals:
        writer.writerow([row[name] for name in workspaces.TABLES["route_rules.csv"].columns])
    replace_text(path, text.rstrip("\n") + "\n" + added.getvalue())
    return path


def accept(own: Project, body: Body) -> list[dict]:
    """Mark every proposal for a body as accepted. Returns those that were."""
    path = own.root / "route_rules.csv"
    waiting = [row for row in workspaces.rules_of(own, proposed=True) if row["body"] == body.body]
    lines = path.read_text(encoding="utf-8").split("\n") if waiting else []
    for row in waiting:
        line = lines[row["line"] - 1].rstrip()
        lines[row["line"] - 1] = line[: -len("proposed")] + "accepted"
    if waiting:
        replace_text(path, "\n".join(lines))
    return waiting


def labelled_by(rules: list[dict], labels: pl.DataFrame) -> list[dict]:
    """The labels that some rules now fit, the most money first, with route and pounds of all areas."""
    return (
        labels.filter(pl.col("rule_id").is_in([rule["rule_id"] for rule in rules]))
        .group_by("rule_id", "expense_label", "care_scope", "route")
        .agg(pl.col("payments", "amount_gbp").sum())
        .sort("amount_gbp", "expense_label", descending=[True, False])
        .to_dicts()
    )


def shares(labels: pl.DataFrame) -> dict[str, float | Decimal | None]:
    """What part of the money no rule fits: of all, and of labels that hold a word of care; and what it comes
    to in pounds, refunds taken off."""

    def part(rows: pl.DataFrame) -> float | None:
        money = rows["amount_gbp"].abs().sum()
        without = rows.filter(pl.col("rule_id").is_null())["amount_gbp"].abs().sum()
        return float(without) / float(money) if money else None

    return {
        "of_all_money": part(labels),
        "of_care_words": part(labels.filter("is_care_word")),
        "amount_gbp": labels.filter(pl.col("rule_id").is_null())["amount_gbp"].sum(),
    }


def told(body: Body, *, propose_rules: bool) -> dict:
    """Labels, what part of the money no rule fits, and proposals with the money that each would label.

    With `propose_rules` new proposals are written into the workspace, where there is one.
    """
    own = own_workspace()
    by_month, counting = monthly(body), rules(own)
    labels = table(by_month, counting)
    mine = workspaces.rules_of(own) if own else []
    waiting = workspaces.rules_of(own, proposed=True) if own else []
    new = propose(body, labels, [*mine, *waiting]) if propose_rules else []
    if own and new:
        write_proposals(own, new)
    proposals = [row for row in waiting if row["body"] == body.body] + new
    with_them = table(by_month, pl.concat([counting, frame(proposals)]))
    money = dict(with_them.group_by("rule_id").agg(pl.col("amount_gbp").sum()).iter_rows())
    return {
        "body": body.body,
        "labels": labels,
        "without_a_rule": shares(labels),
        "proposals": [{**row, "amount_gbp": money.get(row["rule_id"], 0)} for row in proposals],
        "without_a_rule_if_accepted": shares(with_them),
        "written_to": own.root / "route_rules.csv" if own and new else None,
    }
