"""`dashgen publish` as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashgen.diff.publish import MANIFEST
from tests.diff import trees
from tests.diff.repository import write
from tests.diff.test_meaning import RULE, put
from tests.diff.trees import Tree, tree
from tests.scratch import dashgen


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A rendered tree in build/, and a published one in there/."""
    write(tmp_path / "build/prod", tree().files)
    (tmp_path / "there").mkdir()
    assert dashgen(tmp_path, "publish", "--to", "there").code == 0
    return tmp_path


def rendered(work: Path, new: Tree) -> None:
    write(work / "build/prod", new.files)


def test_the_first_time(tmp_path: Path) -> None:
    write(tmp_path / "build/prod", tree().files)
    (tmp_path / "there").mkdir()
    ran = dashgen(tmp_path, "publish", "--to", "there")
    assert ran.code == 0
    assert ran.out.splitlines()[0].startswith("prod: publish 2 dashboards, 1 alert rule, 1 rule group")
    assert "- dashboard daemon-health (Daemon health): new, 1 display\n" in ran.out
    assert ran.err.startswith("prod: wrote 13 new, 0 changed, 0 removed\n")


def test_nothing_to_publish(work: Path) -> None:
    ran = dashgen(work, "publish", "--to", "there")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "prod: nothing to publish\nNo alert changed: don't reload alerting: a reload repeats notifications.\n"
    )


def test_a_dashboard_changed(work: Path) -> None:
    new = tree()
    new.panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"] = 90
    rendered(work, new)
    ran = dashgen(work, "publish", "--to", "there")
    assert ran.code == 0
    assert ran.out == (
        "prod: 1 dashboard\n"
        "\n"
        "- dashboard daemon-health (Daemon health): changed, 1 display\n"
        "  display: Fetches › threshold red from: 5 → 90\n"
        "\n"
        "No alert changed: don't reload alerting: a reload repeats notifications.\n"
    )


def test_an_alert_and_a_variable_are_new(work: Path) -> None:
    new = tree()
    put(*RULE, "for", to="5m")(new)
    new.documents[trees.VARIABLES] += "TELEGRAM_BOT_TOKEN=\n"
    rendered(work, new)
    ran = dashgen(work, "publish", "--to", "there", "--message", "message.txt")
    assert (ran.code, ran.out) == (0, "")
    assert (work / "message.txt").read_text() == (
        "prod: 1 alert rule, 1 environment variable\n"
        "\n"
        "- alert rule daemon-down (Daemon down): changed, 1 alerting\n"
        "  alerting: for: 1m → 5m\n"
        "- environment variable TELEGRAM_BOT_TOKEN: new, 1 meaning\n"
        "  meaning: new\n"
        "    Grafana's process needs it: environment.example says what happens without it\n"
        "\n"
        "Alerting changed: reload it after the rollout.\n"
        "New environment variables, to be set before Grafana restarts: TELEGRAM_BOT_TOKEN\n"
    )
    assert ran.err == (
        "prod: wrote 0 new, 2 changed, 0 removed\n"
        "Alerting changed: reload it after the rollout.\n"
        "New environment variables, to be set before Grafana restarts: TELEGRAM_BOT_TOKEN\n"
    )


def test_a_dry_run_changes_nothing(work: Path) -> None:
    new = tree()
    put(*RULE, "for", to="5m")(new)
    rendered(work, new)
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(work.rglob("*")) if p.is_file()}
    ran = dashgen(work, "publish", "--to", "there", "--dry-run", "--message", "message.txt", "--format", "json")
    assert ran.code == 1
    said = json.loads(ran.out)
    assert (said["changed"], said["alertingChanged"], said["dryRun"]) == ([trees.RULES], True, True)
    assert said["message"].startswith("prod: 1 alert rule\n")
    assert "would write 0 new, 1 changed, 0 removed" in ran.err
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(work.rglob("*")) if p.is_file()} == before
    assert dashgen(work, "publish", "--to", "there").code == 0
    assert dashgen(work, "publish", "--to", "there", "--dry-run").code == 0


def test_only_formatting(work: Path) -> None:
    path = work / "build/prod" / trees.RULES
    path.write_bytes(b"# a comment\n" + path.read_bytes())
    ran = dashgen(work, "publish", "--to", "there")
    assert ran.out.startswith("prod: only how files are written\n")
    assert "No alert changed" in ran.err


def test_edited_by_hand(work: Path) -> None:
    (work / "there" / trees.VARIABLES).write_text("\x1b[31mMINE=1\n")
    before = (work / "there" / MANIFEST).read_bytes()
    ran = dashgen(work, "publish", "--to", "there")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "--- environment.example (there)\n"
        "+++ environment.example (rendered)\n"
        "@@ -1 +1,2 @@\n"
        "-\\u001b[31mMINE=1\n"
        "+# must\n"
        "+QUESTDB_PASSWORD=\n"
        "error: in there 1 file was changed by hand since dashgen last published: environment.example was edited\n"
        "  bring the change into the specs, or take it back there (git checkout), then publish again\n"
        "nothing was written\n"
    )
    assert (work / "there" / MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "build/prod"], "error: build/prod is inside build: publish a tree outside of itself\n"),
        (["--to", "nope"], "error: nope is not a folder\n"),
        (
            ["--to", "there", "--from", "nope"],
            "error: there is no folder nope\n  render one with `dashgen build`",
        ),
        (["--to", "there", "--from", "there/dashboards"], "error: there/dashboards is not a rendered tree"),
        (["--to", "there", "--env", "local"], "error: no environment 'local' is rendered\n  there are prod\n"),
        (["--to", "there", "--max-removed", "101"], "Invalid value for '--max-removed'"),
        ([], "Missing option '--to'"),
    ],
)
def test_wrong_use(work: Path, arguments: list[str], message: str) -> None:
    ran = dashgen(work, "publish", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_several_environments_need_a_choice(work: Path) -> None:
    write(work / "build/local", tree().files)
    ran = dashgen(work, "publish", "--to", "there")
    assert ran.code == 2
    assert "error: there are several environments: local, prod\n  name one: --env local\n" in ran.err
    assert dashgen(work, "publish", "--to", "there", "--env", "prod").code == 0
    ran = dashgen(work, "publish", "--to", "there", "--env", "local")
    assert "error: there has the environment 'prod', not 'local'" in ran.err


@pytest.mark.parametrize("place", ["nowhere/msg.txt", "there", "a-file/msg.txt"])
def test_a_message_that_cannot_be_written_is_said_before_anything_is(work: Path, place: str) -> None:
    (work / "a-file").write_text("")
    new = tree()
    new.panel["title"] = "Renamed"
    rendered(work, new)
    before = {path: path.read_bytes() for path in (work / "there").rglob("*") if path.is_file()}
    ran = dashgen(work, "publish", "--to", "there", "--message", place)
    assert (ran.code, ran.out) == (2, "")
    assert f"error: the message can't be written to {place}: " in ran.err
    assert ran.err.endswith("nothing was written\n")
    assert {path: path.read_bytes() for path in (work / "there").rglob("*") if path.is_file()} == before
    again = dashgen(work, "publish", "--to", "there", "--message", "msg.txt")
    assert again.code == 0
    assert "Renamed" in (work / "msg.txt").read_text()
    assert not list(work.glob(".dashgen-message-*"))
