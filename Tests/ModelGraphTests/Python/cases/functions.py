"""Functions that a model calls without a layer: tf_keras's TFOpLambda and SlicingOpLambda, Keras 3's operations."""

import numpy as np

from .harness import add, cases, floats, keras, tf, tf_keras


def add_cases(k):
    three, factors = np.float32([1, 2, 3]), np.float32([[1, 0], [2, -1], [0.5, 3]])
    both = {
        "sum": lambda x, z: x + z, "sum of a number": lambda x, z: x + 1.5, "difference": lambda x, z: 2.0 - x,
        "product": lambda x, z: x * 2, "product of an array": lambda x, z: x * three, "negative": lambda x, z: -x,
        "quotient": lambda x, z: x / (z * z + 1), "power": lambda x, z: x**2,
        "range": lambda x, z: x[:, 1:3], "place": lambda x, z: x[:, -1], "all between": lambda x, z: x[..., 0],
        "new axis": lambda x, z: x[:, None, 1:], "steps": lambda x, z: x[:, ::2], "backwards": lambda x, z: x[:, ::-1],
        "backwards from": lambda x, z: x[:, 2:0:-1], "beyond": lambda x, z: x[:, -9:9],
    }
    made = both | (of_keras3(keras.ops, three, factors) if k is keras else of_tensorflow(three, factors))
    for label, function in made.items():
        x, z = k.Input((4, 3)), k.Input((4, 3))
        model = k.Model([x, z], function(x, z))
        dialect = "keras3" if k is keras else "keras2"
        # Operands that are close together have gradients which depend on the last bit.
        gradients = label not in ("maximum", "variance of nothing")
        add(f"{dialect} function {label}", model, [floats(2, 4, 3), floats(2, 4, 3)], dialect, gradients=gradients)
        # Keras 3 has no such layers.
        cases[-1]["readable"] = k is keras


def of_tensorflow(three, factors):
    unary = {
        f.__name__: lambda x, z, f=f: f(x)
        for f in [tf.nn.relu, tf.nn.relu6, tf.sigmoid, tf.tanh, tf.exp, tf.square, tf.nn.softplus, tf.nn.softsign,
                  tf.nn.elu, tf.nn.selu, tf.nn.silu, tf.nn.gelu, tf.nn.leaky_relu, tf.nn.softmax, tf.nn.log_softmax,
                  tf.zeros_like, tf.ones_like, tf.identity, tf.stop_gradient]
    }
    return {f"tf {name}": f for name, f in unary.items() if name not in ("stop_gradient",)} | {
        "tf roots": lambda x, z: tf.math.rsqrt(tf.sqrt(tf.abs(x) + 1)),
        "tf log": lambda x, z: tf.math.log(tf.abs(x) + 1), "tf reciprocal": lambda x, z: tf.math.reciprocal(tf.abs(x) + 1),
        "tf reshape": lambda x, z: tf.reshape(x, (-1, 12)), "tf transpose": lambda x, z: tf.transpose(x, (0, 2, 1)),
        "tf concat": lambda x, z: tf.concat([x, z], axis=-1), "tf stack": lambda x, z: tf.stack([x, z, x], axis=1),
        "tf expand_dims": lambda x, z: tf.expand_dims(x, 1), "tf squeeze": lambda x, z: tf.squeeze(x[:, :1], 1),
        "tf reduce_mean": lambda x, z: tf.reduce_mean(x, axis=[1, 2], keepdims=True),
        "tf reduce_sum": lambda x, z: tf.reduce_sum(x, axis=-1), "tf reduce_max": lambda x, z: tf.reduce_max(x, 1),
        "tf reduce_min": lambda x, z: tf.reduce_min(x, axis=1), "tf reduce_std": lambda x, z: tf.math.reduce_std(x, axis=1),
        "tf reduce_variance": lambda x, z: tf.math.reduce_variance(x, axis=1), "tf cast": lambda x, z: tf.cast(x, "float32"),
        "tf cast to whole": lambda x, z: tf.cast(tf.cast(x * 3, "int32"), "float32"),
        "tf matmul": lambda x, z: tf.matmul(x, z, transpose_b=True), "tf matmul a": lambda x, z: tf.matmul(x, z, transpose_a=True),
        "tf matmul of an array": lambda x, z: tf.matmul(x, factors), "tf maximum": lambda x, z: tf.maximum(x, 0.5),
        "tf minimum": lambda x, z: tf.minimum(x, z), "tf clip": lambda x, z: tf.clip_by_value(x, -0.5, 1),
        "tf pad": lambda x, z: tf.pad(x, [[0, 0], [1, 2], [0, 1]]), "tf pad by": lambda x, z: tf.pad(x, [[0, 0], [1, 2], [0, 0]], constant_values=0.5),
        "tf l2_normalize": lambda x, z: tf.math.l2_normalize(x, axis=-1), "tf where": lambda x, z: tf.where(x > 0, x, z),
        "tf comparisons": lambda x, z: tf.where((x >= 0) & (z < 0.5) | ~(x <= z), x, 0.0),
        "tf tile": lambda x, z: tf.tile(x, [1, 2, 3]), "tf split": lambda x, z: tf.split(x, 3, axis=-1)[1] + z,
        "tf split by sizes": lambda x, z: tf.split(x, [1, -1], axis=1), "tf unstack": lambda x, z: tf.unstack(x, axis=1)[2],
        "tf squared_difference": lambda x, z: tf.math.squared_difference(x, z),
        "tf divide_no_nan": lambda x, z: tf.math.divide_no_nan(x, z), "tf bias_add": lambda x, z: tf.nn.bias_add(x, three),
        "tf array first": lambda x, z: tf.subtract(three, x), "tf reverse": lambda x, z: tf.reverse(x, [1]), "tf repeat": lambda x, z: tf.repeat(x, 2, axis=1),
        "tf resize": lambda x, z: tf.image.resize(tf.expand_dims(x, -1), (7, 5)),
        "tf resize nearest": lambda x, z: tf.image.resize(tf.expand_dims(x, -1), (7, 5), method="nearest"),
        "tf in layers": lambda x, z: tf_keras.layers.Dense(2)(tf_keras.layers.Dense(3)(x) + tf_keras.layers.Dense(3)(z)),
    }


def of_keras3(K, three, factors):
    names = ["relu", "relu6", "sigmoid", "tanh", "exp", "square", "softplus", "softsign", "elu", "selu", "silu", "gelu",
             "leaky_relu", "softmax", "log_softmax", "log_sigmoid", "zeros_like", "ones_like", "ravel", "mean", "sum"]
    return {f"ops {name}": lambda x, z, f=getattr(K, name): f(x) for name in names} | {
        "ops roots": lambda x, z: K.rsqrt(K.sqrt(K.abs(x) + 1)), "ops log": lambda x, z: K.log(K.abs(x) + 1),
        "ops reshape": lambda x, z: K.reshape(x, (-1, 12)), "ops transpose": lambda x, z: K.transpose(x, (0, 2, 1)),
        "ops concatenate": lambda x, z: K.concatenate([x, z], 1), "ops stack": lambda x, z: K.stack([x, z], axis=-1),
        "ops expand_dims": lambda x, z: K.expand_dims(x, 1), "ops squeeze": lambda x, z: K.squeeze(x[:, :1], 1),
        "ops mean of axes": lambda x, z: K.mean(x, axis=(1, 2), keepdims=True), "ops max": lambda x, z: K.max(x, axis=1),
        "ops min": lambda x, z: K.min(x, axis=-1, keepdims=True), "ops var": lambda x, z: K.var(x, axis=1),
        "ops std": lambda x, z: K.std(x, axis=1), "ops cast": lambda x, z: K.cast(x, "float32"),
        "ops cast to whole": lambda x, z: K.cast(K.cast(x * 3, "int32"), "float32"),
        "ops matmul": lambda x, z: K.matmul(x, K.transpose(z, (0, 2, 1))), "ops matmul of an array": lambda x, z: x @ factors,
        "ops maximum": lambda x, z: K.maximum(x, 0.5), "ops minimum": lambda x, z: K.minimum(x, z),
        "ops clip": lambda x, z: K.clip(x, -0.5, 1), "ops pad": lambda x, z: K.pad(x, [[0, 0], [1, 2], [0, 1]]),
        "ops pad by": lambda x, z: K.pad(x, [[0, 0], [1, 2], [0, 0]], constant_values=0.5),
        "ops normalize": lambda x, z: K.normalize(x, axis=-1), "ops where": lambda x, z: K.where(x > 0, x, z),
        "ops comparisons": lambda x, z: K.where(K.logical_or(K.logical_and(x >= 0, z < 0.5), K.logical_not(x <= z)), x, 0.0),
        "ops equality": lambda x, z: K.where(K.equal(x, z), x, z) + K.cast(K.not_equal(x, z), "float32"),
        "ops tile": lambda x, z: K.tile(x, [1, 2, 3]), "ops split": lambda x, z: K.split(x, 3, axis=-1)[1] + z,
        "ops split at": lambda x, z: K.split(x, [1, 3], axis=1), "ops swapaxes": lambda x, z: K.swapaxes(x, 1, 2),
        "ops array first": lambda x, z: K.subtract(three, x),
        "ops moveaxis": lambda x, z: K.moveaxis(x, 1, -1), "ops flip": lambda x, z: K.flip(x, axis=1),
        "ops repeat": lambda x, z: K.repeat(x, 2, axis=1),
        "ops in layers": lambda x, z: keras.layers.Dense(2)(keras.layers.Dense(3)(x) + keras.layers.Dense(3)(z)),
    }
