"""`ingest`: Turns the bytes of one answer into records, as they arrive.

Made from `wit/`; `make accept` writes it.
"""

# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v
from .types import Dataset, kind_dataset
from .types import Timestamp, kind_timestamp
from .types import HostId, kind_host_id
from .plan import Settings, kind_settings
from .plan import Refusal, kind_refusal
from .plan import Answer, kind_answer


class SkipCount(TypedDict):
    """How many records one rule of the settings left out. `no_qweb_host_id` is no setting: it counts
    host assets that no host goes with.
    """

    rule: str
    n: int


kind_skip_count = v.Record({"rule": v.STR, "n": v.INT})


class Drift(TypedDict):
    """An element or a value that is not known, and how often it came."""

    name: str
    n: int


kind_drift = v.Record({"name": v.STR, "n": v.INT})


class End(TypedDict):
    """What is known once an answer has come to its end."""

    #: Query of the following page, or what stands for it: the portal tells its last id, which
    #: becomes `id_min=` and the number behind it. The origin of the link is dropped, so no
    #: answer can send the caller elsewhere.
    next: NotRequired[str | None]
    #: Qualys' own time of the answer; watermarks come from it, not from our clock.
    as_of: NotRequired[Timestamp | None]
    #: Elements that were read, left out or not.
    elements: int
    #: What the settings left out, by the key that did.
    skipped: list[SkipCount]
    #: What this version does not know, and was passed over: `HOST/NEW_ELEMENT`, or
    #: `STATUS=new value`. Never an error, but worth a look after a release of Qualys.
    drift: list[Drift]
    #: Hosts of which a finding could not be told: what else the answer lacks of them is not gone
    #: for that.
    unsure_hosts: list[HostId]
    #: False when something was left out that may have belonged to any host.
    is_sure: bool


kind_end = v.Record({"next": v.Option(v.STR), "as-of": v.Option(kind_timestamp), "elements": v.INT, "skipped": v.List(kind_skip_count), "drift": v.List(kind_drift), "unsure-hosts": v.List(kind_host_id), "is-sure": v.BOOL})


class ErrorCutOff(TypedDict):
    """Ended before its root element did, after this many bytes. Asking again may help."""

    tag: Literal["cut-off"]
    val: int


class ErrorMalformed(TypedDict):
    """Not XML. Asking again may help."""

    tag: Literal["malformed"]
    val: str


class ErrorUnexpectedRoot(TypedDict):
    """Sound, but another document, with its root's name. Asking again will not help."""

    tag: Literal["unexpected-root"]
    val: str


class ErrorRefused(TypedDict):
    """Qualys refused, in an error document."""

    tag: Literal["refused"]
    val: Refusal


class ErrorTooLarge(TypedDict):
    """Deeper, longer or larger than any honest answer."""

    tag: Literal["too-large"]
    val: str


Error: TypeAlias = ErrorCutOff | ErrorMalformed | ErrorUnexpectedRoot | ErrorRefused | ErrorTooLarge
kind_error = v.Variant({"cut-off": v.INT, "malformed": v.STR, "unexpected-root": v.STR, "refused": kind_refusal, "too-large": v.STR})


_FUNCTION_EXPLAIN = v.Function("ingest", "explain", (kind_error,), v.STR)
_FUNCTION_READER_NEW = v.Function("ingest", "[constructor]reader", (kind_dataset, kind_settings,), v.HANDLE)
_FUNCTION_READER_PUSH_TEXT = v.Function("ingest", "[method]reader.push-text", (v.HANDLE, v.STR,), v.Result(v.STR, kind_error))
_FUNCTION_READER_FINISH = v.Function("ingest", "[method]reader.finish", (v.HANDLE,), v.Result(kind_end, kind_error))
_FUNCTION_READER_ANSWER = v.Function("ingest", "[method]reader.answer", (v.HANDLE, v.INT, v.List(v.Tuple((v.STR, v.STR,))),), kind_answer)


class Reader:
    """Reads one answer. Memory stays flat however long the answer is. After an
    error every call returns the same error again.
    """

    def __init__(self, door: v.Door, dataset: Dataset, settings: Settings) -> None:
        """Leaves out what the settings do not want (`information_gathered`, `fixed`, `ignored`,
        `disabled`, `results`), whatever the answer holds.
        """
        self._door = door
        self._handle = door.call(_FUNCTION_READER_NEW, dataset, settings)

    def push_text(self, chunk: str) -> str:
        """The same for callers whose bindings are slow with byte lists and records
        (Python, C, Go, Java): text in, records out as one JSON object a line.
        """
        return cast("str", self._door.call(_FUNCTION_READER_PUSH_TEXT, self._handle, chunk))

    def finish(self) -> End:
        """After the last chunk."""
        return cast("End", self._door.call(_FUNCTION_READER_FINISH, self._handle))

    def answer(self, status: int, headers: list[tuple[str, str]]) -> Answer:
        """What `plan.after` needs to know of the answer: how the body ended, under this HTTP status,
        and what the headers say of a wait that the body does not name. Finishes the reader where that
        was not done, so a body that broke off counts as cut off. Records of an answer whose status
        is none of success are not to be kept.
        """
        return cast("Answer", self._door.call(_FUNCTION_READER_ANSWER, self._handle, status, headers))

    def close(self) -> None:
        """Gives back what it holds of the component's memory; it is of no use afterwards."""
        self._door.drop(self._handle)


class Ingest:
    """Turns the bytes of one answer into records, as they arrive."""

    def __init__(self, door: v.Door) -> None:
        self._door = door

    def explain(self, error: Error) -> str:
        """The same in words for people, with how far the answer went where it was cut off; after a
        semicolon, what to do.
        """
        return cast("str", self._door.call(_FUNCTION_EXPLAIN, error))
