import pytest

from dashgen.grafana.alerting.math_language import Binary, Call, Constant, Unary, Variable, parse, variables
from dashgen.grafana.alerting.values import ExpressionError

A, B = Variable("A"), Variable("B")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("1", Constant(1.0)),
        ("0x1F", Constant(31.0)),
        (".5e1", Constant(5.0)),
        ("$A", A),
        ("${A}", A),
        ("${my query}", Variable("my query")),
        ("$A - $B - 1", Binary("-", Binary("-", A, B), Constant(1.0))),
        ("$A + $B * 2 ** 3", Binary("+", A, Binary("*", B, Binary("**", Constant(2.0), Constant(3.0))))),
        ("2 ** 3 ** 2", Binary("**", Binary("**", Constant(2.0), Constant(3.0)), Constant(2.0))),
        ("$A || $B && 0", Binary("||", A, Binary("&&", B, Constant(0.0)))),
        ("$A > 1 == 1", Binary("==", Binary(">", A, Constant(1.0)), Constant(1.0))),
        ("-$A * $B", Binary("*", Unary("-", A), B)),
        ("!($A > $B)", Unary("!", Binary(">", A, B))),
        ("is_nan(abs($A) % 2)", Call("is_nan", (Binary("%", Call("abs", (A,)), Constant(2.0)),))),
        ("null() + inf()", Binary("+", Call("null", ()), Call("inf", ()))),
    ],
)
def test_expressions_are_grouped_as_grafana_groups_them(text: str, node: object) -> None:
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a number, a variable, a function or '(' at 0 in '', got the end"),
        ("$A >", "at 4"),
        ("5>-1", "expected an operator at 1 in '5>-1', got '>-'"),
        ("$A $B", "expected the end of the expression at 3"),
        ("($A", "expected ')' at 3"),
        ("median($A)", "non existent function median; there are is_nan, ceil"),
        ("abs()", "abs takes 1 arguments, got 0"),
        ("nan(1)", "nan takes 0 arguments, got 1"),
        ("$ + 1", "incomplete variable at 0"),
        ("$A ; 1", "invalid character: ; at 3"),
    ],
)
def test_what_grafana_refuses_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_the_needed_ref_ids_come_in_order() -> None:
    assert variables(parse("abs($B) > $A || ${C d} < -$B")) == ("B", "A", "C d", "B")
