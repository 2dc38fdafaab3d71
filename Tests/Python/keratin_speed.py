"""How long a training step of the notebook's model takes in Keras 3: milliseconds, as JSON.

usage: keratin_speed.py X.npy Y.npy SHORT LONG

X is 32 rows for each step. The difference of LONG and SHORT steps leaves out what an epoch costs once.
Both with Keras's defaults, which compile just in time, and without that compiler.
"""
import json
import sys
import time

from keratin_models import *

x, y = np.load(sys.argv[1]), np.load(sys.argv[2])
short, long = int(sys.argv[3]), int(sys.argv[4])
found = {}
for name, options in (("plain", {"jit_compile": False}), ("default", {})):
    keras.utils.set_random_seed(0)
    model = notebook(keras)
    model.compile("adam", "binary_crossentropy", metrics=["acc"], **options)

    def seconds(steps):
        rows = steps * 32
        start = time.perf_counter()
        model.fit(x[:rows], y[:rows], batch_size=32, epochs=1, verbose=0)
        return time.perf_counter() - start

    seconds(2)
    found[name] = min(
        (seconds(long) - seconds(short)) / (long - short) * 1000 for _ in range(2)
    )
print("RESULT " + json.dumps(found))
