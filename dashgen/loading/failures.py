"""What a module of the specs raised, as a problem of the place that is to be mended, told once."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from dashgen.loading.fstrings import Sources
from dashgen.model.core.problems import Call, Collector, Problem, Source, SpecError
from dashgen.model.core.suggestions import did_you_mean

_FORMATTING = re.compile(r"format specifier|[Uu]nknown format code|unsupported format string")

_CANNOT_IMPORT = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_UNEXPECTED = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'")
_NOT_BESIDE = ("site-packages", "dist-packages")


def is_written_beside(file: str, root: Path) -> bool:
    """Whether a module lies beside the specs folder and is neither installed, Python's nor dashgen's."""
    path = Path(file)
    inside = [folder for folder in (root.parent, root, _DASHGEN, *_PYTHON) if path.is_relative_to(folder)]
    return inside == [root.parent] and not any(part in _NOT_BESIDE for part in path.parts)


def is_written_by_author(file: str) -> bool:
    """Whether a file, by its absolute name, is neither Python's nor installed nor dashgen's."""
    return not file.startswith(_NOT_AUTHORS)


_DASHGEN = Path(__file__).resolve().parent.parent
_PYTHON = tuple({Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)})
_NOT_AUTHORS = tuple(
    dict.fromkeys(
        f"{folder}{os.sep}"
        for one in (_DASHGEN, *_PYTHON, Path(sys.prefix), Path(sys.base_prefix), Path(os.__file__).parent)
        for folder in (one, one.resolve())
    )
)


class Failures:
    """Catches what importing modules raises. One cause fails every module that imports the one with the mistake, so
    a problem is named after the module it comes from."""

    def __init__(self, root: Path, collector: Collector) -> None:
        self.root, self.collector = root, collector
        self._circles: set[frozenset[str]] = set()
        self._sources = Sources(root)

    def hear(self, module: str, work: Callable[[], object]) -> bool:
        """Runs an import and says whether it went through; whatever it raises is a problem of the specs."""
        try:
            work()
        except SpecError as error:
            self._add(*error.problems)
        except SystemExit as error:
            self._raised(module, error, f"exits with {error.code!r} while it loads", "specs may only declare at import")
        except ImportError as error:
            self._import(module, error)
        except AttributeError as error:
            if "partially initialized module" in str(error):
                self._circle(module, error)
            else:
                self._raised(module, error)
        except SyntaxError as error:
            self._raised(module, error, hint=_in_braces(error))
        except (ValueError, TypeError, NameError) as error:
            if self._replaced(error):
                return False
            self._raised(module, error, hint=self._meant(error) or _joined(error))
        except Exception as error:  # whatever a spec raises is a problem of the spec
            self._raised(module, error)
        else:
            return True
        return False

    def _add(self, *problems: Problem) -> None:
        self.collector.problems += [p for p in problems if p not in self.collector.problems]

    def _import(self, module: str, error: ImportError) -> None:
        text = error.msg.replace(f" ({error.path})", "") if error.path else error.msg
        if "partially initialized module" in text:
            self._circle(module, error)
            return
        missing = error.name or ""
        hint = ""
        if "beyond top-level package" in text:
            hint = "a module next to the specs folder is imported by its name: import helpers"
        if cannot := _CANNOT_IMPORT.match(text):
            module_there = sys.modules.get(cannot[2])
            hint = did_you_mean(cannot[1], list(getattr(module_there, "__all__", vars(module_there or object))))
        if isinstance(error, ModuleNotFoundError):
            top, _, below = missing.partition(".")
            if top == self.root.name and below:
                there = [self._module(str(p)).partition(".")[2] for p in sorted(self.root.rglob("*.py"))]
                hint = did_you_mean(below, there) or f"there is no such module in {top}/"
            else:
                near = did_you_mean(top, [p.stem for p in self.root.parent.glob("*.py")])
                hint = near or f"install it where dashgen runs, or put {top}.py next to {self.root.name}/ or inside it"
        self._raised(module, error, text, hint)

    def _replaced(self, error: ValueError | TypeError | NameError) -> bool:
        """Whether it comes of Grafana's `${name:format}` in an f-string, which is reported then, with all that the same
        file has of them: Python would stop at each."""
        calls = self._calls(error)
        if isinstance(error, (ValueError, TypeError)) and not _FORMATTING.search(str(error)):
            return False
        file = self._sources.file(calls[-1].code.co_filename) if calls else None
        if file is None:
            return False
        here = list(file.replaced(calls[-1].line))
        if isinstance(error, NameError):
            here = [one for one in here if one.name == error.name]
        if not here:
            return False
        others = [one for one in file.replaced() if not one.is_known and one not in here]
        for one in sorted((*here, *others), key=lambda found: found.source.place):
            doubled = f"${{{one.text[1:]}}}"
            better = self._sources.variable(one.name)
            self._add(
                Problem(
                    self._module(str(file.path)),
                    f"{one.text} stands in an f-string, where Python replaces {one.text[1:]}",
                    f"write {doubled}" + (f", or better {better}" if better else ""),
                    one.source,
                )
            )
        return True

    def _circle(self, module: str, error: ImportError | AttributeError) -> None:
        """Modules that import one another: the same circle raises another error for each module it is entered by."""
        calls = self._calls(error)
        chain = [self._module(call.file) for call in calls] or [module]
        culprit = error.name if isinstance(error, ImportError) else getattr(error.obj, "__name__", None)
        circle = chain[chain.index(culprit) :] if culprit in chain else chain
        if frozenset(circle) in self._circles:
            return
        self._circles.add(frozenset(circle))
        self._add(
            Problem(
                chain[-1],
                f"imports in a circle: {' → '.join((*circle, circle[0]))}",
                "move what both need into a module that imports neither",
                calls[-1] if calls else None,
            )
        )

    def _raised(self, module: str, error: BaseException, message: str = "", hint: str = "") -> None:
        source: Source | None = None
        where = module
        if isinstance(error, SyntaxError) and error.filename:
            source = Source(error.filename, error.lineno or 1, max(error.offset or 1, 1))
            message = message or f"{type(error).__name__}: {error.msg}"
        elif calls := self._calls(error):
            source = calls[-1]
        if source is not None and self._is_ours(source.file):
            where = self._module(source.file)
        text = str(error)
        self._add(Problem(where, message or f"raises {type(error).__name__}{': ' if text else ''}{text}", hint, source))

    def _calls(self, error: BaseException) -> list[Call]:
        """What was under way inside the specs and what they import from beside them, innermost last."""
        frames, at = [], error.__traceback__
        while at is not None:
            frames.append(Call(at.tb_frame.f_code, at.tb_lasti))
            at = at.tb_next
        return [call for call in frames if self._is_ours(call.code.co_filename)]

    def _is_ours(self, file: str) -> bool:
        return Path(file).is_relative_to(self.root) or is_written_beside(file, self.root)

    def _meant(self, error: Exception) -> str:
        """The name that is most like one that is none, or like an argument that a function does not take."""
        if isinstance(error, NameError):
            vocabulary = getattr(sys.modules.get("dashgen"), "__all__", ())
            return did_you_mean(error.name or "", [*vocabulary, *self._names(error)])
        found = _UNEXPECTED.match(str(error))
        calls = self._calls(error)
        if not found or not calls:
            return ""
        from inspect import signature

        function = getattr(sys.modules.get(self._module(calls[-1].file)), found[1], None)
        with suppress(TypeError, ValueError):
            return did_you_mean(found[2], list(signature(function).parameters)) if callable(function) else ""
        return ""

    def _names(self, error: BaseException) -> Iterator[str]:
        """What the code that failed could have named."""
        at = error.__traceback__
        while at is not None:
            if at.tb_next is None:
                yield from (*at.tb_frame.f_locals, *at.tb_frame.f_globals)
            at = at.tb_next

    def _module(self, file: str) -> str:
        parts = Path(file).relative_to(self.root.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _in_braces(error: SyntaxError) -> str:
    """What to write where Python can't read the braces of an f-string."""
    line = error.text or ""
    if "f-string" not in error.msg and not re.search(r"""\b[rR]?[fF][rR]?["']""", line):
        return ""
    if re.search(r"\$\{(?!\{)", line):
        return "in an f-string Grafana's braces are doubled: ${{name:sqlstring}}"
    if "f-string" in error.msg and re.search(r"\{[^{}]*[\"'(]", line):
        return "before Python 3.12 quotes inside the braces differ from those around: f\"{HOST.matches('host')}\""
    return "in an f-string braces of the text itself are doubled: {{ }}" if "f-string" in error.msg else ""


def _joined(error: Exception) -> str:
    """What to write where an object of the model is joined with texts."""
    if isinstance(error, ValueError) and _FORMATTING.search(str(error)):
        return "in an f-string braces of the text itself are doubled: {{ }}"
    match = re.search(r"expected str instance, (\w+) found", str(error))
    return f"a {match[1]} is not a string: join its members" if match else ""
