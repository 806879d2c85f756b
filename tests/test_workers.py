"""Work shared out among processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from commissioning.base import workers

SEEN = "[__import__('os').environ.get('SEEN'), __import__('os').environ['OPENBLAS_NUM_THREADS']]"


def test_processes_have_the_environment_of_the_moment(monkeypatch):
    for value in ("one", "two"):
        monkeypatch.setenv("SEEN", value)
        assert workers.share_out(eval, [(SEEN,)]) == [value, "1"]


@pytest.mark.skipif(not workers.COPIES, reason="processes begin anew on this system")
def test_what_takes_long_is_imported_once(tmp_path):
    """Though the second call asks for another module, and the processes are others."""
    (tmp_path / "slow.py").write_text("import os\nprint('imported by', os.getpid(), flush=True)\n")
    job = "[__import__('os').getpid(), 'slow' in __import__('sys').modules, __import__('slow') and 1]"
    code = (
        "from commissioning.base.workers import share_out\n"
        f"first, second = (share_out(eval, [({job!r},)], imports=[m]) for m in ('slow', 'json'))\n"
        "assert first[1] and second[1] and first[0] != second[0]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("imported by") == 1
