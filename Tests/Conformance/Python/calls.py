"""How a class of layer is called in a model, by the keys of its space that begin with an underscore."""

import inspect

from spaces import Of

BATCH = 3


def made(k, value):
    """A layer, or layers in a list, of what stands for them; anything else as it is."""
    if isinstance(value, Of):
        options = {key: made(k, one) for key, one in value.options.items()}
        return getattr(k.layers, value.name)(**options)
    return [made(k, one) for one in value] if isinstance(value, list) else value


class Builder:
    """A model that is being made around one layer."""

    def __init__(self, k, name, options, harness):
        self.k, self.name, self.options, self.harness = k, name, options, harness
        self.inputs, self.given = [], []

    def argument(self, key):
        return self.options.get(key)

    def layer(self):
        chosen = {key: value for key, value in self.options.items() if not key.startswith("_")}
        if self.argument("_named"):
            # tf_keras alone takes a name with a slash.
            chosen["name"] = "my/layer" if self.k.__name__ == "tf_keras" else "my layer"
        return getattr(self.k.layers, self.name)(**{key: made(self.k, v) for key, v in chosen.items()})

    def shape(self):
        shape = self.argument("_shape")
        if self.argument("data_format") == "channels_first" and len(shape) > 1:
            if self.name.startswith("ConvLSTM"):
                return (shape[0], shape[-1]) + shape[1:-1]
            return shape[-1:] + shape[:-1]
        return shape

    def open_shape(self, shape):
        """With None for what only the data say."""
        if not self.argument("_open") or len(shape) < 2:
            return shape
        if self.argument("data_format") == "channels_first":
            return shape[:1] + (None,) * (len(shape) - 1)
        return (None,) * (len(shape) - 1) + shape[-1:]

    def input(self, shape, values=None, dtype="float32"):
        values = self.harness.floats(BATCH, *shape) if values is None else values
        x = self.k.Input(self.open_shape(shape), batch_size=self.argument("_batch"), dtype=dtype)
        self.inputs.append(x)
        self.given.append(values)
        return x

    def probe(self, x):
        """A layer before, whose gradient shows that of the layer's input."""
        if not self.argument("_probe") or x.shape[-1] is None or len(x.shape) < 2:
            return x
        return self.k.layers.Dense(x.shape[-1])(x)

    def finished(self, outputs, then=None):
        L = self.k.layers
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        if then:
            after = {
                "LSTM": lambda: L.LSTM(2), "GRU": lambda: L.GRU(2), "Dense": lambda: L.Dense(2),
                "Bidirectional": lambda: L.Bidirectional(L.SimpleRNN(2)),
                "GlobalAveragePooling1D": lambda: L.GlobalAveragePooling1D(),
            }[then]
            outputs = [after()(outputs[0])]
        if len(outputs) > 1 and all(None not in y.shape[1:] for y in outputs):
            # One output can be trained.
            outputs = [L.Concatenate()([L.Flatten()(y) if len(y.shape) > 2 else y for y in outputs])]
        return self.k.Model(self.inputs, outputs if len(outputs) > 1 else outputs[0])


def single(b):
    k, shape, form = b.k, b.shape(), b.argument("_form")
    if form == "functional" or b.argument("return_state"):
        return b.finished(b.layer()(b.probe(b.input(shape))))
    probes = [k.layers.Dense(shape[-1])] if b.argument("_probe") and shape else []
    if form == "deferred" and shape:
        b.given.append(b.harness.floats(BATCH, *shape))
        model = k.Sequential(probes + [b.layer()])
        model.build((b.argument("_batch"),) + shape)
        model(b.given[0])
        return model
    size = b.argument("_batch")
    b.given.append(b.harness.floats(BATCH, *shape))
    opened = b.open_shape(shape)
    if probes and opened and opened[-1] is None:
        probes = []
    first = (
        k.Input(opened, batch_size=size) if k.__name__ == "keras"
        else k.layers.InputLayer(input_shape=opened, batch_size=size))
    return k.Sequential([first] + probes + [b.layer()])


def tokens(b):
    words = b.harness.tokens(b.argument("input_dim"), BATCH, 6)
    words[0, 4:] = words[1, :2] = 0
    dtype = b.argument("_dtype")
    return b.finished(b.layer()(b.input((6,), words.astype(dtype), dtype)), b.argument("_then"))


def whole(b):
    """Whole numbers."""
    values = b.harness.tokens(9, BATCH, *b.argument("_shape"))
    return b.finished(b.layer()(b.input(b.argument("_shape"), values, "int32")))


def values(b):
    return b.finished(b.layer()(b.input(b.argument("_shape"))))


def gaps(values, *filler):
    """With steps of padding: at the end, at the beginning, and one that is padding alone."""
    values[0, (values.shape[1] + 1) // 2:] = filler[0] if filler else 0
    values[1, :values.shape[1] // 3] = filler[0] if filler else 0
    return values


def masked(b):
    values = gaps(b.harness.steps(BATCH, 6, 2), b.argument("mask_value"))
    return b.finished(b.layer()(b.input((6, 2), values)), b.argument("_then"))


def recurrent(b):
    L, (time, size) = b.k.layers, b.argument("_shape")
    if b.argument("_mask") == "Embedding":
        words = gaps(b.harness.tokens(8, BATCH, time) + 1)
        x = b.k.Input((None if b.argument("_open") else time,), batch_size=b.argument("_batch"), dtype="int32")
        b.inputs.append(x)
        b.given.append(words)
        x = L.Embedding(9, size, mask_zero=True)(x)
    else:
        values = b.harness.floats(BATCH, time, size)
        if b.argument("_mask"):
            values = gaps(values)
        x = b.input((time, size), values)
        x = L.Masking()(x) if b.argument("_mask") else b.probe(x)
    options = {}
    if b.argument("_state"):
        units = b.argument("units")
        states = [b.k.Input((units,), batch_size=b.argument("_batch")) for _ in range(2 if b.name == "LSTM" else 1)]
        b.inputs += states
        b.given += [b.harness.floats(BATCH, units) for _ in states]
        options["initial_state"] = states
    return b.finished(b.layer()(x, **options))


def joined(b):
    L, shape = b.k.layers, b.argument("_shape")
    rows, then = [], None
    if b.argument("_masked"):
        for place in range(b.argument("_count")):
            words = b.harness.tokens(8, BATCH, 6) + 1
            words[0, 4 - place:] = words[1, :2] = 0
            x = b.k.Input((6,), batch_size=b.argument("_batch"), dtype="int32")
            b.inputs.append(x)
            b.given.append(words)
            rows.append(L.Embedding(10, 4, mask_zero=place != 1)(x))
        then = "GlobalAveragePooling1D"
    else:
        for place in range(b.argument("_count")):
            narrow = b.argument("_wide") and place == 1 and len(shape) > 1
            rows.append(b.probe(b.input((1,) + shape[1:] if narrow else shape)))
    return b.finished(b.layer()(rows), then)


def sequences(b, shapes):
    """Queries, values and keys, from tokens where they are masked."""
    L, rows = b.k.layers, []
    for time, size in shapes:
        if b.argument("_masked"):
            words = gaps(b.harness.tokens(8, BATCH, time) + 1)
            x = b.k.Input((time,), batch_size=b.argument("_batch"), dtype="int32")
            b.inputs.append(x)
            b.given.append(words)
            rows.append(L.Embedding(9, size, mask_zero=True)(x))
        else:
            rows.append(b.probe(b.input((time, size))))
    return rows


def attention(b):
    if b.argument("_self"):
        [x] = sequences(b, [(5, 3)])
        rows = [x, x]
    else:
        rows = sequences(b, [(4, 3), (5, 3)] + ([(5, 3)] if b.argument("_key") else []))
    causal = {"use_causal_mask": True} if b.argument("_causal") else {}
    return b.finished(b.layer()(rows, **causal))


def heads(b):
    options = {}
    if b.argument("_self"):
        [x] = sequences(b, [(5, 6)])
        rows, size = [x, x], (5, 5)
    else:
        rows = sequences(b, [(4, 6), (5, 6)] + ([(5, 6)] if b.argument("_key") else []))
        size = (4, 5)
        if len(rows) > 2:
            options["key"] = rows.pop()
    if b.argument("_causal"):
        options["use_causal_mask"] = True
    if b.argument("_attention_mask"):
        shown = (b.harness.floats(BATCH, *size) > -0.5).astype("int32")
        shown[..., 0] = 1
        options["attention_mask"] = b.input(size, shown, "int32")
    return b.finished(b.layer()(*rows, **options))


def accepted(k, name):
    """The arguments that this generation's class has."""
    made = inspect.signature(getattr(k.layers, name).__init__).parameters
    return [p for p in made if p not in ("self", "kwargs", "args")]


def takes_more(k, name):
    """Whether the class takes what every layer has."""
    return "kwargs" in inspect.signature(getattr(k.layers, name).__init__).parameters
