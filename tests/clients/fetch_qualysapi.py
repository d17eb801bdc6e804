"""Fetches hosts, detections and knowledge base with qualysapi, which insists on HTTPS.

The simulator has to run with --tls --ca-out FILE, and REQUESTS_CA_BUNDLE has to name that file;
the script itself reads the truth over plain urllib with SSL_CERT_FILE naming the same one.
"""

import xml.etree.ElementTree as ElementTree

import simulator
from qualysapi.connector import QGConnector

server = simulator.URL.removeprefix("https://")
connector = QGConnector((simulator.USERNAME, simulator.PASSWORD), server)


def fetch(call, **parameters):
    answer = connector.request(call, {"action": "list", **parameters}, api_version=2)
    return ElementTree.fromstring(answer)


hosts = fetch("api/5.0/fo/asset/host/", truncation_limit=0)
detections = fetch("api/5.0/fo/asset/host/vm/detection/", truncation_limit=0)
entries = fetch("api/4.0/fo/knowledge_base/vuln/", ids="38000-38099")
simulator.report(
    "qualysapi",
    hosts=len(hosts.findall(".//HOST")),
    detections=len(detections.findall(".//DETECTION")),
    knowledge_base=len(entries.findall(".//VULN")),
)
