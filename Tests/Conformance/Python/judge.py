"""One case after the other: what Keras computes, what Keratin answers, and whether they agree."""

import dataclasses
import json
import os
import selectors
import subprocess
import traceback

from tolerances import ABSOLUTE, RELATIVE, exception_for

STEPS = ["load", "run", "train", "write"]


@dataclasses.dataclass
class Case:
    """A model of Keras with its inputs, and the layer classes that it speaks for."""

    label: str
    classes: list
    model: object
    inputs: list
    trains: bool = True
    epochs: int = 1
    # With a rate of 1 a weight after the step is the weight before it minus its gradient.
    optimizer: dict = dataclasses.field(default_factory=lambda: {"learning_rate": 1.0})
    # One loss, or one for each output.
    loss: object = "mse"
    # The two tolerances of weights and losses, where they are others than those of outputs.
    trained: tuple = None
    # Whether Keras 3 has all layers of the model, so that it can open what Keratin makes of it.
    remade: bool = True


class Refused(Exception):
    """Keras itself makes nothing of a case."""


class Runner:
    """The process that answers for Keratin; started anew where a case has killed it."""

    def __init__(self, path):
        self.path = path
        self.process = None

    def ask(self, request, seconds=60):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, bufsize=1, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        self.process.stdin.write(json.dumps(request) + "\n")
        selector = selectors.DefaultSelector()
        selector.register(self.process.stdout, selectors.EVENT_READ)
        if not selector.select(seconds):
            self.process.kill()
            self.process.wait()
            return {"problem": {"step": "load", "text": f"no answer in {seconds} seconds"}}
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        said = self.process.communicate()[1].strip().splitlines()
        text = said[0] if said else f"status {self.process.returncode}"
        return {"problem": {"step": "load", "text": f"it ended: {text}"}}


class Judge:
    """Judges cases of one generation, whose module is `k`."""

    def __init__(self, k, keras, tf, np, runner, folder, log):
        self.k, self.keras, self.tf, self.np = k, keras, tf, np
        self.runner, self.folder, self.log = Runner(runner), folder, log
        self.count = self.failures = 0

    def judge(self, case):
        """Logs the verdict on a case, or why there is none."""
        try:
            verdict = self.verdict(case)
        except Refused as reason:
            self.log(refused=case.label, text=str(reason))
            return
        except Exception:
            verdict = {"load": "the check itself failed: " + traceback.format_exc()[-600:]}
        self.count += 1
        self.failures += any(verdict.values())
        self.log(label=case.label, classes=sorted(set(case.classes)), verdict=verdict)

    def verdict(self, case):
        """None for each step that is right, else what is wrong with it."""
        np, model = self.np, case.model
        paths = {
            name: os.path.join(self.folder, ending)
            for name, ending in {
                "model": "model.h5", "arrays": "arrays.npz", "predicted": "predicted.npy",
                "trained": "trained.npy", "saved": "saved.h5", "remade": "remade.h5"}.items()
        }
        for path in paths.values():
            if os.path.exists(path):
                os.remove(path)
        given = case.inputs if len(case.inputs) > 1 else case.inputs[0]
        inputs = {f"x{i}": x for i, x in enumerate(case.inputs)}
        arrays = dict(inputs)
        rng = np.random.default_rng(len(case.label))
        try:
            reset(model)
            before = run(model, given)
            parameters = model.count_params()
            outputs = before if model.outputs is None else listed(model.outputs)
            shapes = [list(y.shape) for y in outputs]
            trains = case.trains and bool(model.trainable_weights)
            if trains:
                losses = case.loss if isinstance(case.loss, list) else [case.loss] * len(before)
                for i, (loss, y) in enumerate(zip(losses, before)):
                    arrays[f"y{i}"] = target(np, rng, loss, y.shape)
                model.compile(optimizer=self.k.optimizers.SGD(**case.optimizer), loss=case.loss)
            model.save(paths["model"])
            np.savez(paths["arrays"], **arrays)
        except Exception as error:
            raise Refused(" ".join(str(error).split())[-300:])
        if not all(np.isfinite(y).all() for y in before):
            raise Refused("Keras gives no numbers")
        if trains:
            try:
                targets = [arrays[f"y{i}"] for i in range(len(before))]
                losses, weights = self.trained(case, given, targets if len(targets) > 1 else targets[0])
            except Refused as reason:
                self.log(untrained=case.label, text=str(reason))
                trains = False
                np.savez(paths["arrays"], **inputs)

        request = {**paths, "epochs": case.epochs}
        answer = self.runner.ask(request)
        problem = answer.get("problem")
        verdict = {step: None for step in STEPS if step != "train" or trains}
        if problem:
            first = STEPS.index(problem["step"]) if problem["step"] in STEPS else 0
            text = problem["text"].replace(paths["model"], "")
            verdict.update({step: text for step in STEPS[first:] if step in verdict})
        tolerance = exception_for(case)

        def close(found, expected, what, tolerance=tolerance):
            return difference(np, found, expected, what, tolerance)

        if verdict["load"] is None:
            if answer["parameters"] != parameters:
                verdict["load"] = f"{answer['parameters']} parameters, not {parameters}"
            # Where Keras itself says another shape than it gives, what it gives counts.
            elif not admitted(answer["output_shapes"], shapes) and not admitted(
                    answer["output_shapes"], [list(y.shape) for y in before]):
                verdict["load"] = f"says outputs of {answer['output_shapes']}, not {shapes}"
        if verdict["run"] is None:
            expected = [list(y.shape) for y in before]
            if answer["shapes"] != expected:
                verdict["run"] = f"gives outputs of {answer['shapes']}, not {expected}"
            else:
                flat = flatten(np, before)
                verdict["run"] = close(np.load(paths["predicted"]), flat, "output")
                again = verdict["run"] and self.opened(paths["model"], given)
                if again and difference(np, flatten(np, again), flat, "output", tolerance):
                    # The file says another model than Keras had; Keratin is asked about the file.
                    flat = flatten(np, again)
                    text = close(np.load(paths["predicted"]), flat, "output of what the file says")
                    self.log(unopened=case.label, text=verdict["run"])
                    return {"load": verdict["load"], "run": text}
        if trains and verdict["train"] is None:
            trained = case.trained or tolerance
            verdict["train"] = close(np.load(paths["trained"]), weights, "weight", trained) or close(
                np.array(answer["losses"]), np.array(losses), "loss", trained)
        if problem and problem["step"] == "train":
            # Saving does not wait for training.
            np.savez(paths["arrays"], **inputs)
            again = self.runner.ask(request).get("problem")
            verdict["write"] = again and again["text"]
            trains = False
        if verdict["write"] is None:
            after = before
            # What differs after training is what training made of it.
            if trains and case.trained:
                close = lambda found, expected, what: difference(np, found, expected, what, case.trained)
            if trains:
                reset(model)
                after = run(model, given)
            flat_before, flat = flatten(np, before), flatten(np, after)
            opened = {"saved": [self.k], "remade": [self.keras] if case.remade else []}
            for name, k in [(name, k) for name, ks in opened.items() for k in ks]:
                text = self.reopened(k, paths[name], given, flat, close)
                # Some files Keras itself cannot open again, or makes another model of.
                if text and self.reopened(k, paths["model"], given, flat_before, close):
                    self.log(unopened=case.label, text=text)
                elif text:
                    verdict["write"] = f"the {name} file: {text}"
                    break
        return verdict


    def reopened(self, k, path, given, expected, close):
        """None where Keras opens a file and it gives what is expected."""
        try:
            outputs = run(k.models.load_model(path), given)
        except Exception as error:
            return f"Keras does not open it: {str(error)[-200:]}"
        return close(flatten(self.np, outputs), expected, "output")

    def opened(self, path, given):
        """What Keras's own file gives in Keras; None where it opens it no more."""
        try:
            return run(self.k.models.load_model(path), given)
        except Exception:
            return None

    def trained(self, case, given, targets):
        """The losses of the steps, and the weights after them."""
        np, model = self.np, case.model
        start = model.get_weights()
        try:
            return self.steps(case, given, targets)
        except Refused:
            raise
        except Exception:
            pass
        # What TensorFlow's own kernels lack on a CPU, such as gradients of groups, its compiler has.
        try:
            model.set_weights(start)
            # With the states of a prediction, as before the attempt.
            reset(model)
            run(model, given)
            optimizer = self.k.optimizers.SGD(**case.optimizer)
            model.compile(optimizer=optimizer, loss=case.loss, jit_compile=True)
            self.tf.config.run_functions_eagerly(False)
            return self.steps(case, given, targets)
        except Refused:
            raise
        except Exception as error:
            raise Refused(" ".join(str(error).split())[-300:])
        finally:
            self.tf.config.run_functions_eagerly(True)

    def steps(self, case, given, targets):
        np, model, losses = self.np, case.model, []
        for _ in range(case.epochs):
            model.reset_metrics()
            losses.append(float(np.ravel(model.train_on_batch(given, targets))[0]))
        weights = np.concatenate([np.ravel(w) for w in stored_weights(model)])
        if not np.isfinite(weights).all() or not np.isfinite(losses).all():
            raise Refused("Keras's training gives no numbers")
        return losses, weights


def stored_weights(model):
    """In the order of a file: of each layer what is trained, then the rest."""
    return [w.numpy() for l in model.layers for w in l.trainable_weights + l.non_trainable_weights]


def target(np, rng, loss, shape):
    """Labels as the loss wants them."""
    if loss == "binary_crossentropy":
        return rng.integers(0, 2, shape).astype("float32")
    if loss == "categorical_crossentropy":
        return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]
    if loss == "sparse_categorical_crossentropy":
        return rng.integers(0, shape[-1], shape[:-1]).astype("int32")
    return rng.normal(0, 1, shape).astype("float32")


def listed(values):
    return list(values) if isinstance(values, (list, tuple)) else [values]


def run(model, given):
    # What changes images at random would do so unless it is told.
    return [y.numpy() for y in listed(model(given, training=False))]


def flatten(np, outputs):
    return np.concatenate([np.ravel(y) for y in outputs]).astype("float64")


def reset(model):
    """Forgets what stateful layers keep from batch to batch."""
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            getattr(layer, "reset_state", getattr(layer, "reset_states", None))()


def admitted(found, expected):
    """Whether the shapes that were said agree where both know an extent, the batch aside."""
    return len(found) == len(expected) and all(
        len(one) == len(other)
        and all(a == b or a is None or b is None for a, b in zip(one[1:], other[1:]))
        for one, other in zip(found, expected))


def difference(np, found, expected, what, tolerance):
    """None, or where the two differ most."""
    if found.shape != expected.shape:
        return f"{found.size} numbers of {what}, not {expected.size}"
    if not found.size:
        return None
    absolute, relative = tolerance or (ABSOLUTE, RELATIVE)
    off = np.abs(found.astype("float64") - expected) / (absolute + relative * np.abs(expected))
    off = np.where(np.isnan(off), np.inf, off)
    worst = int(off.argmax())
    if off[worst] <= 1:
        return None
    return (f"{what} {worst} of {found.size} is {found[worst]:.7g}, not {expected[worst]:.7g} "
            f"({int((off > 1).sum())} are wrong)")
