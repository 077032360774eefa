"""A rendered tree, read: the one way in which dashgen learns what a tree says.

A TreeError names the file and what is wrong with it: it can't be read, is not JSON or YAML, or does not have the form
of what dashgen renders.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from dashgen.grafana.provisioning_variables import expand
from dashgen.input_files import json_value, read_bytes, yaml_value
from dashgen.tree import git, ledger, paths
from dashgen.tree.errors import RENDER_AGAIN, TreeError

if TYPE_CHECKING:
    from dashgen.grafana.alerting.rule import RuleSpec
    from dashgen.grafana.mute_timings import ProvisionedMuteTiming
    from dashgen.grafana.needed_variables import Need
    from dashgen.grafana.notification_policies import RouteNode

JsonObject = Mapping[str, Any]
"""What a JSON or YAML file of a tree says, or an entry of it."""
_TIMINGS = ("mute_time_intervals", "active_time_intervals")
_ODD = (AttributeError, KeyError, TypeError, ValueError)
"""What comes of a document whose form is not the one that is taken for granted."""


class RenderedRule(NamedTuple):
    """An alert rule as Grafana gets it: of its texts and its group's here, variables are expanded. `data` and `group`
    are as they stand in the file."""

    uid: str
    title: str
    folder: str
    org: int
    data: JsonObject
    group: JsonObject

    @property
    def timings(self) -> frozenset[str]:
        """The mute timings that the rule names itself."""
        settings = self.data.get("notification_settings") or {}
        return frozenset(expand(str(name)) for key in _TIMINGS for name in settings.get(key) or ())


class RenderedContactPoint(NamedTuple):
    """`receivers` are as they stand in the file."""

    name: str
    org: int
    receivers: tuple[JsonObject, ...]

    @property
    def uids(self) -> frozenset[str]:
        """Of its receivers."""
        return frozenset(expand(str(receiver["uid"])) for receiver in self.receivers)


class RenderedDatasource(NamedTuple):
    """`data` is as it stands in the file."""

    name: str
    uid: str
    org: int
    type: str
    data: JsonObject


class RenderedProvider(NamedTuple):
    """A provider of dashboards. In `path` variables are not expanded."""

    name: str
    org: int
    folder_uid: str
    folder: str
    path: str


class RenderedTree(Mapping[str, bytes]):
    """One environment's tree: the bytes of its files by their paths, and what they say, parsed when it is asked for.

    `place` is where it is, for messages: a folder, or `main:build/prod` of a git revision. `mending` says what to do
    about a file of it that is damaged. A file that `like` has with the same bytes is not parsed again.
    """

    def __init__(
        self,
        environment: str,
        files: Mapping[str, bytes],
        place: Path = Path(),
        mending: Callable[[str], str] = lambda _: RENDER_AGAIN,
        like: RenderedTree | None = None,
    ) -> None:
        self.environment, self.place = environment, place
        self._files, self._mending, self._like = files, mending, like
        self._documents: dict[str, JsonObject] = {}

    @classmethod
    def read(cls, folder: Path, environment: str = "", like: RenderedTree | None = None) -> RenderedTree:
        """The tree in a folder, which is empty where there is no folder."""
        return cls(environment or folder.name, FolderFiles(folder), folder, mending_in(folder), like)

    def __getitem__(self, path: str) -> bytes:
        return self._files[path]

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def only(self, wanted: Iterable[str]) -> RenderedTree:
        """The tree without its other files."""
        files = {path: self[path] for path in wanted if path in self}
        return RenderedTree(self.environment, files, self.place, self._mending, self)

    def below(self, folder: str) -> dict[str, bytes]:
        """The files of a folder of the tree, by their paths in it."""
        prefix = f"{folder}/"
        return {path.removeprefix(prefix): self[path] for path in self if path.startswith(prefix)}

    @cached_property
    def readable(self) -> RenderedTree:
        """The provisioning files that can be read, without those of a merge that is not done yet, and the like."""
        return self.only([path for path in self if paths.is_provisioned(path) and self._is_whole(path)])

    def _is_whole(self, path: str) -> bool:
        try:
            self.only([path]).check()
        except TreeError:
            return False
        return True

    def check(self) -> None:
        """Raises TreeError where a provisioning file is damaged."""
        _ = self.rules, self.contact_points, self.policies, self.mute_timings, self.datasources, self.providers

    # --- files

    def document(self, path: str) -> JsonObject:
        """What a file says, empty for one that is not there. Raises TreeError for one that is no JSON or YAML, has
        what JSON can't say (a date, a key that is no text), or is no object."""
        if path not in self:
            return {}
        if path not in self._documents:
            like = self._like
            same = like is not None and like.get(path) == self[path]
            self._documents[path] = like.document(path) if like and same else self._parsed(path)
        return self._documents[path]

    def _parsed(self, path: str) -> JsonObject:
        try:
            found = parse(path, self[path])
            orjson.dumps(found, option=orjson.OPT_PASSTHROUGH_DATETIME)
        except (TypeError, ValueError, RecursionError) as error:
            raise self.damaged(path, str(error).partition("\n")[0]) from None
        if not isinstance(found, dict):
            raise self.damaged(path, "is no object")
        return found

    def damaged(self, path: str, message: str) -> TreeError:
        """What is said of a file that is not what it should be."""
        return TreeError(message, self._mending(path), (self.place / path).as_posix())

    @cached_property
    def ledger(self) -> frozenset[str]:
        """What the tree ever published; nothing where there is no ledger. Raises TreeError for one that can't be
        read: it is not taken for an empty one."""
        if paths.LEDGER not in self:
            return frozenset()
        try:
            return ledger.decode(self[paths.LEDGER])
        except TreeError as error:
            at = self.place / paths.LEDGER
            raise TreeError(error.message, error.hint or self._mending(paths.LEDGER), at.as_posix()) from None

    @cached_property
    def foreign(self) -> tuple[str, ...]:
        """The files that dashgen did not write, by their names: a dashboard or a group of rules whose uids the ledger
        does not have, and whatever is called otherwise than the files of a tree. A build leaves them alone."""
        return tuple(sorted(path for path in self if not self.is_own(path)))

    @property
    def own(self) -> RenderedTree:
        """The tree without what is `foreign`."""
        return self.only(set(self) - set(self.foreign)) if self.foreign else self

    def is_own(self, path: str) -> bool:
        """Whether a file is one that dashgen wrote, see `foreign`."""
        if paths.is_fixed(path):
            return True
        if paths.is_dashboard(path):
            return path.count("/") == len(("folder", "uid")) and f"dashboard {paths.dashboard_uid(path)}" in self.ledger
        return paths.is_rules(path) and self._has_rules_of_ours(path)

    def _has_rules_of_ours(self, path: str) -> bool:
        """Also where it can't be read, as after a merge that is not done: its name is one of dashgen's."""
        try:
            groups = self.document(path).get("groups") or []
            uids = [expand(str(rule["uid"])) for group in groups for rule in group["rules"]]
        except (TreeError, *_ODD):
            return True
        return all(f"rule {uid}" in self.ledger for uid in uids)

    # --- what Grafana gets

    @cached_property
    def provisioned(self) -> dict[str, JsonObject]:
        """The provisioning files in the order in which Grafana applies those of a folder."""
        return {path: self.document(path) for path in sorted(self) if paths.is_provisioned(path)}

    def entries(self, section: str) -> Iterator[tuple[str, JsonObject]]:
        """The entries of a section of the provisioning files (`groups`, `datasources`, …), each with its file."""
        for path, document in self.provisioned.items():
            listed = document.get(section) or []
            if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
                raise self.damaged(path, f"{section}: expected a list of objects")
            for entry in listed:
                yield path, entry

    @contextmanager
    def _form(self, path: str) -> Iterator[None]:
        """Reads by the form that dashgen renders; what has another one is damaged."""
        try:
            yield
        except _ODD as error:
            what = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            raise self.damaged(path, f"does not have the form that dashgen renders: {what}") from None

    @cached_property
    def org(self) -> int:
        """The org that the tree is for; Grafana's first where no file says one."""
        for document in self.provisioned.values():
            for listed in document.values():
                for entry in listed if isinstance(listed, list) else ():
                    if isinstance(entry, dict) and isinstance(org := entry.get("orgId"), int) and org:
                        return org
        return 1

    @cached_property
    def rules(self) -> tuple[RenderedRule, ...]:
        """In the order in which Grafana applies them."""
        found = []
        for path, group in self.entries("groups"):
            with self._form(path):
                org, folder = _org(group), expand(str(group["folder"]))
                found += [
                    RenderedRule(expand(str(rule["uid"])), expand(str(rule["title"])), folder, org, rule, group)
                    for rule in group["rules"]
                ]
        return tuple(found)

    @cached_property
    def rule_specs(self) -> dict[str, RuleSpec]:
        """The rules by uid, with their queries, as they are evaluated."""
        from dashgen.grafana.alerting.rule import rule_spec

        with self._form(paths.ALERTING):
            specs = [rule_spec(rule.data, rule.group) for rule in self.rules]
        return {spec.uid: spec for spec in specs}

    @cached_property
    def contact_points(self) -> tuple[RenderedContactPoint, ...]:
        found = []
        for path, point in self.entries("contactPoints"):
            with self._form(path):
                found.append(RenderedContactPoint(expand(str(point["name"])), _org(point), tuple(point["receivers"])))
                _ = found[-1].uids
        return tuple(found)

    @cached_property
    def policies(self) -> dict[int, RouteNode]:
        """The policy tree of each org that has one here."""
        entries = tuple(self.entries("policies"))
        if not entries:
            return {}
        from dashgen.grafana.notification_policies import tree

        found: dict[int, RouteNode] = {}
        for path, policy in entries:
            with self._form(path):
                root = tree({"policies": [policy]}, _org(policy))
                if root is not None:
                    found[_org(policy)] = root
        return found

    @cached_property
    def mute_timings(self) -> dict[int, dict[str, ProvisionedMuteTiming]]:
        """By org and name: Grafana does not expand variables in these names."""
        entries = tuple(self.entries("muteTimes"))
        if not entries:
            return {}
        from dashgen.grafana.mute_timings import mute_timings

        found: dict[int, dict[str, ProvisionedMuteTiming]] = {}
        for path, timing in entries:
            with self._form(path):
                found.setdefault(_org(timing), {}).update(mute_timings({"muteTimes": [timing]}, _org(timing)))
        return found

    def deleted(self, section: str, key: str) -> frozenset[tuple[int, str]]:
        """Org and uid or name of what the tree has Grafana delete: `deleteRules` by `uid`, …"""
        found = set()
        for path, entry in self.entries(section):
            with self._form(path):
                found.add((_org(entry), expand(str(entry[key]))))
        return frozenset(found)

    @cached_property
    def datasources(self) -> tuple[RenderedDatasource, ...]:
        found = []
        for path, one in self.entries("datasources"):
            with self._form(path):
                name, uid = expand(str(one["name"])), expand(str(one["uid"]))
                found.append(RenderedDatasource(name, uid, _org(one), str(one["type"]), one))
        return tuple(found)

    @cached_property
    def providers(self) -> tuple[RenderedProvider, ...]:
        found = []
        for path, one in self.entries("providers"):
            with self._form(path):
                title, uid = expand(str(one.get("folder") or "")), expand(str(one.get("folderUid") or ""))
                found.append(RenderedProvider(str(one["name"]), _org(one), uid, title, str(one["options"]["path"])))
        return tuple(found)

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """The variables that Grafana's process must have."""
        from dashgen.grafana.needed_variables import needs

        with self._form(paths.PROVISIONING):
            return needs(self.provisioned.values())


def mending_in(folder: Path, cwd: Path | None = None) -> Callable[[str], str]:
    """What to do about a damaged file of a tree in a folder, which is relative to `cwd`. A ledger can't be rendered."""

    def mending(path: str) -> str:
        if path != paths.LEDGER:
            return RENDER_AGAIN
        lost = "restore it from a backup; in an emptied folder a build begins a new ledger, without what was published"
        return git.restoring(folder / path, cwd) or lost

    return mending


def _org(entry: JsonObject) -> int:
    return int(entry.get("orgId") or 1)


def parse(path: str, data: bytes) -> object:
    """What the bytes of a JSON or YAML file of a tree say. Raises ValueError."""
    return json_value(data) if path.endswith(".json") else yaml_value(data)


class FolderFiles(Mapping[str, bytes]):
    """The files of a folder by their paths in it, each read when it is first asked for. Links are not followed: what
    they point at is their content. Raises TreeError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, bytes] = {}

    @cached_property
    def _paths(self) -> dict[str, None]:
        found = {}
        for at, folders, names in os.walk(self.folder):
            prefix = os.path.relpath(at, self.folder).replace(os.sep, "/") + "/"
            links = [name for name in folders if os.path.islink(os.path.join(at, name))]  # noqa: PTH114, PTH118  # a Path a file costs as much as the walk
            found.update(dict.fromkeys(prefix.removeprefix("./") + name for name in (*names, *links)))
        return found

    def __getitem__(self, path: str) -> bytes:
        if path not in self._read:
            self._read[path] = self.read(path)
        return self._read[path]

    def read(self, path: str) -> bytes:
        """A file's bytes, read anew and not kept. Raises KeyError for a file that is not there, TreeError for one that
        can't be read."""
        if path not in self._paths:
            raise KeyError(path)
        at = self.folder / path
        try:
            return os.fsencode(at.readlink()) if at.is_symlink() else read_bytes(at)
        except OSError as error:
            raise TreeError(f"can't be read: {error.strerror}", "check its permissions", at.as_posix()) from None

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
