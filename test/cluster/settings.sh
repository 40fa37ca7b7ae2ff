# What every script of the cluster shares: versions, addresses, folders, and what is built. Sourced, with HERE set.
export HERE
export BOX=${MESHBOT_CLUSTER_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/meshbot-cluster}
export BIN=$BOX/bin
export NODE_IP=10.243.0.1 SVC_CIDR=10.96.0.0/16 POD_CIDR=10.244.0.0/24 DNS_IP=10.96.0.10
export K8S=v1.36.1 ISTIO=1.32.0-dev ENVOY=1.40.0
CGROUP=meshbot-$(sha256sum <<<"$BOX" | cut -c1-8)
export PATH=$BIN:$PATH:/usr/sbin:/sbin
ME='npm run cluster --'
component=k8s.io/component-base/version
GO_TAGS=remove_all_sd,enable_kubernetes_sd
GO_LDFLAGS="-s -w -X $component.gitVersion=$K8S -X $component.gitMajor=1 -X $component.gitMinor=36 -X $component.gitTreeState=clean -X istio.io/istio/pkg/version.buildVersion=$ISTIO"

say() { echo "cluster: $*"; }
die() { echo "cluster: $*" >&2; exit 1; }

# Every Go tool as "NAME MODULE PACKAGE". The go.mod files are the list, and pin the versions.
tool_list() {
  local module package name
  for module in mesh monitoring prometheus; do
    awk '/^tool \(/ {block = 1; next} block && /^\)/ {block = 0} block {print $1} /^tool [^(]/ {print $2}' "$HERE/tools/$module/go.mod" |
      while read -r package; do
        name=${package##*/}; [ "$name" != operator ] || name=prometheus-operator
        echo "$name $module $package"
      done
  done
}

# What a tool was built from. One that was built from anything else is built again.
recipe() { { cat "$HERE/tools/$1/go.mod" "$HERE/tools/$1/go.sum"; echo "$GO_TAGS $GO_LDFLAGS"; } | sha256sum | cut -c1-16; }

tools_missing() {
  local name module package last='' now=''
  while read -r name module package; do
    [ "$module" = "$last" ] || { now=$(recipe "$module"); last=$module; }
    [ -x "$BIN/$name" ] && [ "$(cat "$BOX/built/$name" 2>/dev/null)" = "$now" ] || echo "$name $module $package"
  done < <(tool_list)
}

envoy_built() { [ -x "$BIN/envoy" ] && [ "$(cat "$BOX/built/envoy" 2>/dev/null)" = "$ENVOY" ]; }
tools_built() { envoy_built && [ -z "$(tools_missing)" ] && [ -f "$BOX/istio/bookinfo.yaml" ] && [ -z "$(packages_missing)" ]; }

# Programs that come from the system, with Debian's names of their packages.
packages_missing() {
  local pair
  for pair in etcd:etcd-server containerd:containerd ctr:containerd runc:runc conntrack:conntrack iptables-nft:iptables ip:iproute2 \
    socat:socat busybox:busybox-static openssl:openssl nsenter:util-linux flock:util-linux pgrep:procps python3:python3; do
    command -v "${pair%%:*}" >/dev/null || echo "${pair#*:}"
  done
  [ -n "$(cni_plugins)" ] || echo containernetworking-plugins
  [ ! -e /bin/busybox ] || ! ldd /bin/busybox >/dev/null 2>&1 || echo busybox-static
}
cni_plugins() { # their folder differs between distributions
  local d; for d in /usr/lib/cni /usr/libexec/cni /opt/cni/bin; do [ ! -x "$d/ptp" ] || { echo "$d"; return; }; done
}
CNI_PLUGINS=$(cni_plugins); export CNI_PLUGINS

cgroups() { # the folder of our control groups, in each hierarchy there is
  local d
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo "/sys/fs/cgroup/$CGROUP"; return; fi
  for d in /sys/fs/cgroup/*/; do [ -L "${d%/}" ] || echo "$d$CGROUP"; done
}
