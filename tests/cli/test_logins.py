"""Addresses with a login that are given where a command takes something else: no message repeats the login."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scratch import dashgen, specs

ADDRESSES = (
    "https://me:hunter2@host/x",
    "postgresql://host/qdb?user=a&password=hunter2",
    "host=h password='hunter2'",
    "http::addr=host:9000;username=u;password=hunter2;",
)


@pytest.mark.parametrize(
    "command",
    [
        ["diff"], ["check", "--base"], ["publish", "--from", ".", "--to"], ["deploy", "check", "--compose"],
        ["preflight", "--file"], ["import"], ["import", "--from-python"], ["test"], ["build", "--specs"],
        ["db", "migrate"], ["db"], ["db", "migrate", "--format"], [], ["new", "x", "--from"], ["preview", "--at"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_an_address_in_the_place_of_something_else(command: list[str], tmp_path: Path) -> None:
    specs(tmp_path, "PROJECT = project()")
    address = ADDRESSES[len(" ".join(command)) % len(ADDRESSES)]  # tests/questdb/test_address.py has all forms
    ran = dashgen(tmp_path, *command, address)
    assert ran.code == 2, ran
    assert ran.err.strip()
    assert "hunter2" not in ran.out + ran.err
