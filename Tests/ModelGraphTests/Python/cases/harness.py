"""How a case is made: a model with random weights, its inputs, and what Keras gives for them."""

import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
import numpy as np
import tensorflow as tf
import tf_keras

rng = np.random.default_rng(7)
cases = []
# Takes the models instead, where another program wants them: called as `add` is.
sink = None


def array(values):
    values = np.asarray(values)
    flat = values.reshape(-1)
    whole = values.dtype.kind in "iu"
    return {
        "shape": list(values.shape),
        "values": [int(v) if whole else float(v) for v in flat],
    }


def randomise(model, scale=0.5):
    for weight in model.weights:
        name = getattr(weight, "path", weight.name)
        values = rng.normal(0, scale, weight.shape)
        if "variance" in name:
            values = np.abs(values) + 0.5
        weight.assign(values.astype("float32"))
    finalize(model)


def finalize(model):
    """What a Normalization computes with it takes from its weights only so, as when a file is loaded."""
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def stored_weights(model):
    """In the order of a file: of each layer what is trained, then the rest."""
    return [w for l in model.layers for w in l.trainable_weights + l.non_trainable_weights]


def listed(values):
    """The tensors of a model's results, those of lists in lists too."""
    return [x for v in values for x in listed(v)] if isinstance(values, (list, tuple)) else [values]


def classes(config):
    """Every class that a configuration names, of layers inside layers too."""
    if isinstance(config, list):
        return set().union(*map(classes, config))
    if not isinstance(config, dict):
        return set()
    own = {config["class_name"]} if isinstance(config.get("class_name"), str) else set()
    return own.union(*map(classes, config.values()))


def add(label, model, inputs, dialect="keras3", training=False, gradients=False):
    """Adds a case. In training mode its outputs and new weights are kept too; with `gradients` those of
    a weighted sum of all outputs and of what the layers add to a loss, in training mode where `training`
    says so."""
    if sink is not None:
        return sink(label, model, inputs, dialect, training, gradients)
    # An exponential of a state that it feeds grows beyond all numbers.
    randomise(model, 0.05 if "exponential" in label else 0.5)
    given = inputs if len(inputs) > 1 else inputs[0]
    config = json.loads(model.to_json())
    case = {
        "label": label,
        "dialect": dialect,
        "classes": sorted(classes(config["config"]["layers"])),
        "config": config,
        "inputs": [array(x) for x in inputs],
        "weights": [
            {"name": getattr(w, "path", w.name), **array(w.numpy())} for w in stored_weights(model)
        ],
        "parameters": model.count_params(),
    }
    # Layers that change images do it unless they are told that nothing is trained.
    outputs = listed(model(given, training=False))
    case["outputs"] = [array(y) for y in outputs]
    if gradients:
        factors = [floats(*y.shape) for y in outputs]
        tensors = [tf.constant(x) for x in inputs]
        sources = [x for x in tensors if x.dtype.is_floating]
        weights = [w if isinstance(w, tf.Variable) else w.value for w in model.trainable_weights]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            results = listed(model(tensors if len(tensors) > 1 else tensors[0], training=training))
            loss = sum(tf.reduce_sum(y * f) for y, f in zip(results, factors))
            loss += sum(model.losses)
        found = tape.gradient(loss, sources + weights, unconnected_gradients="zero")
        case["factors"] = [array(f) for f in factors]
        case["gradients"] = [array(tf.convert_to_tensor(g)) for g in found]
        restore(model, case["weights"])
    if training:
        case["trained_outputs"] = [array(y) for y in listed(model(given, training=True))]
        case["trained_weights"] = [array(w.numpy()) for w in stored_weights(model)]
    cases.append(case)


def add_batches(label, model, batches, dialect="keras3"):
    """Adds a case of a model that keeps states from batch to batch."""
    randomise(model)
    config = json.loads(model.to_json())
    results = [listed(model(x)) for x in batches]
    cases.append(
        {
            "label": label,
            "dialect": dialect,
            "classes": sorted(classes(config["config"]["layers"])),
            "config": config,
            "inputs": [array(batches[0])],
            "weights": [
                {"name": getattr(w, "path", w.name), **array(w.numpy())}
                for w in stored_weights(model)
            ],
            "parameters": model.count_params(),
            "outputs": [array(y) for y in results[0]],
            "later_inputs": [array(x) for x in batches[1:]],
            "later_outputs": [array(y) for ys in results[1:] for y in ys],
        }
    )


def restore(model, weights):
    for weight, stored in zip(stored_weights(model), weights):
        weight.assign(np.reshape(stored["values"], stored["shape"]).astype("float32"))
    finalize(model)


def floats(*shape):
    return rng.normal(0, 1, shape).astype("float32")


def steps(*shape):
    """Floats of which many are equal."""
    return np.round(rng.normal(0, 1, shape)).astype("float32")


def tokens(bound, *shape):
    return rng.integers(0, bound, shape).astype("int32")


def chain(k, shape, *layers, dtype="float32"):
    inputs = (
        [k.Input(shape, dtype=dtype)]
        if k is keras
        else [tf_keras.layers.InputLayer(input_shape=shape, dtype=dtype)]
    )
    return k.Sequential(inputs + list(layers))


def dialect_of(k):
    return "keras3" if k is keras else "keras2"


def layer(k, name, shape, draw=floats, training=False, gradients=True, **options):
    """A case of one layer, where this generation has it and takes the options."""
    label = f"{dialect_of(k)} {name} {shape} {options}"
    make = getattr(k.layers, name, None)
    if make is not None:
        inputs = [draw(3, *shape)]
        add(label, chain(k, shape, make(**options)), inputs, dialect_of(k), training, gradients)


def joined(k, label, shapes, join, draw=floats, gradients=True):
    """A case of a layer that joins several inputs: `join` is called on a list of them."""
    inputs = [k.Input(shape) for shape in shapes]
    model = k.Model(inputs, join(inputs))
    given = [draw(3, *shape) for shape in shapes]
    add(f"{dialect_of(k)} {label} {shapes}", model, given, dialect_of(k), False, gradients)
