"""`dashgen version`, and the option of the same name."""

from __future__ import annotations

import typer


def installed() -> str:
    """The version of dashgen that runs."""
    from dashgen.installation import installation

    return installation().version


def version() -> None:
    """Print the version of dashgen.

    Example: dashgen version
    """
    typer.echo(installed())


def tell(asked: bool) -> None:
    """Prints it with the program's name before it, as other programs do, and ends the run."""
    if asked:
        typer.echo(f"dashgen {installed()}")
        raise typer.Exit
