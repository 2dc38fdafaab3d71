"""Trainings with their data and settings: several outputs, masks, weights, parts of the data, frozen layers."""

import json

import keras
import numpy as np
import tf_keras
from keras.src.legacy.saving import saving_utils as metadata_of_keras
from tf_keras.src.saving.legacy import saving_utils as metadata_of_tf_keras

random = np.random.default_rng(11)
# Batches of one size: Keras 3 weighs the losses of outputs by batches where it does not know their sizes.
ROWS = 48


def tensor(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "values": np.ravel(array).astype(float).tolist(),
            "isWhole": array.dtype.kind in "iu"}


def tensors(data):
    if isinstance(data, dict):
        return {name: tensor(array) for name, array in data.items()}
    return [tensor(array) for array in (data if isinstance(data, list) else [data])]


def plain_numbers(config):
    return json.loads(json.dumps(config, default=lambda value: np.asarray(value).tolist()))


def scenario(model, x, y, compiled=True, **options):
    """Three epochs, what was there before and after, and the settings as an h5 file has them."""
    module = metadata_of_keras if isinstance(model, keras.Model) else metadata_of_tf_keras
    before = [tensor(w) for w in model.get_weights()]
    options = {"batch_size": 16, "epochs": 3, **options}
    given = dict(options)
    if "validation" in given:
        given["validation_data"] = given.pop("validation")
    history = model.fit(x, y, shuffle=False, verbose=0, **given).history
    config = module.model_metadata(model, include_optimizer=True)
    weight = {"sample_weight": options["sample_weight"]} if "sample_weight" in options else {}
    evaluated = model.evaluate(x, y, verbose=0, return_dict=True, batch_size=16, **weight)
    predicted = model.predict(x, verbose=0)
    if isinstance(predicted, dict):
        predicted = [predicted[key] for key in sorted(predicted)]
    validation = options.pop("validation", None)
    options = {key: list(map(float, value)) if key == "sample_weight" else value
               for key, value in options.items()}
    return {
        "isKeras3": module is metadata_of_keras, "model": config["model_config"],
        "training": plain_numbers(config["training_config"]), "x": tensors(x), "y": tensors(y), "options": options,
        "validation": validation and {
            "x": tensors(validation[0]), "y": tensors(validation[1]),
            "weights": list(map(float, validation[2])) if len(validation) > 2 else None},
        "before": before, "after": [tensor(w) for w in model.get_weights()],
        "history": {key: list(map(float, values)) for key, values in history.items()},
        "evaluated": {key: float(value) for key, value in evaluated.items()},
        "predicted": tensors(predicted)}


def pair(k, isDict=False):
    """Two inputs and two outputs: a price, and a kind of three."""
    k.utils.set_random_seed(5)
    L = k.layers
    a, b = k.Input((6,), name="left"), k.Input((3,), name="right")
    both = L.Concatenate(name="both")([L.Dense(5, "tanh", name="first")(a), b])
    price = L.Dense(1, name="price")(both)
    kind = L.Dense(3, "softmax", name="kind")(both)
    return k.Model([a, b], {"cost": price, "art": kind} if isDict else [price, kind])


def outputs():
    left = random.normal(size=(ROWS, 6)).astype("float32")
    right = random.normal(size=(ROWS, 3)).astype("float32")
    price = (left[:, :1] * 2 - right[:, :1]).astype("float32")
    numbers = np.argmax(right, -1).astype("int32")
    kind = np.eye(3, dtype="float32")[numbers]
    results = {}
    for prefix, k in (("", keras), ("tf_keras, ", tf_keras)):
        Adam, SGD = k.optimizers.Adam, k.optimizers.SGD

        def add(name, optimizer, y=None, isDict=False, x=None, fitting={}, **settings):
            model = pair(k, isDict)
            model.compile(optimizer, **settings)
            results[prefix + name] = scenario(
                model, x or [left, right], [price, kind] if y is None else y, **fitting)

        add("by name", Adam(0.01), loss={"price": "mse", "kind": "categorical_crossentropy"},
            loss_weights={"price": 0.5, "kind": 2.0}, metrics={"kind": ["acc", "mae"], "price": "mae"},
            y={"price": price, "kind": kind}, x={"left": left, "right": right},
            fitting={"validation": ({"left": left[:16], "right": right[:16]},
                                    {"price": price[:16], "kind": kind[:16]})})
        add("in order", SGD(0.05, momentum=0.9), loss=["mae", "sparse_categorical_crossentropy"],
            loss_weights=[1.0, 0.3], metrics=[["mse"], ["accuracy"]], y=[price, numbers],
            fitting={"validation_split": 1 / 3})
        add("one loss for all", Adam(0.01), loss="mse", metrics=[["mae"], ["mae", "acc"]])
        add("one of two trained", Adam(0.01), loss=["mse", None], metrics=[["mae"], ["acc"]])
        add("weighed", Adam(0.01), loss=["mse", "categorical_crossentropy"],
            weighted_metrics=[["mae"], ["acc", "mae"]], metrics=[["mae"], ["acc"]],
            fitting={"sample_weight": np.linspace(0, 2, ROWS)})
    # A list without lists has one metric for each output in Keras 3, and all for each in Keras 2.
    for prefix, k in (("", keras), ("tf_keras, ", tf_keras)):
        model = pair(k)
        model.compile(k.optimizers.SGD(0.05), ["mse", "mae"], metrics=["mae", "mse"])
        results[prefix + "flat metrics"] = scenario(model, [left, right], [price, kind])
    model = pair(keras, isDict=True)
    model.compile("adam", {"cost": "mse", "art": "categorical_crossentropy"}, metrics={"art": ["acc"]})
    results["outputs by key"] = scenario(
        model, [left, right], {"cost": price, "art": kind})
    return results


def words(k, classes=4):
    k.utils.set_random_seed(6)
    L = k.layers
    return k.Sequential([
        k.Input((7,), dtype="int32"), L.Embedding(20, 6, mask_zero=True),
        L.LSTM(5, return_sequences=True), L.Dense(classes, "softmax")])


def steps():
    """A class for each word, of which padding has none."""
    tokens = random.integers(1, 20, (ROWS, 7)).astype("int32")
    for row, length in enumerate(random.integers(1, 8, ROWS)):
        tokens[row, length:] = 0
    tags = (tokens % 4).astype("int32")
    results = {}
    for prefix, k in (("", keras), ("tf_keras, ", tf_keras)):
        model = words(k)
        model.compile(k.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["acc"])
        results[prefix + "masked"] = scenario(
            model, tokens, tags, validation=(tokens[:20], tags[:20]))
        model = words(k)
        model.compile(k.optimizers.Adam(0.01), k.losses.CategoricalCrossentropy(
            reduction="sum", label_smoothing=0.1), metrics=["acc", "mse"])
        results[prefix + "masked, summed"] = scenario(model, tokens, np.eye(4, dtype="float32")[tags])
    ignored = np.where(tokens == 0, -1, tags).astype("int32")
    for name, logits in (("", False), (", logits", True)):
        keras.utils.set_random_seed(7)
        L = keras.layers
        model = keras.Sequential([
            keras.Input((7,), dtype="int32"), L.Embedding(20, 6), L.Conv1D(5, 3, padding="same"),
            L.Dense(4, None if logits else "softmax")])
        model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(
            from_logits=logits, ignore_class=-1))
        results["ignored class" + name] = scenario(model, tokens, ignored)
    keras.utils.set_random_seed(7)
    model = keras.Sequential([
        keras.Input((7,), dtype="int32"), L.Embedding(20, 6), L.Conv1D(5, 3, padding="same"),
        L.Dense(7, "softmax"), L.Permute((2, 1))])
    model.compile(keras.optimizers.Adam(0.01), keras.losses.CategoricalCrossentropy(axis=1))
    results["classes along the first axis"] = scenario(
        model, tokens, np.eye(7, dtype="float32")[tags].transpose(0, 2, 1))
    return results


def plain(k, *ends, **options):
    k.utils.set_random_seed(8)
    L = k.layers
    return k.Sequential([k.Input((6,)), L.Dense(5, "tanh", **options), *ends, L.Dense(1, "sigmoid")])


def settings():
    x = random.normal(size=(ROWS, 6)).astype("float32")
    y = (x[:, :1] + 0.3 * random.normal(size=(ROWS, 1)) > 0).astype("float32")
    weight = np.linspace(0, 2, ROWS).astype("float32")
    results = {}
    for prefix, k in (("", keras), ("tf_keras, ", tf_keras)):
        model = plain(k)
        model.compile(
            k.optimizers.Adam(0.01), "binary_crossentropy", metrics=["acc", "mse"],
            weighted_metrics=["acc", "mae", k.metrics.AUC(name="area"), k.metrics.Precision(name="precision")])
        results[prefix + "weighted metrics"] = scenario(
            model, x, y, sample_weight=weight, validation=(x[:20], y[:20], weight[20:40]))
        model = plain(k)
        model.compile(k.optimizers.SGD(0.1), "mse", metrics=["acc"])
        results[prefix + "weights and a split"] = scenario(
            model, x, y, sample_weight=weight, validation_split=0.2)
        model = plain(k)
        model.compile(k.optimizers.SGD(0.1), "mse", metrics=["acc"])
        results[prefix + "parts of the data"] = scenario(
            model, x, y, epochs=4, validation=(x, y), validation_steps=2, validation_batch_size=8,
            validation_freq=2, class_weight={0: 1.0, 1: 3.0})
        model = plain(k, k.layers.BatchNormalization(), k.layers.Dense(4, "tanh"))
        model.layers[0].trainable = False
        model.layers[1].trainable = False
        model.compile(k.optimizers.Adam(0.01), "mse")
        results[prefix + "frozen layers"] = scenario(model, x, y)
    model = plain(keras)
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["acc"])
    results["steps per epoch"] = scenario(model, x, y, epochs=4, steps_per_epoch=2)
    for reduction in ("sum", "mean_with_sample_weight", "none"):
        for weights in ({}, {"sample_weight": weight}):
            # Keras cannot add a penalty to a loss that is not reduced.
            model = plain(keras, kernel_regularizer=None if reduction == "none" else "l2")
            model.compile(keras.optimizers.SGD(0.01), keras.losses.MeanSquaredError(reduction=reduction))
            results[f"{reduction}, {'weighed' if weights else 'alike'}"] = scenario(
                model, x, y, **weights)
    return results


def counted():
    """Metrics of three kinds of models, each of which Keras counts over an epoch."""
    M, L = keras.metrics, keras.layers
    x = random.normal(size=(ROWS, 6)).astype("float32")
    numbers = np.argmax(x[:, :3] + random.normal(size=(ROWS, 3)), -1).astype("int32")
    kind = np.eye(3, dtype="float32")[numbers]
    weight = np.arange(1, ROWS + 1).astype("float32") % 4
    numeric = (x @ random.normal(size=(6, 3))).astype("float32")
    results = {}

    def add(name, y, loss, metrics, activation=None, width=3):
        keras.utils.set_random_seed(9)
        model = keras.Sequential([
            keras.Input((6,)), L.Dense(5, "tanh"), L.Dense(width, activation)])
        model.compile(keras.optimizers.Adam(0.03), loss, metrics=metrics(""),
                      weighted_metrics=metrics("weighted_"))
        results[name] = scenario(
            model, x, y, sample_weight=weight, validation=(x[:20], y[:20], weight[:20]))

    add("metrics of classes", kind, "categorical_crossentropy", lambda p: [
        M.F1Score("macro", name=p + "macro"), M.F1Score("micro", threshold=0.4, name=p + "micro"),
        M.FBetaScore("weighted", beta=2.0, name=p + "beta"),
        M.OneHotIoU(3, [0, 2], name=p + "some"), M.OneHotMeanIoU(3, name=p + "mean"),
        M.AUC(multi_label=True, name=p + "labels", num_thresholds=50),
        M.AUC(multi_label=True, num_labels=3, label_weights=[1.0, 2.0, 0.5], name=p + "weights"),
        M.AUC(multi_label=True, curve="PR", name=p + "curves"), M.AUC(curve="PRGAIN", name=p + "gain"),
        M.Precision(top_k=2, name=p + "among_two"), M.Recall(top_k=2, class_id=1, name=p + "recall"),
        M.TopKCategoricalAccuracy(k=2, name=p + "top"), M.CosineSimilarity(name=p + "cosine"),
        M.CategoricalCrossentropy(label_smoothing=0.1, name=p + "entropy"),
        M.CategoricalHinge(name=p + "hinge")], "softmax")
    add("metrics of class numbers", numbers[:, None], "sparse_categorical_crossentropy", lambda p: [
        M.IoU(3, [1], sparse_y_pred=False, name=p + "some"),
        M.MeanIoU(3, sparse_y_pred=False, ignore_class=2, name=p + "mean"),
        M.SparseCategoricalCrossentropy(name=p + "entropy"),
        M.SparseTopKCategoricalAccuracy(k=2, name=p + "top")], "softmax")
    add("metrics of two classes", kind[:, :1], "binary_crossentropy", lambda p: [
        M.BinaryIoU(name=p + "both"), M.BinaryIoU([1], threshold=0.3, name=p + "one"),
        M.F1Score(threshold=0.3, average="micro", name=p + "f1"), M.Accuracy(name=p + "equal"),
        M.BinaryCrossentropy(name=p + "entropy"), M.Poisson(name=p + "poisson"),
        M.Hinge(name=p + "hinge"), M.SquaredHinge(name=p + "squared"),
        M.KLDivergence(name=p + "divergence")], "sigmoid", 1)
    add("metrics of numbers", numeric, "mse", lambda p: [
        M.R2Score(name=p + "r2"), M.R2Score("variance_weighted_average", name=p + "by_variance"),
        M.PearsonCorrelation(name=p + "pearson"), M.ConcordanceCorrelation(name=p + "concordance"),
        M.RootMeanSquaredError(name=p + "root"), M.LogCoshError(name=p + "cosh"),
        M.MeanAbsolutePercentageError(name=p + "percent"),
        M.MeanSquaredLogarithmicError(name=p + "logarithms")])
    return results


def bounds():
    """Penalties and constraints of weights of all shapes, and the scale of a loss."""
    L, R, C = keras.layers, keras.regularizers, keras.constraints
    results = {}
    tokens = random.integers(0, 20, (ROWS, 7)).astype("int32")
    y = (tokens[:, :1] > 9).astype("float32")
    keras.utils.set_random_seed(10)
    model = keras.Sequential([
        keras.Input((7,), dtype="int32"),
        L.Embedding(20, 6, embeddings_constraint=C.UnitNorm(axis=1)),
        L.Conv1D(5, 3, kernel_constraint=C.MaxNorm(0.8, axis=[0, 1]),
                 kernel_regularizer=R.L1L2(0.01, 0.02)),
        L.GRU(4, recurrent_constraint=C.MinMaxNorm(0.5, 0.9, rate=0.5),
              recurrent_regularizer=R.OrthogonalRegularizer(0.05, mode="columns")),
        L.Dense(3, "tanh", kernel_regularizer=R.OrthogonalRegularizer(0.03),
                activity_regularizer=R.L2(0.01), bias_constraint=C.NonNeg()),
        L.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["acc"])
    results["bounds"] = scenario(model, tokens, y)
    x = random.normal(size=(ROWS, 6)).astype("float32")
    for name, optimizer in (
        ("scaled loss", keras.optimizers.SGD(0.05, loss_scale_factor=8.0, clipnorm=0.1)),
        ("scaled loss, adam", keras.optimizers.Adam(0.02, loss_scale_factor=0.5)),
    ):
        model = plain(keras)
        model.compile(optimizer, "mse")
        results[name] = scenario(model, x, y)
    return results


def scenarios():
    return {**outputs(), **steps(), **settings(), **counted(), **bounds()}
