"""The embedded server: one Java process on loopback, with ports of its own, always stopped again."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from dashgen.questdb.aot import aot_cache, discard
from dashgen.questdb.errors import ServerError
from dashgen.questdb.http import Client, Response
from dashgen.questdb.jar import ensure_jar
from dashgen.questdb.java import find_java
from dashgen.questdb.lifetime import discharge, end, ends_within, enlist, has_ended, kill, parent_bound
from dashgen.questdb.temporary import TemporaryFolder

_LISTENING = re.compile(r"(http|pg)-server listening on 127\.0\.0\.1:(\d+)")
_CRASHED = "A fatal error has been detected by the Java Runtime Environment"

Compiler = Literal["quick", "thorough"]
_COMPILERS: dict[Compiler, tuple[str, ...]] = {"quick": ("-XX:TieredStopAtLevel=1",), "thorough": ()}


class EmbeddedQuestDB:
    """A QuestDB 9.3.4 server that runs for the duration of the `with` block.

    `folder` is the data folder; by default it is a temporary folder that is removed with the server. Port 0 means any
    free port. The server listens on loopback only, sends no telemetry, and creates no table or column automatically. It
    is stopped at the end of the block, at the end of the process, on SIGTERM (if the program has no handler for it),
    and on Linux by the kernel when the thread that started it ends.

    `compiler` is Java's compilation mode: "quick" needs two thirds of the processor time to start and half of it for
    many short statements, but scans and inserts millions of rows at 0.6 times the speed.

    `reader` is the read-only user. Its password is random unless one is given, and is never shown.

    `pg_workers` is the number of dedicated threads of the PG wire server. Without them it shares the server's threads,
    of which a small machine has one or two: that many long queries block all others, and their cancellation too
    (observed, 9.3.4).

    Raises ServerError, with the end of the server's log, if the server is not ready within `timeout` seconds.
    """

    _STOP_SECONDS = 10.0

    def __init__(
        self,
        folder: Path | None = None,
        *,
        http_port: int = 0,
        pg_port: int = 0,
        timeout: float = 60.0,
        compiler: Compiler = "thorough",
        reader: str = "readonly",
        reader_password: str = "",
        pg_workers: int = 0,
    ) -> None:
        self._named = folder
        self._pg_workers = pg_workers
        self._wanted = (http_port, pg_port)
        self._timeout = timeout
        self._compiler = compiler
        self._reader = reader
        self._password = reader_password or secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None
        self._temporary: TemporaryFolder | None = None
        self._ports: dict[str, int] = {}
        self._client: Client | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def folder(self) -> Path:
        """Where configuration, data and `dashgen.log` are."""
        if self._named is not None:
            return self._named
        if self._temporary is None:
            raise ServerError("the server was not started")
        return self._temporary.path

    @property
    def http_url(self) -> str:
        """Also the address of the web console."""
        return f"http://127.0.0.1:{self._port('http')}"

    @property
    def pg_dsn(self) -> str:
        return self._dsn("admin", "quest")

    @property
    def pg_address(self) -> str:
        """`127.0.0.1:8812`."""
        return f"127.0.0.1:{self._port('pg')}"

    @property
    def readonly_dsn(self) -> str:
        """Of the login that the server lets read only."""
        return self._dsn(self._reader, self._password)

    @property
    def reader(self) -> tuple[str, str]:
        """User and password of the login that the server lets read only."""
        return self._reader, self._password

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerError("the server is not running")
        return self._process.pid

    @property
    def client(self) -> Client:
        if self._client is None:
            raise ServerError("the server is not running")
        return self._client

    def execute(self, sql: str) -> None:
        """See `Client.execute`."""
        self.client.execute(sql)

    def query(self, sql: str) -> Response:
        """See `Client.query`."""
        return self.client.query(sql)

    def settle(self) -> None:
        """See `Client.settle`."""
        self.client.settle()

    def start(self) -> None:
        """What entering the `with` block does; a server that was stopped can be started again."""
        if self._process is not None:
            raise ServerError("the server is running already")
        java, jar = find_java(), ensure_jar()
        cache = self._cache_of(java, jar)
        self._temporary = TemporaryFolder()
        if self._named is not None:
            self._named.mkdir(parents=True, exist_ok=True)
        enlist(self)
        try:
            try:
                self._run(java, jar, self._options(cache))
            except ServerError:
                if cache is None or not self._java_crashed():
                    raise
                discard(cache)
                self._run(java, jar, [])
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """What leaving the `with` block does. Harmless when the server is not running."""
        process, self._process, self._client = self._process, None, None
        self._ports = {}
        try:
            if process is not None:
                end(process, self._STOP_SECONDS)
        finally:
            if self._temporary is not None:
                self._temporary.remove()
                self._temporary = None
            discharge(self)

    def restart(self) -> None:
        """Ends the process at once and starts another on the same data: for a query that can't be ended otherwise.
        Ports are other ones then, unless they were given."""
        if self._process is None:
            raise ServerError("the server is not running")
        kill(self._process)
        self._ports, self._client = {}, None
        java, jar = find_java(), ensure_jar()
        cache = self._cache_of(java, jar)
        self._run(java, jar, self._options(cache))

    def _run(self, java: Path, jar: Path, options: Sequence[str]) -> None:
        """Starts the process and waits until it answers."""
        folder = self.folder.resolve()
        assert self._temporary is not None  # noqa: S101  # start() made it
        libraries = self._temporary.path / "java-tmp"
        libraries.mkdir(exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # Java and jar are ours
                [
                    *parent_bound(),
                    str(java),
                    *_COMPILERS[self._compiler],
                    *options,
                    "-XX:-CreateCoredumpOnCrash",
                    f"-XX:ErrorFile={folder / 'java-crash.log'}",  # else in the folder that the user stands in
                    # The jar unpacks 9 MB of libraries there at each start, and a killed server leaves them (9.3.4).
                    f"-Djava.io.tmpdir={libraries.resolve()}",
                    "-XX:-UsePerfData",  # a file in the machine's temporary folder
                    "-jar",
                    str(jar),
                    "-d",
                    str(folder),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                start_new_session=True,
            )
        self._wait_until_ready(self._process)

    @property
    def _log(self) -> Path:
        return self.folder / "dashgen.log"

    def _java_crashed(self) -> bool:
        return _CRASHED in self._log.read_text(errors="replace")

    def _cache_of(self, java: Path, jar: Path) -> Path | None:
        return aot_cache(java, jar, _train)

    def _options(self, cache: Path | None) -> list[str]:
        return [f"-XX:AOTCache={cache}"] if cache else []

    def ended(self, seconds: float) -> bool:
        """Waits that long; whether the server has ended by itself or by somebody else."""
        return self._process is None or ends_within(self._process, seconds)

    def _environment(self) -> dict[str, str]:
        http, pg = self._wanted
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("QDB_")}
        return inherited | {
            "QDB_HTTP_BIND_TO": f"127.0.0.1:{http}",
            "QDB_PG_NET_BIND_TO": f"127.0.0.1:{pg}",
            "QDB_HTTP_MIN_ENABLED": "false",
            **({"QDB_PG_WORKER_COUNT": str(self._pg_workers)} if self._pg_workers else {}),
            "QDB_LINE_TCP_ENABLED": "false",
            "QDB_TELEMETRY_ENABLED": "false",
            "QDB_TELEMETRY_DISABLE_COMPLETELY": "true",
            "QDB_LINE_AUTO_CREATE_NEW_TABLES": "false",
            "QDB_LINE_AUTO_CREATE_NEW_COLUMNS": "false",
            # ALTER TABLE … SUSPEND WAL, by which alert tests break a table on purpose, asks for it.
            "QDB_DEV_MODE_ENABLED": "true",
            "QDB_PG_READONLY_USER_ENABLED": "true",
            "QDB_PG_READONLY_USER": self._reader,
            "QDB_PG_READONLY_PASSWORD": self._password,
            # Its threads look for work 1,000 times a second for seconds after the last of it: a fifth of the time of
            # 60 tables that are made, filled, read and dropped, twice (9.5 s to 7.6 s of the processor's, 9.3.4).
            "QDB_SHARED_WORKER_NAP_THRESHOLD": "100",
            "QDB_SHARED_WORKER_SLEEP_THRESHOLD": "500",
            "QDB_SHARED_WORKER_SLEEP_TIMEOUT": "20",
            # The lines that name the ports are advisory ones; info lines fill a disk.
            "QDB_LOG_W_STDOUT_LEVEL": "ERROR,CRITICAL,ADVISORY",
        }

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        log = self._log
        deadline = time.monotonic() + self._timeout
        while True:
            text = log.read_text(errors="replace")
            self._ports = {name: int(port) for name, port in _LISTENING.findall(text)}
            if len(self._ports) == 2:
                client = Client(self.http_url)
                if client.ping():
                    self._client = client
                    return
            if has_ended(process):
                raise ServerError(f"QuestDB stopped with exit code {process.returncode}:\n{_end(text)}")
            if time.monotonic() > deadline:
                raise ServerError(f"QuestDB was not ready within {self._timeout:g} s:\n{_end(text)}")
            time.sleep(0.02)

    def _port(self, name: str) -> int:
        if name not in self._ports:
            raise ServerError("the server is not running")
        return self._ports[name]

    def _dsn(self, user: str, password: str) -> str:
        return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self._port('pg')}/qdb"


class _Trainee(EmbeddedQuestDB):
    """A server that leaves an ahead-of-time cache behind when it ends."""

    _STOP_SECONDS = 180.0  # Java writes the cache then: 6 s of a quiet machine's time

    def __init__(self, cache: Path) -> None:
        super().__init__(compiler="quick")
        self._made = cache

    def _cache_of(self, java: Path, jar: Path) -> Path | None:
        return None

    def _options(self, cache: Path | None) -> list[str]:
        return [f"-XX:AOTCacheOutput={self._made}"]


def _train(cache: Path) -> None:
    """What the server loads for it is in the cache: statements of all kinds that dashgen uses."""
    if sys.stderr.isatty():
        sys.stderr.write("preparing QuestDB once, so that it starts in half the time…\n")
    with _Trainee(cache) as trainee:
        for statement in _TRAINING:
            trainee.execute(statement)
        trainee.settle()
        trainee.query("SELECT h, max(n), count() FROM trained WHERE at > '2026-01-01' SAMPLE BY 1m FILL(NULL)")
        trainee.query("trained LATEST ON at PARTITION BY h")


_TRAINING = (
    "CREATE TABLE trained (at TIMESTAMP, h SYMBOL, n LONG, d DOUBLE, b BOOLEAN, v VARCHAR) TIMESTAMP(at)"
    " PARTITION BY DAY TTL 9 DAYS WAL DEDUP UPSERT KEYS(at, h)",
    "CREATE MATERIALIZED VIEW trained_1m AS (SELECT at, h, sum(n) AS n FROM trained SAMPLE BY 1m) PARTITION BY DAY",
    "INSERT INTO trained SELECT timestamp_sequence('2026-01-02', 1000000L), 'h', x, x / 2.0, x > 1, 'v'"
    " FROM long_sequence(100)",
)


def _end(log: str) -> str:
    return "\n".join(log.splitlines()[-15:])
