/// The options that one generation has and the other does not, found by comparing `get_config()` of
/// every layer that Keras 3.15.1 and tf_keras 2.21.0 share.
extension ConfigConversion {
  /// Layer classes that a generation lacks.
  private static let onlyKeras3: Set = [
    "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D", "FlaxLayer",
    "GroupQueryAttention", "GroupedQueryAttention", "JaxLayer", "MelSpectrogram", "Pipeline",
    "RMSNormalization", "ReversibleEmbedding", "STFTSpectrogram", "TFSMLayer", "TorchModuleWrapper",
  ]
  private static let onlyKeras2: Set = [
    "CuDNNGRU", "CuDNNLSTM", "DenseFeatures", "LocallyConnected1D", "LocallyConnected2D",
    "RandomHeight", "RandomWidth", "SlicingOpLambda", "TFOpLambda", "ThresholdedReLU",
  ]

  /// Refuses a layer that the readers lack, and one whose code stands in the file.
  func refuse(_ className: String, layer: JSON) throws(CheckpointError) {
    let isMissing =
      readsKeras2 && Self.onlyKeras3.contains(className)
      || readsKeras3 && Self.onlyKeras2.contains(className)
    guard isMissing || className == "Lambda" else { return }
    let name = layer["config"]?["name"]?.string ?? className
    throw CheckpointError(
      .unconvertible(what: "the layer \"\(name)\" of class \(className)", to: readers.name))
  }

  /// An option of one generation, and the value with which it does nothing.
  private struct Option {
    let key: String
    let idle: JSON

    /// Whether any value may be left out, since none changes what a trained model predicts.
    var isFree = false
  }

  /// Options of Keras 3 that Keras 2 refuses.
  private static func keras3Options(of className: String) -> [Option] {
    let seed = Option(key: "seed", idle: nil, isFree: true)
    return switch className {
    case "Attention", "AdditiveAttention", "GRUCell", "LSTMCell", "SimpleRNNCell": [seed]
    case "GRU", "LSTM", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D":
      [seed, Option(key: "use_cudnn", idle: "auto", isFree: true)]
    case "MultiHeadAttention":
      [
        seed, Option(key: "use_gate", idle: false), Option(key: "sliding_window", idle: nil),
        Option(key: "flash_attention", idle: nil, isFree: true),
      ]
    case "AlphaDropout": [Option(key: "noise_shape", idle: nil, isFree: true)]
    case "BatchNormalization":
      [
        Option(key: "synchronized", idle: false, isFree: true),
        Option(key: "renorm", idle: false),
        Option(key: "renorm_clipping", idle: nil, isFree: true),
        Option(key: "renorm_momentum", idle: 0.99, isFree: true),
      ]
    case "Dense", "EinsumDense", "Embedding":
      [Option(key: "quantization_config", idle: nil), Option(key: "lora_rank", idle: nil)]
    case "Conv3DTranspose": [Option(key: "dilation_rate", idle: [1, 1, 1])]
    case "LayerNormalization": [Option(key: "rms_scaling", idle: false)]
    case "ZeroPadding1D": [Option(key: "data_format", idle: "channels_last")]
    case "CenterCrop", "RandomFlip":
      [Option(key: "data_format", idle: "channels_last")]
    case "Resizing":
      [
        Option(key: "data_format", idle: "channels_last"),
        Option(key: "pad_to_aspect_ratio", idle: false), Option(key: "fill_mode", idle: "constant"),
        Option(key: "fill_value", idle: 0.0), Option(key: "antialias", idle: false),
      ]
    case "IntegerLookup", "StringLookup":
      [Option(key: "oov_method", idle: "floormod"), Option(key: "salt", idle: nil)]
    default: []
    }
  }

  /// Options of Keras 2 that Keras 3 refuses.
  private static func keras2Options(of className: String) -> [Option] {
    switch className {
    case "GRU", "LSTM", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D":
      [
        Option(key: "time_major", idle: false),
        Option(key: "implementation", idle: 2, isFree: true),
        Option(key: "input_dim", idle: nil, isFree: true),
        Option(key: "input_length", idle: nil, isFree: true),
      ]
    case "GRUCell", "LSTMCell", "SimpleRNNCell":
      [Option(key: "implementation", idle: 2, isFree: true)]
    case "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "DepthwiseConv1D",
      "DepthwiseConv2D":
      [Option(key: "groups", idle: 1)]
    case "SeparableConv1D", "SeparableConv2D":
      [
        Option(key: "groups", idle: 1),
        Option(key: "kernel_initializer", idle: nil, isFree: true),
        Option(key: "kernel_regularizer", idle: nil, isFree: true),
        Option(key: "kernel_constraint", idle: nil, isFree: true),
      ]
    case "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D":
      [
        Option(key: "trainable", idle: true, isFree: true),
        Option(key: "noise_shape", idle: nil, isFree: true),
      ]
    case "Discretization": [Option(key: "trainable", idle: true, isFree: true)]
    case "Embedding": [Option(key: "input_length", idle: nil, isFree: true)]
    case "MultiHeadAttention":
      [
        Option(key: "query_shape", idle: nil, isFree: true),
        Option(key: "key_shape", idle: nil, isFree: true),
        Option(key: "value_shape", idle: nil, isFree: true),
        Option(key: "softmax_robust_masking", idle: false),
      ]
    case "CategoryEncoding": [Option(key: "sparse", idle: false)]
    case "RandomFlip": [Option(key: "rng_type", idle: "stateful", isFree: true)]
    default: []
    }
  }

  /// A layer's configuration without what Keras 2 refuses.
  func withoutKeras3Options(
    _ config: JSON, _ className: String, _ subject: String
  ) throws(CheckpointError) -> JSON {
    var config = try without(Self.keras3Options(of: className), config, subject)
    switch className {
    case "InputLayer":
      if let shape = config["batch_shape"] {
        config["batch_shape"] = nil
        config["batch_input_shape"] = shape
      }
    case "LeakyReLU":
      // Keras 3 still takes the old name.
      if let slope = config["negative_slope"] {
        config["negative_slope"] = nil
        config["alpha"] = slope
      }
    default: break
    }
    try refuseHardSigmoid(config, subject)
    return config
  }

  /// A layer's configuration without what Keras 3 refuses.
  func withoutKeras2Options(
    _ config: JSON, _ className: String, _ subject: String
  ) throws(CheckpointError) -> JSON {
    var config = try without(Self.keras2Options(of: className), config, subject)
    switch className {
    case "InputLayer":
      if readers == .keras3, let shape = config["batch_input_shape"] {
        config["batch_input_shape"] = nil
        config["batch_shape"] = shape
      }
    case "LeakyReLU":
      if readers == .keras3, let slope = config["alpha"] {
        config["alpha"] = nil
        config["negative_slope"] = slope
      }
    case "BatchNormalization":
      if let axes = config["axis"]?.array, axes.count == 1 { config["axis"] = axes[0] }
    default: break
    }
    try refuseHardSigmoid(config, subject)
    return config
  }

  private func without(
    _ options: [Option], _ config: JSON, _ subject: String
  ) throws(CheckpointError) -> JSON {
    var config = config
    for option in options {
      guard let value = config[option.key] else { continue }
      guard option.isFree || value == option.idle else {
        throw CheckpointError(
          .unconvertible(
            what: "\(subject) with \"\(option.key)\": \(value.text)", to: readers.name))
      }
      config[option.key] = nil
    }
    return config
  }

  /// `hard_sigmoid` is clip(0.2·x + 0.5, 0, 1) in Keras 2 and relu6(x + 3) / 6 in Keras 3; neither
  /// has the other's.
  private func refuseHardSigmoid(_ config: JSON, _ subject: String) throws(CheckpointError) {
    if hasHardSigmoidOfKeras2, !readsKeras3 { return }
    for key in ["activation", "recurrent_activation"] where config[key] == "hard_sigmoid" {
      throw CheckpointError(
        .unconvertible(
          what: "\(subject) with \"\(key)\": \"hard_sigmoid\", which Keras 2 and 3 compute "
            + "differently,", to: readers.name))
    }
  }
}
