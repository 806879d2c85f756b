"""Data Docs: the gate's stored results as pages of the site.

Great Expectations' own Data Docs ask other hosts for styles, scripts and a logo, and put the time of day into
every path. These pages need no script and no other host, and the same results give the same bytes.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from commissioning.base.files import replace_text
from commissioning.expectations.gate import SEVERITIES, SuiteResult, as_text, place

_LAYER_TITLES = {"raw": "Raw tables, as read from publishers' files", "marts": "Marts, as published here"}
_INDEX_NUMBERS = ("rows", "rules", "failed", "warned")
_STYLE = """\
:root { color-scheme: light dark; --line: #8886; --bad: #b3261e; --good: #1b6e3c; --warn: #8a5a00 }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7fd69b; --warn: #ffc46b } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem }
body { overflow-wrap: anywhere } table { overflow-wrap: normal }
h1 { font-size: 1.6rem; line-height: 1.2 } :focus-visible { outline: 3px solid #e69f00; outline-offset: 2px }
article { border-top: 1px solid var(--line); padding: .75rem 0 }
h2 { font-size: 1rem; margin: 0 } p { margin: .3rem 0 }
table { border-collapse: collapse; width: 100% } .wide { overflow-x: auto; margin-top: 2rem }
caption { text-align: left; font-size: 1.2rem; font-weight: 600 } tbody th { font-weight: 400 }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem .3rem 0 }
th, td { border-bottom: 1px solid var(--line) }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.passed { color: var(--good) } .critical { color: var(--bad) } .warning { color: var(--warn) }
li { margin: .3rem 0 } li b { font-weight: 600 }
"""


def render(results: Sequence[SuiteResult], folder: Path) -> list[Path]:
    """Write the results as pages that need no script and no other host: `index.html` and a page a table."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"data-docs.css": _STYLE, "index.html": _index(results)}
    pages |= {_page_name(result): _table_page(result) for result in results}
    for stale in set(folder.glob("*.html")) - {folder / name for name in pages}:
        stale.unlink()
    for name, text in pages.items():
        replace_text(folder / name, text)
    return [folder / name for name in pages]


def _page_name(result: SuiteResult) -> str:
    return f"{result.layer}-{result.name}.html"


def _page(title: str, body: Iterable[str]) -> str:
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title>",
            '<link rel="stylesheet" href="data-docs.css">\n</head>\n<body>',
            '<nav aria-label="Site"><a href="../index.html">Commissioning evidence</a></nav>\n<main>',
            f"<h1>{html.escape(title)}</h1>",
            *body,
            "</main>\n</body>\n</html>\n",
        ]
    )


def _index(results: Sequence[SuiteResult]) -> str:
    return _page("Data checks", _index_body(results))


def _index_body(results: Sequence[SuiteResult]) -> Iterator[str]:
    rules = sum(len(result.rules) for result in results)
    yield f"<p>{rules:,} rules on {len(results):,} tables, run by Great Expectations on this build's data. "
    yield "A critical rule that fails stops the build before anything is published; a warning is shown.</p>"
    for layer, title in _LAYER_TITLES.items():
        chosen = [result for result in results if result.layer == layer]
        if not chosen:
            continue
        numbers = "".join(f'<th scope="col" class="number">{label}</th>' for label in _INDEX_NUMBERS)
        yield f'<div class="wide" role="region" tabindex="0" aria-labelledby="{layer}">'
        yield f'<table>\n<caption id="{layer}">{title}</caption>'
        yield f'<thead><tr><th scope="col">table</th>{numbers}</tr></thead>\n<tbody>'
        for result in chosen:
            failed = (len(result.failed(severity)) for severity in SEVERITIES)
            counts = (result.rows, len(result.rules), *failed)
            cells = "".join(f'<td class="number">{count:,}</td>' for count in counts)
            link = f'<a href="{_page_name(result)}">{html.escape(result.name)}</a>'
            yield f'<tr><th scope="row">{link}</th>{cells}</tr>'
        yield "</tbody></table></div>"


def _table_page(result: SuiteResult) -> str:
    return _page(f"Data checks: {result.name}", _table_body(result))


def _table_body(result: SuiteResult) -> Iterator[str]:
    yield f'<p><a href="index.html">All tables</a></p>\n<p>{html.escape(result.describes)}</p>'
    yield f"<p>{result.rows:,} rows, {len(result.rules)} rules.</p>"
    for rule in sorted(result.rules, key=lambda rule: rule.success):
        verdict = "passed" if rule.success else "failed"
        style = "passed" if rule.success else rule.severity
        name = html.escape(rule.id)
        yield f'<article id="{name}">'
        yield f'<h2>{name}: <span class="{style}">{verdict}</span> ({rule.severity})</h2>'
        yield f"<p>{html.escape(rule.expects)} <small>({html.escape(place(rule))})</small></p>"
        yield f"<p>{html.escape(rule.why)}</p>"
        if rule.unexpected is not None:
            yield f"<p>{rule.checked:,} rows checked, {rule.unexpected:,} break the rule.</p>"
        if rule.observed is not None:
            yield f"<p>Found: <code>{html.escape(as_text(rule.observed)[:2000])}</code></p>"
        if not rule.success:
            yield f"<p>What to do: {html.escape(rule.todo)}</p>"
        yield from _offending_rows(rule.offending)
        yield "</article>"


def _offending_rows(rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    if rows:
        yield "<ul>"
        for row in rows:
            cells = (f"<b>{html.escape(name)}</b> {html.escape(str(value))}" for name, value in row.items())
            yield f"<li>{'; '.join(cells)}</li>"
        yield "</ul>"
