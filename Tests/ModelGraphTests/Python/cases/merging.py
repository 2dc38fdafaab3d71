"""Merging: element by element, side by side, by products; and what becomes of masks."""

from .harness import add, dialect_of, joined, keras, steps, tokens


def add_cases(k):
    L = k.layers
    for name in ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]:
        for shapes in [[(3,), (3,)], [(4, 3), (1, 3)], [(2, 4, 3), (3,)], [(3,), (2, 1), (2, 3)]]:
            if len(shapes) == 2 or name != "Subtract":
                joined(k, name, shapes, getattr(L, name)(), steps)
    for shapes, axis in [([(3,), (4,)], -1), ([(2, 3), (5, 3)], 1), ([(2, 3), (2, 1), (2, 2)], 2),
                         ([(4, 2, 3), (4, 5, 3)], -2)]:
        joined(k, f"Concatenate {axis}", shapes, L.Concatenate(axis))
    for shapes, axes in [([(3,), (3,)], 1), ([(4, 3), (5, 3)], 2), ([(4, 3), (3, 5)], (2, 1)),
                         ([(3,), (5, 3)], -1), ([(4, 3), (3,)], (2, 1)), ([(2, 4, 3), (4, 5)], (2, 1)),
                         ([(4, 3), (2, 5, 4)], (1, 3))]:
        for normalize in [False, True]:
            joined(k, f"Dot {axes} {normalize}", shapes, L.Dot(axes, normalize))
    masks(k)


def masks(k):
    """Both inputs masked, and one of them; an average over time shows what became of the masks."""
    L = k.layers
    words = tokens(11, 2, 3, 6) + 1
    words[0, 0, 4:] = words[0, 1, 2:] = words[1, 0, :2] = words[1, 1, 5:] = words[:, 2, 4:] = 0
    names = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]
    joins = [getattr(L, name)() for name in names]
    joins += [L.Concatenate(), L.Concatenate(1), L.Dot(2)]
    for join in joins:
        for masked in [(True, True), (True, False), (False, True)]:
            if k is not keras and getattr(join, "axis", -1) == 1 and not all(masked):
                continue  # Refused by Keras 2 itself.
            inputs = [k.Input((6,), dtype="int32") for _ in masked]
            rows = [L.Embedding(13, 3, mask_zero=m)(x) for m, x in zip(masked, inputs)]
            copy = type(join).from_config(join.get_config())
            merged = copy(rows)
            outputs = [merged, L.GlobalAveragePooling1D()(merged)]
            label = f"{dialect_of(k)} masked {masked} {type(join).__name__}"
            add(label, k.Model(inputs, outputs), list(words), dialect_of(k), gradients=True)
