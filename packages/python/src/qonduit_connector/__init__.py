"""The Qonduit connector component: plans Qualys requests, reads answers as records, exports.

It sends nothing and keeps nothing: the caller does. `Connector` is where to begin.
"""

from ._connector import Connector, Exporter, OtherContract, Reader, ReadError, Run, encoded, identity
from ._values import Failed, Trapped
from .contract import VERSION as CONTRACT
from .lines import Line

__all__ = [
    "CONTRACT",
    "Connector",
    "Exporter",
    "Failed",
    "Line",
    "OtherContract",
    "ReadError",
    "Reader",
    "Run",
    "Trapped",
    "encoded",
    "identity",
]
