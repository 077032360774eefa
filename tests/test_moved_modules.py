from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import dashgen
from dashgen.moved_modules import MOVED, RENAMED


@pytest.mark.parametrize("path", MOVED)
def test_an_earlier_path_has_the_names_of_its_module(path: str) -> None:
    before, now = importlib.import_module(f"dashgen.{path}"), importlib.import_module(f"dashgen.{MOVED[path]}")
    public = {name: value for name, value in vars(now).items() if not name.startswith("_")}
    assert public.items() <= vars(before).items()
    for name, renamed in RENAMED.get(MOVED[path], {}).items():
        assert getattr(before, name) is getattr(now, renamed)


def test_what_authors_import_is_the_same_object_by_any_path() -> None:
    earlier = {now: path for path, now in MOVED.items()}
    found = 0
    for name, module in dashgen.MODULES.items():
        if path := earlier.get(module.removeprefix("dashgen.")):
            assert getattr(importlib.import_module(f"dashgen.{path}"), name) is getattr(dashgen, name)
            found += 1
    assert found > 80


@pytest.mark.parametrize("path", ["dashgen.model.tabel", "dashgen.lint.nothing", "dashgen.nothing"])
def test_a_path_that_never_was_is_not_found(path: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=path):
        importlib.import_module(path)


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, dashgen; sys.exit(any(name.startswith('dashgen.model') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
