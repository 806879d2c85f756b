"""What a query of a register says, by DuckDB's own parser.

Tracing has to know which tables a headline reads and under which conditions. That could be declared beside
the SQL, and would then be said twice; or be cut out of its text, which a comment, or a bracket or name in
quotes, defeats. `json_serialize_sql` gives the query as DuckDB understands it, and `json_deserialize_sql`
makes SQL of it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """A database without tables: whatever a query names, it is read and not run."""
    import duckdb

    return duckdb.connect()


@cache
def _serialized(sql: str) -> str:
    return _parser().execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()[0]


def parsed(sql: str) -> dict[str, Any]:
    """The tree of one query. Raises `duckdb.Error` for text that is none."""
    import duckdb

    tree = json.loads(_serialized(sql))
    if tree["error"]:
        raise duckdb.ParserException(tree["error_message"])
    return tree


def tables(sql: str) -> set[str]:
    """The tables and views that a query reads, as it names them: `share_cells`, `raw.asc_fr`."""
    nodes = list(_nodes(parsed(sql)))
    own = {entry["key"] for node in nodes for entry in node.get("cte_map", {}).get("map", ())}
    return {".".join(node["qualified_name"]["path"]) for node in nodes if _is_table(node)} - own


def rows_behind(sql: str) -> str | None:
    """The query for the mart rows that a headline's SQL reads: whole rows of its first mart, with what is
    joined to it there and under the conditions that hold there. None where it reads no mart."""
    selects = [node for node in _nodes(parsed(sql)) if node.get("type") == "SELECT_NODE"]
    of_marts = [
        (table["query_location"], select)
        for select in selects
        if (table := _first_table(select["from_table"])) and table["table_name"].startswith(("mart_", "dim_"))
    ]
    if not of_marts:
        return None
    _, first = min(of_marts, key=lambda pair: pair[0])
    whole = parsed("select * from anything")
    whole["statements"][0]["node"] |= {key: first[key] for key in ("from_table", "where_clause")}
    return _parser().execute("select json_deserialize_sql(?::json)", [json.dumps(whole)]).fetchone()[0]


@cache
def conditions(sql: str) -> frozenset[tuple[str, str]]:
    """Columns that a query holds to a text, with the text: `route in ('a', 'b')` and `route = 'a'` count, and
    so does `list_contains(string_split('a+b', '+'), route)`.

    `(setting = 'all' or 'all' = 'all')`, which a family's placeholder may leave, holds nothing to anything.
    """
    return frozenset(_held(parsed(sql)))


def _held(tree: Any) -> Iterator[tuple[str, str]]:
    if isinstance(tree, list):
        for below in tree:
            yield from _held(below)
    if not isinstance(tree, dict) or _always_true(tree):
        return
    if tree.get("type") == "COMPARE_EQUAL":
        yield from _held_to(tree["left"], [tree["right"]])
        yield from _held_to(tree["right"], [tree["left"]])
    elif tree.get("type") == "COMPARE_IN":
        yield from _held_to(tree["children"][0], tree["children"][1:])
    elif tree.get("function_name") == "list_contains":
        listed, column = (argument["expression"] for argument in tree["arguments"])
        if listed.get("function_name") == "string_split" and column["class"] == "COLUMN_REF":
            text, separator = (_text(argument["expression"]) for argument in listed["arguments"])
            yield from ((column["column_names"][-1], part) for part in (text or "").split(separator))
    yield from _held(list(tree.values()))


def _held_to(column: dict[str, Any], values: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    if column["class"] == "COLUMN_REF":
        yield from (
            (column["column_names"][-1], text) for value in values if (text := _text(value)) is not None
        )


def _always_true(node: dict[str, Any]) -> bool:
    """Whether a node is a choice of which one is a text that equals itself."""
    return node.get("type") == "CONJUNCTION_OR" and any(
        one.get("type") == "COMPARE_EQUAL" and _text(one["left"]) == _text(one["right"]) is not None
        for one in node["children"]
    )


def _text(node: dict[str, Any]) -> str | None:
    """A text that stands in a query, without its quotes; None for what is none."""
    literal = node.get("literal", {})
    return literal["text"] if literal.get("kind") == "STRING" else None


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node of a tree, those above before those below."""
    if isinstance(tree, dict):
        yield tree
    for below in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(below)


def _is_table(node: dict[str, Any]) -> bool:
    return node.get("type") == "BASE_TABLE"


def _first_table(source: dict[str, Any]) -> dict[str, Any] | None:
    """The leftmost of what a select reads from, where that is a table and no query."""
    while source["type"] == "JOIN":
        source = source["left"]
    return source if _is_table(source) else None
