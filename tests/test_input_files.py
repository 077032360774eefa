"""Files that are no files, and JSON and YAML that does not end: one sentence, wherever they are read."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashgen import input_files
from dashgen.alert_tests import test_file
from dashgen.cli import main
from dashgen.deploy import compose
from dashgen.diff.lockfiles import LockError, choose
from dashgen.schema.located import YamlError, load
from dashgen.tree import ledger
from dashgen.tree.errors import TreeError
from dashgen.tree.read import parse
from tests.scratch import Ran, dashgen, specs

ROOT = Path(__file__).resolve().parents[1]
LAUGHS = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 8)}]\n" for n in range(9)
)
DEEP = ("[" * 200_000, "{a: " * 20_000, "- " * 20_000 + "a", "? " * 20_000 + "a", "[" * 600 + "]" * 600)
BEYOND = {
    **{text[:3].strip() + str(len(text)): (text, "is nested deeper than 500 levels") for text in DEEP},
    "recursive": ("a: &a [*a]", "*a refers to what it stands in"),
    "recursive at once": ("&a [*a]", "*a refers to what it stands in"),
    "recursive by another": ("&a {b: &b {c: *a}}", "*a refers to what it stands in"),
    "laughs": (LAUGHS, "has more than 1,000,000 values"),
}


@pytest.mark.parametrize(("text", "message"), BEYOND.values(), ids=BEYOND)
def test_yaml_that_does_not_end(text: str, message: str) -> None:
    found = input_files.endless(text)
    assert found is not None
    assert found.message == message
    with pytest.raises(YamlError, match=f"{re.escape(message)}|more than 200000 values"):
        load(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        parse("provisioning/alerting/rules-a.yaml", text.encode())


@pytest.mark.parametrize(
    "text",
    ["a: &a [1, 2]\nb: *a\nc: [*a, *a]", '"' + "[" * 1_000 + '"', "a: |\n" + "  [[[[\n" * 500, "{" * 300 + "}" * 300],
)
def test_yaml_that_ends(text: str) -> None:
    assert input_files.endless(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "a: 2024-13-41",
        f"a: {'9' * 5_000}",
        "a: \ud800",
        "!!python/object:os.system x",
        "a: \x00",
        "!!int x",
        "? [a]\n: b",
    ],
)
def test_values_that_python_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is (not YAML|not valid YAML|not UTF-8)"):
        parse("x.yaml", text.encode(errors="surrogatepass"))


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"a":' * 100_000, b"\xff", b'{"a": "\\ud800"}', b"", b"\x00"])
def test_json_that_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^is not JSON: "):
        parse("x.json", data)
    with pytest.raises(TreeError, match="is not JSON: "):
        ledger.decode(data)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def plug(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))


def zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def big(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


NO_FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "pipe": (pipe, "it is a named pipe, not a file"),
    "socket": (plug, "it is a socket, not a file"),
    "device": (zeros, "it is a device, not a file"),
    "folder": (Path.mkdir, "it is a folder, not a file"),
    "big": (big, "it has 100,000,000 bytes, more than the 67,108,864 that are read"),
    "loop": (lambda path: path.symlink_to(path.name), "Too many levels of symbolic links"),
}


@pytest.mark.parametrize(("make", "message"), NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Any], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.yaml"
    make(path)
    with pytest.raises(OSError, match=re.escape(message)):
        input_files.read_bytes(path)
    (problem,) = test_file.read(path)[1]
    assert message in problem.message
    with pytest.raises(compose.ComposeError, match=f"{re.escape(message)}|more than 2,000,000 bytes"):
        compose.source(path)


def test_lines_end_as_python_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes("\ufeffa\r\nb\rc".encode())
    assert input_files.read_text(path) == path.read_text(encoding="utf-8")
    assert input_files.read_text(path, "utf-8-sig") == "a\nb\nc"


TESTS = """\
from datetime import datetime
from typing import Annotated
from dashgen import *

@table(name="daemons", dedup=("timestamp", "host"), write_interval="10s")
class Daemons:
    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16)]
    env: Annotated[str, Symbol(16)]

SQL = "SELECT host, count() AS n FROM daemons WHERE $__timeFilter(timestamp) GROUP BY host"
PROJECT = Project(
    environments=(Environment("prod"),), tables=(Daemons,),
    alerts=(AlertGroup("daemons", folder="Alerts", rules=(
        AlertRule(uid="down", title="Down", query=SQL, threshold=1, severity="info", summary="s"),)),),
)
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    specs(folder, TESTS, head="")
    commands = (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"])
    for command in commands:
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


MANY = ",".join(map(str, range(2_000)))


@pytest.mark.questdb
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("run: {to: 99999999d}", "long, and a test may be 92d long"),
        ("run: {to: 99999999999999999999999d}", "long, and a test may be 92d long"),
        (
            f"rows: [{{table: daemons, each: {{host: [{MANY}], env: [{MANY}]}}, values: {{}}}}], run: {{to: 1m}}",
            "each combines to 4,000,000 series, and a test may have 1,000,000 rows",
        ),
        ("rows: [{table: daemons, values: {host: a}, until: 99999999d}], run: {to: 1m}", "moments a series"),
        ("rows: [{table: daemons, values: {host: a}, from: 99999999d, until: 99999999d}], run: {to: 1m}", "calendar"),
    ],
)
def test_tests_without_end(tmp_path: Path, fields: str, message: str) -> None:
    specs(tmp_path, TESTS, head="")
    (tmp_path / "t.yaml").write_text(f"tests: [{{name: x, {fields}, expect: [{{never: down}}]}}]")
    ran: Ran = dashgen(tmp_path, "test", "t.yaml")
    assert ran.code in (1, 2)
    assert message in ran.out + ran.err
    assert "Traceback" not in ran.err


OWN = {
    "adopt/dashboards.py": "orjson: what dashgen encoded the line before",
    "adopt/edit/dashboard_edit.py": "orjson: what dashgen encoded the line before",
    "adopt/files.py": "json: behind `read_bytes`, and of a depth; it tells keys that stand twice",
    "cli/import_python.py": "json: what its own child process wrote into a temporary folder",
    "render/raw.py": "orjson: what dashgen encoded the line before",
    "alert_tests/update.py": "yaml.safe_load: one word that dashgen writes",
    "check/answer_cache.py": "json: its own cache, thrown away where it can't be read",
    "check/verdict_cache.py": "json: its own cache, thrown away where it can't be read",
    "cli/finding_changes.py": "json: what dashgen encoded before, in its own temporary folder",
    "incremental/record.py": "orjson: its own cache behind a digest, thrown away where it can't be read",
    "grafana/gotemplate/syntax.py": "json: a quoted text of a template, which its lexer bounds",
    "installation.py": "json: what pip wrote beside dashgen; tomllib: dashgen's own pyproject.toml",
    "model/alerting/expression.py": "json: what dashgen encoded the line before",
    "model/dashboards/foreign.py": "json: what dashgen encoded when the dashboard was declared",
    "preview/": "json: messages of its own processes, its page and its browser",
    "questdb/http.py": "json: a server's answer",
    "render/alerts.py": "json: what dashgen encoded the line before",
    "render/fields.py": "orjson: what dashgen encoded the line before",
    "schema/located.py": "yaml.compose: behind `endless`, with the places of all values",
    "schema/validate.py": "json: the schemas that dashgen ships",
}
"""Modules that read JSON or YAML by themselves, with what they read."""
_LOADERS = {
    "json": {"load", "loads"},
    "orjson": {"loads"},
    "tomllib": {"load", "loads"},
    "yaml": {"load", "load_all", "safe_load", "safe_load_all", "full_load", "unsafe_load", "compose", "parse", "scan"},
}


def readers() -> set[str]:
    found: set[str] = set()
    for path in sorted((ROOT / "dashgen").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.attr in _LOADERS.get(node.value.id, ()):
                    found.add(path.relative_to(ROOT / "dashgen").as_posix())
            elif isinstance(node, ast.ImportFrom) and node.module in _LOADERS:
                found |= {path.name for name in node.names if name.name in _LOADERS[node.module]}
    return found


def test_files_of_others_are_read_in_one_place() -> None:
    found = readers()
    unlisted = {path for path in found if not any(path == own or path.startswith(own) for own in OWN)}
    assert unlisted == {"input_files.py"}
    assert all(any(path == own or path.startswith(own) for path in found) for own in OWN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = " + "[" * 100_000, "is no TOML that can be read: it is nested too deeply"),
        (f"a = {'9' * 5_000}", "is not TOML: Exceeds the limit"),
        ("a = \x00", "is not TOML: "),
        ("package = 5", "expected its packages as a list of tables"),
        ("package = [1]", "expected its packages as a list of tables"),
        ("[[package]]\nsource = 5", "is not a lock file that dashgen knows"),
    ],
)
def test_lock_files_of_others(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "uv.lock").write_text(text)
    with pytest.raises(LockError, match=re.escape(message)):
        choose(tmp_path, "uv.lock")


def test_requirements_that_include_one_another_without_end(tmp_path: Path) -> None:
    for n in range(60):
        (tmp_path / f"r{n}.txt").write_text(f"-r r{n + 1}.txt")
    with pytest.raises(LockError, match="more than 50 files include one another"):
        choose(tmp_path, "r0.txt")
    (tmp_path / "uv.lock").mkdir()
    with pytest.raises(LockError, match="it is a folder, not a file"):
        choose(tmp_path, "uv.lock")


LONG = "a" * 300


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("diff", LONG), f"'{LONG}' is neither a git revision nor a folder"),
        (("diff", f"./{LONG}"), f"{LONG}: File name too long"),
        (("check", "--offline", "--base", LONG), f"'{LONG}' is neither a git revision nor a folder"),
        (("build", "--specs", LONG), f"{LONG}: File name too long"),
        (("build", "--out", LONG), "File name too long"),
        (("docs", "--out", LONG), "File name too long"),
        *(((verb, "a" * 100_000), "arguments of up to 4,096 characters, got one of 100,000") for verb in ("diff", "x")),
    ],
)
def test_names_that_no_file_can_have(
    repository: Path,
    arguments: tuple[str, ...],
    message: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setattr("sys.argv", ["dashgen", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capfd.readouterr()
    assert ended.value.code == 2, err
    assert message in err
    assert "Traceback" not in out + err
