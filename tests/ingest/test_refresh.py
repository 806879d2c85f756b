"""Refreshing from publishers' addresses, against a server of our own on the loopback interface.

The dataset `madeup` and its figures are invented here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import hashlib
import io
import json
import sys
import threading
import time
import types
import zipfile
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import polars as pl
import pytest
import yaml
from rich.console import Console

from commissioning.base import paths
from commissioning.base.errors import BusyError, CatalogueError, LayoutError, OriginalError
from commissioning.ingest import (
    catalogue,
    download,
    originals,
    raw,
    refresh,
    refresh_report,
    revisions,
    snapshot,
)

FILE = b"council,spend\nAlderbury,10\nBramford,1000\nCarrick,30\n"
PATH = "madeup/2020-21/spend.csv"
QUICK = download.Patience(connect=1, read=0.3, tries=3, first_wait=0.01, longest_wait=0.5, redirects=3)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# A server that misbehaves on request


class Publisher:
    """Answers each request to an address with the next of its scripted behaviours (the last one for ever).

    `asked` lists the headers of every request, by address.
    """

    def __init__(self):
        self.scripts: dict[str, list] = {}
        self.asked: dict[str, list[dict]] = {}
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                requests = publisher.asked.setdefault(self.path, [])
                requests.append({name.lower(): value for name, value in self.headers.items()})
                script = publisher.scripts.get(self.path, [status(404)])
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    script[min(len(requests), len(script)) - 1](self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def url(self, address: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{address}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)


def answer(handler, code, body=b"", **headers):
    handler.send_response(code)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole(body=FILE, kind="text/csv", **headers):
    return lambda handler: answer(handler, 200, body, Content_Type=kind, **headers)


def status(code, **headers):
    return lambda handler: answer(handler, code, b"<html>no</html>", Content_Type="text/html", **headers)


def redirect(to):
    return lambda handler: answer(handler, 302, Location=to)


def truncated(body=FILE, sent=20, **headers):
    def behave(handler):
        answer(handler, 200, body[:sent], Content_Length=str(len(body)), **headers)

    return behave


def stalling(body=FILE, sent=20, **headers):
    def behave(handler):
        answer(handler, 200, body[:sent], Content_Length=str(len(body)), **headers)
        handler.wfile.flush()
        time.sleep(0.6)

    return behave


@pytest.fixture
def publisher():
    server = Publisher()
    yield server
    server.close()


# A made-up dataset


def read(edition, data):
    """The reader of `madeup`: knows the edition 2020-21 and its file by their names."""
    assert edition.edition == "2020-21", "readers know an edition by the name it first had"
    lines = data[PATH].decode().splitlines()
    if lines[0] != "council,spend":
        raise LayoutError("The header moved.", file=PATH, expected="council,spend", found=lines[0])
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        council, cell = line.split(",")
        where = f'line {number}, column "spend"'
        text, value, symbol = raw.parse_value(cell, {"*": "suppressed"}, file=PATH, where=where)
        rows.append(
            {"council": council, "unit": "GBP", "value_text": text, "value": value, "value_symbol": symbol}
            | {"source_file": PATH, "source_locator": where}
        )
    accounting = raw.Accounting(PATH, "lines", read=len(lines), loaded=len(rows), furniture={"header": 1})
    return raw.Reading(raw.tidy(rows, {"council": pl.String}), ("council",), [accounting])


@pytest.fixture
def house(tmp_path, monkeypatch, publisher):
    """An empty project; call it with editions to write its catalogue and get them back."""
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "dbt_project.yml").touch()
    (tmp_path / "ingest" / "catalogue").mkdir(parents=True)
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv("COMMISSIONING_HOME", str(tmp_path))
    monkeypatch.setenv("COMMISSIONING_MIRROR", str(tmp_path / "mirror"))
    module = types.ModuleType("commissioning.ingest.madeup")
    module.read = read
    monkeypatch.setitem(sys.modules, "commissioning.ingest.madeup", module)

    def write(*editions):
        head = {"dataset": "madeup", "title": "Made up", "publisher": "Nobody", "describes": "Nothing"}
        head |= {"publication_page": None, "licence": "None", "licence_status": "stated", "unit": "GBP"}
        entries = head | {"review_by": dt.date(2099, 1, 1), "editions": list(editions)}
        file = tmp_path / "ingest" / "catalogue" / "madeup.yml"
        file.write_text(yaml.safe_dump(entries), encoding="utf-8")
        paths.project.cache_clear()
        catalogue.catalogue.cache_clear()
        return catalogue.catalogue()["madeup"].editions

    yield write
    paths.project.cache_clear()
    catalogue.catalogue.cache_clear()


def held(*addresses, data=FILE):
    """A catalogue entry of 2020-21: its file at the first address, further copies at the others."""
    files = [
        {"path": PATH if n == 0 else f"madeup/2020-21/more{n}.csv", "url": address}
        | {"bytes": len(data), "sha256": sha256(data)}
        for n, address in enumerate(addresses)
    ]
    return {"edition": "2020-21", "status": "held", "files": files}


def ask(editions, **how):
    return list(refresh.refresh(editions, patience=QUICK, **how))


@pytest.fixture
def one(house, publisher):
    """Ask one address scripted with behaviours; returns the outcome."""

    def go(*behaviours, path="/spend.csv", **how):
        publisher.scripts[path] = list(behaviours)
        return ask(house(held(publisher.url(path))), **how)[0]

    return go


def cached(path=PATH):
    return paths.project().cache / path


def leftovers():
    return [file.name for file in paths.project().cache.rglob("*.part*")]


# Asking


def test_the_same_file_is_unchanged_cached_and_recorded(one, publisher):
    seen = []
    outcome = one(
        whole(ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT"),
        progress=lambda *at: seen.append(at),
    )
    assert outcome.state == "unchanged"
    assert cached().read_bytes() == FILE
    assert leftovers() == []
    assert seen[0] == (PATH, 0, len(FILE)) and seen[-1] == (PATH, len(FILE), len(FILE))
    assert json.loads(cached("fetched.json").read_text()) == {
        PATH: {
            "url": publisher.url("/spend.csv"),
            "final_url": publisher.url("/spend.csv"),
            "status": 200,
            "etag": '"v1"',
            "last_modified": "Mon, 02 Nov 2026 10:00:00 GMT",
            "retrieved": dt.date.today().isoformat(),
            "bytes": len(FILE),
            "sha256": sha256(FILE),
        }
    }


def test_a_truncated_answer_is_asked_for_again_from_its_first_byte(one, publisher):
    lines = []
    assert one(truncated(ETag='"v1"'), stalling(), whole(), say=lines.append).state == "unchanged"
    assert cached().read_bytes() == FILE
    assert leftovers() == []
    assert all("range" not in request for request in publisher.asked["/spend.csv"])
    assert "RemoteProtocolError" in lines[0] and "ReadTimeout" in lines[1] and "trying again" in lines[1]


def test_a_part_of_the_file_is_not_taken_for_the_file(one):
    def part(handler):
        span = f"bytes 20-{len(FILE) - 1}/{len(FILE)}"
        answer(handler, 206, FILE[20:], Content_Type="text/csv", Content_Range=span)

    outcome = one(part)
    assert outcome.state == "failed" and "status 206" in str(outcome.error)
    assert leftovers() == []


def test_a_compressed_answer_is_unpacked(one, publisher):
    packed = gzip.compress(FILE)
    outcome = one(truncated(packed, sent=30, Content_Encoding="gzip"), whole(packed, Content_Encoding="gzip"))
    assert outcome.state == "unchanged"
    assert publisher.asked["/spend.csv"][0]["accept-encoding"] == "identity"


def test_an_answer_that_stays_truncated_fails_and_leaves_nothing(one):
    outcome = one(truncated(ETag='"v1"'), status(503))
    assert outcome.state == "failed"
    assert not cached().exists() and leftovers() == []


def test_ctrl_c_leaves_nothing_and_the_cached_copy_as_it_was(one):
    cached().parent.mkdir(parents=True)
    cached().write_bytes(b"the copy of last year")

    def interrupt(path, held, expected):
        if held:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one(whole(), progress=interrupt)
    assert cached().read_bytes() == b"the copy of last year"
    assert leftovers() == [] and not cached("fetched.json").exists()
    assert one(whole()).state == "unchanged"


def test_a_busy_server_is_asked_again(one, publisher):
    assert one(status(503), status(429, Retry_After="0"), whole()).state == "unchanged"
    assert len(publisher.asked["/spend.csv"]) == 3


def test_retry_after_is_honoured(house, publisher):
    editions = house(held(publisher.url("/spend.csv")))
    waits = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download.time, "sleep", waits.append)
        patient = download.Patience(connect=1, read=1, tries=2, first_wait=0.01, longest_wait=100)
        later = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        for text in ("7", later):
            publisher.asked.clear()
            publisher.scripts["/spend.csv"] = [status(503, Retry_After=text), whole()]
            assert next(refresh.refresh(editions, patience=patient)).state == "unchanged"
    assert waits[0] == 7
    assert 55 < waits[1] <= 60


def test_a_server_that_asks_to_wait_too_long_is_left(one, publisher):
    outcome = one(status(429, Retry_After="3600"))
    assert outcome.state == "failed"
    assert "asks to wait 3600 s" in str(outcome.error)
    assert len(publisher.asked["/spend.csv"]) == 1


def test_a_redirect_is_followed_and_recorded(one, publisher):
    publisher.scripts["/there.csv"] = [whole()]
    outcome = one(redirect("/there.csv"))
    assert outcome.state == "unchanged"
    assert outcome.fetched.final_url == publisher.url("/there.csv")


# Refusing

REFUSED = {
    "404": ([status(404)], ["status 404", "publication page"], 1),
    "503 for ever": ([status(503)], ["status 503", "attempt 3 of 3"], 3),
    "redirect loop": ([redirect("/spend.csv")], ["at most 3 redirects"], 4),
    "web page by content type": (
        [whole(b"Sorry", "text/html; charset=utf-8")],
        ["content type text/html"],
        1,
    ),
    "web page by its bytes": ([whole(b"\n<!DOCTYPE html><p>Sorry")], ["web page", "<!DOCTYPE html"], 1),
    "web page after a BOM": ([whole(b"\xef\xbb\xbf<HTML><p>Sorry")], ["web page", "<HTML>"], 1),
    "empty": ([whole(b"")], ["empty file", "0 bytes"], 1),
    "stalls for ever": ([stalling(sent=0)], ["ReadTimeout", "attempt 3 of 3"], 3),
    "truncated for ever": ([truncated()], ["RemoteProtocolError", "attempt 3 of 3"], 3),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_the_file_is_refused_by_name(one, publisher, case):
    behaviours, words, requests = REFUSED[case]
    outcome = one(*behaviours)
    assert outcome.state == "failed"
    assert isinstance(outcome.error, OriginalError)
    for word in [publisher.url("/spend.csv"), PATH, "expected", "what to do", *words]:
        assert word in str(outcome.error)
    assert not cached().exists()
    assert len(publisher.asked["/spend.csv"]) == requests


# A server without bounds: each behaviour counts what it sent, so that a test can say how soon it was stopped


def endless(handler):
    """A body that never ends."""
    answer(handler, 200, Content_Length=str(10**12), Content_Type="text/csv")
    drain(handler, b"x" * 2**16)


def endless_unannounced(handler):
    """A body that never ends and does not say how long it is."""
    handler.send_response(200)
    handler.end_headers()
    drain(handler, b"x" * 2**16)


def drain(handler, piece, pause=0.0, at_most=300 * 2**20):
    """Send `piece` again and again until the other side hangs up; `at_most` bytes, so that a test ends."""
    for _ in range(at_most // len(piece)):
        handler.wfile.write(piece)
        time.sleep(pause)


@cache
def packed_noughts() -> bytes:
    return gzip.compress(bytes(2**25))


def bomb(handler):
    """A few kilobytes that unpack to 32 MB."""
    answer(handler, 200, packed_noughts(), Content_Encoding="gzip", Content_Type="text/csv")


def twice_packed(handler):
    body = gzip.compress(packed_noughts())
    answer(handler, 200, body, Content_Encoding="gzip, gzip", Content_Type="text/csv")


def dripping(handler):
    """One byte now and then, soon enough for the wait for a byte never to end."""
    handler.send_response(200)
    handler.end_headers()
    drain(handler, b"x", pause=0.05, at_most=200)


def dripping_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drain(handler, b"x", pause=0.05, at_most=200)


def workbook_bomb(handler):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", bytes(2**25))
    answer(handler, 200, packed.getvalue(), Content_Type="application/octet-stream")


UNBOUNDED = {
    "endless": (endless, ["at most", "Content-Length"]),
    "endless and unannounced": (endless_unannounced, ["at most", "no end of them"]),
    "gzip bomb": (bomb, ["at most", "no end of them"]),
    "packed twice": (twice_packed, ["Content-Encoding: gzip, gzip"]),
    "a byte now and then": (dripping, ["too slowly"]),
    "headers byte by byte": (dripping_headers, ["no answer in 2 s"]),
    "workbook bomb": (workbook_bomb, ["unpacks to far more"]),
}


@pytest.mark.parametrize("case", UNBOUNDED)
def test_a_server_without_bounds_is_left_and_nothing_of_it_kept(house, publisher, case):
    behaviour, words = UNBOUNDED[case]
    publisher.scripts["/spend.csv"] = [behaviour]
    packed_noughts()  # made before the clock runs
    patience = download.Patience(connect=2, read=2, answer=2, slowest=500, window=0.3, tries=1)
    start = time.monotonic()
    (outcome,) = refresh.refresh(house(held(publisher.url("/spend.csv"))), patience=patience)
    assert time.monotonic() - start < 8, "the dripping servers go on for ten seconds"
    assert outcome.state == "failed"
    for word in words:
        assert word in str(outcome.error)
    assert leftovers() == []


def test_a_packed_original_that_unpacks_without_end_is_named(house, publisher, tmp_path):
    (edition,) = house(held(publisher.url("/spend.csv")))
    place = tmp_path / "mirror" / (PATH + ".gz")
    place.parent.mkdir(parents=True)
    place.write_bytes(packed_noughts())
    with pytest.raises(OriginalError, match="far larger") as told:
        originals.load(edition.files[0])
    assert str(place) in str(told.value) and "once unpacked" in str(told.value)


@pytest.mark.parametrize("name", ["%2e%2e", "..", "%2e%2e%2f%2e%2e%2fx", ".hidden", ""])
def test_a_declared_edition_keeps_its_file_in_its_own_folder(house, name):
    url = f"https://localhost/{name}"
    (edition,) = house({"edition": "2021-22", "status": "declared", "why": "not held yet", "url": url})
    path = refresh._declared_path(edition)
    assert catalogue.is_inside(path) and path.startswith("madeup/2021-22/")


def test_an_address_that_nobody_answers_and_one_that_is_not_http(house, publisher):
    closed = Publisher()
    closed.close()
    publisher.scripts["/moved.csv"] = [redirect("file:///etc/hostname")]
    outcomes = ask(house(held(closed.url("/spend.csv"), publisher.url("/moved.csv"))))
    assert [outcome.state for outcome in outcomes] == ["failed", "failed"]
    assert "ConnectError" in str(outcomes[0].error)
    assert "leads nowhere" in str(outcomes[1].error)


def test_one_failure_does_not_stop_the_others_and_all_are_listed(house, publisher):
    publisher.scripts["/good.csv"] = [whole()]
    outcomes = ask(house(held(*map(publisher.url, ("/gone.csv", "/good.csv", "/lost.csv")))))
    assert [outcome.state for outcome in outcomes] == ["failed", "unchanged", "failed"]
    with pytest.raises(OriginalError, match="2 of 3 addresses failed") as error:
        refresh.raise_failures(outcomes)
    assert "/gone.csv" in str(error.value) and "/lost.csv" in str(error.value)
    assert "/good.csv" not in str(error.value)
    refresh.raise_failures(outcomes[1:2])


def test_a_cache_that_cannot_be_written_is_named(one):
    cached_folder = paths.project().cache / "madeup"
    cached_folder.parent.mkdir(parents=True)
    cached_folder.write_text("a file where a folder should be")
    outcome = one(whole())
    assert outcome.state == "failed"
    assert "cannot be written to the cache" in str(outcome.error)


def test_a_spoilt_record_of_fetched_files_is_named(one):
    paths.project().cache.mkdir(parents=True)
    cached("fetched.json").write_text("{")
    outcome = one(whole())
    assert outcome.state == "failed"
    assert "not JSON" in str(outcome.error) and "delete it" in str(outcome.error)


def test_a_client_of_the_callers_own_is_used_and_left_open(house, publisher):
    publisher.scripts["/spend.csv"] = [whole()]
    with httpx.Client(headers={"User-Agent": "someone else"}) as client:
        ask(house(held(publisher.url("/spend.csv"))), client=client)
        assert not client.is_closed
    assert publisher.asked["/spend.csv"][0]["user-agent"] == "someone else"


def test_a_second_refresh_leaves(house, publisher):
    editions = house(held(publisher.url("/spend.csv")))
    with refresh._only_one(), pytest.raises(BusyError):
        ask(editions)


# A file that the publisher has changed

CHANGED = b"council,spend\nAlderbury,12.5\nBramford,*\nDenholm,7\nCarrick,30.0\n"


@pytest.fixture
def changed(house, publisher, tmp_path):
    """The publisher has replaced FILE, which the mirror holds, with `data`; returns the outcome."""

    def go(data=CHANGED):
        (tmp_path / "mirror" / "madeup" / "2020-21").mkdir(parents=True, exist_ok=True)
        (tmp_path / "mirror" / PATH).write_bytes(FILE)
        publisher.scripts["/spend.csv"] = [whole(data)]
        return ask(house(held(publisher.url("/spend.csv"))))[0]

    return go


def test_a_changed_file_is_kept_beside_the_old_one(changed, tmp_path):
    outcome = changed()
    mark = sha256(CHANGED)[:12]
    assert outcome.state == "changed"
    assert outcome.stored == cached(f"madeup/2020-21/spend@{mark}.csv")
    assert outcome.stored.read_bytes() == CHANGED
    assert not cached().exists()
    assert (tmp_path / "mirror" / PATH).read_bytes() == FILE
    assert originals.load(outcome.edition.files[0]) == FILE
    assert leftovers() == []


def test_the_changes_are_listed_figure_by_figure(changed):
    comparison = changed().comparison
    assert comparison.file == cached(f"madeup/2020-21@{sha256(CHANGED)[:12]}.changes.csv")
    columns = ["kind", "council", "difference", "value_text_old", "value_text_new", "value_symbol_new"]
    columns += ["source_locator_old", "source_locator_new"]
    table = pl.read_csv(comparison.file, infer_schema=False)
    assert table.select(columns).rows() == [
        (
            "changed",
            "Alderbury",
            "2.5",
            "10",
            "12.5",
            None,
            'line 2, column "spend"',
            'line 2, column "spend"',
        ),
        (
            "changed",
            "Bramford",
            None,
            "1000",
            "*",
            "suppressed",
            'line 3, column "spend"',
            'line 3, column "spend"',
        ),
        ("appeared", "Denholm", None, None, "7", None, None, 'line 4, column "spend"'),
        ("retyped", "Carrick", "0.0", "30", "30.0", None, 'line 4, column "spend"', 'line 5, column "spend"'),
    ]
    assert set(table["source_file_new"]) == {f"madeup/2020-21/spend@{sha256(CHANGED)[:12]}.csv"}
    assert set(table["source_file_old"]) == {PATH, None}


def test_a_figure_that_vanished_is_listed(changed):
    comparison = changed(b"council,spend\nAlderbury,10\nBramford,1000\n").comparison
    assert comparison.changes.select("kind", "council", "value_text_old").rows() == [
        ("vanished", "Carrick", "30")
    ]


def test_the_summary_gives_counts_and_the_largest_changes_first(changed):
    outcome = changed(b"council,spend\nAlderbury,11\nBramford,500\nCarrick,33\n")
    lines = refresh_report.summary(outcome.edition, outcome.comparison, largest=2)
    assert "3 figures changed, 0 appeared, 0 vanished, 0 only retyped" in lines[0]
    assert lines[1].startswith("  -500 GBP: Bramford (from 1000 at line 3") and "to 500 at line 3" in lines[1]
    assert lines[2].startswith("  +3 GBP: Carrick")
    assert any("old copy is kept, its sha256 checked" in line for line in lines)


def test_an_old_copy_that_is_not_right_is_said(changed, tmp_path):
    outcome = changed()
    (tmp_path / "mirror" / PATH).write_bytes(b"spoilt")
    lines = refresh_report.summary(outcome.edition, outcome.comparison)
    assert any("the old copy is not right" in line for line in lines)


def test_a_changed_file_whose_old_figures_are_nowhere_is_kept_but_not_compared(one):
    outcome = one(whole(CHANGED))
    assert outcome.state == "failed"
    assert "not on this machine" in outcome.error.found
    assert outcome.stored.read_bytes() == CHANGED


def test_the_other_files_of_the_edition_keep_their_paths(changed, house, publisher, tmp_path):
    changed()
    (tmp_path / "mirror" / "madeup" / "2020-21" / "more1.csv").write_bytes(FILE)
    publisher.scripts["/more.csv"] = [whole()]
    outcomes = ask(house(held(publisher.url("/spend.csv"), publisher.url("/more.csv"))))
    assert [outcome.state for outcome in outcomes] == ["changed", "unchanged"]
    files = outcomes[0].comparison.revision.files
    assert [file.path for file in files] == [
        revisions.marked(PATH, sha256(CHANGED)),
        "madeup/2020-21/more1.csv",
    ]
    assert outcomes[1].comparison is None


def test_the_entry_to_paste_makes_a_revised_edition_that_is_not_asked_twice(changed, house, publisher):
    outcome = changed()
    pasted = yaml.safe_load(outcome.comparison.entry)[0]
    assert (pasted["edition"], pasted["revises"], pasted["status"]) == ("2020-21r1", "2020-21", "held")
    first, revised = house(held(publisher.url("/spend.csv")), pasted)
    assert revised.files[0].path == f"madeup/2020-21/spend@{sha256(CHANGED)[:12]}.csv"
    again = ask([first, revised])
    assert [(o.edition.edition, o.state) for o in again] == [("2020-21r1", "unchanged")]

    publisher.scripts["/spend.csv"] = [whole(FILE + b"Denholm,8\n")]
    third = ask([first, revised])[0]
    assert third.comparison.revision.edition == "2020-21r2"
    assert third.comparison.revision.revises == "2020-21r1"
    assert third.comparison.revision.files[0].path.count("@") == 1


def test_without_the_old_file_the_sealed_snapshot_is_compared(changed, house, publisher, tmp_path):
    edition = changed(FILE).edition
    snapshot.ingest([edition])
    cached().unlink()
    (tmp_path / "mirror" / PATH).unlink()
    publisher.scripts["/spend.csv"] = [whole(CHANGED)]
    outcome = ask([edition])[0]
    assert outcome.state == "changed" and outcome.comparison.count("changed") == 2
    lines = refresh_report.summary(edition, outcome.comparison)
    assert any("not on this machine" in line for line in lines)


@pytest.mark.parametrize(
    "data", [b"local authority,spend\nAlderbury,10\n", b"\x00\xff\x00", b"council,spend\nA,?\n"]
)
def test_a_new_file_that_cannot_be_read_leaves_the_old_one_in_force(changed, data):
    outcome = changed(data)
    assert outcome.state == "failed"
    assert "cannot be read" in outcome.error.what and "Error: " in outcome.error.found
    assert outcome.stored.read_bytes() == data
    assert originals.load(outcome.edition.files[0]) == FILE
    assert list(paths.project().cache.rglob("*.changes.csv")) == []


# Editions declared, never held


def test_a_declared_edition_is_fetched_and_its_entry_given(house, publisher):
    publisher.scripts["/files/Spend%20Data.csv"] = [whole()]
    url = publisher.url("/files/Spend%20Data.csv")
    declared = {"edition": "2021-22", "status": "declared", "why": "not held yet", "url": url}
    quiet = {"edition": "2022-23", "status": "declared", "why": "no address"}
    outcomes = ask(house(declared, quiet))
    assert [(o.state, o.stored) for o in outcomes] == [("new", cached("madeup/2021-22/Spend Data.csv"))]
    entry = yaml.safe_load(outcomes[0].entry)[0]
    assert entry["status"] == "held" and "why" not in entry
    (edition,) = house(entry)
    assert originals.load(edition.files[0]) == FILE
    assert edition.files[0].url == url


# Names and the catalogue's key


def test_marks_of_changed_files():
    digest = "0123456789abcdef" * 4
    assert revisions.marked("a/b.c.xls", digest) == "a/b.c@0123456789ab.xls"
    assert revisions.marked("a/b@ffffffffffff.xls", digest) == "a/b@0123456789ab.xls"
    assert originals.unmarked("a/b@0123456789ab.xls") == "a/b.xls"
    assert originals.unmarked("a/someone@example.xls") == "a/someone@example.xls"


def test_an_edition_revises_one_above_it(house, publisher):
    revised = held("http://x/") | {"edition": "2020-21r1", "revises": "2020-21"}
    with pytest.raises(CatalogueError, match="revises one that is not listed above it"):
        house(revised, held("http://x/"))
    assert house(held("http://x/"), revised)[1].revises == "2020-21"


# The command


def run(names=(), terminal=False):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100)
    error = None
    try:
        refresh_report.run_refresh(list(names), console=console, patience=QUICK)
    except OriginalError as raised:
        error = raised
    return stream.getvalue(), error


@pytest.mark.parametrize("terminal", [False, True])
def test_the_command_prints_what_came_of_it(changed, house, publisher, terminal):
    changed()
    publisher.scripts["/new.csv"] = [whole()]
    declared = {"edition": "2021-22", "status": "declared", "why": "new", "url": publisher.url("/new.csv")}
    house(held(publisher.url("/spend.csv")), declared)
    text, error = run(terminal=terminal)
    assert error is None
    assert "CHANGED by the publisher" in text and "revises: 2020-21" in text
    assert "madeup/2021-22: in ingest/catalogue/madeup.yml, its entry becomes:" in text
    assert "2 addresses asked: 0 unchanged, 1 changed, 1 new, 0 failed" in text


def test_the_command_fails_after_asking_all(house, publisher):
    publisher.scripts["/good.csv"] = [whole()]
    house(held(publisher.url("/gone.csv"), publisher.url("/good.csv"), None))
    text, error = run(["madeup/2020-21"])
    assert "1 files have no direct address" in text
    assert "more1.csv: unchanged" in text
    assert "1 of 2 addresses failed" in str(error)


def test_a_ledger_is_asked_for_only_by_name(house, publisher):
    publisher.scripts["/may.csv"] = [whole(CHANGED)]
    house(held(publisher.url("/may.csv"), None) | {"tables": ["monthly"]})
    text, error = run()
    assert error is None and "/may.csv" not in publisher.asked
    assert "1 files of a ledger were left out: commissioning ingest --refresh madeup" in text


def test_a_changed_file_of_a_ledger_is_kept_beside_the_old_one_with_the_line_that_takes_it_up(
    house, publisher
):
    publisher.scripts["/may.csv"] = [whole(CHANGED)]
    before = held(publisher.url("/may.csv")) | {"tables": ["monthly"]}
    house(before)
    text, error = run(["madeup"])
    stored = cached(f"madeup/2020-21/spend@{sha256(CHANGED)[:12]}.csv")
    assert error is None and stored.read_bytes() == CHANGED
    assert f"commissioning ledger inspect {stored} --body madeup" in text.replace("\n", "")
    line = next(line for line in text.splitlines() if line.strip().startswith("- {"))
    house(before | {"files": yaml.safe_load(line)})
    assert "1 unchanged, 0 changed" in run(["madeup"])[0]


def test_an_unknown_name_is_refused(house):
    house(held(None))
    with pytest.raises(CatalogueError, match="'madeup/1999-00'"):
        refresh_report.run_refresh(["madeup/1999-00"], console=Console(file=io.StringIO()))


def test_large_downloads_show_life_in_plain_logs():
    lines = []
    progress = refresh_report.plain_progress(lines.append, step=100)
    for count in (0, 99, 100, 150, 200):
        progress("a.csv", count, 1000)
    assert lines == ["a.csv: 100 of 1,000 bytes", "a.csv: 200 of 1,000 bytes"]
