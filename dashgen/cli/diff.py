"""`dashgen diff`."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashgen.cli import report
from dashgen.cli.options import Env, Out, OutputFormat, Specs, Timeout
from dashgen.cli.specs import chosen, on_project

if TYPE_CHECKING:
    from dashgen.diff.assemble import Review
    from dashgen.model.core.problems import Problem
    from dashgen.model.project import Project
    from dashgen.tree.environments import Trees

NOTHING_COMPARED = "nothing was compared"


class ReportFormat(enum.StrEnum):
    """How a comparison is written to stdout."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


class FailOnChange(enum.StrEnum):
    """The classes of a change, the worse the later."""

    COSMETIC = "cosmetic"
    DISPLAY = "display"
    MEANING = "meaning"
    ALERTING = "alerting"
    DATA = "data"
    BREAKING = "breaking"


Tell = Callable[["Review"], int]


def diff(
    base: Annotated[
        str | None, typer.Argument(metavar="[BASE]", help="A git revision or a folder; default: the merge base.")
    ] = None,
    head: Annotated[
        str | None, typer.Argument(metavar="[HEAD]", help="The same; default: the working specs, rendered anew.")
    ] = None,
    specs: Specs = Path("specs"),
    out: Out = Path("build"),
    env: Env = None,
    output: Annotated[ReportFormat, typer.Option("--format", help="How to report.")] = ReportFormat.TEXT,
    fail_on: Annotated[
        FailOnChange | None,
        typer.Option("--fail-on", help="Exit 1 only for a change of this class or of a higher one."),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            help="For html: <uid>.<panel id>.before.png and .after.png, also in a folder by environment.",
            metavar="DIR",
        ),
    ] = None,
    load_timeout: Timeout = 30.0,
) -> None:
    """Show what changed between two rendered trees, and what it means for viewers and for who is notified.

    Without BASE: the merge base with the default branch. Without HEAD: what the specs here render.
    A revision is read from git: the checkout is not touched and its code is not imported.

    \b
    Classes, in ascending order:
      cosmetic   positions, sizes, titles, descriptions
      display    the same numbers, displayed differently
      meaning    other numbers
      alerting   other alerts fire, or notify others
      data       tables, columns, views, retention
      breaking   something that an alert, a link or a bookmark uses is removed

    \b
    Examples:
      dashgen diff                              this branch against its merge base with main
      dashgen diff HEAD                         what is not committed yet
      dashgen diff v1.2 v1.3                    two revisions
      dashgen diff ./old-build ./build          two folders
      dashgen diff --fail-on breaking           for CI: exit 1 only for breaking changes
      dashgen diff --format html > review.html  a page to read; --pictures DIR adds pictures

    Exit code: 0 no differences; 1 differences (with --fail-on: of that class or a higher one); 2 wrong use.
    """
    import gc

    from dashgen.model.core.problems import UsageError
    from dashgen.tree.environments import merge_base, named

    gc.disable()  # a short life with few cycles
    cwd = Path.cwd()

    def tell(review: Review) -> int:
        return _tell(review, output, fail_on, pictures)

    if pictures is not None and not pictures.is_dir():
        raise UsageError(f"--pictures: {pictures} is not a folder", "give the folder with the pictures")
    if pictures is not None and output is not ReportFormat.HTML:
        raise UsageError("--pictures is for --format html", "the other formats have no pictures")
    before = named(base, out, cwd) if base is not None and not _is_specs(base, specs) else None
    if base is not None and before is None:
        raise UsageError(f"{base} is the specs: they can only be HEAD", "name a revision or a folder as BASE")
    before = before or merge_base(out, cwd)
    if head is not None and not _is_specs(head, specs):
        raise typer.Exit(_compared(before, named(head, out, cwd), env, tell))

    def work(project: Project, findings: Sequence[Problem], root: Path) -> int:
        return _against_specs(before, project, findings, root, specs, out, env, tell)

    raise typer.Exit(on_project(specs, load_timeout, OutputFormat.TEXT, NOTHING_COMPARED, work))


def _is_specs(text: str, specs: Path) -> bool:
    """The working specs by the name of their folder."""
    from dashgen.tree.environments import is_folder

    return is_folder(Path(text)) and Path(text).resolve() == specs.resolve()


def _against_specs(
    before: Trees, project: Project, findings: Sequence[Problem], root: Path, specs: Path, out: Path,
    env: Sequence[str] | None, tell: Tell,
) -> int:  # fmt: skip
    from dashgen.pipeline import prepare
    from dashgen.tree.environments import Trees
    from dashgen.tree.read import RenderedTree

    environments, code = chosen(project, env)
    if code:
        return code
    wanted = [e for e in environments if before.single or e.name in before.trees]
    prepared = [prepare(project, e, out / e.name) for e in wanted]
    problems = dict.fromkeys([*findings, *(p for tree in prepared for p in (*tree.problems, *tree.blocked))])
    if problems:
        return report.fail(tuple(problems), root, OutputFormat.TEXT, 2, NOTHING_COMPARED)
    trees = {one.environment.name: one.tree for one in prepared}
    trees |= {e.name: RenderedTree(e.name, {}) for e in environments if e not in wanted}
    return _compared(before, Trees(f"the working {specs.as_posix()}", trees), env, tell)


def _compared(before: Trees, after: Trees, env: Sequence[str] | None, tell: Tell) -> int:
    from dashgen.diff.assemble import Review, review
    from dashgen.diff.pairs import pairs
    from dashgen.model.core.suggestions import listed

    common, apart = pairs(before, after)
    unknown = [name for name in env or () if name not in common]
    if unknown:
        return report.error(
            f"no environment {', '.join(map(repr, unknown))} on both sides", f"both have {listed(common)}"
        )
    named = {name: trees for name, trees in common.items() if not env or name in env}
    environments = tuple(review(name, old, new) for name, (old, new) in named.items())
    return tell(Review(before.label, after.label, environments, () if env else apart))


def _tell(review: Review, output: ReportFormat, fail_on: FailOnChange | None, pictures: Path | None) -> int:
    from dashgen.diff import reports

    if output is ReportFormat.TEXT:
        text = reports.text(review, color=sys.stdout.isatty())
    elif output is ReportFormat.MARKDOWN:
        text = reports.markdown(review)
    elif output is ReportFormat.JSON:
        text = reports.as_json(review)
    else:
        text = reports.html(review, pictures)
    sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()
    if fail_on is None:
        return int(bool(review))
    return int(
        review.worst is not None and review.worst.word in list(FailOnChange)[list(FailOnChange).index(fail_on) :]
    )
