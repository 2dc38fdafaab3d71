"""Convolutions along two and three axes."""

from .harness import keras, layer


def add_cases(k):
    shape = (6, 7, 4)
    for padding in ["valid", "same"]:
        for strides, dilation in [(1, 1), (2, 1), ((1, 3), 1), (1, 2), (1, (2, 1))]:
            options = {"strides": strides, "dilation_rate": dilation, "padding": padding}
            layer(k, "Conv2D", shape, filters=5, kernel_size=(3, 2), **options)
        for strides in [1, (2, 1, 2)]:
            layer(k, "Conv3D", (4, 5, 6, 2), filters=3, kernel_size=2, strides=strides, padding=padding)
    layer(k, "Conv2D", (5, 6, 18), filters=3, kernel_size=3, activation="relu", padding="same")
    layer(k, "Conv2D", (5, 6, 18), filters=34, kernel_size=1, use_bias=False)
    layer(k, "Conv3D", (4, 5, 6, 9), filters=3, kernel_size=(2, 3, 2), padding="same", activation="tanh")
    # On a CPU TensorFlow has no gradient of groups, tf_keras none of channels in front.
    layer(k, "Conv2D", shape, filters=6, kernel_size=3, groups=2, gradients=False)
    if k is keras:
        options = {"data_format": "channels_first", "padding": "same"}
        layer(k, "Conv2D", (4, 6, 7), filters=5, kernel_size=3, gradients=False, **options)
        layer(k, "Conv3D", (2, 4, 5, 6), filters=3, kernel_size=2, gradients=False, **options)
