"""ARCHITECTURE.md names what is there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.test_package import ROOMS

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "ARCHITECTURE.md").read_text()


def test_every_module_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|json))`", TEXT))
    assert len(named) >= 20
    gone = [name for name in named if not (ROOT / "dashgen" / name).exists() and not (ROOT / name).exists()]
    assert not gone


def test_every_room_has_a_line() -> None:
    rooms = [room for room in ROOMS if (ROOT / "dashgen" / room).is_dir()]
    assert not [room for room in rooms if f"`{room}/`" not in TEXT]
