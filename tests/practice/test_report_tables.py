"""A report on paper: long words break, and no column prints over another."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from commissioning.practice import pages

ADDRESS = "https://example.org/" + "a-long_part/of~the&address-" * 6
HEADS = {"round": "Round", "element": "Element", "kind": "What", "text": "Said"}


def row(text: str) -> dict[str, str]:
    return {"round": "1", "element": "Empathy", "kind": "evidence", "text": text}


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext")
def test_a_long_word_takes_no_room_from_other_columns(tmp_path):
    body = pages.table([row(f"See {ADDRESS}"), row("w" * 900), row("Time")], HEADS)
    html, pdf = pages.write(tmp_path, "one", "Title", "Day", body)
    printed = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    (last,) = [line.split() for line in printed.splitlines() if line.endswith("Time")]
    assert last == ["1", "Empathy", "evidence", "Time"]
    assert printed.count("w") >= 900
    text = html.read_text(encoding="utf-8")
    assert ADDRESS.replace("&", "&amp;") in text and pages.BREAK not in text


def test_words_that_fit_stay_whole():
    assert pages.breakable("Time set aside each month") == "Time set aside each month"
    assert pages.breakable(f"See {ADDRESS}").replace(pages.BREAK, "") == f"See {ADDRESS}"
