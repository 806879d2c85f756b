"""The built-in renderer: Jupyter for the cells, Pandoc for the page, Typst for the PDF.

It knows exactly the Quarto features that the briefs use and refuses the rest, rather than rendering them
wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from commissioning.errors import RenderError
from commissioning.render import source
from commissioning.render.site import Site, environment

MARKDOWN = "markdown-implicit_figures"
SVG, TEXT = "image/svg+xml", "text/markdown"


def render(reports: Path, pages: list[Path], progress: Callable[[str], object]) -> list[Path]:
    """Render `pages` to the site, as many at once as there are processors. See `render_site`."""
    site = Site.read(reports)
    _copy_assets(site)
    results = _run(_render_all(site, pages, progress))
    failures = [result for result in results if isinstance(result, BaseException)]
    for failure in failures[1:]:
        progress(f"Also failed: {failure}")
    if failures:
        raise failures[0]
    return [file for files in results for file in files]


def _run(coroutine: Any) -> Any:
    """Run `coroutine` in a thread of its own, so that Ctrl-C reaches this one and cancels it: kernels are
    shut down on the way out. (In the main thread nbclient would take the signal for itself.)"""
    box: dict[str, Any] = {}
    started = threading.Event()

    async def main() -> None:
        box["loop"], box["task"] = asyncio.get_running_loop(), asyncio.current_task()
        started.set()
        box["result"] = await coroutine

    def thread() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            box["error"] = error
            started.set()

    worker = threading.Thread(target=thread, name="render")
    worker.start()
    try:
        worker.join()
    except BaseException:
        started.wait()
        if "error" not in box:
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                box["loop"].call_soon_threadsafe(box["task"].cancel)
        worker.join()
        raise
    if "error" in box:
        raise box["error"]
    return box["result"]


async def _render_all(site: Site, pages: list[Path], progress: Callable[[str], object]) -> list[Any]:
    slots = asyncio.Semaphore(os.cpu_count() or 1)
    env = environment(
        f"the built-in renderer: Pandoc {_pandoc_version()}, Typst {_typst_version()}", site.reports.parent
    )

    async def one(page: Path) -> list[Path]:
        async with slots:
            files = await _render_page(site, page, env)
            progress(f"Rendered {page.relative_to(site.reports).as_posix()}")
            return files

    results = await asyncio.gather(*(one(page) for page in pages), return_exceptions=True)
    unexpected = [r for r in results if isinstance(r, BaseException) and not isinstance(r, RenderError)]
    if unexpected:
        raise unexpected[0]
    return results


async def _render_page(site: Site, path: Path, env: dict[str, str]) -> list[Path]:
    page = await asyncio.to_thread(source.read_page, path)
    formats = page.formats(site.formats)
    if not formats <= {"html", "typst"}:
        raise RenderError(
            "Unknown format.", file=path, where="front matter", expected="html, typst", found=formats
        )
    with tempfile.TemporaryDirectory(prefix="commissioning-render-") as name:
        folder = Path(name).resolve()
        outputs: list[list[dict[str, Any]]] = []
        if page.cells:
            from commissioning.render import execute

            outputs = await execute.outputs(page, {**env, **_cell_environment(page, folder)})
        try:
            return await asyncio.to_thread(_write_page, site, page, outputs, formats, env, folder)
        except OSError as error:
            raise RenderError("The page could not be written.", file=path, found=error) from None


def _cell_environment(page: source.Page, folder: Path) -> dict[str, str]:
    """What `figures` asks: where its files go, and, as Quarto has it, the page that is being rendered."""
    return {
        "COMMISSIONING_FIGURES": str(folder / "figures"),
        "QUARTO_DOCUMENT_PATH": str(page.path.parent),
        "QUARTO_DOCUMENT_FILE": page.path.name,
    }


def _write_page(
    site: Site, page: source.Page, outputs: list, formats: set[str], env: dict[str, str], folder: Path
) -> list[Path]:
    """Both formats of a page and its downloads, from one run of its cells; put in place when all are made."""
    made: dict[Path, Path] = {}
    text = _markdown(page, outputs, folder)
    (folder / "page.md").write_text(_front(page) + text, encoding="utf-8", newline="\n")
    if "html" in formats:
        made[site.target(page.path, ".html")] = _html(site, page, folder, formats, env)
    if "typst" in formats:
        made[site.target(page.path, ".pdf")] = _pdf(site, page, folder, env)
    files = site.downloads(page.path, folder / "figures")
    _put_in_place(made | files)
    site.remove_other_downloads(page.path, files)
    return list(made)


def _put_in_place(made: dict[Path, Path]) -> None:
    """Copy each file beside its target first, so that both formats change, or neither."""
    try:
        for target, file in made.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, _part(target))
        for target in made:
            _part(target).replace(target)
    finally:
        for target in made:
            _part(target).unlink(missing_ok=True)


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


# Markdown: the page with its cells replaced by what they put out ------------------------------------------


def _front(page: source.Page) -> str:
    front = {
        key: value for key, value in page.front.items() if key not in {"format", "jupyter", "execute", "toc"}
    }
    front.pop("date", None)
    return "---\n" + yaml.safe_dump(front, allow_unicode=True, sort_keys=False) + "---\n\n"


def _markdown(page: source.Page, outputs: list, folder: Path) -> str:
    pieces, results = [], iter(outputs)
    echo = bool((page.front.get("execute") or {}).get("echo", False))
    for part in page.parts:
        if isinstance(part, source.Prose):
            pieces.append(part.text)
        elif isinstance(part, source.Chart):
            svg = part.file.read_text(encoding="utf-8")
            pieces.append(_figure(part.label, part.caption, part.alt, svg, folder))
        else:
            pieces.append(_cell(part, next(results), echo, folder))
    return "\n\n".join(pieces) + "\n"


def _cell(cell: source.Cell, outputs: list[dict[str, Any]], echo: bool, folder: Path) -> str:
    options, pieces = cell.options, []
    if not options.get("include", True):
        return ""
    if options.get("echo", echo):
        code = "\n".join(line for line in cell.code.splitlines() if not line.startswith("#|"))
        pieces.append(f"````python\n{code}\n````")
    if options.get("output", True):
        shown = [_bundle(cell, output) for output in outputs if output.get("name") != "stderr"]
        label = options.get("label", "")
        if label.startswith(("fig-", "tbl-")) and len(shown) != 1:
            raise _refused(cell, f"The cell {label} must show one thing.", found=f"{len(shown)} outputs")
        for mime, content in shown:
            pieces.append(_shown(cell, mime, content, folder))
    return "\n\n".join(pieces)


def _bundle(cell: source.Cell, output: dict[str, Any]) -> tuple[str, str]:
    data = output.get("data", {})
    for mime in (TEXT, SVG):
        if mime in data:
            return mime, data[mime]
    raise _refused(
        cell,
        "A cell puts out something that the built-in renderer does not show.",
        expected=f"{TEXT} or {SVG}: use show() for a chart, table() for a table",
        found="printed text" if output["output_type"] == "stream" else ", ".join(data),
    )


def _shown(cell: source.Cell, mime: str, content: str, folder: Path) -> str:
    options = cell.options
    label = options.get("label", "")
    if mime == SVG:
        if not label.startswith("fig-"):
            raise _refused(cell, "A chart needs a label that begins with fig-, a fig-cap and a fig-alt.")
        return _figure(label, options["fig-cap"], options["fig-alt"], content, folder)
    if label.startswith("fig-"):
        raise _refused(cell, f"The cell {label} shows text, not a chart.")
    if label.startswith("tbl-"):
        return f"::: {{#{label}}}\n{content.strip()}\n\n{options['tbl-cap'].strip()}\n:::"
    return content


def _figure(label: str, caption: str, alt: str, svg: str, folder: Path) -> str:
    (folder / f"{label}.svg").write_text(_own_ids(svg, label), encoding="utf-8")
    quoted = " ".join(alt.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'::: {{#{label}}}\n![]({label}.svg){{fig-alt="{quoted}"}}\n\n{caption.strip()}\n:::'


def _own_ids(svg: str, label: str) -> str:
    """Ids in a chart, made its own: charts share a page."""
    for name in set(re.findall(r'\bid="([^"]+)"', svg)):
        for form in ('id="{}"', "url(#{})", 'href="#{}"', "url('#{}')"):
            svg = svg.replace(form.format(name), form.format(f"{label}-{name}"))
    return svg


def _refused(cell: source.Cell, what: str, **details: Any) -> RenderError:
    return RenderError(what, file=cell.line.file, where=cell.where, **details)


# Pandoc and Typst ----------------------------------------------------------------------------------------


def _html(site: Site, page: source.Page, folder: Path, formats: set[str], env: dict[str, str]) -> Path:
    toc = bool(page.front.get("toc", site.formats.get("html", {}).get("toc", False)))
    date = _date(page)
    pdf = site.target(page.path, ".pdf").name if "typst" in formats else ""
    variables = {
        "root": site.root(page.path),
        "nav": site.navigation(page.path),
        "pdf": pdf,
        "date-or-pdf": bool(date or pdf),
        "date-iso": date.isoformat() if date else "",
    }
    arguments = [
        "--to=html5",
        "--wrap=none",
        "--mathml",
        "--email-obfuscation=none",
        "--syntax-highlighting=none",
    ]
    if toc:
        arguments += ["--toc", "--toc-depth=3"]
    return _pandoc(site, page, folder, env, "builtin.html", variables, arguments)


def _pdf(site: Site, page: source.Page, folder: Path, env: dict[str, str]) -> Path:
    import typst
    import vl_convert

    for svg in [*folder.glob("*.svg"), *(folder / "figures" / "charts").rglob("*.svg")]:
        # Typst draws an SVG's text with the machine's fonts; as PDF the chart brings its own.
        svg.with_suffix(".pdf").write_bytes(vl_convert.svg_to_pdf(svg.read_text(encoding="utf-8")))
    arguments = ["--to=typst", "--shift-heading-level-by=-1", "--wrap=none"]
    document = _pandoc(site, page, folder, env, "builtin.typ", {}, arguments)
    date = _date(page) or datetime.date(1970, 1, 1)
    midday = datetime.datetime(date.year, date.month, date.day, 12, tzinfo=datetime.UTC)
    try:
        pdf = typst.compile(
            str(document), root=str(folder), ignore_system_fonts=True, timestamp=int(midday.timestamp())
        )
    except typst.TypstError as error:
        raise RenderError("Typst could not make the PDF.", file=page.path, found=error) from None
    target = folder / "brief.pdf"
    target.write_bytes(pdf)
    return target


def _pandoc(
    site: Site,
    page: source.Page,
    folder: Path,
    env: dict[str, str],
    name: str,
    variables: dict,
    arguments: list[str],
) -> Path:
    """Run Pandoc over the page in `folder` with template `_theme/<name>`; the file it wrote."""
    target = folder / f"out-{name}"
    date = _date(page)
    metadata = {"lang": site.config.get("lang", "en-GB"), "site-name": site.name}
    if date:
        metadata["date"] = f"{date.day} {date:%B %Y}"
    defaults = {
        "from": MARKDOWN,
        "standalone": True,
        "template": str(site.reports / "_theme" / name),
        "filters": [str(site.reports / "_filters" / f"{f}.lua") for f in ("headlines", "builtin", "brief")],
        "metadata": metadata,
        "variables": variables,
        "input-files": ["page.md"],
        "output-file": str(target),
    }
    # YAML holds JSON.
    (folder / "defaults.yaml").write_text(json.dumps(defaults), encoding="utf-8")
    done = subprocess.run(
        [_pandoc_path(), "--defaults=defaults.yaml", "--data-dir=.", *arguments],
        cwd=folder, env={**env, "COMMISSIONING_PAGE_FOLDER": str(page.path.parent)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise _pandoc_error(page, done.stderr)
    return target


def _pandoc_error(page: source.Page, stderr: str) -> RenderError:
    """Pandoc's complaint, with the line of the page that holds its first quoted text."""
    message = re.sub(r"^Error running filter \S+:\n", "", stderr.partition("stack traceback:")[0]).strip()
    quoted = re.search(r"'([^']+)'", message)
    line = page.line_of(quoted[1]) if quoted else None
    return RenderError(
        f"The page could not be rendered: {message}",
        file=line.file if line else page.path,
        where=f"line {line.number}: {line.text.strip()}" if line else None,
    )


def _date(page: source.Page) -> datetime.date | None:
    written = page.front.get("date")
    if written is None or isinstance(written, datetime.date):
        return written
    try:
        return datetime.date.fromisoformat(written)
    except ValueError:
        raise RenderError(
            "The page's date is not one.", file=page.path, expected="2026-11-30", found=written
        ) from None


def _copy_assets(site: Site) -> None:
    assets = (site.reports / "_theme").iterdir()
    _put_in_place(
        {site.output / "_theme" / f.name: f for f in assets if f.suffix in {".css", ".svg", ".png", ".ico"}}
    )


@cache
def _pandoc_path() -> str:
    import pypandoc

    return pypandoc.get_pandoc_path()


@cache
def _pandoc_version() -> str:
    done = subprocess.run([_pandoc_path(), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


@cache
def _typst_version() -> str:
    """The compiler's own version, which the Python package's is not."""
    import typst

    return json.loads(typst.eval(b"", "str(sys.version)"))
