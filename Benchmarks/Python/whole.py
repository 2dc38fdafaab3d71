"""What a user of Keras does in a process of its own.

usage: whole.py evaluate MODEL.h5 LISTS.npz TOKENS VOCABULARY | whole.py summary MODEL.h5
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

model = keras.saving.load_model(sys.argv[2])
if sys.argv[1] == "summary":
    model.summary()
else:
    with np.load(sys.argv[3], allow_pickle=True) as data:
        x, y = data["x_test"], data["y_test"]
    tokens, vocabulary = map(int, sys.argv[4:])
    # As keras.datasets.imdb.load_data prepares them, but for the order.
    x = [[1] + [t + 3 if t + 3 < vocabulary else 2 for t in review] for review in x]
    print(model.evaluate(keras.utils.pad_sequences(x, tokens), y, verbose=0))
