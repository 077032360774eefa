"""Compose files as Compose reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest

from dashgen.deploy.compose import ComposeError, ComposeFile, ComposeProject, Service, read, source
from dashgen.deploy.env_file import EnvFileError, entries
from dashgen.deploy.interpolation import InterpolationError, interpolate

SHELL = {"SET": "x", "EMPTY": "", "TAG": "12.3.1"}


def services(
    text: str, folder: Path = Path("/srv"), environ: Mapping[str, str] = SHELL, *others: str
) -> ComposeProject:
    texts = [ComposeFile(f"{number}.yaml", dedent(one)) for number, one in enumerate((text, *others))]
    return read(texts, folder, environ)


def grafana(body: str, folder: Path = Path("/srv"), environ: Mapping[str, str] = SHELL, more: str = "") -> Service:
    lines = "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())
    return services(f"services:\n  grafana:\n{lines}{dedent(more)}", folder, environ).services["grafana"]


@pytest.mark.parametrize(
    ("text", "value", "unset", "required"),
    [
        ("a$$b", "a$b", (), ()),
        ("$SET-${SET}", "x-x", (), ()),
        ("${NO}", "", ("NO",), ()),
        ("${NO:-d}${NO-e}", "de", (), ()),
        ("${EMPTY:-d}|${EMPTY-e}", "d|", (), ()),
        ("${SET:-d}", "x", (), ()),
        ("${NO:-${SET}}", "x", (), ()),
        ("${NO:-${ALSO}}", "", ("ALSO",), ()),
        ("${SET:-${ALSO}}", "x", (), ()),
        ("${SET:+y}${NO:+y}${EMPTY+z}", "yz", (), ()),
        ("${NO:?is not set}", "", (), ("NO",)),
        ("${EMPTY:?is empty}${EMPTY?}", "", (), ("EMPTY",)),
        ("${SET:?}", "x", (), ()),
        ("${NO:-a}b}", "ab}", (), ()),
    ],
)
def test_interpolation(text: str, value: str, unset: tuple[str, ...], required: tuple[str, ...]) -> None:
    found = interpolate(text, SHELL)
    assert (found.value, found.unset, found.required) == (value, unset, required)


@pytest.mark.parametrize("text", ["$", "a$ b", "${", "${SET", "${SET:-", "${1}", "${SET!}", "$(x)", "${NO:-$}"])
def test_what_compose_refuses_to_interpolate(text: str) -> None:
    with pytest.raises(InterpolationError):
        interpolate(text, SHELL)


def test_files_of_variables() -> None:
    text = dedent("""\
        # a comment
        PLAIN=a b # and a comment
        export EXPORTED = c
        SINGLE='$SET # ${NO}'
        DOUBLE="a\\"b\\n$SET"
        CUT=pa$word
        BEFORE=${PLAIN}!
        MANY="one
        two"
        SET
        EMPTY_ONE=
        """)
    found = entries(text, SHELL)
    assert {name: entry.value for name, entry in found.items()} == {
        "PLAIN": "a b",
        "EXPORTED": "c",
        "SINGLE": "$SET # ${NO}",
        "DOUBLE": 'a"b\nx',
        "CUT": "pa",
        "BEFORE": "a b!",
        "MANY": "one\ntwo",
        "SET": "x",
        "EMPTY_ONE": "",
    }
    assert (found["CUT"].lost, found["CUT"].line, found["EMPTY_ONE"].line) == (("word",), 6, 11)


@pytest.mark.parametrize(("text", "line"), [("A=1\nhunter2 is mine\n", 2), ("A='never closed\nB=2\n", 1), ("=x", 1)])
def test_a_line_that_sets_nothing_is_named_and_not_repeated(text: str, line: int) -> None:
    with pytest.raises(EnvFileError) as error:
        entries(text, {})
    assert error.value.line == line
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("item", "kind", "source_", "target", "read_only"),
    [
        ("- ./a:/b", "bind", "/srv/a", "/b", False),
        ("- ../a/:/b/:ro", "bind", "/a", "/b", True),
        ("- /a:/b:z,ro", "bind", "/a", "/b", True),
        ("- data:/b", "volume", "data", "/b", False),
        ("- tree:/b:ro", "bind", "/srv/tree", "/b", True),
        ("- /b", "anonymous", "", "/b", False),
        ("- ${NO:-./a}:/b:ro", "bind", "/srv/a", "/b", True),
        ("- {type: bind, source: a, target: /b, read_only: true}", "bind", "/srv/a", "/b", True),
        ("- {type: volume, source: data, target: /b}", "volume", "data", "/b", False),
        ("- {type: volume, target: /b}", "anonymous", "", "/b", False),
        ("- {type: volume, source: data, target: /b, volume: {subpath: x}}", "other", "data", "/b", False),
        ("- {type: tmpfs, target: /b}", "tmpfs", "", "/b", False),
    ],
)
def test_mounts(item: str, kind: str, source_: str, target: str, read_only: bool) -> None:
    volumes = """\
        volumes:
          data:
          tree: {driver_opts: {type: none, o: "bind,ro", device: ./tree}}
        """
    (mount,) = grafana(f"volumes:\n  {item}", more=volumes).mounts.values()
    expected = (kind, source_, PurePosixPath(target), read_only)
    assert (mount.kind, mount.source, mount.target, mount.read_only) == expected
    assert (mount.place.line, mount.place.column) == (4, 9)


def test_a_home_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    (mount,) = grafana("volumes: ['~/tree:/b']").mounts.values()
    assert mount.source == "/home/me/tree"


def test_variables_come_from_all_sides(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DOTENV=d\nSET=of the file\n")
    (tmp_path / "one.env").write_text("A=1\nB=1\nC='x$y'\n")
    (tmp_path / "two.env").write_text("B=2\n")
    one = grafana(
        """
        env_file: [one.env, {path: two.env}, {path: gone.env, required: false}]
        environment:
          - C=3
          - SET
          - DOTENV
          - UNSET
          - LOST=${NOWHERE}
          - NEEDED=${NOWHERE:?}
          - "EQUALS=a=b"
        """,
        tmp_path,
    )
    values = {name: one.text(name) for name in ("A", "B", "C", "SET", "DOTENV", "UNSET", "LOST", "EQUALS")}
    assert values == {"A": "1", "B": "2", "C": "3", "SET": "x", "DOTENV": "d", "UNSET": "", "LOST": "", "EQUALS": "a=b"}
    found = {name: one.variable(name) for name in ("A", "C", "SET", "UNSET", "LOST", "NEEDED")}
    origins = {name: value.origin for name, value in found.items() if value}
    assert origins == {
        "A": "env_file",
        "C": "file",
        "SET": "variable",
        "UNSET": "variable",
        "LOST": "file",
        "NEEDED": "variable",
    }
    assert found["NEEDED"] is not None
    assert found["NEEDED"].value is None
    assert found["LOST"] is not None
    assert found["LOST"].unset == ("NOWHERE",)
    (gone,) = one.missing_files
    assert (gone.path, gone.required) == (tmp_path / "gone.env", False)


def test_a_mapping_of_variables_takes_numbers_booleans_and_nothing() -> None:
    one = grafana("environment: {A: 1, B: true, SET: , D: ''}")
    assert [one.text(name) for name in ("A", "B", "SET", "D")] == ["1", "true", "x", ""]


def test_anchors_and_merge_keys() -> None:
    project = services("""
        x-common: &common
          restart: always
          environment: &variables {A: "1", B: "1"}
        services:
          grafana:
            <<: *common
            image: grafana/grafana:${TAG}
            environment:
              <<: *variables
              B: "2"
          other: *common
        """)
    one = project.services["grafana"]
    assert one.image is not None
    assert (one.image.value, one.text("A"), one.text("B")) == ("grafana/grafana:12.3.1", "1", "2")
    assert project.services["other"].text("B") == "1"


def test_a_later_file_goes_over_an_earlier_one() -> None:
    first = """
        services:
          grafana:
            image: grafana/grafana:12.3.0
            environment: {A: "1", B: "1"}
            volumes: ["./a:/a", "./b:/b"]
        """
    second = """
        services:
          grafana:
            environment: ["B=2"]
            volumes: ["./other:/b:ro"]
          more: {image: x}
        """
    project = services(first, Path("/srv"), SHELL, second)
    one = project.services["grafana"]
    assert one.image is not None
    assert one.image.value == "grafana/grafana:12.3.0"
    assert (one.text("A"), one.text("B")) == ("1", "2")
    assert {str(target): mount.source for target, mount in one.mounts.items()} == {"/a": "/srv/a", "/b": "/srv/other"}
    assert one.mounts[PurePosixPath("/b")].place.file == "1.yaml"
    assert set(project.services) == {"grafana", "more"}


def test_names_and_networks() -> None:
    one = grafana("""
        container_name: g1
        hostname: g2
        networks: {inner: {aliases: [g3]}, outer: }
        extra_hosts: ["db:10.0.0.1", "other=10.0.0.2"]
        profiles: [monitoring]
        user: "1000:1000"
        """)
    assert one.names == {"grafana", "g1", "g2"}
    assert one.networks == {"inner": ("g3",), "outer": ()}
    assert one.extra_hosts == {"db", "other"}
    assert (one.profiles, one.user) == (("monitoring",), "1000:1000")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "0.yaml:1:1: expected a mapping with `services:`"),
        ("- a", "0.yaml:1:1: expected a mapping with `services:`"),
        ("services: [", "0.yaml:2:1: is not valid YAML"),
        ("a: 1\n---\nb: 2", "is not valid YAML"),
        ("services: {}", "0.yaml: there are no services"),
        ("services: x", "0.yaml:1:1: services: expected a mapping, got a text"),
        ("services: {a: 3}", "services.a: expected a mapping, got a number"),
        ("services: {a: {image: [x]}}", "services.a.image: expected a text, got a list"),
        ("services: {a: {image: '${'}}", "services.a.image: Compose refuses it: the '${' at character 1 names no"),
        ("services: {a: {volumes: x}}", "services.a.volumes: expected a list, got a text"),
        ("services: {a: {volumes: [3]}}", "expected an absolute path in the container, got '3'"),
        ("services: {a: {volumes: ['a:b:c:d']}}", "expected SOURCE:TARGET or SOURCE:TARGET:ro, got 'a:b:c:d'"),
        ("services: {a: {volumes: ['./a:']}}", "expected SOURCE:TARGET or SOURCE:TARGET:ro, got './a:'"),
        ("services: {a: {volumes: [{source: x, target: /y}]}}", "services.a.volumes.0: expected a type"),
        ("services: {a: {volumes: [{type: bind, source: x}]}}", "services.a.volumes.0: expected a target"),
        ("services: {a: {environment: [3]}}", "services.a.environment.0: expected a text such as NAME=value"),
        ("services: {a: {environment: {B: {c: hunter2}}}}", "services.a.environment.B: expected a text, got a mapping"),
        ("services: {a: {env_file: [{required: true}]}}", "services.a.env_file.0: expected a path"),
        ("services: {a: {extends: b}}", "services.a.extends: `extends` is not read here"),
        ("include: [x.yaml]\nservices: {a: {}}", "include: `include` is not read here"),
        ("services: {a: {ports: !reset []}}", "services.a.ports: the tag !reset is not read here"),
        ("services: {a: &a {b: *a}}", "*a refers to what it stands in"),
        ("services: {a: {<<: 3}}", "expected a mapping to merge"),
        ("services: {a: 1, a: 2}", "the key 'a' is there twice"),
        ("services: {? [a] : 1}", "a text that begins with '{' or '[' must be in quotes"),
    ],
)
def test_what_is_no_compose_file_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(ComposeError) as error:
        services(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert "hunter2" not in str(error.value)
    assert error.value.hint


def test_aliases_that_multiply_end(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    with pytest.raises(ComposeError, match="more than 200000 values"):
        services("\n".join(lines))
    lines = ["m0: &m0 {k: v}", "n0: &n0 {k: v}"]
    lines += [f"{x}{n}: &{x}{n} {{<<: [*m{n - 1}, *n{n - 1}]}}" for n in range(1, 40) for x in "mn"]
    assert services("\n".join([*lines, "services: {a: {image: x}}"])).services["a"].image is not None


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ComposeError, match="can't be read: No such file"):
        source(tmp_path / "gone.yaml")
    with pytest.raises(ComposeError, match="can't be read: it is a folder"):
        source(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ComposeError, match="is not UTF-8"):
        source(tmp_path / "binary")
    (tmp_path / "huge").write_bytes(b"#" * 2_000_001)
    with pytest.raises(ComposeError, match="has more than 2,000,000 bytes"):
        source(tmp_path / "huge")
    (tmp_path / ".env").write_text("hunter2\n= x\n")
    with pytest.raises(ComposeError, match=r"\.env:2: is not NAME=value"):
        services("services: {a: {image: x}}", tmp_path)
