#!/bin/sh
# Builds the packages below target/packages: the WIT package (wit), JavaScript (js, and a tarball) and
# Python (python, a wheel), and installs both where their tests and examples run (try, env). What is
# missing on this machine is told, and is a failure where CI is set.
set -eu

out=target/packages
component=target/component/qonduit.wasm
mkdir -p "$out"
out=$(cd "$out" && pwd)
target/release/qonduit-packages wit "$out/wit"

without() {
	echo "$1: $2" >&2
	if [ -n "${CI:-}" ]; then exit 1; fi
}

# Tools are installed once for each list of them.
javascript() {
	tools=$out/tools
	mkdir -p "$tools" "$out/try"
	if ! cmp -s packages/js/package-lock.json "$tools/installed"; then
		cp packages/js/package.json packages/js/package-lock.json "$tools"
		# Not `npm ci`: that insists on packages for other systems which not every registry has.
		(cd "$tools" && npm install --no-audit --no-fund --silent) || return 1
		cp packages/js/package-lock.json "$tools/installed"
	fi
	cp packages/js/build.mjs "$tools"
	node "$tools/build.mjs" "$component" "$out"/wit/*.wasm packages/js "$out/js"
	(cd "$out" && npm pack --silent ./js > /dev/null)
	rm -rf "$out/try"
	cp -R packages/js/test "$out/try"
	cp -R packages/js/examples "$out/try/examples"
	echo '{ "private": true, "type": "module" }' > "$out/try/package.json"
	(cd "$out/try" && npm install --offline --no-audit --no-fund --no-save --silent \
		../qonduit-connector-*.tgz)
}

python() {
	env=$out/env
	if [ ! -x "$env/bin/python" ]; then
		"${PYTHON:-python3}" -m venv "$env" || return 1
	fi
	if ! cmp -s packages/python/requirements.txt "$env/installed"; then
		"$env/bin/pip" install --quiet --requirement packages/python/requirements.txt || return 1
		cp packages/python/requirements.txt "$env/installed"
	fi
	rm -rf "$out/python" "$out/python-source"
	cp -R packages/python "$out/python-source"
	cp LICENSE "$out/python-source"
	cp "$component" "$out/python-source/src/qonduit_connector/qonduit.wasm"
	# One time for all files, so that the same sources give the same wheel.
	SOURCE_DATE_EPOCH=315532800 "$env/bin/pip" wheel --quiet --no-deps --no-build-isolation \
		--no-index --wheel-dir "$out/python" "$out/python-source"
	"$env/bin/pip" install --quiet --no-deps --no-index --force-reinstall "$out"/python/*.whl
}

rm -rf "$out/js" "$out/try" "$out"/qonduit-connector-*.tgz
if command -v node > /dev/null && command -v npm > /dev/null; then
	javascript || without JavaScript 'the tools of packages/js/package-lock.json cannot be installed'
else
	without JavaScript 'Node and npm are missing, so its package is not built'
fi
rm -rf "$out/python"
if command -v "${PYTHON:-python3}" > /dev/null; then
	python || without Python 'what packages/python/requirements.txt names cannot be installed'
else
	without Python 'Python is missing, so its package is not built'
fi
