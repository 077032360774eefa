"""Loads a specs package by its path, in isolation, and hears of everything that is wrong with its modules."""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from dashgen.loading import spec_texts
from dashgen.loading.failures import Failures, is_written_beside
from dashgen.loading.tracing import TracedLoader, Tracer
from dashgen.model.core.node import shown
from dashgen.model.core.problems import Collector, Problem, Source, collecting, here
from dashgen.model.display_paths import placed
from dashgen.model.project import Project


class Loaded(NamedTuple):
    """What a specs package gave. `project` is None if it could not be loaded; problems then say why, and `draft` is
    what there is of it all the same, so that one run can go on to find what else is wrong."""

    root: Path
    project: Project | None
    problems: tuple[Problem, ...]
    draft: Project | None = None


class SilencedOutput(io.TextIOBase):
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


@contextmanager
def no_input() -> Iterator[None]:
    """A module that asks would wait for an answer: it finds the end of the input instead."""
    before = sys.stdin
    sys.stdin = io.StringIO()
    try:
        yield
    finally:
        sys.stdin = before


_from_beside: set[str] = set()
"""Modules that earlier loads found beside their specs: the next one's may have others of the same names."""


@contextmanager
def _beside(root: Path) -> Iterator[None]:
    """Lets specs import modules that lie beside their folder, as if Python ran there; installed ones of the same
    name come first."""
    folder, before = str(root.parent), set(sys.modules)
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and is_written_beside(file, root):
                _from_beside.add(name)


def _drop_outdated_bytecode(root: Path) -> None:
    """Python knows a changed source by its size and the second of its change (importlib of 3.11, read):
    of two edits within a second the second one would not be seen."""
    for source in (*root.rglob("*.py"), *root.parent.glob("*.py")):
        cached = Path(importlib.util.cache_from_source(str(source)))
        with suppress(OSError):  # it has none, or it can't be removed
            if source.stat().st_mtime_ns >= cached.stat().st_mtime_ns:
                cached.unlink()


def load(specs: Path, tracer: Tracer | None = None) -> Loaded:
    """Imports the package at `specs` under its folder's name and takes its PROJECT. Collects every problem on the
    way: after a module that raises, the other modules are imported one by one to hear of theirs too. A `tracer` notes
    what the modules depend on, and leaves out those that its deferral has."""
    root = specs.resolve()
    init = root / "__init__.py"
    name = root.name
    if fault := _no_package(specs, root):
        return Loaded(root, None, (fault,))
    for module in [m for m in sys.modules if m == name or m.startswith(name + ".") or m in _from_beside]:
        del sys.modules[module]
    _from_beside.clear()
    importlib.invalidate_caches()
    _drop_outdated_bytecode(root)
    with collecting(root) as collector:
        failures = Failures(root, collector)
        out, err = SilencedOutput(collector, "stdout"), SilencedOutput(collector, "stderr")
        traced = tracer.tracing() if tracer else nullcontext()
        with redirect_stdout(out), redirect_stderr(err), no_input(), _beside(root), traced:
            package = _package(name, init, root, failures, tracer)
            if package is None:
                _others(name, root, failures)
            elif tracer:
                failures.hear(name, tracer.execute_packages)
    problems = [*collector.problems, *spec_texts.check(collector.texts, root)]
    draft = None
    if package is not None:
        draft = _exported(package, init, problems)
        problems += _unreached(name, root, tracer.deferral.reached if tracer else ())
    if draft is not None:
        problems = list(placed(problems, draft))
    problems.sort(key=_order)
    return Loaded(root, draft if not problems else None, tuple(dict.fromkeys(problems)), draft)


def _no_package(specs: Path, root: Path) -> Problem | None:
    write = f"write {(specs / '__init__.py').as_posix()} with PROJECT = Project(…), or name another folder: --specs DIR"
    if not root.exists():
        return Problem(str(specs), "there is no such folder", write)
    if not root.is_dir():
        folder = specs.parent.as_posix() if root.suffix == ".py" else "DIR"
        return Problem(str(specs), "is not a folder", f"give the folder of the package: --specs {folder}")
    if not (root / "__init__.py").is_file():
        return Problem(str(specs), "has no __init__.py", write)
    if not root.name.isidentifier():
        return Problem(
            str(specs), "can't be imported under its name", "letters, digits and '_' only, as for any package"
        )
    file = getattr(sys.modules.get(root.name), "__file__", None) or ""
    if root.name in ("dashgen", *sys.stdlib_module_names) or "site-packages" in Path(file).parts:
        return Problem(str(specs), f"would stand in for the module {root.name!r}", "give the folder another name")
    return None


def _exported(package: ModuleType, init: Path, problems: list[Problem]) -> Project | None:
    """PROJECT, if there is one and it is a Project."""
    project = getattr(package, "PROJECT", None)
    if isinstance(project, Project):
        return project
    message = "exports no PROJECT" if project is None else f"PROJECT: expected a Project, got {shown(project)}"
    problems.append(Problem(package.__name__, message, "PROJECT = Project(…)", Source(str(init), 1, 1)))
    return None


def _order(problem: Problem) -> tuple[str, int, int]:
    return problem.source.place if problem.source else ("", 0, 0)


def _modules(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*.py") if "__pycache__" not in p.parts and p != root / "__init__.py")


def _module_name(name: str, root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join((name, *parts))


def _package(name: str, init: Path, root: Path, failures: Failures, tracer: Tracer | None) -> ModuleType | None:
    """The package itself, by its path: an installed or another checkout's one must not be picked up instead."""
    spec = importlib.util.spec_from_file_location(name, init, submodule_search_locations=[str(root)])
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader = TracedLoader(spec.loader, tracer) if tracer else spec.loader
    return module if failures.hear(name, lambda: loader.exec_module(module)) else None


def _others(name: str, root: Path, failures: Failures) -> None:
    """Imports what the failed package did not reach, below a package of its name that is empty."""
    stand_in = ModuleType(name)
    stand_in.__path__ = [str(root)]
    sys.modules[name] = stand_in
    for path in _modules(root):
        module = _module_name(name, root, path)
        if module not in sys.modules:
            failures.hear(module, lambda: importlib.import_module(module))  # noqa: B023  # run at once
    del sys.modules[name]


def _unreached(name: str, root: Path, reached: Collection[str]) -> Iterator[Problem]:
    for path in _modules(root):
        module = _module_name(name, root, path)
        if module not in sys.modules and module not in reached:
            yield Problem(
                module,
                "is not imported by PROJECT",
                "import it, or remove the file",
                Source(str(path), 1, 1),
            )
