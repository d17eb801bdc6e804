"""Runs the client scripts against a simulator of their own: run.py PATH-OF-QUALYS-SIM.

Needs what requirements.txt names. Ends with 1 if a client did not get what the simulator has.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        ready, authority = pathlib.Path(folder, "ready"), pathlib.Path(folder, "ca.pem")
        arguments = ["--hosts", "120", "--tls", "--own-links", "--plain"]
        places = ["--listen", "127.0.0.1:0", "--ready-file", ready, "--ca-out", authority]
        simulator = subprocess.Popen([program, *arguments, *places])
        try:
            while not ready.exists():
                if simulator.poll() is not None:
                    sys.exit("the simulator did not start")
                time.sleep(0.05)
            return run_scripts(ready.read_text(), authority)
        finally:
            simulator.terminate()
            simulator.wait()


def run_scripts(url, authority):
    trust = {"REQUESTS_CA_BUNDLE": str(authority), "SSL_CERT_FILE": str(authority)}
    environment = {**os.environ, **trust, "QUALYS_SIM_URL": url}
    failed = 0
    for script in sorted(HERE.glob("fetch_*.py")):
        run = subprocess.run(
            [sys.executable, script],
            env=environment,
            text=True,
            capture_output=True,
        )
        # The clients chat; the report is the last line.
        print(run.stdout.strip().rsplit("\n", 1)[-1])
        if run.returncode != 0:
            print(run.stderr, file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
