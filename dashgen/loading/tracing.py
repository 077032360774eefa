"""What the modules of specs import and read while they are executed, and what they do beyond that."""

from __future__ import annotations

import dis
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from dashgen.loading import python_hooks
from dashgen.loading.deferral import Deferral, DeferredLoader
from dashgen.loading.failures import is_written_by_author
from dashgen.loading.module_inputs import NO_FILE, ReadInput, file_digest
from dashgen.loading.module_state import ProcessState, StateList, UnknownState, same


@dataclass(slots=True)
class ModuleTrace:
    """What one module depends on. `imports` are modules of the project, `absent` those that it found missing; `asks`
    is which names it imports from a module of the project, where these are no modules."""

    file: str
    source: str
    is_package: bool
    imports: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    asks: dict[str, set[str]] = field(default_factory=dict)
    inputs: dict[ReadInput, str] = field(default_factory=dict)
    unsteady: str = ""
    """Why it has to be executed each time, though nothing of this changed."""
    looks_inside: str = ""
    """How it may tell a stand-in from the object."""


class Tracer:
    """Traces one load. `reason` says why what was loaded can't be reused in parts; empty: it can."""

    def __init__(self, deferral: Deferral | None = None) -> None:
        self.modules: dict[str, ModuleTrace] = {}
        self.reason = ""
        self.deferral = deferral or Deferral()
        self._stack: list[ModuleTrace] = []
        self._by_package: set[str] = set()
        """Modules that their package imports: what it then calls by a module's name stays."""
        self._executed: list[tuple[ModuleType, list[object] | UnknownState]] = []
        self._state = StateList(self._is_own_name)

    @property
    def executed_modules(self) -> list[ModuleType]:
        """In the order in which they were done."""
        return [module for module, _ in self._executed]

    def _compare_states(self) -> None:
        """Marks modules whose objects others change. What they do is done in each load: all that import such a module
        are executed with it. Those that were left out because nobody did so yet have to be executed after all."""
        state = StateList(self._is_own_name)
        for module, before in self._executed:
            name = module.__name__
            if same(before, _objects(state, module)):
                continue
            self.modules[name].unsteady = "has objects that another module changes"
            if self.deferral.modules and name not in self.deferral.unsteady:
                self.refuse(f"another module changes objects of {name}")

    # --- a load

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Traces what is imported inside."""
        before = ProcessState()
        with (
            python_hooks.imports(self.imported, self.depends_on, self.missing),
            _finder(self),
            python_hooks.variables(lambda name: self.read(ReadInput("variable", name))),
            python_hooks.statuses(self.asked_for),
            python_hooks.audit(self.event),
        ):
            yield
        self._end(before)

    def _end(self, before: ProcessState) -> None:
        if changed := before.changed():
            self.refuse(f"loading the specs changes {changed}")
        self._compare_states()
        for name in self.deferral.reached - self._by_package:
            package, _, short = name.rpartition(".")
            if vars(sys.modules.get(package, sys)).get(short) not in (None, sys.modules.get(name)):
                self.refuse(f"{package} has an object in the place of its module {short}")
        if self.deferral.is_changed():
            self.refuse("a module changes objects of one that is not executed")

    def execute_packages(self) -> None:
        """Executes the packages of what those modules import that are left out."""
        while wanted := sorted((self.deferral.reached & self.deferral.packages) - sys.modules.keys()):
            for name in wanted:
                importlib.import_module(name)

    def refuse(self, reason: str) -> None:
        self.reason = self.reason or reason

    def execute(self, module: ModuleType, loader: Any) -> None:
        """Executes a module of the project."""
        name = module.__name__
        file = str(module.__file__)
        with self._paused():
            source = file_digest(file)
            if self.deferral.sources.get(name, source) != source:
                _forget_bytecode(file)
        if any(one is self.modules.get(name.rpartition(".")[0]) for one in self._stack):
            self._by_package.add(name)
        trace = self.modules[name] = ModuleTrace(file, source, hasattr(module, "__path__"))
        self._stack.append(trace)
        try:
            code = loader.get_code(name)
            if not isinstance(code, CodeType):
                self.refuse(f"{name} is no Python source")
                loader.exec_module(module)
                return
            names = _names(code)
            trace.unsteady = _unsteady(names)
            trace.looks_inside = _looks_inside(code, names)
            if self.deferral.modules and trace.looks_inside:
                self.refuse(f"{name} {trace.looks_inside}")
            exec(code, vars(module))  # noqa: S102  # as importlib does
        finally:
            self._stack.pop()
        objects = _objects(self._state, module)
        if isinstance(objects, UnknownState):
            trace.unsteady = f"has {objects}, whose state can't be compared"
        self._executed.append((module, objects))

    def is_own(self, file: str | None) -> bool:
        """Whether a file is neither Python's nor installed nor dashgen's."""
        return bool(file) and is_written_by_author(str(file))

    def _is_own_name(self, name: str) -> bool:
        return self.is_own(getattr(sys.modules.get(name), "__file__", None))

    # --- what a module does

    def imported(self, name: str, names: Sequence[str], package: str, level: int) -> None:
        """Notes what `from name import names` depends on."""
        if not self._stack:
            return
        base = importlib.util.resolve_name("." * level + name, package) if level else name
        module = sys.modules.get(base)
        below = [f"{base}.{one}" for one in names]
        submodules = [one for one in below if one in sys.modules]
        for one in submodules:
            self.depends_on(one)
        if self._is_own_name(base):
            self._stack[-1].asks.setdefault(base, set()).update(
                one for one, module_name in zip(names, below, strict=True) if module_name not in submodules
            )
        is_all = bool(names) and len(submodules) == len(names)
        if module is not None and not (is_all and _are_modules(module, names)):
            self.depends_on(base)
        if not names:  # `import a.b` gives a, and all that it has
            while "." in base:
                base = base.rpartition(".")[0]
                self.depends_on(base)

    def depends_on(self, name: str) -> None:
        """Notes a module."""
        if self._stack and self._is_own_name(name):
            self._stack[-1].imports.add(name)

    def missing(self, error: ImportError) -> None:
        if self._stack and error.name:
            self._stack[-1].absent.add(error.name)

    def read(self, what: ReadInput) -> None:
        """Notes what the module that is being executed reads; the first digest stays."""
        if self._stack and what not in self._stack[-1].inputs:
            inputs = self._stack[-1].inputs
            with self._paused():
                inputs[what] = what.digest()

    @contextmanager
    def _paused(self) -> Iterator[None]:
        """What dashgen reads itself is nothing that specs read."""
        stack, self._stack = self._stack, []
        try:
            yield
        finally:
            self._stack = stack

    def asked_for(self, path: object) -> None:
        """Notes that the module asks whether a path is there."""
        file = _absolute(path)
        if file is not None and self.is_own(file) and not _is_bytecode(file):
            self.read(ReadInput("status", file))

    def event(self, event: str, args: tuple[Any, ...]) -> None:
        """An audit event of Python."""
        if not self._stack or event in _HARMLESS:
            return
        if event == "open":
            self._opened(*args)
        elif event in ("os.listdir", "os.scandir"):
            self._listed(args[0])
        elif not event.startswith("object.") and not _by_import(3):
            self.refuse(f"{self._stack[-1].file} causes {event!r} while it is loaded")

    def _opened(self, path: object, mode: object, flags: object) -> None:
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            if not _by_import(4):  # Python's import writes bytecode
                self.refuse(f"{self._stack[-1].file} writes a file while it is loaded")
            return
        file = _absolute(path)
        if file is None:
            self.refuse(f"{self._stack[-1].file} reads what has no path while it is loaded")
        elif file != self._stack[-1].file and not _is_bytecode(file) and self.is_own(file):
            self.read(ReadInput("file", file))
            if self._stack[-1].inputs[ReadInput("file", file)] == NO_FILE:
                self.refuse(f"{self._stack[-1].file} reads {file}, which is no regular file, while it is loaded")

    def _listed(self, path: object) -> None:
        if _by_import(4):
            return  # looks for a module; where it was found is noted
        folder = _absolute("." if path is None else path)
        if folder is None:
            self.refuse(f"{self._stack[-1].file} lists what has no path while it is loaded")
        elif self.is_own(folder):
            self.read(ReadInput("folder", folder))


def _objects(state: StateList, module: ModuleType) -> list[object] | UnknownState:
    try:
        return state.of(module)
    except UnknownState as unknown:
        return unknown


def _by_import(depth: int) -> bool:
    """Whether the frame so far up is Python's import."""
    return sys._getframe(depth).f_code.co_filename.startswith("<frozen importlib")


def _absolute(path: object) -> str | None:
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    return os.path.abspath(path) if isinstance(path, str) else None  # noqa: PTH100  # links are not followed


def _is_bytecode(path: object) -> bool:
    """Wherever it is kept, see PYTHONPYCACHEPREFIX."""
    return isinstance(path, str) and ("__pycache__" in path or ".pyc" in path.rpartition(os.sep)[2])


def _are_modules(package: ModuleType, names: Sequence[str]) -> bool:
    """Whether all of the names are submodules of a package, and none is an object that hides one."""
    return all(vars(package).get(one) is sys.modules[f"{package.__name__}.{one}"] for one in names)


def _forget_bytecode(file: str) -> None:
    """Python knows a changed source by its size and time; here it is known by its content."""
    with suppress(OSError):
        Path(importlib.util.cache_from_source(file)).unlink()


def _names(code: CodeType) -> set[str]:
    """The names that code uses, functions in it included."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return found


_UNSTEADY = frozenset(
    {
        "now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "random", "secrets", "uuid",
        "urandom", "getpid", "gethostname", "platform", "modules", "argv", "_getframe", "threading", "gc", "socket",
    }
)  # fmt: skip
_LOOKS_INSIDE = frozenset({"type", "id", "vars", "globals", "locals", "gc", "inspect"})


def _looks_inside(code: CodeType, names: set[str]) -> str:
    found = sorted(names & _LOOKS_INSIDE)
    used = _global_names(code) if found else ()
    return next((f"uses {name}, which tells a stand-in from the object" for name in found if name in used), "")


def _global_names(code: CodeType) -> set[str]:
    """The names that code looks up as they are: no attributes."""
    found = {str(one.argval) for one in dis.get_instructions(code) if one.opname in _LOOKUPS}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _global_names(constant)
    return found


_LOOKUPS = ("LOAD_NAME", "LOAD_GLOBAL", "IMPORT_NAME")


def _unsteady(names: set[str]) -> str:
    found = sorted(names & _UNSTEADY)
    return f"uses {found[0]}, which may give something else each time" if found else ""


_HARMLESS = frozenset(
    {
        "import", "exec", "compile", "sys._getframe", "sys._getframemodulename", "code.__new__", "function.__new__",
        "marshal.loads", "marshal.load", "marshal.dumps", "os.walk", "os.fwalk", "glob.glob", "glob.glob/2",
        "pathlib.Path.glob", "pathlib.Path.rglob", "pickle.find_class", "builtins.id", "sys.unraisablehook",
    }
)  # fmt: skip
"""Events of which nothing is to be noted, or that another event tells."""


class _Finder:
    """Finds modules of the project as Python does, to trace them or to leave them out."""

    def __init__(self, tracer: Tracer, deferral: Deferral) -> None:
        self._tracer, self._deferral = tracer, deferral

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or not self._tracer.is_own(spec.origin):
            return spec
        known = self._deferral.modules.get(name)
        if known is not None and spec.origin == known.file:
            loader: Any = DeferredLoader(known, self._deferral)
            return ModuleSpec(name, loader, origin=spec.origin)
        traced: Any = TracedLoader(spec.loader, self._tracer)
        spec.loader = traced
        return spec


class TracedLoader:
    """Loads a module of the project and traces it. The module itself has the loader that Python gave it."""

    def __init__(self, loader: Any, tracer: Tracer) -> None:
        self._loader, self._tracer = loader, tracer

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        found: ModuleType | None = self._loader.create_module(spec)
        return found

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._tracer.execute(module, self._loader)


@contextmanager
def _finder(tracer: Tracer) -> Iterator[None]:
    finder: Any = _Finder(tracer, tracer.deferral)
    sys.meta_path.insert(sys.meta_path.index(PathFinder), finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
