"""Comments that cite docs/facts name a page and a heading that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CITATION = re.compile(r"docs/facts/(\w+\.md)(?:,\s+([^)]+?))?\)")


def headings(page: str) -> set[str]:
    return set(re.findall(r"^## (.+)$", (ROOT / "docs/facts" / page).read_text(), re.MULTILINE))


def test_cited_facts_are_there() -> None:
    cited = 0
    for folder in ("dashgen", "specs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = re.sub(r"\n\s*#?\s*", " ", path.read_text())
            for page, heading in CITATION.findall(text):
                cited += 1
                assert not heading or heading in headings(page), f"{path.relative_to(ROOT)}: {page}, {heading}"
    assert cited >= 10


def test_no_comment_cites_what_is_not_in_the_repository() -> None:
    gone = re.compile(r"\b(operator-wishes|grafana-facts|questdb-facts|data-model\.md|design\.md|style\.md)\b")
    for folder in ("dashgen", "specs", "tests", "benchmarks", "docs"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix in (".py", ".md") and path != Path(__file__):
                found = gone.search(path.read_text())
                assert not found, f"{path.relative_to(ROOT)}: {found}"
