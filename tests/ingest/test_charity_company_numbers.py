"""Charity and company numbers: a made-up list, and pairs typed from the held file."""

from __future__ import annotations

import polars as pl
import pytest

from commissioning.base.errors import LayoutError
from commissioning.base.paths import project
from commissioning.ingest import charity_company_numbers as pairs

HEADER = "org_id_a,org_id_b,org_name,relationship,source\n"
LINE = 'GB-CHC-1,GB-COH-01234567,ACME TRUST,sameas,"a list"\n'


def test_layout():
    rows, account = pairs.read_pairs("x.csv", (HEADER + LINE).encode())
    account.check()
    assert rows[0]["value_text"] == "GB-COH-01234567" and rows[0]["charity_id"] == "GB-CHC-1"
    assert rows[0]["source_locator"] == 'line 2, column "org_id_b"'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEADER.replace("org_name", "name") + LINE, "org_name"),
        (HEADER + LINE.replace("GB-COH-01234567", "1234567"), "line 2"),
        (HEADER + LINE.replace("GB-CHC-1", "1"), "line 2"),
        (HEADER + LINE.replace("sameas", "parent"), "line 2"),
    ],
)
def test_another_list_is_refused(text, says):
    with pytest.raises(LayoutError, match=says):
        pairs.read_pairs("x.csv", text.encode())


def test_published_pairs():
    """Typed from the publisher's file."""
    table = pl.read_parquet(project().raw / "charity_company_numbers" / "2026-07.parquet")
    assert table.height == 4399 and table["value_text"].n_unique() == 4374
    found = dict(table.select("charity_id", "value_text").iter_rows())
    typed = {
        "GB-CHC-1000611": "GB-COH-08591698",
        "GB-CHC-1084284": "GB-COH-13415932",
        "GB-CHC-208678": "GB-COH-04616526",
        "GB-NIC-100004": "GB-COH-NI019258",
        "GB-NIC-100281": "GB-COH-NI023271",
        "GB-SC-SC008077": "GB-COH-SC345307",
        "GB-SC-SC032327": "GB-COH-SC224402",
        "GB-SC-SC040714": "GB-COH-SC349707",
        "GB-SC-SC044163": "GB-COH-07185372",
        "GB-SC-SC047178": "GB-COH-SC554892",
        "GB-CHC-269275": "GB-COH-RC000267",
    }
    assert {charity: found[charity] for charity in typed} == typed
