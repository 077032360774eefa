"""The report of an import: what each source became, what was written, what a person does next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dashgen import escaping
from dashgen.adopt.plan import Plan
from dashgen.adopt.source_kind import Verdict
from dashgen.adopt.sources import KINDS
from dashgen.model.core.counts import counted

Json = dict[str, Any]


def as_text(plan: Plan, root: Path, verdict: Verdict, note: str, ledger: str, *, dry_run: bool) -> str:
    """The report of a terminal. `note` is why nothing was checked, `ledger` the file that deletions went into."""
    lines: list[str] = []
    for one in plan.imported:
        lines += [*one.lines(root, verdict), ""]
    verb = "would write" if dry_run else "wrote"
    lines += [f"{verb} {(root / path).as_posix()}" for path in sorted(plan.files)]
    if plan.deleted:
        lines.append(f"{verb} {ledger}: {counted(len(plan.deleted), 'deletion')}, which the next build renders")
    lines += [note] if note else []
    if verdict.checked is not None:
        found = [one for one in verdict.findings() if one.severity == "error"]
        own = [one for one in found if any(imported.covers(one.path) for imported in plan.imported)]
        number = verdict.checked.counts.queries
        lines.append(f"checked {counted(number, 'query', 'queries')}: {counted(len(own), 'error')}")
    lines += [f"next: {step}" for step in _next_steps(plan, verdict)]
    return escaping.visible_lines("\n".join(lines)) + "\n"


def _next_steps(plan: Plan, verdict: Verdict) -> Iterator[str]:
    for kind in KINDS:
        if own := [one for one in plan.imported if one.kind == kind.name]:
            yield from kind.next_steps(own, verdict)
    yield "dashgen check shows each finding with its line; dashgen build renders"


def as_json(
    plan: Plan, root: Path, skipped: Iterable[tuple[Path, str]], verdict: Verdict, note: str, ledger: str,
    *, dry_run: bool,
) -> str:  # fmt: skip
    """The report for a program: a list for each kind of source."""
    document = {
        "dry_run": dry_run,
        "files": [(root / path).as_posix() for path in sorted(plan.files)],
        **{kind.name: [one.data(root, verdict) for one in plan.imported if one.kind == kind.name] for kind in KINDS},
        "ledger": {"file": ledger, "added": list(plan.deleted)} if plan.deleted else None,
        "skipped": [{"file": str(path), "reason": reason} for path, reason in skipped],
        "checked": verdict.checked is not None,
        "not_checked": note,
        "next": list(_next_steps(plan, verdict)),
    }
    return escaping.json(document)
