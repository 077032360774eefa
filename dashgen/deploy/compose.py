"""The services of a Compose file: what of them decides whether Grafana finds a rendered tree.

Follows the Compose specification and compose-go (read). Read here are images, volumes in both syntaxes, variables in
all their ways, networks, profiles, anchors and merge keys, interpolation, and several files one over the other. What is
not, `extends` and `include` among it, `docker compose config` resolves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from dashgen.deploy.env_file import EnvFileError, entries
from dashgen.deploy.finding import FilePosition
from dashgen.deploy.interpolation import InterpolatedText, InterpolationError, interpolate
from dashgen.input_files import read_text
from dashgen.model.core.problems import DashgenError
from dashgen.schema.located import Located, Pointer, YamlError, load

MOST_BYTES = 2_000_000
RESOLVE = "give the file that `docker compose config` prints instead"
MountKind = Literal["bind", "volume", "tmpfs", "anonymous", "other"]
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")


class ComposeError(DashgenError):
    """A file can't be read as a Compose file; `hint` says what to do."""

    def __init__(self, message: str, hint: str, place: FilePosition | None = None) -> None:
        super().__init__(f"{place}: {message}" if place else message, hint)


@dataclass(frozen=True, slots=True)
class ServiceVariable:
    """A variable of a service. `value` is None where it can't be known here: `why` says so."""

    value: str | None
    place: FilePosition
    why: str = ""
    origin: Literal["file", "env_file", "variable"] = "file"
    """Where it comes from: the Compose file itself, a file of variables, the shell or `.env`."""
    unset: tuple[str, ...] = ()
    """Variables that Compose replaced by the empty text on the way."""


@dataclass(frozen=True, slots=True)
class Mount:
    """`target` is in the container. `source` is a path of the host, or the name of a volume."""

    kind: MountKind
    target: PurePosixPath
    source: str
    read_only: bool
    place: FilePosition
    creates_source: bool = True
    """Whether Docker makes a source that is not there."""


@dataclass(frozen=True, slots=True)
class EnvFile:
    """A file of variables that a service names, as it is there; `found` is None where it is not."""

    path: Path
    required: bool
    place: FilePosition
    found: Mapping[str, ServiceVariable] | None


@dataclass(frozen=True, slots=True)
class Service:
    """One service, all files taken together."""

    name: str
    place: FilePosition
    image: InterpolatedText | None = None
    image_place: FilePosition | None = None
    is_built: bool = False
    mounts: Mapping[PurePosixPath, Mount] = field(default_factory=dict)
    environment: Mapping[str, ServiceVariable] = field(default_factory=dict)
    env_files: tuple[EnvFile, ...] = ()
    networks: Mapping[str, tuple[str, ...]] | None = None
    """Aliases by network; None where the service is on the default network only."""
    network_mode: str = ""
    extra_hosts: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """By which other services reach it on each of its networks."""
    profiles: tuple[str, ...] = ()
    user: str = ""

    def variable(self, name: str) -> ServiceVariable | None:
        """As its process has it: `environment` goes before files, a later file before an earlier one."""
        if name in self.environment:
            return self.environment[name]
        for file in reversed(self.env_files):
            if file.found and name in file.found:
                return file.found[name]
        return None

    def text(self, name: str, default: str = "") -> str:
        """A variable's value, or the default where it has none that is known."""
        found = self.variable(name)
        return found.value if found and found.value else default

    @property
    def missing_files(self) -> tuple[EnvFile, ...]:
        return tuple(file for file in self.env_files if file.found is None)


@dataclass(frozen=True, slots=True)
class ComposeProject:
    """What Compose would start."""

    files: tuple[str, ...]
    folder: Path
    services: Mapping[str, Service]
    volumes: frozenset[str] = frozenset()
    """The named ones that the files declare."""


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """A file's text. `label` is how places name it."""

    label: str
    text: str


def source(path: Path) -> ComposeFile:
    """Raises ComposeError."""
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise ComposeError(f"{path} has more than {MOST_BYTES:,} bytes", "give a Compose file")
        return ComposeFile(path.as_posix(), read_text(path, "utf-8-sig"))
    except UnicodeDecodeError:
        raise ComposeError(f"{path} is not UTF-8", "give a Compose file") from None
    except OSError as error:
        raise ComposeError(f"{path} can't be read: {error.strerror}", "give a Compose file") from None


def read(sources: Sequence[ComposeFile], folder: Path, environ: Mapping[str, str] = os.environ) -> ComposeProject:
    """Several files as Compose takes them, the later over the earlier ones. Relative paths and `.env` are in `folder`.

    Raises ComposeError."""
    variables = {**_dotenv(folder / ".env", environ), **environ}
    services: dict[str, Service] = {}
    volumes: set[str] = set()
    for one in sources:
        reader = _Reader(one, folder, variables)
        found = reader.services()
        volumes.update(reader.volumes)
        for name, service in found.items():
            services[name] = _over(services[name], service) if name in services else service
    if not services:
        raise ComposeError(f"{sources[0].label}: there are no services", "give a Compose file, with `services:`")
    return ComposeProject(tuple(one.label for one in sources), folder, services, frozenset(volumes))


def _dotenv(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        return {name: entry.value for name, entry in entries(read_text(path), environ).items()}
    except EnvFileError as error:
        raise ComposeError(f"{path.as_posix()}:{error.line}: {error}", "NAME=value lines and # comments") from None
    except (OSError, UnicodeDecodeError):
        raise ComposeError(f"{path} can't be read as UTF-8", "check its permissions, or remove it") from None


def _over(before: Service, after: Service) -> Service:
    """What an override file leaves out stays; maps and mounts are merged by their keys, lists are joined."""
    networks = before.networks
    if after.networks is not None:
        networks = {**(before.networks or {}), **after.networks}
    return replace(
        before,
        image=after.image or before.image,
        image_place=after.image_place or before.image_place,
        is_built=after.is_built or before.is_built,
        mounts={**before.mounts, **after.mounts},
        environment={**before.environment, **after.environment},
        env_files=(*before.env_files, *after.env_files),
        networks=networks,
        network_mode=after.network_mode or before.network_mode,
        extra_hosts=before.extra_hosts | after.extra_hosts,
        names=before.names | after.names,
        profiles=(*before.profiles, *after.profiles),
        user=after.user or before.user,
    )


class _Reader:
    """One file."""

    def __init__(self, source: ComposeFile, folder: Path, variables: Mapping[str, str]) -> None:
        self.label, self.folder, self.variables = source.label, folder, variables
        try:
            self.located: Located = load(source.text)
        except YamlError as error:
            place = FilePosition(source.label, error.line, error.column)
            raise ComposeError(f"is not valid YAML: {error}", "fix it, or give another file", place) from None

    def services(self) -> dict[str, Service]:
        data = self.located.data
        if not isinstance(data, dict):
            raise self.wrong((), "expected a mapping with `services:`")
        for pointer, tag in self.located.tags.items():
            raise self.wrong(pointer, f"the tag {tag} is not read here", RESOLVE)
        if "include" in data:
            raise self.wrong(("include",), "`include` is not read here", RESOLVE)
        self.volumes = self.mapping(data.get("volumes"), ("volumes",))
        found = self.mapping(data.get("services"), ("services",))
        return {name: self.service(name, one, ("services", name)) for name, one in found.items()}

    def service(self, name: str, data: Any, at: Pointer) -> Service:
        one = self.mapping(data, at)
        if "extends" in one:
            raise self.wrong((*at, "extends"), "`extends` is not read here", RESOLVE)
        image = self.optional(one, at, "image")
        container, host = self.optional(one, at, "container_name"), self.optional(one, at, "hostname")
        networks = self.networks(one.get("networks"), (*at, "networks"))
        return Service(
            name,
            self.place(at),
            image=image,
            image_place=self.place((*at, "image")) if image else None,
            is_built="build" in one,
            mounts={mount.target: mount for mount in self.mounts(one, at)},
            environment=self.environment(one.get("environment"), (*at, "environment")),
            env_files=tuple(self.env_files(one.get("env_file"), (*at, "env_file"))),
            networks=networks,
            network_mode=_value(self.optional(one, at, "network_mode")),
            extra_hosts=frozenset(self.extra_hosts(one.get("extra_hosts"), (*at, "extra_hosts"))),
            names=frozenset({name, _value(container), _value(host)} - {""}),
            profiles=tuple(t.value for _, t in self.texts(one.get("profiles"), (*at, "profiles"))),
            user=_value(self.optional(one, at, "user")),
        )

    def mounts(self, one: Mapping[str, Any], at: Pointer) -> Iterator[Mount]:
        for index, item in enumerate(self.sequence(one.get("volumes"), (*at, "volumes"))):
            pointer: Pointer = (*at, "volumes", index)
            yield self.long(item, pointer) if isinstance(item, dict) else self.short(item, pointer)
        for pointer, text in self.texts(one.get("tmpfs"), (*at, "tmpfs")):
            yield Mount("tmpfs", _posix(text.value.partition(":")[0]), "", False, self.place(pointer))

    def short(self, item: Any, at: Pointer) -> Mount:
        """`source:target:options`; a Windows drive has a colon of its own."""
        text = self.text(item, at).value
        drive = text[:2] if _DRIVE.match(text) else ""
        parts = text[len(drive) :].split(":")
        if not all(parts) or len(parts) > 3:
            raise self.wrong(at, f"expected SOURCE:TARGET or SOURCE:TARGET:ro, got {text!r}")
        if len(parts) == 1:
            return Mount("anonymous", self.target(drive + parts[0], at), "", False, self.place(at))
        options = parts[2].split(",") if len(parts) == 3 else []
        return self.mount("", drive + parts[0], parts[1], "ro" in options, at)

    def long(self, item: Mapping[str, Any], at: Pointer) -> Mount:
        kind = _value(self.optional(item, at, "type"))
        if not kind:
            raise self.wrong(at, "expected a type, such as bind")
        source, target = self.optional(item, at, "source"), self.optional(item, at, "target")
        if target is None:
            raise self.wrong(at, "expected a target")
        read_only = item.get("read_only", False)
        if isinstance(read_only, str):
            read_only = self.text(read_only, (*at, "read_only")).value.lower() in ("true", "yes", "1", "on")
        if kind == "volume" and "subpath" in self.mapping(item.get("volume"), (*at, "volume")):
            kind = "other"
        made = self.mount(kind, _value(source), target.value, bool(read_only), at)
        return replace(
            made, creates_source=self.mapping(item.get("bind"), (*at, "bind")).get("create_host_path") is not False
        )

    def mount(self, kind: str, source: str, target: str, read_only: bool, at: Pointer) -> Mount:
        place = self.place(at)
        path = self.target(target, at)
        if kind == "bind" or (not kind and (source.startswith((".", "/", "~", "\\\\")) or _DRIVE.match(source))):
            return Mount("bind", path, self.host_path(source), read_only, place)
        if kind in ("", "volume") and not source:
            return Mount("anonymous", path, "", read_only, place)
        if kind in ("", "volume"):
            bound = self.bound(source)
            return Mount("bind" if bound else "volume", path, bound or source, read_only, place)
        return Mount("tmpfs" if kind == "tmpfs" else "other", path, source, read_only, place)

    def bound(self, name: str) -> str:
        """The folder of the host that a named volume is, where the local driver binds one."""
        at: Pointer = ("volumes", name)
        one = self.mapping(self.volumes.get(name), at)
        options = self.mapping(one.get("driver_opts"), (*at, "driver_opts"))
        device = self.optional(options, (*at, "driver_opts"), "device")
        if device is None or "bind" not in _value(self.optional(options, (*at, "driver_opts"), "o")).split(","):
            return ""
        return self.host_path(device.value)

    def host_path(self, text: str) -> str:
        if _DRIVE.match(text) and os.name != "nt":
            return text
        return os.path.normpath(self.folder / Path(text).expanduser())

    def target(self, text: str, at: Pointer) -> PurePosixPath:
        if not text.startswith("/") and not _DRIVE.match(text):
            raise self.wrong(at, f"expected an absolute path in the container, got {text!r}")
        return _posix(text)

    def environment(self, data: Any, at: Pointer) -> dict[str, ServiceVariable]:
        if isinstance(data, dict):
            pairs = [(str(name), value, (*at, name)) for name, value in data.items()]
        else:
            pairs = []
            for index, item in enumerate(self.sequence(data, at)):
                if not isinstance(item, str):
                    raise self.wrong((*at, index), "expected a text such as NAME=value")
                name, equals, value = item.partition("=")
                pairs.append((name, value if equals else None, (*at, index)))
        return {name: self.variable(name, value, pointer) for name, value, pointer in pairs}

    def variable(self, name: str, value: Any, at: Pointer) -> ServiceVariable:
        place = self.place(at)
        if value is None:  # what the shell or .env has
            if name in self.variables:
                return ServiceVariable(self.variables[name], place, origin="variable")
            return ServiceVariable("", place, origin="variable", unset=(name,))
        text = self.text(str(value).lower() if isinstance(value, bool) else value, at)
        if text.required:
            why = f"Compose does not start unless {', '.join(text.required)} is set, which it is not here"
            return ServiceVariable(None, place, why, "variable")
        return ServiceVariable(text.value, place, origin="file" if text.is_written else "variable", unset=text.unset)

    def env_files(self, data: Any, at: Pointer) -> Iterator[EnvFile]:
        items = data if isinstance(data, list) else [] if data is None else [data]
        for index, item in enumerate(items):
            pointer = (*at, index) if isinstance(data, list) else at
            required, raw = True, False
            if isinstance(item, dict):
                required, raw = item.get("required", True) is not False, item.get("format") == "raw"
                text = self.optional(item, pointer, "path")
                if text is None:
                    raise self.wrong(pointer, "expected a path")
            else:
                text = self.text(item, pointer)
            yield self.env_file(self.folder / Path(text.value).expanduser(), required, raw, pointer)

    def env_file(self, path: Path, required: bool, raw: bool, at: Pointer) -> EnvFile:
        if not path.is_file():
            return EnvFile(path, required, self.place(at), None)
        try:
            text = read_text(path)
            if raw:
                lines = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
                found = {
                    name: ServiceVariable(value, FilePosition(path.as_posix(), 1, 1), origin="env_file")
                    for name, _, value in lines
                }
                return EnvFile(path, required, self.place(at), found)
            read = entries(text, self.variables)
        except EnvFileError as error:
            hint = "NAME=value lines and # comments"
            raise ComposeError(f"{path.as_posix()}:{error.line}: {error}", hint) from None
        except UnicodeDecodeError:
            raise ComposeError(f"{path} is not UTF-8", "save it as UTF-8") from None
        except OSError as error:
            raise ComposeError(f"{path} can't be read: {error.strerror}", "check its permissions") from None
        label = os.path.relpath(path).replace(os.sep, "/")
        return EnvFile(
            path,
            required,
            self.place(at),
            {
                name: ServiceVariable(
                    entry.value, FilePosition(label, entry.line, 1), origin="env_file", unset=entry.lost
                )
                for name, entry in read.items()
            },
        )

    def networks(self, data: Any, at: Pointer) -> dict[str, tuple[str, ...]] | None:
        if data is None:
            return None
        if not isinstance(data, dict):
            return {text.value: () for _, text in self.texts(data, at)}
        found = {}
        for name, one in data.items():
            aliases = self.mapping(one, (*at, name)).get("aliases")
            found[name] = tuple(text.value for _, text in self.texts(aliases, (*at, name, "aliases")))
        return found

    def extra_hosts(self, data: Any, at: Pointer) -> Iterator[str]:
        if isinstance(data, dict):
            yield from data
            return
        for _, text in self.texts(data, at):
            yield re.split(r"[:=]", text.value, maxsplit=1)[0]

    def texts(self, data: Any, at: Pointer) -> Iterator[tuple[Pointer, InterpolatedText]]:
        if isinstance(data, str):
            yield at, self.text(data, at)
            return
        for index, item in enumerate(self.sequence(data, at)):
            yield (*at, index), self.text(item, (*at, index))

    def optional(self, data: Mapping[str, Any], at: Pointer, key: str) -> InterpolatedText | None:
        return None if data.get(key) is None else self.text(data[key], (*at, key))

    def text(self, data: Any, at: Pointer) -> InterpolatedText:
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            raise self.wrong(at, f"expected a text, got {_kind(data)}")
        try:
            return interpolate(str(data), self.variables)
        except InterpolationError as error:
            raise self.wrong(at, f"Compose refuses it: {error}", "write a literal `$` as $$") from None

    def mapping(self, data: Any, at: Pointer) -> Mapping[str, Any]:
        if data is None:
            return {}
        if not isinstance(data, dict):
            raise self.wrong(at, f"expected a mapping, got {_kind(data)}")
        return data

    def sequence(self, data: Any, at: Pointer) -> Sequence[Any]:
        if data is None:
            return ()
        if not isinstance(data, list):
            raise self.wrong(at, f"expected a list, got {_kind(data)}")
        return data

    def place(self, at: Pointer) -> FilePosition:
        place = self.located.place(at)
        return FilePosition(self.label, place.line, place.column)

    def wrong(self, at: Pointer, message: str, hint: str = "see the Compose file reference") -> ComposeError:
        path = ".".join(map(str, at))
        return ComposeError(f"{path}: {message}" if path else message, hint, self.place(at))


def _value(text: InterpolatedText | None) -> str:
    return text.value if text else ""


def _posix(text: str) -> PurePosixPath:
    return PurePosixPath(os.path.normpath(text).replace(os.sep, "/") if not _DRIVE.match(text) else text)


def _kind(data: Any) -> str:
    known = {bool: "a boolean", dict: "a mapping", list: "a list", str: "a text", type(None): "nothing"}
    return known.get(type(data), "a number")
