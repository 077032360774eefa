import pytest

from dashgen.schema.located import YamlError, load

TEXT = """\
tests:
  - name: one   # a comment
    at: 12:30
    on: true
    rows: {a: 1, b: [x, 2.5, null]}
    quoted: "true"
"""


def test_values_are_what_they_look_like() -> None:
    assert load(TEXT).data == {
        "tests": [{"name": "one", "at": "12:30", "on": True, "rows": {"a": 1, "b": ["x", 2.5, None]}, "quoted": "true"}]
    }


def test_every_value_and_key_has_its_place() -> None:
    located = load(TEXT)
    place = located.places["tests", 0, "rows", "b", 1]
    assert (place.line, place.column, TEXT[place.start : place.end]) == (5, 25, "2.5")
    key = located.keys["tests", 0, "rows"]
    assert (key.line, key.column, TEXT[key.start : key.end]) == (5, 5, "rows")
    missing = located.place(("tests", 0, "rows", "nope", 3))
    assert (missing.line, missing.column) == (5, 5)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a: [1, 2", "the list that begins here is not closed", 1, 4),
        ("a: 1\n---\na: 2", "a second document begins here", 2, 1),
        ("a: 1\na: 2", "the key 'a' is there twice", 2, 1),
        ("a: 1\nb: {{ x }}", "a text that begins with '{' or '[' must be in quotes", 2, 4),
        ("a: &x 1\nb: *y", "a text that begins with '*' must be in quotes", 2, 4),
    ],
)
def test_what_is_not_yaml_is_told_with_its_place(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(YamlError) as caught:
        load(text)
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_an_alias_is_its_anchor_and_a_bomb_is_refused() -> None:
    assert load("a: &x {k: 1}\nb: *x").data == {"a": {"k": 1}, "b": {"k": 1}}
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 8)]
    with pytest.raises(YamlError, match="more than 200000 values"):
        load("\n".join(lines))


def test_an_empty_text_is_nothing() -> None:
    assert load("").data is None
