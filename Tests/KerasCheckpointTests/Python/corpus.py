"""Predicts with checkpoints of other people that Swift converted, against what real Keras gave for
the originals; prints a line of JSON for each.

usage: corpus.py CORPUS FOLDER keras|tf_keras FILE...
"""
import json
import sys

from nets import *

corpus, folder, which = sys.argv[1:4]
K = {"keras": keras, "tf_keras": tf_keras}[which]
rows = {r["file"]: r for r in json.load(open(f"{corpus}/manifest.json"))}
for name in sys.argv[4:]:
    problem = None
    try:
        model = K.models.load_model(f"{folder}/{name}", compile=False)
        with np.load(f"{corpus}/{rows[name]['reference']['npz']}") as z:
            inputs = [z[f"x{k}"] for k in range(sum(n.startswith("x") for n in z.files))]
            expected = [z[f"y{k}"] for k in range(sum(n.startswith("y") for n in z.files))]
        found = predict(model, inputs)
        for f, e in zip(found, expected):
            scale = max(1.0, float(np.abs(e).max()))
            assert f.shape == e.shape and np.abs(f - e).max() <= 2e-5 * scale, f"off by {np.abs(f - e).max()}"
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:500]
    print("RESULT " + json.dumps({"name": name, "problem": problem}), flush=True)
