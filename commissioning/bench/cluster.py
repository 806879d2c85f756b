"""A Spark cluster on this machine for a trial: a master, two workers of one core, and Spark Connect.

They listen on free ports of the loopback address. Java and an environment with pyspark are needed: see
docs/scale.md. `python -m commissioning.bench.cluster ENVIRONMENT` starts one, says where it is, and stops it
when it is told to end (Ctrl-C, or SIGTERM).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from commissioning.base.errors import CommissioningError, EngineError

HOST = "127.0.0.1"
WORKERS = 2
SECONDS_TO_START = 180


def free_port() -> int:
    with socket.socket() as held:
        held.bind((HOST, 0))
        return held.getsockname()[1]


def spark_home(environment: Path) -> Path:
    """Where the virtual environment `environment` has Spark."""
    found = next(environment.glob("lib/python*/site-packages/pyspark/bin/spark-class"), None)
    if found is None or shutil.which("java") is None:
        raise EngineError(
            "A cluster on this machine needs Java and an environment of its own with pyspark.",
            file=environment,
            todo=f"python3 -m venv {environment} && {environment}/bin/pip install pyspark==4.2.0",
        )
    return found.parent.parent


class LocalCluster:
    """Runs while the `with` lasts; `address` is for Spark Connect. Each process is stopped by its own id."""

    def __init__(self, environment: Path, workers: int = WORKERS):
        self.workers = workers
        self.home = spark_home(environment.resolve())
        self.folder = Path(tempfile.mkdtemp(prefix="commissioning-spark-"))
        self.master, self.connect = (f"{HOST}:{free_port()}" for _ in range(2))
        self.address = f"sc://{self.connect}"
        self.processes: list[subprocess.Popen] = []

    def __enter__(self) -> LocalCluster:
        deploy = "org.apache.spark.deploy"
        quiet = ["--host", HOST, "--webui-port", "0"]
        try:
            self._start(
                "master", "spark-class", f"{deploy}.master.Master", *quiet, "--port", self._port(self.master)
            )
            self._wait(self.master)
            for number in range(1, self.workers + 1):
                cores = [
                    "--cores",
                    "1",
                    "--memory",
                    "2g",
                    "--work-dir",
                    str(self.folder / f"worker-{number}"),
                ]
                worker = [f"{deploy}.worker.Worker", *quiet, *cores, f"spark://{self.master}"]
                self._start(f"worker-{number}", "spark-class", *worker)
            self._start("connect", "spark-submit", *self._connect_server())
            self._wait(self.connect)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            # Each leads a group of its own: a worker's executors go with it.
            for sent in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, sent)
                    process.wait(20)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _port(address: str) -> str:
        return address.split(":")[1]

    def _connect_server(self) -> list[str]:
        settings = {
            "spark.connect.grpc.binding.address": HOST,
            "spark.connect.grpc.binding.port": self._port(self.connect),
            "spark.driver.memory": "2g",
            "spark.driver.host": HOST,
            "spark.driver.bindAddress": HOST,
            "spark.executor.memory": "2g",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.warehouse.dir": str(self.folder / "warehouse"),
            "spark.sql.catalogImplementation": "in-memory",
            "spark.ui.enabled": "false",
        }
        configured = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        server = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
        return ["--master", f"spark://{self.master}", *configured, *server, "spark-internal"]

    def _start(self, name: str, program: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [str(self.home / "bin" / program), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder,
                    env={**os.environ, "SPARK_HOME": str(self.home), "SPARK_LOCAL_IP": HOST},
                    start_new_session=True,
                )
            )

    def _wait(self, address: str) -> None:
        """Until something answers at the address; `EngineError` where its process ended or takes too long."""
        process, end = self.processes[-1], time.monotonic() + SECONDS_TO_START
        while process.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection((HOST, int(self._port(address))), timeout=1).close()
                return
            except OSError:
                time.sleep(0.3)
        said = max(self.folder.glob("*.log"), key=lambda log: log.stat().st_mtime)
        raise EngineError(
            "The cluster on this machine did not start.",
            where=address,
            expected="an answer within 3 minutes",
            found=said.read_text(encoding="utf-8", errors="replace")[-1500:],
        )


def main(environment: str) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with LocalCluster(Path(environment)) as cluster:
            print(f"COMMISSIONING_SPARK={cluster.address}", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return 130
    except CommissioningError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
