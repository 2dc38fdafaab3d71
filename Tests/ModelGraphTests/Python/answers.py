"""Writes what real Keras 3 and tf_keras compute for every layer and option that Keratin has.

answers.py FOLDER writes FOLDER/answers.json: a list of cases, each a model of a layer or two with its
configuration, weights, inputs and outputs. Numbers are drawn from a fixed seed. The folder `cases` has
the cases of one category of layers each.
"""

import json
import os
import sys

from cases.harness import *
from cases import activations, attention, convolutional, functions, merging, nesting, normalization, pooling
from cases import preprocessing, recurrent, reshaping, wrapping


def recurrent_layers(L):
    return {
        "LSTM": L.LSTM,
        "GRU": L.GRU,
        "GRU reset before": lambda *sizes, **options: L.GRU(*sizes, reset_after=False, **options),
        "SimpleRNN": L.SimpleRNN,
    }


def masked(embedding, L, name, layer):
    """Recurrent layers behind a mask."""
    masking = lambda: embedding(mask_zero=True)
    both = lambda *sizes, **options: L.Bidirectional(layer(*sizes, **options))
    return {
        f"Embedding masked, {name}": [masking(), layer(3)],
        f"Embedding masked, {name} twice": [
            masking(),
            layer(3, return_sequences=True),
            layer(2, go_backwards=True),
        ],
        f"Embedding masked, {name} zeroes": [
            masking(),
            layer(3, return_sequences=True, zero_output_for_mask=True),
        ],
        f"Embedding, {name} last zero": [masking(), layer(3, zero_output_for_mask=True)],
        f"Embedding masked, Bidirectional {name} twice": [
            masking(),
            both(3, return_sequences=True),
            both(2),
        ],
    }


def common(k, dialect):
    """Cases that both generations have."""
    L = k.layers
    sequence = (7, 6)

    def one(label, layer, shape=sequence, training=False):
        add(f"{dialect} {label}", chain(k, shape, layer), [floats(3, *shape)], dialect, training)

    one("Dense", L.Dense(4))
    one("Dense without bias", L.Dense(4, use_bias=False, activation="tanh"), (5,))
    one("Dense of rank 4", L.Dense(3, activation="softmax"), (2, 3, 4))
    one("Dense regularised", L.Dense(3, kernel_regularizer="l2", bias_regularizer="l1"), (5,))
    one("Dropout", L.Dropout(0.3, seed=3))
    one("Dropout with a noise shape", L.Dropout(0.3, noise_shape=(None, 1, 6)))
    for padding in ["valid", "same", "causal"]:
        for strides, dilation in [(1, 1), (2, 1), (1, 2), (3, 1)]:
            one(
                f"Conv1D {padding} {strides} {dilation}",
                L.Conv1D(4, 3, padding=padding, strides=strides, dilation_rate=dilation),
            )
    one("Conv1D grouped", L.Conv1D(4, 2, groups=2, activation="relu"))
    one("Conv1D without bias", L.Conv1D(4, 2, use_bias=False, activation="sigmoid"))
    for data_format in ["channels_last", "channels_first"]:
        one(f"Flatten {data_format}", L.Flatten(data_format=data_format))
    one("Flatten of rank 4", L.Flatten(data_format="channels_first"), (2, 3, 4))
    one("Flatten of rank 1", L.Flatten(), ())
    one("BatchNormalization", L.BatchNormalization(), sequence, True)
    one("BatchNormalization of rank 2", L.BatchNormalization(momentum=0.8, epsilon=0.1), (5,), True)
    one("BatchNormalization axis 1", L.BatchNormalization(axis=1), sequence, True)
    one("BatchNormalization bare", L.BatchNormalization(center=False, scale=False), (5,), True)
    one("BatchNormalization frozen", L.BatchNormalization(trainable=False), (5,), True)
    for name, layer in recurrent_layers(L).items():
        one(name, layer(4))
        one(f"{name} sequences", layer(4, return_sequences=True))
        one(f"{name} backwards", layer(4, go_backwards=True, return_sequences=True))
        one(f"{name} without bias", layer(4, use_bias=False, dropout=0.2))
    one("LSTM plain forget bias", L.LSTM(4, unit_forget_bias=False, dropout=0.2))
    for activation, recurrent in [
        ("relu", "sigmoid"),
        ("softsign", "hard_sigmoid"),
        ("linear", "tanh"),
        ("elu", "hard_sigmoid"),
        ("exponential", "sigmoid"),
    ]:
        options = {"activation": activation, "recurrent_activation": recurrent}
        one(f"LSTM {activation} {recurrent}", L.LSTM(3, **options))
        one(f"GRU {activation} {recurrent}", L.GRU(3, **options))
        one(f"SimpleRNN {activation}", L.SimpleRNN(3, activation=activation))
    for name, layer in recurrent_layers(L).items():
        one(f"Bidirectional {name}", L.Bidirectional(layer(3)))
        for mode in ["sum", "mul", "ave", "concat"]:
            label = f"Bidirectional {name} {mode} sequences"
            one(label, L.Bidirectional(layer(3, return_sequences=True), merge_mode=mode))
    one(
        "Bidirectional of two layers",
        L.Bidirectional(L.LSTM(3), backward_layer=L.GRU(2, go_backwards=True, name="other")),
    )
    one("Bidirectional frozen", L.Bidirectional(L.SimpleRNN(3), trainable=False, name="ahead"))
    for name in ["relu", "hard_sigmoid", "softmax", "swish", "gelu", "selu", "softplus"]:
        one(f"Activation {name}", L.Activation(name))

    embedding = lambda **options: L.Embedding(11, 4, **options)
    words = tokens(10, 3, 7) + 1
    words[:, 5:] = 0
    words[1, 2:] = 0
    words[2, :2] = 0
    stacks = lambda: {
        "Embedding": [embedding()],
        "Embedding masked, pooled": [embedding(mask_zero=True), L.GlobalAveragePooling1D()],
        "Embedding masked, dense, pooled": [
            embedding(mask_zero=True),
            L.Dropout(0.5),
            L.Dense(3),
            L.Activation("tanh"),
            L.BatchNormalization(),
            L.GlobalAveragePooling1D(keepdims=True),
        ],
        "Embedding masked, convolved": [
            embedding(mask_zero=True),
            L.Conv1D(3, 2),
            L.GlobalAveragePooling1D(),
        ],
        **{
            label: layers
            for name, layer in recurrent_layers(L).items()
            for label, layers in masked(embedding, L, name, layer).items()
        },
        "Review classifier": [
            embedding(),
            L.Dropout(0.3),
            L.Conv1D(5, 3, activation="relu"),
            L.GlobalMaxPooling1D(),
            L.Dense(4, activation="relu"),
            L.Dropout(0.3),
            L.Dense(1, activation="sigmoid"),
        ],
    }
    for dtype in ["int32", "float32"]:
        for label, layers in stacks().items():
            add(f"{dialect} {label} {dtype}", chain(k, (7,), *layers, dtype=dtype), [words], dialect)

    a = k.Input((5,))
    b = k.Input((5,))
    shared = L.Dense(3)
    add(
        f"{dialect} shared layer",
        k.Model([a, b], [shared(a), L.Activation("relu")(shared(b))]),
        [floats(2, 5), floats(2, 5)],
        dialect,
    )
    x = k.Input(sequence)
    for sequences in [True, False]:
        add(
            f"{dialect} Bidirectional unmerged, sequences {sequences}",
            k.Model(x, L.Bidirectional(L.GRU(3, return_sequences=sequences), merge_mode=None)(x)),
            [floats(3, *sequence)],
            dialect,
        )
    h = k.Input((4,))
    for name, layer in recurrent_layers(L).items():
        states = 2 if name == "LSTM" else 1
        add(
            f"{dialect} {name} states",
            k.Model(x, layer(4, return_sequences=True, return_state=True)(x)),
            [floats(3, *sequence)],
            dialect,
        )
        add(
            f"{dialect} {name} initial state",
            k.Model([x, h], layer(4)(x, initial_state=[h] * states)),
            [floats(3, *sequence), floats(3, 4)],
            dialect,
        )
        for mode in ["concat", None]:
            both = L.Bidirectional(layer(4, return_state=True), merge_mode=mode)
            add(
                f"{dialect} Bidirectional {name} {mode} states, initial state",
                k.Model([x, h], both(x, initial_state=[h] * 2 * states)),
                [floats(3, *sequence), floats(3, 4)],
                dialect,
            )
    x = k.Input((None,), dtype="int32")
    y = L.Embedding(11, 4, mask_zero=True)(x)
    add(
        f"{dialect} functional mask",
        k.Model(x, L.Dense(2)(L.LSTM(3)(y))),
        [words],
        dialect,
    )


common(keras, "keras3")
common(tf_keras, "keras2")
for k in [keras, tf_keras]:
    pooling.add_cases(k)
    convolutional.add_cases(k)
    activations.add_cases(k)
    merging.add_cases(k)
    normalization.add_cases(k)
    reshaping.add_cases(k)
    attention.add_cases(k)
    preprocessing.add_cases(k)
    functions.add_cases(k)
    wrapping.add_cases(k)
    nesting.add_cases(k)
    recurrent.add_cases(k)

L = keras.layers
for name in sorted(keras.src.activations.ALL_OBJECTS_DICT):
    # Keras 3.15.1 adds up the running sums of the whole support where sparsemax (Martins and
    # Astudillo 2016) takes the last of them, so that its results need not add up to 1.
    if name not in ("threshold", "sparsemax"):
        # Around every kink of every function.
        points = np.concatenate([np.linspace(-8, 8, 59), [0.0]]).astype("float32").reshape(3, 20)
        add(f"activation {name}", chain(keras, (20,), L.Activation(name)), [points])
# Where one element is the whole support, both agree.
add("activation sparsemax", chain(keras, (3,), L.Activation("sparsemax")), [np.float32([[3, 1, 0], [-4, 0, 9]])])
for layer in [L.ReLU(6.0), L.ReLU(2.5, 0.25, 0.5), L.LeakyReLU(0.3), L.ELU(0.7), L.Softmax(axis=1)]:
    add(f"activation {layer.name}", chain(keras, (4, 5), L.Activation(layer)), [floats(2, 4, 5)])
    add(
        f"activation of Dense {layer.name}",
        chain(keras, (4, 5), L.Dense(3, activation=type(layer).from_config(layer.get_config()))),
        [floats(2, 4, 5)],
    )
# tf_keras's Conv1D runs on a CPU with the channels last only.
add(
    "Conv1D channels first",
    chain(keras, (6, 7), L.Conv1D(4, 3, data_format="channels_first", padding="same")),
    [floats(3, 6, 7)],
)
for initializer in [
    "zeros", "ones", keras.initializers.Constant(0.5), "random_uniform", "random_normal",
    "truncated_normal", keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal"),
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    keras.initializers.Orthogonal(2.0, seed=5), keras.initializers.Identity(0.5),
]:
    add(
        f"initializer {initializer}",
        chain(keras, (6,), L.Dense(6, kernel_initializer=initializer)),
        [floats(2, 6)],
    )
for regularizer in ["l1", "l2", keras.regularizers.L1L2(0.1, 0.2), "orthogonal_regularizer"]:
    model = chain(keras, (6,), L.Dense(6, kernel_regularizer=regularizer, kernel_constraint="max_norm"))
    add(f"regularizer {regularizer}", model, [floats(2, 6)])
    cases[-1]["regularization_loss"] = float(sum(model.losses))

notebook = lambda: keras.Sequential(
    [
        L.Embedding(10000, 256),
        L.Dropout(0.3),
        L.Conv1D(256, 3, activation="relu"),
        L.GlobalMaxPooling1D(),
        L.Dense(128, activation="relu"),
        L.Dropout(0.3),
        L.Dense(1, activation="sigmoid"),
    ]
)


def summary(model):
    lines = []
    model.summary(print_fn=lines.append)
    return {"config": json.loads(model.to_json()), "text": "\n".join(lines)}


keras.backend.clear_session()
os.environ["COLUMNS"] = "80"
model = notebook()
summaries = [summary(model)]
model.build((None, 200))
summaries.append(summary(model))
summaries.append({"names": [w.path for w in model.weights]})
a = keras.Input((4,), name="first")
b = keras.Input((5,))
shared = L.Dense(3, name="a_shared_layer_with_a_long_name")
y = shared(L.BatchNormalization()(L.Dense(3)(b)))
summaries.append(summary(keras.Model([a, b], [shared(L.Dense(3)(a)), y])))
x = keras.Input((None,), name="tokens")
y = L.LSTM(3, return_state=True, name="memory")(L.Embedding(10, 4, mask_zero=True)(x))
summaries.append(summary(keras.Model(x, y)))
x = keras.Input((3,))
summaries.append(summary(keras.Model(x, L.Dense(2, trainable=False)(x))))
x = keras.Input((5, 3))
y = L.Bidirectional(L.LSTM(3), merge_mode=None)(L.Bidirectional(L.GRU(2, return_sequences=True))(x))
summaries.append(summary(keras.Model(x, y)))

with open(os.path.join(sys.argv[1], "answers.json"), "w") as file:
    # Classes that models of keras.applications bring along.
    own = ["LayerScale", "StochasticDepth"]
    known = {"keras2": dir(tf_keras.layers) + own, "keras3": dir(keras.layers) + own}
    json.dump({"cases": cases, "summaries": summaries, "layers": known}, file)
