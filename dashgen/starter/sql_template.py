"""SQL of a spec in an f-string of triple quotes: what comes from a server's names is text, whatever it looks like."""

from __future__ import annotations

from dataclasses import dataclass

from dashgen.adopt.source.expressions import Code
from dashgen.adopt.source.literals import escaped


@dataclass(frozen=True, slots=True)
class SqlTemplateCode(Code):
    """Lines of SQL as they stand in the literal. With `is_formatted` they are those of an f-string, whose expressions
    stand between braces."""

    lines: tuple[str, ...]
    is_formatted: bool = False

    @property
    def flat(self) -> str | None:
        return None

    def expanded(self, indent: int, column: int, most: int) -> str:
        margin = " " * indent
        body = "\n".join(margin + line for line in self.lines)
        return f'{"f" if self.is_formatted else ""}"""\n{body}\n{margin}"""'


def literal(text: str, *, is_formatted: bool) -> str:
    """Text of SQL as it stands in triple quotes. A name of QuestDB has neither a backslash nor a double quote in it."""
    shown = "".join(sign if sign == "\n" else escaped(sign) for sign in text)
    return shown.replace("{", "{{").replace("}", "}}") if is_formatted else shown
