"""Variables as Grafana's templating list."""

from __future__ import annotations

from typing import cast

from grafana_foundation_sdk.models import dashboard as dm

from dashgen.grafana.datasources.plugins import id_of
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards import variable as model
from dashgen.model.environment import Environment
from dashgen.render.fields import Plain
from dashgen.render.links import MENU_OF_VARIABLES
from dashgen.render.raw import merged, patched
from dashgen.render.targets import Datasources, sdk

_HIDE = {
    "nothing": dm.VariableHide.DONT_HIDE,
    "label": dm.VariableHide.HIDE_LABEL,
    "variable": dm.VariableHide.HIDE_VARIABLE,
}
_SORT = {
    "none": dm.VariableSort.DISABLED,
    "asc": dm.VariableSort.ALPHABETICAL_ASC,
    "desc": dm.VariableSort.ALPHABETICAL_DESC,
    "numeric asc": dm.VariableSort.NUMERICAL_ASC,
    "numeric desc": dm.VariableSort.NUMERICAL_DESC,
    "asc, case-insensitive": dm.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC,
    "desc, case-insensitive": dm.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_DESC,
}


def _option(text: str, value: str, *, multi: bool = False, selected: bool = True) -> dm.VariableOption:
    return dm.VariableOption(selected=selected, text=[text] if multi else text, value=[value] if multi else value)


def _all(multi: bool) -> dm.VariableOption:
    return _option("All", "$__all", multi=multi)


def _commas(values: tuple[str, ...]) -> str:
    """Grafana splits a custom variable's text at commas; a comma in a value is escaped."""
    return ",".join(v.replace(",", "\\,") for v in values)


def _values(v: model.Choice, values: tuple[str, ...], default: str | None) -> dm.VariableModel:
    first = default if default is not None else values[0]
    current = _all(v.multi) if v.include_all and default is None else _option(first, first, multi=v.multi)
    options = [_option(x, x, selected=x == first and not (v.include_all and default is None)) for x in values]
    if v.include_all:
        options.insert(0, _option("All", "$__all", selected=default is None))
    return dm.VariableModel(
        type_val=dm.VariableType.CUSTOM,
        name=v.name,
        query=_commas(values),
        options=options,
        current=current,
        multi=v.multi,
        include_all=v.include_all,
        all_value=(v.all_value or None) if v.include_all else None,
        # an unknown value in the address stays, and a dashboard would look empty and healthy (docs/facts/grafana.md,
        # Dashboards)
        allow_custom_value=isinstance(v, model.CustomVariable) and v.free_values,
    )


def variable(
    v: model.Variable, environment: Environment, env_values: tuple[str, ...], datasources: Datasources
) -> dm.VariableModel:
    """A variable with the keys of its type: the SDK (0.0.21) writes `auto`, `multi` and their like into all of them.

    `env_values` are those of the project's environments.
    """
    if isinstance(v, model.RawVariable):
        return cast("dm.VariableModel", Plain(_raw(v)))
    out = _typed(v, environment, env_values, datasources)
    if not isinstance(v, model.Choice):
        out.multi = out.include_all = out.allow_custom_value = None
    if not (isinstance(v, model.IntervalVariable) and v.auto):
        out.auto_count = out.auto_min = None
    if not isinstance(v, model.IntervalVariable):
        out.auto = None
    out.label = v.label or None
    out.description = v.description or None
    if v.hide != "nothing":
        out.hide = _HIDE[v.hide]
    elif v.placement == "menu" and environment.version >= MENU_OF_VARIABLES:
        out.hide = dm.VariableHide.IN_CONTROLS_MENU
    return patched(out, v.raw)


def _raw(v: model.RawVariable) -> dict[str, object]:
    out: dict[str, object] = {**thaw(v.json), "name": v.name}
    out |= {key: text for key, text in (("label", v.label), ("description", v.description)) if text}
    if v.hide != "nothing":
        out["hide"] = _HIDE[v.hide].value
    made: dict[str, object] = merged(out, v.raw)
    return made


def _typed(
    v: model.Variable, environment: Environment, env_values: tuple[str, ...], datasources: Datasources
) -> dm.VariableModel:
    if isinstance(v, model.QueryVariable):
        sql = datasources.variable_sql(v.query, v.datasource)
        current = None
        if v.default is not None:
            current = _option(v.default, v.default, multi=v.multi)
        elif v.include_all:
            current = _all(v.multi)
        return dm.VariableModel(
            type_val=dm.VariableType.QUERY,
            name=v.name,
            query=sql,
            definition=sql,
            datasource=sdk(datasources.ref(v.query.datasource or v.datasource)),
            current=current,
            multi=v.multi,
            include_all=v.include_all,
            all_value=(v.all_value or None) if v.include_all else None,
            refresh=dm.VariableRefresh.ON_DASHBOARD_LOAD
            if v.refresh == "load"
            else dm.VariableRefresh.ON_TIME_RANGE_CHANGED,
            sort=_SORT[v.sort],
            regex=v.regex,
        )
    if isinstance(v, model.CustomVariable):
        return _values(v, v.values, v.default)
    if isinstance(v, model.EnvironmentVariable):
        return _values(v, v.offered(env_values), v.default or environment.env)
    if isinstance(v, model.ConstantVariable):
        return dm.VariableModel(
            type_val=dm.VariableType.CONSTANT,
            name=v.name,
            query=v.value,
            current=_option(v.value, v.value),
            hide=dm.VariableHide.HIDE_VARIABLE,
            skip_url_sync=True,
        )
    if isinstance(v, model.TextVariable):
        return dm.VariableModel(
            type_val=dm.VariableType.TEXTBOX,
            name=v.name,
            query=v.default,
            current=_option(v.default, v.default),
        )
    if isinstance(v, model.IntervalVariable):
        first = "$__auto" if v.auto else v.values[0]
        return dm.VariableModel(
            type_val=dm.VariableType.INTERVAL,
            name=v.name,
            query=",".join(v.values),
            auto=v.auto,
            auto_count=v.auto_count,
            auto_min=v.auto_min,
            current=_option("Auto" if v.auto else first, first),
            options=[_option(x, x, selected=x == first) for x in v.values],
            refresh=dm.VariableRefresh.ON_TIME_RANGE_CHANGED,
        )
    if isinstance(v, model.DatasourceVariable):
        datasource, ref = datasources.named(v.datasource)
        return dm.VariableModel(
            type_val=dm.VariableType.DATASOURCE,
            name=v.name,
            query=id_of(datasource.plugin),
            current=_option(environment.datasource_name(datasource), ref["uid"]),
            refresh=dm.VariableRefresh.ON_DASHBOARD_LOAD,
        )
    raise TypeError(f"no rendering for {type(v).__name__}")
