"""The steps of the build as a drawing for `docs/architecture.md`, made from their table.

`python -m commissioning.build.drawing` writes it anew; a test says when that is due.
"""

from __future__ import annotations

from commissioning.base.files import replace_text
from commissioning.base.paths import project
from commissioning.build.order import SITE_STEPS, STEPS
from commissioning.build.step import Step

BEGIN, END = "<!-- drawn by commissioning.build.drawing -->\n", "<!-- end of the drawing -->\n"
SOURCES = ("ingest", "data", "dbt", "expectations", "reports")


def drawing() -> str:
    """Mermaid: a box a step, an arrow from the step that makes a file to each that reads it.

    Files that no step makes come from the folder that holds them.
    """
    steps = STEPS + SITE_STEPS
    boxes = [f'  {_id(step)}["{step.name}"]' for step in steps]
    arrows: dict[str, None] = {}
    for step in steps:
        for pattern in step.patterns():
            makers = [_id(other) for other in steps if pattern in other.makes and other is not step]
            for maker in makers or [_folder(pattern)]:
                arrows[f"  {maker} --> {_id(step)}"] = None
    folders = [f"  {name}[(data/raw/)]" if name == "data" else f"  {name}[({name}/)]" for name in SOURCES]
    return "\n".join(["```mermaid", "flowchart TD", *folders, *boxes, *arrows, "```", ""])


def _id(step: Step) -> str:
    return "step_" + step.name.replace(", ", "_").replace(" ", "_")


def _folder(pattern: str) -> str:
    """The folder that a pattern begins with; `CITATION.cff` goes with the reports that cite it."""
    first = pattern.split("/")[0]
    return first if first in SOURCES else "reports"


def with_drawing(text: str) -> str:
    """A page's text with the drawing between its two marks."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + drawing() + END + rest.split(END)[1]


if __name__ == "__main__":
    page = project().root / "docs" / "architecture.md"
    replace_text(page, with_drawing(page.read_text(encoding="utf-8")))
