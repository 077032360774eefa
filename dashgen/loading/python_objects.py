"""Objects of other libraries out of somebody's modules: imported as specs are, with the same errors."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from dashgen.loading.failures import Failures
from dashgen.loading.load import SilencedOutput, no_input
from dashgen.model.core.node import Wrong
from dashgen.model.core.problems import Problem, collecting
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.dashboards.foreign import json_data


@dataclass(frozen=True, slots=True)
class PythonDocument:
    """An object as JSON. `library` is `grafanalib`, `sdk`, or empty."""

    library: str
    data: Any


@dataclass(frozen=True, slots=True)
class LoadedObjects:
    """What a module gave, or why it gave nothing."""

    documents: tuple[PythonDocument, ...]
    problems: tuple[Problem, ...] = ()


def load_objects(reference: str, folder: Path) -> LoadedObjects:
    """The object that `module:object` names, or those of a list; a function is called. Modules are found in the folder
    and where Python finds them."""
    module_name, sign, name = reference.partition(":")
    if not sign or not module_name or not name:
        return _nothing(reference, "names no module and object", "--from-python monitoring.boards:BOARD")
    root = folder.resolve()
    if module_name.endswith(".py") and not (root / module_name).is_file():
        return _nothing(reference, "there is no such file", "give a module's path or its name: boards.py:BOARD")
    modules: list[ModuleType] = []
    values: list[object] = []
    with collecting(root) as collector:
        failures = Failures(root, collector)
        out, err = SilencedOutput(collector, "stdout"), SilencedOutput(collector, "stderr")
        sys.path.insert(0, str(root))
        try:
            with redirect_stdout(out), redirect_stderr(err), no_input():
                failures.hear(module_name, lambda: modules.append(_module(module_name, root)))
                for module in modules:
                    value = _found(module, name)
                    if isinstance(value, FunctionType):
                        failures.hear(module_name, lambda: values.append(value()))  # noqa: B023  # run at once
                    else:
                        values.append(value)
        except LookupError as missing:
            return _nothing(reference, *map(str, missing.args))
        finally:
            sys.path.remove(str(root))
    if not values:
        return LoadedObjects((), tuple(collector.problems))
    try:
        listed = values[0] if isinstance(values[0], (list, tuple)) else [values[0]]
        return LoadedObjects(tuple(PythonDocument(*json_data(one)) for one in listed))
    except Wrong as wrong:
        what = f"expected {wrong.expected}, got {wrong.got(values[0])}"
        return _nothing(reference, what, "give a dashboard, a builder, or a group of rules")


def _nothing(reference: str, message: str, hint: str = "") -> LoadedObjects:
    return LoadedObjects((), (Problem(reference, message, hint),))


def _module(name: str, root: Path) -> ModuleType:
    if not name.endswith(".py"):
        return importlib.import_module(name)
    path = root / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{name} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    spec.loader.exec_module(module)
    return module


def _found(module: ModuleType, name: str) -> object:
    value: object = module
    for part in name.removesuffix("()").split("."):
        if not hasattr(value, part):
            names = [one for one in vars(module) if not one.startswith("_")]
            raise LookupError(f"{module.__name__} has no {part!r}", nearest_or_all(part, names, "it has"))
        value = getattr(value, part)
    return value
