"""What Grafana makes of a variable's rows."""

from __future__ import annotations

import pytest

from dashgen.grafana.datasources.options import Option, options

HOSTS = [
    Option("prod-b-01", "B one"),
    Option("prod-a-10", "A ten"),
    Option("dev-a-2", "a two"),
    Option("prod-b-01", "twice"),
]


@pytest.mark.parametrize(
    ("regex", "sort", "expected"),
    [
        ("", "none", [("prod-b-01", "B one"), ("prod-a-10", "A ten"), ("dev-a-2", "a two")]),
        ("/^prod-/", "none", [("prod-b-01", "B one"), ("prod-a-10", "A ten")]),
        ("/^prod-(.*)/", "none", [("b-01", "b-01"), ("a-10", "a-10")]),
        ("/^prod-(?<text>.*)-(?<value>.*)/", "none", [("01", "b"), ("10", "a")]),
        ("/^(?<value>prod-.*)/", "none", [("prod-b-01", "prod-b-01"), ("prod-a-10", "prod-a-10")]),
        ("/PROD-A.*/i", "none", [("prod-a-10", "A ten")]),
        ("prod", "none", []),
        ("prod-.-01", "none", [("prod-b-01", "B one")]),
        ("/([a-z])-/g", "none", [("d", "d"), ("b", "b"), ("a", "a"), ("v", "v")]),
        ("", "asc", [("prod-a-10", "A ten"), ("prod-b-01", "B one"), ("dev-a-2", "a two")]),
        ("", "desc, case-insensitive", [("prod-b-01", "B one"), ("dev-a-2", "a two"), ("prod-a-10", "A ten")]),
        ("/.*-(\\d+)/", "numeric asc", [("01", "01"), ("2", "2"), ("10", "10")]),
    ],
)
def test_options(regex: str, sort: str, expected: list[tuple[str, str]]) -> None:
    assert [tuple(one) for one in options(HOSTS, regex, sort)] == expected


def test_an_expression_that_cannot_be_read_says_so() -> None:
    with pytest.raises(ValueError, match="missing"):
        options(HOSTS, "/(/")
