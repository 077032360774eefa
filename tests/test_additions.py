"""What ARCHITECTURE.md says of each kind of addition: one is made in a copy of the package, by the files that are named
there, and used for real; nothing else has to change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.scratch import specs

ROOT = Path(__file__).resolve().parent.parent


class Package:
    """A copy of dashgen in a folder of its own, with what was run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "dashgen", folder / "dashgen", ignore=shutil.ignore_patterns("__pycache__", "dist"))

    def add(self, path: str, text: str) -> None:
        """A new file, or what is added to the end of one."""
        with (self.folder / "dashgen" / path).open("a", encoding="utf-8") as file:
            file.write(dedent(text))

    def insert(self, path: str, before: str, text: str) -> None:
        """A line of registration, before what stands once in a file."""
        file = self.folder / "dashgen" / path
        found = file.read_text(encoding="utf-8")
        assert found.count(before) == 1, f"{path}: {before}"
        file.write_text(found.replace(before, text + before), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder)},
        )  # fmt: skip


@pytest.fixture
def package(tmp_path: Path) -> Package:
    return Package(tmp_path)


def test_a_rule_is_one_file(package: Package) -> None:
    package.add(
        "check/rules/shouted_alias.py",
        '''
        """Checks for column names in capital letters.

        ## Why is this bad?

        A viewer reads them as emphasis.

        ## Example

        ```sql
        SELECT max(v) AS VALUE FROM t
        ```

        ## Use instead

        ```sql
        SELECT max(v) AS value FROM t
        ```
        """

        from dashgen.check.rule import Rule, RuleMatch


        def check(subject):
            if " AS VALUE " in subject.sql:
                yield RuleMatch("expected a name in small letters, got VALUE", "write AS value")


        RULE = Rule("DG399", "shouted-alias", "warning", "text", check)
        ''',
    )
    specs(package.folder, "PROJECT = project(dash(stat(query='SELECT max(v) AS VALUE FROM t')))")
    done = package.run("-m", "dashgen", "check", "--offline", "--select", "DG399")
    assert "DG399" in done.stdout, done.stderr
    assert "expected a name in small letters, got VALUE" in done.stdout
    explained = package.run("-m", "dashgen", "check", "--explain", "DG399")
    assert "## Why is this bad?\n\nA viewer reads them as emphasis.\n" in explained.stdout


def test_a_panel_kind_is_a_class_a_name_and_a_renderer(package: Package) -> None:
    package.add(
        "model/dashboards/panel.py",
        '''

        @node
        class PieChart(Panel):
            """Shares of a whole."""

            kind: str = field(default="piechart", init=False)
            NEEDS_QUERY: ClassVar[bool] = True
            donut: bool = checked(validators.flag, default=False)
            """True leaves the middle out (`options.pieType`)."""
        ''',
    )
    package.add("__init__.pyi", "from dashgen.model.dashboards.panel import PieChart as PieChart\n")
    package.insert(
        "render/panels.py",
        '    "stat": _stat,\n',
        '    "piechart": lambda p: ({"pieType": "donut" if p.donut else "pie"}, None),\n',
    )
    query = "SELECT host, sum(v) AS v FROM t"
    specs(package.folder, f"PROJECT = project(dash(PieChart('Share', '{query}', donut=True, description='d')))")
    done = package.run("-m", "dashgen", "build")
    assert done.returncode == 0, done.stderr
    (rendered,) = package.folder.glob("build/prod/dashboards/*/*.json")
    assert '"pieType": "donut"' in rendered.read_text()


def test_a_constraint_of_a_table_is_a_class_and_a_name(package: Package) -> None:
    package.add(
        "model/tables/row_constraints.py",
        '''

        @dataclass(frozen=True, slots=True)
        class Even(RowRule):
            """`field` is even."""

            field: str

            @property
            def fields(self) -> tuple[str, ...]:
                return (self.field,)

            @property
            def kinds(self) -> tuple[Kind, ...]:
                return ("number",)

            @property
            def condition(self) -> str:
                return f"row.{self.field} % 2 == 0"

            def fault(self, row: object) -> RowFault:
                return RowFault(self.field, f"expected an even number, got {getattr(row, self.field)}")

            def suspects(self, rows: Columns) -> Any:
                return rows.value(self.field) % 2 != 0

            def __str__(self) -> str:
                return f"{self.field} is even"
        ''',
    )
    package.add("__init__.pyi", "from dashgen.model.tables.row_constraints import Even as Even\n")
    package.add(
        "../use.py",
        """
        from datetime import UTC, datetime
        from typing import Annotated

        from dashgen import Designated, Even, table, unchecked, validate_rows


        @table(name="t", rules=(Even("n"),))
        class T:
            at: Annotated[datetime, Designated()]
            n: int


        now = datetime(2026, 1, 5, tzinfo=UTC)
        print(*validate_rows([T(at=now, n=2), unchecked(T, at=now, n=3)], now=now), sep="\\n")
        """,
    )
    done = package.run("use.py")
    assert done.stdout == "t, row 1, n: expected an even number, got 3\n", done.stderr


def test_a_plugin_is_a_class_and_its_registration(package: Package) -> None:
    package.add(
        "grafana/datasources/archive.py",
        '''
        """A plugin of the trial."""

        from dashgen.grafana.datasources.postgres import PostgresPlugin


        class ArchivePlugin(PostgresPlugin):
            name = "archive"
            id = "acme-archive-datasource"
            title = "the archive's plugin"

            def target(self, sql, ref_id, format_, datasource, *, hide):
                return {"datasource": datasource, "question": sql, "refId": ref_id}
        ''',
    )
    package.insert(
        "grafana/datasources/plugins.py",
        "\n_ALL: tuple",
        "from dashgen.grafana.datasources.archive import ArchivePlugin\n",
    )
    package.insert("grafana/datasources/plugins.py", "PostgresPlugin())\n", "ArchivePlugin(), ")
    package.insert("model/environment.py", '"questdb", "postgres"]', '"archive", ')
    environment = 'Environment("prod", datasources={"questdb": QuestDB(plugin="archive", host="archive")})'
    board = 'dash(stat(query="SELECT max(v) AS v FROM t WHERE $__timeFilter(at)"))'
    specs(package.folder, f"PROJECT = Project(environments=({environment},), dashboards=({board},))")
    done = package.run("-m", "dashgen", "build")
    assert done.returncode == 0, done.stderr
    (rendered,) = package.folder.glob("build/prod/dashboards/*/*.json")
    assert '"question": "SELECT max(v) AS v FROM t WHERE $__timeFilter(at)"' in rendered.read_text()
    datasources = (package.folder / "build/prod/provisioning/datasources/dashgen.yaml").read_text()
    assert "acme-archive-datasource" in datasources


def test_a_command_is_a_module_and_its_line(package: Package) -> None:
    package.add(
        "cli/hello.py",
        '''
        """`dashgen hello`."""

        import typer


        def hello() -> None:
            """Say hello."""
            typer.echo("hello")
        ''',
    )
    package.insert(
        "cli/__init__.py", '    "version": Verb("version:version"),\n', '    "hello": Verb("hello:hello"),\n'
    )
    done = package.run("-m", "dashgen", "hello")
    assert (done.returncode, done.stdout) == (0, "hello\n"), done.stderr


def test_a_difference_of_grafana_is_an_entry_and_a_field(package: Package) -> None:
    package.insert(
        "grafana/versions.py",
        '    "error_labels_leave": Difference(',
        '    "counts_twice": Difference((12, 3), "counts twice", "seen on 12.3.0"),\n',
    )
    package.insert("grafana/versions.py", "    error_labels_leave: bool\n", "    counts_twice: bool\n")
    use = (
        "from dashgen.grafana.versions import semantics\n"
        "print([semantics(version).counts_twice for version in ((12, 2), (12, 3))])"
    )
    done = package.run("-c", use)
    assert done.stdout == "[False, True]\n", done.stderr


def test_a_receiver_is_a_class_and_its_registration(package: Package) -> None:
    package.insert(
        "model/alerting/receiver.py",
        "CLASSES: tuple[type[Receiver], ...] = (",
        '''
@node
class Pager(Receiver):
    """A pager of the trial."""

    KIND = "pager"
    line: str = setting("accessLine", secret("PAGER_LINE"), default="${PAGER_LINE}", required=True)
    """A reference to a variable of Grafana's process (`settings.accessLine`)."""
    home: str | None = setting("homepage", ADDRESS, default=None)
    """Address of its page (`settings.homepage`)."""


''',
    )
    package.insert("model/alerting/receiver.py", "Opsgenie, Teams)\n", "Pager, ")
    package.add("__init__.pyi", "from dashgen.model.alerting.receiver import Pager as Pager\n")
    assert package.run("-m", "dashgen.schema.generate").stderr == "wrote dashgen/schema/contact-points.schema.json\n"
    point = "ContactPoint('on-call', (Pager('pager-on-call', home='${PAGER_HOME}'),))"
    specs(package.folder, f"PROJECT = project(dash(stat()), contact_points=({point},), policy=Policy('on-call'))")
    done = package.run("-m", "dashgen", "build")
    assert done.returncode == 0, done.stderr
    points = package.folder / "build/prod/provisioning/alerting/contact-points.yaml"
    assert "accessLine: ${PAGER_LINE}" in points.read_text().replace('"', "")
    example = (package.folder / "build/prod/environment.example").read_text()
    assert "Grafana does not start, as pager needs accessLine: contact point on-call" in example
    (package.folder / "grafana.env").write_text("PAGER_LINE=7\nPAGER_HOME=nowhere\nQUESTDB_PASSWORD=x\n")
    told = package.run("-m", "dashgen", "preflight", "--file", "grafana.env").stdout
    assert "expected an address like" in told, told
    use = """
    from dashgen import RawReceiver, SpecError
    from dashgen.diff.assemble import review
    from dashgen.schema.validate import validate
    from dashgen.tree.read import RenderedTree

    try:
        RawReceiver("a", "pager", {"accessLine": "hunter2"})
    except SpecError as error:
        print(error)
    path = "provisioning/alerting/contact-points.yaml"
    receivers = [{"uid": "a", "type": "pager", "settings": {"accessLine": line}} for line in ("hunter2", "${B}")]
    files = [{"apiVersion": 1, "contactPoints": [{"name": "p", "receivers": [one]}]} for one in receivers]
    import json
    print(review("prod", *(RenderedTree("prod", {path: json.dumps(one).encode()}) for one in files)))
    print(validate("contact-points", json.loads(json.dumps(files[0]).replace("accessLine", "acessLine"))))
    """
    package.add("../use.py", use)
    told = package.run("use.py").stdout
    assert "settings.accessLine: expected a reference" in told
    assert "old='a secret that is not shown', new='${B}'" in told
    assert "accessLine" in told.splitlines()[-1]
    assert "hunter2" not in told
