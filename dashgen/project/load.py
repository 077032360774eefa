"""Loads a specs package by its path, in isolation, and hears of everything that is wrong with its modules."""

from __future__ import annotations

import importlib.util
import io
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from dashgen.model.problems import Collector, Problem, Source, SpecError, collecting, here
from dashgen.model.project import Project
from dashgen.project.paths import placed


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a specs package gave. `project` is None if it could not be loaded; problems then say why."""

    root: Path
    project: Project | None
    problems: tuple[Problem, ...]


class _Talk(io.TextIOBase):
    """Stands in for stdout while specs load. A module that prints would spoil the one document on stdout, and acts
    at import, which specs must not do."""

    def __init__(self, collector: Collector, stream: str) -> None:
        self.collector, self.stream, self.told = collector, stream, False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text.strip() and not self.told:
            self.told = True
            first = text.strip().splitlines()[0][:60]
            self.collector.problems.append(
                Problem("specs", f"prints to {self.stream} while it loads: {first!r}", "remove the print", here())
            )
        return len(text)


def load(specs: Path) -> Loaded:
    """Imports the package at `specs` under its folder's name and takes its PROJECT. Collects every problem on the
    way: after a module that raises, the other modules are imported one by one to hear of theirs too."""
    root = specs.resolve()
    init = root / "__init__.py"
    if not root.is_dir():
        return _failed(root, Problem(str(specs), "there is no such folder", "give the specs folder: --specs DIR"))
    if not init.is_file():
        return _failed(root, Problem(str(specs), "has no __init__.py", "a package that exports PROJECT is needed"))
    name = root.name
    for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
        del sys.modules[module]
    with collecting(root) as collector:
        out, err = _Talk(collector, "stdout"), _Talk(collector, "stderr")
        with redirect_stdout(out), redirect_stderr(err):
            package = _import(name, init, [str(root)], collector)
            failed = package is None
            for path in _modules(root):
                module = _module_name(name, root, path)
                if failed and module not in sys.modules:
                    _import(module, path, None, collector)
    problems = list(collector.problems)
    project = getattr(package, "PROJECT", None)
    if package is not None:
        if project is None:
            problems.append(Problem(name, "exports no PROJECT", "PROJECT = Project(…)", Source(str(init), 1)))
        elif not isinstance(project, Project):
            problems.append(
                Problem(
                    name,
                    f"PROJECT: expected a Project, got {type(project).__name__}",
                    "",
                    Source(str(init), 1),
                )
            )
            project = None
        problems += _unreached(name, root)
    if isinstance(project, Project):
        problems = list(placed(problems, project))
    problems.sort(key=_order)
    return Loaded(root, project if not problems else None, tuple(dict.fromkeys(problems)))


def _failed(root: Path, problem: Problem) -> Loaded:
    return Loaded(root, None, (problem,))


def _order(problem: Problem) -> tuple[str, int, str]:
    source = problem.source
    return (source.file if source else "", source.line if source else 0, problem.message)


def _modules(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*.py") if "__pycache__" not in p.parts and p != root / "__init__.py")


def _module_name(name: str, root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join((name, *parts))


def _import(name: str, path: Path, search: list[str] | None, collector: Collector) -> ModuleType | None:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SpecError as error:
        collector.problems.extend(error.problems)
    except SystemExit as error:
        collector.problems.append(_raised(name, error, collector.root, f"exits with {error.code!r} while it loads"))
    except Exception as error:  # whatever a spec raises is a problem of the spec
        collector.problems.append(_raised(name, error, collector.root))
    else:
        return module
    sys.modules.pop(name, None)
    return None


def _raised(name: str, error: BaseException, root: str, message: str = "") -> Problem:
    source = None
    if isinstance(error, SyntaxError) and error.filename:
        source = Source(error.filename, error.lineno or 1)
    else:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.filename.startswith(root):
                source = Source(frame.filename, frame.lineno or 1)
                break
    text = str(error) if not isinstance(error, SyntaxError) else error.msg
    return Problem(name, message or f"raises {type(error).__name__}: {text}", "", source)


def _unreached(name: str, root: Path) -> Iterator[Problem]:
    for path in _modules(root):
        module = _module_name(name, root, path)
        if module not in sys.modules:
            yield Problem(
                module,
                "is reached by no import from PROJECT",
                "import it, or remove the file",
                Source(str(path), 1),
            )
