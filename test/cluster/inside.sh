#!/bin/bash
# The cluster's first process: it runs in network, pid and mount namespaces of its own (see `cluster up`), so nothing here
# reaches another network, and all of it ends when this process does.
set -euo pipefail
. "$HERE/settings.sh"
cd "$BOX"
PKI=$BOX/pki; API=https://$NODE_IP:6443
declare -A names
start() { local name=$1; shift; "$@" >"$BOX/log/$name.log" 2>&1 & names[$!]=$name; }
await() { # await SECONDS WHAT COMMAND...
  local until=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $until ] || { echo "$what did not get ready"; exit 1; }; sleep .2; done
}
trap 'echo "failed at line $LINENO"' ERR

for d in /run/netns /var/lib/cni /var/log/pods /var/log/containers; do mkdir -p $d; mount -t tmpfs tmpfs $d; done   # what containers leave ends with us
ip link set lo up
ip addr add "$NODE_IP/32" dev lo
ip route add "$SVC_CIDR" dev lo src "$NODE_IP"   # service addresses need a route before kube-proxy can rewrite them
sysctl -qw net.ipv4.ip_forward=1

# --- certificates -----------------------------------------------------------------------------------------------------
rm -rf "$PKI"; mkdir -p "$PKI"; cd "$PKI"
sign() { # sign NAME SUBJECT [SANs]
  openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 7 -out "$1.crt" -extfile <(echo "subjectAltName=${3:-DNS:$1}"); }
{ openssl req -x509 -newkey rsa:2048 -nodes -days 7 -subj /CN=cluster-ca -keyout ca.key -out ca.crt
  openssl genrsa -out sa.key 2048; openssl rsa -in sa.key -pubout -out sa.pub
  sign apiserver /CN=kube-apiserver "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:$NODE_IP,IP:${SVC_CIDR%.0/*}.1"
  for n in admin controllers scheduler proxy; do sign $n "/O=system:masters/CN=$n"; done
  sign node "/O=system:nodes/CN=system:node:node0"; } 2>/dev/null
cd "$BOX"
for n in admin controllers scheduler proxy node; do cat >"$n.kubeconfig" <<X
apiVersion: v1
kind: Config
clusters: [{name: meshbot-test, cluster: {server: "$API", certificate-authority: $PKI/ca.crt}}]
users: [{name: $n, user: {client-certificate: $PKI/$n.crt, client-key: $PKI/$n.key}}]
contexts: [{name: meshbot-test, context: {cluster: meshbot-test, user: $n}}]
current-context: meshbot-test
X
done

# --- control plane ----------------------------------------------------------------------------------------------------
start etcd etcd --data-dir "$BOX/etcd" --unsafe-no-fsync --quota-backend-bytes 4294967296 \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380
cat >audit.yaml <<X
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
X
start apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --bind-address="$NODE_IP" --advertise-address="$NODE_IP" --secure-port=6443 \
  --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" --client-ca-file="$PKI/ca.crt" \
  --service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" --service-account-issuer=https://kubernetes.default.svc \
  --service-cluster-ip-range="$SVC_CIDR" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
  --kubelet-preferred-address-types=InternalIP --kubelet-client-certificate="$PKI/admin.crt" --kubelet-client-key="$PKI/admin.key" \
  --audit-policy-file=audit.yaml --audit-log-path="$BOX/log/audit.jsonl"
rm -f api.sock; start relay socat "UNIX-LISTEN:$BOX/api.sock,fork" "TCP:$NODE_IP:6443"
export KUBECONFIG=$BOX/admin.kubeconfig
await 60 'the API server' kubectl get --raw /readyz
start controllers kube-controller-manager --kubeconfig=controllers.kubeconfig --service-account-private-key-file="$PKI/sa.key" --root-ca-file="$PKI/ca.crt" \
  --use-service-account-credentials=true --leader-elect=false --bind-address=127.0.0.1 --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key"
start scheduler kube-scheduler --kubeconfig=scheduler.kubeconfig --leader-elect=false --bind-address=127.0.0.1

# --- node -------------------------------------------------------------------------------------------------------------
mkdir -p cni; cat >cni/10-ptp.conflist <<X
{"cniVersion":"0.4.0","name":"pods","plugins":[{"type":"ptp","ipMasq":false,"ipam":{"type":"host-local","dataDir":"$BOX/ipam",
 "ranges":[[{"subnet":"$POD_CIDR","rangeStart":"${POD_CIDR%.0/*}.10"}]],"routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap","capabilities":{"portMappings":true}}]}
X
cat >containerd.toml <<X
version = 2
root = "$BOX/containerd"
state = "$BOX/containerd-state"
[grpc]
address = "$BOX/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "local/pause:1"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "$CNI_PLUGINS"
conf_dir = "$BOX/cni"
X
rm -f containerd.sock*; start containerd containerd -c containerd.toml
await 30 containerd ctr -a containerd.sock version
if ! cmp -s images/stamp containerd/imported; then
  for f in images/*.tar; do ctr -a containerd.sock -n k8s.io images import "$f" >/dev/null; done; cp images/stamp containerd/imported
fi
# Its control groups are apart from those of any other kubelet on this machine, which would take our pods for orphans.
cgroups | xargs mkdir -p
: >resolv.conf; cat >kubelet.yaml <<X
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
failSwapOn: false
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP
enforceNodeAllocatable: []
address: $NODE_IP
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$BOX/containerd.sock
clusterDNS: [$DNS_IP]
clusterDomain: cluster.local
resolvConf: $BOX/resolv.conf
evictionHard: {memory.available: 1Mi, nodefs.available: 0%, imagefs.available: 0%}
maxPods: 200
volumePluginDir: $BOX/volumeplugins
X
start kubelet kubelet --kubeconfig=node.kubeconfig --config=kubelet.yaml --root-dir="$BOX/kubelet" --hostname-override=node0 --node-ip="$NODE_IP"
start proxy kube-proxy --kubeconfig=proxy.kubeconfig --proxy-mode=iptables --hostname-override=node0 --cluster-cidr="$POD_CIDR" \
  --healthz-bind-address=127.0.0.1 --metrics-bind-address=127.0.0.1 \
  --conntrack-max-per-core=0 --conntrack-min=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0

# --- DNS and mesh -----------------------------------------------------------------------------------------------------
kubectl apply -f "$HERE/manifests/coredns.yaml" >/dev/null
kubectl create namespace istio-system >/dev/null
# A stock Envoy lacks Istio's own filters: no metadata exchange, no ALPN filter, and istio_requests_total comes from istio-stats.yaml.
istioctl manifest generate --set profile=minimal --set hub=local --set tag=1 \
  --set values.pilot.env.PILOT_ENABLE_METADATA_EXCHANGE=false --set values.pilot.env.PILOT_ENABLE_ALPN_FILTER=false --set values.telemetry.enabled=false \
  --set meshConfig.defaultConfig.drainDuration=1s --set values.global.imagePullPolicy=IfNotPresent --set values.pilot.resources.requests.cpu=50m --set values.pilot.resources.requests.memory=128Mi \
  --set values.global.proxy.resources.requests.cpu=5m --set values.global.proxy.resources.requests.memory=16Mi >istio.yaml
kubectl apply --server-side -f istio.yaml >log/istio-apply.log
kubectl -n istio-system rollout status deployment/istiod --timeout=90s
kubectl apply -f "$HERE/manifests/istio-stats.yaml"
kubectl -n kube-system rollout status deployment/coredns --timeout=60s
touch ready

# As the first process of its namespace it inherits every orphan: waiting for them leaves no zombies. It also tells when a part ends.
start idle sleep infinity
while true; do
  code=0; wait -n -p ended || code=$?
  [ -z "${ended:-}" ] || { echo "$(date '+%F %T') ${names[$ended]:-process $ended} ended with $code"; unset "names[$ended]"; }
done
