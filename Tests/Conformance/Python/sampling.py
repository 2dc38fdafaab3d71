"""Combinations of arguments: every pair of values together where there is room for it."""

import itertools


def combinations(arguments, holds, rng, limit):
    """At most `limit` combinations that `holds`, those first that show most pairs not yet seen; all there
    are, where they are few."""
    keys = list(arguments)
    size = 1
    for key in keys:
        size *= len(arguments[key])
        if size > 4 * limit:
            break
    if size <= 4 * limit:
        pool = [dict(zip(keys, values)) for values in itertools.product(*arguments.values())]
        pool = [c for c in pool if holds(c)]
        rng.shuffle(pool)
    else:
        pool = None
    seen, chosen = set(), []
    while len(chosen) < limit and (pool is None or pool):
        candidates = pool if pool is not None else list(itertools.islice(drawn(arguments, holds, rng), 24))
        if not candidates:
            break
        news = [pairs(c) - seen for c in candidates]
        best = max(range(len(candidates)), key=lambda i: len(news[i]))
        if not news[best] and pool is None:
            break
        seen |= news[best]
        chosen.append(candidates[best])
        if pool is not None:
            del pool[best]
    return chosen


def drawn(arguments, holds, rng, tries=400):
    for _ in range(tries):
        chosen = {key: values[rng.integers(len(values))] for key, values in arguments.items()}
        if holds(chosen):
            yield chosen


def pairs(combination):
    items = [(key, repr(value)) for key, value in combination.items()]
    return set(itertools.combinations(items, 2)) | {(item,) for item in items}
