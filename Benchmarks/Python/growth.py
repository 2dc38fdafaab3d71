"""How Keratin's cost grows with the work, and with the threads."""

from contextlib import ExitStack

from processes import Contestant, Failure, alternate, medians, ratios
from rows import AT_LEAST, AT_MOST, Row

SECTION = "growth"
SIZES = {
    "vocabulary": {s: f"vocabulary-{s}" for s in (5_000, 20_000, 40_000)} | {10_000: "notebook"},
    "tokens": {s: f"tokens-{s}" for s in (100, 400, 800)} | {200: "notebook"},
    "filters": {s: f"filters-{s}" for s in (64, 128, 512)} | {256: "notebook"},
}


def run_all(setting):
    for mode in ("predict", "train"):
        yield _over_samples(setting, mode)
    for dimension, cases in SIZES.items():
        yield from _over_sizes(setting, dimension, cases)


def _over_samples(setting, mode):
    """The cost of a sample among 1,000 and among 100,000 is the same."""
    counts = (1_000, 10_000) if setting.quick else (1_000, 10_000, 100_000)
    row = Row(SECTION, f"{mode}, ms/sample from 1,000 to {counts[-1]:,} reviews", (AT_MOST, 1.15))

    def measure(contestant, count):
        return contestant.seconds_per_sample(mode, 32, count)

    with _Contestant(setting, "notebook") as contestant:
        measure(contestant, counts[0])
        found, failures = alternate(
            2, {str(count): lambda c=count: measure(contestant, c) for count in counts}
        )
    times = list(medians(found, 1000).values())
    row.note = "; ".join([f"{t:.3g} ms" for t in times] + list(failures.values()))
    if len(times) == len(counts):
        # Where more samples make each cheaper, that is no fault.
        row.figures = [max(b / a for i, a in enumerate(times) for b in times[i + 1 :])]
        row.note = "largest growth; " + row.note
    return row


def _over_sizes(setting, dimension, cases):
    """Twice the size costs no more than twice the time."""
    with ExitStack() as stack:
        contestants = {
            str(size): stack.enter_context(_Contestant(setting, cases[size])) for size in sorted(cases)
        }
        for mode in ("predict", "train"):
            row = Row(SECTION, f"{mode}, per doubling of {dimension}", (AT_MOST, 2 * 1.15))
            found, failures = _alternate(3, contestants, mode)
            times = list(medians(found, 1000).values())
            row.note = "; ".join([f"{t:.3g} ms" for t in times] + list(failures.values()))
            if len(times) == len(cases):
                row.figures = [max(b / a for a, b in zip(times, times[1:]))]
                row.note = f"largest growth from {min(cases):,} to {max(cases):,}; " + row.note
            yield row


def _alternate(rounds, contestants, mode):
    def measure(contestant):
        return contestant.seconds_per_sample(mode, 32, 1600)

    return alternate(rounds, {name: lambda c=c: measure(c) for name, c in contestants.items()})


def threads(setting):
    """Two threads against one, and whether they give the same bits."""
    row = Row("threads", "2 threads against 1, notebook, train, batch 32", (AT_LEAST, 1.8))
    with ExitStack() as stack:
        contestants = {
            name: stack.enter_context(_Contestant(setting, "notebook", number))
            for name, number in (("keratin", 2), ("one thread", 1))
        }
        found, failures = _alternate(setting.rounds, contestants, "train")
    if failures:
        row.problem = f"failed: {failures}"
    else:
        row.times, row.unit, row.peer = medians(found, 1000), "ms/sample", "one thread"
        row.figures = ratios(found, "one thread")
    return [row] + _bits(setting)


def _bits(setting):
    """How many cases, trained for 20 steps from one seed, get other weights."""
    again = Row("threads", "trainings with other bits when run again, of 4 models", (AT_MOST, 0))
    fewer = Row("threads", "trainings with other bits on 1 thread than on 2, of 4", (AT_MOST, 0))
    other = {again.name: [], fewer.name: []}
    for case in ("notebook", "mlp", "text-cnn", "lstm"):
        try:
            one, two, repeated = (_checksum(setting, case, threads) for threads in (1, 2, 2))
        except Failure as failure:
            again.problem = fewer.problem = f"{case} failed: {str(failure)[:200]}"
            break
        if two != repeated:
            other[again.name].append(case)
        if one != two:
            other[fewer.name].append(case)
    for row in (again, fewer):
        row.figures, row.note = [len(other[row.name])], ", ".join(other[row.name])
    return [again, fewer]


def _checksum(setting, case, threads):
    with _Contestant(setting, case, threads) as contestant:
        return contestant.ask("checksum", 32, 640)["checksum"]


class _Contestant(Contestant):
    """Keratin alone."""

    def __init__(self, setting, case, threads=None):
        super().__init__("keratin", setting.keratin(case) + ([str(threads)] if threads else []))

    def __enter__(self):
        try:
            self.wait_until_ready()
        except Failure:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()
