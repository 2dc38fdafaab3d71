"""Shapes, margins, more positions; what is random in training; masks from values."""

import itertools

from .harness import add, chain, dialect_of, floats, keras, layer, steps


def add_cases(k):
    L = k.layers
    for shape, target in [((6,), (2, 3)), ((2, 6), (3, -1)), ((2, 3, 4), (-1,)), ((4,), (4, 1, 1))]:
        layer(k, "Reshape", shape, target_shape=target)
    for shape, dims in [((2, 3), (2, 1)), ((2, 3, 4), (3, 1, 2)), ((5,), (1,))]:
        layer(k, "Permute", shape, dims=dims)
    layer(k, "RepeatVector", (5,), n=3)
    layer(k, "Identity", (4, 5))
    shapes = {1: (7, 3), 2: (6, 7, 3), 3: (5, 6, 7, 2)}
    margins = {
        1: [2, (1, 3), (0, 2)],
        2: [1, (2, 1), ((1, 0), (2, 3)), ((0, 0), (0, 1))],
        3: [1, (2, 1, 0), ((1, 0), (2, 3), (0, 1))],
    }
    for rank, shape in shapes.items():
        formats = ["channels_last", "channels_first"]
        for margin, data_format in itertools.product(margins[rank], formats):
            options = {} if rank == 1 else {"data_format": data_format}
            if rank == 1 and data_format == "channels_first":
                if k is keras:
                    layer(k, "ZeroPadding1D", shape, padding=margin, data_format=data_format)
                continue
            # The channels must be more than what is cropped where they take a spatial place.
            large = (7,) * len(shape)
            layer(k, f"ZeroPadding{rank}D", shape, padding=margin, **options)
            layer(k, f"Cropping{rank}D", large, cropping=margin, **options)
        for size in [1, 2, 3]:
            layer(k, f"UpSampling{rank}D", shape, size=size)
    for data_format in ["channels_last", "channels_first"]:
        layer(k, "UpSampling2D", (3, 4, 2), size=(2, 3), data_format=data_format)
        layer(k, "UpSampling3D", (3, 4, 2, 2), size=(2, 3, 1), data_format=data_format)
    names = ["bilinear", "bicubic", "lanczos3", "lanczos5"]
    if k is not keras:
        names += ["gaussian", "mitchellcubic", "area"]
    for name in names:
        for size in [(2, 2), (3, 1), (4, 5)]:
            # TensorFlow has no gradient of an area.
            layer(k, "UpSampling2D", (5, 6, 2), size=size, interpolation=name,
                  gradients=name != "area")
        layer(k, "UpSampling2D", (2, 1, 3), size=3, interpolation=name, gradients=False)
    random(k)
    for options in [{}, {"mask_value": 1.0}]:
        for layers in [[L.Masking(**options)], [L.Masking(**options), L.LSTM(3)],
                       [L.Masking(**options), L.Dropout(0.5), L.GlobalAveragePooling1D()]]:
            inputs = steps(4, 6, 2)
            inputs[:, 4:] = 0
            inputs[1, :3] = 1
            label = f"{dialect_of(k)} Masking {options} {len(layers)}"
            add(label, chain(k, (6, 2), *layers), [inputs], dialect_of(k), gradients=True)
    x = k.Input((6, 2))
    model = k.Model(x, L.GlobalAveragePooling1D()(L.Masking(1.0)(x)))
    inputs = steps(4, 6, 2)
    inputs[:, 1] = 1
    inputs[:, 2] = 0.5
    add(f"{dialect_of(k)} Masking functional", model, [inputs], dialect_of(k), gradients=True)


def random(k):
    """What training alone does, and what is added to the loss."""
    for rank, shape in {1: (4, 3), 2: (4, 3, 2), 3: (2, 4, 3, 2)}.items():
        layer(k, f"SpatialDropout{rank}D", shape, rate=0.25)
        if rank > 1:
            layer(k, f"SpatialDropout{rank}D", shape, rate=0.25, data_format="channels_first")
    layer(k, "GaussianNoise", (4, 3), stddev=0.3)
    layer(k, "GaussianDropout", (4, 3), rate=0.3)
    layer(k, "AlphaDropout", (4, 3), rate=0.3)
    layer(k, "AlphaDropout", (4, 3), rate=0.3, noise_shape=(None, 1, 3))
    layer(k, "ActivityRegularization", (4, 3), l1=0.1, l2=0.2)
    layer(k, "Dense", (4, 3), units=2, activity_regularizer="l1", kernel_regularizer="l2")
    layer(k, "LSTM", (4, 3), units=2, activity_regularizer="l2")
