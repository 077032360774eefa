"""What a suite found, for people, for programs and for CI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from dashgen import escaping
from dashgen.alert_tests.assertions import LEGEND, as_data, picture
from dashgen.alert_tests.suite import AlertTestOutcome, SuiteReport
from dashgen.escaping import visible_lines, xml
from dashgen.grafana.versions import Semantics, shown
from dashgen.model.core.counts import counted


def text(report: SuiteReport) -> str:
    """Failures with their pictures, then the counts and what no test covers."""
    lines: list[str] = []
    for outcome in report.outcomes:
        if outcome.passed:
            continue
        lines.append(f"FAIL {outcome.test.place}{': ' if outcome.test.place else ''}{outcome.test.name}")
        if outcome.broken:
            lines.append(f"  {outcome.broken}")
        lines += [f"  {failure.message}" for failure in outcome.failures]
        shown = dict.fromkeys(failure.rule for failure in outcome.failures)
        for uid in shown:
            lines += picture(outcome.timelines[uid], outcome.failures)
        if shown:
            lines.append(f"  {LEGEND}")
        lines.append("")
    lines += [f"finding: {finding}" for finding in report.findings]
    lines += [f"not verified: {said}" for said in report.not_verified]
    failed = sum(not outcome.passed for outcome in report.outcomes)
    passed = len(report.outcomes) - failed
    counts = f"{passed} passed" + (f", {failed} failed" if failed else "")
    lines.append(f"{counts}; {counted(report.ticks, 'evaluation')} in {report.seconds:.1f} s")
    lines.append(f"evaluated as {report.grafana} does ({report.grafana.known})")
    for what, uids in (
        ("no test at all", report.coverage.untested),
        ("no test that makes it fire", report.coverage.silent),
        ("no test that keeps it quiet", report.coverage.unquiet),
    ):
        rest = [uid for uid in uids if what == "no test at all" or uid not in report.coverage.untested]
        if rest:
            lines.append(f"{what}: {', '.join(rest)}")
    return visible_lines("\n".join(lines)) + "\n"


def as_json(report: SuiteReport) -> str:
    document = {
        "passed": report.passed,
        "grafana": grafana(report.grafana),
        "seconds": round(report.seconds, 3),
        "evaluations": report.ticks,
        "findings": list(report.findings),
        "not_verified": list(report.not_verified),
        "coverage": {
            "never_fired": list(report.coverage.silent),
            "never_quiet": list(report.coverage.unquiet),
        },
        "tests": [_test(outcome) for outcome in report.outcomes],
    }
    return escaping.json(document, allow_nan=False) + "\n"


def grafana(one: Semantics) -> dict[str, Any]:
    """Which Grafana evaluated, and how much of what it does was recorded."""
    return {"version": shown(one.version), "toggles": sorted(one.toggles), "known": one.known}


def _test(outcome: AlertTestOutcome) -> dict[str, Any]:
    return {
        "name": outcome.test.name,
        "place": outcome.test.place,
        "passed": outcome.passed,
        "seconds": round(outcome.seconds, 3),
        "broken": outcome.broken,
        "failures": [
            {"expectation": f.expectation, "rule": f.rule, "labels": dict(f.labels), "message": f.message}
            for f in outcome.failures
        ],
        "timelines": {
            uid: [
                {"at": tick.at - timeline.zero, "instances": [as_data(instance) for instance in tick.instances]}
                for tick in timeline.ticks
            ]
            for uid, timeline in outcome.timelines.items()
        },
    }


def as_junit(report: SuiteReport) -> str:
    """One suite; a finding is a failing case of its own."""
    failed = sum(bool(outcome.failures) for outcome in report.outcomes) + len(report.findings)
    errors = sum(bool(outcome.broken) for outcome in report.outcomes)
    suite = ET.Element(
        "testsuite",
        name="dashgen test",
        tests=str(len(report.outcomes) + len(report.findings)),
        failures=str(failed),
        errors=str(errors),
        time=f"{report.seconds:.3f}",
    )
    for outcome in report.outcomes:
        file, _, line = outcome.test.place.rpartition(":")
        of = {"classname": xml(file or "tests"), "name": xml(outcome.test.name), "time": f"{outcome.seconds:.3f}"}
        case = ET.SubElement(suite, "testcase", of)
        if file:
            case.set("file", xml(file))
            case.set("line", line)
        if outcome.broken:
            ET.SubElement(case, "error", message=xml(outcome.broken))
        elif outcome.failures:
            messages = [failure.message for failure in outcome.failures]
            node = ET.SubElement(case, "failure", message=xml(messages[0]))
            node.text = xml("\n".join((*messages, *_pictures(outcome))))
    for finding in report.findings:
        rule = ET.SubElement(suite, "testcase", classname="rules", name=xml(finding.partition(",")[0]))
        ET.SubElement(rule, "failure", message=xml(finding))
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _pictures(outcome: AlertTestOutcome) -> Sequence[str]:
    lines: list[str] = []
    for uid in dict.fromkeys(failure.rule for failure in outcome.failures):
        lines += picture(outcome.timelines[uid], outcome.failures)
    return lines
