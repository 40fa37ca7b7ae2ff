#!/bin/bash
# `cluster images`: packs the images the cluster runs, from programs on this machine; no registry is asked. Without --always only
# where something they are made of has changed. Every pod uses imagePullPolicy IfNotPresent.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/settings.sh"
. "$HERE/pack.sh"
mkdir -p "$BOX/images"
inputs=$(cat "$HERE"/{images.sh,pack.sh,pack-image.py,bootstrap.py,bookinfo.mjs,echo.mjs} "$BOX"/built/{envoy,coredns,pilot-agent,pilot-discovery} | sha256sum)
if [ "${1:-}" != --always ] && [ "$(cat "$BOX/images/inputs" 2>/dev/null)" = "$inputs" ]; then exit; fi
say "packing images"
rm -f "$BOX/images"/*
W=$(mktemp -d); trap 'rm -rf "$W"' EXIT

base "$W/pause"; pack "$W/pause" local/pause:1 "$BOX/images/pause.tar" 0 /bin/sleep 1000000d
base "$W/coredns"; add "$W/coredns" "$BIN/coredns" /coredns; pack "$W/coredns" local/coredns:1 "$BOX/images/coredns.tar" 0 /coredns
base "$W/pilot"; add "$W/pilot" "$BIN/pilot-discovery" /usr/local/bin/pilot-discovery; pack "$W/pilot" local/pilot:1 "$BOX/images/pilot.tar" 1337:1337 /usr/local/bin/pilot-discovery

p=$W/proxy; base "$p"; add "$p" "$BIN/envoy" /usr/local/bin/envoy; add "$p" "$BIN/pilot-agent" /usr/local/bin/pilot-agent
add "$p" "$(readlink -f "$(command -v iptables-nft)")" /usr/sbin/xtables-nft-multi; add "$p" "$(readlink -f "$(command -v iptables-legacy)")" /usr/sbin/xtables-legacy-multi; add "$p" "$(command -v ip)" /usr/sbin/ip; rm -f "$p/bin/ip"
for f in '' 6; do for v in '' -save -restore; do
  ln -sf xtables-nft-multi "$p/usr/sbin/ip${f}tables$v"; ln -sf xtables-nft-multi "$p/usr/sbin/ip${f}tables-nft$v"; ln -sf xtables-legacy-multi "$p/usr/sbin/ip${f}tables-legacy$v"; done; done
x=$(dirname "$(find /usr/lib -name libxt_REDIRECT.so -o -name libipt_REDIRECT.so | head -1)"); mkdir -p "$p$x"; cp "$x"/*.so "$p$x/"
mkdir -p "$p/var/lib/istio/envoy"; python3 "$HERE/bootstrap.py" "$BOX/istio/envoy_bootstrap.json" >"$p/var/lib/istio/envoy/envoy_bootstrap_tmpl.json"
pack "$p" local/proxyv2:1 "$BOX/images/proxy.tar" 0 /usr/local/bin/pilot-agent

# Bookinfo under its real image names, so Istio's own manifests apply unchanged.
a=$W/app; base "$a"; add "$a" "$(node -p process.execPath)" /usr/local/bin/node; cp "$HERE/bookinfo.mjs" "$a/app.mjs"
for image in $(grep -ho 'image: .*' "$BOX/istio/bookinfo.yaml" | cut -d' ' -f2 | sort -u); do
  role=${image##*bookinfo-}; role=${role%%:*}; echo "$role" >"$a/etc/role"; pack "$a" "$image" "$BOX/images/bookinfo-$role.tar" 0 /usr/local/bin/node /app.mjs; done
cp "$HERE/echo.mjs" "$a/app.mjs"; pack "$a" local/echo:1 "$BOX/images/echo.tar" 0 /usr/local/bin/node /app.mjs
cat "$BOX"/images/*.tar | sha256sum >"$BOX/images/stamp"
echo "$inputs" >"$BOX/images/inputs"
