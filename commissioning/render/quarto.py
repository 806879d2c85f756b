"""Rendering with Quarto, where somebody asks for it: `COMMISSIONING_RENDERER=quarto`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from commissioning.base.errors import RenderError
from commissioning.base.settings import one_of
from commissioning.site.config import Site, environment

SUFFIXES = {"html": ".html", "typst": ".pdf"}


RENDERERS = ("builtin", "quarto")


def find() -> str | None:
    """The Quarto to use, where `COMMISSIONING_RENDERER` is `quarto`: what `QUARTO` names, else the one on the
    path. None where the built-in renderer makes the pages, as it does unless it is asked otherwise."""
    what = "There are two renderers, and this is neither."
    if one_of("COMMISSIONING_RENDERER", RENDERERS, RenderError, what) == "builtin":
        return None
    named = os.environ.get("QUARTO")
    found = shutil.which(named or "quarto")
    if not found:
        raise RenderError(
            "QUARTO names no program." if named else "Quarto is not on the path.",
            file=named,
            where="environment variable COMMISSIONING_RENDERER",
            expected="a Quarto that is installed",
            todo="install it, name it in QUARTO, or unset COMMISSIONING_RENDERER",
        )
    return found


def version(executable: str) -> str:
    done = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        raise RenderError(
            "Quarto does not say which version it is.",
            file=executable,
            expected=f"`{executable} --version` answers with a number",
            found=(done.stderr or done.stdout).strip() or f"nothing, exit code {done.returncode}",
            todo="mend it, take it off the path, or name another in QUARTO",
        )
    return done.stdout.strip()


def render(
    executable: str,
    reports: Path,
    pages: list[Path] | None,
    progress: Callable[[str], object],
    finished: Callable[[Path, list[Path]], object] = lambda page, files: None,
) -> list[Path]:
    """Render the whole project in one call, or each of `pages` in one: Quarto's own project files do not bear
    two at once. Returns the files that the pages' formats promise, which must be there afterwards."""
    site = Site.read(reports)
    env = environment(f"Quarto {version(executable)}", reports.parent)
    # Cells run in the Python that runs this.
    env["QUARTO_PYTHON"] = sys.executable
    figures = reports / "_generated" / "figures"
    shutil.rmtree(figures, ignore_errors=True)
    written = []
    for target in [reports] if pages is None else pages:
        progress(f"Quarto: {target.name}")
        promised = {page: _promised(site, page) for page in (site.pages() if pages is None else [target])}
        before = {file: _written(file) for files in promised.values() for file in files}
        done = subprocess.run(
            [executable, "render", str(target), "--no-cache"],
            cwd=reports, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
        if done.returncode != 0:
            last = "\n    ".join(done.stdout.strip().splitlines()[-15:])
            raise RenderError(
                "Quarto could not render the page.",
                file=target,
                found=f"\n    {last}",
                todo=f"mend what it names; `quarto render {target.name}` in {reports} says all",
            )
        for page, files in promised.items():
            for file in files:
                if _written(file) in (None, before[file]):
                    raise RenderError(
                        "Quarto said it was done, but did not write a file.",
                        file=page,
                        expected=file,
                        todo="look whether `output-dir` and the page's formats are what they should be",
                    )
            _put_downloads_in_place(site, page, figures)
            finished(page, files)
            written += files
    return written


def _put_downloads_in_place(site: Site, page: Path, figures: Path) -> None:
    files = site.downloads(page, figures)
    for target, file in files.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    site.remove_other_downloads(page, files)


def _promised(site: Site, page: Path) -> list[Path]:
    front = next(yaml.safe_load_all(page.read_text(encoding="utf-8").split("\n---", 1)[0])) or {}
    named = front.get("format", site.formats)
    return [site.target(page, SUFFIXES[name]) for name in ([named] if isinstance(named, str) else named)]


def _written(file: Path) -> int | None:
    """When the file was written; None where there is none."""
    return file.stat().st_mtime_ns if file.is_file() else None
