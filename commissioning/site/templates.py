"""The templates of generated pages, `templates/`: sentences and layout. Python keeps queries and view models.

A template's name says its language, and with that how text from data is escaped, always and by itself:
`.qmd.j2` is a page or a part of one in Markdown, `.html.j2` is HTML. A `.qmd.j2` takes in HTML with
`{{ html("name.html.j2") }}`, which sees the same values. A comment is `{* … *}`: `{#` begins an id in a page.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    pass_context,
)
from jinja2.runtime import Context
from markupsafe import Markup

from commissioning.base.errors import RenderError
from commissioning.site.formats import FORMATS
from commissioning.site.tables import cells, figure_or_why, link, or_why, unbroken

FOLDER = Path(__file__).with_name("templates")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
BLOCKS = ("table", "chart", "figure")
"""The macros of `blocks.html.j2`, which every HTML template knows."""
_RESERVED = ":/?#[]@!$&'()*+,;=%~"
IN_WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_BACKTICKS = re.compile("`+")


def qmd(template: str, **values: Any) -> str:
    """A page's `.qmd` text from a Markdown template."""
    return _rendered(_environment("qmd"), template, values)


def html(template: str, **values: Any) -> Markup:
    """HTML from an HTML template."""
    return Markup(_rendered(_environment("html"), template, values))


def block(name: str, *values: Any) -> Markup:
    """What a macro of `blocks.html.j2` makes of the values."""
    return getattr(_blocks(), name)(*values)


def markdown(text: object) -> Markup:
    """Text from data as Markdown that shows just that, on one line."""
    if isinstance(text, Markup):
        return text
    return Markup(_PUNCTUATION.sub(r"\\\g<0>", " ".join(str(text).split())))


def quoted(text: object) -> Markup:
    """Text from data as Markdown within a string of YAML, for front matter."""
    return Markup(json.dumps(markdown(text), ensure_ascii=False))


def fenced(kind: str, text: str) -> Markup:
    """A fenced block that its own content cannot close: `kind` is `sql`, `{=html}` and the like."""
    fence = "`" * max(3, 1 + max(map(len, _BACKTICKS.findall(text)), default=0))
    return Markup(f"{fence}{kind}\n{text.strip()}\n{fence}\n")


def flat(text: str) -> str:
    """Text on one line, however the template breaks it."""
    words = " ".join(text.split())
    return Markup(words) if isinstance(text, Markup) else words


def address(name: str) -> Markup:
    """A file's name in a link."""
    return Markup(quote(name))


def uri(address: str) -> Markup:
    """An address as a link that shows itself."""
    return Markup(f"<{quote(address, safe=_RESERVED)}>") if address.startswith("http") else markdown(address)


def code(text: str) -> Markup:
    """Text from data as code within a line."""
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(text)), default=0))
    room = " " if len(fence) > 1 else ""
    return Markup(f"{fence}{room}{' '.join(text.split())}{room}{fence}")


def _table(
    caption: object, rows: Iterable, columns: Sequence, id: str = "", bare: bool = False, row_id: str = ""
) -> Markup:
    """The table of `blocks.html.j2` in a page of Markdown; with an id it is numbered, its caption outside.
    A bare one stands under a heading that says the same: only screen readers get its caption."""
    blocks = _blocks()
    if not id:
        return fenced("{=html}", blocks.table(caption, rows, columns, bare=bare))
    table = fenced("{=html}", blocks.numbered(rows, columns, f"tbl-{id}-caption", row_id))
    return Markup(f"::: {{#tbl-{id}}}\n{table}\n{markdown(caption)}\n:::\n")


@cache
def _blocks() -> Any:
    return _environment("html").get_template("blocks.html.j2").module


@pass_context
def _html_block(context: Context, template: str) -> Markup:
    """HTML in a page of Markdown, which Pandoc copies as it is."""
    own = context.environment.globals
    return fenced("{=html}", html(template, **{k: v for k, v in context.get_all().items() if k not in own}))


class _OneLanguage(FileSystemLoader):
    """Templates of one language only: taken into another, their text would be escaped for the wrong one."""

    def __init__(self, language: str):
        super().__init__(FOLDER)
        self.suffix = f".{language}.j2"

    def get_source(self, environment: Environment, template: str) -> tuple:
        if not template.endswith(self.suffix):
            raise TemplateNotFound(template, f"{template}: only templates named *{self.suffix} go in here")
        return super().get_source(environment, template)


@cache
def _environment(language: str) -> Environment:
    # Jinja escapes for HTML what is not marked as safe; `markdown` marks what it has escaped.
    made = Environment(
        loader=_OneLanguage(language),
        autoescape=True,
        finalize=markdown if language == "qmd" else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        comment_start_string="{*",
        comment_end_string="*}",
    )
    made.filters |= {"flat": flat, "cells": cells, "unbroken": unbroken, "address": address, **FORMATS}
    made.globals |= FORMATS | {
        "link": link,
        "or_why": or_why,
        "figure_or_why": figure_or_why,
        "in_words": IN_WORDS,
    }
    if language == "qmd":
        made.filters |= {
            "quoted": quoted,
            "code": code,
            "uri": uri,
            "fenced": lambda x, kind: fenced(kind, x),
        }
        made.globals |= {"html": _html_block, "table": _table}
    else:
        blocks = made.get_template("blocks.html.j2").module
        made.globals |= {name: getattr(blocks, name) for name in BLOCKS}
    return made


def _rendered(environment: Environment, template: str, values: dict[str, Any]) -> str:
    try:
        return environment.get_template(template).render(values)
    except TemplateError as error:
        raise _named(error, template) from error


def _named(error: TemplateError, template: str) -> RenderError:
    """The template's fault with its file and line."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".j2")]
    file = frames[-1].filename if frames else FOLDER / template
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    return RenderError(
        f"A template fails: {error}",
        file=file,
        where=f"line {line}" if line else None,
        todo="mend the template at that line; commissioning/site/templates.py says what it may use",
    )
