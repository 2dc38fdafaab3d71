"""Recurrent layers of cells and of convolutions, and what is said of states."""

import keras
import numpy as np

from .harness import add, add_batches, chain, dialect_of, floats, layer, rng


def add_cases(k):
    L = k.layers
    label = lambda name: f"{dialect_of(k)} {name}"
    cells = {
        "LSTMCell": lambda: L.LSTMCell(3),
        "LSTMCell plain": lambda: L.LSTMCell(3, use_bias=False, recurrent_activation="tanh"),
        "GRUCell": lambda: L.GRUCell(3),
        "GRUCell reset before": lambda: L.GRUCell(3, reset_after=False),
        "SimpleRNNCell": lambda: L.SimpleRNNCell(3),
        # What the op for a whole sequence does not know.
        "LSTMCell softplus": lambda: L.LSTMCell(3, activation="softplus"),
        "LSTMCell softmax": lambda: L.LSTMCell(3, recurrent_activation="softmax"),
        "GRUCell gelu": lambda: L.GRUCell(3, activation="gelu"),
        "GRUCell swish, reset before": lambda: L.GRUCell(3, activation="swish", reset_after=False),
        "GRUCell selu without bias": lambda: L.GRUCell(
            3, recurrent_activation="selu", use_bias=False
        ),
        "SimpleRNNCell selu": lambda: L.SimpleRNNCell(3, activation="selu"),
        "LSTMCell frozen": lambda: L.LSTMCell(3, trainable=False),
        "list": lambda: [L.LSTMCell(2), L.GRUCell(4), L.SimpleRNNCell(3)],
        "stack": lambda: L.StackedRNNCells(
            [L.GRUCell(2), L.LSTMCell(2), L.LSTMCell(3, activation="gelu")]
        ),
        "partly frozen": lambda: [L.GRUCell(2, trainable=False), L.LSTMCell(3)],
    }
    shape = (5, 4)
    # The last steps, the first ones, all of them.
    masks = np.ones((4, 5), "float32")
    masks[0, 3:] = masks[1, :2] = masks[2] = 0
    ways = {
        "": {},
        "sequences": {"return_sequences": True},
        "backwards": {"go_backwards": True, "return_sequences": True},
        "unrolled": {"unroll": True},
        "zeroes": {"zero_output_for_mask": True, "return_sequences": True},
        "last zero": {"zero_output_for_mask": True},
    }
    for name, cell in cells.items():
        every = name in ("GRUCell", "LSTMCell softplus", "list")
        for way, options in ways.items() if every else [("sequences", ways["sequences"])]:
            x = k.Input(shape)
            y = L.RNN(cell(), return_state=True, **options)(L.Masking()(x))
            given = floats(4, *shape) * masks[:, :, None]
            add(label(f"RNN {name} {way}"), k.Model(x, y), [given], dialect_of(k), gradients=True)
        for merge in ["concat", None] if every else []:
            x = k.Input(shape)
            rnn = L.RNN(cell(), return_sequences=True, return_state=True)
            y = L.Bidirectional(rnn, merge_mode=merge)(L.Masking()(x))
            given = floats(4, *shape) * masks[:, :, None]
            both = label(f"Bidirectional RNN {name} {merge}")
            add(both, k.Model(x, y), [given], dialect_of(k), gradients=True)
    for name in ["LSTM", "GRU", "SimpleRNN"]:
        layer(k, name, shape, units=3, activation="gelu", return_sequences=True)
        layer(k, name, shape, units=3, activation="softplus", go_backwards=True)
        layer(k, name, shape, units=3, unroll=True)
        if name != "SimpleRNN":
            layer(k, name, shape, units=3, implementation=1)
    states(k, label, shape)
    stateful(k, label, shape)
    convolutions(k, label)


def states(k, label, shape):
    """Models that pass states on: the encoder and decoder of a translator, cells of their own."""
    L = k.layers
    for masked in [False, True]:
        source, target = k.Input((5,), dtype="int32"), k.Input((4,), dtype="int32")
        first = L.Embedding(7, 3, mask_zero=masked)(source)
        second = L.Embedding(7, 3, mask_zero=masked)(target)
        _, h, c = L.LSTM(4, return_state=True)(first)
        _, s = L.GRU(4, return_state=True)(first)
        _, r = L.SimpleRNN(4, return_state=True)(first)
        _, a, b, d, e = L.Bidirectional(L.LSTM(4, return_state=True))(first)
        decoded = [
            L.Dense(7, activation="softmax")(
                L.LSTM(4, return_sequences=True)(second, initial_state=[h, c])
            ),
            L.GRU(4, return_sequences=True)(second, initial_state=s),
            L.SimpleRNN(4)(second, initial_state=r),
            L.Bidirectional(L.LSTM(4, return_sequences=True))(second, initial_state=[a, b, d, e]),
            L.Bidirectional(L.GRU(4))(second, initial_state=[s, r]),
            L.RNN(L.LSTMCell(4))(second, initial_state=[h, c]),
            L.RNN([L.LSTMCell(4), L.GRUCell(4)])(second, initial_state=[[a, b], s]),
        ]
        words = rng.integers(1, 7, (3, 5)).astype("int32")
        said = rng.integers(1, 7, (3, 4)).astype("int32")
        words[0, 3:] = words[1, :] = said[1, 2:] = 0
        model = k.Model([source, target], decoded)
        add(label(f"translator, masked {masked}"), model, [words, said], dialect_of(k), gradients=True)
    x, h, c = k.Input((4,)), k.Input((3,)), k.Input((3,))
    y, new = L.LSTMCell(3)(x, states=[h, c])
    model = k.Model([x, h, c], [y] + list(new))
    add(label("LSTMCell alone"), model, [floats(3, n) for n in (4, 3, 3)], dialect_of(k), gradients=True)
    y, new = L.GRUCell(3)(x, states=[h])
    model = k.Model([x, h], y)
    add(label("GRUCell alone"), model, [floats(3, n) for n in (4, 3)], dialect_of(k), gradients=True)
    if k is keras:
        # tf_keras refuses a layer of several outputs in a Sequential.
        add(label("states of a Sequential"), chain(k, shape, L.LSTM(3, return_state=True)), [floats(2, *shape)])


def stateful(k, label, shape):
    """Layers that go on in a batch where they stopped in the one before."""
    L = k.layers
    kept = {"stateful": True}
    layers = {
        "LSTM": (L.LSTM(3, **kept), shape),
        "LSTM backwards": (L.LSTM(3, go_backwards=True, return_sequences=True, **kept), shape),
        "GRU gelu": (L.GRU(3, activation="gelu", return_state=True, **kept), shape),
        "SimpleRNN": (L.SimpleRNN(3, return_sequences=True, **kept), shape),
        "RNN": (L.RNN([L.LSTMCell(2), L.GRUCell(3)], **kept), shape),
        "Bidirectional": (L.Bidirectional(L.LSTM(3, return_sequences=True, **kept)), shape),
        "ConvLSTM1D": (L.ConvLSTM1D(2, 3, padding="same", **kept), (3, 5, 2)),
    }
    for name, (layer, shape) in layers.items():
        x = k.Input(batch_shape=(3, *shape))
        batches = [floats(3, *shape) for _ in range(3)]
        # A whole row of the second batch is masked.
        batches[1][1] = batches[2][0, 2:] = 0
        y = layer(L.Masking()(x) if len(shape) == 2 else x)
        add_batches(label(f"stateful {name}"), k.Model(x, y), batches, dialect_of(k))
    x = k.Input(batch_shape=(3, *shape[:1], 3))
    shared = L.GRU(3, return_sequences=True, **kept)
    batches = [floats(3, *shape[:1], 3) for _ in range(2)]
    add_batches(label("stateful called twice"), k.Model(x, shared(shared(x))), batches, dialect_of(k))


def convolutions(k, label):
    shapes = {"ConvLSTM1D": (3, 7, 2), "ConvLSTM2D": (3, 5, 6, 2), "ConvLSTM3D": (2, 4, 3, 4, 2)}
    for name, shape in shapes.items():
        make = getattr(k.layers, name)
        options = {"filters": 3, "kernel_size": 2}
        layer(k, name, shape, **options)
        layer(k, name, shape, **options, padding="same", return_sequences=True)
        layer(k, name, shape, **options, strides=2, go_backwards=True, return_sequences=True)
        layer(k, name, shape, **options, use_bias=False, unit_forget_bias=False)
        layer(k, name, shape, filters=2, kernel_size=1, recurrent_activation="sigmoid", activation="relu")
        if name != "ConvLSTM3D" or k is keras:
            # TensorFlow has no gradient of a dilated convolution of volumes on a CPU.
            layer(k, name, shape, **options, dilation_rate=2, gradients=name != "ConvLSTM3D")
        if k is keras:
            # tf_keras convolves on a CPU with the channels last only.
            first = (shape[0], shape[-1], *shape[1:-1])
            layer(k, name, first, **options, data_format="channels_first", return_sequences=True)
            layer(k, name, first, **options, data_format="channels_first", padding="same")
        x = k.Input(shape)
        y = make(2, 2, padding="same", return_sequences=True, return_state=True)(x)
        add(label(f"{name} states"), k.Model(x, y), [floats(2, *shape)], dialect_of(k), gradients=True)
        state = k.Input((*shape[1:-1], 2))
        y = make(2, 2, padding="same")(x, initial_state=[state, state])
        add(
            label(f"{name} initial state"),
            k.Model([x, state], y),
            [floats(2, *shape), floats(2, *shape[1:-1], 2)],
            dialect_of(k),
            gradients=True,
        )
        # A mask of positions, since Masking looks at the channels alone.
        given = floats(3, *shape)
        given[0, 1:] = given[1, 0] = given[2, :, 1] = 0
        for sequences in [True, False]:
            y = make(2, 2, padding="same", return_sequences=sequences)(k.layers.Masking()(x))
            add(label(f"{name} masked {sequences}"), k.Model(x, y), [given], dialect_of(k), gradients=True)
        both = k.layers.Bidirectional(make(2, 2, return_sequences=True))
        add(label(f"Bidirectional {name}"), chain(k, shape, both), [floats(2, *shape)], dialect_of(k), gradients=True)
    if k is keras:
        # tf_keras passes no mask through a Reshape.
        x = k.Input((4, 9))
        y = k.layers.TimeDistributed(k.layers.Reshape((3, 3, 1)))(k.layers.Masking()(x))
        y = k.layers.ConvLSTM2D(2, 2, zero_output_for_mask=True, return_sequences=True)(y)
        given = floats(3, 4, 9)
        given[0, 2:] = given[1, 0] = 0
        add(label("ConvLSTM2D with a mask of steps"), k.Model(x, y), [given], dialect_of(k), gradients=True)
