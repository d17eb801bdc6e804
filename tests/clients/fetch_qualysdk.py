"""Fetches hosts, detections and knowledge base with qualysdk, which takes other URLs as they are.

It follows the links of next pages by their host, drops ranges of ids, and refuses elements that it
does not know: the simulator has to run with --own-links and --plain, and the last is put right here.
"""

import dataclasses

import simulator
from qualysdk import BasicAuth, vmdr
from qualysdk.vmdr.data_classes.detection import Detection
from qualysdk.vmdr.data_classes.hosts import VMDRHost


def skip_unknown_elements(record):
    known = {field.name for field in dataclasses.fields(record)}
    strict = record.__init__

    def tolerant(self, **elements):
        strict(self, **{name: value for name, value in elements.items() if name in known})

    record.__init__ = tolerant


skip_unknown_elements(Detection)
skip_unknown_elements(VMDRHost)

auth = BasicAuth(
    simulator.USERNAME,
    simulator.PASSWORD,
    override_platform={
        "api_url": simulator.URL,
        "gateway_url": simulator.URL,
        "qualysguard_url": simulator.URL,
    },
)
hosts = vmdr.get_host_list(auth, details="All", show_tags=True, truncation_limit=50)
detections = vmdr.get_hld(auth, truncation_limit=50, threads=2)
entries = vmdr.query_kb(auth, ids="38000-38099")
simulator.report(
    "qualysdk",
    hosts=len(hosts),
    detections=sum(len(host.DETECTION_LIST or []) for host in detections),
    knowledge_base=len(entries),
)
