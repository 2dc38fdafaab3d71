"""Convolutions along two and three axes."""

from .harness import cases, keras, layer


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
    transposed(k)
    by_channel(k)
    unshared(k)


def transposed(k):
    for padding in ["valid", "same"]:
        for size, strides in [(3, 1), (3, 2), (2, 3), (4, 2)]:
            options = {"kernel_size": size, "strides": strides, "padding": padding}
            layer(k, "Conv1DTranspose", (5, 3), filters=4, **options)
            layer(k, "Conv2DTranspose", (4, 5, 3), filters=4, **options)
        layer(k, "Conv3DTranspose", (2, 3, 4, 2), filters=3, kernel_size=2, strides=2, padding=padding)
        options = {"strides": 2, "output_padding": 1, "padding": padding}
        layer(k, "Conv2DTranspose", (4, 5, 3), filters=4, kernel_size=3, **options)
    layer(k, "Conv2DTranspose", (4, 5, 17), filters=18, kernel_size=3, activation="relu", padding="same")
    layer(k, "Conv2DTranspose", (4, 5, 3), filters=4, kernel_size=(2, 3), strides=(1, 2), use_bias=False)


def by_channel(k):
    for padding in ["valid", "same"]:
        for strides, dilation in [(1, 1), (2, 1), (1, 2)]:
            options = {"kernel_size": 3, "padding": padding, "strides": strides, "dilation_rate": dilation}
            for multiplier in [1, 2]:
                layer(k, "DepthwiseConv2D", (7, 6, 3), depth_multiplier=multiplier, **options)
                layer(k, "DepthwiseConv1D", (8, 3), depth_multiplier=multiplier, **options)
            layer(k, "SeparableConv2D", (7, 6, 3), filters=4, depth_multiplier=2, **options)
            layer(k, "SeparableConv1D", (8, 3), filters=4, **options)
    layer(k, "DepthwiseConv2D", (5, 6, 35), kernel_size=(2, 3), activation="relu", use_bias=False)
    layer(k, "SeparableConv2D", (5, 6, 20), filters=5, kernel_size=3, padding="same", activation="tanh")


def unshared(k):
    """A kernel of its own at each position, which Keras 3 has no longer."""
    before = len(cases)
    for implementation, padding in [(1, "valid"), (2, "valid"), (2, "same"), (3, "valid"), (3, "same")]:
        for data_format in ["channels_last", "channels_first"]:
            options = {"implementation": implementation, "padding": padding, "data_format": data_format}
            sequence, image = ((6, 3), (5, 6, 2)) if data_format == "channels_last" else ((3, 6), (2, 5, 6))
            for strides in [1, 2]:
                layer(k, "LocallyConnected1D", sequence, filters=4, kernel_size=3, strides=strides, **options)
            layer(k, "LocallyConnected1D", sequence, filters=4, kernel_size=2, activation="tanh", **options)
            layer(k, "LocallyConnected2D", image, filters=3, kernel_size=(3, 2), strides=(1, 2), **options)
            layer(k, "LocallyConnected2D", image, filters=3, kernel_size=2, use_bias=False, **options)
    for case in cases[before:]:
        case["written"] = case["legacy"] = False
