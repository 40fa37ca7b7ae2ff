#!/usr/bin/env python3
"""pack-image.py ROOT NAME:TAG OUT.tar USER ENTRYPOINT...: a directory as a one-layer image archive that containerd imports."""
import hashlib, io, json, platform, sys, tarfile

root, name, out, user, *entrypoint = sys.argv[1:]
layer = io.BytesIO()
with tarfile.open(fileobj=layer, mode="w") as tar:
    tar.add(root, arcname=".")
layer = layer.getvalue()
digest = hashlib.sha256(layer).hexdigest()
config = json.dumps({
    "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()], "os": "linux",
    "config": {"Entrypoint": entrypoint, "User": "" if user == "0" else user,
               "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},
    "history": [{"created_by": "pack-image.py"}],
    "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
}).encode()
config_name = hashlib.sha256(config).hexdigest() + ".json"
manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": [f"{digest}/layer.tar"]}]).encode()
with tarfile.open(out, "w") as tar:
    for path, data in ((f"{digest}/layer.tar", layer), (config_name, config), ("manifest.json", manifest)):
        info = tarfile.TarInfo(path)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
