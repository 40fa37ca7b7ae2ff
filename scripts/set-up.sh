#!/bin/bash
# Makes `npm start` and `npm test` work on a machine that has only some Node.js with npm: packages, Node.js 24, redis-server and,
# for tests, Chromium. Says each thing it does; says nothing when there is nothing to do.
#
#   set-up.sh start|test
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
purpose=${1:-start}
bin=$PWD/node_modules/.bin

say() { echo "set-up: $*"; }
die() { echo "set-up: $*" >&2; exit 1; }

packages() {
  [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ] || return 0
  say 'installing packages (npm ci)'
  local log; log=$(mktemp)
  # npm is run by the machine's own Node.js: the one in node_modules is replaced while it runs.
  PATH=$(tr ':' '\n' <<<"$PATH" | grep -vxF "$bin" | paste -sd: -) npm ci --no-audit --no-fund --loglevel=error >"$log" 2>&1 ||
    { cat "$log" >&2; rm -f "$log"; die 'npm ci failed (its messages are above). Is the npm registry reachable? Then try again.'; }
  rm -f "$log"
  touch node_modules/.package-lock.json
}

node_24() {
  local version
  version=$(PATH=$bin:$PATH node --version 2>/dev/null) || version=none
  [[ $version =~ ^v([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 24 ] && return
  die "needs Node.js 24 or newer, found $version. On Linux it comes with the packages, unless optional ones are left out: remove node_modules and try again without --omit=optional. Elsewhere install it from nodejs.org."
}

# system PROGRAM PACKAGE: installs PACKAGE with apt where that is allowed; fails where it is not.
updated=
system() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "installing $2 (apt-get)"
  export DEBIAN_FRONTEND=noninteractive
  local log; log=$(mktemp)
  if { [ -n "$updated" ] || apt-get update -q; } >"$log" 2>&1 && updated=yes &&
    apt-get install -y -q --no-install-recommends "$2" >>"$log" 2>&1 && command -v "$1" >/dev/null; then rm -f "$log"; return; fi
  tail -n 5 "$log" >&2; rm -f "$log"
  return 1
}

redis() {
  command -v redis-server >/dev/null || system redis-server redis-server ||
    die 'needs the program redis-server. Install it, then try again: apt-get install redis-server, dnf install redis, or brew install redis.'
}

browser() {
  local name
  for name in chromium chromium-browser google-chrome; do ! command -v $name >/dev/null || return 0; done
  system chromium chromium && return
  [ "${CI:-}" != true ] || die 'needs Chromium for the tests of the web page: apt-get install chromium.'
  say 'no Chromium here: the tests of the web page will be skipped (apt-get install chromium, or dnf install chromium)'
}

packages
node_24
case $purpose in
start) [ -n "${REDIS_URL:-}${REDIS_URL_FILE:-}" ] || redis ;;
test) redis; browser ;;
*) die "there is no purpose '$purpose': start or test" ;;
esac
