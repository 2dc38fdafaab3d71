"""Makes the cases: for each a folder with model.h5 and model.onnx, x.npy and y.npy.

usage: cases.py FOLDER CASE...

Keras makes every model, trains it for one step, so that Adam has its moments, and writes the file that all
contestants load. Everything is drawn from one seed.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

VOCABULARY = 10_000
TOKENS = 200


def reviews(rows, vocabulary=VOCABULARY, tokens=TOKENS):
    """Reviews as long as IMDB's, their words as frequent: the logarithm of a length is normal (mean 5.27,
    deviation 0.64), a word of rank r comes in proportion to 1 / (r + 3). Padded and cut before."""
    random = np.random.default_rng(0)
    weights = 1 / (np.arange(vocabulary - 4) + 3)
    lengths = np.exp(random.normal(5.27, 0.64, rows)).astype(int).clip(11, 2500)
    words = 4 + random.choice(len(weights), (rows, tokens), p=weights / weights.sum())
    padding = np.arange(tokens) < tokens - lengths[:, None]
    return np.where(padding, 0, words).astype(np.int32), labels(rows, 2).astype(np.float32)


def labels(rows, classes):
    return np.random.default_rng(1).integers(0, classes, rows).astype(np.int32)


def images(rows, *shape):
    return np.random.default_rng(0).random((rows, *shape), np.float32), labels(rows, 10)


def classifier(*stack):
    return keras.Sequential([*stack, layers.Dense(1, activation="sigmoid")])


def notebook(vocabulary=VOCABULARY, tokens=TOKENS, filters=256):
    return classifier(
        keras.Input((tokens,), dtype="int32"),
        layers.Embedding(vocabulary, 256),
        layers.Dropout(0.3),
        layers.Conv1D(filters, 3, padding="valid", activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.3),
    )


def mlp():
    return keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(512, activation="relu"),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def mnist_cnn():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def lstm():
    return classifier(
        keras.Input((TOKENS,), dtype="int32"), layers.Embedding(VOCABULARY, 128), layers.LSTM(128)
    )


def bidirectional_gru():
    return classifier(
        keras.Input((TOKENS,), dtype="int32"),
        layers.Embedding(VOCABULARY, 128),
        layers.Bidirectional(layers.GRU(64)),
    )


def text_cnn():
    return classifier(
        keras.Input((TOKENS,), dtype="int32"),
        layers.Embedding(VOCABULARY, 128),
        layers.Conv1D(128, 5, activation="relu"),
        layers.MaxPooling1D(2),
        layers.Conv1D(128, 5, activation="relu"),
        layers.MaxPooling1D(2),
        layers.Conv1D(128, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(64, activation="relu"),
    )


def resnet():
    """Three residual blocks of 32 filters on images of 32 by 32 by 3."""

    def normalised(x, **options):
        x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        return layers.Activation("relu")(x) if options.get("relu", True) else x

    inputs = keras.Input((32, 32, 3))
    x = normalised(inputs)
    for _ in range(3):
        branch = normalised(normalised(x), relu=False)
        x = layers.Activation("relu")(layers.Add()([x, branch]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


# The model, and samples by their number; how many there are of them.
CASES = {
    "notebook": (notebook, reviews, 25_000),
    "mlp": (mlp, lambda rows: images(rows, 784), 4096),
    "mnist-cnn": (mnist_cnn, lambda rows: images(rows, 28, 28, 1), 2048),
    "lstm": (lstm, reviews, 2048),
    "bidirectional-gru": (bidirectional_gru, reviews, 2048),
    "text-cnn": (text_cnn, reviews, 2048),
    "resnet": (resnet, lambda rows: images(rows, 32, 32, 3), 1024),
}
for size in (5_000, 20_000, 40_000):
    CASES[f"vocabulary-{size}"] = (
        lambda size=size: notebook(vocabulary=size),
        lambda rows, size=size: reviews(rows, vocabulary=size),
        4096,
    )
for size in (100, 400, 800):
    CASES[f"tokens-{size}"] = (
        lambda size=size: notebook(tokens=size),
        lambda rows, size=size: reviews(rows, tokens=size),
        4096,
    )
for size in (64, 128, 512):
    CASES[f"filters-{size}"] = (lambda size=size: notebook(filters=size), reviews, 4096)


def make(folder, name):
    build, data, rows = CASES[name]
    keras.utils.set_random_seed(0)
    os.makedirs(folder, exist_ok=True)
    model = build()
    x, y = data(rows)
    loss = "binary_crossentropy" if y.dtype == np.float32 else "sparse_categorical_crossentropy"
    metric = "acc" if y.dtype == np.float32 else "accuracy"
    model.compile(optimizer="adam", loss=loss, metrics=[metric])
    model.train_on_batch(x[:32], y[:32])
    model.save(f"{folder}/model.h5")
    np.save(f"{folder}/x.npy", x)
    np.save(f"{folder}/y.npy", y)
    if name == "notebook":
        write_lists(f"{folder}/lists.npz", x[:1000], y[:1000])
    # The scaling cases are Keratin's alone.
    if "-" not in name or not name.split("-")[-1].isdigit():
        model.export(f"{folder}/model.onnx", format="onnx", verbose=False)


def write_lists(path, x, y):
    """The same reviews as lists of tokens, in the layout of imdb.npz; one stands for those to train on."""
    ranks = np.empty(len(x), object)
    # The layout has ranks, to which reading adds 3; the first of a list is put there by reading.
    ranks[:] = [(row[row > 0][1:] - 3).tolist() for row in x]
    np.savez(
        path,
        x_train=ranks[:1],
        y_train=y[:1].astype(np.int64),
        x_test=ranks,
        y_test=y.astype(np.int64),
    )


if __name__ == "__main__":
    for name in sys.argv[2:]:
        make(os.path.join(sys.argv[1], name), name)
