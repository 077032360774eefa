"""A `Review` as text for a terminal, Markdown for a comment, JSON for programs, HTML for reading."""

from dashgen.review.reports.data import as_json
from dashgen.review.reports.html import html
from dashgen.review.reports.markdown import markdown
from dashgen.review.reports.text import text

__all__ = ["as_json", "html", "markdown", "text"]
