"""A `.qmd` page: front matter, prose and cells, each line with the file and line it came from."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from commissioning.base.errors import RenderError

FRONT_MATTER = {
    "title", "subtitle", "description", "abstract", "date", "categories", "format", "jupyter", "execute",
    "toc", "number-sections", "lang",
}  # fmt: skip
CELL_OPTIONS = {"label", "echo", "output", "include"}

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})\s*(?P<info>.*?)\s*$")
_SHORTCODE = re.compile(r"\{\{<\s*(?P<name>\S+)\s*(?P<rest>.*?)\s*>\}\}")
_INLINE_CELL = re.compile(r"(?<!`)`\{(?:python|r|julia|ojs)\} ")


@dataclass(frozen=True)
class Line:
    text: str
    file: Path
    number: int


@dataclass(frozen=True)
class Prose:
    lines: list[Line]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class Cell:
    """A Python cell. `line` is its opening fence; `code` holds its option lines too."""

    line: Line
    code: str
    options: dict[str, Any]

    @property
    def where(self) -> str:
        label = self.options.get("label")
        return f"line {self.line.number}, the cell" + (f" {label}" if label else "")


@dataclass(frozen=True)
class Page:
    path: Path
    front: dict[str, Any]
    parts: list[Prose | Cell]
    files: list[Path] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        return [part for part in self.parts if isinstance(part, Cell)]

    @property
    def is_plain(self) -> bool:
        """Whether the page is prose alone."""
        return all(isinstance(part, Prose) for part in self.parts)

    def formats(self, default: dict[str, Any]) -> set[str]:
        named = self.front.get("format", default)
        return {named} if isinstance(named, str) else set(named)

    def line_of(self, text: str) -> Line | None:
        """The first line of the page that holds `text`."""
        for part in self.parts:
            if isinstance(part, Prose):
                lines = part.lines
            else:
                code = part.code.splitlines()
                lines = [Line(t, part.line.file, part.line.number + 1 + i) for i, t in enumerate(code)]
            for line in lines:
                if text in line.text:
                    return line
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            if text in line:
                return Line(line, self.path, number)
        return None


def _fail(line: Line, what: str, **details: Any) -> RenderError:
    return RenderError(what, file=line.file, where=f"line {line.number}: {line.text.strip()}", **details)


def read_page(path: Path) -> Page:
    """Read a page. Raises `RenderError` for a front matter key, a cell option or a shortcode that the
    built-in renderer does not know."""
    front, body = _front_matter(path)
    files = [path]
    parts = _parts(_with_includes(body, files))
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return Page(path, front, parts, files + _registers(path, text))


def page_files(path: Path) -> list[Path]:
    """The page's `.qmd` and what it includes, and the YAML beside it that its cells read. Hundreds of pages
    have nothing of the kind, and are not read as pages to find that out."""
    text = path.read_text(encoding="utf-8")
    if "{{<" in text:
        return read_page(path).files
    return [path, *_registers(path, text)]


def _registers(path: Path, text: str) -> list[Path]:
    """What a page's cells read apart from the marts: YAML beside it, named in quotes."""
    if '.yml"' not in text:
        return []
    return [file for file in sorted(path.parent.glob("*.yml")) if f'"{file.name}"' in text]


def _lines(path: Path) -> list[Line]:
    text = path.read_text(encoding="utf-8-sig")
    return [Line(line, path, number) for number, line in enumerate(text.splitlines(), start=1)]


def _front_matter(path: Path) -> tuple[dict[str, Any], list[Line]]:
    lines = _lines(path)
    end = next((i for i, line in enumerate(lines[1:], start=1) if line.text.rstrip() == "---"), None)
    if not lines or lines[0].text.rstrip() != "---" or end is None:
        raise RenderError("The page has no front matter.", file=path, expected="--- YAML --- at its head")
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        front = yaml.load("\n".join(line.text for line in lines[1:end]), Loader=loader) or {}
    except yaml.YAMLError as error:
        raise RenderError(
            "The page's front matter cannot be read.",
            file=path,
            found=error,
            expected="YAML between two lines of ---",
        ) from None
    for key in front:
        if key not in FRONT_MATTER:
            line = next(line for line in lines if line.text.startswith(str(key)))
            raise _fail(
                line, f"Unknown key in the front matter: {key}.", expected=", ".join(sorted(FRONT_MATTER))
            )
    if not isinstance(front.get("title"), str):
        raise RenderError(
            "The page has no title.", file=path, where="front matter", expected="title: in the front matter"
        )
    if not isinstance(front.get("date", ""), str | datetime.date):
        raise RenderError("The page's date is not one.", file=path, expected="a fixed date, 2026-11-30")
    unknown = set(front.get("execute") or {}) - {"echo", "warning"}
    if unknown:
        raise RenderError(
            "Unknown execute option.",
            file=path,
            where="front matter",
            expected="echo or warning",
            found=", ".join(unknown),
        )
    return front, lines[end + 1 :]


def _with_includes(lines: list[Line], files: list[Path]) -> list[Line]:
    """The lines with `{{< include file >}}` replaced by that file's, whose paths are added to `files`."""
    out = []
    fence = None
    for line in lines:
        fence = _fence_after(fence, line)
        shortcode = None if fence else _SHORTCODE.search(line.text)
        if not shortcode:
            out.append(line)
            continue
        if shortcode["name"] != "include" or line.text.strip() != shortcode[0]:
            raise _fail(
                line, f"Unknown shortcode: {shortcode['name']}.", expected="include, on a line of its own"
            )
        included = (line.file.parent / shortcode["rest"]).resolve()
        if not included.is_file():
            raise _fail(line, "An included file is not there.", expected=included)
        if included in files:
            raise _fail(line, "A file is included twice.", found=included)
        files.append(included)
        out += _with_includes(_lines(included), files)
    return out


def _fence_after(fence: str | None, line: Line) -> str | None:
    """The code fence that is open after `line`, if any."""
    match = _FENCE.match(line.text)
    if not match:
        return fence
    if fence is None:
        return match["fence"]
    closes = match["fence"][0] == fence[0] and len(match["fence"]) >= len(fence) and not match["info"]
    return None if closes else fence


def _parts(lines: list[Line]) -> list[Prose | Cell]:
    parts: list[Prose | Cell] = []
    prose: list[Line] = []
    cell: list[Line] | None = None
    fence = None
    for line in lines:
        before, fence = fence, _fence_after(fence, line)
        if cell is not None:
            if fence is None:
                parts.append(_cell(cell))
                cell = None
            else:
                cell.append(line)
        elif before is None and fence is not None:
            if _is_cell(line):
                parts.append(Prose(prose))
                prose, cell = [], [line]
            else:
                prose.append(line)
        else:
            if fence is None and _INLINE_CELL.search(line.text):
                raise _fail(line, "Inline code cells are not supported.", todo="name a headline: [id]{.n}")
            prose.append(line)
    if cell is not None:
        raise _fail(cell[0], "A cell is not closed.")
    return [*parts, Prose(prose)]


def _is_cell(line: Line) -> bool:
    info = _FENCE.match(line.text)["info"]
    if not info.startswith("{") or info.startswith(("{.", "{#", "{=")):
        return False
    if info != "{python}":
        raise _fail(line, f"Unknown kind of cell: {info}.", expected="{python}")
    return True


def _cell(lines: list[Line]) -> Cell:
    opening, body = lines[0], lines[1:]
    written = []
    for line in body:
        if not line.text.startswith("#|"):
            break
        written.append(line)
    try:
        options = yaml.safe_load("\n".join(line.text[2:].removeprefix(" ") for line in written)) or {}
    except yaml.YAMLError as error:
        raise _fail(opening, "The cell's options cannot be read.", found=error) from None
    for key in options:
        if key not in CELL_OPTIONS:
            line = next(line for line in written if str(key) in line.text)
            raise _fail(line, f"Unknown cell option: {key}.", expected=", ".join(sorted(CELL_OPTIONS)))
    _check_options(opening, options)
    return Cell(opening, "\n".join(line.text for line in body), options)


def _check_options(line: Line, options: dict[str, Any]) -> None:
    for key in ("echo", "output", "include"):
        if not isinstance(options.get(key, True), bool):
            raise _fail(line, f"Cell option {key} must be true or false.", found=options[key])
    if str(options.get("label", "")).startswith(("fig-", "tbl-")):
        raise _fail(
            line,
            "A cell's label begins neither with fig- nor with tbl-.",
            found=options["label"],
            todo="give it to figure() or table(), which make the numbered figure or table",
        )
