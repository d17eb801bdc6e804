"""The component, ready to be called. Holds no connection and no record.

Compiling it takes about a second, and is kept by the runtime in the user's cache folder and by this
module for the process.
"""

from __future__ import annotations

import codecs
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self, cast
from urllib.parse import urlencode

import orjson
from wasmtime import Config, Engine, Store, WasmtimeError
from wasmtime import component as wc

from ._values import Door, Failed
from .contract import VERSION
from .contract.export import Export, Options, TextEnding
from .contract.export import Exporter as _Exporter
from .contract.filter import Filter
from .contract.ingest import End, Error, Ingest
from .contract.ingest import Reader as _Reader
from .contract.pace import Pace
from .contract.plan import Answer, Ending, History, Plan, Request
from .contract.rules import Rules
from .contract.run import Run as _Run
from .contract.run import Step
from .contract.types import Dataset
from .lines import KEYS, Line

def identity(line: Line) -> tuple[object, ...] | None:
    """By what a line is known: the same one in every run. A warning is known by nothing."""
    keys = KEYS.get(line["record"])
    values = cast("dict[str, object]", line)
    return (line["record"], *(values[key] for key in keys)) if keys else None


def encoded(request: Request) -> tuple[str, dict[str, str], bytes]:
    """A request as an HTTP client takes it: what follows the origin, headers, and the body to POST.

    The caller adds the origin of the service, the credentials and an `X-Requested-With` of its own.
    """
    target = request["path"]
    if request["query"]:
        target += "?" + urlencode(request["query"])
    body = request["body"]
    if body["tag"] == "form":
        content_type, text = "application/x-www-form-urlencoded", urlencode(body["val"])
    else:
        content_type, text = body["val"]["content_type"], body["val"]["text"]
    return target, {"Accept": request["accept"], "Content-Type": content_type}, text.encode()


Loads = Callable[[str], Any]


class OtherContract(Exception):
    """The component speaks another version of the contract than this package, or another contract."""


class ReadError(Exception):
    """An answer is no list that can be read to its end. The text says how far it went."""

    def __init__(self, sentence: str, error: Error) -> None:
        super().__init__(sentence)
        #: As the contract has it, for programs.
        self.error = error


class Connector:
    """One instance of the component: its interfaces, and readers and exporters that live in it.

    Of one thread at a time; make one for each thread, which costs less than a millisecond.
    """

    def __init__(self, component: bytes | None = None, *, loads: Loads = orjson.loads) -> None:
        """With another build of the component, of the same contract; with another reader of JSON."""
        engine, compiled, interfaces = _compiled(component)
        store = Store(engine)
        store.set_limits(memory_size=_MOST_MEMORY)
        self._door = Door(store, wc.Linker(engine).instantiate(store, compiled), interfaces)
        self._loads = loads
        self.plan = Plan(self._door)
        self.pace = Pace(self._door)
        self.ingest = Ingest(self._door)
        self.filter = Filter(self._door)
        self.rules = Rules(self._door)
        self.export = Export(self._door)

    def reader(self, dataset: Dataset, settings: str = "{}") -> Reader:
        """A reader for one answer."""
        return Reader(self, _Reader(self._door, dataset, settings), self._loads)

    def read(
        self, dataset: Dataset, body: BinaryIO | Iterable[bytes], settings: str = "{}"
    ) -> Iterator[Line]:
        """The records of a file or of chunks, one after the other.

        Raises `ReadError` behind the last record that could be read when the answer is cut off,
        broken, a refusal, or another list.
        """
        with self.reader(dataset, settings) as reader:
            for chunk in _chunks(body):
                yield from reader.push(chunk)
            reader.finish()

    def run(self, settings: str = "{}", history: History | None = None) -> Run:
        """A run that begins now: one call after the other, until everything was fetched."""
        begun = _Run(self._door, settings, history or {}, _now())
        return Run(begun, self._loads)

    def exporter(self, options: Options) -> Exporter:
        """Renders lines as what other tools read. Raises `Failed` for options that do not go."""
        self.export.check(options)
        return Exporter(_Exporter(self._door, options))


class Reader:
    """Reads one answer, chunk by chunk, in memory that stays flat."""

    def __init__(self, connector: Connector, reader: _Reader, loads: Loads) -> None:
        self._connector = connector
        self._reader = reader
        self._loads = loads
        self._decoder = _new_decoder()

    def push(self, chunk: bytes) -> list[Line]:
        """The records that this chunk completed. 64 KiB to 1 MiB at a time is fastest."""
        return _parsed(self.push_lines(chunk), self._loads)

    def push_lines(self, chunk: bytes) -> str:
        """The same as text, one JSON object a line, as exporters take it."""
        try:
            return self._reader.push_text(self._decoder.decode(chunk))
        except Failed as failed:
            raise self._error(failed) from None

    def finish(self) -> End:
        """What is known at the end of the answer. Raises `ReadError` when that is no sound end."""
        try:
            if rest := self._decoder.decode(b"", True):
                self._reader.push_text(rest)
            return self._reader.finish()
        except Failed as failed:
            raise self._error(failed) from None

    def read(self, body: BinaryIO | Iterable[bytes]) -> Iterator[Line]:
        """The records of a file or of chunks, as far as they can be read: `answer` tells the rest."""
        for chunk in _chunks(body):
            try:
                lines = self.push(chunk)
            except ReadError:
                return
            yield from lines

    def answer(self, status: int, headers: Iterable[tuple[str, str]]) -> Answer:
        """What `plan.after` needs to know of the answer, whether it was read to its end or not."""
        return self._reader.answer(status, list(headers))

    def close(self) -> None:
        """Gives back its memory; does so once."""
        if self._reader is not None:
            self._reader.close()
            del self._reader

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _error(self, failed: Failed) -> ReadError:
        error = cast("Error", failed.error)
        return ReadError(self._connector.ingest.explain(error), error)


class Run:
    """A whole run: `next` says what to do. The times are those of this machine's clock."""

    def __init__(self, run: _Run, loads: Loads) -> None:
        self._run = run
        self._loads = loads
        self._decoder = _new_decoder()

    def next(self) -> Step:
        """What is to be done now: `ask`, `wait`, `done` or `failed`."""
        return self._run.next(_now())

    def answered(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """An answer begins."""
        self._decoder = _new_decoder()
        self._run.answered(status, list(headers))

    def push(self, chunk: bytes) -> list[Line]:
        """The records that this chunk completed; none of an answer that is no success."""
        return _parsed(self._run.push_text(self._decoder.decode(chunk)), self._loads)

    def read(self, body: BinaryIO | Iterable[bytes]) -> Iterator[Line]:
        """The records of a body, as far as they can be read."""
        for chunk in _chunks(body):
            yield from self.push(chunk)

    def ended(self) -> str | None:
        """The body came to its end, broke off or never came: what went wrong, for people."""
        return self._run.ended(_now())

    def unanswered(self, ending: Literal["unreachable", "timed-out", "no-service"]) -> None:
        """No answer came."""
        self._run.unanswered(cast("Ending", {"tag": ending}), _now())


class Exporter:
    """Renders one export. Raises `Failed` for lines that do not go."""

    def __init__(self, exporter: _Exporter) -> None:
        self._exporter = exporter

    def push(self, lines: str) -> str:
        """Lines of JSON in, as `Reader.push_lines` gives them; text of the export out."""
        return self._exporter.push_text(lines) if lines else ""

    def finish(self) -> TextEnding:
        """The last text, and how many rows there are in all."""
        ending = self._exporter.finish_text()
        self._exporter.close()
        return ending


def _now() -> int:
    return int(time.time())


def _new_decoder() -> codecs.IncrementalDecoder:
    # What is no UTF-8 (scans find such text) becomes a replacement character.
    return codecs.getincrementaldecoder("utf-8")("replace")


def _parsed(lines: str, loads: Loads) -> list[Line]:
    if not lines:
        return []
    # One list is read faster than as many objects; a line holds no line break of its own.
    return cast("list[Line]", loads("[" + lines[:-1].replace("\n", ",") + "]"))


def _chunks(body: BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(body, (list, tuple)) or not hasattr(body, "read"):
        return body
    file = cast("BinaryIO", body)
    return iter(lambda: file.read(_CHUNK), b"")


_Compiled = tuple[Engine, wc.Component, dict[str, str]]
_lock = threading.Lock()
_engine: Engine | None = None
_kept: dict[bytes, _Compiled] = {}


def _compiled(component: bytes | None) -> _Compiled:
    global _engine
    wasm = component if component is not None else _own()
    key = hashlib.sha256(wasm).digest()
    with _lock:
        if key not in _kept:
            if _engine is None:
                _engine = _new_engine()
            _kept[key] = _compile(_engine, wasm)
        return _kept[key]


def _own() -> bytes:
    return resources.files(__package__).joinpath("qonduit.wasm").read_bytes()


def _new_engine() -> Engine:
    config = Config()
    try:
        config.cache = True
    except WasmtimeError:
        config = Config()  # No folder to keep it in: compiled anew by each process.
    return Engine(config)


def _compile(engine: Engine, wasm: bytes) -> _Compiled:
    try:
        compiled = wc.Component(engine, wasm)
    except WasmtimeError as error:
        raise OtherContract("the bytes are no component; use `qonduit.wasm`") from error
    names = [name for name in compiled.type.exports(engine) if name.startswith(_PACKAGE)]
    if not names:
        raise OtherContract(
            f"the component is no connector, as it exports nothing of `{_PACKAGE}`; "
            "use `qonduit.wasm`"
        )
    interfaces = {name[len(_PACKAGE) :].split("@")[0]: name for name in names}
    found = names[0].partition("@")[2]
    if not _goes(found, VERSION):
        raise OtherContract(
            f"the component speaks version `{found}` of the contract, and this package version "
            f"`{VERSION}`; use a component and a package of the same release"
        )
    return engine, compiled, interfaces


def _goes(found: str, own: str) -> bool:
    """Whether a component of that version has all that this package calls, as it is."""
    try:
        theirs, ours = (tuple(map(int, version.split("."))) for version in (found, own))
    except ValueError:
        return False
    n_fixed = 2 if ours[0] == 0 else 1
    return len(theirs) == 3 and theirs[:n_fixed] == ours[:n_fixed] and theirs >= ours


_PACKAGE = "qonduit:connector/"
_CHUNK = 256 << 10
#: A reader keeps one host and one page; this leaves room for the oddest host.
_MOST_MEMORY = 1 << 30
