"""Findings that an author accepts, said beside what they are about."""

from __future__ import annotations

import re

from dashgen.model.core import validators
from dashgen.model.core.fields import checked
from dashgen.model.core.node import Node, Wrong, node

_CODE = re.compile(r"DG\d{3}\Z", re.ASCII)


def _code(value: object) -> object:
    if isinstance(value, str) and _CODE.match(value):
        return value
    raise Wrong("the code of a rule like 'DG304'", "dashgen check --list-rules shows them")


def _reason(value: object) -> object:
    if isinstance(value, str) and value.strip():
        return value
    raise Wrong("a reason", "say why the finding is accepted")


@node
class Ignore(Node):
    """Suppresses a finding of `dashgen check`: `Ignore("DG304", reason="symbols are never renamed")`. An `Ignore` that
    matches no finding is reported itself.
    """

    code: str = checked(_code, kw_only=False)
    """Code of the rule; `dashgen check --list-rules` shows all of them."""
    reason: str = checked(_reason)
    """Why the finding is acceptable here, for the next reader."""


ignores = validators.many(validators.a(Ignore, hint="Ignore('DG304', reason='…')"))
