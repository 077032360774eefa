"""The HTML around the page's script: for the server, and as one file with everything inside."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

from dashgen import escaping
from dashgen.preview.errors import PreviewError

ASSETS = {"app.js": "text/javascript; charset=utf-8", "app.css": "text/css; charset=utf-8"}
DATA_ID = "dashgen-data"
_INLINE = "font-src data:; img-src data: blob:; style-src 'unsafe-inline'"
"""Grafana's components set styles of elements (emotion), which a policy can only allow as a whole."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def asset(name: str) -> bytes:
    """A built file of the page. Raises PreviewError where it was not built."""
    try:
        return (files("dashgen.preview") / "assets" / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise PreviewError(f"the preview's page lacks {name}", "in a checkout: make ui") from None


def served(theme: str) -> str:
    """What the server answers for every path of the page."""
    return (
        f'<!doctype html><html lang="en" data-theme="{escaping.html(theme)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>dashgen preview</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/app.css"></head>'
        '<body><div id="root"></div><script type="module" src="/assets/app.js"></script></body></html>'
    )


def self_contained(title: str, data: dict[str, Any]) -> str:
    """One file that needs no network: script, style and data inside, the script allowed by its hash."""
    script, style = (asset(name).decode() for name in ASSETS)
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    style = style.replace("</style", "<\\/style")
    policy = f"default-src 'none'; script-src {_hash(script)}; {_INLINE}; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="referrer" content="no-referrer"><title>{escaping.html(title)}</title>'
        f"<style>{style}</style></head>"
        f'<body><div id="root"></div>'
        f'<script type="application/json" id="{DATA_ID}">{escaping.script_json(data)}</script>'
        f'<script type="module">{script}</script></body></html>'
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
