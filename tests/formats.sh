#!/bin/sh
# Has the exports read by programs that were not written here. Their packages go into a folder of
# their own below target; without them nothing is proven, so that is a failure.
set -eu

readers=target/formats-python
if [ ! -x "$readers/bin/python" ]; then
	"${PYTHON:-python3}" -m venv "$readers"
fi
if ! "$readers/bin/pip" install --quiet --requirement tests/formats/requirements.txt; then
	echo 'the readers of tests/formats/requirements.txt cannot be installed: no format was checked' >&2
	exit 1
fi
# Parquet is no part of the usual build. The rest is selected as there: else wasmtime gets other
# features and is compiled again.
cargo build --locked --release --workspace --exclude qonduit-packages --bin qonduit --example read \
	--features qonduit/parquet
exec "$readers/bin/python" tests/formats/run.py target/release
