"""Random models as people build them: chains, and graphs of several inputs and outputs.

A tensor is of a kind by its rank: a vector, a sequence or an image. A block takes a tensor to another
one; which block comes next is drawn from those of the kind. What Keras does not build is drawn again.
"""

import zlib

import numpy as np

from judge import Case

BATCH = 4
# Floats of ten to a hundred sums, three times over, each step on what the last one left.
TRAINED = (1e-4, 1e-4)


class Draw:
    """Choices from one seed."""

    def __init__(self, *words):
        self.rng = np.random.default_rng(zlib.crc32(" ".join(map(str, words)).encode()))

    def one(self, *values):
        return values[self.rng.integers(len(values))]

    def chance(self, share):
        return self.rng.random() < share

    def count(self, low, high):
        return int(self.rng.integers(low, high + 1))


class Maker:
    """Draws layers of one generation."""

    def __init__(self, k, draw, settings):
        self.k, self.L, self.draw, self.settings = k, k.layers, draw, settings
        self.is_quiet = draw.chance(0.75)
        self.names = {}
        self.classes = set()

    def layer(self, name, *arguments, **options):
        self.classes.add(name)
        if self.draw.chance(0.15):
            base = self.draw.one("block", "my layer", "Conv_1", "head.out", "dense_9")
            if self.k.__name__ == "tf_keras" and self.draw.chance(0.3):
                base = "scope/" + base.replace(" ", "_")
            self.names[base] = self.names.get(base, 0) + 1
            options["name"] = f"{base}_{self.names[base]}" if self.names[base] > 1 else base
        if name in ("Dense", "Conv1D", "Conv2D", "LSTM", "GRU") and self.draw.chance(0.15):
            options["kernel_regularizer"] = self.draw.one("l2", "l1", self.k.regularizers.l2(1e-3))
        return getattr(self.L, name)(*arguments, **options)

    def activation(self):
        return self.draw.one("relu", "relu", "relu", "tanh", "sigmoid", None, "elu", "gelu", "swish", "selu", "softplus")

    # Blocks: of a tensor of their kind. `given` is the shape without the batch.

    def anywhere(self, given):
        d = self.draw
        slope = {"negative_slope": 0.2} if self.k.__name__ == "keras" else {"alpha": 0.2}
        noise = [] if self.is_quiet else [
            lambda: self.layer("Dropout", d.one(0.2, 0.5)), lambda: self.layer("GaussianNoise", 0.1),
            lambda: self.layer("GaussianDropout", 0.2), lambda: self.layer("AlphaDropout", 0.1)]
        return d.one(
            lambda: self.layer("Dense", d.count(1, 9), activation=self.activation(), use_bias=d.chance(0.8)),
            lambda: self.layer("BatchNormalization", momentum=d.one(0.99, 0.9, 0.6)),
            lambda: self.layer("LayerNormalization", epsilon=d.one(1e-3, 1e-5)),
            lambda: self.layer("Activation", d.one("relu", "tanh", "softmax", "swish", "gelu")),
            lambda: self.layer("ReLU", max_value=d.one(None, 6.0)),
            lambda: self.layer("LeakyReLU", **slope),
            lambda: self.layer("ELU"),
            lambda: self.layer("PReLU", shared_axes=list(range(1, len(given))) or None),
            lambda: self.layer("Dropout", 0.0 if self.is_quiet else 0.3),
            *noise)()

    def vector(self, given):
        d, size = self.draw, given[0]
        divisors = [n for n in (2, 3, 4) if size % n == 0] or [1]
        n = d.one(*divisors)
        return d.one(
            lambda: self.layer("Dense", d.count(2, 12), activation=self.activation()),
            lambda: self.layer("Dense", d.count(2, 12), activation=self.activation()),
            lambda: self.anywhere(given),
            lambda: self.layer("RepeatVector", d.count(2, 5)),
            lambda: self.layer("Reshape", (n, size // n)),
            lambda: self.layer("Reshape", (-1, n)),
            lambda: self.layer("Flatten"),
            lambda: self.layer("Softmax"))()

    def recurrent(self, sequences):
        d = self.draw
        name = d.one("LSTM", "LSTM", "GRU", "GRU", "SimpleRNN")
        options = {"return_sequences": sequences}
        if not self.is_quiet and d.chance(0.3):
            options["dropout"] = 0.2
        if name == "GRU" and d.chance(0.3):
            options["reset_after"] = False
        if d.chance(0.1):
            options["go_backwards"] = True
        if d.chance(0.35):
            options.pop("go_backwards", None)
            inner = getattr(self.L, name)(d.count(1, 5), **options)
            self.classes.add(name)
            return self.layer("Bidirectional", inner, merge_mode=d.one("concat", "concat", "sum", "ave", "mul"))
        return self.layer(name, d.count(1, 6), **options)

    def sequence(self, given):
        d, (time, size) = self.draw, given
        long = time is None or time > 4
        shorter = [
            lambda: self.layer("MaxPooling1D", 2, padding=d.one("valid", "same")),
            lambda: self.layer("AveragePooling1D", 2, strides=d.one(1, 2)),
            lambda: self.layer("Conv1D", d.count(1, 8), 3, strides=2, activation="relu"),
            lambda: self.layer("Cropping1D", (1, 0)),
        ] if long else []
        return d.one(
            lambda: self.layer("Conv1D", d.count(1, 8), d.one(1, 2, 3), padding=d.one("same", "same", "causal"),
                               dilation_rate=d.one(1, 1, 2), activation=self.activation()),
            lambda: self.layer("SeparableConv1D", d.count(1, 8), 3, padding="same", depth_multiplier=d.one(1, 2)),
            lambda: self.layer("DepthwiseConv1D", 3, padding="same"),
            lambda: self.recurrent(True), lambda: self.recurrent(True),
            lambda: self.layer("TimeDistributed", self.L.Dense(d.count(1, 6), activation=self.activation())),
            lambda: self.layer("ZeroPadding1D", d.one(1, (0, 2))),
            lambda: self.layer("UpSampling1D", 2),
            lambda: self.layer("SpatialDropout1D", 0.0 if self.is_quiet else 0.3),
            lambda: self.layer("Permute", (2, 1)) if time else self.anywhere(given),
            lambda: self.anywhere(given), lambda: self.anywhere(given), *shorter)()

    def image(self, given):
        d, (height, width, channels) = self.draw, given
        large = height is None or min(height, width) > 3
        smaller = [
            lambda: self.layer("MaxPooling2D", 2, padding=d.one("valid", "same")),
            lambda: self.layer("MaxPooling2D", 3, strides=2, padding="same"),
            lambda: self.layer("AveragePooling2D", 2),
            lambda: self.layer("Conv2D", d.count(1, 8), 3, strides=2, padding=d.one("same", "valid"), activation="relu"),
            lambda: self.layer("Cropping2D", ((1, 0), (0, 1))),
        ] if large else [lambda: self.layer("UpSampling2D", 2)]
        groups = [g for g in (1, 2, 3) if channels % g == 0]
        return d.one(
            lambda: self.layer("Conv2D", d.count(1, 8), d.one(1, 3, (1, 3)), padding="same", activation=self.activation(),
                               use_bias=d.chance(0.7), dilation_rate=d.one(1, 1, 2)),
            lambda: self.layer("Conv2D", d.count(1, 8), 3, padding="same", activation="relu"),
            lambda: self.layer("SeparableConv2D", d.count(1, 8), 3, padding="same", activation=self.activation()),
            lambda: self.layer("DepthwiseConv2D", 3, padding="same", depth_multiplier=d.one(1, 2)),
            lambda: self.layer("Conv2DTranspose", d.count(1, 6), d.one(2, 3), strides=d.one(1, 2), padding=d.one("same", "valid")),
            lambda: self.layer("UpSampling2D", 2, interpolation=d.one("nearest", "bilinear")),
            lambda: self.layer("ZeroPadding2D", d.one(1, ((0, 1), (0, 1)))),
            lambda: self.layer("GroupNormalization", d.one(*groups)),
            lambda: self.layer("SpatialDropout2D", 0.0 if self.is_quiet else 0.3),
            lambda: self.layer("BatchNormalization"), lambda: self.anywhere(given), *smaller, *smaller)()

    def block(self, given):
        return [self.vector, self.sequence, self.image][len(given) - 1](given)

    def to_vector(self, given):
        d = self.draw
        if len(given) == 1:
            return self.layer("Dense", d.count(2, 8), activation=self.activation())
        rank = len(given) - 1
        flat = [lambda: self.layer("Flatten")] if None not in given else []
        recur = [lambda: self.recurrent(False)] * 2 if rank == 1 else []
        return d.one(
            lambda: self.layer(f"GlobalAveragePooling{rank}D"), lambda: self.layer(f"GlobalMaxPooling{rank}D"),
            *flat, *recur)()

    def head(self):
        """The last layer, and the loss that goes with it."""
        d = self.draw
        size = d.count(1, 4)
        kind = d.one("mse", "mse", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "mae")
        if kind in ("mse", "mae"):
            return self.layer("Dense", size), kind
        if kind == "binary_crossentropy":
            return self.layer("Dense", 1, activation="sigmoid"), kind
        return self.layer("Dense", size + 1, activation="softmax"), kind

    def input(self, kind):
        """The shape of an input, its type, and data."""
        d = self.draw
        if kind == "tokens":
            words = d.rng.integers(0, 12, (BATCH, d.count(4, 9))).astype("int32")
            words[0, words.shape[1] // 2:] = 0
            dtype = d.one("int32", "int32", "float32")
            return words.shape[1:], dtype, words.astype(dtype)
        shape = {
            "vector": lambda: (d.count(2, 12),), "sequence": lambda: (d.count(3, 9), d.count(1, 5)),
            "image": lambda: (d.count(4, 9), d.count(4, 9), d.one(1, 3, 3, 4)),
        }[kind]()
        return shape, "float32", d.rng.normal(0, 1, (BATCH,) + shape).astype("float32")

    def opened(self, shape):
        """The shape as an input says it: with lengths left open at times."""
        if len(shape) == 1 or not self.draw.chance(0.25):
            return shape
        return (None,) * (len(shape) - 1) + shape[-1:]

    def embedding(self):
        return self.layer("Embedding", 13, self.draw.count(1, 6), mask_zero=self.draw.chance(0.4))


def shape_of(x):
    return tuple(x.shape[1:])


def sequential(k, draw, settings):
    maker, L = Maker(k, draw, settings), k.layers
    kind = draw.one("vector", "sequence", "sequence", "tokens", "tokens", "image", "image")
    shape, dtype, values = maker.input(kind)
    size = draw.one(None, None, None, BATCH)
    said = maker.opened(shape) if kind != "tokens" else draw.one(shape, (None,))
    name = draw.one(None, None, "classifier")
    model = k.Sequential(name=name)
    if k.__name__ == "keras":
        model.add(k.Input(said, batch_size=size, dtype=dtype))
    else:
        model.add(L.InputLayer(input_shape=said, batch_size=size, dtype=dtype))
    if kind == "tokens":
        model.add(maker.embedding())
    elif kind == "sequence" and draw.chance(0.25):
        values[0, values.shape[1] // 2:] = 0
        model.add(maker.layer("Masking"))
    for _ in range(draw.count(1, 6)):
        shape = tuple(model.output_shape[1:])
        if np.prod([n or 6 for n in shape]) > 1500:
            break
        if settings["nested"] and draw.chance(0.06):
            model.add(nested(maker, shape))
        elif len(shape) == 3 and None not in shape and draw.chance(0.1):
            model.add(maker.layer("Reshape", (shape[0] * shape[1], shape[2])))
        else:
            model.add(maker.block(shape))
    while len(model.output_shape) > 2:
        model.add(maker.to_vector(tuple(model.output_shape[1:])))
    head, loss = maker.head()
    model.add(head)
    return maker, model, [values], loss


def nested(maker, shape):
    """A model inside a model: a chain, or a small graph."""
    k, d = maker.k, maker.draw
    maker.classes.add("nested model")
    if d.chance(0.5):
        first = k.Input(shape) if k.__name__ == "keras" else k.layers.InputLayer(input_shape=shape)
        inner = k.Sequential([first])
        for _ in range(d.count(1, 3)):
            inner.add(maker.block(tuple(inner.output_shape[1:])))
        return inner
    x = k.Input(shape)
    y = maker.layer("Dense", d.count(1, 6), activation="relu")(x)
    y = maker.block(shape_of(y))(y) if d.chance(0.5) else y
    if y.shape[-1] is not None and x.shape[1:-1] == y.shape[1:-1]:
        y = maker.layer("Concatenate")([x, y])
    return k.Model(x, y)


class Pool:
    """The tensors of a graph that is being made, each with whether something uses it."""

    def __init__(self):
        self.tensors, self.used = [], []

    def add(self, x):
        self.tensors.append(x)
        self.used.append(False)
        return x

    def take(self, draw, holds=lambda x: True):
        """One that holds, rather a late one."""
        places = [i for i, x in enumerate(self.tensors) if holds(x)]
        if not places:
            return None
        place = places[-1] if draw.chance(0.5) else draw.one(*places)
        self.used[place] = True
        return self.tensors[place]


def same_shape(x):
    return lambda y: y is not x and tuple(y.shape) == tuple(x.shape)


def of_rank(rank):
    return lambda x: len(x.shape) == rank + 1


def known(x):
    return None not in shape_of(x)


def functional(k, draw, settings):
    maker, L, pool = Maker(k, draw, settings), k.layers, Pool()
    inputs, given = [], []
    size = draw.one(None, None, None, BATCH)
    kinds = [draw.one("vector", "sequence", "tokens", "image") for _ in range(draw.one(1, 1, 2, 2, 3))]
    for place, kind in enumerate(kinds):
        shape, dtype, values = maker.input(kind)
        said = maker.opened(shape) if kind != "tokens" else draw.one(shape, (None,))
        name = draw.one(None, f"in{place}")
        x = k.Input(said, batch_size=size, dtype=dtype, name=name)
        inputs.append(x)
        given.append(values)
        pool.add(maker.embedding()(x) if kind == "tokens" else x)

    for _ in range(draw.count(2, 7)):
        action = draw.one(
            chain_step, chain_step, chain_step, residual, merge, merge, inception, shared, attention, squeeze,
            u_net, text_cnn, states, *([nested_step] * 2 if settings["nested"] else []),
            *([slice_step] if settings["slices"] else []))
        y = action(maker, pool)
        for one in y if isinstance(y, list) else [y]:
            if one is not None and np.prod([n or 6 for n in shape_of(one)]) <= 1500:
                pool.add(one)

    rest = [x for x, used in zip(pool.tensors, pool.used) if not used] or pool.tensors[-1:]
    vectors = []
    for x in rest:
        while len(x.shape) > 2:
            x = maker.to_vector(shape_of(x))(x)
        vectors.append(x)
    outputs, losses = [], []
    joined = maker.layer("Concatenate")(vectors) if len(vectors) > 1 else vectors[0]
    for _ in range(draw.one(1, 1, 1, 2, 3)):
        head, loss = maker.head()
        outputs.append(head(joined))
        losses.append(loss)
    if draw.chance(0.1) and len(outputs) > 1:
        outputs[-1] = vectors[0]
        losses[-1] = "mse"
    name = draw.one(None, None, "my_model")
    model = k.Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0], name=name)
    # An input that nothing leads from would be no part of the model.
    return maker, model, given, losses


def chain_step(maker, pool):
    x = pool.take(maker.draw)
    return maker.block(shape_of(x))(x)


def residual(maker, pool):
    """x + f(x), or a concatenation of both."""
    d, x = maker.draw, pool.take(maker.draw)
    rank, channels = len(x.shape) - 2, x.shape[-1]
    y = x
    for _ in range(d.count(1, 2)):
        if rank == 0 or d.chance(0.3):
            y = maker.layer("Dense", channels, activation=maker.activation())(y)
        else:
            y = maker.layer(f"Conv{rank}D", channels, 3, padding="same", activation=maker.activation())(y)
        if d.chance(0.5):
            y = maker.layer("BatchNormalization")(y)
    return maker.layer(d.one("Add", "Add", "Add", "Multiply", "Concatenate"))([x, y])


def merge(maker, pool):
    d = maker.draw
    x = pool.take(d)
    y = pool.take(d, same_shape(x))
    if y is None:
        y = maker.layer("Dense", x.shape[-1])(x)
    name = d.one("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot")
    if name == "Dot":
        return maker.layer("Dot", d.one(-1, 1) if len(x.shape) == 2 else -1, normalize=d.chance(0.5))([x, y]) \
            if len(x.shape) < 4 and (len(x.shape) == 2 or known(x)) else None
    options = {"axis": d.one(-1, 1)} if name == "Concatenate" and known(x) else {}
    return maker.layer(name, **options)([x, y])


def inception(maker, pool):
    d = maker.draw
    x = pool.take(d, lambda x: len(x.shape) > 2)
    if x is None:
        return None
    rank = len(x.shape) - 2
    branches = [
        maker.layer(f"Conv{rank}D", d.count(1, 5), size, padding="same", activation="relu")(x)
        for size in (1, 3, d.one(2, 5))]
    if d.chance(0.5):
        branches.append(maker.layer(f"MaxPooling{rank}D", 3, strides=1, padding="same")(x))
    return maker.layer("Concatenate")(branches)


def shared(maker, pool):
    """One layer for two tensors."""
    d = maker.draw
    x = pool.take(d)
    y = pool.take(d, same_shape(x))
    layer = maker.block(shape_of(x))
    if y is None:
        once = layer(x)
        return [once, layer(once)] if tuple(once.shape) == tuple(x.shape) else once
    return [layer(x), layer(y)]


def attention(maker, pool):
    d = maker.draw
    x = pool.take(d, of_rank(2))
    if x is None:
        return None
    y = pool.take(d, lambda t: len(t.shape) == 3 and t.shape[-1] == x.shape[-1])
    if d.chance(0.5):
        layer = maker.layer("MultiHeadAttention", d.one(1, 2), d.count(1, 4))
        z = layer(x, y, **({"use_causal_mask": True} if d.chance(0.2) else {}))
    else:
        z = maker.layer(d.one("Attention", "AdditiveAttention"), use_scale=d.chance(0.5))([x, y])
    if shape_of(z) == shape_of(x) and d.chance(0.6):
        z = maker.layer("LayerNormalization")(maker.layer("Add")([x, z]))
    return z


def squeeze(maker, pool):
    """A weight for each channel, from all of the image."""
    x = pool.take(maker.draw, of_rank(3))
    if x is None:
        return None
    channels = x.shape[-1]
    y = maker.layer("GlobalAveragePooling2D")(x)
    y = maker.layer("Dense", max(1, channels // 2), activation="relu")(y)
    y = maker.layer("Dense", channels, activation="sigmoid")(y)
    y = maker.layer("Reshape", (1, 1, channels))(y)
    return maker.layer("Multiply")([x, y])


def u_net(maker, pool):
    d = maker.draw
    x = pool.take(d, lambda x: len(x.shape) == 4 and known(x) and x.shape[1] % 2 == 0 and x.shape[2] % 2 == 0)
    if x is None:
        return None
    y = maker.layer("MaxPooling2D")(maker.layer("Conv2D", d.count(2, 5), 3, padding="same", activation="relu")(x))
    y = maker.layer("Conv2D", d.count(2, 5), 3, padding="same", activation="relu")(y)
    if d.chance(0.5):
        y = maker.layer("UpSampling2D", 2, interpolation=d.one("nearest", "bilinear"))(y)
    else:
        y = maker.layer("Conv2DTranspose", d.count(1, 5), d.one(2, 3), strides=2, padding="same")(y)
    return maker.layer("Conv2D", d.count(1, 5), 3, padding="same")(maker.layer("Concatenate")([x, y]))


def text_cnn(maker, pool):
    d = maker.draw
    x = pool.take(d, of_rank(2))
    if x is None:
        return None
    branches = [
        maker.layer("GlobalMaxPooling1D")(maker.layer("Conv1D", d.count(1, 5), size, activation="relu", padding="same")(x))
        for size in (2, 3, 4)]
    return maker.layer("Concatenate")(branches)


def states(maker, pool):
    """An encoder whose states begin a decoder."""
    d = maker.draw
    x = pool.take(d, of_rank(2))
    if x is None:
        return None
    y = pool.take(d, of_rank(2))
    name, units = d.one("LSTM", "GRU"), d.count(1, 5)
    _, *state = maker.layer(name, units, return_state=True)(x)
    return maker.layer(name, units, return_sequences=d.chance(0.5))(y, initial_state=state)


def nested_step(maker, pool):
    d = maker.draw
    x = pool.take(d)
    inner = nested(maker, shape_of(x))
    y = pool.take(d, same_shape(x))
    return [inner(x), inner(y)] if y is not None and d.chance(0.5) else inner(x)


def slice_step(maker, pool):
    d = maker.draw
    x = pool.take(d)
    if len(x.shape) == 2:
        return d.one(lambda: x * 2.0, lambda: x + 1.0, lambda: x[:, : max(1, x.shape[1] // 2)])()
    return d.one(lambda: x[:, -1], lambda: x[:, 0], lambda: x[:, 1:], lambda: x[..., :1], lambda: x * 0.5)()


def perturb(model, rng):
    """Weights near those that Keras draws, none of them at 0 or 1 alone."""
    for weight in model.weights:
        name = getattr(weight, "path", weight.name)
        values = np.asarray(weight) + rng.normal(0, 0.1, tuple(weight.shape))
        weight.assign((np.abs(values) + 0.1 if "variance" in name else values).astype("float32"))


def cases(k, generation, settings, harness):
    """Labels, and what makes each: so many chains and so many graphs."""
    for kind, make, count in [("Sequential", sequential, settings["sequential"]),
                              ("Functional", functional, settings["functional"])]:
        for number in range(count):
            label = f"{generation} {kind} random {settings['seed']} {number}"
            yield label, lambda: built(k, make, label, kind, settings)


def built(k, make, label, kind, settings):
    for attempt in range(60):
        draw = Draw(label, attempt)
        k.utils.set_random_seed(zlib.crc32(label.encode()) % 1000)
        try:
            maker, model, given, losses = make(k, draw, settings)
            if isinstance(losses, list):
                losses = losses[0] if len(losses) == 1 else losses
            perturb(model, draw.rng)
            # What Keras cannot compute, it has built all the same.
            model(given if len(given) > 1 else given[0])
        except Exception as error:
            problem = error
            continue
        optimizer = draw.one({"learning_rate": 0.01}, {"learning_rate": 0.01}, {"learning_rate": 0.01, "momentum": 0.9})
        trains = maker.is_quiet
        shown = f"{label}.{attempt} {' '.join(sorted(maker.classes))}"
        return Case(shown, [f"random {kind}"], model, given, trains=trains, epochs=3, optimizer=optimizer, loss=losses,
                    trained=TRAINED)
    raise problem
