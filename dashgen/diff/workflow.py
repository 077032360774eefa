"""The workflow that `dashgen ci github` prints.

Safe for pull requests from forks: it runs on `pull_request`, never on `pull_request_target`, so that their code gets
no secret and no token that writes. What commands read of the event they get as environment variables, never as text
put into a script. The job that may comment runs no code of the repository, and only for branches of its own; a fork's
report is in the run's summary.
"""

from __future__ import annotations

import json
import re

from dashgen.diff.reports.markdown import MARKER
from dashgen.model.core.problems import DashgenError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*\Z")


class WorkflowError(DashgenError, ValueError):
    """A value that can't be put into the workflow."""


def workflow(branch: str, environment: str, install: str, python: str, fail_on: str) -> str:
    """`fail_on` is a class of changes, or `none`. Raises WorkflowError for a name or a class that a workflow can't
    have."""
    for what, given in (("--branch", branch), ("--env", environment), ("--python", python)):
        if not _NAME.match(given):
            raise WorkflowError(f"{what}: {given!r} is not a valid name", "letters, digits, '.', '_', '/' and '-'")
    if "\n" in install or "${{" in install or not install.strip():
        raise WorkflowError(
            "--install: expected one command without ${{ }}", "put several commands into a script or Makefile"
        )
    gate = "" if fail_on == "none" else f" --fail-on {fail_on}"
    allowed = "|| [ $? -eq 1 ]" if fail_on == "none" else "|| code=$?"
    values = {
        "BRANCH": json.dumps(branch),
        "ENVIRONMENT": environment,
        "INSTALL": json.dumps(install, ensure_ascii=False),
        "PYTHON": json.dumps(python),
        "GATE": gate,
        "ALLOWED": allowed,
        "MARKER": MARKER,
    }
    return re.sub(r"@([A-Z]+)@", lambda match: values[match[1]], _TEMPLATE)


_TEMPLATE = """\
# Printed by `dashgen ci github`.
name: dashgen

on:
  pull_request:
  push:
    branches: [@BRANCH@]

permissions:
  contents: read

concurrency:
  group: dashgen-${{ github.ref }}
  cancel-in-progress: true

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v6
        with:
          fetch-depth: 0 # the diff reads the base's tree
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: @PYTHON@
      - name: Install
        run: @INSTALL@
      - name: Build (the committed tree is what the specs render)
        run: dashgen build --env @ENVIRONMENT@ --dry-run
      - name: Check (QuestDB accepts every query)
        if: ${{ !cancelled() }}
        run: dashgen check
      - name: Test (alert rules fire on the rows of their tests)
        if: ${{ !cancelled() }}
        run: dashgen test
      - name: Diff (what changes in dashboards, alerts and notifications)
        if: ${{ !cancelled() && github.event_name == 'pull_request' }}
        env:
          BASE: ${{ github.event.pull_request.base.sha }}
        run: |
          mkdir -p review
          code=0
          dashgen diff "$BASE" --env @ENVIRONMENT@ --format markdown@GATE@ > review/comment.md @ALLOWED@
          cat review/comment.md >> "$GITHUB_STEP_SUMMARY"
          dashgen diff "$BASE" --env @ENVIRONMENT@ --format html > review/review.html || [ $? -eq 1 ]
          dashgen diff "$BASE" --env @ENVIRONMENT@ --format json > review/review.json || [ $? -eq 1 ]
          exit "$code"
      - uses: actions/upload-artifact@v6
        if: ${{ !cancelled() && github.event_name == 'pull_request' }}
        with:
          name: dashgen-review
          path: review/
          if-no-files-found: ignore
      - uses: actions/upload-artifact@v6
        with:
          name: dashgen-build
          path: build/

  comment:
    needs: check
    # A pull request from a fork has no token that may comment: its report is in the summary of the run.
    if: >-
      ${{ !cancelled() && github.event_name == 'pull_request' &&
      github.event.pull_request.head.repo.full_name == github.repository }}
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      pull-requests: write
    steps:
      - uses: actions/download-artifact@v7
        with:
          name: dashgen-review
      - uses: actions/github-script@v8
        with:
          script: |
            const body = require('fs').readFileSync('comment.md', 'utf8');
            const marker = '@MARKER@';
            if (!body.startsWith(marker)) return core.setFailed('comment.md is not a report of dashgen');
            const issue = { ...context.repo, issue_number: context.issue.number };
            const comments = await github.paginate(github.rest.issues.listComments, { ...issue, per_page: 100 });
            const ours = comments.find((c) => c.user.type === 'Bot' && c.body.startsWith(marker));
            if (ours) await github.rest.issues.updateComment({ ...context.repo, comment_id: ours.id, body });
            else await github.rest.issues.createComment({ ...issue, body });
"""
