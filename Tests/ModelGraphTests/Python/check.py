"""Gives configurations that Keratin wrote to real Keras 3.

check.py FILE reads a list of {"label", "written", "legacy", "original"}; prints what is wrong, a line
for each.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
from keras.src.legacy.saving import saving_utils


def differences(written, original, path=""):
    if isinstance(written, dict) and isinstance(original, dict):
        for key in sorted(set(written) | set(original)):
            if key in ("compile_config",):
                continue
            if key not in written or key not in original:
                yield f"{path}/{key} only in one"
            else:
                yield from differences(written[key], original[key], f"{path}/{key}")
    elif isinstance(written, list) and isinstance(original, list) and len(written) == len(original):
        for index, (one, other) in enumerate(zip(written, original)):
            yield from differences(one, other, f"{path}/{index}")
    elif written != original:
        yield f"{path}: {written} is not {original}"


for case in json.load(open(sys.argv[1])):
    for form in ["written", "legacy"]:
        if case[form] is None:
            continue
        try:
            if form == "written":
                model = keras.models.model_from_json(json.dumps(case[form]))
            else:
                model = saving_utils.model_from_config(case[form])
        except Exception as error:
            print(f"{case['label']}: Keras does not read the {form} form: {str(error)[-500:]}")
            continue
        if case["original"] is not None:
            read = json.loads(model.to_json())
            for difference in differences(read["config"], case["original"]["config"]):
                print(f"{case['label']}: {form}: {difference}"[:300])
