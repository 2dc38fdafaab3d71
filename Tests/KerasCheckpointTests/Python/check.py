"""Checks with real Keras what the tests wrote into a folder; prints a line of JSON for each check.

For a file `F.h5` that `save.py` saved, `same/F.h5` is what was loaded and saved, `other/F.h5` is
converted to the other generation, `wide/F.h5` is in the form both generations read.

usage: check.py FOLDER [NAME...]
"""
import glob
import json
import signal
import sys
import traceback

import h5py
from nets import *

folder = sys.argv[1]


def too_long(*_):
    # tf_keras never ends on a graph that it cannot join.
    raise TimeoutError("still running after two minutes")


signal.signal(signal.SIGALRM, too_long)


def check(group, name, body):
    try:
        signal.alarm(120)
        body()
        problem = None
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:600]
        if not isinstance(error, AssertionError):
            problem += " | " + traceback.format_exc(limit=-3)[-700:]
    signal.alarm(0)
    print("RESULT " + json.dumps({"group": group, "name": name, "problem": problem}), flush=True)


# The generations compute the same layer by different kernels, and a recurrent one rounds anew at each
# step; predictions are below 1 in size. What a wrong conversion changes is larger by far.
ACROSS = 1e-5


def equal(found, expected, what, tolerance=0.0):
    assert len(found) == len(expected), f"{what}: {len(found)} arrays, expected {len(expected)}"
    for k, (f, e) in enumerate(zip(found, expected)):
        f, e = np.asarray(f), np.asarray(e)
        assert f.shape == e.shape, f"{what} {k}: shape {f.shape}, expected {e.shape}"
        worst = np.max(np.abs(f.astype("f8") - e.astype("f8"))) if f.size else 0.0
        same = np.array_equal(f, e) if tolerance == 0 else worst <= tolerance
        assert same, f"{what} {k}: off by {worst}, found {f.ravel()[:3]}, expected {e.ravel()[:3]}"


def expected(name, key):
    with np.load(f"{folder}/{name}.npz") as z:
        return [z[f"{key}{k}"] for k in range(sum(n.startswith(key) and n[1:].isdigit() for n in z))]


def tree(path):
    """Everything in a file: path -> (attributes with their types, dataset)."""
    out = {}

    def attributes(obj):
        found = {}
        for key in obj.attrs:
            a = h5py.h5a.open(obj.id, key.encode())
            t = a.get_type()
            kind = (t.is_variable_str(), t.get_cset()) if isinstance(t, h5py.h5t.TypeStringID) else str(t.dtype)
            if isinstance(t, h5py.h5t.TypeStringID) and not t.is_variable_str():
                kind += (t.get_size(), t.get_strpad())
            value = obj.attrs[key]
            if key in ("model_config", "training_config"):
                value = json.loads(value)
            elif isinstance(value, np.ndarray):
                value = (value.shape, value.tolist())
            found[key] = (kind, value)
        return found

    def visit(name, obj):
        if isinstance(obj, h5py.Dataset):
            out[name] = (attributes(obj), str(obj.dtype), obj.shape, obj[()].tobytes())
        else:
            out[name] = (attributes(obj), list(obj))

    with h5py.File(path) as f:
        out["/"] = (attributes(f), list(f))
        f.visititems(visit)
    return out


def same_tree(name):
    """A file loaded and saved is the file, but for where a Keras 3 file has its optimizer."""
    before, after = tree(f"{folder}/{name}.h5"), tree(f"{folder}/same/{name}.h5")
    if name.startswith("k3"):
        rename = lambda s: s.replace("optimizer_weights", "keratin_optimizer_weights", 1)
        before = {(rename(k) if k.startswith("optimizer_weights") else k): v for k, v in before.items()}
        attributes, children = before["/"]
        before["/"] = (attributes, sorted(rename(c) if c == "optimizer_weights" else c for c in children))
    assert sorted(before) == sorted(after), f"paths differ: {sorted(set(before) ^ set(after))[:6]}"
    for path in before:
        assert before[path] == after[path], f"{path}: {str(after[path])[:300]}, expected {str(before[path])[:300]}"


def inputs_of(name, tag):
    kind = name.split("_", 1)[1]
    if kind == "long":
        return [np.ones((3, 2), "float32")]
    if kind in STRUCTURES:
        return STRUCTURES[kind]
    return [X]


def targets_of(name):
    kind = name.split("_", 1)[1]
    return targets(kind) if kind in STRUCTURES else Y


STRUCTURES = {k: v[1] for k, v in structures(keras).items()}


def load_weights(path, K):
    model = review(K)
    model(X)
    if K is keras:
        from keras.src.legacy.saving import legacy_h5_format

        with h5py.File(path) as f:
            legacy_h5_format.load_weights_from_hdf5_group(f, model)
    else:
        model.load_weights(path)
    return model


def must_raise(name):
    """That Keras 3 cannot train on from its own file is why the state has another name in ours."""
    try:
        one_epoch(keras.models.load_model(f"{folder}/{name}.h5"))
    except ValueError:
        return
    raise AssertionError("Keras 3 now trains on from its own .h5: let ours have the state under Keras's name")


def next_weights(name):
    with np.load(f"{folder}/{name}_next.npz") as z:
        return [z[k] for k in z.files]


def by_hand(path):
    """How a Keras 3 user gets the optimizer's state back."""
    model = keras.models.load_model(path)
    with h5py.File(path) as f:
        state = f["keratin_optimizer_weights"]
        model.optimizer.build(model.trainable_variables)
        model.optimizer.set_weights([state[n][()] for n in state.attrs["weight_names"]])
    return model


names = sorted(p.split("/")[-1][:-3] for p in glob.glob(f"{folder}/*.h5"))
for name in sys.argv[2:] or names:
    tag, kind = name.split("_", 1)
    K, other = KERAS[tag], tf_keras if tag == "k3" else keras
    inputs = inputs_of(name, tag)
    same, converted, wide = (f"{folder}/{d}/{name}.h5" for d in ("same", "other", "wide"))
    trained = kind in ("sgd", "momentum", "adam", "amsgrad", "rmsprop", "centered")
    compiled = trained or kind in ("regression", "several")
    check("tree", name, lambda: same_tree(name))

    if kind == "weights":
        check("same", name, lambda: equal(predict(load_weights(same, K), inputs), expected(name, "p"), "prediction"))
        check("other", name, lambda: equal(predict(load_weights(converted, other), inputs), expected(name, "p"), "prediction", 1e-6))
        continue

    def bit_for_bit():
        # Keras 3 cannot load its own "mse"; the weights are what is compared.
        model = K.models.load_model(same, compile=kind != "regression")
        equal(model.get_weights(), expected(name, "w"), "weight")
        equal(predict(model, inputs), expected(name, "p"), "prediction")

    # Keras 3 cannot load its own file of a model with a mask: "Unknown layer: 'NotEqual'". Without the
    # operations on masks, as in the form that both generations read, it can.
    if name != "k3_recurrent":
        check("same", name, bit_for_bit)

    def in_other():
        model = other.models.load_model(converted)
        equal(predict(model, inputs), expected(name, "p"), "prediction", ACROSS)
        if compiled:
            model.evaluate(inputs[0], targets_of(name), verbose=0)
        if trained:
            evaluation = np.load(f"{folder}/{name}.npz")["evaluation"]
            equal(model.evaluate(X, Y, verbose=0), evaluation, "evaluation", 1e-6)

    check("other", name, in_other)

    def in_both():
        for K in (keras, tf_keras):
            model = K.models.load_model(wide)
            equal(predict(model, inputs), expected(name, "p"), f"{K.__name__} prediction", ACROSS)
            if compiled:
                before = model.evaluate(inputs[0], targets_of(name), verbose=0)
                if trained:
                    evaluation = np.load(f"{folder}/{name}.npz")["evaluation"]
                    equal(before, evaluation, f"{K.__name__} evaluation", 1e-6)
                if tag == "k3":
                    model.fit(inputs[0], targets_of(name), verbose=0)

    if kind not in ("nested", "attention"):
        check("wide", name, in_both)

    if not trained:
        continue
    resumed = by_hand if tag == "k3" else K.models.load_model
    check("resume", name + ", widely readable", lambda: equal(one_epoch(resumed(wide)), next_weights(name), "weight"))
    if tag == "k3":
        check("resume", name, lambda: equal(one_epoch(by_hand(same)), next_weights(name), "weight"))
        check("fits", name, lambda: one_epoch(K.models.load_model(same)))
        check("fits", name + " by its own save raises", lambda: must_raise(name))

        check("resume converted", name, lambda: equal(one_epoch(tf_keras.models.load_model(converted)), next_weights(name), "weight", 1e-5))
    else:
        check("resume", name, lambda: equal(one_epoch(K.models.load_model(same)), next_weights(name), "weight"))
        # The older SGD and RMSprop leave alone the rows of an embedding that a batch does not name.
        if tag == "tk" or kind in ("sgd", "adam", "amsgrad"):
            check("resume converted", name, lambda: equal(one_epoch(by_hand(converted)), next_weights(name), "weight", 1e-5))
        check("fits", name, lambda: one_epoch(keras.models.load_model(converted)))
