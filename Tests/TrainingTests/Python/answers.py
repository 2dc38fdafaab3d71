"""What the real Keras computes: losses, trainings, callbacks and progress lines, as one JSON text."""

import contextlib
import io
import json
import logging
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import keras
import numpy as np
import tensorflow as tf
import tf_keras
from keras import layers

from scenarios import scenarios

random = np.random.default_rng(7)


def losses():
    """Value and gradient of each loss, on the operand of its activation."""
    cases = []
    classes = 4
    logits = random.normal(size=(6, classes)).astype("float32") * 3
    logits[0] = [40, -40, 0, 17]
    single = np.array([[-40], [-2], [-0.1], [0.3], [3], [40]], "float32")
    shares = np.array(
        [[0, 1e-9, 0.5, 0.5], [1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], [0.25] * 4,
         [0.2, 0.2, 0.2, 0.2], [1 - 1e-8, 1e-8, 0, 0]], "float32")
    probabilities = np.array([[0], [1e-9], [0.2], [0.7], [1 - 1e-8], [1]], "float32")
    numbers = np.array([1, 0, 3, 2, 2, 0])
    one_hot = np.eye(classes, dtype="float32")[numbers]
    binary = np.array([[1], [0], [0], [1], [0], [1]], "float32")
    wide = (random.random((6, classes)) > 0.5).astype("float32")

    def case(loss, y, x, activation=None, **unsaid):
        y, x = np.asarray(y), tf.Variable(x)

        @tf.function
        def step():
            with tf.GradientTape() as tape:
                p = x * 1.0 if activation is None else keras.activations.get(activation)(x * 1.0)
                value = loss(tf.constant(y), p)
            return value, tape.gradient(value, x)

        value, gradient = step()
        config = keras.losses.serialize(loss)
        config["config"].update(unsaid)
        cases.append({
            "loss": config, "activation": activation or "linear",
            "labels": np.ravel(y).tolist(), "label_shape": list(y.shape),
            "x": np.ravel(x.numpy()).tolist(), "shape": list(x.shape),
            "value": float(value), "gradient": np.ravel(gradient.numpy()).tolist()})

    L = keras.losses
    for smoothing in (0.0, 0.2):
        case(L.BinaryCrossentropy(label_smoothing=smoothing), binary, probabilities)
        case(L.BinaryCrossentropy(label_smoothing=smoothing), binary, single, "sigmoid")
        case(L.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing), binary, single)
        case(L.CategoricalCrossentropy(label_smoothing=smoothing), one_hot, shares)
        case(L.CategoricalCrossentropy(label_smoothing=smoothing), one_hot, logits, "softmax")
        case(L.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing), one_hot, logits)
    case(L.BinaryCrossentropy(), wide, logits, "sigmoid")
    case(L.BinaryCrossentropy(), binary[:, 0], single, "sigmoid")
    case(L.CategoricalCrossentropy(), one_hot, logits, "sigmoid")
    case(L.SparseCategoricalCrossentropy(), numbers, shares)
    case(L.SparseCategoricalCrossentropy(), numbers[:, None], logits, "softmax")
    case(L.SparseCategoricalCrossentropy(from_logits=True), numbers, logits)
    for loss in (L.MeanSquaredError(), L.MeanAbsoluteError()):
        case(loss, wide, logits)
        case(loss, binary[:, 0], single, "tanh")
    far = random.normal(size=(6, classes)).astype("float32") * 4
    positive = np.abs(far) + 0.1
    spread = np.clip(shares, 0.01, None)
    for loss in (
        L.MeanAbsolutePercentageError(), L.MeanSquaredLogarithmicError(), L.CosineSimilarity(),
        L.Huber(), L.LogCosh(), L.Hinge(),
        L.MeanSquaredError(reduction="sum"), L.Huber(reduction="sum"),
    ):
        case(loss, far, logits * 0.3)
    # Keras does not store these options; other generations do.
    case(L.CosineSimilarity(axis=0), far, logits * 0.3, axis=0)
    case(L.Huber(delta=0.3), far, logits * 0.3, delta=0.3)
    for loss in (L.Hinge(), L.SquaredHinge(), L.CategoricalHinge()):
        case(loss, one_hot, logits)
        case(loss, wide * 2 - 1, logits * 0.3, "tanh")
    case(L.Hinge(), binary[:, 0], single)
    case(L.KLDivergence(), spread, shares)
    case(L.KLDivergence(), spread, logits, "softmax")
    case(L.Poisson(), positive, positive * 0.7)
    case(L.MeanSquaredLogarithmicError(), positive, positive * 0.7)
    for smoothing in (0.0, 0.2):
        for balanced in (False, True):
            focal = dict(apply_class_balancing=balanced, alpha=0.3, gamma=1.5,
                         label_smoothing=smoothing)
            case(L.BinaryFocalCrossentropy(**focal), binary, np.clip(probabilities, 0.05, 0.95))
            case(L.BinaryFocalCrossentropy(**focal), binary, single * 0.2, "sigmoid")
            case(L.BinaryFocalCrossentropy(from_logits=True, **focal), binary, single * 0.2)
        focal = dict(alpha=0.3, gamma=1.5, label_smoothing=smoothing)
        case(L.CategoricalFocalCrossentropy(**focal), one_hot, spread)
        case(L.CategoricalFocalCrossentropy(**focal), one_hot, logits * 0.3, "softmax")
        case(L.CategoricalFocalCrossentropy(from_logits=True, **focal), one_hot, logits * 0.3)
    case(L.CategoricalGeneralizedCrossEntropy(0.7), numbers, spread)
    case(L.CategoricalCrossentropy(reduction="sum"), one_hot, logits, "softmax")
    for loss in (L.Dice(), L.Dice(axis=[1]), L.Tversky(alpha=0.3, beta=0.6), L.Tversky(axis=[1])):
        case(loss, wide, logits, "sigmoid")
    return cases


def weights(model):
    return [{"shape": list(w.shape), "values": np.ravel(w).tolist()} for w in model.get_weights()]


def fit(model, x, y, validation, epochs=3, batch_size=16, **weights_of):
    before = weights(model)
    history = model.fit(
        x, y, epochs=epochs, batch_size=batch_size, shuffle=False, verbose=0,
        validation_data=validation, **weights_of)
    optimizer = model.optimizer
    if isinstance(model, keras.Model):
        compiled = model.get_compile_config()
        compiled["optimizer_config"] = compiled.pop("optimizer")
        # Of a vector Adafactor has two scalars that it does not use.
        slots = [v for k, v in enumerate(optimizer.variables)
                 if k < 2 or len(v.shape) or not isinstance(optimizer, keras.optimizers.Adafactor)]
    else:
        compiled = {"loss": model.loss, "metrics": ["accuracy"], "optimizer_config": {
            "class_name": type(optimizer).__name__,
            "config": json.loads(json.dumps(optimizer.get_config(), default=float))}}
        slots = []
    evaluated = model.evaluate(x, y, verbose=0, return_dict=True)
    return {
        "model": json.loads(model.to_json()), "training": compiled, "before": before,
        "after": weights(model), "names": list(history.history), "history": history.history,
        "optimizer": [
            {"shape": list(v.shape), "values": np.ravel(v.numpy()).astype(float).tolist()}
            for v in slots],
        "evaluated": list(evaluated.values()), "evaluated_names": list(evaluated),
        "predicted": np.ravel(model.predict(x, verbose=0)).tolist()}


# Of the optimizers that Keras 2 has too.
RATES = {"AdamW": 0.01, "Adadelta": 0.5, "Adagrad": 0.05, "Adamax": 0.01, "Adafactor": 0.05,
         "Nadam": 0.01, "Ftrl": 0.1, "Lion": 0.003}


def trainings():
    """Short trainings without anything random, by optimizer."""
    O, S = keras.optimizers, keras.optimizers.schedules
    x = random.normal(size=(50, 6)).astype("float32")
    y = (x @ random.normal(size=6) > 0).astype("float32")
    optimizers = {
        "sgd": O.SGD(0.1), "momentum": O.SGD(0.05, momentum=0.9),
        "nesterov": O.SGD(0.05, momentum=0.9, nesterov=True), "adam": O.Adam(0.01),
        "amsgrad": O.Adam(0.01, amsgrad=True), "rmsprop": O.RMSprop(0.01),
        "centered": O.RMSprop(0.01, momentum=0.5, centered=True),
        "clipvalue": O.SGD(0.5, clipvalue=0.01), "clipnorm": O.SGD(0.5, clipnorm=0.05),
        "global_clipnorm": O.Adam(0.01, global_clipnorm=0.02),
        "adamw": O.AdamW(0.01, weight_decay=0.1), "adadelta": O.Adadelta(0.5),
        "adagrad": O.Adagrad(0.05), "adamax": O.Adamax(0.01), "adafactor": O.Adafactor(0.05),
        "nadam": O.Nadam(0.01), "lion": O.Lion(0.003), "lamb": O.Lamb(0.01),
        "ftrl": O.Ftrl(
            0.1, l1_regularization_strength=0.001, l2_regularization_strength=0.01,
            l2_shrinkage_regularization_strength=0.01, beta=0.1),
        "weight_decay": O.SGD(0.1, momentum=0.9, weight_decay=0.05),
        "exponential": O.Adam(S.ExponentialDecay(0.02, 3, 0.7)),
        "inverse": O.SGD(S.InverseTimeDecay(0.2, 3, 0.7, staircase=True)),
        "polynomial": O.SGD(S.PolynomialDecay(0.3, 5, 0.01, power=2.0, cycle=True)),
        "cosine": O.SGD(S.CosineDecay(0.1, 6, alpha=0.1, warmup_target=0.3, warmup_steps=3)),
        "restarts": O.Adam(S.CosineDecayRestarts(0.02, 3, m_mul=0.8)),
        "piecewise": O.SGD(S.PiecewiseConstantDecay([3, 6], [0.3, 0.1, 0.02])),
        "adafactor, schedule": O.Adafactor(S.CosineDecay(2.0, 20)),
        "ema": O.Adam(0.01, use_ema=True, ema_momentum=0.9),
        "ema, overwriting": O.SGD(
            0.1, momentum=0.9, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=3),
        "accumulation": O.Adam(0.01, gradient_accumulation_steps=3, clipnorm=0.05),
        "accumulation, ema": O.Nadam(
            S.ExponentialDecay(0.02, 3, 0.7), gradient_accumulation_steps=2, use_ema=True,
            ema_momentum=0.5, ema_overwrite_frequency=2, weight_decay=0.1)}
    results = {}
    for name, optimizer in optimizers.items():
        keras.utils.set_random_seed(3)
        model = keras.Sequential([
            keras.Input((6,)), layers.Dense(5, activation="tanh"),
            layers.Dense(1, activation="sigmoid")])
        model.compile(optimizer, "binary_crossentropy", metrics=["acc", "mse"])
        results[name] = fit(model, x, y, (x[:20], y[:20]))

    for name, loss, weights_of in (
        ("weighted samples", "binary_crossentropy", {"sample_weight": np.linspace(0, 2, 50)}),
        ("weighted classes", "mse", {"class_weight": {0: 0.5, 1: 2.0}}),
    ):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([
            keras.Input((6,)), layers.Dense(5, activation="tanh"),
            layers.Dense(1, activation="sigmoid")])
        model.compile(O.Adam(0.01), loss, metrics=["acc"])
        results[name] = fit(model, x, y, (x[:20], y[:20]), **weights_of)
    C = keras.constraints
    for name, optimizer in (
        ("constraints", O.SGD(0.3, momentum=0.9)),
        ("constraints, accumulation", O.Adam(0.05, gradient_accumulation_steps=3)),
    ):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([
            keras.Input((6,)),
            layers.Dense(5, "tanh", kernel_constraint=C.MaxNorm(0.7), bias_constraint="non_neg"),
            layers.Dense(4, "tanh", kernel_constraint=C.MinMaxNorm(0.3, 0.6, rate=0.8, axis=1)),
            layers.Dense(1, "sigmoid", kernel_constraint=C.UnitNorm())])
        model.compile(optimizer, "binary_crossentropy", metrics=["acc"])
        results[name] = fit(model, x, y, (x[:20], y[:20]))
    M = keras.metrics
    keras.utils.set_random_seed(3)
    model = keras.Sequential([
        keras.Input((6,)), layers.Dense(5, activation="tanh"), layers.Dense(1, activation="sigmoid")])
    model.compile(O.Adam(0.01), "binary_crossentropy", metrics=[
        M.AUC(), M.AUC(curve="PR", name="pr"), M.Precision(), M.Recall(thresholds=0.4),
        M.AUC(num_thresholds=20, summation_method="minoring", name="minoring"),
        M.AUC(curve="PR", summation_method="majoring", name="majoring"),
        M.AUC(thresholds=[0.3, 0.45, 0.8], name="few"), M.TruePositives(), M.FalsePositives(),
        M.TrueNegatives(), M.FalseNegatives(thresholds=0.6), M.PrecisionAtRecall(0.6),
        M.RecallAtPrecision(0.6), M.SensitivityAtSpecificity(0.5), M.SpecificityAtSensitivity(0.5),
        M.RootMeanSquaredError(), M.LogCoshError(), "mape", "msle", "hinge", "squared_hinge",
        M.KLDivergence(), "poisson"])
    # Of labels [N] some of these would compare each with every prediction [N, 1].
    results["metrics"] = fit(model, x, y[:, None], (x[:20], y[:20, None]))

    # Padded as sentences are, so that windows of padding tie for the maximum.
    tokens = random.integers(1, 30, (50, 12)).astype("int32")
    for row, length in enumerate(random.integers(1, 13, 50)):
        tokens[row, :-length] = 0
    classes = random.integers(0, 3, 50)
    L = "sparse_categorical_crossentropy", "categorical_crossentropy"
    for name, optimizer, loss, metrics in (
        ("tokens", O.Adam(0.01), L[0], ["accuracy"]),
        ("tokens, one-hot", O.Adam(0.01, clipvalue=0.001), L[1], ["acc", "mae"]),
        ("tokens, rmsprop", O.RMSprop(0.01), L[0], ["accuracy"]),
        ("tokens, clipnorm", O.Adam(0.01, clipnorm=0.01), L[0], ["accuracy"]),
        ("tokens, sgd", O.SGD(0.1, momentum=0.9, global_clipnorm=0.1), L[0], ["accuracy"]),
        ("tokens, adamw", O.AdamW(0.01), L[0], ["accuracy"]),
        ("tokens, adadelta", O.Adadelta(0.5), L[0], ["accuracy"]),
        ("tokens, adagrad", O.Adagrad(0.05), L[0], ["accuracy"]),
        ("tokens, adamax", O.Adamax(0.01), L[0], ["accuracy"]),
        ("tokens, adafactor", O.Adafactor(0.05), L[0], ["accuracy"]),
        ("tokens, nadam", O.Nadam(0.01), L[0], ["accuracy"]),
        ("tokens, ftrl", O.Ftrl(0.1), L[0], ["accuracy"]),
        ("tokens, lion", O.Lion(0.003), L[0], ["accuracy"]),
        ("tokens, lamb", O.Lamb(0.01), L[0], ["accuracy"]),
        ("tokens, top k", O.Adam(0.01), L[0],
         [keras.metrics.SparseTopKCategoricalAccuracy(k=2), "accuracy"]),
        ("tokens, one-hot, metrics one-hot", O.Adam(0.01), L[1],
         [keras.metrics.TopKCategoricalAccuracy(k=2), keras.metrics.CosineSimilarity(),
          keras.metrics.CategoricalHinge(), keras.metrics.Precision(class_id=1),
          keras.metrics.AUC()]),
        ("tokens, accumulation", O.Adam(0.01, gradient_accumulation_steps=2), L[0], ["accuracy"]),
    ):
        keras.utils.set_random_seed(4)
        model = keras.Sequential([
            keras.Input((12,), dtype="int32"), layers.Embedding(30, 8),
            layers.Conv1D(6, 3, activation="relu"), layers.GlobalMaxPooling1D(),
            layers.Dense(3, activation="softmax", kernel_regularizer="l2")])
        model.compile(optimizer, loss, metrics=metrics)
        labels = np.eye(3, dtype="float32")[classes] if loss == L[1] else classes
        results[name] = fit(model, tokens, labels, (tokens[:20], labels[:20]))

    # Keras 2 adds up an embedding's gradient before anything else.
    for name, optimizer in {
        "tokens, tf_keras": tf_keras.optimizers.Adam(0.01),
        "tokens, tf_keras legacy": tf_keras.optimizers.legacy.Adam(0.01, decay=0.1),
        "tokens, tf_keras schedule": tf_keras.optimizers.Adam(
            tf_keras.optimizers.schedules.CosineDecay(0.02, 12)),
        "tokens, tf_keras ema": tf_keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9),
        **{f"tokens, tf_keras {name}": getattr(tf_keras.optimizers, name)(rate)
           for name, rate in RATES.items() if name != "Nadam"},
        **{f"tokens, tf_keras legacy {name}": getattr(tf_keras.optimizers.legacy, name)(RATES[name])
           for name in ("Adagrad", "Ftrl")},
    }.items():
        tf_keras.utils.set_random_seed(4)
        old = tf_keras.layers
        model = tf_keras.Sequential([
            tf_keras.Input((12,), dtype="int32"), old.Embedding(30, 8),
            old.Conv1D(6, 3, activation="relu"), old.GlobalMaxPooling1D(),
            old.Dense(3, activation="softmax", kernel_regularizer="l2")])
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        results[name] = fit(model, tokens, classes, (tokens[:20], classes[:20]))

    # The older optimizers of these leave rows of a table alone that no token names.
    for name in ("Adadelta", "Adagrad", "Adamax", "Ftrl", "Nadam"):
        tf_keras.utils.set_random_seed(3)
        old = tf_keras.layers
        model = tf_keras.Sequential([
            tf_keras.Input((6,)), old.Dense(5, activation="tanh"),
            old.Dense(1, activation="sigmoid")])
        optimizer = getattr(tf_keras.optimizers.legacy, name)(RATES[name])
        model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
        results[f"tf_keras legacy {name}"] = fit(model, x, y, (x[:20], y[:20]))
    data = {"x": np.ravel(x).tolist(), "y": y.tolist(), "tokens": np.ravel(tokens).tolist(),
            "classes": classes.tolist()}
    return {"data": data, "results": results}


class Model:
    """As much of a model as callbacks look at."""

    def __init__(self):
        self.optimizer = keras.optimizers.SGD(0.1)
        self.metrics = []
        self.stop_training = False
        self.state = None
        self.saved = []

    def get_weights(self):
        return self.state

    def set_weights(self, weights):
        self.state = weights

    def save(self, path, overwrite=True):
        self.saved.append([self.state, str(path)])

    def save_weights(self, path, overwrite=True):
        self.saved.append([self.state, str(path)])


def drive(callback, values, monitor):
    model = Model()
    callback.set_model(model)
    text = io.StringIO()
    stopped = None
    rates = []
    with contextlib.redirect_stdout(text):
        callback.on_train_begin()
        for epoch, value in enumerate(values):
            model.state = epoch
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, {monitor: value})
            rates.append(float(model.optimizer.learning_rate))
            if model.stop_training:
                stopped = epoch
                break
        callback.on_train_end()
    return {"stopped": stopped, "weights": model.state, "saved": model.saved,
            "text": text.getvalue(), "rates": rates}


def learning_rates():
    down = [0.9, 0.7, 0.71, 0.705, 0.6995, 0.72, 0.65, 0.66, 0.67, 0.68, 0.69, 0.7, 0.71, 0.72]
    cases = []
    for series, mode in ((down, "min"), ([1 - v for v in down], "max"), (down, "auto")):
        for options in (
            {"patience": 1}, {"patience": 2, "factor": 0.5}, {"patience": 2, "min_delta": 0.03},
            {"patience": 1, "cooldown": 2}, {"patience": 1, "factor": 0.2, "min_lr": 0.01},
        ):
            callback = keras.callbacks.ReduceLROnPlateau(
                monitor="val_loss", mode=mode, verbose=1, **options)
            cases.append({"values": series, "mode": mode, "options": options,
                          "trace": drive(callback, series, "val_loss")})
    scheduler = keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: rate if epoch < 2 else rate * 0.5, verbose=1)
    cases.append({"values": down[:5], "mode": "scheduler", "options": {},
                  "trace": drive(scheduler, down[:5], "val_loss")})
    return cases


def early_stopping():
    down = [0.9, 0.7, 0.71, 0.705, 0.6995, 0.72, 0.65, 0.66, 0.67, 0.68, 0.69]
    up = [1 - value for value in down]
    cases = []
    for series, mode in ((down, "min"), (up, "max"), (down, "auto"), (down[::-1], "min")):
        for options in (
            {}, {"patience": 1}, {"patience": 3}, {"patience": 2, "min_delta": 0.001},
            {"patience": 2, "restore_best_weights": True}, {"patience": 2, "baseline": 0.66},
            {"patience": 1, "start_from_epoch": 3}, {"patience": 0, "start_from_epoch": 20},
            {"patience": 3, "restore_best_weights": True, "start_from_epoch": 2},
        ):
            callback = keras.callbacks.EarlyStopping(
                monitor="val_loss", mode=mode, verbose=1, **options)
            cases.append({"values": series, "mode": mode, "options": options,
                          "trace": drive(callback, series, "val_loss")})
    return cases


def model_checkpoint():
    values = [0.5, 0.6, 0.55, 0.6, 0.61, 0.4, 0.399999, 0.8]
    cases = []
    for mode in ("min", "max"):
        for options in (
            {}, {"save_best_only": True}, {"save_best_only": True, "initial_value_threshold": 0.58},
            {"save_best_only": True, "save_weights_only": True},
        ):
            path = "m-{epoch:02d}-{val_acc:.2f}"
            path += ".weights.h5" if options.get("save_weights_only") else ".h5"
            callback = keras.callbacks.ModelCheckpoint(
                path, monitor="val_acc", mode=mode, verbose=1, **options)
            cases.append({"values": values, "mode": mode, "path": path, "options": options,
                          "trace": drive(callback, values, "val_acc")})
    return cases


def progress():
    """What the progress line shows for given times, without the control characters."""
    cases = []
    for target, step, verbose in (
        (782, 0.045, 1), (3, 1.7, 1), (5, 700.0, 1), (12, 0.0004, 1), (4, 40.0, 1), (782, 0.045, 2),
        (3, 0.2, 2)
    ):
        now = [1000.0]
        keras.src.utils.progbar.time.time = lambda: now[0]
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            bar = keras.utils.Progbar(target, verbose=verbose, stateless_metrics=set())
            for current in range(1, target + 1):
                now[0] += step * (5 if current == 1 else 1)
                logs = [("acc", current / target), ("loss", 2.5e-4 * current)]
                if verbose == 1:
                    bar.update(current, logs, finalize=False)
            now[0] += 0.25
            bar.update(target, logs + [("val_loss", float("nan"))], finalize=True)
        cases.append({"target": target, "step": step, "verbose": verbose, "text": text.getvalue()})
    return cases


answers = {
    "losses": losses(), "trainings": trainings(), "scenarios": scenarios(), "early_stopping": early_stopping(),
    "model_checkpoint": model_checkpoint(), "learning_rates": learning_rates(), "progress": progress()}
print(json.dumps(answers))
