"""`dashgen version`."""

from __future__ import annotations

import typer


def version() -> None:
    """Print the version of dashgen.

    Example: dashgen version
    """
    from dashgen.installation import installation

    typer.echo(installation().version)
