"""Whole processes: what a user waits for, and how much memory it takes."""

import json
import os
import subprocess
import sys

from processes import Contestant, Failure, alternate, fastest, medians, ratios, run
from rows import AT_LEAST, AT_MOST, Row
from setting import script

SECTION = "whole processes"
TOKENS, VOCABULARY, FILTERS, TAPS = 200, 10_000, 256, 3


def run_all(setting):
    yield from _scoring(setting)
    yield _inspecting(setting)
    yield _training(setting)


def _scoring(setting):
    folder = setting.folder("notebook")
    model, lists = f"{folder}/model.h5", f"{folder}/lists.npz"
    options = ["--data", lists, "--num-words", str(VOCABULARY), "--maxlen", str(TOKENS), "--json"]
    here = [setting.program("h5tool"), "evaluate", model, *options]
    there = [sys.executable, script("whole.py"), "evaluate", model, lists]
    there += [str(TOKENS), str(VOCABULARY)]
    found, failures = alternate(
        setting.rounds,
        {
            "keratin": lambda: run(here),
            "keras-tensorflow": lambda: run(there, {"KERAS_BACKEND": "tensorflow"}),
            "keras-jax": lambda: run(there, {"KERAS_BACKEND": "jax"}),
        },
    )
    seconds, memory = _parted(found)
    time = Row(SECTION, "load and evaluate 1,000 reviews", (AT_LEAST, 40), unit="ms")
    yield _compared(time, seconds, failures, 1000)
    peak = Row(SECTION, "its peak memory", (AT_LEAST, 4), unit="MB")
    yield _compared(peak, memory, failures)
    table = VOCABULARY * TAPS * FILTERS * 4 / (1 << 20)
    limit = 2 * os.path.getsize(model) / (1 << 20) + table
    bound = Row(SECTION, "its peak memory, in MB", (AT_MOST, limit))
    bound.figures = memory.get("keratin", [])
    bound.note = "goal: twice the file and the table of the folded convolution"
    yield bound


def _inspecting(setting):
    model = f"{setting.folder('notebook')}/model.h5"
    summary = [sys.executable, script("whole.py"), "summary", model]
    found, failures = alternate(
        3 * setting.rounds,
        {
            "keratin": lambda: run([setting.program("h5tool"), "inspect", model]),
            "h5dump": lambda: run(["h5dump", "-A", model]),
        },
    )
    keras, _ = alternate(1, {"keras-tensorflow": lambda: run(summary)})
    row = Row(SECTION, "inspect a checkpoint of 33 MB", (AT_LEAST, 1), unit="ms")
    row = _compared(row, _parted(found)[0], failures, 1000)
    for name, seconds in medians(_parted(keras)[0], 1000).items():
        row.times[name] = seconds
        row.note = f"load_model and summary in Keras: {seconds:,.0f} ms"
    return row


def _training(setting):
    """The peak memory of a process that loads the notebook's model and trains it for 100 steps."""

    def peak(name, command):
        contestant = Contestant(name, command)
        try:
            contestant.wait_until_ready()
            contestant.ask("train", 32, 3200)
        finally:
            memory = contestant.close()
        return memory

    commands = {"keratin": setting.keratin("notebook")}
    commands |= {name: setting.peer(name, "notebook") for name in ("keras-tensorflow", "keras-jax")}
    found, failures = alternate(
        1, {name: lambda n=name, c=command: peak(n, c) for name, command in commands.items()}
    )
    row = Row(SECTION, "peak memory of training", (AT_LEAST, 4), unit="MB")
    return _compared(row, found, failures)


def _parted(found):
    """Seconds, and megabytes."""
    return tuple({name: [f[part] for f in fs] for name, fs in found.items()} for part in (0, 1))


def _compared(row, found, failures, scale=1.0):
    row.times = medians(found, scale)
    row.peer = fastest(found)
    if "keratin" in failures:
        row.problem = f"failed: {failures['keratin'][:200]}"
    elif row.peer:
        row.figures = ratios(found, row.peer)
    row.note += "; ".join(f"{n}: {f[:120]}" for n, f in failures.items() if n != "keratin")
    return row


def counted_allocations(setting):
    """What a step of training allocates, at two sizes of a batch."""
    rows = []
    for case in ("notebook", "mlp"):
        row = Row("steady state", f"bytes a step allocates for each sample, {case}", (AT_MOST, 0.5))
        try:
            small, large = (_allocations(setting, case, batch) for batch in (32, 256))
            row.figures = [(large["bytes"] - small["bytes"]) / (256 - 32)]
            row.note = (
                f"{small['allocations']} allocations, {small['bytes']:,} bytes at batch 32; "
                f"{large['allocations']}, {large['bytes']:,} at 256"
            )
        except Failure as failure:
            row.problem = f"failed: {str(failure)[:200]}"
        rows.append(row)
    return rows


def _allocations(setting, case, batch):
    command = [setting.program("allocations"), setting.folder(case), str(batch)]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        raise Failure(answer.stdout + answer.stderr)
    return json.loads(answer.stdout)
