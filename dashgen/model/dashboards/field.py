"""How a field (a column, a series) is shown: unit, thresholds, mappings, colours, overrides, links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from dashgen.model.core import validators
from dashgen.model.core.fields import Check, checked
from dashgen.model.core.node import Node, Wrong, node
from dashgen.model.core.suggestions import did_you_mean
from dashgen.model.core.validators import NOTHING
from dashgen.model.dashboards.link import Addressable, to_dashboard
from dashgen.model.generated.colors import COLOR_NAMES, ColorName
from dashgen.model.generated.units import UNITS, Unit

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z")


_RGB = re.compile(r"rgba?\( ?\d{1,3}, ?\d{1,3}, ?\d{1,3}(?:, ?(?:\d|\d?\.\d{1,4}))? ?\)\Z")


class Hex(str):
    """A colour in hexadecimal notation: `Hex("#ff8800")`."""

    __slots__ = ()

    def __new__(cls, value: str) -> Hex:
        if not _HEX.match(value):
            raise ValueError(f"expected a colour like '#ff8800', got {value!r}")
        return super().__new__(cls, value)


class Rgb(str):
    """A colour as red, green, blue and opacity: `Rgb("rgba(50, 172, 45, 0.97)")`."""

    __slots__ = ()

    def __new__(cls, value: str) -> Rgb:
        if not _RGB.match(value):
            raise ValueError(f"expected a colour like 'rgba(50, 172, 45, 0.97)', got {value!r}")
        return super().__new__(cls, value)


class CustomUnit(str):
    """A custom unit, which is not in Grafana's list: `CustomUnit("suffix: fetches/s")`."""

    __slots__ = ()
    prefixes: ClassVar[tuple[str, ...]] = (
        "suffix:",
        "prefix:",
        "time:",
        "si:",
        "count:",
        "currency:",
        "bool:",
    )

    def __new__(cls, value: str) -> CustomUnit:
        if not value.startswith(cls.prefixes):
            raise ValueError(f"expected a unit that starts with one of {', '.join(cls.prefixes)}; got {value!r}")
        return super().__new__(cls, value)


Color: TypeAlias = ColorName | Hex | Rgb
"""A named colour of Grafana's palette, or a custom colour."""
AnyUnit: TypeAlias = Unit | CustomUnit
"""A Grafana unit by its id, or a custom unit."""


def color(value: object) -> object:
    if isinstance(value, (Hex, Rgb)) or value in COLOR_NAMES:
        return value
    near = did_you_mean(value, COLOR_NAMES) if isinstance(value, str) else ""
    if isinstance(value, str) and _HEX.match(value):
        near = f"write Hex({value!r})"
    elif isinstance(value, str) and _RGB.match(value):
        near = f"write Rgb({value!r})"
    raise Wrong("a colour of Grafana's palette", near or "names such as 'green', 'dark-red', or Hex('#ff8800')")


def unit(value: object) -> object:
    if isinstance(value, CustomUnit) or value in UNITS:
        return value
    raise Wrong("a unit of Grafana's list", _unit_hint(value))


def _unit_hint(value: object) -> str:
    if not isinstance(value, str):
        return "any other is CustomUnit('suffix:…')"
    if value.startswith(CustomUnit.prefixes):
        return f"write CustomUnit({value!r})"
    from dashgen.model.dashboards.unit_spellings import hint  # a large table, which only a mistake needs

    return hint(value)


@node
class Thresholds(Node):
    """Colours by value: the base colour, then `(from, colour)` in ascending order.

    `Thresholds("red", (1, "green"))` is red below 1 and green from 1 on.
    """

    base: Color = checked(color, kw_only=False)
    """Colour of values below the first step."""
    steps: tuple[tuple[float, Color], ...] = checked(lambda v: v, default=(), kw_only=False)
    """Pairs of a value and the colour from that value on, in ascending order, in the unit of the values (`steps`)."""
    percentage: bool = checked(validators.flag, default=False)
    """True: the steps are percentages of the range from the field's `min` to its `max` (`mode`)."""

    REST: ClassVar[str] = "steps"  # steps are easiest to read as arguments

    if TYPE_CHECKING:

        def __init__(self, base: Color, *steps: tuple[float, Color], percentage: bool = False) -> None: ...

    def __post_init__(self) -> None:
        before: float | None = None
        given: tuple[object, ...] = self.steps
        for step in given:
            if not (isinstance(step, tuple) and len(step) == 2):
                self.problem(f"expected steps like (1, 'green'), got {step!r}", field="steps")
                continue
            self._accept(color, step[1], "a step's colour")
            if self._accept(validators.number, step[0], "a step's value"):
                if before is not None and step[0] <= before:
                    self.problem(
                        f"steps must ascend, but {step[0]:g} follows {before:g}", "order the steps by value", "steps"
                    )
                before = step[0]

    def _accept(self, check: Check, value: object, what: str) -> bool:
        try:
            check(value)
        except Wrong as wrong:
            self.problem(f"{what}: expected {wrong.expected}, got {value!r}", wrong.hint, "steps")
            return False
        return True


def _mapped(value: object) -> object:
    return value if isinstance(value, (str, bool)) else validators.number(value)


@node
class ValueMapping(Node):
    """Shows one value as a text: `ValueMapping(1, "up", color="green")`."""

    value: str | float | bool = checked(_mapped, kw_only=False)
    """The value that is replaced: a text, a number or a boolean, as the query returns it."""
    text: str | None = checked(validators.maybe(validators.any_text), default=None, kw_only=False)
    """Text to show instead. None keeps the value and changes only the colour."""
    color: Color | None = checked(validators.maybe(color), default=None)
    """Colour of the value where the panel colours by value. None: the field's own colour."""
    icon: str | None = checked(validators.maybe(validators.text), default=None)
    """Name of a Grafana icon, for panels that can show one next to the text."""


@node
class RangeMapping(Node):
    """Shows the values of a range as a text: `RangeMapping(0, 5, "few")`."""

    low: float | None = checked(validators.maybe(validators.number), kw_only=False)
    """Lowest value of the range, included. None: no lower bound."""
    high: float | None = checked(validators.maybe(validators.number), kw_only=False)
    """Highest value of the range, included. None: no upper bound."""
    text: str | None = checked(validators.maybe(validators.any_text), default=None, kw_only=False)
    """Text to show instead. None keeps the value and changes only the colour."""
    color: Color | None = checked(validators.maybe(color), default=None)
    """Colour of the values in the range. None: the field's own colour."""


@node
class RegexMapping(Node):
    """Replaces texts that match a pattern: `RegexMapping("/^prod-(.*)/", "$1")`."""

    pattern: str = checked(validators.text, kw_only=False)
    """JavaScript regular expression between slashes: `pattern="/^prod-(.*)/"`."""
    text: str | None = checked(validators.maybe(validators.any_text), default=None, kw_only=False)
    """Text to show instead; `$1` is the pattern's first group. None keeps the value and changes only the colour."""
    color: Color | None = checked(validators.maybe(color), default=None)
    """Colour of the values that match. None: the field's own colour."""


Special = Literal["true", "false", "null", "nan", "null+nan", "empty"]


@node
class SpecialMapping(Node):
    """Shows a special value as a text: `SpecialMapping("null", "–")`."""

    match: Special = checked(validators.literal(), kw_only=False)
    """The special value: missing (`null`), not a number (`nan`), either of them (`null+nan`), a boolean, or an empty
    text.
    """
    text: str | None = checked(validators.maybe(validators.any_text), default=None, kw_only=False)
    """Text to show instead, such as `text="–"`. None keeps the value and changes only the colour."""
    color: Color | None = checked(validators.maybe(color), default=None)
    """Colour of the values that match. None: the field's own colour."""


Mapping_: TypeAlias = ValueMapping | RangeMapping | RegexMapping | SpecialMapping
_mappings = validators.many(validators.a(ValueMapping, RangeMapping, RegexMapping, SpecialMapping))

ColorMode = Literal[
    "fixed", "shades", "thresholds", "palette-classic", "palette-classic-by-name",
    "continuous-GrYlRd", "continuous-RdYlGr", "continuous-BlYlRd", "continuous-YlRd", "continuous-BlPu",
    "continuous-YlBl", "continuous-blues", "continuous-reds", "continuous-greens", "continuous-purples",
]  # fmt: skip


@node
class ColorScheme(Node):
    """Colour scheme of a field: `ColorScheme("continuous-GrYlRd")`."""

    mode: ColorMode = checked(validators.literal(), kw_only=False)
    """Where the colour comes from: the thresholds, a palette by the order or the name of the series, a gradient between
    the field's `min` and `max` (`continuous-…`), one colour, or shades of it."""
    fixed: Color | None = checked(validators.maybe(color), default=None)
    """The colour of the modes `fixed` and `shades`: `fixed="blue"`. Not allowed with other modes."""
    by: Literal["last", "min", "max"] | None = checked(validators.literal(), default=None)
    """Which value of a series determines its colour, in modes that colour by value: `by="max"`. None: Grafana's
    default, the last one (`color.seriesBy`)."""


def color_or_scheme(value: object) -> object:
    return value if isinstance(value, ColorScheme) else color(value)


@node
class DataLink(Node):
    """A link on a value. Its URL may use `${__field.labels.host}`, `${__value.raw}`, `${__data.fields.host}`.

    It names a dashboard of the project by reference, `dashboard=HEALTH`, or by uid where a reference is impossible
    (dashboards that link to each other, or a dashboard that links to itself).
    """

    title: str = checked(validators.text, kw_only=False)
    """Text of the link in the menu that a click on a value opens. It may use the same placeholders as the URL."""
    url: str = checked(validators.text, default="")
    """URL of any page: `url="https://wiki/hosts/${__field.labels.host}"`. Give either this or `dashboard`."""
    dashboard: Addressable | str | None = checked(validators.maybe(to_dashboard), default=None)
    """Target dashboard, or its uid; the current time range is passed to it. A dashboard that the project does not have
    is an error."""
    variables: Mapping[str, str] = checked(validators.mapping(validators.text), default=NOTHING)
    """Values for the variables of that dashboard, by name: `variables={"host": "${__data.fields.host}"}`."""
    new_tab: bool = checked(validators.flag, default=False)
    """True opens the page in a new tab of the browser (`targetBlank`)."""

    def __post_init__(self) -> None:
        if bool(self.url) == (self.dashboard is not None):
            self.problem("needs either url or dashboard", "give exactly one of them")


@node
class ByRegex(Node):
    """Fields whose name matches: `ByRegex("/^oi/")`."""

    pattern: str = checked(validators.text, kw_only=False)
    """JavaScript regular expression between slashes, `pattern="/_ms$/"`, which is searched in the field's name."""


ValueType = Literal["number", "string", "time", "boolean"]


@node
class ByType(Node):
    """Fields of one type: `ByType("number")`."""

    type: ValueType = checked(validators.literal(), kw_only=False)
    """The type of the fields' values, as the data source reports it."""


@node
class ByQuery(Node):
    """Fields that a named query returns: `ByQuery("worst")`."""

    query: str = checked(validators.text, kw_only=False)
    """The `name` of one of the panel's queries; it becomes the query's refId."""


@node
class FieldMatcher(Node):
    """Fields that any other matcher of Grafana selects: `FieldMatcher("byNames", {"mode": "exclude", "names":
    ["time"]})`."""

    id: str = checked(validators.text, kw_only=False)
    """Grafana's id of the matcher, as panel JSON has it: `id="byNames"` (`fieldConfig.overrides.matcher.id`)."""
    options: Any = checked(validators.freeze, default=None, kw_only=False)
    """Options of the matcher: a text, a number or a dict (`fieldConfig.overrides.matcher.options`)."""


@node
class FieldOptions(Node):
    """Display options of all fields of a panel or, in an override, of some of them."""

    unit: AnyUnit | None = checked(validators.maybe(unit), default=None)
    """Unit of the values as the query returns them; Grafana scales the text (1500 `ms` reads 1.5 s). `unit="ms"`,
    `unit=CustomUnit("suffix: fetches/s")`. None: numbers without a unit (`unit`)."""
    decimals: int | None = checked(validators.maybe(validators.whole(0, 15)), default=None)
    """Number of decimal places, 0 to 15. None: Grafana decides by the size of the value (`decimals`)."""
    min: float | None = checked(validators.maybe(validators.number), default=None)
    """Minimum of the axis, gauge or colour gradient, in the unit of the values: `min=0`. None: from the data
    (`min`)."""
    max: float | None = checked(validators.maybe(validators.number), default=None)
    """Maximum of the axis, gauge or colour gradient, in the unit of the values: `max=100`. None: from the data
    (`max`)."""
    display_name: str | None = checked(validators.maybe(validators.text), default=None)
    """Name in the legend, the tooltip and column headers. It may hold labels: `display_name="${__field.labels.host}"`.
    None: the name that the query returns (`displayName`)."""
    no_value: str | None = checked(validators.maybe(validators.any_text), default=None)
    """Text for a missing value: `no_value="never"`. None: Grafana's default, a hyphen (`noValue`)."""
    color: Color | ColorScheme | None = checked(validators.maybe(color_or_scheme), default=None)
    """A fixed colour, or a colour scheme: `color="blue"`, `color=ColorScheme("thresholds")`. None: the default scheme
    of the panel's kind (`color`)."""
    thresholds: Thresholds | None = checked(
        validators.maybe(validators.a(Thresholds, hint="Thresholds('green', (80, 'red'))")), default=None
    )
    """Colours by value, for panels and cells that colour by thresholds: `thresholds=Thresholds("green", (500, "red"))`.
    None: Grafana's default thresholds (`thresholds`)."""
    mappings: tuple[Mapping_, ...] = checked(_mappings, default=())
    """Value mappings: texts and colours for values, ranges or missing values. The first match applies:
    `mappings=(ValueMapping(1, "up", color="green"), SpecialMapping("null", "–"))` (`mappings`)."""
    data_links: tuple[DataLink, ...] = checked(validators.many(validators.a(DataLink)), default=())
    """Links in the menu that a click on a value opens: `data_links=(DataLink("Wiki",
    url="https://wiki/${__field.labels.host}"),)` (`links`)."""
    custom: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """Custom field options of the panel's kind that have no attribute here, under Grafana's names and validated against
    the kind's schema: `custom={"axisPlacement": "right"}` (`custom`)."""


def matcher(value: object) -> object:
    if isinstance(value, (ByRegex, ByType, ByQuery, FieldMatcher)) or (isinstance(value, str) and value):
        return value
    raise Wrong("a field's name, ByRegex, ByType, ByQuery or FieldMatcher")


@node
class Override(FieldOptions):
    """Options for the fields that match: `Override("latency_ms", unit="ms")`."""

    match: str | ByRegex | ByType | ByQuery | FieldMatcher = checked(matcher, kw_only=False)
    """The fields to override: a name, or a matcher."""
    hidden: bool = checked(validators.flag, default=False)
    """True hides the fields in the chart, the legend and the tooltip, and the columns of a table. Stat, gauge and bar
    gauge don't support it."""
    raw: Mapping[str, Any] = checked(validators.json_object, default=NOTHING)
    """Properties under Grafana's ids whose values no attribute can express, without validation: `raw={"unit":
    "docs/s"}` (`fieldConfig.overrides.properties`)."""
