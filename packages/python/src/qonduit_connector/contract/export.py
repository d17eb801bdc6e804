"""`export`: Turns records into what other tools read: records in, bytes out, as a stream. Reads no clock
and keeps what it was told of assets and of the knowledge base, so that both cross once.

Made from `wit/`; `make accept` writes it.
"""

# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v
from .types import Timestamp, kind_timestamp


#: What the bytes are.
Format: TypeAlias = Literal["ndjson", "csv", "ocsf", "ecs", "defectdojo", "cyclonedx"]
kind_format = v.STR


#: What is written.
Subject: TypeAlias = Literal["assets", "findings", "vulnerabilities", "software"]
kind_subject = v.STR


class Options(TypedDict):
    """What the export is to be."""

    format: Format
    subject: Subject
    #: Which version of OCSF or of CycloneDX; the newest one that is known without.
    version: NotRequired[str | None]
    #: Puts a `'` before CSV cells that a spreadsheet would run as a formula.
    safe_cells: bool
    #: The time that a document says it was made at.
    made: Timestamp


kind_options = v.Record({"format": kind_format, "subject": kind_subject, "version": v.Option(v.STR), "safe-cells": v.BOOL, "made": kind_timestamp})


class TextEnding(TypedDict):
    """The same as text."""

    text: str
    rows: int
    #: Rows for which the format has no place.
    left_out: int


kind_text_ending = v.Record({"text": v.STR, "rows": v.INT, "left-out": v.INT})


_FUNCTION_CHECK = v.Function("export", "check", (kind_options,), v.Result(None, v.STR))
_FUNCTION_VERSIONS = v.Function("export", "versions", (kind_format,), v.List(v.STR))
_FUNCTION_EXPORTER_NEW = v.Function("export", "[constructor]exporter", (kind_options,), v.HANDLE)
_FUNCTION_EXPORTER_PUSH_TEXT = v.Function("export", "[method]exporter.push-text", (v.HANDLE, v.STR,), v.Result(v.STR, v.STR))
_FUNCTION_EXPORTER_FINISH_TEXT = v.Function("export", "[method]exporter.finish-text", (v.HANDLE,), v.Result(kind_text_ending, v.STR))


class Exporter:
    """Renders one export. After an error it gives the same error again."""

    def __init__(self, door: v.Door, options: Options) -> None:
        """Options that `check` refuses are refused by the first call."""
        self._door = door
        self._handle = door.call(_FUNCTION_EXPORTER_NEW, options)

    def push_text(self, lines: str) -> str:
        """The same for callers whose bindings are slow with records: one JSON object a line, in which
        `record` says what it is (`asset`, `vulnerability`, `finding`, `software`), with the keys of
        the records above; keys that may be absent may be left out. Lines `host`, `finding` and
        `vulnerability` of `reader.push-text` are taken as they are, others of it are passed over.
        """
        return cast("str", self._door.call(_FUNCTION_EXPORTER_PUSH_TEXT, self._handle, lines))

    def finish_text(self) -> TextEnding:
        """The same for callers of `push-text`."""
        return cast("TextEnding", self._door.call(_FUNCTION_EXPORTER_FINISH_TEXT, self._handle))

    def close(self) -> None:
        """Gives back what it holds of the component's memory; it is of no use afterwards."""
        self._door.drop(self._handle)


class Export:
    """Turns records into what other tools read: records in, bytes out, as a stream. Reads no clock
    and keeps what it was told of assets and of the knowledge base, so that both cross once.
    """

    def __init__(self, door: v.Door) -> None:
        self._door = door

    def check(self, options: Options) -> None:
        """Why there is no such export, in words for people; after a semicolon, what to do."""
        self._door.call(_FUNCTION_CHECK, options)

    def versions(self, format: Format) -> list[str]:
        """The versions of a format, the newest first; none where it has no versions."""
        return cast("list[str]", self._door.call(_FUNCTION_VERSIONS, format))
