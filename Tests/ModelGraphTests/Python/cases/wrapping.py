"""Layers at each step of a sequence."""

import numpy as np

from .harness import add, chain, dialect_of, floats, tokens


def add_cases(k):
    L = k.layers
    inner = {
        "Dense": (lambda: L.Dense(3, activation="tanh"), (4, 5)),
        "Dense of rank 4": (lambda: L.Dense(3), (2, 4, 5)),
        "Dense frozen": (lambda: L.Dense(3, trainable=False), (4, 5)),
        "Conv2D": (lambda: L.Conv2D(3, 2), (3, 4, 5, 2)),
        "LSTM": (lambda: L.LSTM(3), (3, 4, 2)),
        "Bidirectional": (lambda: L.Bidirectional(L.GRU(2, return_sequences=True)), (3, 4, 2)),
        "Flatten": (lambda: L.Flatten(), (3, 4, 2)),
        "Dropout": (lambda: L.Dropout(0.3), (3, 4)),
        "BatchNormalization": (lambda: L.BatchNormalization(), (3, 4)),
        "TimeDistributed": (lambda: L.TimeDistributed(L.Dense(2)), (3, 4, 2)),
    }
    for label, (make, shape) in inner.items():
        model = chain(k, shape, L.TimeDistributed(make()))
        add(f"{dialect_of(k)} TimeDistributed {label}", model, [floats(3, *shape)], dialect_of(k), gradients=True)
    words = tokens(8, 3, 6) + 1
    words[0, 4:] = words[1, :2] = 0
    x = k.Input((6,), dtype="int32")
    y = L.TimeDistributed(L.Dense(3))(L.Embedding(9, 4, mask_zero=True)(x))
    model = k.Model(x, [y, L.GlobalAveragePooling1D()(y), L.LSTM(2)(y)])
    add(f"{dialect_of(k)} TimeDistributed masked", model, [words], dialect_of(k), gradients=True)
