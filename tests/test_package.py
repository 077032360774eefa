"""The public face: what `dashgen` exports, what importing it costs, which way imports point."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest

import dashgen

ROOT = Path(__file__).resolve().parent.parent


def test_all_is_sorted_and_every_name_resolves() -> None:
    assert sorted(dashgen.__all__) == dashgen.__all__
    for name in dashgen.__all__:
        value = getattr(dashgen, name)
        if isinstance(value, type | FunctionType):
            assert (value.__module__, value.__name__) == (dashgen.MODULES[name], name)


def test_a_star_import_has_them_all() -> None:
    names: dict[str, object] = {}
    exec("from dashgen import *", names)
    assert set(dashgen.__all__) <= names.keys()


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
        for item in ast.parse(path.read_text()).body if name not in SYNTAX_TREES else []:
            if isinstance(item, ast.ClassDef) and not item.name.startswith("_"):
                found.setdefault(item.name, []).append(name)
    assert {name: homes for name, homes in found.items() if len(homes) > 1} == {}


ROOMS = [
    "sql",
    "installation",
    "excerpt",
    "grafana",
    "model",
    "schema",
    "loading",
    "project_checks",
    "tree",
    "render",
    "questdb",
    "check",
    "dictionary",
    "alert_tests",
    "backtest",
    "diff",
    "preflight",
    "deploy",
    "reference",
    "transition_checks",
    "pipeline",
    "preview",
]
"""Each may import those before it, itself, and the model."""


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                module = ".".join((*package, module)).rstrip(".")
            names = [module] if module != "dashgen" else [f"dashgen.{a.name}" for a in node.names]
            found.update(n for n in names if n.startswith("dashgen."))
        elif isinstance(node, ast.Import):
            found.update(a.name for a in node.names if a.name.startswith("dashgen."))
    return {name.split(".")[1] for name in found}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    at = ROOT / "dashgen" / room
    files = sorted(at.rglob("*.py")) if at.is_dir() else [at.with_suffix(".py")]
    allowed = {"model"} if room == "model" else {"model", *ROOMS[: ROOMS.index(room) + 1]}
    for file in files:
        assert _imports(file) <= allowed, file.relative_to(ROOT)


COUNTING = {
    "deploy/interpolation.py": "Compose's ${name:-default}, one within another",
    "grafana/datasources/browser.py": "$__conditionalAll, whose arguments the QuestDB plugin finds by counting",
    "loading/fstrings.py": "Python's replacement fields",
    "model/core/source_map/literals.py": "Python's brackets",
}
"""Modules that count brackets of a language that is not SQL, or as another program counts them in SQL."""


def counts_brackets(source: str) -> bool:
    """Whether a loop adds to a number and compares with brackets, as readers of tokens do that have no tree."""
    for loop in ast.walk(ast.parse(source)):
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
