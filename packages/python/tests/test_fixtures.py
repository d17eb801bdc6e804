"""Every fixture reads as the file beside it says, in any chunks."""

import datetime
import json
import os
import unittest
from pathlib import Path
from typing import Any

from qonduit_connector import Connector, Reader, ReadError

FIXTURES = Path(os.environ["QONDUIT_ROOT"]) / "tests" / "fixtures"


def ending(reader: Reader) -> dict[str, Any]:
    """What the last line of an expected file says."""
    try:
        end = reader.finish()
    except ReadError as failed:
        return failure(failed)
    as_of = end.get("as_of")
    when = as_of and datetime.datetime.fromtimestamp(as_of, datetime.UTC)
    return {
        "record": "end",
        "next": end.get("next"),
        "as_of": when and when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "elements": end["elements"],
        "skipped": end["skipped"],
    }


def failure(failed: ReadError) -> dict[str, Any]:
    error: Any = failed.error
    line = {"record": "error", "error": error["tag"]}
    name = {"cut-off": "bytes", "unexpected-root": "root"}.get(error["tag"], "message")
    if error["tag"] != "refused":
        return {**line, name: error["val"]}
    said = error["val"]
    by = {"code": said["code"]} if said["word"] is None else {"word": said["word"]}
    return {**line, **by, "text": said["text"], "wait_secs": said["wait_secs"]}


def warnings_last(lines: list[Any]) -> list[Any]:
    """A page puts its warnings last, so their place depends on the chunks."""
    return sorted(lines, key=lambda line: line["record"] == "warning")


class Fixtures(unittest.TestCase):
    def test_every_situation_reads_as_expected(self) -> None:
        connector, n = Connector(), 0
        for file in sorted(FIXTURES.glob("*/*")):
            if file.suffix == ".ndjson":
                continue
            dataset: Any = "detections" if file.parent.name == "errors" else file.parent.name
            expected = file.with_name(file.stem + ".expected.ndjson").read_text().split("\n")[:-1]
            for size in (7, 1 << 20):
                with self.subTest(file=file.name, size=size):
                    lines = self.read(connector, dataset, file.read_bytes(), size)
                    wanted = [json.loads(line) for line in expected]
                    self.assertEqual(warnings_last(lines), warnings_last(wanted))
            n += 1
        self.assertGreater(n, 100)

    def read(self, connector: Connector, dataset: Any, body: bytes, size: int) -> list[Any]:
        lines: list[Any] = []
        with connector.reader(dataset) as reader:
            try:
                for at in range(0, len(body), size):
                    lines += reader.push(body[at : at + size])
            except ReadError:
                pass
            return [*lines, ending(reader)]


if __name__ == "__main__":
    unittest.main()
