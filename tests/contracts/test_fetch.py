"""A portal is asked page after page, whatever it does: pages, throttles, breaks off, repeats itself."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from commissioning.base.errors import ContractsError
from commissioning.cli import app
from commissioning.ingest.contracts import portals, reader
from commissioning.ingest.contracts.fetch import fetch
from commissioning.ingest.download import Patience

QUICK = Patience(connect=1, read=0.5, answer=2, tries=3, first_wait=0.01, longest_wait=0.5)
DAY = dt.date(2025, 1, 10)


def release(number: int, date: str = "2025-01-10T09:00:00Z") -> dict:
    return {"ocid": f"ocds-h6vhtk-{number}", "id": f"{number}", "date": date, "tag": ["tender"]}


class Madeup:
    """A portal on this machine. `scripts` says what each path with its query answers, request by request."""

    def __init__(self):
        self.asked: list[str] = []
        self.scripts: dict[str, list] = {}
        made_up = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                made_up.asked.append(self.path)
                query = parse_qs(urlsplit(self.path).query)
                key = query.get("cursor", query.get("noticeType", ["start"]))[0]
                script = made_up.scripts.get(key, made_up.scripts.get("else"))
                turn = sum(key == made_up.key(path) for path in made_up.asked)
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    script[min(turn, len(script)) - 1](self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @staticmethod
    def key(path: str) -> str:
        query = parse_qs(urlsplit(path).query)
        return query.get("cursor", query.get("noticeType", ["start"]))[0]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/api"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)


def send(handler, body: bytes, code: int = 200, length: int | None = None, **headers):
    handler.send_response(code)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def page(*releases: dict, following: str | None = None):
    package = {"releases": list(releases)}
    if following:
        package["links"] = {"next": following}
    return lambda handler: send(handler, json.dumps(package).encode())


def throttled(handler):
    send(handler, b"", 429, Retry_After="0")


def broken_off(handler):
    send(handler, b'{"releases": [', length=500)


def half_a_page(handler):
    send(handler, b'{"releases": [')


@pytest.fixture
def made_up():
    portal = Madeup()
    yield portal
    portal.close()


@pytest.fixture
def portal(made_up):
    return dataclasses.replace(portals.PORTALS["find-a-tender"], address=made_up.address)


def ask(portal, folder, last=DAY, **options):
    said = []
    done = fetch(portal, DAY, last, folder, patience=QUICK, warn=said.append, **options)
    return done, said


def test_pages_are_followed_through_throttling_breaks_and_repeats(made_up, portal, tmp_path):
    made_up.scripts = {
        "start": [throttled, page(release(1), release(2), following=f"{made_up.address}?cursor=b")],
        "b": [broken_off, half_a_page, page(release(2), release(3), following=f"{made_up.address}?cursor=c")],
        "c": [page(release(4))],
    }
    done, said = ask(portal, tmp_path)
    assert (done.pages, done.releases, done.unchanged) == (3, 5, 0)
    assert any("429" in line for line in said) and any("no whole package" in line for line in said)
    found = reader.read(done.files)
    assert found.processes.height == 4
    assert sum(account.count["repeated"] for account in found.accounts) == 1
    manifest = json.loads((tmp_path / "find-a-tender_2025-01-10" / "fetched.json").read_text())
    assert manifest["complete"] and manifest["next"] is None
    for entry in manifest["pages"]:
        content = (tmp_path / "find-a-tender_2025-01-10" / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest() and entry["bytes"] == len(content)


def test_the_first_page_asks_as_the_portal_documents(made_up, portal, tmp_path):
    made_up.scripts = {"else": [page()]}
    ask(portal, tmp_path, last=dt.date(2025, 1, 11))
    assert made_up.asked == [
        f"/api?updatedFrom=2025-01-{day}T00:00:00&updatedTo=2025-01-{day}T23:59:59&limit=100"
        for day in (10, 11)
    ]


def test_a_second_run_asks_for_nothing_that_is_held(made_up, portal, tmp_path):
    made_up.scripts = {"else": [page(release(1))]}
    first, _ = ask(portal, tmp_path)
    made_up.asked.clear()
    second, _ = ask(portal, tmp_path)
    assert made_up.asked == [] and second.files == first.files and second.unchanged == 1


def test_it_goes_on_where_it_was_stopped(made_up, portal, tmp_path):
    made_up.scripts = {
        "start": [page(release(1), following=f"{made_up.address}?cursor=b")],
        "b": [lambda handler: send(handler, b"", 503)],
    }
    with pytest.raises(ContractsError, match="did not give a page") as caught:
        ask(portal, tmp_path)
    assert "503" in str(caught.value) and "goes on from this page" in str(caught.value)
    made_up.scripts["b"] = [page(release(2))]
    made_up.asked.clear()
    done, _ = ask(portal, tmp_path)
    assert made_up.asked == ["/api?cursor=b"] and reader.read(done.files).processes.height == 2


def test_a_page_that_was_altered_is_fetched_again(made_up, portal, tmp_path):
    made_up.scripts = {"else": [page(release(1))]}
    done, _ = ask(portal, tmp_path)
    done.files[0].write_text("{}")
    again, _ = ask(portal, tmp_path)
    assert again.pages == 1 and reader.read(again.files).processes.height == 1


def test_a_day_that_is_not_over_is_asked_for_again(made_up, portal, tmp_path):
    made_up.scripts = {"else": [page(release(1))]}
    today = dt.date.today()
    for _ in range(2):
        assert fetch(portal, today, today, tmp_path, patience=QUICK).pages == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([throttled], "429"),
        ([broken_off], "connection|RemoteProtocolError"),
        ([half_a_page], "something else, 3 times"),
        ([lambda handler: send(handler, b"[]")], "something else, 3 times"),
        ([lambda handler: send(handler, b"", 404)], "404"),
        ([page(following="http://example.org/api?cursor=b")], "someone else's"),
    ],
)
def test_a_portal_that_does_not_answer_is_a_named_error(made_up, portal, tmp_path, script, said):
    made_up.scripts = {"else": script}
    with pytest.raises(ContractsError, match=said) as caught:
        ask(portal, tmp_path)
    assert "find-a-tender_2025-01-10_0001.json" in str(caught.value)
    assert not list(tmp_path.rglob("*.part"))


def test_pages_without_end_are_refused(made_up, portal, tmp_path):
    made_up.scripts = {"else": [page(release(1), following=f"{made_up.address}?cursor=a")]}
    with pytest.raises(ContractsError, match="come to no end"):
        ask(portal, tmp_path)


def test_a_long_wait_that_is_asked_for_ends_the_run(made_up, portal, tmp_path):
    made_up.scripts = {"else": [lambda handler: send(handler, b"", 429, Retry_After="3600")]}
    with pytest.raises(ContractsError, match="asks to wait 3600 s"):
        ask(portal, tmp_path)
    assert len(made_up.asked) == 1


def test_portals_by_month_are_asked_for_every_kind_of_notice(made_up, tmp_path):
    scotland = dataclasses.replace(portals.PORTALS["public-contracts-scotland"], address=made_up.address)
    made_up.scripts = {"else": [lambda handler: send(handler, b'{"uri": "x"}')], "3": [page(release(1))]}
    done = fetch(scotland, dt.date(2025, 1, 20), dt.date(2025, 2, 2), tmp_path, patience=QUICK)
    assert done.pages == 2 * len(scotland.kinds) and done.releases == 2
    assert made_up.asked[0] == "/api?dateFrom=01-2025&outputType=0&noticeType=1"
    assert f"/api?dateFrom=02-2025&outputType=0&noticeType={scotland.kinds[-1]}" == made_up.asked[-1]
    assert [account.read for account in reader.read(done.files).accounts if account.read] == [1, 1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--portal", "ted", "--from", "2025-01-01"], "is none of contracts-finder"),
        (["--portal", "sell2wales", "--from", "2025-01-02", "--to", "2025-01-01"], "is after"),
        (["--portal", "sell2wales", "--from", "January"], "Invalid value"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(options, said):
    outcome = CliRunner().invoke(app, ["contracts", "fetch", *options])
    assert outcome.exit_code != 0 and said in " ".join(outcome.output.split()).replace("│ ", "")


def test_the_command_fetches_and_reads(made_up, portal, tmp_path, own_project, monkeypatch):
    made_up.scripts = {"else": [page(release(1), release(2))]}
    monkeypatch.setitem(portals.PORTALS, "find-a-tender", portal)
    out = tmp_path / "out"
    outcome = CliRunner().invoke(
        app,
        [
            *("contracts", "fetch", "--portal", "find-a-tender", "--out", str(out)),
            *("--from", "2025-01-10", "--to", "2025-01-10"),
        ],
    )
    said = " ".join(outcome.output.split())
    assert outcome.exit_code == 0 and "1 pages fetched, 2 releases" in said and "2 processes" in said
    assert (out / "processes.parquet").is_file()
    assert (own_project.cache / "contracts" / "find-a-tender" / "find-a-tender_2025-01-10").is_dir()
