"""The group that `dashgen` is: a verb's module is imported when it is run, or when the help of all is asked for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from dashgen.cli import report


class Verb(NamedTuple):
    """Where a verb is: `module:name` below dashgen.cli, of a function or of a `typer.Typer` with verbs of its own."""

    place: str
    further_options: bool = False
    """Whether it takes options that it does not declare: those are passed on."""

    def _imported(self) -> Any:
        module, _, attribute = self.place.partition(":")
        return getattr(import_module(f"dashgen.cli.{module}"), attribute)

    def help(self) -> str:
        """Its help text, without making its options."""
        found = self._imported()
        return inspect.cleandoc(str(found.info.help if isinstance(found, typer.Typer) else found.__doc__))

    def command(self, name: str) -> Any:
        """Its command."""
        command: Any  # of the click that typer has a copy of
        found = self._imported()
        if isinstance(found, typer.Typer):
            command = get_group(found)
        else:
            app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            extra = {"allow_extra_args": True, "ignore_unknown_options": True} if self.further_options else None
            app.command(name, context_settings=extra)(found)
            command = get_command(app)
        command.name = name
        return command


class VerbCommands(Mapping[str, Any]):
    """The commands of verbs by name, each made when it is asked for."""

    def __init__(self, verbs: Mapping[str, Verb]) -> None:
        self.verbs = verbs

    def __getitem__(self, name: str) -> Any:
        return self.verbs[name].command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.verbs)

    def __len__(self) -> int:
        return len(self.verbs)


class Group(TyperGroup):
    """A group of `verbs`. What dashgen can't do is said here, unless a verb has more to say."""

    verbs: ClassVar[Mapping[str, Verb]]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = VerbCommands(self.verbs)  # type: ignore[assignment]  # a dict to click, which only reads it

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The help of all needs no options of verbs: making them takes as long as the rest of it."""
        commands: Any = {name: TyperCommand(name, help=verb.help()) for name, verb in self.verbs.items()}
        TyperGroup(commands=commands).format_commands(ctx, formatter)

    def invoke(self, ctx: Any) -> object:
        try:
            return super().invoke(ctx)
        except Exception as why:
            from dashgen.model.core.problems import DashgenError

            if isinstance(why, OSError):
                raise typer.Exit(report.no_access(why)) from None
            if not isinstance(why, DashgenError):
                _without_logins(why)
                raise
            raise typer.Exit(report.refused(why)) from None


def _without_logins(why: Any) -> None:
    """Of what click says of the arguments: its errors are those with a context."""
    if hasattr(why, "ctx") and isinstance(getattr(why, "message", None), str):
        why.message = report.without_logins(why.message)
