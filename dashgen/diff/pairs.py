"""Which trees of two sides are compared with each other."""

from __future__ import annotations

from dashgen.tree.environments import Trees
from dashgen.tree.errors import TreeError
from dashgen.tree.read import RenderedTree


def pairs(base: Trees, head: Trees) -> tuple[dict[str, tuple[RenderedTree, RenderedTree]], tuple[str, ...]]:
    """The environments that both sides have, and what is to be said of the others. Raises TreeError where there are
    none. One environment's own folder compares with whatever the other side has one of."""
    if base.single and head.single:
        (old, files), (new, others) = *base.trees.items(), *head.trees.items()
        return {new if old == new else f"{old} → {new}": (files, others)}, ()
    if base.single and len(head.trees) == 1 and not set(base.trees) & set(head.trees):
        (files,), ((name, others),) = base.trees.values(), head.trees.items()
        return {name: (files, others)}, ()
    common = {name: (base.trees[name], head.trees[name]) for name in base.trees if name in head.trees}
    apart = tuple(
        f"{name} is only in {side.label}"
        for side, other in ((base, head), (head, base))
        for name in side.trees
        if name not in other.trees
    )
    if not common:
        raise TreeError(f"no environment is on both sides: {'; '.join(apart)}", "compare trees of the same environment")
    return common, apart
