"""Judges the cases of one generation of Keras.

worker.py FOLDER, with the settings as JSON on standard input; appends to FOLDER/log a line of JSON for
what begins and what came of it. Begun anew with "skip", it goes on after so many cases.
"""

import inspect
import json
import logging
import os
import runpy
import sys
import time
import warnings
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
LAYERS = os.path.join(HERE, "..", "..", "ModelGraphTests", "Python")
sys.path[:0] = [HERE, LAYERS]
warnings.filterwarnings("ignore")
logging.getLogger("absl").setLevel(logging.ERROR)

from cases import harness
import calls
import random_models
import spaces
from judge import Case, Judge
from sampling import combinations

keras, tf_keras, np, tf = harness.keras, harness.tf_keras, harness.np, harness.tf

def seeded(*words):
    return np.random.default_rng(zlib.crc32(" ".join(map(str, words)).encode()))

def is_random(model):
    """Whether a step of training is drawn anew each time."""
    def found(value):
        if isinstance(value, dict):
            if str(value.get("class_name", "")).startswith(("Random", "RandAugment", "AugMix", "MixUp", "CutMix")):
                return "Initializer" not in str(value) and value.get("module") != "keras.initializers"
            drawn = any(value.get(key) for key in ("rate", "dropout", "recurrent_dropout", "stddev")
                        if not isinstance(value.get(key), dict))
            return drawn and "minval" not in value and "min_value" not in value or any(map(found, value.values()))
        return isinstance(value, list) and any(map(found, value))
    return found([layer.get_config() for layer in model.layers if not layer.name.startswith("input")]) or any(
        found({"class_name": type(layer).__name__}) for layer in model.layers)

def layer_classes(k):
    """The classes that a file can hold, each under its own name, not under another one."""
    found = {}
    for name in dir(k.layers):
        made = getattr(k.layers, name)
        if inspect.isclass(made) and issubclass(made, k.layers.Layer) and name not in spaces.WITHOUT:
            found.setdefault(made, made.__name__ if hasattr(k.layers, made.__name__) else name)
    return sorted(set(found.values()))

def unvaried(k, name):
    """The arguments of a class that nothing says the values of."""
    if name not in spaces.SPACES:
        return ["every argument"]
    known = spaces.SPACES[name].arguments
    return [a for a in calls.accepted(k, name) if a not in known and a not in spaces.IGNORED and a != "trainable"]

def space_cases(k, generation, settings, known):
    """Combinations of the arguments of every class that Keratin has."""
    for name in layer_classes(k):
        if name not in spaces.SPACES or name not in known:
            continue
        space = spaces.SPACES[name]
        accepted = calls.accepted(k, name)
        if calls.takes_more(k, name):
            accepted.append("trainable")
        if k is not keras and name in ("SimpleRNN", "LSTM", "GRU", "RNN"):
            accepted.append("zero_output_for_mask")
        forms = {**spaces.FORMS}
        if not space.probed:
            del forms["_probe"]
        arguments = {
            key: values for key, values in {**forms, **space.arguments}.items()
            if key.startswith("_") or key in accepted
        }
        arguments["_class"] = [name]
        arguments["_generation"] = [generation]
        every = {key: values[:1] for key, values in space.arguments.items()}
        rng = seeded(settings["seed"], generation, name)
        limit = settings["combinations"] or space.limit
        for options in combinations(arguments, lambda o: holds(space, {**every, "trainable": True, **o}), rng, limit):
            shown = {key: v for key, v in options.items() if key not in ("_class", "_generation")}
            label = f"{generation} {name} {shown}"
            yield label, lambda: Case(label, [name], *space_model(k, name, space, options, label))

def holds(space, options):
    return space.holds(options) and not any(left_out(options) for _, left_out in spaces.LEFT_OUT)


def space_model(k, name, space, options, label):
    harness.rng = seeded(label)
    builder = calls.Builder(k, name, options, harness)
    model = getattr(calls, space.call)(builder)
    if k is keras and options.get("data_format") == "channels_first" and options.get("use_bias"):
        shape = tuple(model.output_shape if not isinstance(model.output_shape, list) else ())
        if "Conv" in name and len(shape) > 2 and shape[-1] in (shape[1], None):
            # Its addition takes a bias of the size of the last axis for one of that axis.
            raise ValueError("TensorFlow's part of Keras adds the bias along another axis")
    harness.randomise(model, 0.2 if "exponential" in label else 0.5)
    return model, builder.given

def layer_cases(generation, known):
    """The cases that the tests of layers have: their program makes them, and gives them here instead of
    writing answers."""
    kept = []

    def take(label, model, inputs, dialect="keras3", training=False, gradients=False):
        harness.cases.append({"label": label})
        if dialect == generation:
            harness.randomise(model, 0.05 if "exponential" in label else 0.5)
            names = {type(layer).__name__ for layer in model.layers} - {"InputLayer", "Functional"}
            names = {name for name in names if name in known}
            kept.append(Case(label, sorted(names), model, inputs))

    harness.sink = take
    folder = sys.argv[1]
    arguments, sys.argv = sys.argv, [os.path.join(LAYERS, "answers.py"), folder]
    try:
        runpy.run_path(sys.argv[0])
    finally:
        sys.argv, harness.sink = arguments, None
        os.remove(os.path.join(folder, "answers.json"))
    for case in kept:
        yield case.label, lambda: case

def main():
    settings = json.load(sys.stdin)
    generation, folder = settings["generation"], sys.argv[1]
    k = keras if generation == "keras3" else tf_keras
    tf.config.run_functions_eagerly(True)
    lines = open(os.path.join(folder, "log"), "a", buffering=1)
    log = lambda **fields: lines.write(json.dumps(fields) + "\n")
    judge = Judge(k, keras, tf, np, settings["runner"], folder, log)
    known = judge.runner.ask({"classes": None})["classes"] + ["ThresholdedReLU"]
    sources = []
    if settings["spaces"]:
        sources.append(space_cases(k, generation, settings, known))
    if settings["layers"]:
        sources.append(layer_cases(generation, known))

    if settings["sequential"] or settings["functional"]:
        sources.append(random_models.cases(k, generation, settings, harness))
    skip, started = settings["skip"], time.time()
    for source in sources:
        for label, make in source:
            if settings["only"] not in label:
                continue
            if skip > 0:
                skip -= 1
                continue
            log(begin=label)
            try:
                case = make()
            except Exception as error:
                log(refused=label, text=" ".join(str(error).split())[-300:])
                continue
            case.trains = case.trains and not is_random(case.model)
            judge.judge(case)
            if judge.count % 200 == 0:
                keras.backend.clear_session()
                tf_keras.backend.clear_session()
                print(f"{generation}: {judge.count} models in {time.time() - started:.0f} s, "
                      f"{judge.failures} failures", file=sys.stderr)
    log(missing=[name for name in layer_classes(k) if name not in known], classes={name: unvaried(k, name) for name in layer_classes(k)},
        without={name: reason for name, reason in spaces.WITHOUT.items() if hasattr(k.layers, name)})

main()
