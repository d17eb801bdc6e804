"""Fetches hosts, detections, knowledge base and asset groups with qualyspy.

Its server comes from the environment; it takes only the id_min of links to next pages.
"""

import os

import simulator

os.environ["QUALYS_API_SERVER"] = simulator.URL
os.environ["QUALYS_API_GATEWAY"] = simulator.URL
os.environ["QUALYS_USERNAME"] = simulator.USERNAME
os.environ["QUALYS_PASSWORD"] = simulator.PASSWORD

from qualyspy import vmdr  # noqa: E402: it reads the environment when it is imported



def all_pages(fetch):
    records, is_truncated, next_id = [], True, None
    while is_truncated:
        page, is_truncated, next_id = fetch(id_min=next_id, truncation_limit=50)
        records.extend(page)
    return records


api = vmdr.VmdrAPI(x_requested_with="qualyspy against qualys-sim")
hosts = all_pages(lambda **page: api.host_list(details="All", **page))
detections = all_pages(api.host_list_vm_detection)
entries = api.knowledgebase(details="All", id_min=38_000, id_max=38_099)
groups = api.asset_group_list()
simulator.report(
    "qualyspy",
    hosts=len(hosts),
    detections=sum(len(host.detections or []) for host in detections),
    knowledge_base=len(entries),
    asset_groups=len(groups),
)
