"""Normalisation of batches, in inference and in training."""

from .harness import keras, layer


def add_cases(k):
    # Of images and volumes, whose channels may be on any axis.
    for shape, axis in [((4, 5, 3), -1), ((4, 5, 3), 1), ((4, 5, 3), 2), ((3, 2, 4, 2), -1),
                        ((3, 2, 4, 2), 1), ((3, 2, 4, 2), 3), ((3, 4, 18), 3), ((6, 5), 1)]:
        if k is keras or len(shape) < 3 or axis in (-1, 1, len(shape)):
            layer(k, "BatchNormalization", shape, training=True, axis=axis)
    layer(k, "BatchNormalization", (4, 5, 3), training=True, momentum=0.7, epsilon=0.01)
    layer(k, "BatchNormalization", (4, 5, 3), training=True, center=False)
    layer(k, "BatchNormalization", (4, 5, 3), training=True, scale=False)
    layer(k, "BatchNormalization", (4, 5, 3), training=True, trainable=False)
    layer(k, "BatchNormalization", (4, 5, 3))
