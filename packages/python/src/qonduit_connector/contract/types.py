"""`types`: Words shared by the other interfaces. Field names follow the Qualys element
names in lower case, so the vendor's manual stays searchable. In the JSON that
the text doors speak, they are written in snake_case, enum cases in
lower case with hyphens, and timestamps as RFC 3339 in UTC.

Made from `wit/`; `make accept` writes it.
"""

# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v


#: Seconds since 1970-01-01T00:00:00Z.
Timestamp: TypeAlias = int
kind_timestamp = v.INT


#: Number of one check in the Qualys knowledge base.
Qid: TypeAlias = int
kind_qid = v.INT


#: Number of one host, unique within a subscription. Above 2^31 in practice.
HostId: TypeAlias = int
kind_host_id = v.INT


#: A list that Qualys serves.
Dataset: TypeAlias = Literal["host-ids", "hosts", "detections", "knowledge-base", "asset-groups", "tags", "changed-host-ids", "host-assets", "asset-view", "web-apps", "web-app-findings", "cve-scores"]
kind_dataset = v.STR


#: How much depends on an asset, in this order.
Impact: TypeAlias = Literal["low", "medium", "high"]
kind_impact = v.STR
