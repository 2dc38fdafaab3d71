"""Writes files as Keras 0, 1 and 2 wrote them, with what their models give, or reads what became of them.

usage: keratin_old.py make FOLDER
       keratin_old.py check FOLDER NAME…

`make` draws weights in the old layout, converts them with tf_keras's own `preprocess_weights_for_loading`,
or, where that has nothing for a case, by the formula that stands here, and lets a model of tf_keras
predict. FOLDER/NAME.h5 is the old file, FOLDER/NAME.npz has inputs x0, x1… and the output y.
`check` loads FOLDER/NAME.saved.h5 in tf_keras and prints how far its predictions are from y.
"""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import h5py
import numpy as np
import tf_keras
from tf_keras.src.saving.legacy.hdf5_format import preprocess_weights_for_loading

L = tf_keras.layers
folder = sys.argv[2]
rng = np.random.default_rng(12)


def floats(*shape, scale=0.5):
    return rng.normal(0, scale, shape).astype("float32")


def entry(class_name, name, **config):
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}


def write(name, config, layers, version="1.2.2", backend=None, mark=":0"):
    """A full model; `layers` are names with arrays, each named as Keras 1 named it."""
    with h5py.File(f"{folder}/{name}.h5", "w") as file:
        file.attrs["keras_version"] = version.encode()
        file.attrs["model_config"] = json.dumps(config).encode()
        group = file.create_group("model_weights")
        if backend:
            file.attrs["backend"] = group.attrs["backend"] = backend.encode()
        if version > "2":
            group.attrs["keras_version"] = version.encode()
        group.attrs["layer_names"] = [layer.encode() for layer, _ in layers]
        for layer, arrays in layers:
            inner = group.create_group(layer)
            names = [f"{layer}_{k}{mark}".encode() for k in range(len(arrays))]
            inner.attrs["weight_names"] = names
            for weight, array in zip(names, arrays):
                inner[weight.decode()] = array


def write_places(name, layers):
    """Weights alone as Keras 0 wrote them."""
    with h5py.File(f"{folder}/{name}.h5", "w") as file:
        file.attrs["nb_layers"] = len(layers)
        for k, arrays in enumerate(layers):
            group = file.create_group(f"layer_{k}")
            group.attrs["nb_params"] = len(arrays)
            for p, array in enumerate(arrays):
                group[f"param_{p}"] = array


def expect(name, inputs, output):
    given = {f"x{k}": x for k, x in enumerate(inputs)}
    np.savez(f"{folder}/{name}.npz", y=np.asarray(output), **given)


def sequential(k1, **more):
    return {"class_name": "Sequential", "config": k1}


def case(name, shape, steps, x=None, axes=None, **options):
    """A chain: for each layer its entry of Keras 1, the layer of today, and its old arrays.

    `axes` are the order of axes in which the model of today sees the input and gives the output, for
    layers that tf_keras runs on no CPU with the channels in front.
    """
    x = floats(2, *shape, scale=1) if x is None else x
    k1 = [step[0] for step in steps]
    k1[0]["config"]["batch_input_shape"] = [None, *shape]
    seen = x if axes is None else x.transpose(axes)
    model = tf_keras.Sequential([L.InputLayer(seen.shape[1:])] + [step[1] for step in steps])
    stored = []
    for old, today, arrays in steps:
        stored.append((old["config"]["name"], arrays))
        if arrays:
            convert = options.get("convert", lambda layer, w: preprocess_weights_for_loading(layer, w, "1"))
            today.set_weights(convert(today, list(arrays)))
    y = np.asarray(model(seen))
    if axes is not None and y.ndim == len(axes):
        y = y.transpose(np.argsort(axes))
    kept = {k: options[k] for k in ("version", "backend", "mark") if k in options}
    write(name, sequential(k1), stored, **kept)
    expect(name, [x], y)


def dense(name, inputs, units, **options):
    k1 = entry("Dense", name, output_dim=units, activation="tanh", bias=True, init="glorot_uniform",
               W_regularizer=None, b_regularizer=None, activity_regularizer=None, W_constraint=None,
               b_constraint=None, input_dim=inputs)
    return k1, L.Dense(units, activation="tanh"), [floats(inputs, units), floats(units)]


def gates(count, inputs, units):
    """Kernel, recurrent kernel and bias of each gate."""
    return [a for _ in range(count) for a in (floats(inputs, units), floats(units, units), floats(units))]


def recurrent(class_name, name, units, gpu=False, **options):
    config = dict(output_dim=units, init="glorot_uniform", inner_init="orthogonal", activation="tanh",
                  return_sequences=False, go_backwards=False, stateful=False, unroll=False,
                  consume_less="gpu" if gpu else "cpu", input_length=None, dropout_W=0.0, dropout_U=0.0,
                  W_regularizer=None, U_regularizer=None, b_regularizer=None)
    if class_name != "SimpleRNN":
        config["inner_activation"] = "hard_sigmoid"
    if class_name == "LSTM":
        config["forget_bias_init"] = "one"
    return entry(class_name, name, **{**config, **options})


def today(class_name, units, **options):
    if class_name != "SimpleRNN":
        options.setdefault("recurrent_activation", "hard_sigmoid")
    if class_name == "GRU":
        options.setdefault("reset_after", False)
    return getattr(L, class_name)(units, **options)


def make_recurrent():
    case("lstm", (5, 3), [
        (recurrent("LSTM", "lstm_1", 4, input_dim=3), today("LSTM", 4), gates(4, 3, 4)), dense("dense_1", 4, 2)])
    case("gru", (5, 3), [(recurrent("GRU", "gru_1", 4), today("GRU", 4), gates(3, 3, 4))])
    case("lstm_theano", (5, 3), [(recurrent("LSTM", "lstm_1", 4), today("LSTM", 4), gates(4, 3, 4))], mark="")
    case("lstm_gpu", (5, 3), [
        (recurrent("LSTM", "lstm_1", 4, gpu=True), today("LSTM", 4), [floats(3, 16), floats(4, 16), floats(16)])])
    case("simplernn", (5, 3), [
        (recurrent("SimpleRNN", "simplernn_1", 4, return_sequences=True),
         today("SimpleRNN", 4, return_sequences=True), [floats(3, 4), floats(4, 4), floats(4)])])
    for mode in ["concat", "sum"]:
        wrapped = recurrent("LSTM", "lstm_1", 4, return_sequences=True)
        case(f"bidirectional_{mode}", (5, 3), [
            (entry("Bidirectional", "bidirectional_1", layer=wrapped, merge_mode=mode),
             L.Bidirectional(today("LSTM", 4, return_sequences=True), merge_mode=mode),
             gates(4, 3, 4) + gates(4, 3, 4))])
    windows = dict(nb_filter=3, nb_row=2, nb_col=3, init="glorot_uniform", inner_init="orthogonal",
                   forget_bias_init="one", activation="tanh", inner_activation="hard_sigmoid",
                   border_mode="valid", return_sequences=False, go_backwards=False, stateful=False)
    apart = [a for _ in range(4) for a in (floats(2, 3, 2, 3), floats(2, 3, 3, 3), floats(3))]
    layer = L.ConvLSTM2D(3, (2, 3), recurrent_activation="hard_sigmoid")
    case("convlstm2d", (3, 4, 5, 2), [
        (entry("ConvLSTM2D", "convlstm2d_1", dim_ordering="tf", **windows), layer, apart)])
    words = rng.integers(0, 9, (3, 6)).astype("int32")
    words[:, 4:] = 0
    embedding = entry("Embedding", "embedding_1", input_dim=9, output_dim=3, init="uniform", input_length=6,
                      mask_zero=True, activity_regularizer=None, W_regularizer=None, W_constraint=None,
                      dropout=0.0, input_dtype="int32")
    case("embedding", (6,), [
        (embedding, L.Embedding(9, 3, mask_zero=True), [floats(9, 3)]),
        (recurrent("GRU", "gru_1", 4), today("GRU", 4), gates(3, 3, 4))], x=words)
    inner, layer, arrays = dense("dense_1", 3, 4)
    case("timedistributed", (5, 3), [
        (entry("TimeDistributed", "timedistributed_1", layer=inner), L.TimeDistributed(layer), arrays)])
    inner, layer, arrays = dense("dense_1", 3, 4)
    inner["class_name"] = "TimeDistributedDense"
    case("timedistributeddense", (5, 3), [(inner, layer, arrays)])


def convolution(class_name, name, filters, mode="valid", **options):
    config = dict(nb_filter=filters, init="glorot_uniform", activation="relu", border_mode=mode, bias=True,
                  W_regularizer=None, b_regularizer=None, activity_regularizer=None, W_constraint=None,
                  b_constraint=None)
    return entry(class_name, name, **{**config, **options})


def make_nested():
    """A model in a model, of Keras 1: all that training changes first, gates apart."""
    inner = [
        (convolution("Convolution1D", "convolution1d_1", 6, filter_length=3, subsample_length=1),
         L.Conv1D(6, 3, activation="relu"), [floats(3, 1, 4, 6), floats(6)]),
        (entry("BatchNormalization", "batchnormalization_1", epsilon=0.01, mode=0, axis=-1, momentum=0.9),
         L.BatchNormalization(epsilon=0.01), [floats(6), floats(6), floats(6), np.abs(floats(6)) + 0.5]),
        (recurrent("LSTM", "lstm_1", 4), today("LSTM", 4), gates(4, 6, 4))]
    last = dense("dense_1", 4, 2)
    x = floats(2, 8, 4, scale=1)
    inner[0][0]["config"]["batch_input_shape"] = [None, 8, 4]
    model = tf_keras.Sequential([L.InputLayer((8, 4))] + [step[1] for step in inner + [last]])
    for _, layer, arrays in inner + [last]:
        layer.set_weights(preprocess_weights_for_loading(layer, list(arrays), "1"))
    # Only the statistics are not trained.
    trained = inner[0][2] + inner[1][2][:2] + inner[2][2]
    chain = {"class_name": "Sequential", "config": [step[0] for step in inner]}
    write("nested", sequential([chain, last[0]]), [("sequential_1", trained + inner[1][2][2:]), ("dense_1", last[2])])
    expect("nested", [x], model(x))


def make_convolutions():
    for mode, stride in [("valid", 1), ("same", 1), ("valid", 2)]:
        for label, kernel in [("", (3, 1, 4, 6)), ("_older", (6, 4, 3, 1))]:
            case(f"conv1d_{mode}_{stride}{label}", (8, 4), [
                (convolution("Convolution1D", "convolution1d_1", 6, mode, filter_length=3,
                             subsample_length=stride, input_dim=4, input_length=8),
                 L.Conv1D(6, 3, strides=stride, padding=mode, activation="relu"), [floats(*kernel), floats(6)]),
                (entry("MaxPooling1D", "maxpooling1d_1", pool_length=2, stride=2, border_mode="valid"),
                 L.MaxPooling1D(2), []),
                (entry("UpSampling1D", "upsampling1d_1", length=2), L.UpSampling1D(2), [])])
    case("atrous1d", (9, 4), [
        (convolution("AtrousConvolution1D", "atrous_1", 6, filter_length=3, subsample_length=1, atrous_rate=2),
         L.Conv1D(6, 3, dilation_rate=2, activation="relu"), [floats(3, 1, 4, 6), floats(6)])])
    plane = dict(nb_row=3, nb_col=2, subsample=[1, 2])
    pooling = dict(pool_size=[2, 2], strides=[2, 2], border_mode="valid")
    case("conv2d_tf", (7, 8, 3), [
        (entry("ZeroPadding2D", "zeropadding2d_1", padding=[1, 2]), L.ZeroPadding2D((1, 2)), []),
        (convolution("Convolution2D", "convolution2d_1", 5, dim_ordering="tf", **plane),
         L.Conv2D(5, (3, 2), strides=(1, 2), activation="relu"), [floats(3, 2, 3, 5), floats(5)]),
        (entry("AveragePooling2D", "averagepooling2d_1", dim_ordering="tf", **pooling), L.AveragePooling2D(), []),
        (entry("SpatialDropout2D", "spatialdropout2d_1", p=0.5), L.SpatialDropout2D(0.5), []),
        (entry("GlobalMaxPooling2D", "globalmaxpooling2d_1", dim_ordering="tf"), L.GlobalMaxPooling2D(), [])])
    first = [0, 2, 3, 1]
    kept = lambda order: lambda layer, w: [w[0].transpose(order)] + w[1:]
    case("conv2d_th", (3, 7, 8), [
        # Layers that did not say where their channels are have them where the convolutions have.
        (entry("ZeroPadding2D", "zeropadding2d_1", padding=[1, 2]), L.ZeroPadding2D((1, 2)), []),
        (convolution("Convolution2D", "convolution2d_1", 5, dim_ordering="th", **plane),
         L.Conv2D(5, (3, 2), strides=(1, 2), activation="relu"), [floats(5, 3, 3, 2), floats(5)]),
        (entry("UpSampling2D", "upsampling2d_1", size=[2, 1]), L.UpSampling2D((2, 1)), [])],
        axes=first, convert=kept((2, 3, 1, 0)))
    turned = lambda order: lambda layer, w: [w[0].transpose(order)[::-1, ::-1]] + w[1:]
    case("conv2d_th_theano", (3, 7, 8), [
        (convolution("Convolution2D", "convolution2d_1", 5, dim_ordering="th", **plane),
         L.Conv2D(5, (3, 2), strides=(1, 2), activation="relu"), [floats(5, 3, 3, 2), floats(5)])],
        axes=first, convert=turned((2, 3, 1, 0)), mark="")
    case("conv1d_theano", (8, 4), [
        (convolution("Convolution1D", "convolution1d_1", 6, filter_length=3, subsample_length=1),
         L.Conv1D(6, 3, activation="relu"), [floats(3, 1, 4, 6), floats(6)])],
        convert=lambda layer, w: [w[0][::-1, 0]] + w[1:], mark="")
    case("atrous2d", (9, 8, 3), [
        (convolution("AtrousConvolution2D", "atrous_1", 5, nb_row=3, nb_col=2, subsample=[1, 1],
                     atrous_rate=[2, 1], dim_ordering="tf"),
         L.Conv2D(5, (3, 2), dilation_rate=(2, 1), activation="relu"), [floats(3, 2, 3, 5), floats(5)])])
    for height, padding in [(8, "same"), (7, "same"), (9, "valid"), (10, "valid")]:
        added = {7: 0, 10: 1}.get(height)
        case(f"deconv2d_tf_{height}", (4, 4, 3), [
            (convolution("Deconvolution2D", "deconv_1", 5, padding, nb_row=3, nb_col=3, subsample=[2, 2],
                         dim_ordering="tf", output_shape=[None, height, height, 5]),
             L.Conv2DTranspose(5, 3, strides=2, padding=padding, activation="relu", output_padding=added),
             [floats(3, 3, 3, 5), floats(5)])])
    case("deconv2d_th", (3, 4, 4), [
        (convolution("Deconvolution2D", "deconv_1", 5, "same", nb_row=3, nb_col=3, subsample=[2, 2],
                     dim_ordering="th", output_shape=[None, 5, 8, 8]),
         L.Conv2DTranspose(5, 3, strides=2, padding="same", activation="relu"),
         [floats(5, 3, 3, 3), floats(5)])], axes=first, convert=kept((2, 3, 0, 1)))
    separable = dict(nb_row=3, nb_col=2, subsample=[1, 1], depth_multiplier=2, depthwise_regularizer=None,
                     pointwise_regularizer=None, depthwise_constraint=None, pointwise_constraint=None)
    case("separable_tf", (6, 5, 3), [
        (convolution("SeparableConvolution2D", "sep_1", 4, dim_ordering="tf", **separable),
         L.SeparableConv2D(4, (3, 2), depth_multiplier=2, activation="relu"),
         [floats(3, 2, 3, 2), floats(1, 1, 6, 4), floats(4)])])
    case("separable_th", (3, 6, 5), [
        (convolution("SeparableConvolution2D", "sep_1", 4, dim_ordering="th", **separable),
         L.SeparableConv2D(4, (3, 2), depth_multiplier=2, activation="relu"),
         [floats(2, 3, 3, 2), floats(4, 6, 1, 1), floats(4)])], axes=first,
        convert=lambda layer, w: [w[0].transpose(2, 3, 1, 0), w[1].transpose(2, 3, 1, 0), w[2]])
    volume = dict(kernel_dim1=2, kernel_dim2=3, kernel_dim3=2, subsample=[1, 1, 1])
    case("conv3d_th", (3, 4, 5, 4), [
        (convolution("Convolution3D", "convolution3d_1", 5, dim_ordering="th", **volume),
         L.Conv3D(5, (2, 3, 2), activation="relu"), [floats(5, 3, 2, 3, 2), floats(5)])],
        axes=[0, 2, 3, 4, 1], convert=kept((2, 3, 4, 1, 0)))
    case("conv3d_tf", (4, 5, 4, 3), [
        (convolution("Convolution3D", "convolution3d_1", 5, dim_ordering="tf", **volume),
         L.Conv3D(5, (2, 3, 2), activation="relu"), [floats(2, 3, 2, 3, 5), floats(5)])])


def make_others():
    statistics = lambda n: [floats(n), floats(n), floats(n), np.abs(floats(n)) + 0.5]
    case("batchnormalization", (4, 3), [
        (entry("BatchNormalization", "batchnormalization_1", epsilon=0.01, mode=0, axis=-1, momentum=0.9,
               gamma_regularizer=None, beta_regularizer=None), L.BatchNormalization(epsilon=0.01), statistics(3)),
        (entry("LeakyReLU", "leakyrelu_1", alpha=0.2), L.LeakyReLU(0.2), []),
        (entry("Dropout", "dropout_1", p=0.5), L.Dropout(0.5), []),
        (entry("GaussianNoise", "gaussiannoise_1", sigma=0.5), L.GaussianNoise(0.5), []),
        (entry("PReLU", "prelu_1", init="zero"), L.PReLU(), [floats(4, 3)]),
        (entry("ThresholdedReLU", "thresholdedrelu_1", theta=0.3), L.ThresholdedReLU(0.3), []),
        (entry("Reshape", "reshape_1", target_shape=[3, 4]), L.Reshape((3, 4)), []),
        (entry("Permute", "permute_1", dims=[2, 1]), L.Permute((2, 1)), []),
        (entry("Flatten", "flatten_1"), L.Flatten(), []),
        (entry("RepeatVector", "repeatvector_1", n=2), L.RepeatVector(2), [])])
    # Keras 0 divided by the deviation plus epsilon.
    model = tf_keras.Sequential([L.InputLayer((3,)), L.Dense(4), L.BatchNormalization(epsilon=0.01)])
    kernel, bias, (gamma, beta, mean, deviation) = floats(3, 4), floats(4), statistics(4)
    write_places("places", [[kernel, bias], [], [gamma, beta, mean, deviation]])
    x = floats(5, 3, scale=1)
    expect("places", [x], gamma * (x @ kernel + bias - mean) / (deviation + 0.01) + beta)


def make_cudnn():
    for class_name, count in [("LSTM", 4), ("GRU", 3)]:
        options = {"recurrent_activation": "sigmoid", "return_sequences": True}
        if class_name == "GRU":
            options["reset_after"] = True
        config = dict(units=4, return_sequences=True, return_state=False, go_backwards=False, stateful=False,
                      kernel_initializer="glorot_uniform", recurrent_initializer="orthogonal",
                      bias_initializer="zeros")
        arrays = lambda: [floats(3, 4 * count), floats(4, 4 * count), floats(8 * count)]
        modern = lambda layer, w: preprocess_weights_for_loading(layer, w, "2.2.4", "tensorflow")
        case(f"cudnn_{class_name.lower()}", (5, 3), [
            (entry(f"CuDNN{class_name}", "cudnn_1", **config), today(class_name, 4, **options), arrays())],
            convert=modern, version="2.2.4", backend="tensorflow")
        layer = entry(f"CuDNN{class_name}", "cudnn_1", **config)
        case(f"cudnn_{class_name.lower()}_bidirectional", (5, 3), [
            (entry("Bidirectional", "bidirectional_1", layer=layer, merge_mode="concat"),
             L.Bidirectional(today(class_name, 4, **options)), arrays() + arrays())],
            convert=modern, version="2.2.4", backend="tensorflow")


def make_theano():
    """Keras 2 on Theano: kernels of convolutions are turned round, others are not."""
    turned = lambda layer, w: (
        [np.flip(w[0], range(w[0].ndim - 2))] + w[1:] if type(layer).__name__.startswith("Conv") else w)
    kept = dict(version="2.1.3", backend="theano", mark="", convert=turned)
    settings = lambda layer: {k: v for k, v in layer.get_config().items() if k not in ("name", "dtype", "groups")}
    for name, shape, layer, kernel, bias in [
        ("theano_conv1d", (8, 4), L.Conv1D(5, 3), [(3, 4, 5)], 5),
        ("theano_conv2d", (7, 8, 3), L.Conv2D(5, (3, 2)), [(3, 2, 3, 5)], 5),
        ("theano_conv3d", (4, 5, 4, 2), L.Conv3D(5, 2), [(2, 2, 2, 2, 5)], 5),
        ("theano_conv2dtranspose", (4, 4, 3), L.Conv2DTranspose(5, 3, strides=2), [(3, 3, 5, 3)], 5),
        ("theano_separable", (6, 5, 3), L.SeparableConv2D(4, (3, 2)), [(3, 2, 3, 1), (1, 1, 3, 4)], 4),
    ]:
        arrays = [floats(*k) for k in kernel] + [floats(bias)]
        case(name, shape, [(entry(type(layer).__name__, "layer_1", **settings(layer)), layer, arrays)], **kept)


def merging(mode, name="merge_1", **more):
    return entry("Merge", name, mode=mode, mode_type="raw", concat_axis=-1, dot_axes=more.get("dot_axes", -1),
                 output_shape=None, output_shape_type="raw", output_mask=None, output_mask_type="raw", arguments={})


def make_merged():
    """A Sequential whose first layer joins two others."""
    joins = {"sum": L.Add, "mul": L.Multiply, "ave": L.Average, "max": L.Maximum, "concat": L.Concatenate}
    for mode in ["sum", "mul", "ave", "max", "concat", "dot", "cos"]:
        one, two = dense("dense_1", 3, 4), dense("dense_2", 5, 4)
        one[0]["config"]["batch_input_shape"] = [None, 3]
        two[0]["config"]["batch_input_shape"] = [None, 5]
        width = {"concat": 8, "dot": 1, "cos": 1}.get(mode, 4)
        last = dense("dense_3", width, 2)
        x, z = floats(3, 3, scale=1), floats(3, 5, scale=1)
        apply = lambda step, value: np.tanh(value @ step[2][0] + step[2][1])
        a, b = apply(one, x), apply(two, z)
        if mode == "dot":
            joined = np.sum(a * b, axis=1, keepdims=True)
        elif mode == "cos":
            joined = np.sum(a * b, axis=1)[:, None, None] / np.maximum(
                np.sqrt(np.sum(a * a, axis=1) * np.sum(b * b, axis=1)), 1e-7)[:, None, None]
        else:
            joined = np.asarray(joins[mode]()([a, b]))
        join = merging(mode, dot_axes=[1, 1])
        join["config"]["layers"] = [sequential([one[0]]), sequential([two[0]])]
        write(f"merged_{mode}", sequential([join, last[0]]),
              [("dense_1", one[2]), ("dense_2", two[2]), ("dense_3", last[2])])
        expect(f"merged_{mode}", [x, z], apply(last, joined))


def check(names):
    for name in names:
        answers = np.load(f"{folder}/{name}.npz")
        inputs = [answers[key] for key in sorted(answers.files) if key.startswith("x")]
        result = {"name": name}
        try:
            model = tf_keras.models.load_model(f"{folder}/{name}.saved.h5", compile=False)
            y = np.asarray(model(inputs if len(inputs) > 1 else inputs[0]))
            result["difference"] = float(np.max(np.abs(y - answers["y"]))) if y.shape == answers["y"].shape else 1e9
        except Exception as error:
            result["problem"] = str(error)[-300:]
        print("RESULT " + json.dumps(result))


if sys.argv[1] == "make":
    make_recurrent()
    make_convolutions()
    make_others()
    make_cudnn()
    make_theano()
    make_merged()
    make_nested()
else:
    check(sys.argv[3:])
