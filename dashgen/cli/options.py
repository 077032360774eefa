"""Options that several verbs have, so that they mean the same everywhere."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer


class OutputFormat(enum.StrEnum):
    """How a verb's result is written to stdout."""

    TEXT = "text"
    JSON = "json"


Specs = Annotated[Path, typer.Option("--specs", help="The package that exports PROJECT.", metavar="DIR")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the rendered trees: DIR/<environment>/.", metavar="DIR")]
Env = Annotated[list[str] | None, typer.Option("--env", help="Only this environment (repeatable).", metavar="NAME")]
Format = Annotated[OutputFormat, typer.Option("--format", help="text or json.")]
Timeout = Annotated[float, typer.Option("--load-timeout", help="Seconds to wait for the specs to load.", min=0.1)]
