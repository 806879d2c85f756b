"""Every CSV of the built site, read by the very calls that the page *Get the data* prints.

They look at the site that the last build left in `reports/_site/`, and are skipped where there is none.
"""

from __future__ import annotations

import csv
import datetime
import json
import re
import zipfile

import duckdb
import pandas
import polars
import pytest
from conftest import ROOT

from commissioning.site import files

SITE = ROOT / "reports" / "_site"
FILES = sorted(SITE.rglob("*.csv"))
PAGE = (ROOT / "reports" / "data.qmd").read_text(encoding="utf-8")
CALLS = re.findall(r"^(?:\w+)\.\w+\(.*fig-share\.csv.*\)$", PAGE, re.M)
TOOLS = {"duckdb": duckdb, "pandas": pandas, "polars": polars}

needs_site = pytest.mark.skipif(not FILES, reason="the site is not built: run make build")


def test_the_page_prints_a_call_for_each_tool():
    assert sorted(call.partition(".")[0] for call in CALLS) == ["duckdb", "pandas", "polars"]


def plainly(file) -> tuple[list[str], list[list[str]]]:
    """Header and columns of a file, by the rules of CSV alone: what a spreadsheet sees."""
    header, *rows = csv.reader(file.read_text(encoding="utf-8-sig").splitlines(keepends=True))
    assert {len(row) for row in rows} <= {len(header)}, f"{file}: a line has other columns than the header"
    return header, [[row[place] for row in rows] for place in range(len(header))]


def frame(found) -> tuple[list[str], list[list]]:
    """Header and columns of what a tool gives, with None for a cell without a value."""
    if not isinstance(found, pandas.DataFrame):
        # A DuckDB relation has `.pl()`, a Polars frame is one.
        table = found.pl() if hasattr(found, "pl") else found
        return table.columns, [column.to_list() for column in table.iter_columns()]
    plain = found.astype(object).where(found.notna(), None)
    return list(plain.columns), [plain[name].tolist() for name in plain.columns]


def same(written: str, read: object) -> bool:
    if read is None:
        return written == ""
    if isinstance(read, datetime.date):
        return written == str(read)
    if isinstance(read, bool):
        return written.lower() == str(read).lower()
    return written == read if isinstance(read, str) else float(written) == float(read)


@needs_site
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.partition(".")[0])
def test_every_csv_reads_right_by_the_printed_call(call):
    wrong = {}
    # pandas is the slowest by far: it reads every file of a brief and a part of the rest.
    few = [file for place, file in enumerate(FILES) if "downloads" in file.parts or place % 5 == 0]
    for file in few if call.startswith("pandas") else FILES:
        try:
            header, columns = frame(eval(call.replace("fig-share.csv", file.as_posix()), TOOLS))
        except Exception as error:
            wrong[file.relative_to(SITE)] = str(error)[:200]
            continue
        expected, cells = plainly(file)
        if header != expected or list(map(len, columns)) != list(map(len, cells)):
            wrong[file.relative_to(SITE)] = f"{len(columns[0])} of {len(cells[0])} rows, {header[:3]}"
            continue
        for name, wanted, got in zip(header, cells, columns, strict=True):
            odd = [pair for pair in set(zip(wanted, got, strict=True)) if not same(*pair)]
            if odd:
                wrong[file.relative_to(SITE)] = f"{name}: {odd[:3]}"
    assert wrong == {}, f"{len(wrong)} files, {list(wrong.items())[:5]}"


@needs_site
def test_every_csv_keeps_its_source_and_runs_nothing():
    for file in FILES:
        header, columns = plainly(file)
        assert header[-1] == "cite_as" and all(columns[-1]), file
        about = json.loads(file.with_name(f"{file.name}-metadata.json").read_text(encoding="utf-8"))
        assert about["url"] == file.name and about["notes"][0], file
        assert [column["name"] for column in about["tableSchema"]["columns"]] == header, file
        formulas = [cell for column in columns for cell in set(column) if re.match(r"\s*[=+@]|-\D", cell)]
        assert formulas == [], file


@needs_site
def test_each_download_has_its_size_and_all_of_them_are_in_one_file():
    page = (SITE / "data.html").read_text(encoding="utf-8")
    sizes = {
        name: cell
        for row in re.findall(r"<tr[^>]*>.*?</tr>", page, re.S)
        for name in re.findall(r'href="(data/[^"]+)"', row)
        for cell in re.findall(r">([\d.,]+ (?:MB|kB))<", row)
    }
    for name in ("commissioning.duckdb", files.ARCHIVE, "datapackage.json", "build.json"):
        size = (SITE / "data" / name).stat().st_size
        number, unit = sizes[f"data/{name}"].split()
        # An archive has some bytes of its own for each file in it.
        assert float(number) == pytest.approx(size / {"MB": 1e6, "kB": 1e3}[unit], rel=0.02), name
    with zipfile.ZipFile(SITE / "data" / files.ARCHIVE) as packed:
        held = set(packed.namelist())
    marts = {f"parquet/{file.name}" for file in (SITE / "data" / "parquet").glob("*.parquet")}
    assert held == marts | set(files.ABOUT) and {f"data/{name}" for name in marts} <= set(sizes)
