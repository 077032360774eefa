from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashgen.alert_tests.test_file import parse
from dashgen.alert_tests.test_model import AlertTest, At, DatabaseFailure, Event, ExpectedAlert, Fires, Never
from dashgen.alert_tests.test_validation import nonsense
from tests.alert_tests.worlds import WORLD

FIRES = Fires("daemon-down", within=30)


def said(*expect: Any, **more: Any) -> list[str]:
    return list(nonsense(AlertTest("t", (), expect, **more), WORLD.rules, WORLD.notifications))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (said(At(60, ())), "it is about no rule: name them in rules, or in an expectation"),
        (said(Never("daemon-dwn"), end=60), "no rule 'daemon-dwn'; did you mean 'daemon-down'?"),
        (said(Never("x"), end=60), "no rule 'x'; there are daemon-down, errors, records"),
        (said(Never("errors")), "no expectation names a moment, so that it ends at 0s: say how long, run: {to: 5m}"),
        (said(Never("errors"), begin=60, end=30), "it ends at 30s, before it begins at 1m: see run"),
        (said(FIRES, At(300, ()), end=60), "an expectation is of 5m, and it ends at 1m: see run"),
        (said(FIRES, events=(Event(40, "x"),)), "the event at 40s comes after its end at 30s: see run"),
        (said(FIRES, database=(DatabaseFailure(60),)), "the database fails from 1m on, after the end at 30s: see run"),
        (said(At(9, (ExpectedAlert("errors", values={"Z": 1}),))), "errors has no refId 'Z'; it has A, B, C"),
        (
            said(At(9, (ExpectedAlert("errors", notifies=("emial",)),))),
            "no contact point 'emial'; did you mean 'email'?",
        ),
        (said(Fires("errors", 30, notifies=("pager",))), "no contact point 'pager'; there are email, oncall, platform"),
    ],
)
def test_what_makes_no_sense(given: list[str], text: str) -> None:
    assert given == [text]


def test_what_makes_sense() -> None:
    alert = ExpectedAlert("errors", values={"A": 1, "B0": 1}, notifies=("email",))
    assert (
        said(FIRES, Never("errors"), At(30, (alert,)), events=(Event(30, "x"),), database=(DatabaseFailure(10),)) == []
    )
    assert said(Never("errors"), begin=30, end=30) == []


FILE = """tests:
  - name: t
    run: {to: 2m}
    expect:
      - {at: 1m, alerts: [{rule: errors, values: {Z: 1}, notifies: [email, pager]}]}
      - never: [daemon-down, dwn]
      - {messages: emial, sent: []}
"""


def test_names_of_a_file_have_line_and_column() -> None:
    file, _ = parse(Path("a.yaml"), FILE)
    assert file is not None
    assert list(nonsense(file.tests[0], WORLD.rules, WORLD.notifications)) == [
        "a.yaml:6:30: no rule 'dwn'; there are daemon-down, errors, records",
        "a.yaml:5:51: errors has no refId 'Z'; it has A, B, C",
        "a.yaml:5:76: no contact point 'pager'; there are email, oncall, platform",
        "a.yaml:7:20: no contact point 'emial'; did you mean 'email'?",
    ]
