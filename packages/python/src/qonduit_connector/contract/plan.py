"""`plan`: Decides what to ask Qualys next. Sends nothing and reads no clock.

A run is a work list of batches. The caller takes a batch, carries out its
request, hands the answer to `after`, and adds what follows to the list. A
saved list is enough to go on after a crash, or on another machine.

Made from `wit/`; `make accept` writes it.
"""

# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v
from .types import Dataset, kind_dataset
from .types import Timestamp, kind_timestamp
from .types import HostId, kind_host_id
from .types import Qid, kind_qid


#: What the user chose, as one JSON object; every key has a default, an
#: unknown one is a mistake. `check-settings` lists all mistakes at once.
Settings: TypeAlias = str
kind_settings = v.STR


class Batch(TypedDict):
    """One request's worth of work."""

    dataset: Dataset
    #: Which rows; opaque to the caller, and small.
    scope: str
    #: Rows asked for at once; halved when Qualys cannot deliver that many in time.
    page_size: int
    #: Failures in a row. A rate limit is none, so it may last for as long as Qualys says.
    attempts: int


kind_batch = v.Record({"dataset": kind_dataset, "scope": v.STR, "page-size": v.INT, "attempts": v.INT})


#: Which of Qualys' servers a request is for. The caller alone knows their addresses.
Service: TypeAlias = Literal["api", "gateway"]
kind_service = v.STR


class Document(TypedDict):
    """A record of the contract."""

    content_type: str
    text: str


kind_document = v.Record({"content-type": v.STR, "text": v.STR})


class BodyForm(TypedDict):
    """Names and values, which the caller encodes, as the lists of VMDR take them."""

    tag: Literal["form"]
    val: list[tuple[str, str]]


class BodyDocument(TypedDict):
    """A document, sent as it is: the portal takes no forms."""

    tag: Literal["document"]
    val: Document


#: What a request holds.
Body: TypeAlias = BodyForm | BodyDocument
kind_body = v.Variant({"form": v.List(v.Tuple((v.STR, v.STR,))), "document": kind_document})


class Request(TypedDict):
    """What a POST holds, without origin and credentials: the caller adds both."""

    service: Service
    #: Without a query.
    path: str
    #: Names and values behind the path, which the caller encodes.
    query: list[tuple[str, str]]
    body: Body
    accept: str


kind_request = v.Record({"service": kind_service, "path": v.STR, "query": v.List(v.Tuple((v.STR, v.STR,))), "body": kind_body, "accept": v.STR})


class EndingAnswered(TypedDict):
    """A whole body came, with this HTTP status. Where the status is none of success, this is the
    ending whatever the body was.
    """

    tag: Literal["answered"]
    val: int


class EndingUnreachable(TypedDict):
    """No connection, or it broke before the first byte of an answer."""

    tag: Literal["unreachable"]


class EndingTimedOut(TypedDict):
    """Nothing, or too little, came in the time allowed. Qualys may still be at work on it."""

    tag: Literal["timed-out"]


class EndingCutOff(TypedDict):
    """The body ended before its root element did."""

    tag: Literal["cut-off"]


class EndingUnreadable(TypedDict):
    """The body was no document that can be read, though it came to its end."""

    tag: Literal["unreadable"]


class EndingAnotherDocument(TypedDict):
    """With a status of success, a sound document that is neither the list nor a refusal, such
    as a web page: `unexpected-root` of the reader. Asking again will not help.
    """

    tag: Literal["another-document"]


class EndingNoService(TypedDict):
    """Nothing was sent, as the caller has no address for the service."""

    tag: Literal["no-service"]


#: How an exchange ended.
Ending: TypeAlias = EndingAnswered | EndingUnreachable | EndingTimedOut | EndingCutOff | EndingUnreadable | EndingAnotherDocument | EndingNoService
kind_ending = v.Variant({"answered": v.INT, "unreachable": None, "timed-out": None, "cut-off": None, "unreadable": None, "another-document": None, "no-service": None})


class Refusal(TypedDict):
    """What Qualys says of a refusal, in the body or in the headers."""

    #: Code of the error document; a 409 alone does not tell which limit was met.
    code: NotRequired[int | None]
    #: `responseCode` of the portal, which has words where the lists have numbers.
    word: NotRequired[str | None]
    #: Its text, for people; nothing is decided by it.
    text: str
    #: Seconds that Qualys asks to wait.
    wait_secs: NotRequired[int | None]


kind_refusal = v.Record({"code": v.Option(v.INT), "word": v.Option(v.STR), "text": v.STR, "wait-secs": v.Option(v.INT)})


class Answer(TypedDict):
    """As much of an answer as planning needs; its body goes to a `reader`."""

    ending: Ending
    #: An error document in place of the list, with whatever HTTP status it came.
    refusal: NotRequired[Refusal | None]
    #: Query of the following page, from the reader.
    next: NotRequired[str | None]


kind_answer = v.Record({"ending": kind_ending, "refusal": v.Option(kind_refusal), "next": v.Option(v.STR)})


#: What kept a batch from being delivered.
Setback: TypeAlias = Literal["rate-limited", "busy", "maintenance", "server-error", "unreachable", "timed-out", "cut-off", "unreadable"]
kind_setback = v.STR


#: Why a run cannot succeed, by who has to act.
Failure: TypeAlias = Literal["unauthorized", "account-expired", "registration-incomplete", "forbidden", "not-licensed", "not-an-api", "bad-request", "cursor-loop", "out-of-retries"]
kind_failure = v.STR


class FateDone(TypedDict):
    """Its rows are in."""

    tag: Literal["done"]


class FateSplit(TypedDict):
    """Replaced by the smaller batches in `follow`. They may start at once: after a time-out
    `pace.give-up` holds the slot that the call still keeps.
    """

    tag: Literal["split"]


class FateAgainAt(TypedDict):
    """To be tried again, not before this time; the caller puts back the batch in `follow`."""

    tag: Literal["again-at"]
    val: Timestamp


class FateSkipped(TypedDict):
    """Given up, so that one row that Qualys cannot deliver does not cost the others. Report its
    scope. It names a single host or QID, as larger batches are split first. A server in trouble
    looks the same, one row after another: a caller stops the run when several are skipped in a row.
    """

    tag: Literal["skipped"]
    val: Setback


class FateLeftOut(TypedDict):
    """The subscription or the account lacks the module that serves this dataset, and the run can
    do without. Report it; the batch is off the list.
    """

    tag: Literal["left-out"]
    val: Failure


class FateFailed(TypedDict):
    """The run cannot go on. The batch stays on the list, for when the cause is mended."""

    tag: Literal["failed"]
    val: Failure


Fate: TypeAlias = FateDone | FateSplit | FateAgainAt | FateSkipped | FateLeftOut | FateFailed
kind_fate = v.Variant({"done": None, "split": None, "again-at": kind_timestamp, "skipped": kind_setback, "left-out": kind_failure, "failed": kind_failure})


class Outcome(TypedDict):
    """What became of a batch, and the batches that take its place or follow it."""

    fate: Fate
    follow: list[Batch]


kind_outcome = v.Record({"fate": kind_fate, "follow": v.List(kind_batch)})


class WindowFull(TypedDict):
    """All of them."""

    tag: Literal["full"]


class WindowProcessedSince(TypedDict):
    """Those of which Qualys has processed results after this time."""

    tag: Literal["processed-since"]
    val: Timestamp


class WindowScannedSince(TypedDict):
    """Those that were scanned after this time, for those who only want what was scanned lately."""

    tag: Literal["scanned-since"]
    val: Timestamp


#: Which hosts a run is about. Decided once, when it begins, and kept with it.
Window: TypeAlias = WindowFull | WindowProcessedSince | WindowScannedSince
kind_window = v.Variant({"full": None, "processed-since": kind_timestamp, "scanned-since": kind_timestamp})


class Facts(TypedDict):
    """What earlier stages found out."""

    #: All hosts that the run is about, in ascending order.
    hosts: list[HostId]
    #: QIDs that were seen and are not in the store, in ascending order.
    unknown_qids: list[Qid]
    #: Which hosts the run is about.
    window: Window
    #: Qualys' own time of the last complete run, if there was one.
    watermark: NotRequired[Timestamp | None]
    #: What the run had to do without so far.
    left_out: list[Dataset]
    #: CVEs of QIDs that were found, of which Qualys has not told anything so far.
    unknown_cves: list[str]
    #: The other CVEs of QIDs that were found.
    known_cves: list[str]


kind_facts = v.Record({"hosts": v.List(kind_host_id), "unknown-qids": v.List(kind_qid), "window": kind_window, "watermark": v.Option(kind_timestamp), "left-out": v.List(kind_dataset), "unknown-cves": v.List(v.STR), "known-cves": v.List(v.STR)})


class History(TypedDict):
    """What is known of earlier runs with the same settings."""

    #: Qualys' own time of the last complete run.
    watermark: NotRequired[Timestamp | None]
    #: When the last complete run over all hosts began, by the caller's clock.
    last_full: NotRequired[Timestamp | None]


kind_history = v.Record({"watermark": v.Option(kind_timestamp), "last-full": v.Option(kind_timestamp)})


class ClosureRules(TypedDict):
    """When findings are closed that Qualys did not speak of."""

    #: Findings of hosts that were not seen since this time are closed as inactive.
    inactive_before: NotRequired[Timestamp | None]
    #: The caller asks a person before it closes the findings of hosts that Qualys lists no more,
    #: when these are more than this many of a hundred.
    most_vanished_percent: int


kind_closure_rules = v.Record({"inactive-before": v.Option(kind_timestamp), "most-vanished-percent": v.INT})


_FUNCTION_CHECK_SETTINGS = v.Function("plan", "check-settings", (kind_settings,), v.Result(None, v.List(v.STR)))
_FUNCTION_ADVISE = v.Function("plan", "advise", (kind_settings,), v.List(v.STR))
_FUNCTION_FETCHED_BY = v.Function("plan", "fetched-by", (kind_settings,), v.STR)
_FUNCTION_CHOOSE_WINDOW = v.Function("plan", "choose-window", (kind_settings, kind_history, kind_timestamp,), kind_window)
_FUNCTION_CLOSURE = v.Function("plan", "closure", (kind_settings, kind_timestamp,), kind_closure_rules)
_FUNCTION_STAGES = v.Function("plan", "stages", (kind_settings,), v.List(kind_dataset))
_FUNCTION_STAGE = v.Function("plan", "stage", (kind_settings, kind_dataset, kind_facts,), v.List(kind_batch))
_FUNCTION_ASK = v.Function("plan", "ask", (kind_settings, kind_batch,), kind_request)
_FUNCTION_AFTER = v.Function("plan", "after", (kind_settings, kind_batch, kind_answer, kind_timestamp,), kind_outcome)
_FUNCTION_HOSTS_OF = v.Function("plan", "hosts-of", (kind_batch,), v.List(kind_host_id))


class Plan:
    """Decides what to ask Qualys next. Sends nothing and reads no clock.

    A run is a work list of batches. The caller takes a batch, carries out its
    request, hands the answer to `after`, and adds what follows to the list. A
    saved list is enough to go on after a crash, or on another machine.
    """

    def __init__(self, door: v.Door) -> None:
        self._door = door

    def check_settings(self, settings: Settings) -> None:
        """All mistakes in the settings, each a sentence that names the key."""
        self._door.call(_FUNCTION_CHECK_SETTINGS, settings)

    def advise(self, settings: Settings) -> list[str]:
        """What works, but not for long: versions of APIs that Qualys has retired, each as a sentence
        that names the key.
        """
        return cast("list[str]", self._door.call(_FUNCTION_ADVISE, settings))

    def fetched_by(self, settings: Settings) -> str:
        """The settings that decide about what is fetched, in one way of writing. Runs of which it is
        equal build on each other; how fast Qualys is asked, and what is done with its answers, may
        differ.
        """
        return cast("str", self._door.call(_FUNCTION_FETCHED_BY, settings))

    def choose_window(self, settings: Settings, history: History, now: Timestamp) -> Window:
        """Which hosts a run that begins now is about."""
        return cast("Window", self._door.call(_FUNCTION_CHOOSE_WINDOW, settings, history, now))

    def closure(self, settings: Settings, now: Timestamp) -> ClosureRules:
        """When findings are closed that Qualys did not speak of."""
        return cast("ClosureRules", self._door.call(_FUNCTION_CLOSURE, settings, now))

    def stages(self, settings: Settings) -> list[Dataset]:
        """The stages of a run, in the order in which they are carried out."""
        return cast("list[Dataset]", self._door.call(_FUNCTION_STAGES, settings))

    def stage(self, settings: Settings, dataset: Dataset, facts: Facts) -> list[Batch]:
        """The first batches of a stage; an empty list when the stage has nothing to do."""
        return cast("list[Batch]", self._door.call(_FUNCTION_STAGE, settings, dataset, facts))

    def ask(self, settings: Settings, batch: Batch) -> Request:
        """The request that carries out a batch. A scope that was tampered with selects nothing."""
        return cast("Request", self._door.call(_FUNCTION_ASK, settings, batch))

    def after(self, settings: Settings, batch: Batch, answer: Answer, now: Timestamp) -> Outcome:
        """Total: every batch and answer has an outcome, equal ones an equal outcome. Mistaken settings
        and scopes that were tampered with end the run as `bad-request`.
        """
        return cast("Outcome", self._door.call(_FUNCTION_AFTER, settings, batch, answer, now))

    def hosts_of(self, batch: Batch) -> list[HostId]:
        """The hosts that a batch asks for, empty when it names none: to report a skipped one."""
        return cast("list[HostId]", self._door.call(_FUNCTION_HOSTS_OF, batch))
