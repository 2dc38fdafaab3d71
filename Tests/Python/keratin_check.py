"""Loads with real Keras what Keratin wrote, and says what it found.

usage: keratin_check.py FOLDER

FOLDER/tasks.json lists what to do:
  {"name", "keras": k3 or tk, "file": model, "x": array, "y": array or null,
   "weightsOf": a model of keratin_models for a file of weights alone, or null,
   "fit": whether to train an epoch too}
For each, FOLDER/NAME.npz gets the weights w0, w1... and the predictions p; a line of JSON is printed.
"""
import json
import sys

from keratin_models import *

folder = sys.argv[1]


def weights_into(name, tag, path, x):
    K = KERAS[tag]
    model = globals()[name](K)
    model(x[:1])
    if tag == "k3":
        import h5py
        from keras.src.legacy.saving import legacy_h5_format

        with h5py.File(path) as f:
            legacy_h5_format.load_weights_from_hdf5_group(f, model)
    else:
        model.load_weights(path)
    return model


def evaluation(model, x, y):
    numbers = model.evaluate(x, y, verbose=0, batch_size=32, return_dict=True)
    return {name: float(number) for name, number in numbers.items()}


def check(task):
    x = np.load(task["x"])
    result = {}
    if task["weightsOf"]:
        model = weights_into(task["weightsOf"], task["keras"], task["file"], x)
    else:
        # The compiler has to be told after loading; by default it takes seconds for each model.
        model = KERAS[task["keras"]].models.load_model(task["file"], compile=task["y"] is not None)
        if task["y"] is not None:
            model.jit_compile = False
    np.savez(
        f"{folder}/{task['name']}.npz", p=model.predict(x, verbose=0, batch_size=32),
        **{f"w{k}": w for k, w in enumerate(model.get_weights())},
    )
    if task["y"] is not None:
        y = np.load(task["y"])
        result["evaluation"] = evaluation(model, x, y)
    if task["fit"]:
        before = model.get_weights()
        model.fit(x, y, verbose=0, shuffle=False)
        after = evaluation(model, x, y)
        assert all(np.isfinite(list(after.values()))), after
        assert any(not np.array_equal(b, a) for b, a in zip(before, model.get_weights())), "fit changes nothing"
        result["fitted"] = after
    return result


for task in json.load(open(f"{folder}/tasks.json")):
    try:
        result = check(task)
    except Exception as error:
        result = {"problem": f"{type(error).__name__}: {error}"[:1500]}
    print("RESULT " + json.dumps({"name": task["name"], **result}), flush=True)
