"""`pace`: Keeps within what Qualys allows a subscription, before Qualys has to refuse.

Limits are counted per subscription and API. The caller keeps one `limits`
for each name that `api` returns, across runs and crashes.

Made from `wit/`; `make accept` writes it.
"""

# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v
from .types import Dataset, kind_dataset
from .types import Timestamp, kind_timestamp
from .plan import Settings, kind_settings
from .plan import Refusal, kind_refusal


class RecentCall(TypedDict):
    """A call that has ended; of older ones, several in one."""

    begun: Timestamp
    ended: Timestamp
    #: Calls that it still allowed, while no later call has said more.
    calls_left: NotRequired[int | None]
    #: For how many calls it stands; 0 where Qualys refused because of a limit.
    calls: int


kind_recent_call = v.Record({"begun": kind_timestamp, "ended": kind_timestamp, "calls-left": v.Option(v.INT), "calls": v.INT})


class Limits(TypedDict):
    """What is known of one API's limits; empty at first."""

    #: Calls that the window still allows (`X-RateLimit-Remaining`).
    calls_left: NotRequired[int | None]
    #: Calls that the window allows in all (`X-RateLimit-Limit`).
    calls_allowed: NotRequired[int | None]
    #: Length of the rolling window (`X-RateLimit-Window-Sec`).
    window_secs: NotRequired[int | None]
    #: Parallel calls that the subscription allows (`X-Concurrency-Limit-Limit`).
    concurrent: NotRequired[int | None]
    #: No call starts before this time.
    not_before: NotRequired[Timestamp | None]
    #: Calls that were given up: each keeps its slot at Qualys until about this time.
    held_until: list[Timestamp]
    #: What this caller has used of the window, oldest first.
    recent: list[RecentCall]


kind_limits = v.Record({"calls-left": v.Option(v.INT), "calls-allowed": v.Option(v.INT), "window-secs": v.Option(v.INT), "concurrent": v.Option(v.INT), "not-before": v.Option(kind_timestamp), "held-until": v.List(kind_timestamp), "recent": v.List(kind_recent_call)})


class Signs(TypedDict):
    """What an answer tells of the limits."""

    #: All headers of the answer, in any case; those of no concern are ignored.
    headers: list[tuple[str, str]]
    refusal: NotRequired[Refusal | None]
    #: When the call was made, as answers overtake each other.
    begun: Timestamp


kind_signs = v.Record({"headers": v.List(v.Tuple((v.STR, v.STR,))), "refusal": v.Option(kind_refusal), "begun": kind_timestamp})


Reason: TypeAlias = Literal["rate-limit", "concurrency-limit"]
kind_reason = v.STR


class Hold(TypedDict):
    """A record of the contract."""

    until: Timestamp
    reason: Reason


kind_hold = v.Record({"until": kind_timestamp, "reason": kind_reason})


class AdmissionNow(TypedDict):
    """Now."""

    tag: Literal["now"]


class AdmissionAt(TypedDict):
    """Not before this time. (Ask again too when a call in flight has ended before.)"""

    tag: Literal["at"]
    val: Hold


class AdmissionWhenOneEnds(TypedDict):
    """When one of the calls in flight has ended."""

    tag: Literal["when-one-ends"]


#: Whether a call may start, and what holds it.
Admission: TypeAlias = AdmissionNow | AdmissionAt | AdmissionWhenOneEnds
kind_admission = v.Variant({"now": None, "at": kind_hold, "when-one-ends": None})


_FUNCTION_API = v.Function("pace", "api", (kind_dataset,), v.STR)
_FUNCTION_OBSERVE = v.Function("pace", "observe", (kind_settings, kind_limits, kind_signs, kind_timestamp,), kind_limits)
_FUNCTION_GIVE_UP = v.Function("pace", "give-up", (kind_settings, kind_limits, kind_timestamp,), kind_limits)
_FUNCTION_ADMIT = v.Function("pace", "admit", (kind_settings, kind_dataset, kind_limits, v.INT, kind_timestamp,), kind_admission)


class Pace:
    """Keeps within what Qualys allows a subscription, before Qualys has to refuse.

    Limits are counted per subscription and API. The caller keeps one `limits`
    for each name that `api` returns, across runs and crashes.
    """

    def __init__(self, door: v.Door) -> None:
        self._door = door

    def api(self, dataset: Dataset) -> str:
        """The API on whose limits a dataset draws."""
        return cast("str", self._door.call(_FUNCTION_API, dataset))

    def observe(self, settings: Settings, known: Limits, seen: Signs, now: Timestamp) -> Limits:
        return cast("Limits", self._door.call(_FUNCTION_OBSERVE, settings, known, seen, now))

    def give_up(self, settings: Settings, known: Limits, now: Timestamp) -> Limits:
        """A call was given up before its answer was complete: Qualys goes on with it."""
        return cast("Limits", self._door.call(_FUNCTION_GIVE_UP, settings, known, now))

    def admit(self, settings: Settings, dataset: Dataset, known: Limits, in_flight: int, now: Timestamp) -> Admission:
        """With `in-flight` calls to the same API running."""
        return cast("Admission", self._door.call(_FUNCTION_ADMIT, settings, dataset, known, in_flight, now))
