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
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from commissioning.base.errors import RenderError
from commissioning.render import batch
from commissioning.site import source
from commissioning.site.config import Site, environment

if TYPE_CHECKING:
    from commissioning.render.execute import Kernels

MARKDOWN = "markdown-implicit_figures"
TEXT = "text/markdown"


def render(
    reports: Path,
    pages: list[Path],
    progress: Callable[[str], object],
    finished: Callable[[Path, list[Path]], object] = lambda page, files: None,
) -> list[Path]:
    """Render `pages` to the site, as many at once as there are processors. See `render_site`."""
    site = Site.read(reports)
    copy_assets(site)
    results = _run(_render_all(site, pages, progress, finished))
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


async def _render_all(
    site: Site,
    paths: list[Path],
    progress: Callable[[str], object],
    finished: Callable[[Path, list[Path]], object],
) -> list[Any]:
    """For each path, in that order, the files written or the `RenderError`."""
    # It takes half a second to import.
    from commissioning.render.execute import Kernels

    slots = asyncio.Semaphore(os.cpu_count() or 1)
    env = environment(
        f"the built-in renderer: Pandoc {_pandoc_version()}, Typst {_typst_version()}", site.reports.parent
    )
    results: dict[Path, list[Path] | RenderError] = {}

    def done(path: Path, result: list[Path] | RenderError) -> None:
        results[path] = result
        if not isinstance(result, RenderError):
            finished(path, result)
            progress(f"Rendered {path.relative_to(site.reports).as_posix()} ({len(results)} of {len(paths)})")

    async def one(page: source.Page) -> None:
        async with slots:
            done(page.path, await _attempt(page, _render_page(site, page, env, kernels)))

    async def many(pages: Iterator[source.Page]) -> None:
        async with slots, batch.Pandoc(_pandoc_path(), _batch_settings(site), env) as pandoc:
            for page in pages:
                done(page.path, await _attempt(page, _render_plain(site, page, pandoc)))

    pages = []
    for path in paths:
        try:
            page = source.read_page(path)
            _check_formats(site, page)
            pages.append(page)
        except RenderError as error:
            results[path] = error
    plain = [page for page in pages if page.is_plain and page.formats(site.formats) == {"html"}]
    remaining = iter(plain)  # whichever process is free takes the next page
    processes = min(len(plain), os.cpu_count() or 1)
    others = [page for page in pages if page not in plain]
    async with Kernels() as kernels:
        await asyncio.gather(*map(one, others), *(many(remaining) for _ in range(processes)))
    return [results[path] for path in paths]


def _check_formats(site: Site, page: source.Page) -> None:
    formats = page.formats(site.formats)
    if not formats <= {"html", "typst"}:
        raise RenderError(
            "Unknown format.", file=page.path, where="front matter", expected="html, typst", found=formats
        )


async def _attempt(page: source.Page, rendering: Awaitable[list[Path]]) -> list[Path] | RenderError:
    try:
        return await rendering
    except RenderError as error:
        return error
    except OSError as error:
        return RenderError(
            "The page could not be written.",
            file=page.path,
            found=error,
            todo="make the site's folder writable, and close programs that hold the page",
        )


async def _render_page(site: Site, page: source.Page, env: dict[str, str], kernels: Kernels) -> list[Path]:
    """Render a page with all that it may hold."""
    with tempfile.TemporaryDirectory(prefix="commissioning-render-") as name:
        folder = Path(name).resolve()
        outputs = await kernels.outputs(page, {**env, **_cell_environment(page, folder)})
        formats = page.formats(site.formats)
        return await asyncio.to_thread(_write_page, site, page, outputs, formats, env, folder)


def _cell_environment(page: source.Page, folder: Path) -> dict[str, str]:
    """What `figures` asks: where its files go, and, as Quarto has it, the page that is being rendered."""
    return {
        "COMMISSIONING_FIGURES": str(folder / "figures"),
        "QUARTO_DOCUMENT_PATH": str(page.path.parent),
        "QUARTO_DOCUMENT_FILE": page.path.name,
    }


async def _render_plain(site: Site, page: source.Page, pandoc: batch.Pandoc) -> list[Path]:
    """Render a page that is prose alone, for the web alone."""
    target = site.target(page.path, ".html")
    target.parent.mkdir(parents=True, exist_ok=True)
    job = {
        "text": _front(page) + "\n\n".join(part.text for part in page.parts) + "\n",
        "output": str(_part(target)),
        "metadata": _metadata(site, page),
        "variables": _html_variables(site, page, {"html"}),
        "toc": _has_toc(site, page),
    }
    try:
        complaint = await pandoc.render(job)
        if complaint:
            raise _pandoc_error(page, complaint)
        _part(target).replace(target)
    finally:
        _part(target).unlink(missing_ok=True)
    return [target]


def _batch_settings(site: Site) -> dict[str, Any]:
    return {
        "from": MARKDOWN,
        "to": "html5",
        "template": _template(site, "builtin.html"),
        "filters": _filters(site),
    }


def _write_page(
    site: Site, page: source.Page, outputs: list, formats: set[str], env: dict[str, str], folder: Path
) -> list[Path]:
    """Both formats of a page and its downloads, from one run of its cells; put in place when all are made."""
    made: dict[Path, Path] = {}
    text = _markdown(page, outputs)
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


def _markdown(page: source.Page, outputs: list) -> str:
    pieces, results = [], iter(outputs)
    echo = bool((page.front.get("execute") or {}).get("echo", False))
    for part in page.parts:
        if isinstance(part, source.Prose):
            pieces.append(part.text)
        else:
            pieces.append(_cell(part, next(results), echo))
    return "\n\n".join(pieces) + "\n"


def _cell(cell: source.Cell, outputs: list[dict[str, Any]], echo: bool) -> str:
    options, pieces = cell.options, []
    if not options.get("include", True):
        return ""
    if options.get("echo", echo):
        code = "\n".join(line for line in cell.code.splitlines() if not line.startswith("#|"))
        pieces.append(f"````python\n{code}\n````")
    if options.get("output", True):
        pieces += [_text(cell, output) for output in outputs if output.get("name") != "stderr"]
    return "\n\n".join(pieces)


def _text(cell: source.Cell, output: dict[str, Any]) -> str:
    data = output.get("data", {})
    if TEXT in data:
        return data[TEXT]
    raise RenderError(
        "A cell puts out something that the built-in renderer does not show.",
        file=cell.line.file,
        where=cell.where,
        expected=f"{TEXT}: use figure() for a chart, table() for a table",
        found="printed text" if output["output_type"] == "stream" else ", ".join(data),
    )


# Pandoc and Typst ----------------------------------------------------------------------------------------


def _has_toc(site: Site, page: source.Page) -> bool:
    return bool(page.front.get("toc", site.formats.get("html", {}).get("toc", False)))


def _html_variables(site: Site, page: source.Page, formats: set[str]) -> dict[str, Any]:
    date = _date(page)
    pdf = site.target(page.path, ".pdf").name if "typst" in formats else ""
    crumbs = site.crumbs(page.path)
    return {
        **({"crumbs": crumbs} if crumbs else {}),  # an empty list would count as something
        "root": site.root(page.path),
        # The site of a workspace has neither briefs nor pages about the project.
        "has-briefs": (site.reports / "accessibility.qmd").exists(),
        "nav": site.navigation(page.path),
        "pdf": pdf,
        "date-or-pdf": bool(date or pdf),
        "date-iso": date.isoformat() if date else "",
    }


def _metadata(site: Site, page: source.Page) -> dict[str, str]:
    date = _date(page)
    metadata = {
        "lang": site.config.get("lang", "en-GB"),
        "site-name": site.name,
        "page-folder": str(page.path.parent),
        "site-root": site.root(page.path),
    }
    if date:
        metadata["date"] = f"{date.day} {date:%B %Y}"
    return metadata


def _template(site: Site, name: str) -> str:
    return str(site.reports / "_theme" / name)


def _filters(site: Site) -> list[str]:
    return [
        str(site.reports / "_filters" / f"{f}.lua") for f in ("headlines", "builtin", "brief", "glossary")
    ]


def _html(site: Site, page: source.Page, folder: Path, formats: set[str], env: dict[str, str]) -> Path:
    # batch.lua sets the same for pages made by the hundred.
    arguments = [
        "--to=html5",
        "--wrap=none",
        "--mathml",
        "--email-obfuscation=none",
        "--syntax-highlighting=none",
    ]
    if _has_toc(site, page):
        arguments += ["--toc", "--toc-depth=3"]
    return _pandoc(site, page, folder, env, "builtin.html", _html_variables(site, page, formats), arguments)


def _pdf(site: Site, page: source.Page, folder: Path, env: dict[str, str]) -> Path:
    import typst
    import vl_convert

    for svg in (folder / "figures" / "charts").rglob("*.svg"):
        # Typst draws an SVG's text with the machine's fonts; as PDF the chart brings its own.
        svg.with_suffix(".pdf").write_bytes(vl_convert.svg_to_pdf(svg.read_text(encoding="utf-8")))
    arguments = ["--to=typst", "--shift-heading-level-by=-1", "--wrap=none"]
    document = _pandoc(site, page, folder, env, "builtin.typ", {}, arguments)
    date = _date(page) or datetime.date(1970, 1, 1)
    midday = datetime.datetime(date.year, date.month, date.day, 12, tzinfo=datetime.UTC)
    set_as = {"root": str(folder), "ignore_system_fonts": True}
    try:
        inputs = _tightness(str(document), set_as)
        pdf = typst.compile(str(document), **set_as, sys_inputs=inputs, timestamp=int(midday.timestamp()))
    except typst.TypstError as error:
        raise RenderError(
            "Typst could not make the PDF.",
            file=page.path,
            found=error,
            todo="mend what Typst names; the web page does not need it",
        ) from None
    target = folder / "brief.pdf"
    target.write_bytes(pdf)
    return target


_FEW, _TIGHTEST = 0.45, 3
"""A last page filled less than so far down is avoided, where setting the text somewhat tighter can do it."""


def _tightness(document: str, set_as: dict[str, Any]) -> dict[str, str]:
    """What the theme is told, so that no last page holds but a few lines."""
    import typst

    def end(inputs: dict[str, str]) -> dict[str, float]:
        found = typst.query(document, "<end>", field="value", one=True, sys_inputs=inputs, **set_as)
        return json.loads(found)

    loose = {"tight": "0"}
    usual = end(loose)
    if usual["page"] > 1 and usual["down"] < _FEW:
        for tight in range(1, _TIGHTEST + 1):
            if end({"tight": str(tight)})["page"] < usual["page"]:
                return {"tight": str(tight)}
    return loose


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
    defaults = {
        "from": MARKDOWN,
        "standalone": True,
        "template": _template(site, name),
        "filters": _filters(site),
        "metadata": _metadata(site, page),
        "variables": variables,
        "input-files": ["page.md"],
        "output-file": str(target),
    }
    # YAML holds JSON.
    (folder / "defaults.yaml").write_text(json.dumps(defaults), encoding="utf-8")
    done = subprocess.run(
        [_pandoc_path(), "--defaults=defaults.yaml", "--data-dir=.", *arguments],
        cwd=folder, env=env,
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
        todo="mend what is named; docs/adding.md lists what a brief may hold",
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


def copy_assets(site: Site) -> None:
    folder = site.output / "_theme"
    assets = {
        folder / file.name: file
        for file in (site.reports / "_theme").iterdir()
        if file.suffix in {".css", ".js", ".svg", ".png", ".ico"}
    }
    _put_in_place(assets)
    for leftover in {file for file in folder.iterdir() if file.is_file()} - set(assets):
        leftover.unlink()


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
