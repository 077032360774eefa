"""The dashboard providers of an environment, and the one that keeps dashboards over a restart of Grafana."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dashgen import Dashboard, Environment, Folder, Project, QuestDB
from dashgen.diff.publish import MANIFEST, plan, publish
from dashgen.pipeline import prepare, write
from dashgen.project_checks import check
from dashgen.render import render
from dashgen.tree import writer
from dashgen.tree.transition import deleted_at_restart

KEEP = "dashboards/_restart-guard/.gitkeep"
Json = dict[str, Any]


def project(environment: Environment, *folders: str) -> Project:
    """One dashboard in each of the folders, by their logical names."""
    dashboards = tuple(Dashboard(uid=f"d{i}", title=f"D{i}", folder=name, rows=()) for i, name in enumerate(folders))
    return Project(environments=(environment,), dashboards=dashboards)


def rendered(environment: Environment, *folders: str) -> dict[str, bytes]:
    return {d.path: d.data for d in render(project(environment, *folders), environment)}


def providers(files: Mapping[str, bytes]) -> list[Json]:
    listed: list[Json] = yaml.safe_load(files["provisioning/dashboards/dashgen.yaml"])["providers"]
    return listed


def cleaned_up(configured: list[Json]) -> bool:
    """What Grafana 12.4 asks before it cleans up (canBeAutomaticallyCleanedUp): the first provider's title is no empty
    text, and no provider has another one or allows updates from the browser."""
    first = configured[0].get("folder", "")
    if not first:
        return False
    return not any(one["allowUiUpdates"] or one.get("folder", "") != first for one in configured)


TITLES = {
    "one": {"a": Folder("a", "Daemons")},
    "one, by two names": {"a": Folder("a", "Daemons"), "b": Folder("a", "Daemons")},
    "two": {"a": Folder("a", "Daemons"), "b": Folder("b", "Trading")},
    "one in the other": {"a": Folder("a", "Daemons"), "b": Folder("b", "Alerts of Daemons")},
    "two by case": {"a": Folder("a", "Daemons"), "b": Folder("b", "daemons")},
    "two by a blank": {"a": Folder("a", "Daemons"), "b": Folder("b", "Daemons ")},
    "two by a dollar": {"a": Folder("a", "$A"), "b": Folder("b", "$$A")},
    "declared, unused": {"a": Folder("a", "Daemons"), "b": Folder("b", "Trading"), "c": Folder("c", "C")},
}


@pytest.mark.parametrize("grafana", ["9.4", "11.6", "12.3", "12.4", "13.3"])
@pytest.mark.parametrize(
    ("folders", "used", "allow_ui_updates", "guard"),
    [
        ("one", "a", False, True),
        ("one", "aaa", False, True),
        ("one", "aa", True, False),  # Grafana does not clean up what may be edited
        ("one", "", False, False),  # no dashboards, no providers
        ("one, by two names", "ab", False, True),
        ("two", "ab", False, False),
        ("two", "a", False, True),  # the other one has no provider
        ("one in the other", "ab", False, False),
        ("two by case", "ab", False, False),  # Grafana compares the titles exactly
        ("two by a blank", "ab", False, False),
        ("two by a dollar", "ab", False, False),
        ("declared, unused", "bb", False, True),
        ("declared, unused", "abc", False, False),
    ],
)
def test_the_guard_is_rendered_where_all_providers_have_one_title(
    folders: str, used: str, allow_ui_updates: bool, guard: bool, grafana: str
) -> None:
    environment = Environment("prod", grafana=grafana, folders=TITLES[folders], allow_ui_updates=allow_ui_updates)
    files = rendered(environment, *used)
    assert (KEEP in files) == guard
    if not used:
        assert "provisioning/dashboards/dashgen.yaml" not in files
        return
    listed = providers(files)
    assert (len(listed) - len({p["folderUid"] for p in listed if "folderUid" in p})) == int(guard)
    assert not cleaned_up(listed)
    assert cleaned_up([p for p in listed if "folder" in p]) == guard


uids = st.from_regex(r"[a-z_-]{1,6}", fullmatch=True).filter(lambda uid: uid[0].isalpha())
titles = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=4).filter(str.strip)


@given(
    folders=st.dictionaries(uids, titles, min_size=1, max_size=3).filter(lambda f: len({*f.values()}) == len(f)),
    used=st.sets(st.integers(0, 2), min_size=1),
    prefix=st.sampled_from(["", "m-"]),
    path=st.sampled_from(["/etc/grafana/dashgen/dashboards", "/srv/d/", "/"]),
    allow=st.booleans(),
)
def test_no_tree_is_cleaned_up_and_no_provider_reads_anothers_files(
    folders: dict[str, str], used: set[int], prefix: str, path: str, allow: bool
) -> None:
    environment = Environment(
        "prod", folders={uid: Folder(uid, title) for uid, title in folders.items()}, uid_prefix=prefix,
        dashboards_path=path, allow_ui_updates=allow,
    )  # fmt: skip
    names = [name for i, name in enumerate(sorted(folders)) if i in used] or [min(folders)]
    files = rendered(environment, *names)
    listed = providers(files)
    assert not cleaned_up(listed)
    assert not deleted_at_restart(listed)
    assert len({p["name"] for p in listed}) == len(listed)
    paths = [PurePosixPath(p["options"]["path"]) for p in listed]
    for provider, at in zip(listed, paths, strict=True):
        assert not [other for other in paths if other is not at and (other == at or at in other.parents)]
        below = f"dashboards/{at.relative_to(path)}/"
        inside = [name for name in files if name.startswith(below)]
        assert inside, "a provider whose folder is missing logs an error a few times a minute"
        assert all(name.endswith(".json") for name in inside) == ("folder" in provider)


def test_the_file_says_what_the_guard_is_for() -> None:
    text = rendered(Environment("prod"), "default")["provisioning/dashboards/dashgen.yaml"].decode()
    assert "without the folder's permissions, and not at all if their files are missing" in text
    assert text.startswith("# Rendered by dashgen; edit the specs, not this file.\n# The last provider has no folder")
    two = Environment("prod", folders=TITLES["two"])
    assert "last provider" not in rendered(two, "a", "b")["provisioning/dashboards/dashgen.yaml"].decode()


def test_the_guard_is_valid_and_two_environments_have_their_own() -> None:
    first = Environment("one", instance="g", datasources={"questdb": QuestDB(name="One")})
    second = Environment(
        "two", instance="g", uid_prefix="t-", datasources={"questdb": QuestDB(name="Two")},
        folders={"default": Folder("dashgen", "Other")},
    )  # fmt: skip
    whole = Project(environments=(first, second), dashboards=(Dashboard(uid="x", title="X", rows=()),))
    assert check(whole) == ()
    names = []
    for environment in (first, second):
        prepared = prepare(whole, environment, Path("nowhere"))
        assert prepared.problems == ()
        names += [p["name"] for p in providers(prepared.tree)]
    assert len(set(names)) == 4
    assert "dashgen-t-dashgen restart guard" in names


def test_the_guards_folder_stays_as_long_as_it_is_needed(tmp_path: Path) -> None:
    environment = Environment("prod", folders=TITLES["two"])
    build, checkout = tmp_path / "build/prod", tmp_path / "checkout"
    checkout.mkdir()

    def step(*folders: str) -> bool:
        write(prepare(project(environment, *folders), environment, build))
        files = {p.relative_to(build).as_posix(): p.read_bytes() for p in build.rglob("*") if p.is_file()}
        publish(plan(checkout, "prod", files, 100))
        assert (checkout / MANIFEST).is_file()
        assert (build / KEEP).exists() == (checkout / KEEP).exists()
        assert (build / KEEP).parent.exists() == (checkout / KEEP).parent.exists() == (build / KEEP).exists()
        return (build / KEEP).exists()

    assert step("a")
    assert step("a", "a")
    assert not step("a", "b")
    assert step("b")
    assert not writer.compare(build, {d.path: d.data for d in render(project(environment, "b"), environment,
                                                                   writer.ledger(build))})  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "deleted"),
    [
        ([], False),
        ([{"folder": "A"}], True),
        ([{"folder": "A"}, {"folder": "A"}], True),
        ([{"folder": "A"}, {"folder": "B"}], False),
        ([{"folder": "A"}, {"folder": ""}], False),
        ([{"folder": "A"}, {}], False),
        ([{}, {"folder": None}], False),
        ([{"folder": "A"}, {"folder": "A", "allowUiUpdates": True}], False),
    ],
)
def test_what_grafana_would_delete_at_a_restart(entries: list[Json], deleted: bool) -> None:
    assert deleted_at_restart(entries) == deleted
