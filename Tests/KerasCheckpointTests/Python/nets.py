"""The models that the tests save with real Keras, of both generations, and their data."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import warnings

warnings.filterwarnings("ignore")
import keras
import numpy as np
import tensorflow as tf
import tf_keras

# Each model takes only a few steps, and tracing a graph for them would take longer.
tf.config.run_functions_eagerly(True)
tf.data.experimental.enable_debug_mode()

KERAS = {"k3": keras, "tk": tf_keras, "tl": tf_keras}
# No token twice: for Adam and RMSprop, Keras 3 adds up the squares of a row's gradients, tf_keras
# squares their sum, so that after the first token that comes twice the two go apart.
X = np.random.RandomState(0).permutation(32 * 12).reshape(32, 12)
Y = np.random.RandomState(1).randint(0, 2, (32, 1)).astype("float32")


def review(K):
    """The review classifier, small, with a BatchNormalization; no dropout, so that a step repeats."""
    L = K.layers
    return K.Sequential(
        [
            L.Embedding(32 * 12, 8),
            L.Dropout(0.0),
            L.Conv1D(6, 3, activation="relu"),
            L.BatchNormalization(),
            L.GlobalMaxPooling1D(),
            L.Dense(4, activation="relu"),
            L.Dense(1, activation="sigmoid"),
        ]
    )


def optimizers(tag):
    O = KERAS[tag].optimizers.legacy if tag == "tl" else KERAS[tag].optimizers
    return {
        "sgd": O.SGD(0.01),
        "momentum": O.SGD(0.01, momentum=0.9, nesterov=True),
        "adam": O.Adam(0.002),
        "amsgrad": O.Adam(0.002, amsgrad=True),
        "rmsprop": O.RMSprop(0.001),
        "centered": O.RMSprop(0.001, centered=True, momentum=0.9),
    }


def structures(K):
    """Models of other shapes: name -> (model, inputs)."""
    L = K.layers
    rng = np.random.RandomState(2)

    def data(*shape):
        return rng.randn(3, *shape).astype("float32")

    a, b = K.Input((6,), name="a"), K.Input((6,), name="b")
    begin = [K.Input((4,))] if K is keras else [L.InputLayer(input_shape=(4,))]
    inner = K.Sequential(begin + [L.Dense(4, name="d1"), L.BatchNormalization(name="bn")], name="inner")
    shared = L.Dense(4, name="shared")
    s, t = inner(shared(a)), inner(shared(b))
    m = L.Add()([s, t])
    o1 = L.Dense(1, name="o1")(L.Concatenate()([m, s]))
    o2 = L.LeakyReLU(name="lr")(L.Dense(2, name="o2")(m))
    joined = K.Model([a, b], [o1, o2], name="joined")

    u = K.Input((4,), name="u")
    deep = K.Model(u, L.Dense(3, activation="tanh", name="deep")(u), name="submodel")
    v = K.Input((4,), name="v")
    nested = K.Model(v, L.Dense(1, name="last")(deep(L.Dense(4, name="first")(v))), name="nested")

    i = K.Input((5, 3))
    x = L.Masking()(i)
    x = L.Bidirectional(L.LSTM(4, return_sequences=True), name="bi")(x)
    x = L.GRU(3, return_sequences=True)(x)
    x = L.SimpleRNN(3, return_sequences=True)(x)
    x = L.TimeDistributed(L.Dense(2), name="td")(x)
    x = L.SpatialDropout1D(0.1)(x)
    x = L.LayerNormalization()(x)
    x = L.Flatten()(x)
    x = L.Dense(
        1, kernel_regularizer="l2", kernel_constraint="max_norm", kernel_initializer="he_normal",
        activation="tanh",
    )(x)
    recurrent = K.Model(i, x, name="recurrent")

    i = K.Input((8, 8, 3))
    x = L.DepthwiseConv2D(3)(i)
    x = L.Conv2DTranspose(2, 3)(x)
    x = L.SeparableConv2D(2, 3)(x)
    x = L.BatchNormalization()(x)
    x = L.PReLU()(L.ReLU(6.0)(x))
    x = L.Cropping2D()(L.ZeroPadding2D()(L.ELU()(x)))
    x = L.GlobalAveragePooling2D()(L.UpSampling2D()(x))
    x = L.Softmax()(L.Rescaling(0.5)(x))
    image = K.Model(i, x, name="image")

    i = K.Input((5, 4))
    x = L.Add()([L.MultiHeadAttention(2, 3)(i, i), i])
    attention = K.Model(i, L.Dense(2)(x), name="attention")

    frozen = K.Sequential(
        ([K.Input((4,))] if K is keras else [L.InputLayer(input_shape=(4,))])
        + [L.Dense(3, name="p", trainable=False), L.BatchNormalization(name="q"), L.Dense(2, name="r")],
        name="frozen",
    )
    regression = K.Sequential(
        ([K.Input((4,))] if K is keras else [L.InputLayer(input_shape=(4,))])
        + [L.Dense(3, kernel_initializer=K.initializers.VarianceScaling(2.0)), L.Dense(1)],
        name="regression",
    )
    regression.compile("sgd", "mse", metrics=["mae", "mse", K.metrics.MeanSquaredLogarithmicError()])
    several = K.Sequential(
        ([K.Input((4,))] if K is keras else [L.InputLayer(input_shape=(4,))])
        + [L.Dense(3, activation="softmax")],
        name="several",
    )
    several.compile(
        K.optimizers.Adam(0.01),
        K.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy", K.metrics.AUC(name="auc"), "categorical_crossentropy"],
    )
    return {
        "joined": (joined, [data(6), data(6)]),
        "nested": (nested, [data(4)]),
        "recurrent": (recurrent, [data(5, 3)]),
        "image": (image, [data(8, 8, 3)]),
        "attention": (attention, [data(5, 4)]),
        "frozen": (frozen, [data(4)]),
        "regression": (regression, [data(4)]),
        "several": (several, [data(4)]),
    }


def targets(name):
    if name == "several":
        return np.eye(3, dtype="float32")
    return np.ones((3, 1), "float32")


def long_names(K):
    """More than 64,512 bytes of layer names, so that Keras splits them over several attributes."""
    L = K.layers
    i = K.Input((2,), name="i")
    x = i
    for k in range(150):
        x = L.Activation("linear", name=f"{'a_rather_long_name_' * 24}{k:04}")(x)
    return K.Model(i, L.Dense(1, name="d")(x), name="long")


def spread(weights, seed=3):
    """Values that tell one weight from another, where Keras begins with zeros or ones."""
    rng = np.random.RandomState(seed)
    return [np.abs(w + 0.1 * rng.randn(*w.shape)).astype(w.dtype) for w in weights]


def predict(model, inputs):
    out = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return [np.asarray(o) for o in (out if isinstance(out, (list, tuple)) else [out])]


def one_epoch(model):
    model.fit(X, Y, epochs=1, batch_size=8, shuffle=False, verbose=0)
    return model.get_weights()
