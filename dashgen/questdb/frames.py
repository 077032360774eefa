"""Rows of a declared table in a pandas DataFrame, judged column by column.

Vectors find the rows that may be wrong; only those are built and judged one by one, so that a finding is the same
as that of a row. Whether the vectors miss none is what tests/questdb/test_frames.py tries with random frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from dashgen.model.tables.row_constraints import RowRule, SequenceRule
from dashgen.model.tables.rows import RowFinding, Validator, faults
from dashgen.model.tables.table import Column, table_of, unchecked
from dashgen.questdb.extras import from_extra

with from_extra("dataframe"):  # whoever imports this module has a frame
    import numpy as np
    import pandas as pd
    import pyarrow as _  # noqa: F401  # the client reads text through it

Array = np.ndarray[Any, Any]

_KINDS = {"LONG": "iu", "DOUBLE": "fiu", "BOOLEAN": "b"}
_EXPECTED = {
    "LONG": "an integer dtype",
    "DOUBLE": "a float dtype",
    "BOOLEAN": "a bool dtype",
    "TIMESTAMP": "a datetime dtype in UTC",
    "SYMBOL": "a dtype of text or categories of text",
    "VARCHAR": "a dtype of text or categories of text",
}


@dataclass(frozen=True, slots=True)
class CheckedFrame:
    """`good` are the rows to write, with every column that has a default; `numbers` are theirs in findings."""

    good: pd.DataFrame
    numbers: Array
    refused: list[RowFinding]
    contradictions: list[RowFinding]


def as_pandas(frame: object) -> pd.DataFrame:
    """A DataFrame of pandas as it is; one of polars, or a table of pyarrow, converted. Raises TypeError."""
    if hasattr(frame, "to_pandas"):
        frame = frame.to_pandas()
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"expected a DataFrame of pandas or polars, or a Table of pyarrow, got {type(frame).__name__}")
    return frame


class FrameValidator:
    """Judges the frames of one table, one after the other. `validator` remembers the last row of each series."""

    def __init__(self, cls: type, validator: Validator) -> None:
        self.cls = cls
        self.table = table_of(cls)
        self._validator = validator
        self._defaults = {item.name: item.default for item in fields(cls)}
        self._row_rules = tuple(rule for rule in self.table.rules if isinstance(rule, RowRule))
        self._sequence_rules = tuple(rule for rule in self.table.rules if isinstance(rule, SequenceRule))
        self._judged_texts = tuple(
            column.name
            for column in self.table.columns
            if column.type in ("SYMBOL", "VARCHAR")
            and (column.choices or column.lengths or column.name in self.table.series)
        )
        # A validator that the author wrote is not known to vectors.
        decorators = cls.__pydantic_decorators__  # type: ignore[attr-defined]  # of every pydantic dataclass
        own = [name for name in decorators.model_validators if name != "_check_rules"]
        self._is_known = not (own or decorators.field_validators) and not any(c.custom for c in self.table.columns)

    def shaped(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with the declared columns in their order, those with a default filled in.

        Raises ValueError, with all that is wrong, for columns that are missing, unknown, or of a dtype that would need
        a cast.
        """
        known = {column.name for column in self.table.columns}
        wrong = [f"no column {name!r} is declared" for name in frame.columns if name not in known]
        taken: dict[str, Any] = {}
        for column in self.table.columns:
            if column.name in frame.columns:
                values = frame[column.name]
                if not _fits(values, column):
                    wrong.append(f"{column.name}: expected {_EXPECTED[column.type]}, got {values.dtype}")
                taken[column.name] = values
            elif self._defaults[column.name] is MISSING:
                wrong.append(f"{column.name} is missing")
            elif self._defaults[column.name] is not None:
                taken[column.name] = self._defaults[column.name]
        if wrong:
            raise ValueError(f"a frame for {self.table.name}: {'; '.join(wrong)}")
        whole = list(taken) == list(frame.columns)
        return frame if whole else frame.assign(**taken)[list(taken)]

    def judge(self, frame: pd.DataFrame, first: int, *, now: datetime) -> CheckedFrame:
        """Of a frame that is `shaped`; its first row has the number `first` in findings."""
        frame = frame.assign(**{name: _categories(frame[name]) for name in self._judged_texts if name in frame.columns})
        vectors = _Vectors(frame, self.table.columns)
        with np.errstate(invalid="ignore", over="ignore"):  # infinities are suspects already
            suspects = self._suspects(vectors, now)
        refused: list[RowFinding] = []
        positions = np.flatnonzero(suspects)
        good = frame
        if len(positions):
            bad = []
            for position, values in zip(positions.tolist(), vectors.rows(positions), strict=True):
                row: object = unchecked(self.cls, **values)
                found = faults(self.cls, values, first + position)
                if found := found or self._validator.check(row, first + position, now=now):
                    refused += found
                    bad.append(position)
            if bad:
                kept = np.ones(len(frame), dtype=bool)
                kept[bad] = False
                good = frame[kept]
                vectors = _Vectors(good, self.table.columns)
                numbers = np.flatnonzero(kept) + first
                return CheckedFrame(good, numbers, refused, self._contradictions(vectors, numbers))
        numbers = np.arange(first, first + len(frame))
        return CheckedFrame(good, numbers, refused, self._contradictions(vectors, numbers))

    def _suspects(self, vectors: _Vectors, now: datetime) -> Array:
        if not self._is_known:
            return np.ones(vectors.count, dtype=bool)
        found = vectors.value(self.table.designated) > np.datetime64(now.astimezone(UTC).replace(tzinfo=None))
        for column in self.table.columns:
            for odd in vectors.suspects(column):
                found |= odd
        for rule in self._row_rules:
            found |= rule.suspects(vectors)
        return found

    def _contradictions(self, vectors: _Vectors, numbers: Array) -> list[RowFinding]:
        if not self._sequence_rules or not vectors.count:
            return []
        series = vectors.codes(self.table.series)
        moments = vectors.value(self.table.designated)
        if (moments[1:] >= moments[:-1]).all():
            order = np.argsort(series, kind="stable")
        else:
            order = np.lexsort((moments, series))
        before, after = order[:-1], order[1:]
        same = series[before] == series[after]
        starts = np.concatenate(([0], np.flatnonzero(~same) + 1))
        ends = np.concatenate((starts[1:] - 1, [len(order) - 1]))
        findings: list[RowFinding] = []
        for position, row in zip(order[starts].tolist(), self._rows(vectors, order[starts]), strict=True):
            findings += self._validator.follow(row, int(numbers[position]))
        for row in self._rows(vectors, order[ends]):
            self._validator.remember(row)
        pairs = same & (moments[after] > moments[before])
        for rule in self._sequence_rules:
            broken = np.flatnonzero(pairs & rule.suspects(vectors.take(before), vectors.take(after)))
            earlier, later = self._rows(vectors, before[broken]), self._rows(vectors, after[broken])
            for position, old, new in zip(after[broken].tolist(), earlier, later, strict=True):
                if fault := rule.check(old, new):
                    number = int(numbers[position])
                    findings.append(
                        RowFinding(self.table.name, number, fault.field, fault.message, getattr(new, fault.field))
                    )
        return sorted(findings, key=lambda finding: finding.row)

    def _rows(self, vectors: _Vectors, positions: Array) -> list[Any]:
        return [unchecked(self.cls, **values) for values in vectors.rows(positions)]


def _categories(values: pd.Series) -> pd.Series:
    """The same texts as categories: each is then judged once, and the client writes them faster."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values
    try:
        codes, found = pd.factorize(values)
    except TypeError:  # something in it is no text and has no hash
        return values
    return pd.Series(pd.Categorical.from_codes(codes, categories=found), index=values.index)


def _fits(values: pd.Series, column: Column) -> bool:
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return column.type in ("SYMBOL", "VARCHAR") and pd.api.types.infer_dtype(dtype.categories) in (
            "string",
            "empty",
        )
    if column.type == "TIMESTAMP":
        return isinstance(dtype, pd.DatetimeTZDtype) and str(dtype.tz) in ("UTC", "UTC+00:00")
    if column.type in ("SYMBOL", "VARCHAR"):
        return isinstance(dtype, pd.StringDtype) or dtype.kind == "O"
    return dtype.kind in _KINDS[column.type]


class _Vectors:
    """A frame by column, as numpy arrays; those of `Columns`, and what a column's own bounds make of them."""

    def __init__(self, frame: pd.DataFrame, columns: Iterable[Column]) -> None:
        self.frame = frame
        self.count = len(frame)
        self._columns = {column.name: column for column in columns}
        self._values: dict[str, Array] = {}
        self._missing: dict[str, Array] = {}

    def value(self, name: str) -> Array:
        if name not in self._values:
            self._values[name] = self._value(self._columns[name])
        return self._values[name]

    def missing(self, name: str) -> Array:
        if name not in self._missing:
            self._missing[name] = self._absent(name)
        return self._missing[name]

    def _absent(self, name: str) -> Array:
        """What `isna` says, which takes longer where a dtype has no missing values or numpy knows them."""
        if name not in self.frame.columns:
            return np.ones(self.count, dtype=bool)
        dtype = self.frame.dtypes[name]
        found: Array
        if isinstance(dtype, pd.CategoricalDtype):
            found = self.frame[name].cat.codes.to_numpy() < 0
        elif isinstance(dtype, np.dtype) and dtype.kind in "iub":
            found = np.zeros(self.count, dtype=bool)
        elif isinstance(dtype, np.dtype) and dtype.kind == "f":
            found = np.isnan(self.frame[name].to_numpy())
        else:
            found = self.frame[name].isna().to_numpy()
        return found

    def take(self, positions: Array) -> _Taken:
        return _Taken(self, positions)

    def suspects(self, column: Column) -> Iterator[Array]:
        """Where a column's own type, bounds, choices or lengths may be broken: together, all such rows."""
        if column.name not in self.frame.columns:
            return
        if not column.nullable and self.missing(column.name).any():
            yield self.missing(column.name)
        if column.type in ("SYMBOL", "VARCHAR"):
            if (odd := self._odd_text(column)) is not None:
                yield odd & ~self.missing(column.name)
        elif column.type in ("LONG", "DOUBLE"):
            values = self.value(column.name)
            lowest, highest = column.minimum, column.maximum
            if lowest is not None:
                yield values < lowest
            if highest is not None:
                yield values > highest
            if values.dtype.kind == "f":
                yield np.isinf(values)
            elif values.dtype == np.uint64 and highest is None:
                yield values > np.iinfo(np.int64).max
            elif values.dtype == np.int64 and lowest is None:
                yield values == np.iinfo(np.int64).min

    def codes(self, names: Sequence[str]) -> Array:
        """A number for each combination of values, as small as it can be: sorting is then linear."""
        combined, combinations = np.zeros(self.count, dtype=np.int64), 1
        for name in names:
            values = self.frame[name]
            if isinstance(values.dtype, pd.CategoricalDtype):
                codes, count = values.cat.codes.to_numpy(), len(values.cat.categories)
            else:
                codes, found = pd.factorize(values)
                count = len(found)
            combined = combined * (count + 1) + codes + 1
            combinations *= count + 1
        return combined.astype(np.uint16) if combinations < 2**16 else combined

    def rows(self, positions: Array) -> list[dict[str, Any]]:
        """Those rows as values of Python."""
        columns = {}
        taken = self.frame.iloc[positions]
        for name, values in taken.items():
            missing = values.isna().to_numpy()
            items = values.astype(object).tolist()
            if self._columns[str(name)].type == "TIMESTAMP":
                items = [None if gone else item.to_pydatetime() for item, gone in zip(items, missing, strict=True)]
            columns[str(name)] = [None if gone else item for item, gone in zip(items, missing, strict=True)]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _value(self, column: Column) -> Array:
        if column.name not in self.frame.columns:
            missing = np.datetime64("NaT") if column.type == "TIMESTAMP" else np.nan
            return np.full(self.count, missing)
        values = self.frame[column.name]
        found: Array
        if column.type == "TIMESTAMP":
            found = values.to_numpy(dtype=f"datetime64[{values.dt.unit}]")
        elif column.type == "BOOLEAN":
            found = values.to_numpy(dtype=bool, na_value=False)
        elif self.missing(column.name).any():
            found = values.to_numpy(dtype="float64", na_value=np.nan)
        else:
            found = values.to_numpy()
        return found

    def _odd_text(self, column: Column) -> Array | None:
        """None where no text is odd."""
        values = self.frame[column.name]
        if not isinstance(values.dtype, pd.CategoricalDtype):
            return _odd(values, column)
        odd = _odd(pd.Series(values.dtype.categories, dtype=object), column)
        found: Array | None = odd[values.cat.codes.to_numpy()] if odd.any() else None
        return found


def _odd(texts: pd.Series, column: Column) -> Array:
    """Where a text is none, or not one that the column takes."""
    if texts.dtype.kind == "O" and pd.api.types.infer_dtype(texts, skipna=True) not in ("string", "empty"):
        odd = np.array([not isinstance(text, str) for text in texts], dtype=bool)
    else:
        odd = np.zeros(len(texts), dtype=bool)
    if column.choices:
        odd |= ~texts.isin(column.choices).to_numpy()
    if column.lengths:
        shortest, longest = column.lengths
        lengths = texts.str.len().to_numpy(dtype="float64", na_value=np.nan)
        odd |= lengths < shortest
        if longest is not None:
            odd |= lengths > longest
    return odd


class _Taken:
    """Some rows of the vectors."""

    def __init__(self, vectors: _Vectors, positions: Array) -> None:
        self._vectors = vectors
        self._positions = positions

    def value(self, name: str) -> Array:
        found: Array = self._vectors.value(name)[self._positions]
        return found

    def missing(self, name: str) -> Array:
        found: Array = self._vectors.missing(name)[self._positions]
        return found
