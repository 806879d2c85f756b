"""The figure component, outside any page: what it writes, and what it does to text that comes from data."""

from __future__ import annotations

import json
import re

import altair as alt
import duckdb
import pandas as pd
import polars as pl
import pytest

from commissioning.base import csvs
from commissioning.site.charts import phone
from commissioning.site.charts.figures import INK, MUTED, PALETTE, Result, figure, plain, query, table

ROWS = pl.DataFrame({"year": [2020, 2021], "share": [0.1, -0.25], "basis": ["a", "<i>*b*</i>"]})
RESULT = Result("select year, share, basis from mart_made_up where share < 2 order by year", ROWS)
WORDS = {
    "title": "It *fell*.",
    "subtitle": "Share, by year.",
    "source": "Made up & more.",
    "alt": 'A "line".',
}


def chart(rows: pl.DataFrame) -> alt.Chart:
    return alt.Chart(rows).mark_line().encode(x="year:O", y="share:Q", color="basis:N")


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_FIGURES", str(tmp_path))
    monkeypatch.setenv("QUARTO_DOCUMENT_PATH", "elsewhere")
    monkeypatch.setenv("QUARTO_DOCUMENT_FILE", "brief.qmd")
    return tmp_path


def test_a_figure_writes_its_chart_and_downloads_always_alike(written):
    def files() -> dict[str, bytes]:
        found = sorted(file for file in written.rglob("*") if file.is_file())
        return {file.relative_to(written).as_posix(): file.read_bytes() for file in found}

    first = figure("fig-fall", chart(ROWS), RESULT, **WORDS), files()
    assert list(first[1]) == ["charts/brief/fig-fall.svg"] + [
        f"downloads/brief/fig-fall.{kind}" for kind in ("csv", "csv-metadata.json", "png", "svg")
    ] + ["phones/brief/fig-fall.svg"]
    assert (figure("fig-fall", chart(ROWS), RESULT, **WORDS).markdown, files()) == (
        first[0].markdown,
        first[1],
    )

    drawing = first[1]["charts/brief/fig-fall.svg"].decode()
    assert PALETTE[0] in drawing and "Liberation Sans" in drawing
    assert 480 < float(re.search(r' width="([\d.]+)"', drawing)[1]) < 600
    alone = first[1]["downloads/brief/fig-fall.svg"].decode()
    assert "It fell." in alone and "Share, by year." in alone and "Source: Made up &amp; more." in alone
    assert "It fell." not in drawing
    assert first[1]["downloads/brief/fig-fall.png"].startswith(b"\x89PNG")


def test_a_chart_for_a_phone_is_narrow_and_its_words_keep_their_size(written):
    """Panels side by side come below one another, and long names of rows leave the bars room."""
    panels = chart(ROWS).properties(width=250).facet(column="basis:N")
    names = ROWS.with_columns(name=pl.lit("A service for people whose name takes half of the line or more"))
    bars = alt.Chart(names).mark_bar().encode(x="share:Q", y="name:N")
    for one in (panels, bars):
        figure("fig-fall", one, RESULT, **WORDS)
        wide, narrow = (
            (written / kind / "brief" / "fig-fall.svg").read_text(encoding="utf-8")
            for kind in ("charts", "phones")
        )
        size = re.search(r' width="([\d.]+)" height="([\d.]+)"', narrow)
        assert phone.ROOM < float(size[1]) <= phone.WIDEST < float(re.search(r' width="([\d.]+)', wide)[1])
        assert set(re.findall(r'font-size="(\d+)', wide)) == set(re.findall(r'font-size="(\d+)', narrow))
        assert not set(re.findall(r' id="([^"]+)"', wide)) & set(re.findall(r' id="([^"]+)"', narrow))


def test_a_figure_shows_its_data_and_sql_as_text(written):
    text = figure(
        "fig-fall", chart(ROWS), RESULT, columns={"basis": "Basis", "share": "Share, %"}, **WORDS
    ).markdown
    assert "**It *fell*.**" in text and "[Source: Made up & more.]{.source-line}" in text
    assert 'fig-alt="A \\"line\\"."' in text
    assert '<th scope="row">&lt;i&gt;*b*&lt;/i&gt;</th>' in text
    assert "where share &lt; 2 order by year" in text
    assert '<th scope="col" class="number">Share, %</th>' in text
    assert 'href="downloads/brief/fig-fall.csv" download' in text


def test_a_figure_needs_its_label(written):
    with pytest.raises(ValueError, match="begins with fig-"):
        figure("fall", chart(ROWS), RESULT, **WORDS)
    with pytest.raises(ValueError, match="begins with tbl-"):
        table(RESULT, label="fall", caption="x")
    with pytest.raises(ValueError, match="caption"):
        table(RESULT, label="tbl-fall")


def test_every_column_of_a_wide_table_has_room_for_its_longest_word():
    """ "Arithmetic" ran into the next head in print: long texts beside it had taken its width."""
    long = "Care-related quality of life, score points (0 to 24)"
    row = {
        "Outcome": long,
        "Arithmetic": "–",
        "Adjusted p": "1.000",
        "Verdict": "beyond arithmetic: association",
    }
    row |= {"Estimate": "+0.02", "Interval": "−0.11 to 0.16", "Could see": "0.49", "Benchmark": "0.1"}
    rule = table([row]).markdown.splitlines()[1]
    widths = dict(zip(row, (len(cell.strip(" :")) for cell in rule.strip("|").split("|")), strict=True))
    line = sum(widths.values())
    assert line <= 136
    assert all(132 * widths[head] / line >= 1.2 * len(word) + 2 for head in row for word in head.split())
    assert widths["Outcome"] > widths["Arithmetic"] > widths["Could see"]


def test_a_nought_has_no_sign():
    row = {"low": -0.001, "text": "+0.16 (−0.00 to 0.31)", "year": "2000-01", "high": -0.01, "dash": "–"}
    shown = table([row], formats={"low": "{:+.1f}", "high": "{:+.2f}"}).markdown.splitlines()[2]
    assert shown == "| 0.0 | +0.16 (0.00 to 0.31) | 2000-01 | −0.01 | – |"


def test_a_narrow_table_gives_each_column_what_its_texts_need():
    rule = table([{"Year": "2021-22", "Council": "Barking and Dagenham"}]).markdown.splitlines()[1]
    assert rule == f"| :{'-' * 10} | :{'-' * 23} |"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-x", "'-x"),
        ("@cmd", "'@cmd"),
        ("\t=1", "'\t=1"),
        ("\rx", "'\rx"),
        (" =1", "' =1"),
        ("-0.25", "-0.25"),
        ("+5", "+5"),
        ("a=b", "a=b"),
        ("Devon", "Devon"),
        ("", ""),
    ],
)
def test_no_text_is_a_formula(text, expected):
    assert csvs.harmless(text) == expected


def test_csv_reads_back_the_same_with_every_tool(tmp_path):
    records = [
        {"name": 'quo"te, #1', "share": -0.1, "count": 3, "known": True},
        {"name": "=cmd|' /C calc'!A0", "share": 1e-07, "count": None, "known": None},
        {"name": "£ – é", "share": float("nan"), "count": -4, "known": False},
    ]
    file = tmp_path / "x.csv"
    text = csvs.csv_text(records, list(records[0]), "£1,\n=2")
    file.write_text(text, encoding="utf-8", newline="")
    assert text.splitlines()[0] == "\ufeffname,share,count,known,cite_as"
    assert text.splitlines()[1].endswith(',-0.1,3,true,"£1, =2"')
    expected = ['quo"te, #1', "'=cmd|' /C calc'!A0", "£ – é"]
    frames = [
        pd.read_csv(file),
        pl.read_csv(file).to_pandas(),
        duckdb.sql(f"from '{file.as_posix()}'").df(),
    ]
    for frame in frames:
        assert frame["name"].tolist() == expected
        assert frame["share"].tolist()[:2] == [-0.1, 1e-07] and pd.isna(frame["share"][2])
        assert frame["count"].tolist()[::2] == [3, -4] and pd.isna(frame["count"][1])


def test_a_source_for_each_row_and_no_column_of_that_name():
    records = [{"a": 1}, {"a": 2}]
    assert csvs.csv_text(records, ["a"], ["x", "=y"]).splitlines()[1:] == ['1,"x"', '2,"\'=y"']
    with pytest.raises(ValueError, match="cite_as"):
        csvs.csv_text([{"cite_as": 1}], ["cite_as"], "x")


def test_the_file_about_a_csv_names_its_columns():
    about = json.loads(csvs.about_text("x.csv", ["a"], {"Title": "T"}, {"a": "Letter"}))
    assert about["url"] == "x.csv" and about["notes"] == [{"Title": "T"}]
    assert about["tableSchema"]["columns"] == [
        {"name": "a", "titles": "a", "dc:title": "Letter"},
        {"name": "cite_as", "titles": "cite_as"},
    ]


def test_a_file_beside_the_page_names_no_number_of_its_parts():
    assert (
        plain("Set by *rule* (@sec-method). As in @fig-a and @tbl-b.")
        == "Set by rule. As in another figure and another table."
    )


def test_table():
    rows = [{"a": "x|y\nz", "n": 1234, "p": 0.5}, {"a": None, "n": None, "p": float("nan")}]
    made = table(rows, columns={"a": "Name", "n": "Number", "p": "Share"}, formats={"p": "{:.1%}"})
    head, rule, first, second = made.markdown.splitlines()
    assert head == "| Name | Number | Share |"
    assert re.fullmatch(r"\| :-+ \| -+: \| -+: \|", rule)
    assert first == "| x\\|y z | 1,234 | 50.0% |"
    assert second == "| – | – | – |"
    # A cell without a figure says why, and its column stays one of numbers.
    said = table(rows, missing={"n": "no estimate"}).markdown.splitlines()
    assert said[3] == "| – | no estimate | – |" and said[1].count("-:") == 2
    with pytest.raises(ValueError, match="align"):
        table(rows, align="lr")
    with pytest.raises(KeyError):
        table(rows, columns=["none"])


def contrast_on_white(colour: str) -> float:
    """WCAG's ratio of a colour to white."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_colours_of_words_and_marks_stand_out_from_white():
    assert contrast_on_white("#767676") == pytest.approx(4.54, abs=0.005)  # as WCAG's own material has it
    assert all(contrast_on_white(colour) >= 4.5 for colour in [*PALETTE[:4], INK, MUTED])
    assert all(contrast_on_white(colour) >= 3 for colour in PALETTE[:5])


def test_text_from_data_is_no_markup():
    rows = [{"a": "<script>*x*</script> [n]{.n} `c` $x$ ~a~ ^b^ @fig-x &amp; \\n", "b": "`code`"}]
    line = table(rows, columns=["a", "b"], markdown=["b"]).markdown.splitlines()[2]
    import pypandoc

    html = pypandoc.convert_text(
        f"| a | b |\n|---|---|\n{line}\n", "html", "markdown", extra_args=["--wrap=none"]
    )
    assert "<td>&lt;script&gt;*x*&lt;/script&gt; [n]{.n} `c` $x$ ~a~ ^b^ @fig-x &amp;amp; \\n</td>" in html
    assert "<td><code>code</code></td>" in html


def test_a_query_keeps_its_sql(built_marts, monkeypatch):
    monkeypatch.setattr(
        "commissioning.site.charts.figures.open_marts",
        lambda: duckdb.connect(str(built_marts), read_only=True),
    )
    result = query("""
        select area_id from mart_direct_payment_share
        where area_id = 'england' limit 1
    """)
    assert result.sql.splitlines() == [
        "select area_id from mart_direct_payment_share",
        "where area_id = 'england' limit 1",
    ]
    assert result.rows.to_dicts() == [{"area_id": "england"}]
