"""Both renderers' contract. The built-in one is run for real on a tiny project; Quarto is played by a script
that records how it was called."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commissioning.base import paths
from commissioning.base.errors import RenderError
from commissioning.render import builtin, page_inputs, render_site, renderer, site_pages
from commissioning.render.execute import Kernels
from commissioning.site import source
from commissioning.site.config import Site, environment

NBSP = "\u00a0"
REPORTS = Path(__file__).resolve().parents[2] / "reports"

HEADLINES = {"share": {"text": "12.5%", "label": "Share of spending", "definition": "made up"}}

BRIEF = """---
title: A brief
subtitle: The share is [share]{.n}
description: About [share]{.n}.
date: 2026-11-30
number-sections: true
---

::: {.finding}
It is [share]{.n}, as @fig-line, @tbl-parts and @sec-how say.
:::

## How much: [share]{.n} {#sec-how}

```{python}
import os
from pathlib import Path

import altair as alt
import polars as pl

from commissioning.site.charts.figures import Result, figure, table

assert Path.cwd().name == "reports" and Path(os.environ["COMMISSIONING_HOME"]).is_dir()
data = Result(
    "select year, share, who from mart_made_up where share < 2 order by year",
    pl.DataFrame({"year": [2020, 2021], "share": [0.1, -0.2], "who": ["=1+1", "<b>"]}),
)
chart = alt.Chart(data.rows).mark_line(clip=True).encode(x="year:Q", y="share:Q")
figure(
    "fig-line", chart, data,
    title="Up to [share]{.n}.", subtitle="Share, [share]{.n} at most.", source="Made up, 2021.",
    alt='A line that rises to "[share]{.n}" & stays.',
    columns={"who": "Who", "share": "Share, %"}, formats={"share": "{:.1%}"},
)
```

```{python}
table(data, columns={"who": "Who", "share": "Share"}, label="tbl-parts", caption="Parts of [share]{.n}")
```

::: {.callout-note}
## Mind the break
Not one line.
:::

::: {.callout-tip collapse="true" title="Only [share]{.n}"}
Folded.
:::

::: {.content-visible when-format="html"}
Web only.
:::

::: {.content-visible when-format="typst"}
Paper only.
:::

### A part {#sec-part}

- An item of [share]{.n}; see @sec-part and [home](index.qmd).

The last words.

::: {.sources}
- A source.
:::

::: {.cite}
To cite.

```bibtex
@report{made_up}
```
:::
"""

PLAIN = "---\ntitle: {title}\nformat:\n  html: default\n---\n\n{body}\n"


@pytest.fixture
def reports(tmp_path, monkeypatch):
    """A project of its own, with the real settings, filters and theme, and no Quarto."""
    (tmp_path / "ingest" / "catalogue").mkdir(parents=True)
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "dbt_project.yml").touch()
    folder = tmp_path / "reports"
    folder.mkdir()
    shutil.copy(REPORTS / "_quarto.yml", folder)
    for name in ("_filters", "_theme"):
        shutil.copytree(REPORTS / name, folder / name)
    (folder / "_generated").mkdir()
    (folder / "_generated" / "headlines.json").write_text(json.dumps(HEADLINES))
    marts = tmp_path / "data" / "marts"
    marts.mkdir(parents=True)
    (marts / "build.json").write_text('{"build_id": "abc123"}')
    write(folder, "index", "Home.")
    monkeypatch.setenv("COMMISSIONING_HOME", str(tmp_path))
    monkeypatch.delenv("QUARTO", raising=False)
    monkeypatch.setattr("commissioning.render.quarto.shutil.which", lambda name: None)
    paths.project.cache_clear()
    yield folder
    paths.project.cache_clear()


def write(reports: Path, name: str, body: str) -> Path:
    page = reports / f"{name}.qmd"
    page.write_text(PLAIN.format(title=name, body=body), encoding="utf-8")
    return page


def refusal(reports: Path, body: str) -> str:
    """What the renderer says of a page with this body; nothing of it may have been written."""
    page = write(reports, "page", body)
    with pytest.raises(RenderError) as caught:
        render_site([page])
    assert not (reports / "_site" / "page.html").exists()
    return str(caught.value)


def cell(*options: str, code: str = "1") -> str:
    return "\n".join(["```{python}", *(f"#| {option}" for option in options), code, "```"])


@pytest.fixture
def brief(reports, monkeypatch):
    """The brief, rendered; and the Typst source that its PDF was made of."""
    import typst

    sources = []
    compile_pdf = typst.compile

    def compile_and_keep(file, **options):
        sources.append(Path(file).read_text(encoding="utf-8"))
        return compile_pdf(file, **options)

    monkeypatch.setattr(typst, "compile", compile_and_keep)
    (reports / "brief.qmd").write_text(BRIEF, encoding="utf-8")
    written = render_site([reports / "brief.qmd"])
    return written, (reports / "_site" / "brief.html").read_text(encoding="utf-8"), sources[0]


def test_a_brief_on_paper_and_on_a_phone(brief):
    """On paper figures leave no page half empty, the sources follow the citation, and paragraphs are whole.
    On the web a chart is drawn for a wide window and for a phone."""
    _, html, typ = brief
    assert typ.index("#drawn[") < typ.index("#figure(") and "@report" in html and "@report" not in typ
    last, cite, sources = (typ.rindex(words) for words in ("The last words.", "#cite-block[", "#sources["))
    assert last < cite < sources
    # A page ends with a paragraph, not within one.
    assert "#block(breakable: false, spacing: 1.05em)[" in typ
    assert re.findall(r'<svg[^>]* class="(\w+)"', html) == ["wide", "phone"]


def test_a_brief_in_both_formats(reports, brief):
    written, html, typ = brief
    assert written == [reports / "_site" / "brief.html", reports / "_site" / "brief.pdf"]
    assert written[1].read_bytes().startswith(b"%PDF-")
    assert (reports / "_site" / "_theme" / "brief.css").is_file()
    assert not list((reports / "_site").rglob("*.part"))

    # Numbers: links in prose, title, two captions and a list item; plain text in subtitle and heading (which
    # the contents repeat), description, both alternative texts, caption of the data, the name of its box and
    # the callout's title.
    numbers = re.findall(
        r'<span class="number"><a href="numbers/share.html" class="n" data-id="share" '
        r'aria-describedby="(number-tip-\d)">12.5%</a>'
        r'<span id="(number-tip-\d)" class="n-tip" role="tooltip">Share of spending.</span></span>',
        html,
    )
    assert len(numbers) == len(set(numbers)) == 5
    assert all(link == tip for link, tip in numbers)
    assert html.count("12.5%") == 13
    assert '<meta name="description" content="About 12.5%.">' in html
    assert typ.count("12.5%") == 9
    assert "{.n}" not in html + typ

    # Figures and tables: numbered, anchored, captioned, described.
    assert '<figure id="fig-line" class="quarto-float quarto-float-fig">' in html
    assert '<span class="float-label">Figure\xa01:</span> Share, ' in html
    assert 'role="img" aria-label="A line that rises to &quot;12.5%&quot; &amp; stays."' in html
    assert re.search(r'id="fig-line-\w+"', html) and "<img" not in html
    assert '<span class="float-label">Table\xa01:</span> Parts of' in html
    assert 'alt: "A line that rises to \\"12.5%\\" & stays."' in typ

    # Cross-references.
    for anchor, text in [("fig-line", "Figure 1"), ("tbl-parts", "Table 1"), ("sec-how", "Section 1")]:
        assert f'<a href="#{anchor}" class="quarto-xref">{text.replace(" ", NBSP)}</a>' in html
        assert f'id="{anchor}"' in html
        assert f"#ref(<{anchor}>, supplement: [{text.split()[0]}])" in typ
    assert '<a href="#sec-part" class="quarto-xref">Section\xa01.1</a>' in html

    # Callouts, content for one format, links between pages, the foot of the page.
    note = r'<aside class="callout callout-note" aria-label="Mind the break"><p class="callout-title">'
    assert re.search(note + r"\s*Mind the break", html)
    assert '<details class="callout callout-tip"><summary' in html
    assert "Folded." in typ
    assert "Web only." in html and "Web only." not in typ
    assert "Paper only." in typ and "Paper only." not in html
    assert '<a href="index.html">home</a>' in html
    for text in (html, typ):
        pattern = r"Rendered by the built-in renderer: Pandoc 3\.\S+, Typst 0\.\S+ · .* · data build abc123"
        assert re.search(pattern, text)
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)
    # Search; Escape hides a number's tooltip; buttons copy a citation and take a chart away.
    search = '<script src="_theme/search.js" data-root="" defer>'
    scripts = re.findall("<script[^>]*>", html)
    charts = '<script src="_theme/charts.js" defer>'
    copy, tables = ('<script src="_theme/copy.js">', '<script src="_theme/tables.js">')
    assert sorted(scripts) == [charts, copy, search, tables, "<script>"]
    assert html.count("no-tips')") == 2


def test_the_same_page_gives_the_same_bytes(reports, brief):
    first = [file.read_bytes() for file in brief[0]]
    assert [file.read_bytes() for file in render_site([reports / "brief.qmd"])] == first


def test_all_pages_and_their_inputs(reports):
    (reports / "briefs").mkdir()
    (reports / "_part.qmd").write_text("Included [share]{.n}.")
    page = write(reports / "briefs", "one", "{{< include ../_part.qmd >}}")
    assert site_pages() == [page, reports / "index.qmd"]
    lines = []
    assert len(render_site(progress=lines.append)) == 2
    html = (reports / "_site" / "briefs" / "one.html").read_text(encoding="utf-8")
    assert "Included <span" in html and 'href="../_theme/brief.css"' in html
    assert sorted(line.partition(" (")[0] for line in lines) == [
        "Rendered briefs/one.qmd",
        "Rendered index.qmd",
    ]
    assert page_inputs(page) == [reports / "_part.qmd", page]


def test_a_failed_page_leaves_the_former_one_and_the_others_are_rendered(reports):
    page = write(reports, "page", "Good.")
    render_site([page])
    write(reports, "page", "Bad [nothing]{.n}.")
    with pytest.raises(RenderError):
        render_site([page, reports / "index.qmd"])
    assert "Good." in (reports / "_site" / "page.html").read_text(encoding="utf-8")
    assert (reports / "_site" / "index.html").is_file()


def test_a_failing_cell_is_named_with_page_line_and_traceback(reports):
    said = refusal(reports, "Text.\n\n" + cell("label: sums", "output: true", code="a = 1\na / 0"))
    assert "ZeroDivisionError" in said and "page.qmd" in said
    assert "line 9, the cell sums (line 13 of the file)" in said
    assert "a / 0" in said


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("\nA [no_such]{.n}.", ["unknown headline 'no_such'", "line 8: A [no_such]{.n}."]),
        ("See @fig-none.", ["unknown cross-reference '@fig-none'", "line 7:"]),
        ("See @jones2020.", ["neither a figure, a table nor a section", "line 7:"]),
        ("## A {#sec-a}\n\nSee @sec-a.", ["set number-sections: true", "line 9:"]),
        ("# Top", ["heading of the first level 'Top'", "line 7:"]),
        ("::: {.callout-caution}\nX\n:::", ["unknown callout '.callout-caution'", "line 7:"]),
        ('::: {.callout-note icon="false"}\nX\n:::', ["unknown callout attribute 'icon'"]),
        (
            "::: {.panel-tabset}\nX\n:::",
            ["'.panel-tabset' is a Quarto feature that is not supported", "line 7:"],
        ),
        ('::: {layout-ncol="2"}\nX\n:::', ["'layout-ncol' is a Quarto feature", "line 7:"]),
        ('::: {.content-visible when-format="pdf"}\nX\n:::', ["when-format must be html or typst"]),
        ("{{< video x.mp4 >}}", ["Unknown shortcode: video", "line 7:"]),
        ("{{< include none.qmd >}}", ["An included file is not there", "line 7:"]),
        ("![x](x.png)", ["an image that no figure() of a cell made"]),
        ('![It is](_chart.svg){#fig-file fig-alt="A square"}', ["'_chart.svg': an image that no figure()"]),
        ("[x](none.qmd)", ["link to a page that is not there: 'none.qmd'", "line 7:"]),
        ("It is `{python} 1`.", ["Inline code cells are not supported", "line 7:"]),
        ("```{r}\n1\n```", ["Unknown kind of cell: {r}", "line 7:"]),
        (cell("fig-width: 3"), ["Unknown cell option: fig-width", "line 8:"]),
        (cell("output: asis"), ["Cell option output must be true or false"]),
        (cell("label: fig-x"), ["label begins neither with fig- nor", "give it to figure() or table()"]),
        (cell("tbl-cap: X"), ["Unknown cell option: tbl-cap", "line 8:"]),
        ("```{python}\n1", ["A cell is not closed", "line 7:"]),
    ],
)
def test_what_is_not_known_is_refused(reports, body, expected):
    said = refusal(reports, body)
    assert "page.qmd" in said
    for part in expected:
        assert part in said


def test_output_that_cannot_be_shown_is_refused(reports):
    said = refusal(reports, cell(code="print('hello')"))
    assert "found: printed text" in said and "line 7, the cell" in said


def test_unknown_front_matter_is_refused(reports):
    page = reports / "page.qmd"
    page.write_text("---\ntitle: A\nbibliography: x.bib\n---\n")
    with pytest.raises(RenderError, match=r"(?s)Unknown key in the front matter: bibliography.*line 3"):
        render_site([page])


@pytest.fixture
def one_at_a_time(monkeypatch):
    """Pages with cells then follow each other in one kernel, in the order given."""
    monkeypatch.setattr(builtin.os, "cpu_count", lambda: 1)


def test_pages_share_a_kernel_and_nothing_else(reports, one_at_a_time):
    noted = "import os\nfrom pathlib import Path\nsize = Path(f'{name}.pid').write_text(str(os.getpid()))\n"
    leaves = "left, len = 1, None\nos.environ['LEFT'] = os.environ.pop('COMMISSIONING_HOME')\nos.chdir('..')"
    finds = (
        "import os\nassert 'LEFT' not in os.environ and 'COMMISSIONING_HOME' in os.environ\n"
        "from pathlib import Path\nassert Path.cwd().name == 'briefs'\n"
        "assert not {'left', 'name', 'Markdown', 'In1'} & set(globals()) and len([1]) == 1\n"
        "assert [code for code in In if 'left' in code] == In[-1:]\n"
    )
    (reports / "briefs").mkdir()
    first = write(reports, "first", cell(code=f"name = 'first'\n{noted}{leaves}"))
    second = write(reports / "briefs", "second", cell(code=f"{finds}name = 'second'\n{noted}"))
    render_site([first, second])
    assert (reports / "first.pid").read_text() == (reports / "briefs" / "second.pid").read_text()


def test_a_page_gives_the_same_bytes_after_another(reports, brief, one_at_a_time):
    alone = [file.read_bytes() for file in brief[0]]
    (reports / "before.qmd").write_text(BRIEF, encoding="utf-8")
    written = render_site([reports / "before.qmd", reports / "brief.qmd"])
    assert [file.read_bytes() for file in written[2:4]] == alone


def test_a_cell_that_fails_or_kills_its_kernel_leaves_the_next_page_alone(reports, one_at_a_time):
    good = "from commissioning.site.charts.figures import table\ntable([{'a': 1}])"
    for harm in ("1 / 0", "import os\nos._exit(1)"):
        bad = write(reports, "bad", "Text.\n\n" + cell("label: harm", code=harm))
        with pytest.raises(RenderError, match=r"(?s)bad\.qmd.*line 9, the cell harm"):
            render_site([bad, write(reports, "good", cell(code=good))])
        (reports / "_site" / "good.html").unlink()


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_ctrl_c_stops_the_kernels_and_writes_nothing(reports, tmp_path):
    code = (
        "import os, time\nfrom pathlib import Path\nPath('pid').write_text(str(os.getpid()))\ntime.sleep(60)"
    )
    page = write(reports, "page", cell(code=code))
    run = [sys.executable, "-c", f"from commissioning.render import render_site; render_site([r'{page}'])"]
    with subprocess.Popen(run, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        pid = reports / "pid"
        wait_for(lambda: pid.exists() and pid.read_text())
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in process.communicate(timeout=10)[1]
    assert process.returncode != 0
    wait_for(lambda: not is_running(int(pid.read_text())))
    assert not (reports / "_site" / "page.html").exists()


def wait_for(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_table_in_markdown(reports):
    page = write(reports, "page", "@tbl-md\n\n| a |\n|--:|\n| 1 |\n\n: Numbers {#tbl-md}\n")
    render_site([page])
    html = (reports / "_site" / "page.html").read_text(encoding="utf-8")
    assert '<figure id="tbl-md"' in html and "</span> Numbers</figcaption>" in html.replace("\n", "")


def test_a_page_that_cannot_be_written_is_named(reports):
    (reports / "_site" / "page.html").mkdir(parents=True)
    with pytest.raises(RenderError, match=r"(?s)could not be written.*page\.qmd"):
        render_site([write(reports, "page", "Text.")])
    assert not list((reports / "_site").glob("*.part"))


# Pages made by the hundred

EVERYTHING = """
::: {.finding}
It is [share]{.n} — *"quite"* a lot; see @sec-how, @tbl-parts and [home](index.qmd), a@b.org, $x^2$.
:::

## How much: [share]{.n} in 2014-15 {#sec-how}

| a | b |
|:--|--:|
| x | 1 |

: Parts {#tbl-parts}

| bare |
|------|
| y    |

```{=html}
<figure><svg role="img" aria-label="Nought & one"><text>é&#x2009;1</text></svg></figure>
```

::: {.callout-note collapse="true" title="Only [share]{.n}"}
Folded.[^1]
:::

::: {.content-visible when-format="typst"}
Paper only.
:::

[^1]: A note.

```python
print("code")
```
"""

FRONT = """---
title: A page of 'everything'
subtitle: The share is [share]{.n}
date: 2026-11-30
format: html
toc: true
number-sections: true
---
"""


@pytest.fixture
def page(reports):
    path = reports / "councils" / "everything.qmd"
    path.parent.mkdir()
    path.write_text(FRONT + EVERYTHING.replace("(index.qmd)", "(../index.qmd)"), encoding="utf-8")
    return path


def test_both_ways_give_the_same_bytes(reports, page, monkeypatch):
    site = Site.read(reports)
    env = environment(
        f"the built-in renderer: Pandoc {builtin._pandoc_version()}, Typst {builtin._typst_version()}",
        reports.parent,
    )
    (one,) = builtin._run(builtin._render_page(site, source.read_page(page), env, Kernels()))
    alone = one.read_bytes()
    one.unlink()
    # In one process with another page: what that leaves behind must not show in this one.
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    other = write(reports, "other", "[share]{.n}\n\n| a |\n|---|\n| 1 |\n\n: Other {#tbl-parts}")
    assert render_site([other, page])[1] == one
    assert one.read_bytes() == alone
    assert b'aria-current="page"' not in alone and "Section\xa01".encode() in alone


def test_a_bad_page_among_many_is_named_and_the_others_are_made(reports):
    pages = [write(reports, f"page-{i}", f"## Part {i}\n\nAll good.") for i in range(8)]
    write(reports, "page-3", "Fine.\n\nA [no_such]{.n}.")
    write(reports, "page-5", "# Top")
    lines = []
    with pytest.raises(RenderError, match=r"(?s)unknown headline 'no_such'.*page-3\.qmd.*line 9: A \[no"):
        render_site(pages, progress=lines.append)
    assert any("Also failed" in line and "heading of the first level 'Top'" in line for line in lines)
    made = {file.name for file in (reports / "_site").iterdir() if file.is_file()}
    assert made == {f"page-{i}.html" for i in range(8) if i not in (3, 5)}


def test_a_process_that_dies_is_an_error_and_not_a_wait(reports, monkeypatch):
    monkeypatch.setattr(builtin, "_filters", lambda site: 7)  # no list of filters
    page = write(reports, "page", "Text.")
    with pytest.raises(RenderError, match=r"(?s)Pandoc ended: .*page\.qmd"):
        render_site([page])
    assert not (reports / "_site" / "page.html").exists()


QUARTO = """#!{python}
import json, os, sys
from pathlib import Path
if sys.argv[1:] == ["--version"]:
    print("1.9.99")
    sys.exit()
here = Path(__file__).parent
calls = here / "calls.json"
known = json.loads(calls.read_text()) if calls.exists() else []
keys = ["COMMISSIONING_HOME", "COMMISSIONING_COLOPHON", "QUARTO_PYTHON"]
known.append({{"arguments": sys.argv[1:], "cwd": os.getcwd(), **{{key: os.environ[key] for key in keys}}}})
calls.write_text(json.dumps(known))
if "bad" in sys.argv[2]:
    print("ERROR: unknown headline 'x'", file=sys.stderr)
    sys.exit(1)
if "silent" not in sys.argv[2]:
    site = Path(os.getcwd()) / "_site"
    site.mkdir(exist_ok=True)
    (site / "index.html").write_text("made by Quarto")
"""


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Quarto is a script with a #! line")
def test_quarto_is_called_where_it_is_asked_for(reports, tmp_path, monkeypatch):
    script = tmp_path / "bin" / "quarto"
    script.parent.mkdir()
    script.write_text(QUARTO.format(python=sys.executable))
    script.chmod(0o755)
    monkeypatch.undo()  # give `shutil.which` back
    monkeypatch.setenv("COMMISSIONING_HOME", str(tmp_path))
    monkeypatch.setenv("QUARTO", str(script))
    paths.project.cache_clear()
    assert renderer() == "built-in"  # a Quarto that is there is not used in silence
    monkeypatch.setenv("COMMISSIONING_RENDERER", "quarto")

    assert render_site() == [reports / "_site" / "index.html"]
    other = write(reports, "other", "Text.")
    assert render_site([reports / "index.qmd"]) == [reports / "_site" / "index.html"]
    other.unlink()
    # Every page there is: one call for all.
    assert render_site([reports / "index.qmd"]) == [reports / "_site" / "index.html"]
    whole, page, again = json.loads((script.parent / "calls.json").read_text())
    assert again["arguments"] == whole["arguments"]
    assert whole["arguments"] == ["render", str(reports), "--no-cache"]
    assert page["arguments"] == ["render", str(reports / "index.qmd"), "--no-cache"]
    for call in (whole, page):
        assert call["cwd"] == str(reports)
        assert call["COMMISSIONING_HOME"] == str(tmp_path)
        assert call["QUARTO_PYTHON"] == sys.executable
        assert call["COMMISSIONING_COLOPHON"].startswith(
            "Rendered by Quarto 1.9.99 · commissioning-evidence "
        )

    with pytest.raises(RenderError, match=r"(?s)Quarto could not render.*unknown headline 'x'"):
        render_site([write(reports, "bad", "")])
    with pytest.raises(RenderError, match="did not write a file"):
        render_site([write(reports, "silent", "")])
    # A page of a former render is not taken for one of this.
    (reports / "_site" / "silent.html").write_text("an older page")
    with pytest.raises(RenderError, match="did not write a file"):
        render_site([reports / "silent.qmd"])
    script.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(RenderError, match="does not say which version"):
        render_site()
    monkeypatch.setenv("QUARTO", str(tmp_path / "none"))
    with pytest.raises(RenderError, match="QUARTO names no program"):
        render_site()
    monkeypatch.setenv("COMMISSIONING_RENDERER", "word")
    with pytest.raises(RenderError, match="this is neither"):
        render_site()


def test_the_bar_says_where_a_page_lies(reports):
    (reports / "councils").mkdir()
    pages = [write(reports / "councils", "devon", "Text."), write(reports, "sources", "Text.")]
    render_site(pages)
    devon, sources = (
        (reports / "_site" / f"{n}.html").read_text(encoding="utf-8") for n in ("councils/devon", "sources")
    )
    assert '<li><a href="../councils/index.html" aria-current="true">Councils</a></li>' in devon
    assert (
        '<li><a href="../index.html">Home</a></li>\n<li><a href="../councils/index.html">Councils</a></li>'
        in devon
    )
    assert '<li><a href="data.html" aria-current="true">Data</a></li>' in sources
    assert 'action="../search.html"' in devon and 'src="../_theme/search.js" data-root="../"' in devon
    assert "Breadcrumb" not in rendered(reports, "index")


def rendered(reports: Path, name: str) -> str:
    render_site([reports / f"{name}.qmd"])
    return (reports / "_site" / f"{name}.html").read_text(encoding="utf-8")


def test_a_folder_of_pages_lies_under_the_page_that_names_it():
    site = Site.read(paths.project().reports)
    page = site.reports / "quality" / "raw-pss_ex1.qmd"
    assert [link["text"] for link in site.crumbs(page)] == ["Home", "Quality"]
    assert site.section_name(page) == "Quality"
