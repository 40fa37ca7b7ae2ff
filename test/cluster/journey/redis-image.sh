#!/bin/bash
# `redis-image.sh TAG`: an image with the Redis of this machine, for the place of the public one; imported into the cluster that runs.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$HERE/settings.sh"
. "$HERE/pack.sh"
W=$(mktemp -d); trap 'rm -rf "$W"' EXIT
r=$W/redis; base "$r"
for program in redis-server redis-cli; do add "$r" "$(readlink -f "$(command -v $program)")" "/usr/local/bin/$program"; done
pack "$r" "$1" "$W/redis.tar" 0 /usr/local/bin/redis-server
ctr -a "$BOX/containerd.sock" -n k8s.io images import "$W/redis.tar" >/dev/null
