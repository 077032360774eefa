"""Expressions, and how they are laid out: in one line where it is wide enough, else each part in a line of its own.

With a comma behind the last part, which black and ruff leave as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashgen.adopt.source.literals import block, parts, quoted, verbatim, width

INDENT = 4


class Code:
    """One expression. `flat` is its source in one line, None where it needs several."""

    __slots__ = ()

    @property
    def flat(self) -> str | None:
        raise NotImplementedError

    def laid_out(self, indent: int, column: int, after: int, most: int) -> str:
        """The source, whose first line begins at `column`; further ones have `indent`. `after` columns of what follows
        and the whole fit into `most`."""
        flat = self.flat
        if flat is not None and column + width(flat) + after <= most:
            return flat
        return self.expanded(indent, column, most)

    def expanded(self, indent: int, column: int, most: int) -> str:
        flat = self.flat
        return flat if flat is not None else ""


@dataclass(frozen=True, slots=True)
class AtomCode(Code):
    """A name or a number."""

    source: str

    @property
    def flat(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True)
class TextCode(Code):
    """A text, in several literals below each other where one line can't hold it."""

    value: str

    @property
    def flat(self) -> str:
        return quoted(self.value)

    def expanded(self, indent: int, column: int, most: int) -> str:
        pieces = parts(self.value, most - column - 1, most - indent - 1)
        return ("\n" + " " * indent).join(map(quoted, pieces)) if pieces else self.flat


@dataclass(frozen=True, slots=True)
class SqlCode(Code):
    """SQL of several lines in triple quotes. `fits` says whether a text is read as the same SQL."""

    value: str
    is_block: bool

    @property
    def flat(self) -> str | None:
        return None if self.is_block else quoted(self.value)

    def expanded(self, indent: int, column: int, most: int) -> str:
        found = block(self.value, indent) if self.is_block else None
        return found if found is not None else TextCode(self.value).expanded(indent, column, most)


@dataclass(frozen=True, slots=True)
class VerbatimCode(Code):
    """A text of several lines whose lines stand as they are, in triple quotes."""

    value: str

    @property
    def flat(self) -> str | None:
        return None if verbatim(self.value) is not None else quoted(self.value)

    def expanded(self, indent: int, column: int, most: int) -> str:
        found = verbatim(self.value)
        return found if found is not None else TextCode(self.value).expanded(indent, column, most)


@dataclass(frozen=True, slots=True)
class CallCode(Code):
    """A call of a name, with arguments by position and by name."""

    name: str
    arguments: tuple[tuple[str, Code], ...]

    @property
    def flat(self) -> str | None:
        return _joined(f"{self.name}(", [(f"{name}=" if name else "", value) for name, value in self.arguments], ")")

    def expanded(self, indent: int, column: int, most: int) -> str:
        if not self.arguments:
            return f"{self.name}()"
        items = [(f"{name}=" if name else "", value) for name, value in self.arguments]
        return _lines(f"{self.name}(", items, ")", indent, most)


@dataclass(frozen=True, slots=True)
class SequenceCode(Code):
    """A tuple or a list."""

    items: tuple[Code, ...]
    is_list: bool = False

    @property
    def flat(self) -> str | None:
        begin, end = ("[", "]") if self.is_list else ("(", ")")
        if len(self.items) == 1 and not self.is_list:
            end = ",)"
        return _joined(begin, [("", item) for item in self.items], end)

    def expanded(self, indent: int, column: int, most: int) -> str:
        begin, end = ("[", "]") if self.is_list else ("(", ")")
        if not self.items:
            return begin + end
        return _lines(begin, [("", item) for item in self.items], end, indent, most)


@dataclass(frozen=True, slots=True)
class MappingCode(Code):
    """A dict."""

    items: tuple[tuple[str, Code], ...]

    @property
    def flat(self) -> str | None:
        return _joined("{", [(f"{quoted(key)}: ", value) for key, value in self.items], "}")

    def expanded(self, indent: int, column: int, most: int) -> str:
        if not self.items:
            return "{}"
        return _lines("{", [(f"{quoted(key)}: ", value) for key, value in self.items], "}", indent, most)


def _joined(begin: str, items: list[tuple[str, Code]], end: str) -> str | None:
    found = []
    for prefix, value in items:
        flat = value.flat
        if flat is None:
            return None
        found.append(prefix + flat)
    return f"{begin}{', '.join(found)}{end}"


def _lines(begin: str, items: list[tuple[str, Code]], end: str, indent: int, most: int) -> str:
    inner = indent + INDENT
    margin = " " * inner
    out = [begin]
    for prefix, value in items:
        out.append(f"{margin}{prefix}{value.laid_out(inner, inner + width(prefix), 1, most)},")
    out.append(" " * indent + end)
    return "\n".join(out)


def assigned(name: str, value: Code, most: int) -> str:
    """An assignment of a module."""
    found = value.laid_out(0, len(name) + 3, 0, most)
    if isinstance(value, (TextCode, SqlCode)) and "\n" in found and not found.startswith('"""'):
        return f"{name} = (\n{' ' * INDENT}{value.laid_out(INDENT, INDENT, 0, most)}\n)"  # pieces need brackets
    return f"{name} = {found}"
