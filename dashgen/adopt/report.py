"""What an import says of each dashboard: its share in dashgen's words, what stayed raw, what a person does next."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dashgen.adopt.dashboards import Shares
from dashgen.adopt.plan import Imported, Plan
from dashgen.check.finding import CheckReport, Finding
from dashgen.model.core.problems import Problem

Json = dict[str, Any]
_MOST = 8
"""Lines of one kind that a text says of a dashboard."""


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _percent(part: int, whole: int) -> int:
    """Rounded down, so that 100 % is all."""
    return 100 if part == whole else 100 * part // whole


def unchecked(one: Imported) -> Counter[str]:
    """The reasons why queries are not checked, and how many."""
    return Counter(reason for _, reason in one.adopted.unchecked)


def _shares(shares: Shares) -> str:
    whole = max(shares.leaves, 1)
    return (
        f"{shares.own_panels} of {counted(shares.panels, 'panel')} in dashgen's words; of "
        f"{counted(shares.leaves, 'value')} {_percent(shares.own, whole)} % are fields, "
        f"{-(-100 * shares.by_name // whole)} % options by Grafana's names, {-(-100 * shares.raw // whole)} % raw"
    )


def as_text(
    plan: Plan, root: Path, refused: Sequence[Problem], checked: CheckReport | None, note: str, dry_run: bool
) -> str:
    """The report of a terminal."""
    lines: list[str] = []
    for one in plan.dashboards:
        lines += _dashboard(one, root, refused, checked)
    verb = "would write" if dry_run else "wrote"
    lines += [f"{verb} {(root / path).as_posix()}" for path in sorted(plan.files)]
    lines += _next(plan, checked, note)
    return "\n".join(lines) + "\n"


def _dashboard(one: Imported, root: Path, refused: Sequence[Problem], checked: CheckReport | None) -> list[str]:
    adopted = one.adopted
    lines = [f"{one.source.path} ({one.source.form}): {adopted.dashboard.title}", f"  {_shares(adopted.shares)}"]
    if adopted.difference:
        lines.append(f"  NOT THE SAME as the document: {adopted.difference}")
    lines += [f"  note: {text}" for text in one.notes]
    lines += _some("raw", adopted.raw_paths)
    reasons = unchecked(one)
    lines += _some("not checked", [f"{reason} ({times})" for reason, times in reasons.most_common()])
    if adopted.undescribed:
        lines.append(f"  without a description: {counted(len(adopted.undescribed), 'panel')}")
    own = [problem for problem in refused if _is_of(problem.path, one)]
    lines += _some("a build refuses", [f"{problem.path}: {problem.message}" for problem in own])
    refusals = [found for found in errors(checked, one) if not lacks_table(found)]
    lines += _some("a server refuses", [f"{found.path}: {found.message}" for found in refusals])
    return [*lines, ""]


def _some(what: str, items: Sequence[str]) -> list[str]:
    more = [f"  {what}: and {len(items) - _MOST} more"] if len(items) > _MOST else []
    return [*(f"  {what}: {item}" for item in items[:_MOST]), *more]


def _is_of(path: str, one: Imported) -> bool:
    return path.split(" ")[0] == one.adopted.dashboard.uid


def errors(checked: CheckReport | None, one: Imported) -> list[Finding]:
    """The errors that a check found in a dashboard."""
    found = checked.findings if checked else ()
    return [finding for finding in found if finding.severity == "error" and _is_of(finding.path, one)]


_NO_TABLE = re.compile(r"table does not exist \[table=(.+?)\]")


def lacks_table(finding: Finding) -> str:
    """The table that a query reads and PROJECT does not declare, so that no server here has it."""
    match = _NO_TABLE.search(finding.message)
    return match[1] if match else ""


def _next(plan: Plan, checked: CheckReport | None, note: str) -> list[str]:
    """What a person does next."""
    lines = [note] if note else []
    if checked is not None:
        total = sum(len(errors(checked, one)) for one in plan.dashboards)
        number = checked.counts.queries
        lines.append(f"checked {number} quer{'y' if number == 1 else 'ies'}: {counted(total, 'error')}")
        tables = {lacks_table(found) for one in plan.dashboards for found in errors(checked, one)} - {""}
        if tables:
            some = ", ".join(sorted(tables)[:_MOST])
            lines.append(
                f"next: declare {counted(len(tables), 'table')} that queries read, so that they are proved: {some}"
            )
    lines.append("next: dashgen check shows each finding with its line; dashgen build renders")
    undescribed = sum(len(one.adopted.undescribed) for one in plan.dashboards)
    if undescribed:
        lines.append(
            f"next: describe {counted(undescribed, 'panel')}, and take imported=True out: a build tells of the rest"
        )
    return lines


def as_json(
    plan: Plan, root: Path, skipped: Iterable[tuple[Path, str]], refused: Sequence[Problem],
    checked: CheckReport | None, dry_run: bool,
) -> str:  # fmt: skip
    """The report for a program."""
    document = {
        "dry_run": dry_run,
        "files": [(root / path).as_posix() for path in sorted(plan.files)],
        "dashboards": [_as_data(one, root, refused, checked) for one in plan.dashboards],
        "skipped": [{"file": str(path), "reason": reason} for path, reason in skipped],
        "checked": checked is not None,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _as_data(one: Imported, root: Path, refused: Sequence[Problem], checked: CheckReport | None) -> Json:
    adopted, shares = one.adopted, one.adopted.shares
    return {
        "file": str(one.source.path),
        "form": one.source.form,
        "uid": adopted.dashboard.uid,
        "title": adopted.dashboard.title,
        "module": (root / one.module).as_posix(),
        "name": one.name,
        "notes": list(one.notes),
        "panels": {"all": shares.panels, "own": shares.own_panels},
        "values": {"all": shares.leaves, "own": shares.own, "by_name": shares.by_name, "raw": shares.raw},
        "raw": list(adopted.raw_paths),
        "not_checked": [{"object": name, "reason": reason} for name, reason in adopted.unchecked],
        "without_description": list(adopted.undescribed),
        "difference": adopted.difference,
        "build_refuses": [
            {"path": problem.path, "message": problem.message} for problem in refused if _is_of(problem.path, one)
        ],
        "server_refuses": [
            {"path": found.path, "code": found.code, "message": found.message} for found in errors(checked, one)
        ],
    }
