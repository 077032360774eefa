"""The pages of the rules: each module's docstring under four headings, and how to ignore the rule.

A docstring begins with what the rule does, followed by the sections `## Why is this bad?`, `## Example` and
`## Use instead`.

python -m dashgen.check.pages      writes docs/rules.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from dashgen.check import rules as _rules
from dashgen.check.rule import Rule
from dashgen.check.rules import rules

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
CHECKS_FOR = "Checks for "
"""What each docstring begins with."""
_NEEDS = {
    "text": "checks the SQL, offline",
    "columns": "needs the columns that a server describes",
    "choices": "checks the SQL, offline; conditions that it can't decide need a server",
    "project": "checks the project as a whole, offline",
    "answer": "needs a server's answer",
    "created": "needs a server on which the tables are created",
    "demo": "needs `--run`",
    "run": "needs `--run`",
    "deployed": "needs `--against`",
    "deployed answer": "needs `--against`",
    "base": "needs `--base`",
    "ignores": "checks the ignores, offline",
}
_ABOUT = {
    "created": "a declaration",
    "demo": "the demo data",
    "deployed": "the deployed server",
    "base": "what is published",
    "ignores": "an `Ignore`",
}
"""What findings are about that belong to no query; the project unless named here."""
_OF_QUERIES = frozenset({"text", "columns", "choices", "answer", "run", "deployed answer"})
_WHY, _EXAMPLE, _INSTEAD = "Why is this bad?", "Example", "Use instead"
_SECTION = re.compile(r"^## (.+)\n", re.MULTILINE)
_HEAD = """\
# Rules

<!-- Written by `make generated` from the modules of dashgen/check/rules: change them, not this page. -->

The rules of `dashgen check`. `dashgen check --explain CODE` prints the page of one rule.

"""


@dataclass(frozen=True, slots=True)
class RulePage:
    """The sections of one rule's page, in Markdown."""

    what: str
    why: str
    example: str
    instead: str

    @property
    def summary(self) -> str:
        """What the rule checks for, on one line."""
        first = " ".join(self.what.partition("\n\n")[0].split()).removeprefix(CHECKS_FOR)
        return re.split(r"[.:](?= |$)", first, maxsplit=1)[0]


def sections(rule: Rule[Any]) -> RulePage:
    """The docstring of a rule's module. Raises ValueError for one that lacks a section, or has another one."""
    docstring = import_module(f"{_rules.__name__}.{rule.name.replace('-', '_')}").__doc__ or ""
    what, *rest = _SECTION.split(docstring)
    found = dict(zip(rest[::2], rest[1::2], strict=True))
    if list(found) != [_WHY, _EXAMPLE, _INSTEAD]:
        raise ValueError(f"{rule.code}: expected the sections {_WHY}, {_EXAMPLE}, {_INSTEAD}, got {', '.join(found)}")
    return RulePage(what.strip(), *(text.strip() for text in found.values()))


def how_to_ignore(rule: Rule[Any]) -> str:
    """How an author accepts a finding of the rule, or why that is not possible."""
    if rule.stage in _OF_QUERIES:
        return (
            "Give the query the code and a reason. Panels, annotations and query variables take `ignore=`, too.\n\n"
            f'    Query("SELECT …", ignore=(Ignore("{rule.code}", reason="…"),))'
        )
    about = (
        f"The finding is about {_ABOUT.get(rule.stage, 'the project')}, not about a query: `ignore=` does not apply."
    )
    passes = {
        "error": "",
        "warning": " It is a warning: with `--fail-on error` it is reported and does not fail the check.",
        "note": " It is a note: it does not fail the check.",
    }
    return about + passes[rule.severity]


def page(rule: Rule[Any], level: int = 2) -> str:
    """The documentation of one rule, in Markdown, its title being a heading of that level."""
    found = sections(rule)
    parts = {
        "What it does": found.what,
        _WHY: found.why,
        _EXAMPLE: found.example,
        _INSTEAD: found.instead,
        "How to ignore it": how_to_ignore(rule),
    }
    under = "#" * (level + 1)
    title = f"{'#' * level} {rule.code} {rule.name}\n\n*{rule.severity}; {_NEEDS[rule.stage]}*\n"
    return title + "".join(f"\n{under} {heading}\n\n{text}\n" for heading, text in parts.items())


def document() -> str:
    """All pages, after a table of them."""
    rows = "".join(
        f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.severity} |\n" for rule in rules()
    )
    table = f"| code | name | severity |\n|---|---|---|\n{rows}"
    return _HEAD + "\n".join([table, *map(page, rules())])


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(document())
