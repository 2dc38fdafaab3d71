"""Lists the layers and weights of checkpoints as h5py sees them: JSON, path -> layers.

usage: list.py FILE...
"""
import json
import sys

import h5py


def names(group, name):
    text = lambda n: n.decode() if isinstance(n, bytes) else n
    if name in group.attrs:
        return [text(n) for n in group.attrs[name]]
    found, k = [], 0
    while f"{name}{k}" in group.attrs:
        found += [text(n) for n in group.attrs[f"{name}{k}"]]
        k += 1
    return found


def weights(group, listed):
    return [[n, list(group[n].shape), str(group[n].dtype), float(group[n][()].astype("f8").sum())] for n in listed]


def layers(f):
    if "nb_layers" in f.attrs or "graph" in f:
        groups = ["graph"] if "graph" in f else [f"layer_{k}" for k in range(int(f.attrs["nb_layers"]))]
        return [[g, weights(f[g], [f"param_{k}" for k in range(int(f[g].attrs["nb_params"]))])] for g in groups]
    root = f if "layer_names" in f.attrs else f.get("model_weights")
    if root is None:
        return None
    return [[n, weights(root[n], names(root[n], "weight_names"))] for n in names(root, "layer_names")]


result = {}
for path in sys.argv[1:]:
    with h5py.File(path) as f:
        result[path] = layers(f)
print(json.dumps(result))
