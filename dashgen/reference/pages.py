"""The pages of the reference, made from what the vocabulary says of itself."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import cast

import dashgen
from dashgen.escaping import table_cell
from dashgen.model.core.documentation import (
    FieldDoc,
    alias,
    alias_sentence,
    expanded,
    field_docs,
    is_declared,
    literals,
    long_aliases,
    parameter_docs,
    plain_doc,
)
from dashgen.model.core.fields import MISSING
from dashgen.reference.contents import METHODS, PAGES, Entry, ReferencePage, entries

_WRITTEN = "<!-- Written by `make generated` from the docstrings of dashgen: change them, not this page. -->\n"
_INTRO = """\
The names that specs import from `dashgen`, each with its fields. `help(TimeSeries)` and editors show the same text. The
JSON key that a field is rendered to follows its description in parentheses; a test compares these keys with rendered
files. Statements on what Grafana does with a value follow its documentation and @grafana/schema (read, not observed,
unless a sentence says otherwise)."""
_INDEX = "README.md"
_VALUES = "values.md"


def documents() -> dict[str, str]:
    """The pages by their file names, with their text."""
    made = _Reference()
    pages = {page.name: made.page(page) for page in PAGES}
    return {_INDEX: made.index(), **pages, _VALUES: made.values()}


def shown_default(value: object) -> str:
    """A default as specs would write it; empty where a field must be given, or its default is a function."""
    if value is MISSING or inspect.isfunction(value):
        return ""
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    text = repr(value)
    return text if '"' in text else text.replace("'", '"')


class _Reference:
    """Makes pages, and gathers the types that are listed on one of their own."""

    def __init__(self) -> None:
        self.entries = entries()
        self.by_name = {entry.name: entry for entry in self.entries}
        self.listed: dict[str, tuple[str, ast.expr]] = {}

    def index(self) -> str:
        parts = [
            "# Reference",
            _WRITTEN,
            _INTRO,
        ]
        for page in PAGES:
            rows = [("", "")] + [
                (f"[`{e.name}`]({e.page}#{_anchor(e.name)})", table_cell(_first_sentence(_said(e))))
                for e in self.entries
                if e.page == page.name
            ]
            parts.append(f"## [{page.title}]({page.name})\n\n{page.intro}\n\n{_table(rows)}")
        parts.append(f"## [Values]({_VALUES})\n\nUnits, colours and other lists of Grafana that types refer to.")
        return "\n\n".join(parts).replace("-->\n\n\n", "-->\n\n") + "\n"

    def page(self, page: ReferencePage) -> str:
        parts = [f"# {page.title}\n\n{_WRITTEN}\n{page.intro}"]
        parts += [self.entry(entry) for entry in self.entries if entry.page == page.name]
        return "\n\n".join(parts) + "\n"

    def values(self) -> str:
        parts = [f"# Values\n\n{_WRITTEN}\nLists of Grafana that types refer to."]
        for name, (module, written) in sorted(self.listed.items()):
            says = (sys.modules[module].__doc__ or "").replace(" Written by `make generated`.", "").strip()
            found = ", ".join(f"`{json.dumps(value, ensure_ascii=False)}`" for value in literals(written))
            parts.append(f"## {name}\n\n{says}\n\n{_filled(found)}")
        return "\n\n".join(parts) + "\n"

    def entry(self, entry: Entry) -> str:
        value = entry.value
        if entry.is_alias:
            return f"## {entry.name}\n\n{self.alias(entry.name)}"
        parts = [f"## {entry.name}", _markdown(_doc(value))]
        if isinstance(value, type) and is_declared(value):
            docs = field_docs(value)
            own = [doc for doc in docs if doc.owner is value]
            parts.insert(-1, f"```python\n{entry.name}({_short_signature(docs)})\n```") if docs else None
            if own:
                parts.append(self.fields(own, lambda doc: cast("type", doc.owner).__module__, "field"))
            parts += self.inherited(value, docs)
        elif parameters := list(parameter_docs(value)):
            home = cast("type", value).__module__
            if any(doc.sentence for doc in parameters):
                parts.insert(-1, f"```python\n{entry.name}({_short_signature(parameters)})\n```")
                parts.append(self.fields(parameters, lambda _: home, "parameter"))
        for name in METHODS.get(entry.name, ()):
            parts.append(self.method(entry, name))
        return "\n\n".join(part for part in parts if part)

    def alias(self, name: str) -> str:
        home = dashgen.MODULES[name]
        module, written = alias(home, name) or (home, ast.Name(name))
        stands_for = self.type(ast.unparse(written), module).replace("\\|", "|")
        return f"{alias_sentence(home, name)} Alias of {stands_for}."

    def inherited(self, cls: type, docs: Iterable[FieldDoc]) -> Iterator[str]:
        owners = dict.fromkeys(doc.owner for doc in docs if doc.owner is not None and doc.owner is not cls)
        links = [self.link(owner.__name__) for owner in owners]
        own = [
            f"`{doc.name}={shown_default(doc.default)}`"
            for doc in docs
            if doc.owner is not cls and doc.name in inspect.get_annotations(cls)
        ]
        if links:
            yield f"And the fields of {' and '.join(links)}" + (f", with {', '.join(own)} as defaults." if own else ".")

    def method(self, entry: Entry, name: str) -> str:
        function = cast("Callable[..., object]", getattr(entry.value, name))
        docs = list(parameter_docs(function))
        called = f"[{docs[0].name}]" if name == "__getitem__" else f".{name}({_short_signature(docs)})"
        table = ""
        if any(doc.sentence for doc in docs):
            table = "\n\n" + self.fields(docs, lambda _: function.__module__, "parameter")
        return f"### {entry.name}{called}\n\n{_markdown(_doc(function))}{table}"

    def fields(self, docs: Iterable[FieldDoc], home: Callable[[FieldDoc], str], what: str) -> str:
        rows = [(what, "type", "default", "")]
        for doc in docs:
            stars = "*" if doc.kind is inspect.Parameter.VAR_POSITIONAL else ""
            stars = "**" if doc.kind is inspect.Parameter.VAR_KEYWORD else stars
            default = f"`{shown_default(doc.default)}`" if shown_default(doc.default) else ""
            if doc.default is MISSING and not stars:
                default = "required"
            written = self.type(doc.written, home(doc))
            rows.append(
                (f"`{stars}{doc.name}`", written, "" if stars else table_cell(default), table_cell(doc.sentence))
            )
        return _table(rows)

    def type(self, written: str, module: str) -> str:
        """A type as code, in which every name that is documented is a link."""
        parsed = ast.parse(written, mode="eval").body if written else None
        text = ast.unparse(_Choices().visit(expanded(parsed, module))) if parsed else ""
        text = text.replace("'", '"')
        named = {name: (home, what) for name, home, what in long_aliases(parsed, module)} if parsed else {}
        out: list[str] = []
        code = ""
        for piece in re.split(r"(\w+)", text):
            link = self.type_link(piece, module, named)
            if link:
                out += [f"`{code}`", link] if code else [link]
                code = ""
            else:
                code += piece
        return table_cell("".join([*out, f"`{code}`" if code else ""]))

    def type_link(self, name: str, module: str, named: dict[str, tuple[str, ast.expr]]) -> str:
        if name in named:
            self.listed[name] = named[name]
            return f"[`{name}`]({_VALUES}#{_anchor(name)})"
        entry = self.by_name.get(name)
        # another class may have the name of one that is documented
        same = entry is not None and getattr(sys.modules[module], name, entry.value) is entry.value
        return self.link(name) if same else ""

    def link(self, name: str) -> str:
        entry = self.by_name[name]
        return f"[`{name}`]({entry.page}#{_anchor(name)})"


class _Choices(ast.NodeTransformer):
    """`Literal["a", "b"]` as `"a" | "b"`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:  # ast's name for it
        values: list[ast.expr] = [ast.Constant(cast("str", value)) for value in literals(node)]
        if not values:
            self.generic_visit(node)
            return node
        return reduce(lambda left, right: ast.BinOp(left, ast.BitOr(), right), values)


def _short_signature(docs: Iterable[FieldDoc]) -> str:
    """What comes by position, and what must be given; `…` for the rest."""
    first, required, more = [], [], False
    for doc in docs:
        text = doc.name if doc.default is MISSING else f"{doc.name}={shown_default(doc.default) or '…'}"
        if doc.kind is inspect.Parameter.VAR_POSITIONAL:
            first.append(f"*{doc.name}")
        elif doc.kind is inspect.Parameter.VAR_KEYWORD:
            required.append(f"**{doc.name}")
        elif doc.kind is not inspect.Parameter.KEYWORD_ONLY:
            first.append(text)
        elif doc.default is MISSING:
            required.append(f"{doc.name}=…")
        else:
            more = True
    return ", ".join([*first, *required, *(["…"] if more else [])])


def _doc(value: object) -> str:
    """A docstring without what it says of parameters."""
    text = plain_doc(value) if isinstance(value, type) else getattr(value, "__doc__", "")
    return inspect.cleandoc(text or "").partition("\nArgs:\n")[0].strip()


def _said(entry: Entry) -> str:
    """What the source says of an entry, its parameters aside."""
    return alias_sentence(dashgen.MODULES[entry.name], entry.name) if entry.is_alias else _doc(entry.value)


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.partition("\n\n")[0].split())
    code = re.split(r"(`[^`]*`)", paragraph)
    first = ""
    for part in code:
        end = None if part.startswith("`") else re.search(r"[.:](?= |\Z)", part)
        if end:
            return first + part[: end.start()] + "."
        first += part
    return first


def _markdown(text: str) -> str:
    """A docstring as Markdown: blocks that are indented are code."""
    parts = []
    for block in text.split("\n\n"):
        if block.startswith("    "):
            parts.append(f"```python\n{textwrap.dedent(block)}\n```")
        else:
            parts.append(block)
    return "\n\n".join(parts)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    head, *rest = rows
    lines = [head, tuple("---" for _ in head), *rest]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _filled(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _anchor(heading: str) -> str:
    """GitHub's: small letters, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
