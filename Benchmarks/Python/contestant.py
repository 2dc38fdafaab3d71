"""The peers: does what it reads, and answers each line with one of JSON, as Keratin's contestant does.

usage: echo "train 32 3200" | contestant.py PEER FOLDER

A line has the mode (train, evaluate, predict), the samples of a batch, and the samples in all. PEER is

    keras-tensorflow        Keras with its defaults, which compile with XLA
    keras-tensorflow-plain  Keras without XLA (jit_compile=False)
    keras-jax               Keras on JAX, with its defaults
    keras-torch             Keras on PyTorch, with its defaults
    onnxruntime             ONNX Runtime on Keras's own export, batch by batch

The time is that of a long run less that of a short one, both after a run that traces and compiles all they
need: what a call costs once is left out, here as at Keratin. mean_square is that of the predictions, by
which it is seen that contestants predict the same.
"""

import json
import os
import sys
import time

import numpy as np

THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Keras:
    def __init__(self, backend, folder, **compiling):
        os.environ["KERAS_BACKEND"] = backend
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        import keras

        if backend == "tensorflow":
            import tensorflow

            tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
            tensorflow.config.threading.set_inter_op_parallelism_threads(THREADS)
        if backend == "torch":
            import torch

            torch.set_num_threads(THREADS)
        # Layers that keras.applications has for itself; Keras finds them in an .h5 file only so.
        from keras.src.applications.convnext import LayerScale, StochasticDepth

        own = {"LayerScale": LayerScale, "StochasticDepth": StochasticDepth}
        self.model = keras.saving.load_model(f"{folder}/model.h5", own, compile=False)
        # Keras cannot go on with the optimizer of an .h5 file; a new one takes as long.
        binary = self.model.output_shape[-1] == 1
        loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
        self.model.compile("adam", loss, metrics=["acc"], **compiling)

    def train(self, x, y, batch):
        self.model.fit(x, y, batch_size=batch, epochs=1, verbose=0)

    def evaluate(self, x, y, batch):
        self.model.evaluate(x, y, batch_size=batch, verbose=0)

    def predict(self, x, batch):
        return self.model.predict(x, batch_size=batch, verbose=0)


class ONNXRuntime:
    def __init__(self, folder):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.inter_op_num_threads = 1
        # The threads of a pool that spins would take the cores of the next contestant.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self.session = onnxruntime.InferenceSession(f"{folder}/model.onnx", options)
        self.input = self.session.get_inputs()[0].name

    def train(self, x, y, batch):
        raise NotImplementedError("ONNX Runtime does not train")

    def evaluate(self, x, y, batch):
        p = self.predict(x, batch)
        if p.shape[1] == 1:
            p = np.clip(p[:, 0], 1e-7, 1 - 1e-7)
            return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), np.mean((p > 0.5) == y)
        return -np.mean(np.log(p[np.arange(len(y)), y])), np.mean(p.argmax(1) == y)

    def predict(self, x, batch):
        run, name = self.session.run, self.input
        return np.concatenate([run(None, {name: x[i : i + batch]})[0] for i in range(0, len(x), batch)])


PEERS = {
    "keras-tensorflow": lambda folder: Keras("tensorflow", folder),
    "keras-tensorflow-plain": lambda folder: Keras("tensorflow", folder, jit_compile=False),
    "keras-jax": lambda folder: Keras("jax", folder),
    "keras-torch": lambda folder: Keras("torch", folder),
    "onnxruntime": ONNXRuntime,
}


class Stopwatch:
    def __init__(self, peer, folder):
        self.peer = peer
        self.x, self.y = np.load(f"{folder}/x.npy"), np.load(f"{folder}/y.npy")
        self.warm = set()

    def seconds(self, mode, batch, count):
        # The samples begin anew where the files have fewer.
        rows = np.arange(count) % len(self.x)
        x, y = self.x[rows], self.y[rows]
        data = (x,) if mode == "predict" else (x, y)
        start = time.perf_counter()
        result = getattr(self.peer, mode)(*data, batch)
        seconds = time.perf_counter() - start
        if mode == "predict":
            self.mean_square = float(np.square(result, dtype=np.float64).mean())
        return seconds

    def seconds_per_sample(self, mode, batch, count):
        # The last batch of either run is as short as that of the other.
        short = min(2 * batch + count % batch, count)
        if (mode, batch, count % batch) not in self.warm:
            self.seconds(mode, batch, short)
            self.warm.add((mode, batch, count % batch))
        once = self.seconds(mode, batch, short) if short < count else 0
        seconds = self.seconds(mode, batch, count) - once
        return seconds / (count - (short if once else 0))


def main():
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    name, folder = sys.argv[1:]

    def answer(**fields):
        print(json.dumps(fields), file=answers)

    try:
        stopwatch = Stopwatch(PEERS[name](folder), folder)
    except Exception as error:
        return answer(error=f"{type(error).__name__}: {error}")
    answer(ready=True)
    for line in sys.stdin:
        mode, batch, count = line.split()
        try:
            seconds = stopwatch.seconds_per_sample(mode, int(batch), int(count))
            result = {"mean_square": stopwatch.mean_square} if mode == "predict" else {}
            answer(seconds_per_sample=seconds, **result)
        except Exception as error:
            answer(error=f"{type(error).__name__}: {error}")


main()
