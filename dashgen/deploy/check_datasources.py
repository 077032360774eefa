"""Whether the tree's datasources reach a QuestDB among the services, with a login that only reads."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.deploy import images
from dashgen.deploy.compose import ComposeProject, Service
from dashgen.deploy.deployment import Deployment, runs, subject_of, variable_values
from dashgen.deploy.finding import DeployFinding, FilePosition
from dashgen.deploy.local import is_here
from dashgen.grafana.provisioning_variables import expand, references
from dashgen.model.core.suggestions import listed
from dashgen.questdb.jar import VERSION as QUESTDB_VERSION

_PG_PORT = 8812


def datasources(of: Deployment) -> Iterator[DeployFinding]:
    values = variable_values(of.grafana)
    for one in of.tree.datasources:
        data = one.data
        settings = data.get("jsonData") or {}
        if "server" in settings:
            host, port, user = str(settings["server"]), int(settings["port"]), str(settings["username"])
        else:
            host, _, number = str(data.get("url", "")).rpartition(":")
            port, user = int(number or 0), str(data.get("user", ""))
        secrets = data.get("secureJsonData") or {}
        password = sorted(references(str(secrets.get("password", ""))))
        yield from _datasource(of, one.name, expand(host, values), port, expand(user, values), password)


def _datasource(
    of: Deployment, name: str, host: str, port: int, user: str, password: list[str]
) -> Iterator[DeployFinding]:
    grafana = of.grafana
    subject = subject_of(grafana, f"datasource {name}")
    shares_host = grafana.network_mode == "host"
    if is_here(host):
        if not shares_host:
            message = f"connects to {host}, which in a container is the container itself"
            hint = "QuestDB(…, host=…) in the environment: the name of QuestDB's service"
            yield DeployFinding("datasource-host", grafana.place, subject, message, hint)
        return
    service = _service(of.project, host)
    if service is None:
        if "." not in host and ":" not in host and host not in grafana.extra_hosts:
            message = f"connects to {host!r}, and no service here has that name"
            hint = f"there are {listed(of.project.services, host)}; QuestDB(…, host=…) in the environment says the name"
            yield DeployFinding("datasource-host", grafana.place, subject, message, hint)
        return
    if shares_host or not _together(grafana, service, host):
        message = f"connects to {host!r}, and the service {service.name} shares no network with it"
        yield DeployFinding("datasource-network", service.place, subject, message, "put both on one network")
    yield from _server(of, service, subject, port, user, password)


def _service(project: ComposeProject, host: str) -> Service | None:
    for service in project.services.values():
        if host in service.names or any(host in aliases for aliases in (service.networks or {}).values()):
            return service
    return None


def _together(grafana: Service, other: Service, host: str) -> bool:
    ours, theirs = grafana.networks or {"default": ()}, other.networks or {"default": ()}
    common = set(ours) & set(theirs)
    return bool(common) and (host in other.names or any(host in theirs[name] for name in common))


def _server(
    of: Deployment, service: Service, subject: str, port: int, user: str, password: list[str]
) -> Iterator[DeployFinding]:
    """A QuestDB among the services: its port and logins (read in its configuration's documentation, tried on 9.3.4)."""
    if not runs(service, (images.QUESTDB_IMAGE,)):
        return
    place = service.image_place or service.place
    image = images.image(service.image.value if service.image else "")
    if image.version is None and not image.digest:
        message = f"expected a tag with a version, got {f'the tag {image.tag!r}' if image.tag else 'no tag'}"
        hint = f"image: questdb/questdb:{QUESTDB_VERSION}"
        yield DeployFinding("image-not-pinned", place, subject_of(service, "image"), message, hint)
    elif image.tag != QUESTDB_VERSION and not image.digest:
        message = f"dashgen proves queries on QuestDB {QUESTDB_VERSION}, this is {image.tag}"
        hint = "dashgen check --against URL asks this one"
        yield DeployFinding("questdb-version", place, subject_of(service, "image"), message, hint, "note")
    at, _, number = service.text("QDB_PG_NET_BIND_TO", f"0.0.0.0:{_PG_PORT}").rpartition(":")
    if (number.isdigit() and int(number) != port) or is_here(at):
        bound = service.variable("QDB_PG_NET_BIND_TO")
        message = f"connects to port {port}, and {service.name} listens at {at}:{number} only"
        hint = f"QDB_PG_NET_BIND_TO: 0.0.0.0:{port}; `ports` decides what the host publishes"
        yield DeployFinding("datasource-port", bound.place if bound else service.place, subject, message, hint)
    yield from _login(of, service, subject, user, password)


def _login(of: Deployment, service: Service, subject: str, user: str, password: list[str]) -> Iterator[DeployFinding]:
    if service.missing_files:
        return
    enabled = service.text("QDB_PG_READONLY_USER_ENABLED", "false").lower() == "true"
    reader, admin = service.text("QDB_PG_READONLY_USER", "user"), service.text("QDB_PG_USER", "admin")

    def place(name: str) -> FilePosition:
        found = service.variable(name)
        return found.place if found else service.place

    if user == admin and not (enabled and user == reader):
        message = f"logs in as {user!r}, who can write: the plugins run any SQL that they are given"
        hint = f'QDB_PG_READONLY_USER_ENABLED: "true", and QuestDB(…, user={reader!r})'
        yield DeployFinding("datasource-login", place("QDB_PG_USER"), subject, message, hint)
        return
    if not enabled or user != reader:
        name = "QDB_PG_READONLY_USER" if enabled else "QDB_PG_READONLY_USER_ENABLED"
        has = f"whose read-only login is {reader!r}" if enabled else "which has no read-only login"
        message = f"logs in as {user!r} to {service.name}, {has}"
        hint = f'QDB_PG_READONLY_USER_ENABLED: "true" and QDB_PG_READONLY_USER: {user}'
        yield DeployFinding("datasource-login", place(name), subject, message, hint)
        return
    theirs = service.variable("QDB_PG_READONLY_PASSWORD")
    if theirs is None:
        message = f"{service.name} has the default password of that login, which is public"
        variable = password[0] if password else "QUESTDB_PASSWORD"
        yield DeployFinding(
            "datasource-login", service.place, subject, message, f"QDB_PG_READONLY_PASSWORD: ${{{variable}:?}}"
        )
        return
    ours = [found.value for name in password if (found := of.grafana.variable(name))]
    if len(ours) == 1 and ours[0] and theirs.value is not None and theirs.value != ours[0]:
        message = f"{service.name} has another password for {user!r} than {password[0]} of Grafana"
        yield DeployFinding("datasource-login", theirs.place, subject, message, "one variable for both")
