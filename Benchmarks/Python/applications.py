"""Compares predictions of the models of keras.applications with Keras's, and how long they take.

usage: applications.py --binaries FOLDER --cases FOLDER [--quick] [--into FILE] [NAME...]

Every model is drawn at random and saved by Keras. Figures of time are medians over rounds in which Keratin
and Keras take turns, with all that is done once left out; loading is a whole process that predicts one image.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from processes import Contestant, Failure, alternate, run
from rows import number
from setting import description, script, share_cores

NAMES = [
    "ResNet50", "MobileNetV2", "EfficientNetB0", "DenseNet121", "InceptionV3", "Xception", "VGG16", "NASNetMobile",
    "ConvNeXtTiny",
]  # fmt: skip
PEER = "keras-tensorflow-plain"
BATCHES = [1, 8]
# Of probabilities and of what is before them, relative to the largest.
TOLERANCE = 1e-4
BEGIN, END = "<!-- applications -->", "<!-- /applications -->"


def made(name, cases):
    """The folder of a model, which is made where it is missing."""
    folder = os.path.join(cases, "applications", name)
    if not os.path.exists(f"{folder}/made"):
        command = [sys.executable, script("application.py"), name, folder]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{name} could not be made:\n{result.stderr[-2000:]}")
        open(f"{folder}/made", "w").close()
    return folder


def difference(binaries, folder, kind):
    """The greatest difference of predictions, relative to the largest, and whether all classes are the same."""
    expected = np.load(f"{folder}/{kind}.npy")
    with tempfile.TemporaryDirectory() as scratch:
        output = f"{scratch}/y.npy"
        command = [f"{binaries}/h5tool", "predict", f"{folder}/{kind}.h5", "--input", f"{folder}/x.npy", "--output", output]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise Failure(result.stderr.strip()[:200])
        found = np.load(output)
    same = (found.argmax(1) == expected.argmax(1)).all()
    return float(np.abs(found - expected).max() / np.abs(expected).max()), bool(same)


def loading(binaries, folder):
    """The seconds and the memory of a process that loads the model and predicts one image."""
    with tempfile.TemporaryDirectory() as scratch:
        np.save(f"{scratch}/x.npy", np.load(f"{folder}/x.npy")[:1])
        command = [f"{binaries}/h5tool", "predict", f"{folder}/model.h5", "--input", f"{scratch}/x.npy"]
        runs = [run([*command, "--output", f"{scratch}/y.npy"]) for _ in range(3)]
    return min(seconds for seconds, _ in runs), max(memory for _, memory in runs)


def times(binaries, folder, rounds):
    """Milliseconds for an image by batch and contestant, the median of rounds."""
    commands = {
        "keratin": [f"{binaries}/contestant", folder],
        PEER: [sys.executable, script("contestant.py"), PEER, folder],
    }
    contestants = {name: Contestant(name, command) for name, command in commands.items()}
    try:
        for contestant in contestants.values():
            contestant.wait_until_ready()
        result = {}
        for batch in BATCHES:
            count = batch * (12 if batch == 1 else 6)

            def measure(name):
                return contestants[name].seconds_per_sample("predict", batch, count)

            for name in contestants:
                measure(name)
            found, failures = alternate(rounds, {n: lambda n=n: measure(n) for n in contestants})
            if failures:
                raise Failure(str(failures))
            result[batch] = {name: statistics.median(f) * 1000 for name, f in found.items()}
        return result
    finally:
        for contestant in contestants.values():
            contestant.close()


def cells(name, binaries, cases, rounds):
    folder = made(name, cases)
    try:
        worst, same = zip(*(difference(binaries, folder, kind) for kind in ("model", "logits")))
        verdict = "yes" if all(same) and max(worst) <= TOLERANCE else "**no**"
        found = times(binaries, folder, rounds)
        seconds, memory = loading(binaries, folder)
    except Failure as failure:
        return [name, f"failed: {failure}"] + [""] * (3 + 3 * len(BATCHES))
    row = [name, verdict, f"{worst[0]:.0e}", f"{worst[1]:.0e}"]
    for batch in BATCHES:
        here, there = found[batch]["keratin"], found[batch][PEER]
        row += [number(here), number(there), number(there / here)]
    return row + [f"{number(seconds)} s, {number(memory)} MB"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--cases", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--into")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    share_cores()
    head = ["", "same", "probabilities", "logits"]
    for batch in BATCHES:
        head += [f"Keratin, batch {batch}", "Keras", "ratio"]
    rows = [head + ["load and predict one"]]
    for name in options.names or NAMES:
        rows.append(cells(name, options.binaries, options.cases, 3 if options.quick else 5))
        print("  " + " | ".join(rows[-1]), file=sys.stderr, flush=True)
    rows.insert(1, ["-" * max(3, len(cell)) for cell in rows[0]])
    about = description()
    text = f"{about['machine']}; Keras {about['keras']}, TensorFlow {about['tensorflow-cpu']}.\n\n"
    text += "\n".join(f"| {' | '.join(row)} |" for row in rows)
    print(text)
    if options.into:
        with open(options.into) as file:
            before, found, rest = file.read().partition(BEGIN)
        _, ended, after = rest.partition(END)
        if not found or not ended:
            sys.exit(f"{options.into} has no {BEGIN} … {END}")
        with open(options.into, "w") as file:
            file.write(f"{before}{BEGIN}\n{text}\n{END}{after}")
    if any(row[1] != "yes" for row in rows[2:]):
        sys.exit(1)


main()
