#!/bin/sh
# The benchmark, with the two Python peers where Python is there: they are installed into a folder
# of their own below target.
set -eu

cargo build --locked --release --package qonduit-tests --bin bench
peers=target/bench-python
if [ ! -x "$peers/bin/python" ]; then
	"${PYTHON:-python3}" -m venv "$peers" || echo 'no Python environment: its peers are left out' >&2
fi
if [ -x "$peers/bin/pip" ] && "$peers/bin/pip" install --quiet lxml==6.0.2 xmltodict==1.0.4; then
	exec target/release/bench --python "$peers/bin/python" "$@"
fi
exec target/release/bench "$@"
