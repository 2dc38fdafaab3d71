"""Holds Keratin against the real Keras: every class with many combinations of its arguments, the cases
of the tests of layers, and random models.

conformance.py --runner PATH [--combinations N] [--no-layers] [--sequential N] [--functional N] [--seed N]
  [--only TEXT] [--failures N] [--nested] [--slices] [--allow-refusals] [--into FILE]

A case is made by Keras and saved; Keratin loads it, predicts, trains a step and saves; Keras opens what
was saved. Prints a row for each class and ends with status 1 where anything is wrong. --combinations
bounds those of each class, --allow-refusals passes what Keratin says that it cannot do, --into writes the table between the marks of a file.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = ["load", "run", "train", "write"]
GENERATIONS = {"keras3": "Keras 3.15", "keras2": "tf_keras 2.21"}


# What Keratin says of that which it cannot do, instead of doing something else.
REFUSAL = re.compile("not supported yet|not trained yet|cannot be run yet")


class Generation:
    """The worker of one generation, and what it found."""

    def __init__(self, name, settings, folder):
        self.name, self.folder = name, os.path.join(folder, name)
        self.settings = {**settings, "generation": name}
        self.scores, self.failures, self.refused = {}, [], []
        self.untrained, self.unopened = [], []
        self.classes, self.without, self.missing, self.problem = None, {}, [], None
        self.count = 0
        os.makedirs(self.folder)

    def run(self):
        """Starts the worker again where a case has killed Keras itself."""
        path = os.path.join(self.folder, "log")
        while self.classes is None and self.problem is None:
            lines = self.lines(path)
            begun = [line["begin"] for line in lines if "begin" in line]
            settings = {**self.settings, "skip": len(begun)}
            ended = subprocess.run(
                [sys.executable, os.path.join(HERE, "worker.py"), self.folder],
                input=json.dumps(settings), text=True, stderr=subprocess.PIPE)
            lines = self.lines(path)
            if ended.returncode > 0 or (ended.returncode < 0 and len(begun) == sum("begin" in l for l in lines)):
                self.problem = f"the worker of {self.name} ended: {ended.stderr[-2000:]}"
            elif ended.returncode < 0:
                with open(path, "a") as log:
                    last = [line["begin"] for line in lines if "begin" in line][-1]
                    text = f"Keras ended with signal {-ended.returncode}"
                    log.write(json.dumps({"refused": last, "text": text}) + "\n")
            else:
                self.collect(lines)

    @staticmethod
    def lines(path):
        if not os.path.exists(path):
            return []
        with open(path) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def collect(self, lines):
        for line in lines:
            if "verdict" in line:
                self.count += 1
                for step, text in line["verdict"].items():
                    for name in line["classes"]:
                        score = self.scores.setdefault(name, {s: [0, 0] for s in STEPS})[step]
                        score[0] += text is None
                        score[1] += 1
                wrong = [(step, text) for step, text in line["verdict"].items() if text is not None]
                # What fails after the first failure mostly follows from it.
                if wrong:
                    self.failures.append((line["label"], wrong[0][0], wrong[0][1]))
            elif "refused" in line:
                self.refused.append((line["refused"], line["text"]))
            elif "untrained" in line:
                self.untrained.append((line["untrained"], line["text"]))
            elif "unopened" in line:
                self.unopened.append((line["unopened"], line["text"]))
            elif "without" in line:
                self.classes, self.without = line["classes"], line["without"]
                self.missing = line["missing"]


def table(generations):
    """A row for each class: how many combinations are right, of how many."""
    names = sorted({name for g in generations for name in g.scores}, key=str.lower)
    titles = [f"{GENERATIONS[g.name]}: {step}" for g in generations for step in STEPS]
    rows = [["class"] + titles, ["---"] + ["---:"] * len(titles)]
    for name in names:
        row = [name]
        for generation in generations:
            for step in STEPS:
                right, all_ = generation.scores.get(name, {}).get(step, [0, 0])
                cell = f"{right}/{all_}" if all_ else "–"
                row.append(cell if right == all_ else f"**{cell}**")
        rows.append(row)
    text = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    missing = sorted({name for g in generations for name in g.missing}, key=str.lower)
    reasons = {}
    for generation in generations:
        for name, reason in generation.without.items():
            reasons.setdefault(reason, set()).add(name)
    if missing:
        text += f"\n\nNot run by Keratin: {', '.join(missing)}."
    for reason, names in reasons.items():
        text += f"\n\nWithout combinations, {reason}: {', '.join(sorted(names))}."
    return text


def put(text, path):
    with open(path) as file:
        before, rest = file.read().split("<!-- conformance -->")
    after = rest.split("<!-- /conformance -->")[1]
    with open(path, "w") as file:
        file.write(f"{before}<!-- conformance -->\n{text}\n<!-- /conformance -->{after}")


def alike(entries):
    """The shortest of the entries that say the same of the same class, with how many do."""
    kinds = {}
    for label, *rest in entries:
        said = tuple(re.sub(r"[0-9.e+-]+|\"[^\"]*\"|'[^']*'", "", text)[:60] for text in rest)
        kinds.setdefault((label.split()[1], *said), []).append((label, *rest))
    return [(len(found), *min(found, key=lambda entry: len(entry[0]))) for found in kinds.values()]


def one_line(text, length=400):
    return " ".join(text.split())[:length]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runner", required=True)
    parser.add_argument("--combinations", type=int, default=0)
    parser.add_argument("--no-spaces", action="store_true")
    parser.add_argument("--no-layers", action="store_true")
    parser.add_argument("--sequential", type=int, default=0)
    parser.add_argument("--functional", type=int, default=0)
    parser.add_argument("--nested", action="store_true")
    parser.add_argument("--slices", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--failures", type=int, default=60)
    parser.add_argument("--generations", nargs="*", default=list(GENERATIONS))
    parser.add_argument("--allow-refusals", action="store_true")
    parser.add_argument("--into")
    options = parser.parse_args()
    settings = {
        "runner": os.path.abspath(options.runner), "combinations": options.combinations,
        "spaces": not options.no_spaces, "layers": not options.no_layers, "sequential": options.sequential,
        "functional": options.functional, "seed": options.seed, "only": options.only,
        "nested": options.nested, "slices": options.slices,
    }
    with tempfile.TemporaryDirectory() as folder:
        generations = [Generation(name, settings, folder) for name in options.generations]
        threads = [threading.Thread(target=generation.run) for generation in generations]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    wrong = False
    for generation in generations:
        if generation.problem:
            print(generation.problem)
            wrong = True
            continue
        for kind, entries in [("refused by Keras itself", generation.refused),
                              ("not trained by Keras itself", generation.untrained),
                              ("saved by Keras so that it opens it no more", generation.unopened)]:
            for count, label, text in alike(entries):
                print(f"{kind} ({count} such): {one_line(text)} [{label}]")
        for name, arguments in generation.classes.items():
            if arguments:
                print(f"{generation.name} {name}: nothing says the values of {', '.join(arguments)}")
                wrong = True
        for count, label, step, text in alike(generation.failures)[:options.failures]:
            kind = "REFUSED" if REFUSAL.search(text) else "FAILED"
            print(f"{kind} to {step} ({count} such): {one_line(text)} [{label}]")
        wrong = wrong or any(
            not (options.allow_refusals and REFUSAL.search(text)) for _, _, text in generation.failures)
    text = table(generations)
    print(text)
    for generation in generations:
        print(f"{GENERATIONS[generation.name]}: {generation.count} models, {len(generation.failures)} failures; "
              f"seed {options.seed}")
    if options.into:
        put(text, options.into)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
