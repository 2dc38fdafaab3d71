"""Models inside models."""

from .harness import add, chain, dialect_of, floats, keras, tf_keras, tokens


def add_cases(k):
    L = k.layers
    d = dialect_of(k)

    def case(label, model, inputs, training=False):
        add(f"{d} nested {label}", model, inputs, d, training, gradients=True)

    def block(name=None):
        """Normalisation between layers: what training does not change stands between what it does."""
        x = k.Input((4,))
        y = L.BatchNormalization()(L.Dense(4, activation="tanh")(x))
        return k.Model(x, L.Dense(4)(y), name=name)

    case("Functional in Sequential", chain(k, (4,), block(), L.Dense(2)), [floats(3, 4)], True)
    inner = chain(k, (4,), L.Dense(3, activation="relu"), L.Dense(2))
    case("Sequential in Sequential", chain(k, (4,), L.Dense(4), inner), [floats(3, 4)])
    deferred = k.Sequential([L.Dense(3, activation="relu"), L.Dense(2)])
    case("Sequential without a shape", chain(k, (4,), deferred), [floats(3, 4)])

    x = k.Input((4,))
    once = block("once")
    case("Functional called once", k.Model(x, L.Dense(2)(once(x))), [floats(3, 4)])
    x = k.Input((4,))
    case("Functional at the end", k.Model(x, block("end")(x)), [floats(3, 4)])
    for label, make in (("Functional", block), ("Sequential", lambda: chain(k, (4,), L.Dense(4), L.Dense(4)))):
        a, b = k.Input((4,)), k.Input((4,))
        shared = make()
        model = k.Model([a, b], [shared(a), L.Dense(2)(L.Concatenate()([shared(b), shared(a), b]))])
        case(f"{label} shared", model, [floats(3, 4), floats(3, 4)])
        x = k.Input((4,))
        shared = make()
        case(f"{label} thrice in a row", k.Model(x, shared(shared(shared(x)))), [floats(3, 4)])

    frozen = block()
    frozen.trainable = False
    case("frozen", chain(k, (4,), frozen, L.Dense(2)), [floats(3, 4)], True)
    part = block()
    part.layers[1].trainable = False
    case("frozen in part", chain(k, (4,), part, L.Dense(2)), [floats(3, 4)])
    deep = chain(k, (4,), chain(k, (4,), block(), L.Dense(3)), L.Dense(2))
    case("three deep", deep, [floats(3, 4)], True)

    a, b = k.Input((4,)), k.Input((3,))
    pair = k.Model([a, b], [L.Dense(3)(a), L.Add()([L.Dense(3)(a), b])], name="pair")
    a, b = k.Input((4,)), k.Input((3,))
    first, second = pair([a, b])
    case("of two inputs and outputs", k.Model([a, b], L.Multiply()([first, second])), [floats(3, 4), floats(3, 3)])

    words = tokens(8, 3, 6) + 1
    words[0, 4:] = words[1, :2] = 0
    x = k.Input((6,), dtype="int32")
    table = k.Model(x, L.Embedding(9, 4, mask_zero=True)(x), name="table")
    x = k.Input((6,), dtype="int32")
    case("whose mask comes out", k.Model(x, L.LSTM(3)(table(x))), [words])
    x = k.Input((6,), dtype="int32")
    reader = chain(k, (6, 4), L.LSTM(3, return_sequences=True), L.LSTM(2))
    case("whose mask goes in", k.Model(x, reader(L.Embedding(9, 4, mask_zero=True)(x))), [words])

    image = chain(k, (6, 6, 2), L.Conv2D(3, 3, activation="relu"), L.GlobalMaxPooling2D())
    case("at each step", chain(k, (3, 6, 6, 2), L.TimeDistributed(image), L.LSTM(2)), [floats(2, 3, 6, 6, 2)])
    x = k.Input((None, None, 2))
    anysize = k.Model(x, L.Conv2D(3, 3, padding="same")(x))
    case("of any size", chain(k, (4, 5, 2), anysize, L.Flatten(), L.Dense(2)), [floats(3, 4, 5, 2)])
    penalised = chain(k, (4,), L.Dense(3, activity_regularizer="l2", kernel_regularizer="l1"))
    case("with a penalty", chain(k, (4,), penalised, L.Dense(2)), [floats(3, 4)])
