from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

from dashgen.model.generated.colors import COLOR_NAMES
from dashgen.model.generated.reducers import REDUCERS
from dashgen.model.generated.refresh import REFRESH_INTERVALS
from dashgen.model.generated.units import UNITS
from dashgen.schema import generate
from dashgen.schema.validate import SCHEMA_NAMES, SchemaName, schema


@pytest.mark.parametrize("relative", sorted(generate.files()))
def test_committed_files_are_what_generation_gives(relative: str) -> None:
    committed = (generate.PACKAGE / relative).read_text(encoding="utf-8")
    assert committed == generate.files()[relative], "run `make generated`"


def test_only_what_changed_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {"schema/a.json": "{}\n", "model/b.py": "B = 1\n"}
    monkeypatch.setattr(generate, "PACKAGE", tmp_path)
    monkeypatch.setattr(generate, "files", lambda: texts)
    for relative in texts:
        (tmp_path / relative).parent.mkdir()
    assert generate.main() == 0
    assert capsys.readouterr().err == "wrote dashgen/schema/a.json\nwrote dashgen/model/b.py\n"
    before = (tmp_path / "schema/a.json").stat().st_mtime_ns
    texts["model/b.py"] = "B = 2\n"
    generate.main()
    assert capsys.readouterr().err == "wrote dashgen/model/b.py\n"
    assert (tmp_path / "model/b.py").read_text() == "B = 2\n"
    assert (tmp_path / "schema/a.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_schema_is_itself_valid(name: SchemaName) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_reference_leads_somewhere_and_no_definition_is_idle(name: SchemaName) -> None:
    whole = schema(name)
    used = set()
    waiting: list[object] = [whole]
    while waiting:
        match waiting.pop():
            case dict() as node:
                if isinstance(node.get("$ref"), str):
                    used.add(node["$ref"].removeprefix("#/$defs/"))
                waiting.extend(node.values())
            case list() as nodes:
                waiting.extend(nodes)
    assert used == set(whole.get("$defs", {}))


def test_every_schema_file_has_a_name() -> None:
    files = {path.name.removesuffix(".schema.json") for path in (generate.PACKAGE / "schema").glob("*.json")}
    assert files == set(get_args(SchemaName))


def test_vocabularies() -> None:
    assert {"none", "short", "s", "ms", "bytes", "reqps", "percentunit"} <= UNITS
    assert {"", "5s", "1m", "1d"} <= REFRESH_INTERVALS
    assert {"lastNotNull", "mean", "p99"} <= REDUCERS
    assert {"red", "semi-dark-blue", "super-light-purple", "transparent", "text"} <= COLOR_NAMES


def test_validating_imports_neither_the_sdk_nor_what_explains() -> None:
    code = (
        "import sys\n"
        "from dashgen.schema.validate import validate\n"
        "assert not {'jsonschema', 'jsonschema_rs'} & set(sys.modules)\n"
        "assert validate('published', {'format': 2, 'published': ['~']}) == []\n"
        "assert not {'jsonschema', 'grafana_foundation_sdk'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=generate.PACKAGE.parent)
