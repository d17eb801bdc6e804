"""Reads a saved answer: `read.py detections answer.xml [ocsf]` prints its records, or OCSF."""
import sys
import time
from typing import Any

from qonduit_connector import Connector, ReadError

arguments: list[Any] = sys.argv[1:]
dataset, file, *format = arguments
connector = Connector()
exporter = None
if format:
    now = int(time.time())
    exporter = connector.exporter(
        {"format": format[0], "subject": "findings", "safe_cells": False, "made": now}
    )
with open(file, "rb") as body, connector.reader(dataset) as reader:
    try:
        while chunk := body.read(256 << 10):
            lines = reader.push_lines(chunk)
            sys.stdout.write(exporter.push(lines) if exporter else lines)
        end = reader.finish()
        sys.stdout.write(exporter.finish()["text"] if exporter else "")
    except ReadError as error:
        sys.exit(f"{file}: {error}")
print(f"{end['elements']} elements", file=sys.stderr)
