from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType, ModuleType

import pytest
from hypothesis import settings

from dashgen.questdb import EmbeddedQuestDB

# machines are busy: how long an example takes says nothing
settings.register_profile("dashgen", deadline=None, max_examples=40)
settings.load_profile("dashgen")
# tests start many servers, each for little: half of the processor's time goes without the second compiler
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")

# What a shell ignores for a job in its background, or nohup for its program, the programs that tests interrupt would
# ignore as well. With a handler here they have the default, and what hangs up does not end the tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

LONGEST_SECONDS = 300
"""A test that waits for what never comes fails after them; the longest takes a tenth on a quiet machine."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"not finished after {LONGEST_SECONDS} s")

    if not hasattr(signal, "SIGALRM"):  # Windows
        return (yield)
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST_SECONDS)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


FAILED = ".failed-tests.txt"


def _failures(reports: Sequence[pytest.TestReport]) -> str:
    """Each reason once: a server that does not start fails all of its tests."""
    tests: dict[str, list[str]] = {}
    for report in reports:
        tests.setdefault(_reason(report), []).append(f"{report.nodeid} ({report.when})")
    return "".join(f"{len(names)} of {names[0]}: {reason}\n" for reason, names in tests.items())


def _reason(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = str(crash.message if crash else report.longrepr).splitlines()
    return " / ".join(line.strip() for line in lines[:6])[:400]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """With `--durations` also the files that took longest. What failed is in a file too, a line each: a report of
    megabytes hides it."""
    failed = [report for kind in ("error", "failed") for report in terminalreporter.stats.get(kind, ())]
    (config.rootpath / FAILED).write_text(_failures(failed))
    if not config.getoption("durations"):
        return
    seconds: dict[str, float] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                file = report.nodeid.partition("::")[0]
                seconds[file] = seconds.get(file, 0) + report.duration
    terminalreporter.section("slowest files")
    for file in sorted(seconds, key=seconds.__getitem__, reverse=True)[:20]:
        terminalreporter.write_line(f"{seconds[file]:.2f}s {file}")
    terminalreporter.write_line(f"{sum(seconds.values()):.2f}s all")


def _shipped() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name == "specs" or name.startswith("specs.")}


@pytest.fixture(autouse=True)
def the_shipped_specs_stay() -> Iterator[None]:
    """A test that loads specs of its own puts them under the name `specs`, where the next one looks for ours."""
    before = _shipped()
    yield
    if sys.modules.get("specs") is not before.get("specs"):
        for name in _shipped():
            del sys.modules[name]
        sys.modules.update(before)


@pytest.fixture(scope="session")
def questdb() -> Iterator[EmbeddedQuestDB]:
    """One server for all tests: tables in it need names of their own, or `DROP TABLE IF EXISTS` first."""
    with EmbeddedQuestDB() as server:
        yield server
