"""What holds for every rule: a code, a page, and, for those about queries, a trial."""

from __future__ import annotations

import re

from dashgen.check import pages
from dashgen.check.rules import rules
from tests.check.rules import test_alerts, test_columns, test_ranges, test_sql
from tests.check.rules import test_declarations as declared


def test_codes_are_unique_and_stable() -> None:
    codes = [rule.code for rule in rules()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"DG\d{3}", code) for code in codes)
    names = [rule.name for rule in rules()]
    assert len(set(names)) == len(names)


def test_every_rule_about_queries_has_a_trial() -> None:
    trials = (*test_columns.TRIALS, *test_sql.TRIALS, *test_ranges.TRIALS, *test_alerts.TRIALS, *declared.TRIALS)
    tried = {trial.rule for trial in trials}
    assert {rule.name for rule in rules() if rule.stage in ("text", "columns", "choices")} == tried


def test_the_document_is_up_to_date() -> None:
    assert pages.DOCUMENT.read_text() == pages.document(), "run make generated"
