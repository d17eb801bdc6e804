#!/bin/sh
# The demonstration: a simulated subscription is synced on two days, and the inventory is asked.
# Everything stays below target/demo.
set -eu

bin=target/release
demo=target/demo
rm -rf "$demo"
mkdir -p "$demo"
printf 'sim-password' >"$demo/password"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\n$ %s\n' "$*"; "$@"; }

# So that the second day is a recent one, for GNU's date and for that of BSD.
start=$(date -u -d '3 days ago' +%F 2>/dev/null || date -u -v-3d +%F)

simulate() {
	"$bin/qualys-sim" --ready-file "$demo/url" --hosts 200 --base-date "$start" "$@" >"$demo/qualys-sim.log" 2>&1 &
	sim=$!
	trap 'kill $sim 2>/dev/null || true' EXIT
	tries=0
	until [ -s "$demo/url" ]; do
		tries=$((tries + 1))
		if [ $tries -gt 100 ] || ! kill -0 $sim 2>/dev/null; then
			cat "$demo/qualys-sim.log" >&2
			exit 1
		fi
		sleep 0.1
	done
}

stop() {
	kill $sim
	wait $sim 2>/dev/null || true
	rm "$demo/url"
}

sync() {
	run "$bin/qonduit" sync --api-url "$url" --username sim-user \
		--password-file "$demo/password" --db "$demo/qonduit.db"
}

say 'A simulated Qualys subscription of 200 hosts, and a first sync.'
simulate --listen 127.0.0.1:0
url=$(cat "$demo/url")
sync
stop

say 'A day later: some findings are fixed, some came back, some are new.'
simulate --listen "${url#http://}" --day 1
sync
stop

say 'The inventory.'
run "$bin/qonduit" assets --db "$demo/qonduit.db" --limit 8
run "$bin/qonduit" findings --db "$demo/qonduit.db" --severity critical --limit 8
run "$bin/qonduit" runs --db "$demo/qonduit.db"

say 'Go on by yourself:'
cat <<END
  export QONDUIT_DB=$demo/qonduit.db
  $bin/qonduit findings --where 'severity:>=high and os:windows and last_found:<30days'
  $bin/qonduit show NAME-OF-AN-ASSET
  $bin/qonduit export --format ocsf findings -o critical.ocsf.ndjson \
    --where 'severity:=critical and os:"windows server" and last_found:<7days'
  $bin/qonduit --help
END
