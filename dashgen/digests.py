"""What stands for a content in a cache: another content has another digest."""

from __future__ import annotations

import hashlib


def bytes_digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def digest(*texts: str) -> str:
    """Of texts, in their order."""
    return bytes_digest("\0".join(texts).encode("utf-8", "surrogatepass"))
