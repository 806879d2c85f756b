"""Briefs: the Quarto project in `reports/` -> web pages and PDFs in `reports/_site/`.

The built-in renderer makes them out of the parts that Quarto is made of: Jupyter for the cells, Pandoc and
Typst. Quarto itself makes the same pages where `COMMISSIONING_RENDERER=quarto` asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from commissioning.base.errors import RenderError
from commissioning.base.paths import project

__all__ = [
    "copy_theme",
    "page_inputs",
    "page_outputs",
    "render_site",
    "renderer",
    "site_pages",
]


def render_site(
    pages: list[Path] | None = None,
    *,
    progress: Callable[[str], object] = lambda line: None,
    finished: Callable[[Path, list[Path]], object] = lambda page, files: None,
) -> list[Path]:
    """Render `pages` (default: every page of the site) and return the files written.

    Each page is written whole or not at all: one that fails leaves its former files in place, and the others
    are still rendered. `progress` is called with one line a page, and `finished` with each page that is in
    place and its files. Raises `RenderError`, which names page and line, after the last page.
    """
    from commissioning.render import builtin, quarto

    reports = project().reports
    chosen = None if pages is None else [Path(page).resolve() for page in pages]
    executable = quarto.find()
    if executable:
        # The whole project in one call: page by page it takes many times as long.
        whole = chosen is None or set(chosen) >= {page.resolve() for page in site_pages()}
        return quarto.render(executable, reports, None if whole else chosen, progress, finished)
    return builtin.render(reports, site_pages() if chosen is None else chosen, progress, finished)


def renderer() -> str:
    """Which renderer makes the pages: Quarto with its version, or the one that is part of this package."""
    from commissioning.render import quarto

    executable = quarto.find()
    return f"Quarto {quarto.version(executable)}" if executable else "built-in"


def copy_theme() -> None:
    """Put the theme's styles and scripts beside the pages."""
    from commissioning.render import builtin
    from commissioning.site.config import Site

    builtin.copy_assets(Site.read(project().reports))


def site_pages() -> list[Path]:
    """Every page of the site, in a fixed order: what `project: render:` in `_quarto.yml` lists, else every
    `.qmd` whose name and folders do not begin with `_` or `.`."""
    from commissioning.site.config import Site

    return Site.read(project().reports).pages()


def page_inputs(page: Path) -> list[Path]:
    """The files that one page is made of: its `.qmd`, what that includes, and the YAML beside it that its
    cells read. Raises `RenderError` for a file from outside the project."""
    from commissioning.site.source import page_files

    files = sorted(set(page_files(Path(page).resolve())))
    for file in files:
        if not file.is_relative_to(project().root):
            raise RenderError(
                "A page takes in a file from outside the project.",
                file=page,
                found=file,
                todo="put the file beside the page",
            )
    return files


def page_outputs(page: Path) -> list[Path]:
    """The files in `reports/_site/` that a page is rendered to: HTML, and PDF where the page asks for it."""
    from commissioning.site.config import Site
    from commissioning.site.source import read_page

    site, suffixes = Site.read(project().reports.resolve()), {"html": ".html", "typst": ".pdf"}
    found = read_page(Path(page).resolve())
    return [site.target(found.path, suffixes[name]) for name in sorted(found.formats(site.formats))]
