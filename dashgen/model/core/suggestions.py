"""How errors say what could have been meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: object) -> str:
    """The known word that is most like it, or nothing."""
    from difflib import get_close_matches

    if not isinstance(known, (list, tuple, set, frozenset, dict)):
        return ""
    near = get_close_matches(word, [str(k) for k in known], n=1, cutoff=0.6)
    if near:
        return near[0]
    folded = {str(k).casefold(): str(k) for k in known}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.75)
    return folded[near[0]] if near else ""


def did_you_mean(word: str, known: object) -> str:
    """`did you mean 'unit'?` for the nearest known word, or nothing."""
    near = nearest(word, known)
    return f"did you mean {near!r}?" if near else ""


LISTED = 5
"""No error lists more of what could have been meant."""


def listed(names: Iterable[str], word: str = "") -> str:
    """`a, b, c, d, e and 12 more`: those first that are like `word`, the others in their order; `none` of nothing."""
    every = list(dict.fromkeys(names))
    if len(every) > LISTED and word:
        from difflib import SequenceMatcher

        every.sort(key=lambda name: -round(SequenceMatcher(None, word.casefold(), name.casefold()).ratio(), 1))
    more = f" and {len(every) - LISTED} more" if len(every) > LISTED else ""
    return ", ".join(every[:LISTED]) + more if every else "none"


def nearest_or_all(word: str, known: Iterable[str], what: str = "there are") -> str:
    """`did you mean 'unit'?`, or what there is where none is near."""
    names = sorted(known)
    return did_you_mean(word, names) or f"{what} {listed(names, word)}"


def article(word: str) -> str:
    return "an" if word[:1] in tuple("AEIOU") else "a"
