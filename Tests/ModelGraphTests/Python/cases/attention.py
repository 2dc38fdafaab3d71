"""Equations, and attentions with all that a call may say."""

from .harness import add, cases, dialect_of, floats, keras, layer, tokens


def add_cases(k):
    for shape, equation, sizes, bias in [
        ((5,), "ab,bc->ac", 4, "c"), ((3, 5), "abc,cd->abd", (None, 4), None),
        ((3, 5), "abc,cde->abde", (None, 4, 2), "de"), ((3, 4, 2), "abcd,cde->abe", (None, 6), "e"),
        ((3, 5), "...x,xy->...y", 4, "y"), ((2, 3, 5), "...x,xy->...y", 4, "y"),
        ((3, 5), "ab...,bc->ac...", 4, "c"), ((3, 5), "abc,bcd->abd", (3, 4), "bd"),
        ((3, 5), "abc,bd->adc", (4, 5), "d"), ((3, 5), "abc,cd->adb", (4, 3), "d"),
        ((3, 5), "abc,bcd->acbd", (5, 3, 4), "d"), ((3, 5), "abc,c->ab", (3,), None),
    ]:
        options = {"equation": equation, "output_shape": sizes, "bias_axes": bias}
        layer(k, "EinsumDense", shape, **options)
    layer(k, "EinsumDense", (3, 5), equation="abc,cd->abd", output_shape=(None, 4), bias_axes="d",
          activation="relu", kernel_regularizer="l2")
    dense(k)
    heads(k)


def called(k, label, make, shapes, mask=None, gradients=True, **options):
    """A case of an attention on inputs of these shapes, a list or one by one, with what a call names."""
    inputs = [k.Input(shape) for shape in shapes]
    given = [floats(2, *shape) for shape in shapes]
    attention = make()
    if "Multi" in type(attention).__name__ or "Grouped" in type(attention).__name__:
        if mask:
            inputs.append(k.Input(mask, dtype="int32"))
            shown = (floats(2, *mask) > -0.5).astype("int32")
            shown[..., 0] = 1
            given.append(shown)
            options["attention_mask"] = inputs[-1]
        outputs = attention(inputs[0], inputs[1], **({"key": inputs[2]} if len(shapes) > 2 else {}), **options)
    else:
        outputs = attention(inputs, **options)
    label = f"{dialect_of(k)} {label} {shapes} {sorted(options)}"
    add(label, k.Model(inputs, outputs), given, dialect_of(k), gradients=gradients)
    cases[-1]["legacy"] = is_read(attention)


def is_read(attention):
    """Whether Keras 3 reads the legacy form: "dot" it takes for the function."""
    return getattr(attention, "score_mode", None) != "dot"


def masked(k, label, make, gradients=True, **options):
    """The same on masked sequences, of which one is padding alone; an average shows the mask."""
    L = k.layers
    words = [tokens(8, 4, 6) + 1, tokens(8, 4, 5) + 1]
    words[0][0, 4:] = words[1][0, 2:] = words[1][1, 4:] = words[0][2, :2] = 0
    words[1][3] = 0
    for which in [(True, True), (True, False), (False, True)]:
        inputs = [k.Input((6,), dtype="int32"), k.Input((5,), dtype="int32")]
        rows = [L.Embedding(9, 4, mask_zero=m)(x) for m, x in zip(which, inputs)]
        attention = make()
        isList = "Multi" not in type(attention).__name__ and "Grouped" not in type(attention).__name__
        result = attention(rows, **options) if isList else attention(*rows, **options)
        label_ = f"{dialect_of(k)} {label} masked {which} {sorted(options)}"
        model = k.Model(inputs, [result, L.GlobalAveragePooling1D()(result)])
        add(label_, model, words, dialect_of(k), gradients=gradients)
        cases[-1]["legacy"] = is_read(attention)


def dense(k):
    L = k.layers
    two, three = [(4, 3), (5, 3)], [(4, 3), (5, 2), (5, 3)]
    makes = {
        "Attention": lambda: L.Attention(),
        "Attention scaled": lambda: L.Attention(use_scale=True, dropout=0.3),
        "Attention concat": lambda: L.Attention(score_mode="concat"),
        "Attention concat scaled": lambda: L.Attention(score_mode="concat", use_scale=True),
        "AdditiveAttention": lambda: L.AdditiveAttention(),
        "AdditiveAttention unscaled": lambda: L.AdditiveAttention(use_scale=False, dropout=0.3),
    }
    for label, make in makes.items():
        called(k, label, make, two)
        if k is keras or "Additive" not in label:
            called(k, label, make, three)
        called(k, label, make, two, use_causal_mask=True)
        called(k, label, make, two, use_causal_mask=True, return_attention_scores=True)
        masked(k, label, make)
        masked(k, label, make, use_causal_mask=True)


def heads(k):
    L = k.layers
    two, three = [(4, 6), (5, 6)], [(4, 6), (5, 3), (5, 4)]
    makes = {
        "MultiHeadAttention": lambda: L.MultiHeadAttention(2, 3),
        "MultiHeadAttention bare": lambda: L.MultiHeadAttention(3, 2, value_dim=4, use_bias=False),
        "MultiHeadAttention dropout": lambda: L.MultiHeadAttention(2, 3, dropout=0.3, output_shape=7),
        "MultiHeadAttention shaped": lambda: L.MultiHeadAttention(2, 3, output_shape=(3, 2)),
    }
    if k is keras:
        makes["GroupedQueryAttention"] = lambda: L.GroupQueryAttention(3, 4, 2)
        makes["GroupedQueryAttention bare"] = lambda: L.GroupQueryAttention(3, 4, 1, use_bias=False, dropout=0.2)
        makes["MultiHeadAttention window"] = lambda: L.MultiHeadAttention(2, 3, sliding_window=2)
        makes["MultiHeadAttention gate"] = lambda: L.MultiHeadAttention(2, 3, value_dim=2, use_gate=True)
        makes["GroupedQueryAttention gate"] = lambda: L.GroupQueryAttention(3, 4, 2, use_gate=True, sliding_window=3)
    for label, make in makes.items():
        grouped = "Grouped" in label
        called(k, label, make, two)
        called(k, label, make, [(4, 6), (5, 6), (5, 6)] if grouped else three)
        called(k, label, make, two, use_causal_mask=True)
        called(k, label, make, two, mask=(4, 5))
        called(k, label, make, two, mask=(4, 5), use_causal_mask=True)
        # Keras says that the scores are of the query's length both ways.
        called(k, label, make, [(4, 6), (4, 6)], use_causal_mask=True, return_attention_scores=True)
        if "shaped" not in label and "7" not in label:
            masked(k, label, make)
            masked(k, label, make, use_causal_mask=True)
    for axes in [None, 1, (2,), (1, 2)]:
        for shape in [(3, 4, 6)]:
            make = lambda: L.MultiHeadAttention(2, 3, attention_axes=axes)
            called(k, f"MultiHeadAttention axes {axes}", make, [shape, shape])
