"""The public face: what `dashgen` exports, what importing it costs, which way imports point."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from types import FunctionType

import pytest

import dashgen
from dashgen.grafana.datasources.plugins import BY_ID, PLUGINS
from dashgen.model.alerting.receiver import TYPES
from dashgen.model.dashboards import panel
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.panel_kinds import PANEL_KINDS

ROOT = Path(__file__).resolve().parent.parent


@cache
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


def test_all_is_sorted_and_every_name_resolves() -> None:
    assert vars(dashgen)["__all__"] == sorted(dashgen.MODULES)
    for name in dashgen.MODULES:
        value = getattr(dashgen, name)
        if isinstance(value, type | FunctionType):
            assert (value.__module__, value.__name__) == (dashgen.MODULES[name], name)


def test_a_star_import_has_them_all() -> None:
    names: dict[str, object] = {}
    exec("from dashgen import *", names)
    assert set(dashgen.MODULES) <= names.keys()


VOCABULARY = [*ROOT.glob("specs/**/*.py"), *ROOT.glob("docs/**/*.md"), ROOT / "README.md"]


@pytest.mark.parametrize("file", VOCABULARY, ids=lambda file: str(file.relative_to(ROOT)))
def test_specs_and_documents_import_from_dashgen_only(file: Path) -> None:
    deeper = re.findall(r"^\s*(?:from|import) dashgen\.\S+.*$", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert not deeper, "export it in dashgen/__init__.pyi"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'TimeSerie'"):
        _ = dashgen.TimeSerie  # type: ignore[attr-defined]  # which mypy refuses too


@pytest.mark.parametrize("heavy", ["typer", "grafana_foundation_sdk", "grafanalib", "pydantic", "yaml", "jsonschema"])
def test_a_panel_class_loads_nothing_heavy(heavy: str) -> None:
    code = f"import sys, dashgen; dashgen.TimeSeries, dashgen.Dashboard; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


SYNTAX_TREES = {
    "grafana/alerting/math_language.py": "Grafana's expressions",
    "grafana/gotemplate/syntax.py": "Go templates",
    "sql/ast.py": "SQL",
}
"""Modules whose classes have the names of what a language has."""


def test_a_class_name_means_one_thing() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "dashgen").rglob("*.py")):
        name = path.relative_to(ROOT / "dashgen").as_posix()
        for item in parsed(path.read_text()).body if name not in SYNTAX_TREES else []:
            if isinstance(item, ast.ClassDef) and not item.name.startswith("_"):
                found.setdefault(item.name, []).append(name)
    assert {name: homes for name, homes in found.items() if len(homes) > 1} == {}


ROOMS = [
    "model",
    "sql",
    "installation",
    "digests",
    "own_files",
    "cache_folder",
    "escaping",
    "excerpt",
    "input_files",
    "grafana",
    "schema",
    "loading",
    "project_checks",
    "tree",
    "render",
    "transition_checks",
    "questdb",
    "watching",
    "check",
    "dictionary",
    "alert_tests",
    "backtest",
    "diff",
    "pipeline",
    "incremental",
    "base",
    "preflight",
    "deploy",
    "reference",
    "preview",
    "adopt",
    "starter",
    "cli",
    "__main__",
    "moved_modules",
]
"""Folders and modules of dashgen: each may import those before it, and itself."""


def modules() -> dict[str, Path]:
    """The modules of dashgen by their dotted names."""
    found = {}
    for path in sorted((ROOT / "dashgen").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imported(path: Path) -> set[str]:
    """The modules that one imports: at its top, in functions, and for type checkers only."""
    found: set[str] = set()
    for node in ast.walk(parsed(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            names = [f"{node.module}.{one.name}" for one in node.names]
            found.update(name if name in MODULES else str(node.module) for name in names)
        elif isinstance(node, ast.Import):
            found.update(one.name for one in node.names)
    return {name for name in found if name.startswith("dashgen")}


IMPORTS = {name: imported(path) for name, path in MODULES.items()}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_room_is_named() -> None:
    assert sorted({room_of(module) for module in MODULES} - {""}) == sorted(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    vocabulary = {""} if room == "reference" else set()
    allowed = {*vocabulary, *ROOMS[: ROOMS.index(room) + 1]}
    for module in (module for module in MODULES if room_of(module) == room):
        assert {room_of(one) for one in IMPORTS[module]} <= allowed, module


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports in functions and for type checkers count: who reads one module of a circle must read all."""
    list(TopologicalSorter({name: found - {name} for name, found in IMPORTS.items()}).static_order())


@cache
def asked(source: str) -> frozenset[str]:
    """The texts that code asks for: `== "postgres"`, `in (…)`, `{"questdb": …}`, `case`."""
    found: set[str] = set()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Compare | ast.MatchValue | ast.Subscript):
            parts: list[ast.AST] = [node]
        elif isinstance(node, ast.Dict):
            parts = [key for key in node.keys if key is not None]
        else:
            continue
        texts = [one.value for part in parts for one in ast.walk(part) if isinstance(one, ast.Constant)]
        found.update(text for text in texts if isinstance(text, str))
    return frozenset(found)


def names_a_plugin(source: str) -> bool:
    return not asked(source).isdisjoint({*PLUGINS, *BY_ID})


def that_ask_for(names: Collection[str]) -> set[str]:
    """The modules that ask for one of some names, by their paths in the package."""
    return {
        name.removeprefix("dashgen.").replace(".", "/") + ".py"
        for name, path in MODULES.items()
        if not asked(path.read_text()).isdisjoint(names)
    }


PLUGIN_MODULES = ("grafana/datasources/questdb_plugin.py", "grafana/datasources/postgres.py")
NAMED = {
    "deploy/images.py": "the name of QuestDB's image",
    "model/environment.py": "the names of plugins, and of the datasource that a project has by default",
    "questdb/extras.py": "the name of an extra of dashgen",
}


def test_no_code_asks_for_a_plugin_by_its_name() -> None:
    assert that_ask_for({*PLUGINS, *BY_ID}) - set(PLUGIN_MODULES) <= NAMED.keys()


def test_no_code_asks_for_a_type_of_receivers_by_its_name() -> None:
    ambiguous = {"line", "email"}
    templates = "grafana/gotemplate/messages.py"  # the names of Alertmanager's own templates
    assert that_ask_for(TYPES.keys() - ambiguous) == {templates}


TYPED_KINDS = {kind.__name__ for kind in vars(panel).values() if isinstance(kind, type) and issubclass(kind, Panel)}
FORMS = {
    "render/legacy.py": "what older forms of each kind become",
    "render/panels.py": "the renderer of each kind",
}
"""Modules of which each part belongs to one kind of panel."""


@pytest.mark.parametrize("room", ["check", "diff", "preview", "project_checks", "render"])
def test_no_code_lists_kinds_of_panels(room: str) -> None:
    """Neither by their names nor by their classes: dashgen/model/dashboards/panel_kinds.py is asked."""
    other_words = {"table", "text", "logs", "debug", "news", "stat", "gauge", "canvas", "trend"}
    asking = {name for name in that_ask_for(PANEL_KINDS.keys() - other_words) if name.startswith(f"{room}/")}
    assert asking <= FORMS.keys()
    for name in (name for name in MODULES if room_of(name) == room):
        for node in ast.walk(parsed(MODULES[name].read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "dashgen.model.dashboards.panel":
                assert {one.name for one in node.names}.isdisjoint(TYPED_KINDS - {"Panel"}), name


@pytest.mark.parametrize(
    "source",
    ['x == "postgres"', 'x in ("questdb", "a")', 'A = {"questdb": 1}', 'match x:\n    case "postgres":\n        pass'],
)
def test_a_question_for_a_plugin_is_recognised(source: str) -> None:
    assert names_a_plugin(source)


COUNTING = {
    "deploy/interpolation.py": "Compose's ${name:-default}, one within another",
    "grafana/datasources/questdb_plugin.py": "$__conditionalAll, whose arguments the QuestDB plugin finds by counting",
    "loading/fstrings.py": "Python's replacement fields",
    "model/core/source_map/literals.py": "Python's brackets",
}
"""Modules that count brackets of a language that is not SQL, or as another program counts them in SQL."""


def counts_brackets(source: str) -> bool:
    """Whether a loop adds to a number and compares with brackets, as readers of tokens do that have no tree."""
    for loop in ast.walk(parsed(source)):
        if isinstance(loop, ast.For | ast.While):
            within = list(ast.walk(loop))
            adds = [one.value for one in within if isinstance(one, ast.AugAssign)]
            asked = [one for one in within if isinstance(one, ast.Compare | ast.Dict)]
            texts = [one.value for node in asked for one in ast.walk(node) if isinstance(one, ast.Constant)]
            brackets = [text for text in texts if isinstance(text, str) and text and not text.strip("()[]{}")]
            if brackets and any(is_number(value) for value in adds):
                return True
    return False


def is_number(value: ast.expr) -> bool:
    if isinstance(value, ast.BinOp):
        return is_number(value.left) and is_number(value.right)
    return isinstance(value, ast.Compare | ast.Subscript) or (
        isinstance(value, ast.Constant) and isinstance(value.value, int)
    )


def test_sql_alone_counts_parentheses() -> None:
    room = ROOT / "dashgen"
    paths = {path.relative_to(room).as_posix(): path for path in room.rglob("*.py")}
    found = {name for name, path in paths.items() if not name.startswith("sql/") and counts_brackets(path.read_text())}
    assert found == set(COUNTING)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('for token in tokens:\n    depth += (token.text == "(") - (token.text == ")")', True),
        ('while at < 9:\n    if t[at] in "([":\n        depth += 1\n    at += 1', True),
        ('for match in matches:\n    depth += {"(": 1, ")": -1, ",": 0}[match]', True),
        ('for name in names:\n    found += [f"{name}("]', False),
        ('for token in tokens:\n    if token == "(":\n        return token', False),
    ],
)
def test_counting_is_recognised(source: str, found: bool) -> None:
    assert counts_brackets(source) is found


def test_every_error_derives_from_one() -> None:
    """A program that uses dashgen catches `DashgenError`; the command line turns it into output in one place."""
    from dashgen.model.core.problems import DashgenError

    for path in sorted((ROOT / "dashgen").rglob("*.py")):
        defined = [node.name for node in ast.walk(parsed(path.read_text())) if isinstance(node, ast.ClassDef)]
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if module == "dashgen.__main__":
            continue
        found = [getattr(importlib.import_module(module), name, None) for name in defined]
        for kind in found:
            if isinstance(kind, type) and issubclass(kind, Exception) and not kind.__name__.startswith("_"):
                assert issubclass(kind, DashgenError), kind


DISTRIBUTIONS = {"yaml": "pyyaml", "aiohttp": "aiohttp"}
"""By the module, where the names differ by more than `-`."""


def third_party(source: str) -> set[str]:
    """The distributions that code imports."""
    found: set[str] = set()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            found.update(one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    modules = found - sys.stdlib_module_names - {"dashgen"}
    return {DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in modules}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for name, named in project["optional-dependencies"].items() if name != "dev" for one in named]
    declared = {re.split(r"[\[<>=;, ]", one)[0] for one in (*project["dependencies"], *extras)} - {project["name"]}
    imported = {name for path in MODULES.values() for name in third_party(path.read_text())}
    assert imported == declared


MAKING = {"__post_init__", "unchecked"}
"""What makes a value that nobody changes later."""


def test_a_frozen_value_is_set_by_what_makes_it_only() -> None:
    for name, path in MODULES.items():
        for function in ast.walk(parsed(path.read_text())):
            if isinstance(function, ast.FunctionDef) and "object.__setattr__" in ast.unparse(function):
                assert function.name in MAKING, name
