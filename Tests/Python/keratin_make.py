"""Makes with real Keras, of both generations, every file that the tests of the whole line read.

usage: keratin_make.py FOLDER REVIEWS.npz LONG.npz

REVIEWS.npz are short reviews for small models, LONG.npz are those for the notebook's model. What is
known of each file is in FOLDER/answers.json, and arrays are in NAME.npz beside NAME.h5.
"""
import json
import sys

import h5py
from keratin_models import *

folder, reviews, long_reviews = sys.argv[1:4]
DATA = data(reviews)
for name, arrays in DATA.items():
    for key, array in zip(("x", "y", "xv", "yv"), arrays):
        np.save(f"{folder}/{name}_{key}.npy", array)
answers = {"training": {}, "resumed": {}, "kept": {}, "best": {}}


def arrays(model, x, name, **more):
    kept = {f"w{k}": w for k, w in enumerate(model.get_weights())}
    np.savez(f"{folder}/{name}.npz", p=model.predict(x, verbose=0, batch_size=32), **kept, **more)


def fit(model, kind, first, last):
    x, y, v, w = DATA[kind]
    history = model.fit(
        x, y, batch_size=32, initial_epoch=first, epochs=last, shuffle=False, verbose=0,
        validation_data=(v, w), validation_batch_size=32,
    )
    return {key: [float(number) for number in numbers] for key, numbers in history.history.items()}


# Three epochs from the same beginning.
CASES = [("k3", review, o, "reviews", {}) for o in ("sgd", "momentum", "nesterov", "adam", "rmsprop")]
CASES += [("tk", review, o, "reviews", {}) for o in ("sgd", "adam", "rmsprop")]
CASES += [
    ("k3", lstm, "adam", "reviews", {}),
    ("k3", directions, "adam", "reviews", {}),
    ("k3", norm, "adam", "reviews", {}),
    ("k3", classes, "adam", "one_hot", {"loss": "categorical_crossentropy"}),
    ("k3", translator, "adam", "one_hot", {"loss": "categorical_crossentropy"}),
    ("tk", translator, "adam", "one_hot", {"loss": "categorical_crossentropy"}),
    ("k3", classes, "rmsprop", "sparse", {"loss": "sparse_categorical_crossentropy"}),
    ("k3", regression, "nesterov", "dense", {"loss": "mse", "metrics": ["mae"]}),
]
for number, (tag, build, name, kind, options) in enumerate(CASES):
    K = KERAS[tag]
    K.utils.set_random_seed(number)
    model = build(K)
    model(DATA[kind][0][:1])
    compile(model, tag, name, **options)
    file = f"{tag}_{build.__name__}_{name}_{kind}"
    model.save(f"{folder}/start_{file}.h5")
    answers["training"][file] = {"data": kind, "history": fit(model, kind, 0, EPOCHS)}
    arrays(model, DATA[kind][2], f"end_{file}")
    if build is lstm:
        model.save(f"{folder}/kept_k3_lstm.h5")
        arrays(model, DATA[kind][2], "kept_k3_lstm")
        answers["kept"]["k3_lstm"] = {"data": kind, "weightsOnly": False}

# Two epochs, a file, two epochs more.
RESUMED = [(tag, name) for tag in ("k3", "tk") for name in ("momentum", "adam", "rmsprop")]
for tag, name in RESUMED + [("tl", "adam")]:
    K = KERAS[tag]
    K.utils.set_random_seed(7)
    model = norm(K)
    compile(model, tag, name)
    fit(model, "reviews", 0, 2)
    file = f"{tag}_{name}"
    model.save(f"{folder}/half_{file}.h5")
    if tag != "k3":
        # Keras 3 restores no state from such a file, so there the model in memory goes on.
        model = K.models.load_model(f"{folder}/half_{file}.h5")
    answers["resumed"][file] = {"data": "reviews", "history": fit(model, "reviews", 2, 4)}
    arrays(model, DATA["reviews"][2], f"whole_{file}")

# Weights of every kind of name and order.
for tag in ("k3", "tk"):
    K = KERAS[tag]
    K.utils.set_random_seed(11)
    models = {"review": review(K), "norm": norm(K), "pools": pools(K), "directions": directions(K)}
    models["translator"] = translator(K)
    if tag == "tk":
        models |= {"lstm": lstm(K), "slashes": slashes(K)}
    for name, model in models.items():
        kind = "sparse" if name in ("pools", "translator") else "reviews"
        loss = "sparse_categorical_crossentropy" if kind == "sparse" else "binary_crossentropy"
        model(DATA[kind][0][:1])
        spread(model)
        compile(model, tag, "adam", loss)
        x, y = DATA[kind][:2]
        model.fit(x[:64], y[:64], verbose=0)
        model.save(f"{folder}/kept_{tag}_{name}.h5")
        arrays(model, DATA[kind][2], f"kept_{tag}_{name}")
        answers["kept"][f"{tag}_{name}"] = {"data": kind, "weightsOnly": False}
    model = models["norm"]
    file = f"{tag}_norm_weights"
    if tag == "k3":
        from keras.src.legacy.saving import legacy_h5_format

        with h5py.File(f"{folder}/kept_{file}.h5", "w") as f:
            legacy_h5_format.save_weights_to_hdf5_group(f, model)
    else:
        model.save_weights(f"{folder}/kept_{file}.h5")
    arrays(model, DATA["reviews"][2], f"kept_{file}")
    answers["kept"][file] = {"data": "reviews", "weightsOnly": True}

# What Keras does not write, and a load and save must keep.
model = compile(review(keras), "k3", "adam")
model(DATA["reviews"][0][:1])
model.save(f"{folder}/extra.h5")
with h5py.File(f"{folder}/extra.h5", "a") as f:
    config = json.loads(f.attrs["model_config"])
    config["config"]["from_the_future"] = {"a": [1, None, 2.5]}
    config["config"]["layers"][-1]["config"]["from_the_future"] = "kept"
    f.attrs["model_config"] = json.dumps(config)
    settings = json.loads(f.attrs["training_config"])
    settings["from_the_future"] = True
    f.attrs["training_config"] = json.dumps(settings)
    f.attrs["note"] = "kept"
    f["model_weights"].attrs["numbers"] = np.arange(3)
    f["model_weights"][model.layers[0].name].attrs["bytes"] = np.bytes_(b"fixed")

# The notebook, cut short, by each generation.
(x, y), (v, w) = load(long_reviews, 10000, 200)
x, y, v, w = x[:1600], y[:1600], v[:500], w[:500]
np.save(f"{folder}/long_xv.npy", v)
np.save(f"{folder}/long_yv.npy", w)
for tag in ("k3", "tk"):
    K = KERAS[tag]
    K.utils.set_random_seed(13)
    model = notebook(K)
    model.compile("adam", "binary_crossentropy", metrics=["acc"], jit_compile=False)
    best = f"{folder}/best_{tag}.h5"
    keep = K.callbacks.ModelCheckpoint(best, monitor="val_acc", mode="max", save_best_only=True)
    # After two epochs the best can be the first, in which it has learnt next to nothing.
    model.fit(x, y, epochs=4, validation_data=(v, w), verbose=0, callbacks=[keep])
    model = K.models.load_model(best)
    loss, acc = model.evaluate(v, w, verbose=0)
    answers["best"][tag] = {"loss": float(loss), "acc": float(acc)}
    arrays(model, v, f"best_{tag}")

with open(f"{folder}/answers.json", "w") as f:
    json.dump(answers, f)
