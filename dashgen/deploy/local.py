"""A Grafana on this machine that shows a rendered tree over the embedded QuestDB, and nobody hears of its alerts.

Grafana's options and paths follow its packaging/docker/run.sh, Dockerfile and conf/defaults.ini (read, sources of 11 to
13); that it does not start without a receiver's token or address was seen on 12.3 and 12.4.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

from dashgen.grafana.datasources.plugins import RELEASES, id_of
from dashgen.grafana.needed_variables import Need
from dashgen.grafana.provisioning_variables import references
from dashgen.model.alerting.receiver_types import REFERENCE
from dashgen.model.core.problems import DashgenError
from dashgen.model.environment import Environment, QuestDB
from dashgen.model.project import Project
from dashgen.questdb.lifetime import discharge, end, enlist, has_ended, parent_bound
from dashgen.tree.paths import DASHBOARDS, PROVISIONING

HOST = "127.0.0.1"
ENVIRONMENT_FILE = "grafana.env"
CONFIGURATION = "grafana.ini"
_NOWHERE = "http://127.0.0.1:9"
"""The discard port of this machine: nothing listens there."""
_PLACEHOLDERS = {
    "address": f"{_NOWHERE}/dashgen-demo",
    "bot token": "0:this-is-no-bot-of-anybody",
    "chat id": "0",
    "mail address": "nobody@example.invalid",
    "number": "0",
}
_ADMIN = ("admin", "quest")
"""QuestDB's own login, which can write."""


class GrafanaError(DashgenError):
    """There is no Grafana to start, or it did not start; `hint` says what to do."""


def is_here(host: str) -> bool:
    """Whether a datasource's host is this machine, for a Grafana that runs on it."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def datasource_here(environment: Environment) -> QuestDB | None:
    """The first datasource of the environment that is on this machine."""
    return next((one for one in environment.datasources.values() if is_here(one.host)), None)


def environment_here(project: Project) -> Environment | None:
    """The first environment whose data are on this machine."""
    return next((one for one in project.environments if datasource_here(one)), None)


@dataclass(frozen=True, slots=True)
class Login:
    """What a datasource logs in with. `variable` is the one that its password comes from."""

    user: str
    password: str
    variable: str

    @property
    def is_reader(self) -> bool:
        """Whether a QuestDB can have it as the login that only reads, beside its own."""
        return self.user != _ADMIN[0]


def login(datasource: QuestDB, environ: Mapping[str, str] = os.environ) -> Login:
    """That of a datasource: its password is what the variable holds, or a new one."""
    (variable,) = references(datasource.password)
    if datasource.user == _ADMIN[0]:
        return Login(*_ADMIN, variable)
    return Login(datasource.user, environ.get(variable) or secrets.token_hex(16), variable)


def _free_variable(environment: Environment) -> str | None:
    """The variable that is all of the path of the dashboards: it can have any folder as its value."""
    match = REFERENCE.fullmatch(environment.dashboards_path)
    return match[0][2:-1] if match else None


def dashboards_at(environment: Environment, tree: Path) -> str:
    """Where a Grafana that is started here finds the dashboards of that tree."""
    return str(tree / DASHBOARDS) if _free_variable(environment) else environment.dashboards_path


@dataclass(frozen=True, slots=True)
class Setting:
    """What a Grafana on this machine is started with. `tree` is the rendered tree, `state` a folder of its own."""

    environment: Environment
    tree: Path
    state: Path
    login: Login
    needs: tuple[Need, ...]
    port: int = 3000

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def datasource_port(self) -> int:
        """At which the PG wire is expected."""
        found = datasource_here(self.environment)
        return found.port if found else 0

    def prepare(self) -> None:
        """Its own folder, with an empty configuration."""
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / CONFIGURATION).write_text("")

    @property
    def dashboards(self) -> str:
        """Where Grafana finds the dashboards."""
        return dashboards_at(self.environment, self.tree)

    def variables(self) -> dict[str, str]:
        """Of Grafana's process. Receivers lead nowhere: alerts of demo data are nobody's business."""
        needed = {need.name: _PLACEHOLDERS.get(need.kind, "dashgen-demo") for need in self.needs}
        if (variable := _free_variable(self.environment)) is not None:
            needed[variable] = self.dashboards
        # what else asks for an address elsewhere, such as Telegram's, finds no way (net/http ProxyFromEnvironment)
        wanted = sorted({id_of(one.plugin) for one in self.environment.datasources.values()} & RELEASES.keys())
        shut = {} if wanted else {"HTTP_PROXY": _NOWHERE, "HTTPS_PROXY": _NOWHERE}
        plugins = {"GF_PLUGINS_PREINSTALL_SYNC": ",".join(wanted)} if wanted else {}
        return {
            **needed,
            self.login.variable: self.login.password,
            **shut,
            **plugins,
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_AUTH_ANONYMOUS_ENABLED": "true",
            "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
            "GF_PATHS_PROVISIONING": str(self.tree / PROVISIONING),
            "GF_SECURITY_ADMIN_PASSWORD": self.login.password,
            "GF_SERVER_HTTP_ADDR": HOST,
            "GF_SERVER_HTTP_PORT": str(self.port),
        }

    def paths(self) -> dict[str, str]:
        """Where a Grafana that is no container keeps what it writes."""
        return {
            "GF_PATHS_DATA": str(self.state),
            "GF_PATHS_LOGS": str(self.state / "log"),
            "GF_PATHS_PLUGINS": str(self.state / "plugins"),
        }


@dataclass(frozen=True, slots=True)
class InstalledGrafana:
    """A Grafana that is installed on this machine."""

    program: Path
    home: Path

    name = "Grafana"

    def variables(self, setting: Setting) -> dict[str, str]:
        return setting.variables() | setting.paths()

    def check(self, environment: Environment, tree: Path) -> None:
        """Raises GrafanaError where this Grafana would find no dashboards."""
        path = dashboards_at(environment, tree)
        if not Path(path).is_dir():
            raise GrafanaError(
                f"environment {environment.name!r} has dashboards_path={path!r}, which is no folder of this machine:"
                " Grafana would show nothing",
                "dashboards_path='${DASHGEN_DASHBOARDS}' is set to the rendered tree; or make the folder a link to"
                f" {tree / 'dashboards'}",
            )

    def command(self, setting: Setting) -> list[str]:
        """An empty configuration, so that none of this machine is read."""
        verb = ["server"] if self.program.name.startswith("grafana") and "server" not in self.program.name else []
        return [str(self.program), *verb, f"--homepath={self.home}", f"--config={setting.state / CONFIGURATION}"]

    def lines(self, setting: Setting, file: Path) -> list[str]:
        """For a shell, to start it by hand."""
        return [f"set -a; . {shlex.quote(str(file))}; set +a", shlex.join(self.command(setting))]

    def text(self, setting: Setting) -> str:
        """An environment file for a shell."""
        return _file(f"{name}={shlex.quote(value)}" for name, value in sorted(self.variables(setting).items()))

    def stop(self, setting: Setting) -> None:
        """What is left when its process has ended: nothing."""


@dataclass(frozen=True, slots=True)
class Container:
    """Grafana's image, by Docker. It shares the network of the host, since QuestDB listens on loopback only."""

    docker: Path

    name = "Grafana's image"

    def variables(self, setting: Setting) -> dict[str, str]:
        return setting.variables()

    def check(self, environment: Environment, tree: Path) -> None:
        """Nothing is in the way: paths are mounted as they are wanted."""

    def command(self, setting: Setting) -> list[str]:
        """Values of variables come from Docker's own process: no secret is among the arguments."""
        return self._command(setting, [part for name in sorted(self.variables(setting)) for part in ("--env", name)])

    def lines(self, setting: Setting, file: Path) -> list[str]:
        """For a shell, to start it by hand."""
        return [shlex.join(self._command(setting, ["--env-file", str(file)]))]

    def text(self, setting: Setting) -> str:
        """An environment file for Docker, which takes quotes as part of a value."""
        return _file(f"{name}={value}" for name, value in sorted(self.variables(setting).items()))

    def _command(self, setting: Setting, variables: Iterable[str]) -> list[str]:
        tree = setting.tree
        mounts = [(tree / PROVISIONING, str(tree / PROVISIONING)), (tree / DASHBOARDS, setting.dashboards)]
        user = ["--user", f"{os.getuid()}:0"] if hasattr(os, "getuid") else []  # else it may not read the tree
        return [
            str(self.docker), "run", "--rm", "--name", self._container(setting), "--network", "host", *user,
            *variables,
            *(part for source, to in mounts for part in ("--mount", _mount(str(source), to))),
            f"grafana/grafana:{setting.environment.grafana}.0",
        ]  # fmt: skip

    def stop(self, setting: Setting) -> None:
        """A client of Docker that was killed leaves its container running."""
        subprocess.run(  # noqa: S603  # the program that was found, a name of ours
            [str(self.docker), "rm", "--force", self._container(setting)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=30,
        )  # fmt: skip

    def _container(self, setting: Setting) -> str:
        return f"dashgen-{setting.environment.name}-{setting.port}"


def _mount(source: str, target: str) -> str:
    """Docker reads it as a line of CSV."""
    fields = ("type=bind", f"source={source}", f"target={target}", "readonly")
    return ",".join('"' + f.replace('"', '""') + '"' if "," in f or '"' in f else f for f in fields)


def _file(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def write_private(path: Path, text: str) -> None:
    """A file that only this user reads, also for a moment."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def guess() -> InstalledGrafana | Container:
    """The Grafana that commands are shown for, without trying it: an installed one, Docker, or an installed one's
    usual place."""
    program = _program()
    if program is None and sys.platform == "linux" and (docker := shutil.which("docker")):
        return Container(Path(docker))
    return InstalledGrafana(program or Path("grafana"), (program and _home(program)) or Path("/usr/share/grafana"))


def find() -> InstalledGrafana | Container:
    """A Grafana that can be started here. Raises GrafanaError with all that was looked for."""
    program = _program()
    if program is not None:
        home = _home(program)
        if home is None:
            raise GrafanaError(
                f"{program} is there, but not its home folder, the one with conf/defaults.ini",
                "set GF_PATHS_HOME to it",
            )
        return InstalledGrafana(program, home)
    docker = shutil.which("docker")
    missing = ["no program `grafana` or `grafana-server` is on the PATH"]
    if docker is None:
        missing.append("nor is `docker`")
    elif sys.platform != "linux":
        missing.append("and Docker shares the host's network, on which QuestDB listens, on Linux only")
    elif why := _not_working(docker):
        missing.append(f"and Docker does not work: {why}")
    else:
        return Container(Path(docker))
    raise GrafanaError(
        "no Grafana to start was found: " + ", ".join(missing),
        "install Grafana (11.6 or newer) or start Docker; `dashgen db up --seed` says how to start a Grafana by hand",
    )


def _program() -> Path | None:
    found = shutil.which("grafana") or shutil.which("grafana-server")
    return Path(found) if found else None


def _home(program: Path) -> Path | None:
    """Of an archive or image it is beside `bin`; of a package, /usr/share/grafana; of Homebrew, share/grafana."""
    given = os.environ.get("GF_PATHS_HOME")
    prefix = program.resolve().parent.parent
    for folder in (Path(given) if given else prefix, prefix / "share" / "grafana", Path("/usr/share/grafana")):
        if (folder / "conf" / "defaults.ini").is_file():
            return folder
    return None


def _not_working(docker: str) -> str:
    """Why Docker can't run anything; empty where it can."""
    try:
        done = subprocess.run(  # noqa: S603  # the program of that name on the PATH
            [docker, "info", "--format", "{{.ServerVersion}}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False, timeout=20,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "`docker info` did not answer within 20 s"
    except OSError as error:
        return f"{docker}: {error.strerror}"
    if done.returncode == 0 and done.stdout.strip():
        return ""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return lines[-1] if lines else f"`docker info` ended with {done.returncode}"


class RunningGrafana:
    """A Grafana that lives as long as the `with` block: it is stopped on leaving it, at the end of the process, on
    SIGTERM, and on Linux when this process is killed.

    Raises GrafanaError when it does not answer within `timeout` seconds, with the end of its log.
    """

    _STOP_SECONDS = 20.0

    def __init__(self, grafana: InstalledGrafana | Container, setting: Setting, *, timeout: float = 60.0) -> None:
        self._grafana = grafana
        self._setting = setting
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._setting.prepare()
        enlist(self)
        try:
            self._run()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        """What it writes to its terminal."""
        return self._setting.state / "output.log"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise GrafanaError("Grafana is not running")
        return self._process.pid

    def has_ended(self) -> bool:
        """By itself or by somebody else."""
        return self._process is None or has_ended(self._process)

    def end_of_log(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])

    def stop(self) -> None:
        """What leaving the `with` block does. Harmless when it is not running."""
        process, self._process = self._process, None
        try:
            if process is not None:
                try:
                    end(process, self._STOP_SECONDS)
                finally:
                    self._grafana.stop(self._setting)
        finally:
            discharge(self)

    def _run(self) -> None:
        # A machine's own settings of Grafana, such as its database, are not for this one.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("GF_")}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # the Grafana that was found, arguments of ours
                [*parent_bound(), *self._grafana.command(self._setting)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=inherited | self._grafana.variables(self._setting),
                start_new_session=True,
            )
        deadline = time.monotonic() + self._timeout
        while not self._answers():
            if self.has_ended():
                raise GrafanaError(f"{self._grafana.name} ended at its start:\n{self.end_of_log()}")
            if time.monotonic() > deadline:
                raise GrafanaError(f"{self._grafana.name} did not answer in {self._timeout:g} s:\n{self.end_of_log()}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        connection = HTTPConnection(HOST, self._setting.port, timeout=5)  # which no proxy is asked for
        try:
            connection.request("GET", "/api/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
