"""Lets others read what qonduit exports: run.py FOLDER-OF-THE-BINARIES.

Syncs a simulated subscription, exports it in every format and version, and has each file read by
the OCSF schema, the CycloneDX library and pyarrow from the package index, and by the CSV and JSON
readers of Python. Needs what requirements.txt names. Ends with 1 and a line for each mistake.
"""

import csv
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import pyarrow.parquet
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

HERE = pathlib.Path(__file__).parent
MOST_MISTAKES = 5


def main(folder):
    mistakes = []
    fixtures = HERE.parent / "exports"
    check_ocsf(fixtures / "everything.findings.ocsf", "1.6.0", mistakes)
    check_ocsf(fixtures / "everything.findings.ocsf-1.4.0", "1.4.0", mistakes)
    check_ocsf(fixtures / "everything.assets.ocsf", "1.6.0", mistakes)
    check_bill(fixtures / "everything.assets.cyclonedx", SchemaVersion.V1_6, mistakes)
    check_bill(fixtures / "everything.assets.cyclonedx-1.5", SchemaVersion.V1_5, mistakes)
    with tempfile.TemporaryDirectory() as place:
        export = Inventory(pathlib.Path(folder).resolve(), pathlib.Path(place))
        try:
            check_inventory(export, mistakes)
        finally:
            export.close()
    for mistake in mistakes[:50]:
        print(mistake)
    print(f"{Inventory.n_files} exports were read, {len(mistakes)} mistakes")
    return 1 if mistakes else 0


def check_inventory(export, mistakes):
    findings = [json.loads(line) for line in export("findings", "--all").open(encoding="utf-8")]
    assets = [json.loads(line) for line in export("assets").open(encoding="utf-8")]
    if len(findings) < 500 or len(assets) < 10:
        mistakes.append("the simulated inventory is too small to prove anything")
    for version in ["1.4.0", "1.5.0", "1.6.0"]:
        ocsf = ["--format", "ocsf", "--ocsf-version", version]
        n = check_ocsf(export("findings", "--all", *ocsf), version, mistakes)
        expect(n, len(findings), f"events of findings in OCSF {version}", mistakes)
        n = check_ocsf(export("assets", *ocsf), version, mistakes)
        hosts = [asset for asset in assets if asset["kind"] == "host"]
        expect(n, len(hosts), f"events of assets in OCSF {version}", mistakes)
    for name, version in [("1.5", SchemaVersion.V1_5), ("1.6", SchemaVersion.V1_6)]:
        cyclonedx = ["--format", "cyclonedx", "--cyclonedx-version", name]
        bill = check_bill(export("assets", "--all", *cyclonedx), version, mistakes)
        expect(len(bill.components), len(assets), "components of the bill", mistakes)
        expect(len(bill.vulnerabilities), len(findings), "vulnerabilities of the bill", mistakes)
    for what, n in [("findings", len(findings)), ("assets", len(assets))]:
        all_of_them = ["--all"] if what == "findings" else []
        plain = ["--format", "csv", "--safe-cells", "false"]
        with export(what, *all_of_them, *plain).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
        expect(len(rows), n, f"rows of {what} in CSV", mistakes)
    check_parquet(export, findings, assets, mistakes)
    # The same values in both, read by a reader of each.
    for finding, row in zip(findings, csv_rows(export), strict=True):
        for key in ["finding_key", "qid", "results", "last_found", "status"]:
            value = "" if finding[key] is None else str(finding[key])
            if value != row[key]:
                mistakes.append(f"{finding['finding_id']}: {key} is {row[key]!r} in CSV, not {value!r}")


def check_parquet(export, findings, assets, mistakes):
    table = pyarrow.parquet.read_table(export("findings", "--all", "--format", "parquet"))
    rows = table.to_pylist()
    expect(len(rows), len(findings), "rows of findings in Parquet", mistakes)
    for finding, row in zip(findings, rows, strict=True):
        for key in ["finding_id", "finding_key", "qid", "status", "port", "is_open", "results", "qds"]:
            if row[key] != (finding[key] if finding[key] != "" else None):
                mistakes.append(f"{finding['finding_id']}: {key} is {row[key]!r} in Parquet, not {finding[key]!r}")
        last_found = row["last_found"] and row["last_found"].strftime("%Y-%m-%dT%H:%M:%SZ")
        if last_found != finding["last_found"]:
            mistakes.append(f"{finding['finding_id']}: last_found is {last_found} in Parquet")
    if str(table.schema.field("last_found").type) != "timestamp[ms, tz=UTC]":
        mistakes.append(f"last_found is {table.schema.field('last_found').type} in Parquet")
    table = pyarrow.parquet.read_table(export("assets", "--format", "parquet"))
    names = [row["name"] for row in table.to_pylist()]
    if names != [asset["name"] for asset in assets]:
        mistakes.append("the names of assets are others in Parquet")
    for what in ["software", "vulnerabilities"]:
        table = pyarrow.parquet.read_table(export(what, "--format", "parquet"))
        n = sum(1 for _ in export(what).open(encoding="utf-8"))
        expect(table.num_rows, n, f"rows of {what} in Parquet", mistakes)


def csv_rows(export):
    plain = ["--format", "csv", "--safe-cells", "false"]
    with export("findings", "--all", *plain).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def check_ocsf(file, version, mistakes):
    """Every event against the schema of its class, with every constraint."""
    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version))
    validators = {}
    n = 0
    for line in file.open(encoding="utf-8"):
        event = json.loads(line)
        n += 1
        uid = event["class_uid"]
        if uid not in validators:
            name = schemas.lookup_class_name_from_uid(uid)
            validators[uid] = Draft202012Validator(schemas.get_class_schema(name))
        if event["metadata"]["version"] != version:
            mistakes.append(f"{file.name}: an event says that it is of another version")
        for error in list(validators[uid].iter_errors(event))[:MOST_MISTAKES]:
            path = ".".join(map(str, error.absolute_path))
            mistakes.append(f"{file.name} line {n}: {path}: {error.message[:200]}")
        for vulnerability in event.get("vulnerabilities", []):
            kinds = {"advisory", "cve", "cwe"} & vulnerability.keys()
            if len(kinds) != 1:
                mistakes.append(f"{file.name} line {n}: a vulnerability has {sorted(kinds)}")
    if n == 0:
        mistakes.append(f"{file.name} is empty")
    return n


def check_bill(file, version, mistakes):
    text = file.read_text(encoding="utf-8")
    error = JsonStrictValidator(version).validate_str(text)
    if error is not None:
        mistakes.append(f"{file.name}: {str(error)[:300]}")
    bill = Bom.from_json(json.loads(text))
    document = json.loads(text)
    known = set()
    for asset in document["components"]:
        known.add(asset["bom-ref"])
        known.update(part["bom-ref"] for part in asset.get("components", []))
    for vulnerability in document.get("vulnerabilities", []):
        for affected in vulnerability["affects"]:
            if affected["ref"] not in known:
                mistakes.append(f"{file.name}: nothing is called {affected['ref']}")
    return bill


def expect(found, expected, what, mistakes):
    if found != expected:
        mistakes.append(f"{what}: {found}, not {expected}")


class Inventory:
    """A synced inventory, and exports of it as files."""

    n_files = 0

    def __init__(self, binaries, folder):
        self.binaries, self.folder = binaries, folder
        ready = folder / "ready"
        arguments = ["--hosts", "25", "--listen", "127.0.0.1:0", "--ready-file", ready]
        self.simulator = subprocess.Popen([binaries / "qualys-sim", *arguments])
        while not ready.exists():
            if self.simulator.poll() is not None:
                sys.exit("the simulator did not start")
            time.sleep(0.05)
        self.environment = {
            **os.environ,
            "QONDUIT_DB": str(folder / "inventory.db"),
            "QONDUIT_API_URL": ready.read_text(),
            "QONDUIT_USERNAME": "sim-user",
            "QONDUIT_PASSWORD": "sim-password",
        }
        self.qonduit("sync", "--quiet")

    def __call__(self, *arguments):
        Inventory.n_files += 1
        file = self.folder / f"export-{Inventory.n_files}"
        self.qonduit("export", *arguments, "-o", str(file))
        manifest = json.loads(file.with_name(file.name + ".manifest.json").read_text())
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if manifest["sha256"] != digest or manifest["bytes"] != file.stat().st_size:
            sys.exit(f"the manifest of {arguments} is about another file")
        return file

    def qonduit(self, *arguments):
        command = [self.binaries / "qonduit", *arguments]
        run = subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True
        )
        if run.returncode != 0:
            sys.exit(f"qonduit {' '.join(arguments)}: {run.stderr}")

    def close(self):
        self.simulator.terminate()
        self.simulator.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
