"""`filter`: The language that selects assets and findings, such as `severity:>=high and os:windows`.

Made from `wit/`; `make accept` writes it.
"""

# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v
from .types import Timestamp, kind_timestamp


Operator: TypeAlias = Literal["equal", "contains", "less", "less-or-equal", "greater", "greater-or-equal", "exists"]
kind_operator = v.STR


class Comparison(TypedDict):
    """One comparison. Its field is one of the table, or `@source.name` in lower case for what a
    source sent without a field. Its value is text in one way of writing: times are timestamps in digits,
    words are in lower case, numbers without needless zeros, flags `true` or `false`. Only text
    is compared with `contains`, and there `%` stands for any text, `\\%` for itself and `\\\\` for
    a backslash. With `exists` it is empty.
    """

    field: str
    operator: Operator
    value: str


kind_comparison = v.Record({"field": v.STR, "operator": kind_operator, "value": v.STR})


class TermCompare(TypedDict):
    """A case of a variant."""

    tag: Literal["compare"]
    val: Comparison


class TermAllOf(TypedDict):
    """Joins the last two results."""

    tag: Literal["all-of"]


class TermAnyOf(TypedDict):
    """Joins the last two results."""

    tag: Literal["any-of"]


class TermNegate(TypedDict):
    """Turns the last result around."""

    tag: Literal["negate"]


#: One step of the postfix form.
Term: TypeAlias = TermCompare | TermAllOf | TermAnyOf | TermNegate
kind_term = v.Variant({"compare": kind_comparison, "all-of": None, "any-of": None, "negate": None})


class Problem(TypedDict):
    """The first mistake in an expression."""

    #: The byte at which it starts.
    offset: int
    message: str
    #: What may have been meant.
    suggestion: NotRequired[str | None]


kind_problem = v.Record({"offset": v.INT, "message": v.STR, "suggestion": v.Option(v.STR)})


class FieldValues(TypedDict):
    """What a record has of one field: no value, one, or several, each in the one way of writing of
    a comparison's value.
    """

    field: str
    values: list[str]


kind_field_values = v.Record({"field": v.STR, "values": v.List(v.STR)})


class Verdict(TypedDict):
    """A record of the contract."""

    selected: bool
    #: Places among the terms of the comparisons that decide it: with other answers of these, the
    #: record might be judged otherwise.
    deciding: list[int]


kind_verdict = v.Record({"selected": v.BOOL, "deciding": v.List(v.INT)})


class FieldInfo(TypedDict):
    """A field that expressions may name."""

    name: str
    #: `text`, `number`, `decimal`, `word`, `time`, `flag` or `days`.
    kind: str
    #: Of a word, from the lowest to the highest where they have an order.
    words: list[str]
    #: `asset`, `finding`, `vulnerability`: whose field it is. Of several, the one that is being
    #: selected.
    subjects: list[str]
    doc: str
    #: A comparison.
    example: str
    #: The field that terms name in its stead, where it is another way to ask for that one.
    derived_from: NotRequired[str | None]


kind_field_info = v.Record({"name": v.STR, "kind": v.STR, "words": v.List(v.STR), "subjects": v.List(v.STR), "doc": v.STR, "example": v.STR, "derived-from": v.Option(v.STR)})


_FUNCTION_COMPILE = v.Function("filter", "compile", (v.STR, kind_timestamp,), v.Result(v.List(kind_term), kind_problem))
_FUNCTION_JUDGE = v.Function("filter", "judge", (v.List(kind_term), v.List(kind_field_values),), v.Result(kind_verdict, v.STR))
_FUNCTION_SELECTS = v.Function("filter", "selects", (v.List(kind_term), v.List(v.List(kind_field_values)),), v.Result(v.List(v.BOOL), v.STR))
_FUNCTION_FIELDS = v.Function("filter", "fields", (), v.List(kind_field_info))
_FUNCTION_MOMENT = v.Function("filter", "moment", (v.STR, kind_timestamp,), v.Option(kind_timestamp))


class Filter:
    """The language that selects assets and findings, such as `severity:>=high and os:windows`."""

    def __init__(self, door: v.Door) -> None:
        self._door = door

    def compile(self, expression: str, now: Timestamp) -> list[Term]:
        """The expression in postfix order, for a caller that turns it into its own
        query. An empty expression, which selects everything, has no terms.
        """
        return cast("list[Term]", self._door.call(_FUNCTION_COMPILE, expression, now))

    def judge(self, terms: list[Term], fields: list[FieldValues]) -> Verdict:
        """Whether the terms select a record, and why. A field that the record does not name has no
        value. An error names what is wrong with the terms.
        """
        return cast("Verdict", self._door.call(_FUNCTION_JUDGE, terms, fields))

    def selects(self, terms: list[Term], records: list[list[FieldValues]]) -> list[bool]:
        """Whether the terms select each of the records."""
        return cast("list[bool]", self._door.call(_FUNCTION_SELECTS, terms, records))

    def fields(self) -> list[FieldInfo]:
        """Every field, in the order of the reference."""
        return cast("list[FieldInfo]", self._door.call(_FUNCTION_FIELDS))

    def moment(self, text: str, now: Timestamp) -> Timestamp | None:
        """The first second of a time as people write it in an expression: a day, a moment or an age."""
        return cast("Timestamp | None", self._door.call(_FUNCTION_MOMENT, text, now))
