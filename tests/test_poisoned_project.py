"""A project whose every text is hostile, through each command and format that needs no server: nothing acts on whoever
reads it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashgen.escaping import is_invisible
from tests.scratch import specs

ROOT = Path(__file__).resolve().parents[1]
MARKUP = "</td></script><script>alert(1)</script><img src=x onerror=alert(1)> | `x` **b** [a](javascript:b) ::error::x"
HOSTILE = {
    "hostile": f"\x1b]0;t\x07\x1b[31m\x9b31m\x00\r\u202e{MARKUP}\u2066\u200b\u2028\ufeff\x08",
    "long": "x" * 50_000 + MARKUP,
}
SPECS = """
from datetime import datetime
from typing import Annotated

from dashgen import *

P = POISON


@table(name="daemons", dedup=("timestamp", "host"), write_interval="10s")
class Daemons:
    __doc__ = P
    timestamp: Annotated[datetime, Designated()]
    host: Annotated[str, Symbol(16), Doc(P)]
    n: Annotated[int, Doc(P, unit="short")]


WHERE = f"WHERE $__timeFilter(timestamp) AND host <> '{Q}' GROUP BY host"
SQL = f"SELECT host, count() AS \\"v {CHANGED}\\" FROM daemons {WHERE}"
HOOK = ContactPoint("hook", (Webhook("hook-1", url="https://example.com/hook", title=P, message=P),))
PROJECT = Project(
    environments=(Environment("prod", owns_policy_tree=True),),
    tables=(Daemons,),
    contact_points=(HOOK,),
    policy=Policy(HOOK, group_by=("alertname",)),
    dashboards=(Dashboard(
        uid="d", title=P + CHANGED, description=P, tags=(P,),
        variables=(TextVariable("v", label=P, default=P), CustomVariable("c", values=(P,), label=P)),
        rows=(Row(P, (Stat(P + " a", SQL, key="a", description=P + CHANGED), Text(P + " b", content=P, key="b"),
                      Table(P + " c", f"SELECT nope, '{Q}' AS x FROM nowhere", key="c", description=P))),),
    ),),
    alerts=(AlertGroup("g", folder="Alerts", rules=(
        AlertRule(uid="down", title=P, query=SQL, threshold=1 + len(CHANGED), severity="info", summary=P, description=P,
                  labels={"team": P}, annotations={"x": P}),)),),
)
"""
FORMATS = {
    "text": [["build", "--dry-run"], ["check", "--offline"], ["diff", "./old", "./build"], ["preflight"], ["ddl"],
             ["routes", "down"], ["publish", "--to", "pub", "--dry-run"]],
    "json": [[*verb, "--format", "json"] for verb in (
        ["build", "--dry-run"], ["check", "--offline"], ["diff", "./old", "./build"], ["preflight"],
        ["routes", "down"])],
    "markdown": [["check", "--offline", "--format", "markdown"], ["diff", "./old", "./build", "--format", "markdown"],
                 ["docs"]],
    "github": [["check", "--offline", "--format", "github"]],
    "html": [["diff", "./old", "./build", "--format", "html"]],
}  # fmt: skip
DRIVER = """\
import json, os, sys, tempfile
from dashgen.cli import main

def tried(arguments):
    files = [tempfile.TemporaryFile() for _ in range(2)]
    pid = os.fork()
    if pid == 0:
        for number, file in enumerate(files, 1):
            os.dup2(file.fileno(), number)
        sys.argv = ["dashgen", *arguments]
        try:
            main()
        except SystemExit as done:
            sys.stdout.flush()
            os._exit(done.code or 0)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, *(os.pread(file.fileno(), 50_000_000, 0).decode() for file in files)

sys.stdout.write(json.dumps([tried(one) for one in json.loads(sys.argv[1])]))
"""


REFUSED = ("long",)
"""What is no title of an alert rule: the words of errors are what is read."""


def ran(folder: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(commands)],
        cwd=folder, capture_output=True, text=True, timeout=300, check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    found: list[tuple[int, str, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_acts_on_its_reader(name: str, tmp_path: Path) -> None:
    poison = HOSTILE[name]
    quoted = "".join(c for c in poison if c not in "'\x00\\")
    for changed, out in (("", "old"), ("2", "build")):
        head = f"P, Q, CHANGED = {poison!r}, {quoted!r}, {changed!r}\n"
        specs(tmp_path, SPECS.replace("P = POISON\n", ""), head=head)
        ((built, _, err),) = ran(tmp_path, ["build", "--out", out])
        assert "Traceback" not in err
        assert built == (2 if name in REFUSED else 0), err
    (tmp_path / "pub").mkdir()
    asked = [(form, command) for form, commands in FORMATS.items() for command in commands]
    answers = ran(tmp_path, *(command for _, command in asked))
    for (form, command), (code, out, err) in zip(asked, answers, strict=True):
        assert code in (0, 1, 2), (command, err)
        assert "Traceback" not in err, (command, err)
        for said in (out, err):
            assert not {c for c in said if is_invisible(c) and c != "\n"}, command
        if form == "html":
            assert "<script>alert" not in out
            assert "<img src=x" not in out
        if form == "markdown":
            prose = re.sub(r"(?s)(`+)(?!`).*?(?<!`)\1(?!`)", "", out)
            assert "<script" not in prose, command
            assert "<img" not in prose, command
            assert not re.search(r"(?<!\\)\]\(javascript:", prose), command
        if form == "github":
            commands = [line for line in out.split("\n") if "::error::" in line]
            assert all(re.match(r"::(error|warning|notice) file=", line) for line in commands), commands
