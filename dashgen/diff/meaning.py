"""What an edit means for those who watch and those who are woken: its class, and why."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

from dashgen.diff.descriptions import at
from dashgen.diff.documents import FILE
from dashgen.diff.edits import Added, Changed, Edit, Moved, Path, Removed, Resized, Retitled, Rewritten
from dashgen.diff.lines import same_sql
from dashgen.diff.references import References
from dashgen.diff.values import Value
from dashgen.tree import paths
from dashgen.tree.transition import deleted_at_restart


class Meaning(enum.IntEnum):
    """The classes of a change, the worse the greater."""

    COSMETIC = 0
    """Places, sizes, titles, descriptions: nothing reads otherwise."""
    DISPLAY = 1
    """The same numbers, shown in another way."""
    MEANING = 2
    """Other numbers."""
    ALERTING = 3
    """Someone will be woken, or will no longer be."""
    DATA = 4
    """Tables, columns, views, retention."""
    BREAKING = 5
    """What an alert, a link or a bookmark uses is gone."""

    @property
    def word(self) -> str:
        return self.name.lower()


class Judgement(NamedTuple):
    """`why` is empty where the words of the change say it all."""

    meaning: Meaning
    why: str = ""


class DiffContext(NamedTuple):
    """Both trees, what in them points where, and by their uids the rules that get a title which another one still has
    when Grafana applies them. `deleted` are mute timings and contact points by section and identity, with the reason
    why Grafana can't, if there is one; `emptied` are alert folders that stay empty, by one of their groups."""

    old: dict[str, Value]
    new: dict[str, Value]
    references: References
    clashes: Mapping[str, str] = {}
    deleted: Mapping[tuple[str, str], str] = {}
    emptied: Mapping[str, str] = {}


def judge(edit: Edit, context: DiffContext) -> Judgement:
    """The class of an edit of `context.old`."""
    section, rest = edit.path[0], edit.path[2:]
    if section == "dashboards":
        return _dashboard(edit, rest, context)
    if section == "tables":
        return _table(edit, rest)
    if section == "rules":
        return _rule(edit, rest, context)
    if rest == (FILE,):
        return Judgement(Meaning.COSMETIC)
    if not rest and isinstance(edit, Removed) and (section, edit.path[1]) in context.deleted:
        refused = context.deleted[section, edit.path[1]]
        if refused:
            return Judgement(Meaning.BREAKING, f"{refused}: it does not start")
        return Judgement(Meaning.ALERTING, "Grafana does not start if policies or rules that are not dashgen's name it")
    if section == "groups" and not rest and isinstance(edit, Removed) and edit.path[1] in context.emptied:
        return Judgement(Meaning.ALERTING, f"Grafana keeps the empty folder {context.emptied[edit.path[1]]}")
    if section in ("groups", "policies", "mute timings", "deletions"):
        return Judgement(Meaning.ALERTING)
    if section == "contact points":
        told = rest[-1:] and rest[-1] in _MESSAGE
        return Judgement(Meaning.DISPLAY if told else Meaning.ALERTING)
    if section == "datasources":
        return _datasource(edit, rest)
    if section == "providers":
        return _provider(edit, rest, context)
    return _other(edit, section)


_MESSAGE = frozenset({"message", "subject", "parse_mode", "disable_web_page_preview"})
_PANEL_COSMETIC = frozenset({"title", "description", "transparent", "gridPos", "collapsed", "pluginVersion"})
_PANEL_MEANING = frozenset(
    {"targets", "datasource", "interval", "maxDataPoints", "timeFrom", "timeShift", "transformations", "repeat"}
)
_OPTION_MEANING = frozenset({"reduceOptions", "calcs", "calculate", "calculation", "xField", "filterData"})
_DASHBOARD_COSMETIC = frozenset(
    {"description", "tags", "title", "id", "version", "schemaVersion", "graphTooltip", "style"}
)
_VARIABLE_DISPLAY = frozenset({"label", "description", "hide", "sort", "skipUrlSync"})


def _dashboard(edit: Edit, rest: Path, context: DiffContext) -> Judgement:
    uid = edit.path[1]
    if not rest:
        return _whole_dashboard(edit, uid, context)
    if rest[0] == "panels":
        if len(rest) < 2 or (len(rest) == 2 and not isinstance(edit, (Added, Removed, Moved, Resized, Retitled))):
            return Judgement(Meaning.MEANING, "panels that are not a list of objects")
        if len(rest) == 2 and isinstance(edit, (Added, Removed)):
            return _whole_panel(edit, uid, rest[1], context)
        return _panel(edit, rest[2:])
    if rest[0] == "uid":
        return Judgement(Meaning.BREAKING, "links and bookmarks use the uid")
    if rest[0] == "templating":
        inner = rest[3:4]
        if len(rest) == 2:
            return Judgement(Meaning.COSMETIC)
        return Judgement(Meaning.DISPLAY if inner and inner[0] in _VARIABLE_DISPLAY else Meaning.MEANING)
    if rest[0] == "annotations":
        return _sql(edit) if "target" in rest or len(rest) == 3 else Judgement(Meaning.DISPLAY)
    return Judgement(Meaning.COSMETIC if rest[0] in _DASHBOARD_COSMETIC else Meaning.DISPLAY)


def _whole_dashboard(edit: Edit, uid: str, context: DiffContext) -> Judgement:
    if not isinstance(edit, Removed):
        return Judgement(Meaning.DISPLAY)
    users = context.references.to_dashboard(uid)
    pointed = f"{_list(users)} {'point' if len(users) > 1 else 'points'} at it; " if users else ""
    provider = _provider_of(edit.value, context)
    if provider is None:
        # dashboards of providers that are no longer configured are cleaned up, whatever those said
        # (Grafana's DeleteOrphanedProvisionedDashboards)
        return Judgement(Meaning.BREAKING, f"{pointed}its provider goes too: Grafana deletes it at its next start")
    if at(provider, ("disableDeletion",)) is not True:
        return Judgement(
            Meaning.BREAKING, f"{pointed}Grafana deletes it, and its stars with it (disableDeletion is off)"
        )
    kept = "Grafana keeps its last version (disableDeletion), and nothing updates it any longer"
    return Judgement(Meaning.BREAKING if users else Meaning.MEANING, pointed + kept)


def _provider_of(dashboard: Value, context: DiffContext) -> Value:
    """The provider that the folder of a dashboard has in the new tree, by its path; None where it has none."""
    file = dashboard.get(FILE) if isinstance(dashboard, dict) else None
    folder = file.split("/")[1] if isinstance(file, str) else ""
    for provider in context.references.providers():
        path = at(provider, ("options", "path"))
        if isinstance(path, str) and path.rstrip("/").rsplit("/", 1)[-1] == folder:
            return provider
    return None


def _whole_panel(edit: Added | Removed, uid: str, panel: str, context: DiffContext) -> Judgement:
    if at(edit.value, ("type",)) == "row":
        return Judgement(Meaning.COSMETIC)
    if isinstance(edit, Added):
        return Judgement(Meaning.DISPLAY)
    users = context.references.to_panel(uid, panel)
    if users:
        verb = "point" if len(users) > 1 else "points"
        return Judgement(Meaning.BREAKING, f"{_list(users)} {verb} at its id {panel}")
    return Judgement(Meaning.MEANING, "what it showed is not shown any longer")


def _list(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _panel(edit: Edit, rest: Path) -> Judgement:
    if isinstance(edit, (Moved, Resized, Retitled)) or rest[0] in _PANEL_COSMETIC:
        return Judgement(Meaning.COSMETIC)
    if rest[0] == "id":
        return Judgement(Meaning.BREAKING, "alerts and links use a panel's id")
    if rest[0] in _PANEL_MEANING:
        return _sql(edit)
    if "unit" in rest[1:]:
        return Judgement(Meaning.MEANING, "the same number reads as another")
    return Judgement(Meaning.MEANING if _OPTION_MEANING & set(rest) else Meaning.DISPLAY)


def _sql(edit: Edit) -> Judgement:
    if isinstance(edit, Rewritten) and edit.path[-1] in ("rawSql", "sql") and same_sql(edit.old, edit.new):
        return Judgement(Meaning.COSMETIC, "only the formatting differs")
    return Judgement(Meaning.MEANING)


def _rule(edit: Edit, rest: Path, context: DiffContext) -> Judgement:
    titled = isinstance(edit, Added) if not rest else rest in (("title",), ("@group",))
    if titled and edit.path[1] in context.clashes:
        holder = context.clashes[edit.path[1]]
        return Judgement(
            Meaning.BREAKING,
            f"rule {holder} still has the title when Grafana applies it: Grafana before 12.4 does not start",
        )
    if not rest:
        return Judgement(Meaning.ALERTING, _rule_gone(edit, context) if isinstance(edit, Removed) else "")
    if rest[0] in ("annotations", "dashboardUid", "panelId"):
        return Judgement(Meaning.DISPLAY)
    if isinstance(edit, Retitled):
        return Judgement(Meaning.ALERTING, "the title is the label alertname: routes and silences match it")
    judged = _sql(edit)
    return judged if judged.meaning is Meaning.COSMETIC else Judgement(Meaning.ALERTING)


def _rule_gone(edit: Removed, context: DiffContext) -> str:
    uid = edit.path[1]
    deletions = context.new["deletions"]
    if not isinstance(deletions, dict) or not any(key.split(" of org ")[0] == f"rule {uid}" for key in deletions):
        return "no deletion is written for it: it stays active in Grafana; delete it there"
    title, folder = at(edit.value, ("title",)), str(at(edit.value, ("@group",))).split("/")[0]
    rules = context.new["rules"]
    for other, rule in rules.items() if isinstance(rules, dict) else []:
        if at(rule, ("title",)) == title and str(at(rule, ("@group",))).split("/")[0] == folder:
            return f"rule {other} has its title now: the same alert under another uid; its state starts again"
    return ""


_TABLE_COSMETIC = frozenset({"doc", "unit"})


def _table(edit: Edit, rest: Path) -> Judgement:
    if rest and rest[-1] in _TABLE_COSMETIC:
        return Judgement(Meaning.COSMETIC)
    judged = _sql(edit)
    if judged.meaning is Meaning.COSMETIC:
        return judged
    gone = isinstance(edit, Removed) and (not rest or (len(rest) == 2 and rest[0] in ("columns", "views")))
    return Judgement(Meaning.DATA, "QuestDB keeps it; drop it by hand when nothing reads it" if gone else "")


def _datasource(edit: Edit, rest: Path) -> Judgement:
    if rest == ("uid",):
        return Judgement(Meaning.BREAKING, "dashboards, alerts and links refer to it by its uid")
    if not rest:
        gone = isinstance(edit, Removed)
        return Judgement(
            Meaning.BREAKING if gone else Meaning.DISPLAY, "what reads from it has no data" if gone else ""
        )
    if rest[-1] in ("editable", "isDefault"):
        return Judgement(Meaning.DISPLAY)
    return Judgement(Meaning.MEANING)


def _entries(section: Value) -> list[Mapping[str, Value]]:
    return [entry for entry in section.values() if isinstance(entry, dict)] if isinstance(section, dict) else []


_RESTART = frozenset({"folder", "allowUiUpdates"})
"""The fields of providers from which Grafana tells whether it may delete dashboards at its start."""


def _provider(edit: Edit, rest: Path, context: DiffContext) -> Judgement:
    unsafe, was_unsafe = (deleted_at_restart(_entries(tree["providers"])) for tree in (context.new, context.old))
    if (not rest or rest[0] in _RESTART) and unsafe and not was_unsafe:
        return Judgement(
            Meaning.BREAKING,
            "all providers have one folder title now: Grafana 12.4 deletes provisioned dashboards at each start",
        )
    if isinstance(edit, (Added, Removed)) and not rest and at(edit.value, ("folder",)) is None:
        if isinstance(edit, Added):
            return Judgement(Meaning.COSMETIC, "without dashboards: it protects those of Grafana 12.4 at a restart")
        return Judgement(Meaning.COSMETIC)
    if isinstance(edit, Removed) and not rest and at(edit.value, ("disableDeletion",)) is not True:
        return Judgement(Meaning.BREAKING, "Grafana deletes the dashboards that it provided")
    if rest == ("folder",) and at(context.new, (*edit.path[:2], "folderUid")):
        return Judgement(
            Meaning.DISPLAY, "Grafana finds the folder by its uid and leaves its title: rename it there too"
        )
    if rest == ("disableDeletion",) and at(context.new, edit.path) is not True:
        return Judgement(Meaning.DISPLAY, "from now on Grafana deletes a dashboard whose file goes")
    return Judgement(Meaning.DISPLAY)


def _other(edit: Edit, section: str) -> Judgement:
    if section == "published":
        if isinstance(edit, Removed):
            return Judgement(
                Meaning.BREAKING,
                "the ledger no longer lists it: no build deletes it in Grafana; restore the ledger",
            )
        return Judgement(Meaning.COSMETIC)
    if section == "variables":
        if isinstance(edit, Added):
            return Judgement(
                Meaning.MEANING, "Grafana's process needs it: environment.example says what happens without it"
            )
        return Judgement(Meaning.COSMETIC)
    if section == "templates":
        return Judgement(Meaning.DISPLAY, "the text of notifications")
    name = edit.path[1]
    if name in paths.FILES or name.endswith("/.gitkeep") or (isinstance(edit, Added) and section == "headers"):
        return Judgement(Meaning.COSMETIC)
    if name.startswith(paths.ALERTING) and section == "texts":
        return Judgement(Meaning.ALERTING)
    if name.startswith(paths.QUESTDB) and section == "texts":
        return _ddl(edit)
    return Judgement(Meaning.COSMETIC if section == "headers" and isinstance(edit, Removed) else Meaning.DISPLAY)


def _ddl(edit: Edit) -> Judgement:
    if isinstance(edit, Rewritten) and same_sql(edit.old, edit.new):
        return Judgement(Meaning.COSMETIC, "only the formatting differs")
    if isinstance(edit, Changed):
        return Judgement(Meaning.DATA)
    return Judgement(Meaning.DATA, "the DDL of the tables")
