"""Pooling: windows, whole axes, and as many windows as are asked for."""

from .harness import floats, keras, layer, steps


def add_cases(k):
    shapes = {1: (7, 3), 2: (6, 7, 3), 3: (4, 5, 6, 2)}
    for rank, shape in shapes.items():
        # TensorFlow's maximum in three dimensions gives each of equal elements the whole gradient.
        draw = steps if rank < 3 else floats
        for name in ["MaxPooling", "AveragePooling"]:
            for padding in ["valid", "same"]:
                for size, strides in [(2, None), (3, 2), (3, 1), (2, 3)]:
                    options = {"pool_size": size, "strides": strides, "padding": padding}
                    layer(k, f"{name}{rank}D", shape, draw, **options)
            # On a CPU TensorFlow has no gradient of these.
            options = {"pool_size": 2, "data_format": "channels_first"}
            layer(k, f"{name}{rank}D", shape, draw, gradients=k is keras, **options)
        for name in ["GlobalMaxPooling", "GlobalAveragePooling"]:
            for data_format in ["channels_last", "channels_first"]:
                for keepdims in [False, True]:
                    options = {"data_format": data_format, "keepdims": keepdims}
                    layer(k, f"{name}{rank}D", shape, steps, **options)
        for name in ["AdaptiveMaxPooling", "AdaptiveAveragePooling"]:
            # TensorFlow ends with a division by zero where one window has the whole axis.
            for size in [2, 3]:
                layer(k, f"{name}{rank}D", shape, draw, output_size=size)
            options = {"output_size": 2, "data_format": "channels_first"}
            layer(k, f"{name}{rank}D", shape, draw, **options)
    for name in ["MaxPooling2D", "AveragePooling2D"]:
        layer(k, name, (6, 7, 3), pool_size=(2, 3), strides=(1, 2), padding="same")
        layer(k, name, (4, 4, 80), steps, pool_size=2)
    for name in ["MaxPooling3D", "AveragePooling3D"]:
        layer(k, name, (4, 5, 6, 2), pool_size=(1, 2, 3), strides=(2, 1, 3))
    for size in [(5, 3), (4, 2)]:
        layer(k, "AdaptiveMaxPooling2D", (8, 5, 2), steps, output_size=size)
        layer(k, "AdaptiveAveragePooling2D", (8, 5, 2), output_size=size)
    layer(k, "AdaptiveMaxPooling3D", (5, 4, 3, 2), output_size=(3, 3, 2))
