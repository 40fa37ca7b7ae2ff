#!/bin/bash
# `cluster image TAG`: builds the image of our Dockerfile without Docker, and imports it into the cluster if it runs.
#
# No registry of images is asked: stand-ins for the Dockerfile's base images are packed from programs on this machine, and given
# their names. Packages come from the npm registry that npm uses here.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/settings.sh"
. "$HERE/pack.sh"
REPO=$(cd "$HERE/../.." && pwd)
tag=${1:?which tag? For example: $ME image meshbot:test}
case $tag in */*) ;; *) tag=localhost/$tag ;; esac

[ "$(id -u)" = 0 ] || die "needs root"
if ! command -v buildah >/dev/null; then
  command -v apt-get >/dev/null || die "needs the program buildah"
  say "installing buildah"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends buildah; } >/dev/null 2>&1 || die "buildah could not be installed"
fi
NODE=$REPO/node_modules/.bin/node
[ -x "$NODE" ] || NODE=$(command -v node)
[[ $("$NODE" --version) =~ ^v2[4-9] ]] || die "needs Node.js 24 for the image; run npm ci first"

# What buildah keeps between builds is in a folder of its own. vfs needs no kernel module and no mount.
W=$(mktemp -d); trap 'rm -rf "$W"' EXIT
STORE=$BOX/buildah; mkdir -p "$STORE"
printf '{"default": [{"type": "insecureAcceptAnything"}]}\n' >"$W/policy.json"
export BUILDAH_ISOLATION=chroot
build() { local verb=$1; shift; buildah --root "$STORE/root" --runroot "$STORE/run" --storage-driver vfs "$verb" "$@"; }
policy=(--signature-policy "$W/policy.json")

# --- stand-ins for the base images ------------------------------------------------------------------------------------
bases=$(cat "$HERE"/{image.sh,pack.sh,pack-image.py} <("$NODE" --version; npm --version) | sha256sum | cut -c1-16)
if [ "$(cat "$STORE/bases" 2>/dev/null)" != "$bases" ]; then
  certificates=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
  npm_folder=$(cd "$(dirname "$(readlink -f "$(command -v npm)")")/.." && pwd)
  b=$W/build; base "$b"; add "$b" "$(readlink -f "$NODE")" /usr/local/bin/node
  mkdir -p "$b"/usr/{bin,local/lib/node_modules} "$b/etc/ssl/certs"
  ln -s /bin/env "$b/usr/bin/env"; cp -r "$npm_folder" "$b/usr/local/lib/node_modules/npm"; ln -s ../lib/node_modules/npm/bin/npm-cli.js "$b/usr/local/bin/npm"
  [ ! -f "$certificates" ] || cp -L "$certificates" "$b/etc/ssl/certs/ca-certificates.crt"
  pack "$b" node:24-bookworm-slim "$W/build.tar" 0 /usr/local/bin/node
  r=$W/run; mkdir -p "$r"/{etc,tmp,proc,sys,dev,home/nonroot}; chmod 1777 "$r/tmp"; add "$r" "$(readlink -f "$NODE")" /nodejs/bin/node
  printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$r/etc/passwd"
  pack "$r" gcr.io/distroless/nodejs24-debian12:latest "$W/run.tar" 0 /nodejs/bin/node
  for name in build run; do build pull "${policy[@]}" -q "docker-archive:$W/$name.tar" >/dev/null; done
  echo "$bases" >"$STORE/bases"
fi

# --- the image --------------------------------------------------------------------------------------------------------
{ echo "registry=$(npm config get registry)"; echo cafile=/etc/ssl/certs/ca-certificates.crt; } >"$W/npmrc"
say "building $tag"
build bud "${policy[@]}" --pull-never --format docker --secret "id=npmrc,src=$W/npmrc" \
  --build-arg "VERSION=$("$NODE" -p "require('$REPO/package.json').version")" --build-arg "REVISION=$(git -C "$REPO" rev-parse HEAD 2>/dev/null || echo unknown)" \
  --build-arg "CREATED=$(date -u +%FT%TZ)" -t "$tag" -f "$REPO/Dockerfile" "$REPO" >"$BOX/log/image.log" 2>&1 || { tail -n 20 "$BOX/log/image.log" >&2; die "the image could not be built; the whole log: $BOX/log/image.log"; }
build rmi --prune >/dev/null 2>&1 || true # what the last build left
mkdir -p "$BOX/built-images"; archive=$BOX/built-images/meshbot.tar; rm -f "$archive"
build push "${policy[@]}" -q "$tag" "docker-archive:$archive:$tag" >/dev/null
say "built $tag, $(du -m "$archive" | cut -f1) MB: $archive"
if [ -S "$BOX/containerd.sock" ] && [ -f "$BOX/ready" ]; then
  ctr -a "$BOX/containerd.sock" -n k8s.io images import "$archive" >/dev/null
  say "imported into the cluster; use it with image: $tag and imagePullPolicy: Never"
fi
