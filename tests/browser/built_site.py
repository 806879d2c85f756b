"""The built site, as the browser tests address it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "reports" / "_site"


def pages() -> list[Path]:
    return sorted(SITE.rglob("*.html"))


def address(name: str) -> str:
    """The `file:` address of a page of the site, with an anchor if it names one."""
    name, _, anchor = name.partition("#")
    return (SITE / name).as_uri() + (f"#{anchor}" if anchor else "")


def open_everything(page) -> None:
    """Show what is folded away."""
    page.evaluate("""() => {
        for (const d of document.querySelectorAll('details')) { d.removeAttribute('name'); d.open = true }
    }""")
