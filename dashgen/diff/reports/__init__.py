"""A `Review` as text for a terminal, Markdown for a comment, JSON for programs, HTML for reading."""

from dashgen.diff.reports.data import as_json
from dashgen.diff.reports.html import html
from dashgen.diff.reports.markdown import markdown
from dashgen.diff.reports.text import text

__all__ = ["as_json", "html", "markdown", "text"]
