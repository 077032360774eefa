"""`dashgen deploy check`: the shipped Compose file is broken in one way at a time, and that is what is said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashgen import Environment
from dashgen.deploy.check import check
from dashgen.deploy.compose import ComposeError, ComposeFile, read
from dashgen.deploy.deployment import Deployment, grafana_service
from dashgen.deploy.finding import DeployFinding
from dashgen.deploy.rendered_tree import rendered
from dashgen.tree.errors import TreeError
from dashgen.tree.read import RenderedTree
from specs.environments import LOCAL, PROD
from tests.command_server import run_command
from tests.deploy.test_shipped import SET
from tests.scratch import dashgen
from tests.tree_snapshot import ROOT, TREE

SHIPPED = (ROOT / "deploy/compose.yaml").read_text()
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def tree() -> RenderedTree:
    return rendered(TREE, "prod")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What was published: a copy of the tree in a folder that another checkout has."""
    folder = tmp_path / "published"
    shutil.copytree(TREE, folder)
    return folder


def judged(
    tree: RenderedTree, text: str, environ: Mapping[str, str] = SET, environment: Environment = PROD,
    folder: Path = ROOT / "deploy", elsewhere: Mapping[str, Path] | None = None,
) -> list[DeployFinding]:  # fmt: skip
    project = read([ComposeFile("compose.yaml", text)], folder, environ)
    return check(Deployment(tree, environment, project, grafana_service(project, None), elsewhere or {}))


def changed(change: Change) -> str:
    data = yaml.safe_load(SHIPPED)
    change(data["services"])
    return yaml.safe_dump(data)


def codes(found: list[DeployFinding]) -> list[str]:
    return sorted({one.code for one in found})


def test_the_shipped_file_has_nothing(tree: RenderedTree) -> None:
    assert judged(tree, SHIPPED) == []


def grafana(**fields: Any) -> Change:
    return lambda services: services["grafana"].update(fields)


def variable(service: str, name: str, value: Any) -> Change:
    return lambda services: services[service]["environment"].update({name: value})


def unset(service: str, name: str) -> Change:
    return lambda services: services[service]["environment"].pop(name)


def volume(index: int, **fields: Any) -> Change:
    return lambda services: services["grafana"]["volumes"][index].update(fields)


def volumes(*items: Any) -> Change:
    return grafana(volumes=["grafana:/var/lib/grafana", *items])


def listed(services: dict[str, Any], name: str, other: str) -> list[str]:
    """Grafana's variables as a list, one of them misspelt and handed on from the shell."""
    return [other if key == name else f"{key}={value}" for key, value in services["grafana"]["environment"].items()]


SYNC = "GF_PLUGINS_PREINSTALL_SYNC"
PROVISIONING, DASHBOARDS = "/etc/grafana/provisioning", "/etc/grafana/dashgen/dashboards"
GOOD = (f"../build/prod/provisioning:{PROVISIONING}:ro", f"../build/prod/dashboards:{DASHBOARDS}:ro")
CASES: dict[str, tuple[Change, list[str], str]] = {
    "short syntax is fine": (volumes(*GOOD), [], ""),
    "the parts of provisioning one by one are fine": (
        volumes(
            *(
                f"../build/prod/provisioning/{p}:{PROVISIONING}/{p}:ro"
                for p in ("alerting", "dashboards", "datasources")
            ),
            GOOD[1],
        ),
        [],
        "",
    ),
    "the whole tree where dashboards_path has it is fine": (
        volumes(GOOD[0], "../build/prod:/etc/grafana/dashgen:ro"),
        [],
        "",
    ),
    "no dashboards": (
        volumes(GOOD[0]),
        ["not-mounted"],
        "- ../build/prod/dashboards:/etc/grafana/dashgen/dashboards:ro",
    ),
    "no provisioning": (volumes(GOOD[1]), ["not-mounted"], "- ../build/prod/provisioning:/etc/grafana/provisioning:ro"),
    "nothing": (volumes(), ["not-mounted"], "find no datasources, dashboards and alert rules"),
    "dashboards at another path": (volume(2, target="/dashboards"), ["not-mounted"], DASHBOARDS),
    "only one folder of dashboards": (
        volumes(GOOD[0], f"../build/prod/dashboards/daemons:{DASHBOARDS}/daemons:ro"),
        ["not-mounted"],
        f"{DASHBOARDS}/_restart-guard",
    ),
    "alerting is left out": (
        volumes(
            *(f"../build/prod/provisioning/{p}:{PROVISIONING}/{p}:ro" for p in ("dashboards", "datasources")), GOOD[1]
        ),
        ["not-mounted"],
        f"{PROVISIONING}/alerting",
    ),
    "the two are swapped": (
        volumes(f"../build/prod/dashboards:{PROVISIONING}:ro", f"../build/prod/provisioning:{DASHBOARDS}:ro"),
        ["source-missing"],
        "has no alerting, dashboards, datasources",
    ),
    "one level too deep": (
        volumes(GOOD[0], f"../build/prod/dashboards/daemons:{DASHBOARDS}:ro"),
        ["source-missing"],
        "dashboards/daemons has no daemons",
    ),
    "another environment's": (
        volumes(GOOD[0].replace("prod", "nope"), GOOD[1]),
        ["source-missing"],
        "Docker would make an empty folder, and Grafana find nothing at /etc/grafana/provisioning/alerting",
    ),
    "relative to another folder": (
        volumes(*(g.removeprefix("../") for g in GOOD)),
        ["volume-unknown"],
        "a path begins with ./",
    ),
    "missing, and Docker must not make it": (
        volume(1, source="../build/nope"),
        ["source-missing"],
        "the container would not start",
    ),
    "writable": (
        volumes(GOOD[0].removesuffix(":ro"), GOOD[1]),
        ["mount-writable"],
        "expected the rendered tree mounted",
    ),
    "writable in the long syntax": (volume(2, read_only=False), ["mount-writable"], ""),
    "a named volume": (volumes(GOOD[0], f"questdb:{DASHBOARDS}:ro"), ["not-verified"], "the volume 'questdb' holds"),
    "a tmpfs": (volumes(GOOD[0], {"type": "tmpfs", "target": DASHBOARDS}), ["mount-empty"], "a tmpfs is empty"),
    "an anonymous volume": (volumes(GOOD[0], DASHBOARDS), ["mount-empty"], "a new volume is empty"),
    "a file": (
        volumes(*GOOD, f"../build/prod/provisioning/datasources/dashgen.yaml:{PROVISIONING}/datasources:ro"),
        ["mount-file"],
        "by a rename",
    ),
    "a mount inside a read-only one": (
        volumes(*GOOD, f"./mine:{PROVISIONING}/plugins:ro"),
        ["mount-point"],
        "has no plugins",
    ),
    "another folder for provisioning": (
        variable("grafana", "GF_PATHS_PROVISIONING", "/prov"),
        ["not-mounted"],
        "/prov/alerting",
    ),
    "an image without a tag": (grafana(image="grafana/grafana"), ["image-not-pinned"], "got no tag"),
    "the latest image": (grafana(image="grafana/grafana:latest"), ["image-not-pinned"], "got the tag 'latest'"),
    "only a major version": (grafana(image="grafana/grafana:12"), ["image-not-pinned"], "grafana/grafana:12.3.0"),
    "a newer Grafana": (
        grafana(image="registry.example.org:5000/grafana/grafana:12.4.1-ubuntu"),
        ["image-version"],
        "expected Grafana 12.3",
    ),
    "an image that is gone": (
        grafana(image="grafana/grafana-oss:12.4.0"),
        ["image-gone", "image-version"],
        "no images from 12.4 on",
    ),
    "a digest": (grafana(image=f"grafana/grafana@sha256:{'0' * 64}"), ["image-digest"], "does not show the version"),
    "a tag and a digest": (grafana(image=f"grafana/grafana:12.3.0@sha256:{'0' * 64}"), [], ""),
    "a tag from a variable with a default": (grafana(image="grafana/grafana:${GRAFANA_TAG:-12.3.2}"), [], ""),
    "a variable is left out": (
        unset("grafana", "TELEGRAM_BOT_TOKEN"),
        ["variable-missing"],
        "as telegram needs bottoken",
    ),
    "a variable is misspelt in the shell": (
        variable("grafana", "WATCHDOG_URL", "${WATCHDOG_ULR}"),
        ["variable-empty"],
        "as WATCHDOG_ULR is set neither in",
    ),
    "a variable that the shell lacks is handed on": (
        lambda s: s["grafana"].update(environment=listed(s, "ON_CALL_EMAIL", "ON_CALL_EMIAL")),
        ["variable-missing"],
        "ON_CALL_EMAIL",
    ),
    "a secret in the file": (
        variable("grafana", "TELEGRAM_BOT_TOKEN", "123456:hunter2hunter2hunter2"),
        ["variable-in-clear"],
        "readable for everybody with access to it",
    ),
    "an address in the file": (
        variable("grafana", "DISCORD_WEBHOOK_URL", "https://d.example.org/hunter2"),
        ["variable-in-clear"],
        "",
    ),
    "a mail address in the file is fine": (variable("grafana", "ON_CALL_EMAIL", "on-call@example.org"), [], ""),
    "a value that can't be right": (
        variable("grafana", "TELEGRAM_CHAT_ID", "hunter2"),
        ["variable-wrong"],
        "expected a chat's number",
    ),
    "no plugin": (
        unset("grafana", "GF_PLUGINS_PREINSTALL_SYNC"),
        ["plugin-missing"],
        "GF_PLUGINS_PREINSTALL_SYNC: questdb-questdb-datasource@0.1.8",
    ),
    "another plugin": (variable("grafana", SYNC, "grafana-clock-panel@2.1.3"), ["plugin-missing"], "is not installed"),
    "among others": (variable("grafana", SYNC, "grafana-clock-panel@2.1.3, questdb-questdb-datasource@0.1.7"), [], ""),
    "a plugin without a version": (
        variable("grafana", SYNC, "questdb-questdb-datasource"),
        ["plugin-not-pinned"],
        "takes the newest",
    ),
    "a plugin that is disabled": (
        variable("grafana", "GF_PLUGINS_DISABLE_PLUGINS", "a questdb-questdb-datasource"),
        ["plugin-disabled"],
        "is disabled",
    ),
    "preinstalling is disabled": (
        variable("grafana", "GF_PLUGINS_PREINSTALL_DISABLED", True),
        ["plugin-disabled"],
        "preinstalling is disabled",
    ),
    "a plugin that comes late": (
        lambda s: s["grafana"]["environment"].update(
            GF_PLUGINS_PREINSTALL=s["grafana"]["environment"].pop("GF_PLUGINS_PREINSTALL_SYNC")
        ),
        ["plugin-late"],
        "until then alert rules are in the state Error",
    ),
    "the older variable": (
        lambda s: s["grafana"]["environment"].update(
            GF_INSTALL_PLUGINS="x,questdb-questdb-datasource 0.1.8", GF_PLUGINS_PREINSTALL_SYNC=""
        ),
        [],
        "",
    ),
    "QuestDB by another name": (
        lambda s: s.update(db=s.pop("questdb")),
        ["datasource-host"],
        "'questdb', and no service here",
    ),
    "QuestDB by an alias": (
        lambda s: (s.update(db=s.pop("questdb")), s["db"].update(networks={"default": {"aliases": ["questdb"]}})),
        [],
        "",
    ),
    "QuestDB outside of this file": (
        lambda s: (s.pop("questdb"), s["grafana"].update(extra_hosts=["questdb:10.0.0.1"])),
        [],
        "",
    ),
    "no network in common": (
        lambda s: s["questdb"].update(networks=["inner"]),
        ["datasource-network"],
        "shares no network with it",
    ),
    "Grafana on the host's network": (
        grafana(network_mode="host"),
        ["datasource-network"],
        "shares no network with it",
    ),
    "another port": (
        variable("questdb", "QDB_PG_NET_BIND_TO", "0.0.0.0:9999"),
        ["datasource-port"],
        "connects to port 8812",
    ),
    "a server that listens to itself": (
        variable("questdb", "QDB_PG_NET_BIND_TO", "127.0.0.1:8812"),
        ["datasource-port"],
        "listens at 127.0.0.1:8812",
    ),
    "no read-only login": (
        variable("questdb", "QDB_PG_READONLY_USER_ENABLED", "false"),
        ["datasource-login"],
        "has no read-only login",
    ),
    "another login": (
        variable("questdb", "QDB_PG_READONLY_USER", "viewer"),
        ["datasource-login"],
        "read-only login is 'viewer'",
    ),
    "the default password": (
        unset("questdb", "QDB_PG_READONLY_PASSWORD"),
        ["datasource-login"],
        "which is public",
    ),
    "another password": (
        variable("questdb", "QDB_PG_READONLY_PASSWORD", "hunter2"),
        ["datasource-login"],
        "another password for",
    ),
    "another QuestDB": (
        lambda s: s["questdb"].update(image="questdb/questdb:9.4.0"),
        ["questdb-version"],
        "this is 9.4.0",
    ),
    "the latest QuestDB": (
        lambda s: s["questdb"].update(image="questdb/questdb:latest"),
        ["image-not-pinned"],
        "questdb/questdb:9.3.4",
    ),
    "only with a profile": (grafana(profiles=["monitoring"]), ["profile"], "docker compose --profile monitoring up"),
    "an image of one's own": (
        lambda s: (s["grafana"].pop("image"), s["grafana"].update(build=".")),
        ["image-built"],
        "are not known",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said(tree: RenderedTree, case: str) -> None:
    change, expected, said = CASES[case]
    text = changed(change)
    found = judged(tree, text)
    told = "\n".join(f"{one.place} {one.subject} {one.message} {one.hint}" for one in found)
    assert codes(found) == expected, told
    assert said in told
    assert "hunter2" not in told
    lines = text.splitlines()
    for one in found:
        assert one.place.file == "compose.yaml"
        assert 1 <= one.place.line <= len(lines)


def test_a_finding_points_at_its_line(tree: RenderedTree) -> None:
    text = SHIPPED.replace("grafana/grafana:12.3.0", "grafana/grafana:12.4.0")
    (one,) = judged(tree, text)
    assert text.splitlines()[one.place.line - 1].strip() == "image: grafana/grafana:12.4.0"
    (one,) = judged(tree, SHIPPED.replace("read_only: true\n", "read_only: false\n", 1))
    assert text.splitlines()[one.place.line - 1].strip() == "- type: bind"


def test_all_at_once(tree: RenderedTree) -> None:
    def change(services: dict[str, Any]) -> None:
        services["grafana"].update(image="grafana/grafana:latest", volumes=[])
        services["grafana"]["environment"].pop("WATCHDOG_URL")
        services["questdb"]["environment"].pop("QDB_PG_READONLY_PASSWORD")

    assert codes(judged(tree, changed(change))) == [
        "datasource-login", "image-not-pinned", "not-mounted", "variable-missing",
    ]  # fmt: skip


def test_a_copy_is_held_against_the_tree(tree: RenderedTree, copy: Path) -> None:
    environ = {**SET, "DASHGEN_TREE": str(copy)}
    assert judged(tree, SHIPPED, environ) == []
    (copy / "dashboards/daemons/overview.json").write_text("{}")
    (copy / "provisioning/alerting/rules-daemons.yaml").unlink()
    found = judged(tree, SHIPPED, environ)
    assert codes(found) == ["source-differs", "source-lacks"]
    assert "has other content than the tree: overview.json" in found[1].message
    assert "files of the tree: rules-daemons.yaml" in found[0].message
    shutil.rmtree(copy / "dashboards")
    (copy / "dashboards/daemons").mkdir(parents=True)
    lacks = [one.message for one in judged(tree, SHIPPED, environ) if one.code == "source-lacks"]
    assert any("daemons lacks all files of the tree" in message for message in lacks)


def test_a_path_of_another_host_is_looked_for_where_it_is_said_to_be(tree: RenderedTree, copy: Path) -> None:
    environ = {**SET, "DASHGEN_TREE": "/srv/grafana/prod"}
    assert "--map /srv/grafana/prod/dashboards=DIR" in judged(tree, SHIPPED, environ)[1].hint
    assert judged(tree, SHIPPED, environ, elsewhere={"/srv/grafana/prod": copy}) == []
    assert judged(tree, SHIPPED, environ, elsewhere={"/srv": copy.parent, "/srv/grafana/prod": copy}) == []


@pytest.mark.skipif(os.name == "nt", reason="modes of files")
@pytest.mark.parametrize(
    ("user", "told"), [(None, True), ("0", False), ("0:0", False), ("1234", True), ("grafana", False)]
)
def test_files_that_the_container_can_not_read(tree: RenderedTree, copy: Path, user: str | None, told: bool) -> None:
    if user != "grafana":
        os.chown(copy, os.getuid(), os.getgid())
    hidden = copy / "dashboards/daemons"
    for path in (hidden, *hidden.iterdir()):
        path.chmod(path.stat().st_mode & ~0o077)
    text = changed(grafana(user=user)) if user else SHIPPED
    found = judged(tree, text, {**SET, "DASHGEN_TREE": str(copy)})
    assert [one.code for one in found] == (["not-readable"] if told else [])
    if told:
        assert found[0].message == f"the container's user {user or 472} can't read {hidden}"


def test_the_group_of_the_image_reads_too(tree: RenderedTree, copy: Path) -> None:
    hidden = copy / "dashboards/daemons"
    hidden.chmod(0o750)
    group = hidden.stat().st_gid
    found = judged(tree, SHIPPED, {**SET, "DASHGEN_TREE": str(copy)})
    assert [one.code for one in found] == ([] if group == 0 else ["not-readable"])


def test_a_file_of_variables(tree: RenderedTree, tmp_path: Path) -> None:
    def change(services: dict[str, Any]) -> None:
        services["grafana"]["environment"] = {
            "GF_PLUGINS_PREINSTALL_SYNC": "questdb-questdb-datasource@0.1.8", "WATCHDOG_URL": "${WATCHDOG_URL}",
        }  # fmt: skip
        services["grafana"]["env_file"] = "grafana.env"
        services["questdb"]["env_file"] = "questdb.env"
        services["questdb"]["environment"].pop("QDB_PG_READONLY_PASSWORD")

    text = changed(change)
    data = yaml.safe_load(text)
    for mount, part in zip(data["services"]["grafana"]["volumes"][1:], ("provisioning", "dashboards"), strict=True):
        mount["source"] = str(TREE / part)
    text = yaml.safe_dump(data)

    def found() -> list[DeployFinding]:
        return judged(tree, text, {}, folder=tmp_path)

    # neither is here: nothing can be said of what they set, but of what goes before them
    told = found()
    assert codes(told) == ["not-verified", "variable-empty"]
    assert "it must set DISCORD_WEBHOOK_URL, ON_CALL_EMAIL, QUESTDB_PASSWORD" in told[1].message
    (tmp_path / "grafana.env").write_text("".join(f"{name}={value}\n" for name, value in SET.items()))
    (tmp_path / "questdb.env").write_text(f"QDB_PG_READONLY_PASSWORD={SET['QUESTDB_PASSWORD']}\n")
    (one,) = found()
    assert one.code == "variable-empty"
    assert one.hint == "set it there, or remove the line: it overrides env_file"
    text = text.replace("      WATCHDOG_URL: ${WATCHDOG_URL}\n", "")
    assert found() == []
    (tmp_path / "grafana.env").write_text((tmp_path / "grafana.env").read_text().replace("may-read", "may$read"))
    (one,) = (one for one in found() if one.code == "variable-cut")
    assert one.message == "Compose cuts $read out of its value, as variables that are not set"
    assert one.place.file.endswith("grafana.env")
    assert one.place.line == 1


def test_a_path_of_dashboards_that_is_a_variable(tmp_path: Path) -> None:
    """The tree of local is at a variable's value: in the container that is where it must be mounted."""
    ran = dashgen(ROOT, "build", "--env", "local", "--out", str(tmp_path))
    assert ran.code == 0, ran.err
    tree = rendered(tmp_path / "local", "local")

    def change(services: dict[str, Any]) -> None:
        services["grafana"].update(image="grafana/grafana:11.6.4")
        services["grafana"]["environment"].pop("GF_PLUGINS_PREINSTALL_SYNC")
        services["grafana"]["environment"]["DASHGEN_DASHBOARDS"] = "/dashboards"
        services["grafana"]["volumes"] = [
            f"{tmp_path}/local/provisioning:{PROVISIONING}:ro", f"{tmp_path}/local/dashboards:/dashboards:ro",
        ]  # fmt: skip

    found = judged(tree, changed(change), environment=LOCAL)
    # and its datasource is on the machine that Grafana runs on
    assert [(one.code, "the container itself" in one.message) for one in found] == [("datasource-host", True)]
    text = changed(change).replace("DASHGEN_DASHBOARDS: /dashboards", "DASHGEN_DASHBOARDS: /elsewhere")
    assert codes(judged(tree, text, environment=LOCAL)) == ["datasource-host", "not-mounted"]
    text = changed(change).replace("DASHGEN_DASHBOARDS: /dashboards", "OTHER: /dashboards")
    assert codes(judged(tree, text, environment=LOCAL)) == ["datasource-host", "variable-missing"]


def test_the_service_of_grafana() -> None:
    def service(text: str, name: str | None = None) -> str:
        return grafana_service(read([ComposeFile("c", text)], ROOT, {}), name).name

    assert service("services: {a: {image: grafana/loki:3}, web: {image: grafana/grafana-enterprise:12.3.0}}") == "web"
    assert service("services: {grafana: {build: .}, b: {image: x}}") == "grafana"
    assert service("services: {a: {image: 'grafana/grafana:1.0'}, b: {image: 'grafana/grafana:1.0'}}", "b") == "b"
    with pytest.raises(ComposeError, match="several services run Grafana: a, b"):
        service("services: {a: {image: 'grafana/grafana:1.0'}, b: {image: 'grafana/grafana:1.0'}}")
    with pytest.raises(ComposeError, match="no service runs Grafana"):
        service("services: {a: {image: postgres}}")
    with pytest.raises(ComposeError, match="there is no service 'c'"):
        service("services: {a: {image: postgres}}", "c")


def test_a_folder_that_is_no_tree(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match="is not a rendered tree"):
        rendered(tmp_path, "prod")
    shutil.copytree(TREE, tmp_path / "prod")
    (tmp_path / "prod/provisioning/datasources/dashgen.yaml").write_text("datasources: [{}]\nproviders: [{}]\n")
    with pytest.raises(
        TreeError, match=r"datasources/dashgen\.yaml does not have the form that dashgen renders: lacks"
    ):
        rendered(tmp_path / "prod", "prod")
    (tmp_path / "prod/provisioning/datasources/dashgen.yaml").write_text("a: [")
    with pytest.raises(TreeError, match="is not YAML"):
        rendered(tmp_path / "prod", "prod")


def deploy_check(*arguments: str, stdin: str = "", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return run_command(cwd, ("deploy", "check", "--env", "prod", *arguments), SET, stdin=stdin)


def test_the_command(tmp_path: Path) -> None:
    broken = tmp_path / "compose.yaml"
    broken.write_text(SHIPPED.replace("../build/prod", str(TREE)).replace("grafana:12.3.0", "grafana:12.4.0"))
    done = deploy_check("--compose", str(broken))
    line = broken.read_text().splitlines().index("    image: grafana/grafana:12.4.0") + 1
    assert done.returncode == 1
    first, hint, last = done.stdout.splitlines()
    assert first.startswith(f"error[image-version] {broken}:{line}:5: grafana › image: expected Grafana 12.3")
    assert hint == "  Environment(…, grafana='12.4') and build, or another tag"
    assert last == "prod: service grafana: 1 to fix"
    as_data = deploy_check("--compose", str(broken), "--format", "json")
    assert as_data.returncode == 1
    (one,) = json.loads(as_data.stdout)["findings"]
    assert (one["code"], one["severity"], one["file"], one["line"]) == ("image-version", "error", str(broken), line)

    override = tmp_path / "compose.override.yaml"
    override.write_text("services: {grafana: {image: 'grafana/grafana:12.3.1'}}\n")
    alone = deploy_check("--compose", str(broken))
    assert alone.stderr == f"note: `docker compose` takes {override} too, unless -f says which: --compose {override}\n"
    both = deploy_check("--compose", str(broken), "--compose", str(override))
    assert (both.returncode, both.stdout, both.stderr) == (0, "prod: service grafana: nothing to fix\n", "")
    piped = deploy_check("--compose", "-", "--project-directory", "deploy", stdin=SHIPPED)
    assert (piped.returncode, piped.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--compose", "gone.yaml"],
            "gone.yaml can't be read: No such file or directory\n  give",
        ),
        (["--compose", "README.md"], "error: README.md:"),
        (
            ["--compose", "deploy/compose.yaml", "--service", "web"],
            "there is no service 'web'\n  there are grafana, questdb",
        ),
        (["--compose", "deploy/compose.yaml", "--map", "x"], "error: --map: expected HOST=DIR"),
        (
            ["--compose", "deploy/compose.yaml", "--out", "nowhere"],
            "is not a rendered tree\n  render it: dashgen build",
        ),
        ([], "Missing option '--compose'"),
    ],
)
def test_wrong_use(arguments: list[str], said: str) -> None:
    done = deploy_check(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
