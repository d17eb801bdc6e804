"""Reads a saved answer of the host list detection through the Python package, into dictionaries, and
with the two that Python has, taking turns; prints the median of the megabytes a second of each."""

import statistics
import sys
import time

from peers import with_lxml, with_xmltodict
from qonduit_connector import Connector

CONNECTOR = Connector()
ROUNDS = 5


def with_package(path):
    with open(path, "rb") as body:
        return sum(line["record"] == "finding" for line in CONNECTOR.read("detections", body))


def main():
    path = sys.argv[1]
    with open(path, "rb") as file:
        megabytes = file.seek(0, 2) / 1e6
    ways = {"component": with_package, "lxml": with_lxml, "xmltodict": with_xmltodict}
    speeds = {name: [] for name in ways}
    counts = set()
    for _ in range(ROUNDS):
        for name, read in ways.items():
            started = time.perf_counter()
            counts.add(read(path))
            speeds[name].append(megabytes / (time.perf_counter() - started))
    if len(counts) != 1:
        sys.exit(f"they disagree on the number of detections: {counts}")
    for name, measured in speeds.items():
        print(f"{name}\t{statistics.median(measured):.2f}")


main()
