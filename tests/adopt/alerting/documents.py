"""Alerting documents for tests: where they are, and what an import makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dashgen.adopt.alerting import forms
from dashgen.adopt.alerting.document import AlertingDocument
from dashgen.adopt.import_scope import ImportScope
from dashgen.adopt.plan import Plan, plan
from dashgen.adopt.source_kind import ImportTarget
from dashgen.adopt.sources import read as read_files
from dashgen.adopt.target import target
from dashgen.adopt.write import replace
from dashgen.loading.load import load
from dashgen.render import Document, render
from tests.adopt.documents import ROOT

Json = dict[str, Any]
OWN = tuple(sorted((ROOT / "build" / "prod" / "provisioning" / "alerting").glob("*.yaml")))
RECORDED = ROOT.parent / "shared" / "grafana-api"
CLAIMED = {"market-data-questdb": "questdb", "questdb": "questdb", "api-questdb": "questdb"}
SCOPE = ImportScope({"questdb": "questdb"}, CLAIMED)


def read(data: object) -> AlertingDocument:
    return forms.read(data, SCOPE.named)


def planned(files: Iterable[Path], root: Path) -> tuple[Plan, ImportTarget]:
    """The import of files into a new project."""
    found = read_files(files).sources
    to = target(root, None, None, {}, found, "")
    return plan(found, to, force=False), to


def rendered(files: Iterable[Path], folder: Path) -> tuple[Plan, tuple[Document, ...]]:
    """What the specs render that an import of files writes."""
    made, to = planned(files, folder / "specs")
    replace(to.root, made.files)
    loaded = load(to.root)
    assert loaded.project is not None, loaded.problems
    return made, tuple(render(loaded.project, loaded.project.environments[0]))


def exchanges() -> list[tuple[str, object]]:
    """The bodies of alerting among the recorded exchanges, each with its name."""
    from dashgen.schema.located import load as load_yaml

    found: list[tuple[str, object]] = []
    for one in json.loads((RECORDED / "exchanges.json").read_text(encoding="utf-8")):
        body = one["response"].get("body")
        if isinstance(body, str) and body.startswith("apiVersion"):
            body = load_yaml(body).data
        if forms.form_of(body):
            found.append((one["name"], body))
    return found
