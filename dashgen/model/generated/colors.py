"""The named colours of Grafana's palette. Written by `make generated`."""

from typing import Literal, TypeAlias, get_args

ColorName: TypeAlias = Literal[
    "super-light-red",
    "light-red",
    "red",
    "semi-dark-red",
    "dark-red",
    "super-light-orange",
    "light-orange",
    "orange",
    "semi-dark-orange",
    "dark-orange",
    "super-light-yellow",
    "light-yellow",
    "yellow",
    "semi-dark-yellow",
    "dark-yellow",
    "super-light-green",
    "light-green",
    "green",
    "semi-dark-green",
    "dark-green",
    "super-light-blue",
    "light-blue",
    "blue",
    "semi-dark-blue",
    "dark-blue",
    "super-light-purple",
    "light-purple",
    "purple",
    "semi-dark-purple",
    "dark-purple",
    "text",
    "transparent",
    "panel-bg",
    "gray",
    "black",
    "white",
]

COLOR_NAMES: frozenset[str] = frozenset(get_args(ColorName))
