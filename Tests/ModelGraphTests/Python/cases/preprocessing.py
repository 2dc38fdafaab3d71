"""What prepares data: ranges, means and variances, categories, the size of images, and what training alone changes."""

import numpy as np

from .harness import add, cases, chain, dialect_of, floats, keras, layer, tf_keras, tokens

IMAGE = (6, 7, 3)


def add_cases(k):
    L = k.layers
    for options in [{"scale": 0.25}, {"scale": 1 / 127.5, "offset": -1.0},
                    {"scale": [0.5, 2.0, -1.0], "offset": [1.0, 0.0, 0.5]}, {"scale": 2.0, "offset": [1.0, 2.0, 3.0]}]:
        layer(k, "Rescaling", (4, 3), **options)
    whole = chain(k, (4, 3), L.Rescaling(0.5, 1.0), dtype="int32")
    add(f"{dialect_of(k)} Rescaling of whole numbers", whole, [tokens(99, 2, 4, 3)], dialect_of(k))
    normalization(k)
    categories(k)
    resized(k)
    training_alone(k)
    convnext(k)


def normalization(k):
    for shape, axis in [((4, 3), -1), ((4, 3), 1), ((4, 3), [1, 2]), ((4, 3), [2, 1]), ((2, 4, 3), (1, -1)),
                        ((5,), None), ((5,), -1)]:
        layer(k, "Normalization", shape, axis=axis)
        layer(k, "Normalization", shape, axis=axis, invert=True)
        # Of a list Keras 3 reads none in the legacy form.
        cases[-1]["legacy"] = cases[-2]["legacy"] = isinstance(axis, int)
    given = {"mean": [1.0, -2.0, 0.5], "variance": [2.0, 0.0, 0.25]}
    layer(k, "Normalization", (4, 3), **given)
    layer(k, "Normalization", (4, 3), invert=True, **given)
    layer(k, "Normalization", (4, 3), axis=[1, 2], **given)
    cases[-1]["legacy"] = False
    layer(k, "Normalization", (4, 3), mean=1.5, variance=4.0)
    layer(k, "Normalization", (4, 3), axis=None, mean=1.5, variance=4.0)
    cases[-1]["legacy"] = False
    if k is tf_keras:
        layer(k, "Normalization", (4, 3), mean=[[given["mean"]]], variance=[[given["variance"]]])
    # Numbers that are close to their mean keep what they differ by.
    dates = lambda *shape: (2000 + 10 * floats(*shape)).round().astype("float32")
    layer(k, "Normalization", (4, 1), dates, gradients=False, mean=2000.0, variance=1.0)


def categories(k):
    L = k.layers
    words = tokens(6, 3, 4)
    shapes = [(1,), (4,)] if k is keras else [(1,)]
    for dtype in ["int32", "float32"]:
        for mode in ["multi_hot", "count"]:
            model = chain(k, (4,), L.CategoryEncoding(6, mode), dtype=dtype)
            add(f"{dialect_of(k)} CategoryEncoding {mode} {dtype}", model, [words.astype(dtype)], dialect_of(k))
        for shape in shapes:
            model = chain(k, shape, L.CategoryEncoding(6, "one_hot"), dtype=dtype)
            label = f"{dialect_of(k)} CategoryEncoding one_hot {shape} {dtype}"
            add(label, model, [words[:, : shape[0]].astype(dtype)], dialect_of(k))
    if k is keras:
        model = chain(k, (4, 2), L.CategoryEncoding(6, "one_hot"), dtype="int32")
        add("keras3 CategoryEncoding one_hot of rank 3", model, [tokens(6, 3, 4, 2)])
    bounds = [-1.0, -0.25, 0.0, 1.5]
    numbers = np.float32([[-2, -1, 0.5], [0, 1.5, 9], [-0.25, 1.4, -0.3]])
    for mode in ["int", "multi_hot", "count"]:
        model = chain(k, (3,), L.Discretization(bounds, output_mode=mode))
        add(f"{dialect_of(k)} Discretization {mode}", model, [numbers], dialect_of(k))
    for shape in shapes[:1] + ([(3,)] if k is keras else []):
        model = chain(k, shape, L.Discretization(bounds, output_mode="one_hot"))
        add(f"{dialect_of(k)} Discretization one_hot {shape}", model, [numbers[:, : shape[0]]], dialect_of(k))
    model = chain(k, (3,), L.Discretization(bounds), L.Embedding(5, 2))
    add(f"{dialect_of(k)} Discretization before Embedding", model, [numbers], dialect_of(k))


def resized(k):
    names = ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area"]
    if k is not keras:
        names += ["gaussian", "mitchellcubic"]
    for name in names:
        options = {"interpolation": name, "gradients": name != "area"}
        for height, width in [(9, 4), (3, 14), (6, 7), (1, 1), (5, 6)]:
            layer(k, "Resizing", IMAGE, height=height, width=width, **options)
            if k is keras:
                layer(k, "Resizing", IMAGE, height=height, width=width, antialias=True, **options)
        layer(k, "Resizing", IMAGE, height=4, width=8, crop_to_aspect_ratio=True, **options)
        layer(k, "Resizing", (13, 10, 2), height=8, width=7, crop_to_aspect_ratio=True, **options)
    if k is keras:
        for size in [(4, 8), (9, 3), (5, 5)]:
            padded = {"height": size[0], "width": size[1], "pad_to_aspect_ratio": True}
            layer(k, "Resizing", IMAGE, **padded)
            layer(k, "Resizing", IMAGE, fill_value=0.5, **padded)
            layer(k, "Resizing", IMAGE, fill_value=0.5, data_format="channels_first", **padded)
        for options in [{}, {"crop_to_aspect_ratio": True}, {"antialias": True}]:
            layer(k, "Resizing", IMAGE, height=4, width=5, data_format="channels_first", **options)
        layer(k, "CenterCrop", IMAGE, height=4, width=2, data_format="channels_first")
    for size in [(3, 4), (6, 7), (4, 4), (8, 5), (3, 9), (9, 12)]:
        layer(k, "CenterCrop", IMAGE, height=size[0], width=size[1])
        layer(k, "RandomCrop", IMAGE, height=size[0], width=size[1], gradients=False)


def training_alone(k):
    """In inference, where they leave images as they are, except for AutoContrast."""
    factor = {"factor": 0.3}
    ranged = {"factor": 0.3, "value_range": (0, 1)}
    made = {
        "AugMix": {}, "CutMix": {}, "MixUp": {"alpha": 0.3}, "RandAugment": {"value_range": (0, 1)},
        "RandomBrightness": ranged, "RandomColorDegeneration": factor, "RandomColorJitter": {"hue_factor": 0.1},
        "RandomContrast": factor, "RandomElasticTransform": factor, "RandomErasing": factor,
        "RandomFlip": {"mode": "horizontal", "seed": 3}, "RandomGaussianBlur": factor, "RandomGrayscale": factor,
        "RandomHeight": factor, "RandomHue": ranged, "RandomInvert": factor, "RandomPerspective": factor,
        "RandomPosterization": {"factor": 3}, "RandomRotation": {"factor": 0.2, "fill_mode": "nearest"},
        "RandomSaturation": factor, "RandomSharpness": factor, "RandomShear": {"x_factor": (0.1, 0.2), "y_factor": (0.1, 0.3)},
        "RandomTranslation": {"height_factor": 0.2, "width_factor": (-0.1, 0.3)}, "RandomWidth": factor,
        "RandomZoom": {"height_factor": 0.2, "interpolation": "nearest"}, "Solarization": {},
    }
    for name, options in made.items():
        make = getattr(k.layers, name, None)
        if make is None:
            continue
        model = chain(k, IMAGE, make(**options))
        add(f"{dialect_of(k)} {name} {options}", model, [floats(2, *IMAGE)], dialect_of(k))
        # What was Keras 2's alone Keras 3 does not know.
        cases[-1]["readable"] = hasattr(keras.layers, name)
    layer(k, "AutoContrast", IMAGE, gradients=False)
    layer(k, "AutoContrast", IMAGE, gradients=False, value_range=(-2, 3))
    even = lambda *shape: np.ones(shape, "float32") * [0.5, 1.0, 2.0]
    layer(k, "AutoContrast", IMAGE, lambda *shape: even(*shape).astype("float32"), gradients=False)


def convnext(k):
    """Layers that Keras has among its applications, and not among its layers."""
    if k is keras:
        from keras.src.applications.convnext import LayerScale, StochasticDepth
    else:
        from tf_keras.src.applications.convnext import LayerScale, StochasticDepth
    for made in [LayerScale(0.1, 3), StochasticDepth(0.3)]:
        model = chain(k, (4, 5, 3), made)
        label = f"{dialect_of(k)} {type(made).__name__}"
        add(label, model, [floats(2, 4, 5, 3)], dialect_of(k), gradients=True)
        # The legacy form has no module, by which Keras 3 would find the class.
        cases[-1]["legacy"] = False
