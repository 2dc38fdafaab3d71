"""The values that every argument of every class takes.

A key that begins with an underscore says how the layer is called, not how it is made: the shape of its
input, what is open in it, a mask before it, a state given to it. An argument that has no values here
stops the run, so that a new one of a new Keras is not passed over.
"""

import dataclasses

# Not varied, with the reason.
IGNORED = {
    "seed": "says what is drawn in training",
    "name": "varied for all", "dtype": "varied for all",
    "lora_rank": "says what is trained after quantising", "lora_alpha": "as lora_rank",
    "quantization_config": "quantised files are not h5", "gptq_unpacked_column_size": "as quantization_config",
    "flash_attention": "says which kernel of a GPU computes",
    "use_cudnn": "says which kernel of a GPU computes",
    "synchronized": "says how several machines train",
    "weights": "first values of weights, which are drawn anew",
    "input_length": "an older way to say the shape", "input_shape": "as input_length",
    "time_major": "Keras 3 knows no such order",
    "dynamic": "says that a layer is Python code", "sparse": "another kind of tensors",
    "robust_masking": "another way to the same numbers", "softmax_robust_masking": "as robust_masking",
}

FORMATS = ["channels_last", "channels_first"]
BOTH = [True, False]
ACTIVATIONS = [
    None, "relu", "tanh", "sigmoid", "softmax", "elu", "selu", "softplus", "softsign", "swish", "gelu",
    "exponential", "hard_sigmoid", "mish", "linear",
]
GATES = ["sigmoid", "hard_sigmoid", "tanh", "relu", "linear", "softsign"]
INITIALIZERS = [
    "glorot_uniform", "zeros", "ones", "he_normal", "lecun_uniform", "random_normal", "random_uniform",
    "truncated_normal", "glorot_normal",
    {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}},
    {"class_name": "Constant", "config": {"value": 0.5}},
]
REGULARIZERS = [
    None, None, "l1", "l2", {"class_name": "L1L2", "config": {"l1": 0.01, "l2": 0.02}},
    {"class_name": "L2", "config": {"l2": 0.05}},
]
CONSTRAINTS = [
    None, None, "non_neg", "max_norm", "unit_norm", {"class_name": "MaxNorm", "config": {"max_value": 0.7, "axis": 0}},
    {"class_name": "MinMaxNorm", "config": {"min_value": 0.2, "max_value": 0.9, "rate": 0.8, "axis": 0}},
]


def weights(*names):
    return {
        f"{name}_{kind}": values
        for name in names
        for kind, values in [
            ("initializer", INITIALIZERS), ("regularizer", REGULARIZERS), ("constraint", CONSTRAINTS)]
    }


class Of:
    """A layer as an argument."""

    def __init__(self, name, /, **options):
        self.name, self.options = name, options

    def __repr__(self):
        return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self.options.items())})"


@dataclasses.dataclass
class Space:
    """How a layer is called (a function of calls.py), and the values of its arguments."""

    call: str
    arguments: dict
    holds: object = lambda o: True
    limit: int = 24
    # Whether the input is numbers that a layer before can have changed.
    probed: bool = True


SPACES = {}


def space(names, call="single", limit=24, holds=lambda o: True, probed=True, **arguments):
    for name in names.split():
        SPACES[name] = Space(call, dict(arguments), holds, limit, probed)


# Dense and tokens

space("Dense", _shape=[(5,), (4, 5), (2, 3, 5)], _open=BOTH, units=[1, 4], activation=ACTIVATIONS, use_bias=BOTH,
      activity_regularizer=REGULARIZERS, **weights("kernel", "bias"), limit=40)
SPACES["Dense"].arguments["kernel_regularizer"] = REGULARIZERS + [
    {"class_name": "OrthogonalRegularizer", "config": {"factor": 0.02, "mode": "rows"}}]
space("Embedding", "tokens", input_dim=[9, 20], output_dim=[1, 4], mask_zero=BOTH, _dtype=["int32", "float32"],
      _then=[None, "GlobalAveragePooling1D", "LSTM", "Dense"],
      activity_regularizer=REGULARIZERS, **weights("embeddings"), probed=False)
space("EinsumDense", _shape=[(3, 5)], probed=True,
      equation=["abc,cd->abd", "...x,xy->...y"], output_shape=[(None, 4), (3, 4)], activation=ACTIVATIONS,
      bias_axes=[None, "d"], activity_regularizer=REGULARIZERS, **weights("kernel", "bias"),
      holds=lambda o: o["equation"].startswith("abc") or (o["bias_axes"] is None and o["output_shape"] == (None, 4)))
space("ReversibleEmbedding", "tokens", input_dim=[9, 20], output_dim=[1, 4], tie_weights=BOTH, mask_zero=BOTH,
      reverse_dtype=[None], logit_soft_cap=[None, 2.0], _dtype=["int32"], _then=[None, "Dense"],
      **weights("embeddings"), probed=False)

# Activations

space("Activation", _shape=[(20,), (4, 5)], activation=[
    "relu", "tanh", "sigmoid", "softmax", "elu", "selu", "softplus", "softsign", "swish", "silu", "gelu",
    "exponential", "hard_sigmoid", "mish", "linear", "leaky_relu", "relu6", "log_softmax", "celu", "glu",
    "hard_tanh", "hard_shrink", "hard_silu", "hard_swish", "log_sigmoid", "soft_shrink", "sparse_plus", "squareplus",
    "tanh_shrink", "sparse_sigmoid", "threshold"], limit=70)
space("ReLU", _shape=[(4, 5)], max_value=[None, 1.0, 6], negative_slope=[0.0, 0.2], threshold=[0.0, 0.5])
space("LeakyReLU", _shape=[(5,), (4, 5)], negative_slope=[0.3, 0.1], alpha=[0.3, 0.05])
space("ELU", _shape=[(5,), (4, 5)], alpha=[1.0, 0.3])
space("ThresholdedReLU", _shape=[(5,), (4, 5)], theta=[1.0, 0.5])
space("PReLU", _shape=[(4, 5, 3)], shared_axes=[None, [1], [1, 2], 3, [3]], **weights("alpha"))
space("Softmax", _shape=[(4, 5), (2, 4, 5)], axis=[-1, 1, 2])

# Convolutions


def convolution(names, rank, limit=36, **more):
    shape = {1: [(8, 4), (11, 4)], 2: [(7, 8, 4), (6, 6, 4)], 3: [(5, 6, 4, 4)]}[rank]
    tuples = {1: [3, (2,), 1], 2: [3, (2, 3), 1, (1, 3)], 3: [2, (1, 2, 3), 1]}[rank]
    steps = {1: [1, 2, (3,)], 2: [1, 2, (2, 1)], 3: [1, 2, (1, 2, 1)]}[rank]
    padding = ["valid", "same"] + (["causal"] if rank == 1 and "Conv1D" in names.split() else [])
    arguments = {
        "_shape": shape, "_open": BOTH, "filters": [2, 6], "kernel_size": tuples, "strides": steps,
        "padding": padding, "data_format": FORMATS, "dilation_rate": [1, 1, 2], "groups": [1, 1, 2],
        "activation": ACTIVATIONS, "use_bias": BOTH, "activity_regularizer": REGULARIZERS, **more,
    }
    space(names, limit=limit, holds=convolves, **arguments)


def convolves(o):
    plain = o["strides"] in (1, (1,)) or o["dilation_rate"] == 1
    channels = o["data_format"] == "channels_last" or o["padding"] != "causal"
    same = "DepthwiseConv" not in o.get("_class", "") and "SeparableConv" not in o.get("_class", "")
    square = same or (isinstance(o["strides"], int) or len(set(o["strides"])) == 1)
    return plain and channels and square and (o.get("_generation") != "keras2" or o["data_format"] == "channels_last")


for rank in [1, 2, 3]:
    convolution(f"Conv{rank}D", rank, **weights("kernel", "bias"))
    convolution(f"Conv{rank}DTranspose", rank, **weights("kernel", "bias"), output_padding=[None, None, 1])
    SPACES[f"Conv{rank}DTranspose"].holds = lambda o: convolves(o) and (
        o["output_padding"] is None or o["strides"] == 2) and (o["dilation_rate"] == 1 or not o["_open"])
    if rank < 3:
        convolution(f"DepthwiseConv{rank}D", rank, depth_multiplier=[1, 2], **weights("depthwise", "bias"))
        convolution(f"SeparableConv{rank}D", rank, depth_multiplier=[1, 2], **weights("depthwise", "pointwise", "bias"))
for rank in [1, 2]:
    arguments = dict(SPACES[f"Conv{rank}D"].arguments)
    for key in ["dilation_rate", "groups", "_open"]:
        del arguments[key]
    arguments["padding"] = ["valid", "valid", "same"]
    arguments["implementation"] = [1, 2, 3]
    space(f"LocallyConnected{rank}D", holds=lambda o: o["padding"] == "valid" or o["implementation"] > 1, **arguments)

# Pooling, sizes and margins

SHAPES = {1: [(7, 3), (8, 2)], 2: [(6, 7, 3), (5, 5, 2)], 3: [(4, 5, 6, 2)]}
SIZES = {1: [2, 3, (2,)], 2: [2, 3, (2, 3)], 3: [2, (1, 2, 3)]}
for rank in [1, 2, 3]:
    windows = {"pool_size": SIZES[rank], "strides": [None, 1, 2, SIZES[rank][-1]]}
    space(f"MaxPooling{rank}D AveragePooling{rank}D", _shape=SHAPES[rank], _open=BOTH, padding=["valid", "same"],
          data_format=FORMATS, **windows)
    space(f"GlobalMaxPooling{rank}D GlobalAveragePooling{rank}D", _shape=SHAPES[rank], _open=BOTH, data_format=FORMATS,
          keepdims=BOTH)
    space(f"AdaptiveMaxPooling{rank}D AdaptiveAveragePooling{rank}D", _shape=SHAPES[rank], data_format=FORMATS,
          output_size=[2, 3, (2, 3, 2)[:rank] if rank > 1 else (2,)])
    margins = {1: [1, (1, 2), (0, 1)], 2: [1, (2, 1), ((1, 0), (0, 2))], 3: [1, (1, 0, 1), ((1, 0), (0, 1), (1, 1))]}[rank]
    space(f"ZeroPadding{rank}D", _shape=SHAPES[rank], _open=BOTH, padding=margins, data_format=FORMATS)
    space(f"Cropping{rank}D", _shape=[(7,) * (rank + 1)], _open=BOTH, cropping=margins, data_format=FORMATS)
    space(f"UpSampling{rank}D", _shape=SHAPES[rank], _open=BOTH, size=[1, 2, 3] if rank == 1 else SIZES[rank],
          **({"data_format": FORMATS} if rank > 1 else {}),
          **({"interpolation": ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "gaussian", "area",
                                "mitchellcubic"]} if rank == 2 else {}))
space("Flatten", _shape=[(), (5,), (4, 5), (2, 3, 4)], data_format=[None] + FORMATS)
space("Reshape", _shape=[(2, 6), (12,), (3, 2, 2)], target_shape=[(3, 4), (-1,), (2, -1), (12,), (1, 2, 6), (-1, 3, 2)])
space("Permute", _shape=[(2, 3, 4)], dims=[(1, 2, 3), (2, 1, 3), (3, 1, 2), (3, 2, 1)])
space("RepeatVector", _shape=[(5,)], n=[1, 3])
space("Identity", _shape=[(5,), (4, 5)], _open=BOTH)
space("Masking", "masked", mask_value=[0.0, 1.0], _then=[None, "LSTM", "GRU", "GlobalAveragePooling1D", "Bidirectional"])

# Noise: nothing in inference; a rate of 0 can be trained beside Keras

space("Dropout", _shape=[(5,), (4, 5)], rate=[0, 0.3], noise_shape=[None, (None, 1, 5)],
      holds=lambda o: o["noise_shape"] is None or len(o["_shape"]) == 2)
space("AlphaDropout", _shape=[(4, 5)], rate=[0, 0.3], noise_shape=[None, (None, 1, 5)])
space("GaussianDropout", _shape=[(5,), (4, 5)], rate=[0, 0.3])
space("GaussianNoise", _shape=[(5,), (4, 5)], stddev=[0, 0.3])
for rank in [1, 2, 3]:
    space(f"SpatialDropout{rank}D", _shape=SHAPES[rank], rate=[0, 0.3], **({"data_format": FORMATS} if rank > 1 else {}))
space("ActivityRegularization", _shape=[(5,), (4, 5)], l1=[0.0, 0.1], l2=[0.0, 0.2])

# Normalisation

space("BatchNormalization", _shape=[(5,), (4, 5), (3, 4, 5)], _open=BOTH, axis=[-1, 1, [-1]], momentum=[0.99, 0.6],
      epsilon=[0.001, 0.1], center=BOTH, scale=BOTH, renorm=[False], renorm_clipping=[None], renorm_momentum=[0.99],
      moving_mean_initializer=INITIALIZERS[:3], moving_variance_initializer=INITIALIZERS[:3],
      holds=lambda o: not (o["_open"] and o["axis"] == 1), **weights("beta", "gamma"))
space("LayerNormalization", _shape=[(5,), (4, 5), (3, 4, 5)], axis=[-1, 1, [1], [-1]], epsilon=[0.001, 0.1],
      center=BOTH, scale=BOTH, rms_scaling=[False], **weights("beta", "gamma"))
space("GroupNormalization", _shape=[(6,), (4, 6), (6, 4, 6)], _open=BOTH, groups=[1, 2, 3, -1], axis=[-1, 1], epsilon=[0.001, 0.1],
      center=BOTH, scale=BOTH, **weights("beta", "gamma"),
      holds=lambda o: (o["axis"] == -1 or len(o["_shape"]) == 3) and not (o["_open"] and o["axis"] == 1))
space("RMSNormalization", _shape=[(5,), (4, 5)], axis=[-1], epsilon=[1e-6, 0.1])
space("UnitNormalization", _shape=[(5,), (4, 5), (3, 4, 5)], axis=[-1, 1, [1, -1]],
      holds=lambda o: not isinstance(o["axis"], list) or len(o["_shape"]) > 1)
space("SpectralNormalization", _shape=[(6, 5)], power_iterations=[1, 3],
      layer=[Of("Dense", units=3), Of("Conv1D", filters=3, kernel_size=2), Of("Dense", units=2, use_bias=False)])

# Joining

for name in ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]:
    space(name, "joined", _count=[2, 3], _shape=[(5,), (4, 5), (2, 3, 4)], _wide=BOTH, _masked=[False, True],
          holds=lambda o: o.get("_class") != "Subtract" or o["_count"] == 2)
space("Concatenate", "joined", _count=[2, 3], _shape=[(5,), (4, 5), (2, 3, 4)], _wide=[False], _masked=[False, True],
      axis=[-1, 1], holds=lambda o: o["axis"] == -1 or not o["_masked"])
space("Dot", "joined", _count=[2], _shape=[(5,), (4, 5), (5, 5)], _wide=[False], _masked=[False],
      axes=[1, -1, (1, 1), 2, (2, 1)], normalize=BOTH)

# Recurrent layers

CELL = dict(use_bias=BOTH, dropout=[0, 0, 0.2], recurrent_dropout=[0, 0, 0.2],
            **weights("kernel", "recurrent", "bias"))
RECURRENT = dict(
    _shape=[(7, 4), (1, 4), (5, 1)], _open=BOTH, _mask=[None, "Masking", "Embedding"], _state=BOTH, units=[1, 3],
    activation=["tanh", "relu", "sigmoid", "linear", "softsign", "elu"], return_sequences=BOTH, return_state=BOTH,
    go_backwards=BOTH, unroll=[False, False, True], stateful=[False, False, True], activity_regularizer=REGULARIZERS,
    zero_output_for_mask=[False, True], implementation=[1, 2], **CELL)


def recurs(o):
    fixed = not o["_open"] or not o["unroll"]
    return fixed and (not o["stateful"] or (o.get("_batch") == 3 and not o["_state"]))


space("SimpleRNN", "recurrent", **RECURRENT, holds=recurs, limit=48)
space("LSTM", "recurrent", **RECURRENT, recurrent_activation=GATES, unit_forget_bias=BOTH, holds=recurs, limit=48)
space("GRU", "recurrent", **RECURRENT, recurrent_activation=GATES, reset_after=BOTH, holds=recurs, limit=48)
ONE = dict(units=3, return_sequences=True)
LAYERS = [
    Of("LSTM", units=3), Of("GRU", units=3), Of("SimpleRNN", units=2), Of("LSTM", **ONE), Of("GRU", **ONE),
    Of("SimpleRNN", **ONE, activation="relu"), Of("GRU", units=2, reset_after=False), Of("LSTM", units=2, use_bias=False),
    Of("LSTM", units=3, return_state=True), Of("GRU", **ONE, return_state=True),
    Of("LSTM", **ONE, zero_output_for_mask=True), Of("GRU", units=3, go_backwards=True),
]
space("Bidirectional", "recurrent", _shape=[(7, 4), (1, 4)], _open=BOTH, _mask=[None, "Masking", "Embedding"],
      _state=[False], layer=LAYERS, merge_mode=["concat", "sum", "mul", "ave", None],
      backward_layer=[None, None, None, Of("SimpleRNN", units=3, go_backwards=True, name="backwards")], limit=48,
      holds=lambda o: o["backward_layer"] is None or repr(o["layer"]) == "LSTM(units=3)")
space("TimeDistributed", _shape=[(3, 4, 5, 2)], _open=[False], limit=30, layer=[
    Of("Dense", units=3), Of("Dense", units=3, activation="relu", use_bias=False), Of("Conv2D", filters=3, kernel_size=2),
    Of("Flatten"), Of("MaxPooling2D"), Of("GlobalAveragePooling2D"), Of("BatchNormalization"), Of("Dropout", rate=0.3),
    Of("LayerNormalization"), Of("TimeDistributed", layer=Of("LSTM", units=2)), Of("Activation", activation="tanh"),
    Of("SeparableConv2D", filters=3, kernel_size=2), Of("Reshape", target_shape=(-1,)), Of("ReLU"), Of("Permute", dims=(2, 1, 3)),
    Of("Conv2DTranspose", filters=2, kernel_size=2), Of("DepthwiseConv2D", kernel_size=2), Of("UpSampling2D")])
CELLS = [
    Of("LSTMCell", units=3), Of("GRUCell", units=3), Of("SimpleRNNCell", units=3), Of("GRUCell", units=2, reset_after=False),
    Of("LSTMCell", units=2, unit_forget_bias=False, recurrent_activation="hard_sigmoid"),
    Of("SimpleRNNCell", units=2, activation="relu", use_bias=False),
]
STACKS = CELLS + [Of("StackedRNNCells", cells=[CELLS[0], CELLS[1]]), Of("StackedRNNCells", cells=[CELLS[2], CELLS[0]]),
                  Of("StackedRNNCells", cells=[CELLS[1]])]
space("RNN", "recurrent", _shape=[(7, 4), (1, 4)], _open=BOTH, _mask=[None, "Masking", "Embedding"], _state=[False],
      cell=STACKS, return_sequences=BOTH, return_state=BOTH, go_backwards=BOTH, stateful=[False],
      unroll=[False, False, True], zero_output_for_mask=BOTH,
      holds=lambda o: not o["_open"] or not o["unroll"], limit=36)
LOCAL = {key: value for key, value in RECURRENT.items() if key not in ("units", "implementation", "unroll", "zero_output_for_mask")}
for rank in [1, 2, 3]:
    space(f"ConvLSTM{rank}D", "single", **{
        **LOCAL, "_shape": [{1: (4, 6, 2), 2: (3, 5, 4, 2), 3: (2, 3, 4, 3, 2)}[rank]], "_open": [False], "_mask": [None],
        "_state": [False]}, filters=[2, 3], kernel_size=[1, 2, (3, 2, 1)[:rank] if rank > 1 else 3], strides=[1, 1, 2],
        padding=["valid", "same"], data_format=FORMATS, dilation_rate=[1, 1, 2], recurrent_activation=GATES,
        unit_forget_bias=BOTH, limit=36,
        holds=lambda o: (o["strides"] == 1 or o["dilation_rate"] == 1) and (not o["stateful"] or o.get("_batch") == 3)
        and (o["data_format"] == "channels_last" or o.get("_generation") != "keras2"))

# Attention

space("Attention", "attention", use_scale=BOTH, score_mode=["dot", "concat"], dropout=[0.0, 0.0, 0.3], _self=BOTH,
      _key=BOTH, _masked=BOTH, _causal=BOTH)
space("AdditiveAttention", "attention", use_scale=BOTH, dropout=[0.0, 0.0, 0.3], _self=BOTH, _key=[False], _masked=BOTH,
      _causal=BOTH)
HEADS = dict(dropout=[0.0, 0.0, 0.3], use_bias=BOTH, sliding_window=[None, None, 2], use_gate=[False, False, True],
             activity_regularizer=REGULARIZERS, _self=BOTH, _key=BOTH, _masked=BOTH, _causal=BOTH, _attention_mask=BOTH,
             **weights("kernel", "bias"))
space("MultiHeadAttention", "heads", num_heads=[1, 2, 3], key_dim=[1, 4], value_dim=[None, 3], output_shape=[None, 7],
      attention_axes=[None, 1, (1,)], limit=40, **HEADS)
space("GroupQueryAttention", "heads", head_dim=[2, 4], num_query_heads=[2, 4], num_key_value_heads=[1, 2], limit=36, **HEADS)

# What is before a model

IMAGES = [(6, 7, 3), (5, 5, 3)]
space("Rescaling", _shape=[(5,), (6, 7, 3)], scale=[1 / 255, 2.0], offset=[0.0, -1.0])
space("Normalization", _shape=[(5,), (4, 5)], axis=[-1, None], mean=[0.5, 2.0], variance=[1.0, 0.3], invert=BOTH)
space("CenterCrop", _shape=IMAGES, height=[2, 4], width=[3, 5], data_format=FORMATS)
space("Resizing", _shape=IMAGES, height=[3, 9], width=[4, 8], interpolation=["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"],
      crop_to_aspect_ratio=BOTH, pad_to_aspect_ratio=[False, False, True], fill_mode=["constant"], fill_value=[0.0],
      antialias=[False, False, True], data_format=FORMATS,
      holds=lambda o: not (o["crop_to_aspect_ratio"] and o["pad_to_aspect_ratio"]))
space("CategoryEncoding", "whole", _shape=[(4,), (1,)], num_tokens=[9], output_mode=["one_hot", "multi_hot", "count"], sparse=[False], probed=False)
space("Discretization", "values", _shape=[(4,), (1,)], bin_boundaries=[[-1.0, 0.0, 0.7]], num_bins=[None], epsilon=[0.01],
      output_mode=["int", "one_hot", "multi_hot", "count"], sparse=[False], probed=False)
space("Hashing", "whole", _shape=[(4,), (1,)], num_bins=[3, 7], mask_value=[None, 2], salt=[None, 5, [3, 4]],
      output_mode=["int", "one_hot", "multi_hot", "count"], sparse=[False], probed=False)
space("IntegerLookup", "whole", _shape=[(4,), (1,)], max_tokens=[None, 9], num_oov_indices=[1, 2, 0], mask_token=[None, 0],
      oov_token=[-1], vocabulary=[[3, 5, 1, 2, 7, 8, 4, 6]], vocabulary_dtype=["int64"], idf_weights=[None], invert=[False],
      output_mode=["int", "multi_hot", "count", "one_hot"], sparse=[False], pad_to_max_tokens=[False], oov_method=["floormod"], salt=[None],
      probed=False, holds=lambda o: o["num_oov_indices"] > 0 and (o["max_tokens"] is None))
RANGE = {"value_range": [(0, 255), (0, 1)]}
space("RandomFlip", _shape=IMAGES, mode=["horizontal", "vertical", "horizontal_and_vertical"], data_format=FORMATS)
space("RandomRotation", _shape=IMAGES, factor=[0.1, (-0.2, 0.3)], fill_mode=["reflect", "constant", "wrap", "nearest"],
      interpolation=["nearest", "bilinear"], fill_value=[0.0, 1.0], data_format=FORMATS)
space("RandomZoom", _shape=IMAGES, height_factor=[0.1, (-0.2, 0.3)], width_factor=[None, 0.2], fill_mode=["reflect", "constant"],
      interpolation=["nearest", "bilinear"], fill_value=[0.0], data_format=FORMATS)
space("RandomTranslation", _shape=IMAGES, height_factor=[0.1, (-0.2, 0.3)], width_factor=[0.2], fill_mode=["reflect", "constant"],
      interpolation=["nearest", "bilinear"], fill_value=[0.0], data_format=FORMATS)
space("RandomContrast", _shape=IMAGES, factor=[0.2, (0.1, 0.4)], **RANGE)
space("RandomBrightness", _shape=IMAGES, factor=[0.2, (-0.1, 0.4)], **RANGE)
space("RandomCrop", _shape=IMAGES, height=[2, 4], width=[3, 5], data_format=FORMATS)
space("RandomHeight", _shape=IMAGES, factor=[0.2], interpolation=["bilinear"])
space("RandomWidth", _shape=IMAGES, factor=[0.2], interpolation=["bilinear"])

# What Keras 3 alone changes at random: nothing in inference.
COLOURS = dict(factor=[0.2, (0.1, 0.4)], data_format=FORMATS, **RANGE)
space("RandomColorDegeneration RandomHue RandomPosterization RandomSaturation RandomSharpness", _shape=IMAGES, **COLOURS)
SPACES["RandomPosterization"].arguments["factor"] = [4, 6]
space("RandomGrayscale", _shape=IMAGES, factor=[0.2], data_format=FORMATS)
space("RandomInvert", _shape=IMAGES, factor=[0.2], data_format=FORMATS, **RANGE)
space("RandomErasing", _shape=IMAGES, factor=[0.5], scale=[(0.02, 0.33)], fill_value=[None], data_format=FORMATS, **RANGE)
space("RandomElasticTransform", _shape=IMAGES, factor=[0.5], scale=[1.0], interpolation=["bilinear"], fill_mode=["reflect"],
      fill_value=[0.0], data_format=FORMATS, **RANGE)
space("RandomGaussianBlur", _shape=IMAGES, factor=[0.5], kernel_size=[3], sigma=[1.0], data_format=FORMATS, **RANGE)
space("RandomPerspective", _shape=IMAGES, factor=[0.5], scale=[1.0], interpolation=["bilinear"], fill_value=[0.0], data_format=FORMATS)
space("RandomShear", _shape=IMAGES, x_factor=[0.2], y_factor=[0.1], interpolation=["bilinear"], fill_mode=["reflect"],
      fill_value=[0.0], data_format=FORMATS)
space("RandomColorJitter", _shape=IMAGES, brightness_factor=[0.2], contrast_factor=[0.2], saturation_factor=[0.2], hue_factor=[0.2],
      data_format=FORMATS, **RANGE)
space("RandAugment", _shape=IMAGES, num_ops=[2], factor=[0.5], interpolation=["bilinear"], data_format=FORMATS, **RANGE)
space("AugMix", _shape=IMAGES, num_chains=[3], chain_depth=[3], factor=[0.3], alpha=[1.0], all_ops=[True], interpolation=["bilinear"],
      data_format=FORMATS, **RANGE)
space("MixUp", _shape=IMAGES, alpha=[0.2], data_format=FORMATS)
space("CutMix", _shape=IMAGES, factor=[1.0], data_format=FORMATS)

# How a model is made of the layer: of every class.
FORMS = {
    "_form": ["sequential", "functional", "functional", "deferred"],
    "_batch": [None, None, 3],
    "_named": [False, False, True],
    "trainable": [True, True, True, False],
    "_probe": [True, True, False],
}

# Combinations that are left out, with the reason.
LEFT_OUT = [
    ("Keras 3 trains the layers inside of a layer that was made with trainable=False, but not of one that "
     "was frozen afterwards, and its files say the same of both",
     lambda o: o["_generation"] == "keras3" and not o["trainable"] and o["_class"] in (
         "Bidirectional", "TimeDistributed", "SpectralNormalization", "MultiHeadAttention", "GroupQueryAttention", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")),
    ("Keras 3 gives other outputs itself after it opened the file of a stateful model that its first data shaped",
     lambda o: o["_generation"] == "keras3" and o.get("stateful") and o["_form"] == "deferred"),
    ("tf_keras leaves the vector out of the file, and opens no such file",
     lambda o: o["_generation"] == "keras2" and o["_class"] == "SpectralNormalization" and o["_form"] == "deferred"),
]

# Classes of keras.layers without a space, with the reason.
WITHOUT = {
    "Layer": "a base class", "Wrapper": "a base class", "AbstractRNNCell": "a base class",
    "Lambda": "Python code, which Keratin refuses to run", "Pipeline": "layers of preprocessing, no part of a file",
    "FlaxLayer": "a program of another library", "JaxLayer": "a program of another library",
    "TFSMLayer": "a program of another library", "TorchModuleWrapper": "a program of another library",
    "DenseFeatures": "reads feature columns, not tensors",
    "LSTMCell": "inside of RNN", "GRUCell": "inside of RNN", "SimpleRNNCell": "inside of RNN",
    "StackedRNNCells": "inside of RNN", "InputLayer": "in every model",
    "StringLookup": "takes text", "TextVectorization": "takes text", "HashedCrossing": "takes two columns",
    "MaxNumBoundingBoxes": "takes boxes", "STFTSpectrogram": "", "MelSpectrogram": "",
    "AutoContrast": "", "Equalization": "", "Solarization": "", "ContrastLimitedAdaptiveHistogramEqualization": "",
}
