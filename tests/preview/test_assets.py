"""The built page in dashgen/preview/assets is that of the sources in ui/."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UI, ASSETS = ROOT / "ui", ROOT / "dashgen" / "preview" / "assets"


def _recorded() -> dict[str, str]:
    lines = (ASSETS / "build.sha256").read_text().splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _sources() -> list[Path]:
    """In the order of the build: its own files, then `src` by name, folders where their name stands."""

    def walk(folder: Path) -> list[Path]:
        found: list[Path] = []
        for path in sorted(folder.iterdir(), key=lambda p: p.name):
            found += walk(path) if path.is_dir() else [path]
        return found

    return [UI / name for name in ("build.mjs", "notice.mjs", "package-lock.json", "package.json")] + walk(UI / "src")


def test_the_assets_were_built_from_these_sources() -> None:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(UI).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    assert digest.hexdigest() == _recorded()["sources"], "run: make ui"


@pytest.mark.parametrize("name", ["app.js", "app.css", "NOTICE"])
def test_an_asset_is_what_the_build_made(name: str) -> None:
    assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == _recorded()[name], "run: make ui"


def test_the_assets_are_below_a_megabyte_compressed() -> None:
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in ASSETS.iterdir()) < 1_000_000


def test_the_lock_names_no_address() -> None:
    lock = json.loads((UI / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry or "integrity" not in entry] == []


def test_grafanas_packages_are_pinned() -> None:
    wanted = json.loads((UI / "package.json").read_text())
    every = wanted["dependencies"] | wanted["devDependencies"]
    assert {every[f"@grafana/{name}"] for name in ("data", "schema", "ui")} == {"13.2.3"}
    assert [name for name, version in every.items() if not version[0].isdigit()] == []


def test_the_notice_names_the_packages_of_the_page_with_their_licences() -> None:
    text = (ASSETS / "NOTICE").read_text()
    for name in (
        "@grafana/ui 13.2.3 (Apache-2.0)",
        "react 19.3.1 (MIT)",
        "uplot 1.6.32 (MIT)",
        "inter-ui 4.1.1 (OFL-1.1)",
    ):
        assert name in text, name
    assert "SIL OPEN FONT LICENSE" in text
    assert "AGPL" not in text


def test_the_page_evaluates_no_text() -> None:
    script = (ASSETS / "app.js").read_text()
    # lodash looks for the global object; where `globalThis` is known, it never gets as far as this
    assert script.replace('Function("return this")()', "").count("new Function(") == 0
    assert "sourceMappingURL" not in script
