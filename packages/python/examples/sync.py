"""Fetches a subscription into memory: QUALYS_URL, QUALYS_USERNAME, QUALYS_PASSWORD say which."""

import base64
import os
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException

from qonduit_connector import Connector, encoded, identity

url, user, password = (os.environ["QUALYS_" + name] for name in ("URL", "USERNAME", "PASSWORD"))
login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
run, kept = Connector().run(), {}
while (step := run.next())["tag"] != "done":
    if step["tag"] == "failed":
        sys.exit(step["val"]["message"])
    if step["tag"] == "wait":
        time.sleep(max(0.1, step["val"] - time.time()))
        continue
    target, headers, body = encoded(step["val"]["request"])
    headers |= {"Authorization": login, "X-Requested-With": "example"}
    try:
        asked = urllib.request.Request(url + target, body, headers)
        try:
            response = urllib.request.urlopen(asked, timeout=300)
        except urllib.error.HTTPError as refused:
            response = refused  # An answer like any other: the run knows what it means.
        with response:
            run.answered(response.status, response.getheaders())
            for line in run.read(response):
                if (known := identity(line)) is not None:
                    kept[known] = line
    except (OSError, HTTPException) as problem:
        print(problem, file=sys.stderr)
    if trouble := run.ended():
        print(trouble, file=sys.stderr)
for record in sorted({known[0] for known in kept}):
    print(record, sum(known[0] == record for known in kept))
