"""`run`: A whole run in one hand: one call after the other, its work list kept in memory. For callers that
want the records and neither keep a work list nor make calls side by side; who does uses `plan`
and `pace`, which decide the same.

The loop: take `next`. For `ask`, send the request, tell status and headers to `answered`, push
the body and call `ended`; or call `unanswered`. For `wait`, sleep. Until it is `done` or `failed`.

Made from `wit/`; `make accept` writes it.
"""

# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v
from .types import Dataset, kind_dataset
from .types import Timestamp, kind_timestamp
from .plan import Settings, kind_settings
from .plan import History, kind_history
from .plan import Request, kind_request
from .plan import Ending, kind_ending
from .plan import Setback, kind_setback
from .plan import Failure, kind_failure


class Call(TypedDict):
    """A request, and which list it asks for."""

    dataset: Dataset
    request: Request


kind_call = v.Record({"dataset": kind_dataset, "request": kind_request})


class Skip(TypedDict):
    """Rows that Qualys could not deliver after all tries."""

    dataset: Dataset
    scope: str
    setback: Setback


kind_skip = v.Record({"dataset": kind_dataset, "scope": v.STR, "setback": kind_setback})


class Summary(TypedDict):
    """What a complete run was."""

    #: Qualys' own time of its first answer: what the next run's `history` has as its watermark, so
    #: that it asks for what changed since. Absent when something was skipped: then the last one stays.
    watermark: NotRequired[Timestamp | None]
    #: Whether it was about all hosts.
    is_full: bool
    calls: int
    #: Lists that the subscription or the account lacks.
    left_out: list[Dataset]
    skipped: list[Skip]


kind_summary = v.Record({"watermark": v.Option(kind_timestamp), "is-full": v.BOOL, "calls": v.INT, "left-out": v.List(kind_dataset), "skipped": v.List(kind_skip)})


class Stop(TypedDict):
    """Why a run cannot go on."""

    failure: Failure
    #: The list that was asked for; absent when the settings are mistaken.
    dataset: NotRequired[Dataset | None]
    #: In words for people, with what to do.
    message: str


kind_stop = v.Record({"failure": kind_failure, "dataset": v.Option(kind_dataset), "message": v.STR})


class StepAsk(TypedDict):
    """Send this request."""

    tag: Literal["ask"]
    val: Call


class StepWait(TypedDict):
    """Nothing can start before this time."""

    tag: Literal["wait"]
    val: Timestamp


class StepDone(TypedDict):
    """Everything is there."""

    tag: Literal["done"]
    val: Summary


class StepFailed(TypedDict):
    """The run cannot go on: the same step again from here on."""

    tag: Literal["failed"]
    val: Stop


#: What is to be done now.
Step: TypeAlias = StepAsk | StepWait | StepDone | StepFailed
kind_step = v.Variant({"ask": kind_call, "wait": kind_timestamp, "done": kind_summary, "failed": kind_stop})


_FUNCTION_RUN_NEW = v.Function("run", "[constructor]run", (kind_settings, kind_history, kind_timestamp,), v.HANDLE)
_FUNCTION_RUN_NEXT = v.Function("run", "[method]run.next", (v.HANDLE, kind_timestamp,), kind_step)
_FUNCTION_RUN_ANSWERED = v.Function("run", "[method]run.answered", (v.HANDLE, v.INT, v.List(v.Tuple((v.STR, v.STR,))),), None)
_FUNCTION_RUN_PUSH_TEXT = v.Function("run", "[method]run.push-text", (v.HANDLE, v.STR,), v.STR)
_FUNCTION_RUN_ENDED = v.Function("run", "[method]run.ended", (v.HANDLE, kind_timestamp,), v.Option(v.STR))
_FUNCTION_RUN_UNANSWERED = v.Function("run", "[method]run.unanswered", (v.HANDLE, kind_ending, kind_timestamp,), None)


class Run:
    """One run. Between two calls it holds the numbers of hosts and QIDs, not the records."""

    def __init__(self, door: v.Door, settings: Settings, history: History, now: Timestamp) -> None:
        """Mistaken settings are told by the first step."""
        self._door = door
        self._handle = door.call(_FUNCTION_RUN_NEW, settings, history, now)

    def next(self, now: Timestamp) -> Step:
        """A call that neither `ended` nor `unanswered` was told of counts as broken off."""
        return cast("Step", self._door.call(_FUNCTION_RUN_NEXT, self._handle, now))

    def answered(self, status: int, headers: list[tuple[str, str]]) -> None:
        """An answer begins, with this HTTP status and these headers."""
        self._door.call(_FUNCTION_RUN_ANSWERED, self._handle, status, headers)

    def push_text(self, chunk: str) -> str:
        """The same with text in and one JSON object a line out, as `reader.push-text`."""
        return cast("str", self._door.call(_FUNCTION_RUN_PUSH_TEXT, self._handle, chunk))

    def ended(self, now: Timestamp) -> str | None:
        """The body came to its end, or broke off. What went wrong, in words for people; the run knows
        what to do.
        """
        return cast("str | None", self._door.call(_FUNCTION_RUN_ENDED, self._handle, now))

    def unanswered(self, ending: Ending, now: Timestamp) -> None:
        """No answer came; `unreachable`, `timed-out` or `no-service`."""
        self._door.call(_FUNCTION_RUN_UNANSWERED, self._handle, ending, now)

    def close(self) -> None:
        """Gives back what it holds of the component's memory; it is of no use afterwards."""
        self._door.drop(self._handle)
