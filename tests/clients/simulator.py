"""What the client scripts share: where the simulator is, and what a sync must end up with."""

import json
import os
import sys
import urllib.request

URL = os.environ.get("QUALYS_SIM_URL", "http://127.0.0.1:8765")
USERNAME = os.environ.get("QUALYS_SIM_USERNAME", "sim-user")
PASSWORD = os.environ.get("QUALYS_SIM_PASSWORD", "sim-password")


def truth(of):
    """Records of today, as the simulator itself counts them."""
    with urllib.request.urlopen(f"{URL}/_sim/truth/{of}") as answer:
        return [json.loads(line) for line in answer]


def open_findings():
    """What an answer with the default status filter holds."""
    is_open = ("new", "active", "reopened")
    return [
        finding
        for finding in truth("findings")
        if finding["status"] in is_open and not finding["is_ignored"] and not finding["is_disabled"]
    ]


def report(client, **found):
    """Prints what the client got; fails if hosts or detections are not those of the truth."""
    expected = {"hosts": len(truth("hosts")), "detections": len(open_findings())}
    print(json.dumps({"client": client, **found}))
    wrong = {name: number for name, number in expected.items() if found[name] != number}
    if wrong:
        sys.exit(f"{client}: expected {wrong}")
