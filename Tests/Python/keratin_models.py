"""The models and the data that the tests of the whole line share with real Keras.

Keras's two generations by a short name: k3 is Keras 3, tk is tf_keras, tl is tf_keras with its
legacy optimizers.
"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import warnings

warnings.filterwarnings("ignore")
import keras
import numpy as np
import tf_keras

# What Keras warns of in its own files, such as "you are saving to HDF5", is what is tested.
import logging

logging.disable(logging.WARNING)

KERAS = {"k3": keras, "tk": tf_keras, "tl": tf_keras}
VOCABULARY = 2000
LENGTH = 60
EPOCHS = 3


def load(path, words, length):
    """Reviews through Keras's own `load_data` and `pad_sequences`."""
    from keras.src.datasets import imdb

    imdb.get_file = lambda *_, **__: path
    (x, y), (x_test, y_test) = imdb.load_data(num_words=words)
    pad = keras.utils.pad_sequences
    return (pad(x, maxlen=length), y), (pad(x_test, maxlen=length), y_test)


def inputs(K, *shape, **options):
    """The beginning of a Sequential whose input shape is known."""
    if K is keras:
        return [K.Input(shape, **options)]
    return [K.layers.InputLayer(input_shape=shape, **options)]


def notebook(K):
    L = K.layers
    return K.Sequential(
        [
            L.Embedding(10000, 256),
            L.Dropout(0.3),
            L.Conv1D(256, 3, padding="valid", activation="relu"),
            L.GlobalMaxPooling1D(),
            L.Dense(128, activation="relu"),
            L.Dropout(0.3),
            L.Dense(1, activation="sigmoid"),
        ]
    )


def review(K):
    """The notebook's model, small and without dropout.

    Keras's own embeddings begin so small that three epochs of SGD would show nothing.
    """
    L = K.layers
    wide = K.initializers.RandomUniform(-0.5, 0.5)
    return K.Sequential(
        [
            L.Embedding(VOCABULARY, 32, embeddings_initializer=wide),
            L.Conv1D(16, 3, activation="relu"),
            L.GlobalMaxPooling1D(),
            L.Dense(16, activation="relu"),
            L.Dense(1, activation="sigmoid"),
        ]
    )


def lstm(K):
    L = K.layers
    return K.Sequential([L.Embedding(VOCABULARY, 16), L.LSTM(16), L.Dense(1, activation="sigmoid")])


def directions(K):
    """Recurrent layers that read masked sequences from both ends."""
    L = K.layers
    return K.Sequential(
        [
            L.Embedding(VOCABULARY, 16, mask_zero=True),
            L.Bidirectional(L.GRU(8, return_sequences=True)),
            L.Bidirectional(L.SimpleRNN(6), merge_mode="sum"),
            L.Dense(1, activation="sigmoid"),
        ]
    )


def norm(K):
    """A model with a BatchNormalization.

    The convolution before it has no bias: its gradient would be nothing but rounding, which Adam
    brings to the size of every other. And its activation has no kink, at which rounding decides.
    """
    L = K.layers
    return K.Sequential(
        inputs(K, LENGTH)
        + [
            L.Embedding(VOCABULARY, 16),
            L.Conv1D(16, 3, padding="same", use_bias=False),
            L.BatchNormalization(momentum=0.9),
            L.Activation("tanh"),
            L.AveragePooling1D(4),
            L.Flatten(),
            L.Dense(1, activation="sigmoid"),
        ]
    )


def classes(K):
    L = K.layers
    return K.Sequential(
        [L.Embedding(VOCABULARY, 16), L.GlobalAveragePooling1D(), L.Dense(3, activation="softmax")]
    )


def regression(K):
    L = K.layers
    return K.Sequential(inputs(K, 8) + [L.Dense(16, activation="tanh"), L.Dense(1)])


def pools(K):
    """Convolutions and pools in the forms that `review` and `norm` do not have, as a functional model."""
    L = K.layers
    i = K.Input((LENGTH,), name="tokens")
    x = L.Embedding(VOCABULARY, 8, name="table")(i)
    x = L.Conv1D(8, 3, padding="causal", dilation_rate=2, groups=2, name="causal")(x)
    x = L.MaxPooling1D(3, strides=2, padding="same", name="pool")(x)
    x = L.Conv1D(8, 3, strides=2, use_bias=False, name="strided")(x)
    x = L.BatchNormalization(name="norm", trainable=False)(x)
    x = L.LSTM(6, return_sequences=True, name="memory")(x)
    x = L.GlobalAveragePooling1D(name="mean")(x)
    return K.Model(i, L.Dense(3, activation="softmax", name="answer")(x), name="pools")


def translator(K):
    """An encoder with whose states a decoder begins, a stack of cells, a convolution with a memory."""
    L = K.layers
    i = K.Input((LENGTH,), name="tokens")
    x = L.Embedding(VOCABULARY, 8, name="table")(i)
    _, h, c = L.LSTM(6, return_state=True, name="encoder")(x)
    _, s = L.GRU(6, return_state=True, name="second")(x)
    x = L.LSTM(6, return_sequences=True, name="decoder")(x, initial_state=[h, c])
    stack = L.RNN([L.LSTMCell(6, name="a"), L.GRUCell(6, name="b")], return_sequences=True, name="stack")
    x = stack(x, initial_state=[[h, c], s])
    x = L.Reshape((LENGTH // 10, 10, 6), name="frames")(x)
    # By the standard of Keras 2 its gates would be no function of Keras 3.
    x = L.ConvLSTM1D(4, 3, padding="same", recurrent_activation="sigmoid", name="memory")(x)
    x = L.GlobalAveragePooling1D(name="mean")(x)
    return K.Model(i, L.Dense(3, activation="softmax", name="answer")(x), name="translator")


def slashes(K):
    """Layers whose names are paths; Keras 3 refuses such names."""
    L = K.layers
    return K.Sequential(
        [
            L.Embedding(VOCABULARY, 8, name="text/table"),
            L.Conv1D(8, 3, name="text/block_1/conv"),
            L.GlobalMaxPooling1D(name="text/pool"),
            L.Dense(1, activation="sigmoid", name="head/answer"),
        ],
        name="paths",
    )


def optimizer(tag, name):
    O = KERAS[tag].optimizers.legacy if tag == "tl" else KERAS[tag].optimizers
    return {
        "sgd": lambda: O.SGD(0.1),
        "momentum": lambda: O.SGD(0.03, momentum=0.9),
        "nesterov": lambda: O.SGD(0.03, momentum=0.9, nesterov=True),
        "adam": lambda: O.Adam(0.004),
        "rmsprop": lambda: O.RMSprop(0.002),
    }[name]()


def compile(model, tag, name, loss="binary_crossentropy", metrics=("acc",)):
    # Without the just-in-time compiler, which takes seconds for each model and changes nothing here.
    model.compile(optimizer(tag, name), loss, metrics=list(metrics), jit_compile=False)
    return model


def spread(model, seed=3):
    """Values that tell one weight from another, where Keras begins with zeros or ones.

    Variances stay positive, and the rest small enough that predictions differ from row to row.
    """
    random = np.random.RandomState(seed)
    for variable in model.weights:
        value = np.asarray(variable) + 0.05 * random.randn(*variable.shape)
        positive = "variance" in (getattr(variable, "path", None) or variable.name)
        variable.assign((np.abs(value) if positive else value).astype("float32"))


def data(path):
    """What the small models are trained on and judged by: name -> (x, y, x of validation, y of it).

    202 rows are seven batches, the last of ten. Few, as in each there is a small chance that rounding
    decides which of two windows is the largest, or on which side of a kink a unit is; Adam and RMSprop
    then take another step of full size for the words of that window.
    """
    (x, y), (v, w) = load(path, VOCABULARY, LENGTH)
    x, y, v, w = x[:202], y[:202].astype("float32"), v[:200], w[:200].astype("float32")
    # Three classes by the length of the review.
    third = lambda x: np.digitize((x != 0).sum(1), [14, 24]).astype("int32")
    one_hot = lambda y: np.eye(3, dtype="float32")[y]
    random = np.random.RandomState(5)
    dense, dense_v = random.randn(202, 8).astype("float32"), random.randn(200, 8).astype("float32")
    answer = lambda x: (np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3]).astype("float32")
    return {
        "reviews": (x, y, v, w),
        "sparse": (x, third(x), v, third(v)),
        "one_hot": (x, one_hot(third(x)), v, one_hot(third(v))),
        "dense": (dense, answer(dense), dense_v, answer(dense_v)),
    }
