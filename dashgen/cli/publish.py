"""`dashgen publish`."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from dashgen.cli import report
from dashgen.cli.options import Format, OutputFormat

if TYPE_CHECKING:
    from dashgen.diff.assemble import EnvironmentDiff
    from dashgen.diff.publish import PublishPlan

NOTHING_WRITTEN = "nothing was written"


def publish(
    to: Annotated[
        Path, typer.Option("--to", help="A folder in a checkout of the repository that Grafana reads.", metavar="DIR")
    ],
    tree: Annotated[Path, typer.Option("--from", help="The rendered trees, or one of them.", metavar="DIR")] = Path(
        "build"
    ),
    env: Annotated[
        str | None, typer.Option("--env", help="Which environment, if --from has several.", metavar="NAME")
    ] = None,
    max_removed: Annotated[
        float,
        typer.Option("--max-removed", help="Percentage of the published files that may be removed.", min=0, max=100),
    ] = 20.0,
    message: Annotated[
        Path | None, typer.Option("--message", help="Write the commit message there, not to stdout.", metavar="FILE")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; write nothing.")] = False,
    output: Format = OutputFormat.TEXT,
) -> None:
    """Copy a rendered tree into a checkout of a provisioning repository, and write the commit message.

    Only files that dashgen wrote there are replaced or removed; a file that was edited by hand since is an error. Each
    file is replaced by a rename, and removals come last. Nothing is committed.

    \b
    Examples:
      dashgen publish --to ../grafana/prod --env prod
      dashgen publish --to ../grafana/prod --dry-run           exit 1 if anything would change
      dashgen publish --to ../grafana/prod --message msg.txt && git -C ../grafana add -A prod
        && git -C ../grafana commit -F "$PWD/msg.txt"

    Exit code: 0 done, or nothing to do; 1 with --dry-run if anything would change; 2 refused or wrong use.
    """
    from dashgen.diff.publish import PublishRefused, plan
    from dashgen.diff.publish import publish as carry_out
    from dashgen.tree.environments import folder
    from dashgen.tree.errors import TreeError

    try:
        if to.resolve() == tree.resolve() or tree.resolve() in to.resolve().parents:
            raise TreeError(f"{to} is inside {tree}: publish a tree outside of itself", "give another folder --to")
        trees = folder(str(tree), Path.cwd()).trees
        name = _chosen(list(trees), env)
        made = plan(to, name, trees[name], max_removed)
        told = _Told.of(made)
        if made and not dry_run:
            with _ready(message, told.text) as put:
                carry_out(made)
                put()
        raise typer.Exit(_tell(told, message, dry_run, output))
    except TreeError as error:
        _show(error.details if isinstance(error, PublishRefused) else ())
        code = report.error(str(error), error.hint)
    except OSError as error:
        code = report.error(f"can't publish to {to}: {error}", "check the folder's permissions and the free space")
    report.echo(NOTHING_WRITTEN, err=True)
    raise typer.Exit(code)


def _chosen(names: list[str], env: str | None) -> str:
    from dashgen.model.core.suggestions import listed, nearest_or_all
    from dashgen.tree.errors import TreeError

    if env is None and len(names) > 1:
        raise TreeError(f"there are several environments: {listed(names)}", f"name one: --env {names[0]}")
    if env is not None and env not in names:
        raise TreeError(f"no environment {env!r} is rendered", nearest_or_all(env, names))
    return env or names[0]


def _show(details: Sequence[str]) -> None:
    from dashgen.escaping import visible

    for line in details[:200]:
        report.echo(visible(line), err=True)
    if len(details) > 200:
        report.echo(f"… and {len(details) - 200} more lines", err=True)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said of a plan, known before anything is written."""

    made: PublishPlan
    changed: EnvironmentDiff
    text: str

    @classmethod
    def of(cls, made: PublishPlan) -> Self:
        from dashgen.diff.assemble import review
        from dashgen.diff.message import message
        from dashgen.tree.read import RenderedTree

        before, after = (RenderedTree(made.environment, files) for files in (made.before, made.after))
        changed = review(made.environment, before, after)
        return cls(made, changed, message(changed, made.first) if made else "")


@contextmanager
def _ready(path: Path | None, text: str) -> Iterator[Callable[[], None]]:
    """Writes the message beside its place, and gives what moves it there: a place that can't be written to is found
    before the tree is. Raises TreeError."""
    import tempfile

    from dashgen.tree.errors import TreeError

    if path is None:
        yield lambda: None
        return
    hint = "give another file --message, or leave it out"
    staged: Path | None = None
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # /dev/stdout, a pipe: nothing to move
            handle = path.open("w", encoding="utf-8")
        elif path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        else:
            number, name = tempfile.mkstemp(prefix=".dashgen-message-", dir=path.parent)
            staged, handle = Path(name), os.fdopen(number, "w", encoding="utf-8")
            staged.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
    except OSError as error:
        if staged:
            staged.unlink()
        raise TreeError(f"the message can't be written to {path}: {error.strerror}", hint) from None

    def put() -> None:
        if staged is None:
            handle.write(text)
            handle.flush()
        else:
            staged.replace(path)

    try:
        with handle:
            if staged is not None:
                handle.write(text)
                handle.flush()
            yield put
    finally:
        if staged is not None:
            staged.unlink(missing_ok=True)


def _tell(told: _Told, path: Path | None, dry_run: bool, output: OutputFormat) -> int:
    from dashgen.diff.message import alerting, variables

    made, changed, text = told.made, told.changed, told.text
    if output is OutputFormat.JSON:
        document = {
            "environment": made.environment,
            "folder": made.folder.as_posix(),
            "dryRun": dry_run,
            "added": made.added,
            "changed": made.changed,
            "removed": made.removed,
            "alertingChanged": changed.alerting_changed,
            "newVariables": changed.new_variables,
            "message": text,
        }
        report.echo_json(document)
    elif text and (path is None or dry_run):
        report.echo(text, nl=False)
    verb = "would write" if dry_run else "wrote"
    counts = f"{len(made.added)} new, {len(made.changed)} changed, {len(made.removed)} removed"
    report.echo(f"{made.environment}: " + (f"{verb} {counts}" if made else "nothing to publish"), err=True)
    report.echo(alerting(changed), err=True)
    if changed.new_variables:
        report.echo(variables(changed), err=True)
    return int(dry_run and bool(made))
