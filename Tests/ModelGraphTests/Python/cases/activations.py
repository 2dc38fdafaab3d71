"""Activation functions as layers."""

import numpy as np

from .harness import add, cases, dialect_of, floats, keras, layer, steps


def add_cases(k):
    L = k.layers
    # Whole and half numbers, which are the kinks of these.
    halves = lambda *shape: steps(*shape) / 2
    for options in [{}, {"max_value": 1.0}, {"negative_slope": 0.25}, {"threshold": 0.5},
                    {"max_value": 1.5, "negative_slope": 0.25, "threshold": 0.5}]:
        layer(k, "ReLU", (4, 5), halves, **options)
    slope = "negative_slope" if k is keras else "alpha"
    layer(k, "LeakyReLU", (4, 5), halves)
    layer(k, "LeakyReLU", (4, 5), halves, **{slope: 0.1})
    layer(k, "ELU", (4, 5), halves)
    layer(k, "ELU", (4, 5), halves, alpha=0.7)
    layer(k, "ThresholdedReLU", (4, 5), halves, theta=0.5)
    layer(k, "ThresholdedReLU", (4, 5), halves)
    layer(k, "PReLU", (5,), halves)
    layer(k, "PReLU", (4, 5, 3), halves, shared_axes=[1, 2])
    layer(k, "PReLU", (4, 5), shared_axes=1, alpha_regularizer="l2")
    layer(k, "Softmax", (5,))
    layer(k, "Softmax", (4, 5), axis=1)
    for axes in [[1, 2], [-1]]:
        layer(k, "Softmax", (4, 5, 3), axis=axes)
        # Of a list Keras 3 reads the last axis alone in the legacy form.
        cases[-1]["legacy"] = False
    x, mask = k.Input((5,)), k.Input((5,), dtype="bool")
    shown = np.float32([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]])
    model = k.Model([x, mask], L.Softmax()(x, mask=mask))
    add(f"{dialect_of(k)} Softmax masked", model, [floats(3, 5), shown], dialect_of(k))
