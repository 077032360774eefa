"""The documentation of the rules: their modules' docstrings, as one page each and as `docs/rules.md`.

python -m dashgen.check.pages      writes docs/rules.md
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashgen.check.rule import Rule
from dashgen.check.rules import documentation, rules

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
_NEEDS = {
    "text": "found in the SQL, offline",
    "columns": "needs the columns that a server describes",
    "choices": "found in the SQL, offline; what its form does not tell needs a server",
    "project": "found in the project as a whole, offline",
    "answer": "needs the answer of a server",
    "created": "needs a server that the tables are created on",
    "run": "needs `--run`",
    "deployed": "needs `--against`",
    "deployed answer": "needs `--against`",
    "base": "needs `--base`",
    "ignores": "found in what the other rules were told to ignore",
}
_HEAD = """\
# Rules

<!-- Written by `make generated` from the modules of dashgen/check/rules: change them, not this page. -->

What `dashgen check` finds. `dashgen check --explain CODE` prints one of these pages.

"""


def page(rule: Rule[Any]) -> str:
    """The documentation of one rule, in Markdown."""
    needs = _NEEDS.get(rule.stage, rule.stage)
    return f"## {rule.code} {rule.name}\n\n*{rule.severity}; {needs}*\n\n{documentation(rule)}\n"


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
