"""`dashgen version`."""

from __future__ import annotations

import typer


def version() -> None:
    """Print the version of dashgen.

    Example: dashgen version
    """
    from importlib.metadata import version as of

    typer.echo(of("dashgen"))
