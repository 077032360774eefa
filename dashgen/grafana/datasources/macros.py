"""What a macro is, and whether a query names ones that its datasource knows. Each plugin lists its own.

Source of the browser's own variables: grafana/scenes' macros.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal, NamedTuple

from dashgen.model.core.problems import DashgenError

Side = Literal["backend", "browser"]


class Macro(NamedTuple):
    """`arguments` is the least and the most number; None where parentheses don't belong to it. `accepted` is
    whether QuestDB takes the text that it becomes."""

    name: str
    side: Side
    arguments: tuple[int, int] | None = None
    accepted: bool = True
    note: str = ""


class MacroError(DashgenError, ValueError):
    """A macro that its datasource does not know or cannot expand. `start` is its offset in the author's
    text."""

    def __init__(self, message: str, name: str, start: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.name = name
        self.start = start


# Variables of the browser that look like macros; the same for every datasource.
BROWSER = frozenset(
    {"from", "to", "all", "name", "org", "user", "dashboard", "timezone", "range", "range_s", "range_ms"}
    | {"rate_interval", "rate_interval_ms", "url", "url_time_range", "all_variables", "searchFilter"}
    | {"series", "field", "value", "data", "cell"}
)
_NAMES = re.compile(r"\$\{?__(\w+)", re.ASCII)


class Macros:
    """The macros of one datasource plugin; `datasource` is how messages call it."""

    def __init__(self, datasource: str, macros: Iterable[Macro]) -> None:
        self.datasource = datasource
        self.by_name = {macro.name: macro for macro in macros}
        self._accepted = [macro.name for macro in self.by_name.values() if macro.accepted]
        self._fine = BROWSER.difference(self.by_name).union(self._accepted)

    def find(self, name: str) -> Macro | None:
        """`name` without `$__`."""
        known = self.by_name.get(name)
        return Macro(name, "browser") if known is None and name in BROWSER else known

    def check(self, sql: str) -> None:
        """Raises `MacroError` for the first macro that the datasource does not know, or that becomes what QuestDB
        refuses."""
        if self._fine.issuperset(_NAMES.findall(sql)):
            return
        for match in _NAMES.finditer(sql):
            name = match[1]
            known = self.find(name)
            if known is None:
                near = get_close_matches(name, self._accepted, 1)
                hint = f"did you mean $__{near[0]}?" if near else ""
                raise MacroError(f"the {self.datasource} datasource has no macro $__{name}", name, match.start(), hint)
            if not known.accepted:
                raise MacroError(f"$__{name} {known.note}, which QuestDB refuses", name, match.start(), "use SAMPLE BY")
