"""Runs rules: over one query, over one query with its described columns, over the project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dashgen.lint.rule import Match, Rule, Stage, Subject, Whole
from dashgen.lint.rules import rules


def of_stage(stage: Stage) -> tuple[Rule[Any], ...]:
    return tuple(rule for rule in rules() if rule.stage == stage)


def judge(subject: Subject, chosen: Iterable[Rule[Any]] | None = None) -> Iterator[tuple[Rule[Any], Match]]:
    """What the rules about one query find in it: offline ones always, those about columns where it has them."""
    for rule in rules() if chosen is None else chosen:
        if rule.stage == "text" or (rule.stage == "columns" and subject.columns is not None):
            for match in rule.check(subject):
                yield rule, match


def judge_whole(whole: Whole, chosen: Iterable[Rule[Any]] | None = None) -> Iterator[tuple[Rule[Any], Match]]:
    """What the rules about the whole project find."""
    for rule in rules() if chosen is None else chosen:
        if rule.stage == "project":
            for match in rule.check(whole):
                yield rule, match
