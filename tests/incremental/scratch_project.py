"""A project of several modules that depend on each other in each way that specs do, and random edits of it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

SHARED = """
from dashgen import CustomVariable, Dashboard, DataLink, Link, Row, Stat, TimeSeries

HOST = CustomVariable("host", values=("a", "b"))
UNIT = "ms"

def stat(title, **fields):
    sql = "SELECT timestamp AS time, v AS value FROM t WHERE $__timeFilter(timestamp)"
    return Stat(title, sql, unit=UNIT, description="What to do.", **fields)

def board(uid, title, *panels, **fields):
    return Dashboard(uid=uid, title=title, variables=(HOST,), rows=(Row("All", panels),), **fields)
"""
MODULES = {
    "names": """
        from specs.shared import board, stat

        FIRST = board("names-1", "{text}", stat("A"), stat("B", key="b"))
        SECOND = board("names-2", "{text} too", stat("A"))
        EVERY = (FIRST, SECOND)
        """,
    "listed": """
        from .shared import *

        EVERY = [board(f"listed-{{n}}", f"{text} {{n}}", stat("A")) for n in range(3)]
        """,
    "data": """
        import csv
        import json
        from pathlib import Path

        from specs.shared import board, stat

        HERE = Path(__file__).parent / "files"
        PANELS = [stat(f"Of JSON {{one}}") for one in json.loads((HERE / "panels.json").read_text())]
        with open(HERE / "panels.csv", newline="") as file:
            PANELS += [stat(f"Of CSV {{row[0]}}") for row in csv.reader(file)]
        PANELS += [stat(f"Of SQL {{path.stem}}") for path in sorted(HERE.glob("*.sql"))]
        if (HERE / "optional.txt").exists():
            PANELS.append(stat("Optional"))
        EVERY = (board("data", "{text}", *PANELS),)
        """,
    "conditional": """
        from specs.shared import board, stat

        try:
            from specs.extra import TITLE
        except ImportError:
            TITLE = "No extra"
        EVERY = (board("conditional", f"{text} {{TITLE}}", stat("A")),)
        """,
    "links": """
        from specs import names
        from specs.shared import DataLink, Link, board, stat

        def late():
            from specs.deep.colors import NAME
            return NAME

        HERE = board("links", "{text}",
                     stat("A", links=(Link("To", dashboard=names.FIRST),)),
                     stat(late(), data_links=(DataLink("To", dashboard="names-2", variables={{"host": "a"}}),)))
        EVERY = {{"here": HERE}}
        """,
    "environ": """
        import os

        import beside
        from specs.shared import board, stat

        EVERY = (board("environ", "{text} " + os.environ.get("SCRATCH_STAGE", "none") + beside.NAME, stat("A")),)
        """,
    "generated": """
        import importlib

        EVERY = importlib.import_module("specs.deep.factory").boards("generated", "{text}")
        """,
}
INIT = """
from dashgen import AlertGroup, AlertRule, Environment, Project
{imports}

RULE = AlertRule(uid="rule", title="Rule", panel=names.FIRST["b"], query="SELECT 1 AS value", threshold=1,
                 for_duration="1m", severity="critical", channels=())
PROJECT = Project(
    environments=(Environment("prod"), Environment("local", uid_prefix="{prefix}", grafana="12.3")),
    dashboards=({dashboards}),
    alerts=(AlertGroup("rules", folder="Alerts", rules=(RULE,)),),
)
"""
OTHERS = {
    "specs/shared.py": SHARED,
    "specs/deep/__init__.py": "",
    "specs/deep/colors.py": "NAME = 'Color'\n",
    "specs/deep/factory.py": (
        "from specs.shared import board, stat\n\n"
        "def boards(uid, title):\n    return tuple(board(f'{uid}-{n}', f'{title} {n}', stat('A')) for n in range(2))\n"
    ),
    "beside.py": "NAME = ' beside'\n",
    "specs/files/panels.json": '["a", "b"]',
    "specs/files/panels.csv": "a,1\nb,2\n",
    "specs/files/first.sql": "SELECT 1",
}


class ScratchProject:
    """Files in `folder`; each edit is one of `EDITS`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.environment: dict[str, str] = {}
        self.modules = {name: f"First of {name}" for name in MODULES}
        self.prefix = ""
        self.extra_import = ""
        for path, text in OTHERS.items():
            self.write(path, text)
        for name in MODULES:
            self._write_module(name)
        self._write_init()

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def _write_module(self, name: str) -> None:
        self.write(f"specs/{name}.py", dedent(MODULES[name.partition("_")[0]]).format(text=self.modules[name]))

    def _write_init(self) -> None:
        imports = "".join(f"from specs import {name}\n" for name in self.modules) + self.extra_import
        values = "".join(f"*{name}.EVERY{'.values()' if name == 'links' else ''}, " for name in self.modules)
        self.write("specs/__init__.py", INIT.format(imports=imports, dashboards=values, prefix=self.prefix or "l-"))

    # --- edits: each returns what it did

    def edit(self) -> str:
        return self.random.choice(EDITS)(self)

    def _any(self) -> str:
        return self.random.choice([name for name in self.modules if name != "names"])

    def _text(self) -> str:
        return f"Text {self.random.randrange(10**6)}"

    def retitle(self) -> str:
        name = self.random.choice(list(self.modules))
        self.modules[name] = self._text()
        self._write_module(name)
        return f"retitled {name}"

    def same_time_and_size(self) -> str:
        """An edit that neither the time nor the size of a file tells of."""
        path = self.folder / self.random.choice(["specs/names.py", "specs/files/panels.json", "specs/deep/colors.py"])
        status, text = path.stat(), path.read_text()
        path.write_text(text.swapcase() if path.suffix == ".json" else _other_letter(text))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return f"changed {path.name} within its time and size"

    def touch(self) -> str:
        path = self.random.choice(sorted((self.folder / "specs").rglob("*.*")))
        os.utime(path)
        return f"touched {path.name}"

    def change_helper(self) -> str:
        path = self.random.choice(["specs/deep/colors.py", "beside.py"])
        self.write(path, f"NAME = '{self._text()}'\n")
        return f"changed {path}"

    def change_shared(self) -> str:
        self.write("specs/shared.py", SHARED.replace('"ms"', f'"{self.random.choice(["s", "ms", "percent"])}"'))
        return "changed shared"

    def change_data(self) -> str:
        kind = self.random.choice(["panels.json", "panels.csv"])
        names = [self._text() for _ in range(self.random.randrange(3))]
        text = "[" + ", ".join(f'"{n}"' for n in names) + "]" if kind == "panels.json" else "".join(
            f"{n},1\n" for n in names
        )  # fmt: skip
        self.write(f"specs/files/{kind}", text)
        return f"changed {kind}"

    def change_folder(self) -> str:
        path = self.folder / "specs/files" / self.random.choice(["2.sql", "3.sql", "optional.txt", "other.txt"])
        if path.exists():
            path.unlink()
            return f"removed {path.name}"
        path.write_text("SELECT 2")
        return f"added {path.name}"

    def change_variable(self) -> str:
        self.environment["SCRATCH_STAGE"] = self.random.choice(["one", "two"])
        return "changed a variable of the environment"

    def toggle_extra(self) -> str:
        """A module whose absence another one takes for an answer."""
        path = self.folder / "specs/extra.py"
        if path.exists():
            path.unlink()
            return "removed extra"
        path.write_text(f"TITLE = '{self._text()}'\n")
        return "added extra"

    def add_module(self) -> str:
        name = f"listed_{len(self.modules)}"
        text = MODULES["listed"].replace("listed-", f"{name}-")
        self.modules[name] = self._text()
        self.write(f"specs/{name}.py", dedent(text).format(text=self.modules[name]))
        self._write_init()
        return f"added {name}"

    def remove_module(self) -> str:
        name = self._any()
        del self.modules[name]
        (self.folder / f"specs/{name}.py").unlink()
        self._write_init()
        return f"removed {name}"

    def become_package(self) -> str:
        """The same name in another place."""
        name = self._any()
        path = self.folder / f"specs/{name}.py"
        package = path.with_suffix("")
        if package.is_dir():
            shutil.rmtree(package)
            return f"{name} is a module again"
        package.mkdir()
        (package / "__init__.py").write_text(path.read_text().replace("from .shared", "from specs.shared"))
        return f"{name} is a package"

    def break_module(self) -> str:
        name = self._any()
        path = self.folder / f"specs/{name}.py"
        path.write_text(path.read_text() + self.random.choice(BREAKS))
        return f"broke {name}"

    def mend(self) -> str:
        """Undoes what is broken, and brings back what was removed."""
        for name in MODULES.keys() - self.modules.keys():
            self.modules[name] = self._text()
        for name in MODULES:
            shutil.rmtree(self.folder / "specs" / name, ignore_errors=True)
            self._write_module(name)
        self._write_init()
        return "mended all"

    def unlist(self) -> str:
        """A module that PROJECT does not reach, until the next write of `__init__.py`."""
        path = self.folder / "specs/__init__.py"
        name = self._any()
        path.write_text(path.read_text().replace(f"from specs import {name}\n", "").replace(f"*{name}.EVERY, ", ""))
        return f"unlisted {name}"

    def change_environment(self) -> str:
        self.prefix = self.random.choice(["l-", "local-"])
        self._write_init()
        return "changed the prefix"

    def damage_tree(self) -> str:
        """What a merge or a curious user does to the rendered tree."""
        found = sorted((self.folder / "build").rglob("*.json"))
        if not found:
            return "nothing to damage"
        path = self.random.choice([one for one in found if one.parent.parent.name == "dashboards"] or found)
        if self.random.random() < 0.5:
            path.unlink()
            return f"removed {path.name} of the tree"
        path.write_text(path.read_text().replace('"title"', '"titel"', 1))
        return f"changed {path.name} of the tree"

    def keep_state(self) -> str:
        """Modules that change each other's objects."""
        self.write("specs/deep/registry.py", "FOUND = []\nCOUNT = {}\n")
        self.extra_import = "from specs.deep import registry\n"
        for name in ("names", "listed"):
            path = self.folder / f"specs/{name}.py"
            if path.exists():
                path.write_text(path.read_text() + f"\nfrom specs.deep.registry import FOUND\nFOUND.append('{name}')\n")
        self._write_init()
        return "modules share a list"


def _other_letter(text: str) -> str:
    at = text.index("Text") if "Text" in text else max(text.find("First"), text.find("Color"))
    return text if at < 0 else f"{text[:at]}{'X' if text[at] != 'X' else 'Y'}{text[at + 1 :]}"


BREAKS = (
    "\n1 +\n",
    "\nraise ValueError('broken')\n",
    "\nfrom specs.shared import NOTHING\n",
    "\nEVERY = (*EVERY, board('names-1', 'Twice', stat('A'))) if 'board' in globals() else 1 / 0\n",
    "\nimport sys\nsys.exit(3)\n",
)
EDITS: tuple[Callable[[ScratchProject], str], ...] = (
    *[ScratchProject.retitle] * 4, ScratchProject.same_time_and_size, ScratchProject.same_time_and_size,
    ScratchProject.touch, ScratchProject.change_helper, ScratchProject.change_helper, ScratchProject.change_shared,
    ScratchProject.change_data, ScratchProject.change_data, ScratchProject.change_folder, ScratchProject.change_folder,
    ScratchProject.change_variable, ScratchProject.toggle_extra, ScratchProject.add_module,
    ScratchProject.remove_module, ScratchProject.become_package, ScratchProject.keep_state,
    ScratchProject.break_module, ScratchProject.mend, ScratchProject.unlist,
    ScratchProject.change_environment, ScratchProject.damage_tree,
)  # fmt: skip
