"""Saves models with real Keras into a folder, and beside each what is expected of it.

usage: save.py FOLDER
"""
import sys

from nets import *

folder = sys.argv[1]


def keep(name, model, inputs, **more):
    arrays = {f"p{k}": p for k, p in enumerate(predict(model, inputs))}
    arrays.update({f"w{k}": w for k, w in enumerate(model.get_weights())})
    arrays.update(more)
    np.savez(f"{folder}/{name}.npz", **arrays)


for tag, K in KERAS.items():
    for name, optimizer in optimizers(tag).items():
        model = review(K)
        model.compile(optimizer, "binary_crossentropy", metrics=["acc"])
        one_epoch(model)
        model.save(f"{folder}/{tag}_{name}.h5")
        keep(f"{tag}_{name}", model, [X], evaluation=np.array(model.evaluate(X, Y, verbose=0)))
        np.savez(f"{folder}/{tag}_{name}_next.npz", *one_epoch(model))
for tag, K in (("k3", keras), ("tk", tf_keras)):
    for name, (model, inputs) in structures(K).items():
        model.set_weights(spread(model.get_weights()))
        if getattr(model, "optimizer", None):
            model.fit(inputs[0], targets(name), verbose=0)
        model.save(f"{folder}/{tag}_{name}.h5")
        keep(f"{tag}_{name}", model, inputs)
    model = long_names(K)
    model.save(f"{folder}/{tag}_long.h5")
    keep(f"{tag}_long", model, [np.ones((3, 2), "float32")])

import h5py
from keras.src.legacy.saving import legacy_h5_format

model = review(keras)
model(X)
with h5py.File(f"{folder}/k3_weights.h5", "w") as f:
    legacy_h5_format.save_weights_to_hdf5_group(f, model)
keep("k3_weights", model, [X])
model = review(tf_keras)
model(X)
model.save_weights(f"{folder}/tk_weights.h5")
keep("tk_weights", model, [X])

# What Keras does not write, and a load and save must keep.
with h5py.File(f"{folder}/k3_adam.h5", "a") as f:
    f.attrs["note"] = "kept"
    f["model_weights"].attrs["numbers"] = np.arange(3)
    dense = [layer for layer in f["model_weights"] if layer.startswith("dense")]
    f["model_weights"][dense[0]].attrs["bytes"] = np.bytes_(b"fixed")
