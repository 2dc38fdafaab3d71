"""Normalisation of batches, in inference and in training; of features, groups, vectors and kernels."""

from .harness import add, cases, chain, dialect_of, floats, keras, layer, tf, tf_keras, tokens


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
    for shape, axis in [((4, 5), -1), ((4, 5), 1), ((4, 5), [1, 2]), ((4, 5), [-1]), ((2, 3, 4), [1, 3]),
                        ((3, 70), -1), ((6,), 1)]:
        layer(k, "LayerNormalization", shape, axis=axis)
        layer(k, "UnitNormalization", shape, axis=axis)
        if isinstance(axis, list):
            # Of a list Keras 3 reads none in the legacy form.
            cases[-1]["legacy"] = cases[-2]["legacy"] = False
    for options in [{"center": False}, {"scale": False}, {"center": False, "scale": False},
                    {"epsilon": 0.1}, {"trainable": False}, {"gamma_regularizer": "l2"}]:
        layer(k, "LayerNormalization", (4, 5), **options)
        layer(k, "GroupNormalization", (4, 6), groups=3, **options)
    if k is keras:
        layer(k, "LayerNormalization", (4, 5), rms_scaling=True)
        layer(k, "LayerNormalization", (4, 5), rms_scaling=True, scale=False, axis=1)
    # Of other axes than the last the scale is that of the last ones all the same.
    for shape, axis in [((4, 5), -1), ((5, 5), 1), ((4, 5), [1, 2]), ((2, 3, 4), [-1, -2]), ((3, 70), -1)]:
        layer(k, "RMSNormalization", shape, axis=axis)
        cases[-1]["legacy"] = not isinstance(axis, list)
    layer(k, "RMSNormalization", (4, 5), epsilon=0.1)
    for shape, groups, axis in [((4, 6), 3, -1), ((4, 5, 6), 2, -1), ((6, 4, 5), 3, 1), ((6,), 2, -1),
                                ((4, 6), -1, -1), ((4, 6, 5), 1, 2), ((2, 3, 4, 8), 4, 4)]:
        layer(k, "GroupNormalization", shape, groups=groups, axis=axis)
    spectral(k)


def spectral(k):
    L = k.layers
    # tf_keras asks for its own class under a name that now is Keras 3's.
    tf.keras.layers.InputSpec = tf_keras.layers.InputSpec if k is tf_keras else keras.InputSpec
    inner = {
        "Dense": (lambda: L.Dense(3), (5,)),
        "Dense regularised": (lambda: L.Dense(3, kernel_regularizer="l2", activation="tanh"), (4, 5)),
        "Conv1D": (lambda: L.Conv1D(3, 2), (4, 5)),
    }
    if k is keras:
        # tf_keras lists the kernel twice, and trains it.
        inner["frozen Dense"] = (lambda: L.Dense(3, trainable=False), (5,))
    for name, (make, shape) in inner.items():
        for options in [{}, {"power_iterations": 3}, {"trainable": False}]:
            model = chain(k, shape, L.SpectralNormalization(make(), **options))
            label = f"{dialect_of(k)} SpectralNormalization {name} {options}"
            # A model of Keras 3 trains what is inside a frozen layer that was made so.
            trained = "trainable" not in options
            add(label, model, [floats(3, *shape)], dialect_of(k), training=True, gradients=trained)
    # Of whole numbers Keras 3 would make the results whole too.
    model = chain(k, (6,), L.SpectralNormalization(L.Embedding(7, 4)), dtype="float32")
    add(f"{dialect_of(k)} SpectralNormalization Embedding", model, [tokens(7, 3, 6)], dialect_of(k))
