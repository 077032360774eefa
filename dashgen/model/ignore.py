"""Findings that an author accepts, said beside what they are about."""

from __future__ import annotations

import re

from dashgen.model import checks
from dashgen.model.node import Node, Wrong, checked, node

_CODE = re.compile(r"DG\d{3}\Z", re.ASCII)


def _code(value: object) -> object:
    if isinstance(value, str) and _CODE.match(value):
        return value
    raise Wrong("the code of a rule like 'DG304'", "dashgen check --list-rules shows them")


def _reason(value: object) -> object:
    if isinstance(value, str) and value.strip():
        return value
    raise Wrong("a reason", "say why the finding is no fault here")


@node
class Ignore(Node):
    """`dashgen check` keeps a finding to itself: `Ignore("DG304", reason="symbols are never renamed")`. One that no
    longer matches anything is a finding."""

    code: str = checked(_code, kw_only=False)
    reason: str = checked(_reason)


ignores = checks.many(checks.a(Ignore))
