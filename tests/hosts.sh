#!/bin/sh
# Installs the servers of others that the system tests run the function on. They go into folders of
# their own below target; nothing outside of it changes.
set -eu

python=target/hosts-python
if [ ! -x "$python/bin/python" ]; then
	"${PYTHON:-python3}" -m venv "$python"
fi
"$python/bin/pip" install --quiet --requirement tests/hosts/requirements.txt
# The package brings its program without the permission to run it.
chmod +x "$python"/lib/python*/site-packages/wasmtime_cli/wasmtime \
	"$python"/lib/python*/site-packages/wash_cli/wash

node=target/hosts-node
mkdir -p "$node"
cp tests/hosts/package.json tests/hosts/package-lock.json "$node/"
# Not `npm ci`: that insists on packages for other systems, which not every registry has.
(cd "$node" && npm install --no-audit --no-fund --silent)
