"""The rendered tree that a deployment is held against."""

from __future__ import annotations

from pathlib import Path

from dashgen.tree import paths, writer
from dashgen.tree.errors import TreeError
from dashgen.tree.read import RenderedTree


def rendered(folder: Path, environment: str) -> RenderedTree:
    """The tree in a folder. Raises TreeError where there is none, and for one that is damaged."""
    if not (folder / paths.LEDGER).is_file():
        raise TreeError(f"{folder} is not a rendered tree", f"render it: dashgen build --env {environment}")
    writer.ledger(folder)
    tree = RenderedTree.read(folder, environment)
    tree.check()
    _ = tree.needs
    return tree
