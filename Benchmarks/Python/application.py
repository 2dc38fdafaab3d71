"""Makes one model of keras.applications, drawn at random, with images and what Keras predicts for them.

usage: application.py NAME FOLDER

FOLDER gets model.h5, and logits.h5 without the softmax at its end, whose results tell more where all weights are
drawn; x.npy, y.npy (labels that nothing uses), and model.npy and logits.npy, the predictions.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

# What these scale for themselves; the others take numbers from -1 to 1.
OWN_RANGE = ("EfficientNet", "ConvNeXt")


def main(name, folder):
    os.makedirs(folder, exist_ok=True)
    make = getattr(keras.applications, name)
    keras.utils.set_random_seed(1)
    model = make(weights=None)
    # No size of its own says a model that takes any.
    size = model.input_shape[1] or 224
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (8, size, size, 3)).astype(np.float32)
    if not name.startswith(OWN_RANGE):
        x = x / 127.5 - 1
    np.save(f"{folder}/x.npy", x)
    np.save(f"{folder}/y.npy", np.zeros(len(x), np.int32))
    logits = make(weights=None, classifier_activation=None)
    logits.set_weights(model.get_weights())
    for kind, made in {"model": model, "logits": logits}.items():
        made.save(f"{folder}/{kind}.h5")
        np.save(f"{folder}/{kind}.npy", made.predict(x, batch_size=4, verbose=0))


main(*sys.argv[1:])
