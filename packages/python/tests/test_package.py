"""What a caller is told of bad input, and exports."""

import os
import threading
import unittest
from pathlib import Path

from qonduit_connector import CONTRACT, Connector, Failed, Line, OtherContract, ReadError

ROOT = Path(os.environ["QONDUIT_ROOT"])
ANSWER = ROOT / "tests/fixtures/detections/one-detection.xml"
COMPONENT = ROOT / "target/component/qonduit.wasm"


class BadInput(unittest.TestCase):
    def test_a_body_that_is_cut_off_is_told_behind_the_records_that_came(self) -> None:
        body = ANSWER.read_bytes()
        cut = body[: body.index(b"</HOST_LIST>")]
        lines: list[Line] = []
        with self.assertRaises(ReadError) as raised:
            for line in Connector().read("detections", [cut]):
                lines.append(line)
        said = f"the answer was cut off after {len(cut)} bytes; ask for it again"
        self.assertEqual(str(raised.exception), said)
        self.assertEqual(raised.exception.error, {"tag": "cut-off", "val": len(cut)})
        self.assertEqual([it["record"] for it in lines], ["host", "finding", "inventory"])

    def test_a_body_of_another_dataset_is_told(self) -> None:
        with ANSWER.open("rb") as body, self.assertRaisesRegex(
            ReadError, "is a `HOST_LIST_VM_DETECTION_OUTPUT` document; read it as"
        ):
            list(Connector().read("hosts", body))

    def test_mistaken_settings_are_told_all_at_once(self) -> None:
        with self.assertRaises(Failed) as raised:
            Connector().plan.check_settings('{"batch_hosts":0,"nonsense":1}')
        self.assertIn("nonsense", str(raised.exception))

    def test_a_component_of_another_contract_is_refused_with_a_sentence(self) -> None:
        other = COMPONENT.read_bytes().replace(f"@{CONTRACT}".encode(), b"@0.2.0")
        with self.assertRaisesRegex(OtherContract, "speaks version `0.2.0` of the contract, and"):
            Connector(other)
        with self.assertRaisesRegex(OtherContract, "no component"):
            Connector(b"nothing")

    def test_a_record_that_lacks_a_key_is_told(self) -> None:
        connector = Connector()
        with self.assertRaisesRegex(TypeError, "lacks `scope`"):
            connector.plan.ask("{}", {"dataset": "hosts"})  # type: ignore[typeddict-item]


class Use(unittest.TestCase):
    def test_an_export_is_what_the_file_of_the_project_says(self) -> None:
        records = (ROOT / "tests/exports/everything.records.ndjson").read_text()
        for format, subject in (("ocsf", "findings"), ("csv", "findings"), ("ecs", "findings")):
            with self.subTest(format=format):
                exporter = Connector().exporter({
                    "format": format,  # type: ignore[typeddict-item]
                    "subject": subject,  # type: ignore[typeddict-item]
                    "safe_cells": True,
                    "made": MADE,
                })
                text = exporter.push(records) + exporter.finish()["text"]
                file = ROOT / f"tests/exports/everything.{subject}.{format}"
                self.assertEqual(text, file.read_bytes().decode())

    def test_each_thread_has_its_own(self) -> None:
        found: list[int] = []

        def read() -> None:
            with ANSWER.open("rb") as body:
                found.append(len(list(Connector().read("detections", body))))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [3, 3, 3, 3])

    def test_many_readers_take_no_more_memory_than_one(self) -> None:
        connector, body = Connector(), ANSWER.read_bytes()
        for _ in range(2_000):
            with connector.reader("detections") as reader:
                reader.push(body)


MADE = 1_795_219_200

if __name__ == "__main__":
    unittest.main()
