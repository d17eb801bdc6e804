#!/bin/sh
# The benchmark, with the two Python peers where Python is there, and the Python package beside them:
# they are installed into a folder of their own below target.
set -eu

peers=target/bench-python
if [ ! -x "$peers/bin/python" ]; then
	"${PYTHON:-python3}" -m venv "$peers" || echo 'no Python environment: its peers are left out' >&2
fi
if [ -x "$peers/bin/pip" ] && "$peers/bin/pip" install --quiet lxml==6.0.2 xmltodict==1.0.4 orjson==3.13.0 wasmtime==48.0.0; then
	for wheel in target/packages/python/*.whl; do
		if [ -f "$wheel" ]; then
			"$peers/bin/pip" install --quiet --no-deps --no-index --force-reinstall "$wheel"
		fi
	done
	exec target/release/bench --python "$peers/bin/python" "$@"
fi
exec target/release/bench "$@"
