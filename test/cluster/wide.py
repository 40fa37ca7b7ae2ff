#!/usr/bin/env python3
"""Random mesh configurations of the kinds that reachability.py does not make, real traffic, and how well a program foretells it.

    cluster exec ./wide.py setup                  clients and servers, beside those of reachability.py (once per cluster)
    cluster exec ./wide.py run --seeds 1-20 [--ask 'CMD {namespace}'] [--out DIR]

Headless Services, Services of two workloads of which one has no proxy, subsets behind VirtualServices, detected ports, servers that speak first,
ports excluded on either side, Sidecars with listeners, selectors and ingress, Services and rules that are not exported, policies of the root namespace.

Every Service port is asked several times by every client; what answers is known by its pod's name. A forecast is wrong if it says `works` of a
call that ever fails, `fails` of a workload that answers, or names another wire than was seen. Where a Service has workloads that fare differently,
each is judged by its own answers. Exit 0 only where nothing is wrong, missing or, but for what requests decide, unknown.
"""
import argparse, collections, json, pathlib, random, shlex, subprocess, sys, time

CLIENTS = [("alpha", "client"), ("alpha", "loner"), ("beta", "client"), ("legacy", "client")]
PAIR = "pair"  # two workloads behind one Service: pair-v1, pair-v2
# service: (ports {number: (scheme, port name, target)}, headless, workloads {name: extra pod labels}, annotations of pods)
WEB = {80: ("http", "http", 8080), 9000: ("tcp", "tcp", 9000)}
SERVICES = {
    "plain": (WEB, False, {"plain": {}}, {}),
    "versions": (WEB, False, {"versions-v1": {"version": "v1"}, "versions-v2": {"version": "v2"}}, {}),
    "mixed": (WEB, False, {"mixed-v1": {"version": "v1"}, "mixed-bare": {"version": "bare", "sidecar.istio.io/inject": "false"}}, {}),
    "headless": ({8080: ("http", "http", 8080), 80: ("http", "http-moved", 8080), 9000: ("tcp", "tcp", 9000)}, True, {"headless": {}}, {}),
    "headmix": ({8080: ("http", "http", 8080), 9000: ("tcp", "tcp", 9000)}, True, {"headmix-v1": {}, "headmix-bare": {"sidecar.istio.io/inject": "false"}}, {}),
    "sniffed": ({8080: ("http", "web", 8080), 9000: ("tcp", "raw", 9000)}, False, {"sniffed": {}}, {}),
    "greeter": ({3306: ("banner", "mysql", 9100), 9100: ("banner", "tcp-smtp", 9100), 2525: ("banner", "smtp", 9100)}, False, {"greeter": {}}, {}),
    "patchy": (WEB, False, {"patchy": {}}, {}),
    "private": (WEB, False, {"private": {}}, {}),
    "excluded": (WEB, False, {"excluded": {}}, {"traffic.sidecar.istio.io/excludeInboundPorts": "8080"}),
}
SERVICE_ANNOTATIONS = {"private": {"networking.istio.io/exportTo": "."}}
CLIENT_ANNOTATIONS = {"loner": {"traffic.sidecar.istio.io/excludeOutboundPorts": "9000"}}
HOSTS = [f"{name}.beta.svc.cluster.local" for name in SERVICES]
SCRIPT = pathlib.Path(__file__).with_name("wide.mjs")


def kubectl(*args, stdin=None):
    done = subprocess.run(["kubectl", *args], input=stdin, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def deployment(ns, name, labels, annotations):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": ns, "labels": {"reachability": "wide"}}, "spec": {
        "selector": {"matchLabels": {"workload": name}}, "template": {"metadata": {"labels": {"workload": name, **labels}, "annotations": annotations}, "spec": {
            "serviceAccountName": "wide", "terminationGracePeriodSeconds": 1, "volumes": [{"name": "script", "configMap": {"name": "wide"}}], "containers": [{
                "name": "app", "image": "local/echo:1", "imagePullPolicy": "IfNotPresent", "command": ["/usr/local/bin/node", "/wide/wide.mjs"],
                "volumeMounts": [{"name": "script", "mountPath": "/wide"}]}]}}}}


def setup():
    docs = []
    for ns in ("alpha", "beta", "legacy"):
        docs.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns, "labels": {} if ns == "legacy" else {"istio-injection": "enabled"}}})
        docs.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "wide", "namespace": ns}})
        docs.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "wide", "namespace": ns}, "data": {"wide.mjs": SCRIPT.read_text()}})
    for ns, name in CLIENTS:
        docs.append(deployment(ns, f"wide-{name}", {"app": f"wide-{name}", "tier": "web" if name == "loner" else "app"}, CLIENT_ANNOTATIONS.get(name, {})))
    for name, (ports, headless, workloads, annotations) in SERVICES.items():
        docs += [deployment("beta", workload, {"app": name, **labels}, annotations) for workload, labels in workloads.items()]
        docs.append({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "beta", "annotations": SERVICE_ANNOTATIONS.get(name, {})}, "spec": {
            "selector": {"app": name}, **({"clusterIP": "None"} if headless else {}),
            "ports": [{"name": port_name, "port": number, "targetPort": target} for number, (_, port_name, target) in ports.items()]}})
    kubectl("apply", "-f", "-", stdin="\n---\n".join(json.dumps(doc) for doc in docs))
    for ns in ("alpha", "beta", "legacy"):
        kubectl("-n", ns, "wait", "--for=condition=Available", "deployment", "-l", "reachability=wide", "--timeout=180s")
    patch()


def patch():
    """Gives the workload patchy a second pod, made while its namespace was out of the mesh: so it has no proxy."""
    pods = json.loads(kubectl("-n", "beta", "get", "pod", "-l", "workload=patchy", "-o", "json"))["items"]
    if len(pods) > 1:
        return
    kubectl("label", "namespace", "beta", "istio-injection=disabled", "--overwrite")
    time.sleep(1)
    kubectl("-n", "beta", "scale", "deployment", "patchy", "--replicas=2")
    kubectl("-n", "beta", "rollout", "status", "deployment", "patchy", "--timeout=90s")
    kubectl("label", "namespace", "beta", "istio-injection=enabled", "--overwrite")


def pick(rng, **weights):
    return rng.choices(list(weights), list(weights.values()))[0]


def obj(kind, ns, name, spec):
    group = "security.istio.io/v1" if kind in ("PeerAuthentication", "AuthorizationPolicy") else "networking.istio.io/v1"
    return {"apiVersion": group, "kind": kind, "metadata": {"name": name, "namespace": ns, "labels": {"reachability": "scenario"}}, "spec": spec}


def policy(rng, tls_odds=0.6):
    spec = {}
    if rng.random() < tls_odds:
        spec["tls"] = {"mode": pick(rng, DISABLE=3, ISTIO_MUTUAL=3, SIMPLE=1)}
    if rng.random() < 0.2:
        spec["loadBalancer"] = {"simple": "PASSTHROUGH"}
    if rng.random() < 0.3:
        entry = {"port": {"number": rng.choice([80, 8080, 9000])}}
        entry.update(rng.choice([{"tls": {"mode": "DISABLE"}}, {"tls": {"mode": "ISTIO_MUTUAL"}}, {"connectionPool": {"tcp": {"maxConnections": 50}}}, {"loadBalancer": {"simple": "PASSTHROUGH"}}]))
        spec["portLevelSettings"] = [entry]
    return spec


def destination_rule(rng, index):
    host = rng.choice([*HOSTS, *HOSTS, "*.beta.svc.cluster.local"])
    spec = {"host": host}
    top = policy(rng)
    if top:
        spec["trafficPolicy"] = top
    if rng.random() < 0.6:
        spec["subsets"] = []
        for name in rng.sample(["v1", "v2", "bare"], rng.choice([1, 2, 3])):
            subset = {"name": name, "labels": {"version": name}}
            own = policy(rng, 0.3)
            if own:
                subset["trafficPolicy"] = own
            spec["subsets"].append(subset)
    if rng.random() < 0.2:
        spec["exportTo"] = rng.choice([["."], ["alpha"], ["*"]])
    if rng.random() < 0.1:
        spec["workloadSelector"] = {"matchLabels": {"tier": "web"}}
    return obj("DestinationRule", rng.choice(["alpha", "beta", "beta", "beta", "istio-system"]), f"rule-{index}", spec)


def destination(rng, host):
    to = {"host": rng.choice([host, host, host, rng.choice(HOSTS), "gone.beta.svc.cluster.local"])}
    if rng.random() < 0.6:
        to["subset"] = rng.choice(["v1", "v1", "v2", "bare"])
    if rng.random() < 0.2:
        to["port"] = {"number": rng.choice([80, 8080, 9000])}
    return to


def http_route(rng, host):
    route = {"route": [{"destination": destination(rng, host)}]}
    if rng.random() < 0.2:
        route["route"] = [{"destination": destination(rng, host), "weight": weight} for weight in rng.choice([(50, 50), (100, 0)])]
    if rng.random() < 0.4:
        route["match"] = [rng.choice([{"sourceLabels": {"tier": "web"}}, {"sourceNamespace": "alpha"}, {"port": 80}, {"port": 8080}, {"uri": {"prefix": "/"}}, {"gateways": ["mesh"]},
                                      {"uri": {"prefix": "/"}, "sourceLabels": {"tier": "web"}}])]
    if rng.random() < 0.08:
        route["fault"] = {"abort": {"httpStatus": 503, "percentage": {"value": 100}}}
    return route


def virtual_service(rng, index):
    host = rng.choice([*HOSTS, "versions.beta.svc.cluster.local", "mixed.beta.svc.cluster.local"])
    ns = rng.choice(["alpha", "beta", "beta", "istio-system"])
    spec = {"hosts": [rng.choice([host, host, host, "*.beta.svc.cluster.local"]) if ns != "beta" or rng.random() < 0.7 else host.split(".")[0]]}
    if rng.random() < 0.8:
        spec["http"] = [http_route(rng, host) for _ in range(rng.choice([1, 1, 2]))]
    if rng.random() < 0.4 or "http" not in spec:
        route = {"route": [{"destination": destination(rng, host)}]}
        if rng.random() < 0.4:
            route["match"] = [rng.choice([{"port": 9000}, {"sourceLabels": {"tier": "web"}}, {"sourceNamespace": "alpha"}])]
        spec["tcp"] = [route]
    if rng.random() < 0.2:
        spec["exportTo"] = rng.choice([["."], ["alpha"], ["*"]])
    docs = [obj("VirtualService", ns, f"route-{index}", spec)]
    if "http" in spec and rng.random() < 0.25:
        part = {"http": [http_route(rng, host)], **({"exportTo": ["."]} if rng.random() < 0.3 else {})}
        place = rng.choice([ns, "beta"])
        root = {key: value for key, value in spec["http"][0].items() if key == "match"}
        spec["http"][0] = {**root, "delegate": {"name": f"part-{index}", "namespace": place}}
        docs.append(obj("VirtualService", place, f"part-{index}", part))
    return docs


def sidecar(rng):
    pool = ["./*", "istio-system/*", "beta/*", "beta/plain.beta.svc.cluster.local", "*/headless.beta.svc.cluster.local", "~/*", "beta/*.beta.svc.cluster.local", "*/*"]
    spec = {"egress": [{"hosts": rng.sample(pool[:5] + pool[6:], rng.choice([1, 2, 3]))}]}
    if rng.random() < 0.1:
        spec["egress"] = [{"hosts": ["~/*"]}]
    if rng.random() < 0.25:
        port = rng.choice([80, 8080, 9000])
        spec["egress"].insert(0, {"port": {"number": port, "protocol": "TCP" if port == 9000 else "HTTP", "name": "own"}, "hosts": [rng.choice(["beta/plain.beta.svc.cluster.local", "beta/versions.beta.svc.cluster.local", "./*"])]})
    if rng.random() < 0.6:
        spec["outboundTrafficPolicy"] = rng.choice([{"mode": "REGISTRY_ONLY"}, {}, {"mode": "ALLOW_ANY"}])
    if rng.random() < 0.4:
        spec["workloadSelector"] = {"labels": rng.choice([{"tier": "web"}, {"tier": "app"}])}
    return obj("Sidecar", rng.choice(["alpha", "alpha", "istio-system"]), rng.choice(["default", "second"]), spec)


def ingress(rng):
    app = rng.choice(["plain", "versions", "sniffed"])
    listeners = [{"port": {"number": port, "protocol": protocol, "name": f"in-{port}"}, "defaultEndpoint": f"127.0.0.1:{port}"} for port, protocol in rng.sample([(8080, "HTTP"), (9000, "TCP"), (7777, "HTTP")], rng.choice([1, 2]))]
    return obj("Sidecar", "beta", "ingress", {"workloadSelector": {"labels": {"app": app}}, "ingress": listeners, "egress": [{"hosts": ["*/*"]}]})


def authorization(rng, index):
    source = rng.choice([{"principals": ["cluster.local/ns/alpha/sa/wide"]}, {"principals": ["*"]}, {"namespaces": ["alpha"]}, {"notNamespaces": ["alpha"]}, {"notPrincipals": ["cluster.local/ns/alpha/sa/wide"]},
                         {"serviceAccounts": ["alpha/wide"]}, {"namespaces": ["a*", "beta"]}, {"principals": ["*/sa/wide"]}, {"ipBlocks": ["10.244.0.0/16"]}, {"notIpBlocks": ["10.0.0.0/8"]}])
    rule = {}
    if rng.random() < 0.8:
        rule["from"] = [{"source": source}]
    if rng.random() < 0.4:
        rule["to"] = [{"operation": rng.choice([{"ports": ["8080"]}, {"ports": ["80"]}, {"notPorts": ["9000"]}, {"methods": ["*"]}, {"paths": ["*"], "ports": ["8080"]}])}]
    if rng.random() < 0.2:
        rule["when"] = [rng.choice([{"key": "source.namespace", "values": ["beta"]}, {"key": "destination.port", "notValues": ["9000"]}, {"key": "source.principal", "notValues": ["cluster.local/ns/beta/sa/wide"]}])]
    spec = {"action": pick(rng, ALLOW=3, DENY=2, AUDIT=0.3), "rules": [rule] if rng.random() < 0.92 else []}
    if rng.random() < 0.6:
        spec["selector"] = {"matchLabels": {"app": rng.choice(list(SERVICES))}}
    if spec["action"] == "AUDIT" and not spec["rules"]:
        spec["rules"] = [{}]
    if spec["action"] == "DENY" and not spec["rules"]:
        spec["rules"] = [{}]
    return obj("AuthorizationPolicy", rng.choice(["beta", "beta", "beta", "istio-system"]), f"who-{index}", spec)


def peers(rng):
    docs = []
    for ns, odds in (("istio-system", 0.4), ("beta", 0.5)):
        if rng.random() < odds:
            docs.append(obj("PeerAuthentication", ns, "default", {"mtls": {"mode": pick(rng, STRICT=3, PERMISSIVE=1, DISABLE=1, UNSET=1)}}))
    for app in rng.sample(list(SERVICES), rng.choice([0, 1, 2])):
        spec = {"selector": {"matchLabels": {"app": app}}}
        if rng.random() < 0.7:
            spec["mtls"] = {"mode": pick(rng, STRICT=2, PERMISSIVE=1, DISABLE=2)}
        if rng.random() < 0.5:
            spec["portLevelMtls"] = {str(rng.choice([8080, 9000, 9100, 80])): {"mode": pick(rng, STRICT=2, PERMISSIVE=1, DISABLE=2)}}
        docs.append(obj("PeerAuthentication", "beta", f"of-{app}", spec))
    return docs


def service_entry(rng, index):
    """Gives a host that is a Service already; it counts only where a Sidecar leaves the Service out."""
    host = f"{rng.choice(['plain', 'versions', 'mixed', 'private', 'patchy'])}.beta.svc.cluster.local"
    ports = [{"number": 80, "name": "http", "protocol": "HTTP"}, {"number": 9000, "name": "tcp", "protocol": "TCP"}]
    spec = {"hosts": [host], "ports": rng.sample(ports, rng.choice([1, 2, 2])), "location": rng.choice(["MESH_EXTERNAL", "MESH_INTERNAL"]), "resolution": rng.choice(["NONE", "DNS"])}
    if rng.random() < 0.2:
        spec["exportTo"] = rng.choice([["."], ["*"]])
    return obj("ServiceEntry", rng.choice(["alpha", "alpha", "istio-system", "beta"]), f"entry-{index}", spec)


def scenario(seed):
    rng = random.Random(f"wide {seed}")
    docs = peers(rng)
    docs += [destination_rule(rng, index) for index in range(rng.choice([0, 1, 2, 3]))]
    docs += [doc for index in range(rng.choice([0, 0, 1, 2])) for doc in virtual_service(rng, index)]
    if rng.random() < 0.35:
        docs.append(sidecar(rng))
        docs += [service_entry(rng, index) for index in range(rng.choice([0, 0, 1, 2]))]
    if rng.random() < 0.2:
        docs.append(ingress(rng))
    docs += [authorization(rng, index) for index in range(rng.choice([0, 0, 0, 1, 2]))]
    return docs


def apply(docs):
    """Objects of one kind get creation times a second apart, in order: age decides between rivals."""
    seen, rounds = collections.Counter(), collections.defaultdict(list)
    for doc in docs:
        rounds[seen[doc["kind"]]].append(doc)
        seen[doc["kind"]] += 1
    for number in sorted(rounds):
        if number:
            time.sleep(1.1)
        kubectl("apply", "-f", "-", stdin="\n---\n".join(json.dumps(doc) for doc in rounds[number]))


def clear():
    """Back to no configuration. The passing PeerAuthentication makes istiod send endpoints anew."""
    kubectl("delete", "peerauthentication,destinationrule,virtualservice,serviceentry,sidecar,authorizationpolicy", "-A", "-l", "reachability=scenario", "--wait=true")
    apply([obj("PeerAuthentication", "istio-system", "passing", {"mtls": {"mode": "PERMISSIVE"}})])
    time.sleep(0.5)
    kubectl("-n", "istio-system", "delete", "peerauthentication", "passing")


def measure(times=6):
    """{(client, service, port): [answer, ...]}"""
    urls = [(name, number, f"{scheme}://{name}.beta.svc.cluster.local:{number}/") for name, (ports, *_) in SERVICES.items() for number, (scheme, *_) in ports.items()]
    asked = {client: subprocess.Popen(["kubectl", "-n", client[0], "exec", f"deploy/wide-{client[1]}", "-c", "app", "--", "/usr/local/bin/node", "/wide/wide.mjs", str(times), *[url for *_, url in urls]],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for client in CLIENTS}
    truth = {}
    for client, process in asked.items():
        out, error = process.communicate(timeout=90)
        if process.returncode:
            sys.exit(f"exec in {client}: {error}")
        for (name, number, _), answers in zip(urls, json.loads(out)):
            for answer in answers if name == "sniffed" else ():
                answer.pop("mtls", None)  # without Istio's ALPN filter HTTP takes the TCP chain here, and that tells no one of certificates
            truth[client, name, number] = answers
    return truth


def summary(answers):
    """Which workloads answered, and whether some or all calls failed."""
    return {"ok": sum(a["ok"] for a in answers), "of": len(answers), "servers": sorted({workload_of(a["server"]) for a in answers if a["ok"]}),
            "mtls": {workload_of(a["server"]): a["mtls"] for a in answers if a["ok"] and "mtls" in a}, "errors": sorted({str(a.get("status") or a.get("error")) for a in answers if not a["ok"]})}


def workload_of(pod):
    return pod.rsplit("-", 2)[0]


def shape(answers):
    found = summary(answers)
    return "works" if found["ok"] == found["of"] else "fails" if not found["ok"] else "mixed"


def settled(limit=6):
    """The answers of the last two rounds, of pairs that fare alike in both."""
    time.sleep(2)
    before = measure()
    for _ in range(limit):
        time.sleep(1)
        now = measure()
        if all(shape(now[key]) == shape(before[key]) for key in now):
            break
        before, last = now, before
    return {key: before[key] + now[key] for key in now if shape(now[key]) == shape(before[key])}


def foretold(command, out):
    done = subprocess.run(shlex.split(command.replace("{namespace}", "beta")), text=True, capture_output=True)
    if out:
        (out / "answer-beta.json").write_text(done.stdout or done.stderr)
    answers = collections.defaultdict(dict)
    for entry in json.loads(done.stdout or "{}").get("connections", []):
        if not entry["client"]["workload"].startswith("wide-"):
            continue
        client = (entry["client"]["namespace"], entry["client"]["workload"].removeprefix("wide-"))
        answers[client, entry["service"], entry["port"]][entry["server"]["workload"]] = entry
    return answers


def judge(found, entries):
    """What is wrong with the forecast for one Service port, or 'right', or 'unknown'."""
    if not entries:
        return "missing"
    outcomes = {workload: entry["outcome"] for workload, entry in entries.items()}
    for workload in found["servers"]:
        if outcomes.get(workload) == "fails":
            return f"said {workload} fails, but it answers"
        seen = found["mtls"].get(workload)
        wire = entries[workload]["wire"] if workload in entries else "unknown"
        if seen is not None and outcomes.get(workload) == "works" and wire in ("mtls", "plaintext") and wire != ("mtls" if seen else "plaintext"):
            if not any(entry["wire"] != wire for entry in entries.values()):
                return f"said {workload} gets {wire}, but it is {'mtls' if seen else 'plaintext'}"
    if found["ok"] < found["of"] and set(outcomes.values()) == {"works"}:
        return f"said works, but {found['of'] - found['ok']} of {found['of']} fail ({', '.join(found['errors'])})"
    if found["ok"] == 0 and "works" in outcomes.values():
        return f"said works of {[w for w, o in outcomes.items() if o == 'works']}, but all fail"
    if found["ok"] == found["of"] and set(outcomes.values()) == {"fails"}:
        return "said fails, but all work"
    return "unknown" if "unknown" in outcomes.values() else "right"


def run(args):
    spans = [part.partition("-") for part in args.seeds.split(",")]
    tally, examples = collections.Counter(), []
    for seed in [seed for first, _, last in spans for seed in range(int(first), int(last or first) + 1)]:
        out = pathlib.Path(args.out, str(seed)) if args.out else None
        docs = scenario(seed)
        clear()
        apply(docs)
        truth = {key: summary(answers) for key, answers in settled().items()}
        for app in {doc["spec"]["workloadSelector"]["labels"]["app"] for doc in docs if doc["spec"].get("ingress")}:
            for key, found in truth.items():  # ports that ingress leaves out take a TCP chain as well
                found["mtls"] = {} if key[1] == app else found["mtls"]
        if out:
            out.mkdir(parents=True, exist_ok=True)
            (out / "config.yaml").write_text("\n---\n".join(json.dumps(doc) for doc in docs) + "\n")
            (out / "truth.json").write_text(json.dumps([{"client": "/".join(c), "service": s, "port": p, **found} for (c, s, p), found in truth.items()], indent=1) + "\n")
        print(f"seed {seed}: {len(docs)} objects, {len(truth)} calls", flush=True)
        if args.ask:
            answers = foretold(args.ask, out)
            for key, found in truth.items():
                verdict = judge(found, answers.get(key))
                tally[verdict if verdict in ("right", "unknown", "missing") else "wrong"] += 1
                if verdict != "right":
                    client, service, port = key
                    print(f"  {'/'.join(client)} -> {service}:{port}: {verdict}", flush=True)
    clear()
    print(dict(tally))
    return 1 if tally["wrong"] or tally["missing"] else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup")
    runs = commands.add_parser("run")
    runs.add_argument("--seeds", default="1-10")
    runs.add_argument("--ask")
    runs.add_argument("--out")
    arguments = parser.parse_args()
    sys.exit(setup() if arguments.command == "setup" else run(arguments))
