"""Contests: the same work by every contestant, in turn."""

from dataclasses import dataclass

from processes import Contestant, Failure, alternate, fastest, medians, ratios
from rows import AT_LEAST, Row

PEERS = ["keras-tensorflow", "keras-tensorflow-plain", "keras-jax", "onnxruntime"]


@dataclass(frozen=True)
class Contest:
    """count is how many samples everyone takes; where it is 0, each takes as many as fill the time."""

    mode: str
    batch: int
    goal: float
    count: int = 0


# Predictions come first: until a model is trained all contestants must predict the same.
BREADTH = [
    Contest("predict", 1, 1.5),
    Contest("predict", 32, 1.5),
    Contest("predict", 256, 1.5),
    Contest("train", 32, 1.5),
]
CONTESTS = {
    "notebook": [
        Contest("predict", 32, 25, 25_000),
        Contest("predict", 256, 25, 25_000),
        Contest("evaluate", 32, 25, 25_000),
        Contest("train", 32, 5),
    ],
    "mlp": BREADTH,
    "mnist-cnn": BREADTH,
    "lstm": BREADTH,
    "bidirectional-gru": BREADTH,
    "text-cnn": BREADTH,
    "resnet": BREADTH,
}


class Arena:
    """Every contestant with one case loaded."""

    def __init__(self, setting, case):
        self.setting = setting
        self.case = case
        self.failures = {}
        commands = {"keratin": setting.keratin(case)}
        commands |= {peer: setting.peer(peer, case) for peer in PEERS}
        self.contestants = {name: Contestant(name, c) for name, c in commands.items()}
        for name, contestant in self.contestants.items():
            try:
                contestant.wait_until_ready()
            except Failure as failure:
                self.failures[name] = str(failure)

    def close(self):
        for contestant in self.contestants.values():
            contestant.close()

    def run(self, contest):
        name = f"{contest.mode}, batch {contest.batch}"
        if contest.count:
            name += f", {contest.count:,} samples"
        row = Row(self.case, name, (AT_LEAST, contest.goal), unit="ms/sample")
        failures = dict(self.failures)
        counts, results = {}, {}
        for name, contestant in self.contestants.items():
            if name not in failures:
                try:
                    counts[name], results[name] = self._prepared(contestant, contest)
                except Failure as failure:
                    failures[name] = str(failure)

        def measure(name):
            contestant = self.contestants[name]
            return contestant.seconds_per_sample(contest.mode, contest.batch, counts[name])

        rounds = min(self.setting.rounds, 3) if contest.count else self.setting.rounds
        found, late = alternate(rounds, {n: lambda n=n: measure(n) for n in counts})
        failures |= late
        row.times = medians(found, 1000)
        row.peer = fastest(found)
        if "keratin" in failures:
            row.problem = unsupported(failures["keratin"])
        elif row.peer:
            row.figures = ratios(found, row.peer)
            row.note = disagreement(results)
        for name, failure in failures.items():
            if name != "keratin" and "does not train" not in failure:
                row.note += f"; {name}: {failure[:120]}"
        return row

    def _prepared(self, contestant, contest):
        """Lets plans be made and programs traced; how many samples to take, and what the first gave."""
        mode, batch = contest.mode, contest.batch
        result = contestant.ask(mode, batch, batch * 8).get("mean_square")
        if contest.count and (contestant.name == "keratin" or not self.setting.quick):
            # The last batch is shorter than the others, and needs plans of its own.
            contestant.ask(mode, batch, batch + contest.count % batch)
            return contest.count, result
        count, most, seconds = batch * 8, batch * 8192, 0.0
        while True:
            seconds = contestant.ask(mode, batch, count)["seconds_per_sample"]
            if count >= most or seconds * count >= self.setting.seconds / 4:
                break
            count *= 4
        batches = round(self.setting.seconds / max(seconds * batch, 1e-6))
        return batch * max(8, min(batches, most // batch)), result


def unsupported(failure):
    return "unsupported" if "not supported" in failure else f"failed: {failure[:200]}"


def disagreement(results):
    """What the row says where contestants predict otherwise than Keratin does."""
    here = results.get("keratin")
    if here is None:
        return ""
    wrong = [n for n, there in results.items() if there and abs(there - here) > 1e-4 * abs(here)]
    return f"PREDICTS OTHERWISE THAN {', '.join(wrong)}" if wrong else ""


def run(setting, case):
    """The rows of a case."""
    arena = Arena(setting, case)
    try:
        for contest in CONTESTS[case]:
            yield arena.run(contest)
    finally:
        arena.close()
