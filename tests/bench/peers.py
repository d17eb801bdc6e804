"""Reads a saved answer of the host list detection with lxml and with xmltodict, streaming, taking
the fields that the component takes, and prints the megabytes a second of each."""

import sys
import time

import lxml.etree
import xmltodict

FIELDS = (
    "UNIQUE_VULN_ID", "QID", "TYPE", "SEVERITY", "PORT", "PROTOCOL", "FQDN", "SSL", "INSTANCE",
    "RESULTS", "STATUS", "FIRST_FOUND_DATETIME", "LAST_FOUND_DATETIME", "LAST_TEST_DATETIME",
    "LAST_UPDATE_DATETIME", "LAST_FIXED_DATETIME", "TIMES_FOUND", "QDS", "IS_IGNORED",
    "IS_DISABLED", "AFFECT_RUNNING_KERNEL", "AFFECT_RUNNING_SERVICE", "AFFECT_EXPLOITABLE_CONFIG",
)
HOST = ("ID", "ASSET_ID", "IP", "TRACKING_METHOD", "OS", "DNS", "NETBIOS", "QG_HOSTID")


def with_lxml(path):
    n = 0
    for _, host in lxml.etree.iterparse(path, tag="HOST", load_dtd=False, no_network=True, huge_tree=True):
        record = {name: host.findtext(name) for name in HOST}
        findings = []
        for detection in host.iter("DETECTION"):
            finding = {child.tag: child.text for child in detection if child.tag in FIELDS}
            finding["factors"] = {one.get("name"): one.text for one in detection.iter("QDS_FACTOR")}
            findings.append(finding)
        record["findings"] = findings
        n += len(findings)
        host.clear()
        while host.getprevious() is not None:
            del host.getparent()[0]
    return n


def with_xmltodict(path):
    n = 0

    def take(_, host):
        nonlocal n
        detections = (host.get("DETECTION_LIST") or {}).get("DETECTION") or []
        if isinstance(detections, dict):
            detections = [detections]
        record = {name: host.get(name) for name in HOST}
        record["findings"] = [{name: one.get(name) for name in FIELDS} for one in detections]
        n += len(detections)
        return True

    with open(path, "rb") as file:
        xmltodict.parse(file, item_depth=4, item_callback=take)
    return n


def main():
    path = sys.argv[1]
    with open(path, "rb") as file:
        megabytes = file.seek(0, 2) / 1e6
    counts = set()
    for name, read in (("lxml.iterparse", with_lxml), ("xmltodict, streaming", with_xmltodict)):
        started = time.perf_counter()
        counts.add(read(path))
        print(f"{name}\t{megabytes / (time.perf_counter() - started):.2f}", flush=True)
    if len(counts) != 1:
        sys.exit(f"the two disagree on the number of detections: {counts}")


if __name__ == "__main__":
    main()
