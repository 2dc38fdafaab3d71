import KerasCheckpoint
import Tensors
import Testing

/// The rules of a conversion one by one; whether Keras reads the outcome is tested with Keras.
@Suite struct ConversionTests {
  private static func checkpoint(
    _ dialect: Dialect, layers: [JSON], training: JSON? = nil
  ) -> Checkpoint {
    Checkpoint(
      dialect: dialect,
      modelConfig: [
        "class_name": "Sequential", "config": ["name": "s", "layers": .array(layers)],
      ],
      trainingConfig: training, layers: [])
  }

  private static func layers(_ checkpoint: Checkpoint, to dialect: Dialect) throws -> [JSON] {
    try checkpoint.converted(to: dialect).checkpoint
      .modelConfig?["config"]?["layers"]?.array ?? []
  }

  private static let policy: JSON = [
    "module": "keras", "class_name": "DTypePolicy", "config": ["name": "float32"],
    "registered_name": nil,
  ]

  @Test func `an input's shape has the name that the readers know`() throws {
    let input: JSON = [
      "class_name": "InputLayer", "config": ["name": "i", "batch_shape": [16, 12]],
    ]
    let there = Self.checkpoint(.keras3, layers: [input])
    let keras2 = try Self.layers(there, to: .keras2)
    // Keras 3 wrote the size of the first batch it saw.
    #expect(keras2[0]["config"] == ["name": "i", "batch_input_shape": [nil, 12]])
    let back = Self.checkpoint(.keras2, layers: keras2)
    #expect(
      try Self.layers(back, to: .keras3)[0]["config"] == ["name": "i", "batch_shape": [nil, 12]])
  }

  @Test func `a shape on the first layer becomes an InputLayer for Keras 3`() throws {
    let dense: JSON = [
      "class_name": "Dense",
      "config": ["name": "d", "units": 3, "batch_input_shape": [nil, 4], "dtype": "float32"],
    ]
    let list = Checkpoint(
      dialect: .keras2, modelConfig: ["class_name": "Sequential", "config": [dense]], layers: [])
    let config = try list.converted(to: .keras3).checkpoint.modelConfig
    #expect(config?["config"]?["name"] == "sequential")
    let layers = config?["config"]?["layers"]?.array ?? []
    #expect(layers.map { $0["class_name"] } == ["InputLayer", "Dense"])
    #expect(layers.first?["config"]?["batch_shape"] == [nil, 4])
    #expect(layers.last?["config"]?["batch_input_shape"] == nil)
  }

  @Test func `options that do nothing are left out and others are refused`() throws {
    func dense(_ quantization: JSON) -> Checkpoint {
      Self.checkpoint(
        .keras3,
        layers: [
          [
            "class_name": "Dense",
            "config": [
              "name": "d", "dtype": Self.policy, "quantization_config": quantization, "mine": 1,
            ],
          ]
        ])
    }
    #expect(
      try Self.layers(dense(nil), to: .keras2)[0]["config"]
        == ["name": "d", "dtype": "float32", "mine": 1])
    let error = #expect(throws: CheckpointError.self) {
      try dense(["mode": "int8"]).converted(to: .keras2)
    }
    #expect(error?.description.contains("\"d\" with \"quantization_config\"") == true)
  }

  @Test(arguments: ["activation", "recurrent_activation"])
  func `what the generations compute differently is refused`(key: String) throws {
    var config: JSON = ["class_name": "LSTM", "config": ["name": "l"]]
    config["config"]?[key] = "hard_sigmoid"
    #expect(throws: CheckpointError.self) {
      try Self.checkpoint(.keras2, layers: [config]).converted(to: .keras3)
    }
    // A file of its own generation is not touched.
    _ = try Self.checkpoint(.keras2, layers: [config]).converted(to: .keras2)
  }

  @Test(arguments: [
    ("Lambda", Dialect.keras2), ("RMSNormalization", .keras3), ("LocallyConnected1D", .keras2),
    ("TFOpLambda", .keras2),
  ])
  func `classes that the readers lack are refused by name`(name: String, from: Dialect) {
    let layer: JSON = ["class_name": .string(name), "config": ["name": "l"]]
    let error = #expect(throws: CheckpointError.self) {
      try Self.checkpoint(from, layers: [layer]).converted(to: from == .keras2 ? .keras3 : .keras2)
    }
    #expect(error?.description.contains("\"l\" of class \(name)") == true)
  }

  @Test func `wrapped layers are converted too`() throws {
    let wrapped: JSON = [
      "class_name": "Bidirectional",
      "config": [
        "name": "b",
        "layer": [
          "class_name": "LSTM",
          "config": ["name": "l", "time_major": false, "implementation": 2, "units": 3],
        ],
      ],
    ]
    let layers = try Self.layers(Self.checkpoint(.keras2, layers: [wrapped]), to: .keras3)
    #expect(layers[0]["config"]?["layer"]?["config"] == ["name": "l", "units": 3])
  }

  @Test func `initial states are a list by name in Keras 3 and further inputs in Keras 2`() throws {
    func tensor(_ name: String) -> JSON {
      [
        "class_name": "__keras_tensor__",
        "config": ["shape": [], "dtype": "float32", "keras_history": [.string(name), 0, 0]],
      ]
    }
    func layer(_ name: String, _ className: String, _ calls: [JSON]) -> JSON {
      [
        "class_name": .string(className), "name": .string(name),
        "config": ["name": .string(name)], "inbound_nodes": .array(calls),
      ]
    }
    func model(_ dialect: Dialect, _ call: JSON) -> Checkpoint {
      let layers = ["x", "h"].map { layer($0, "InputLayer", []) } + [layer("g", "GRU", [call])]
      return Checkpoint(
        dialect: dialect,
        modelConfig: [
          "class_name": "Functional",
          "config": [
            "name": "m", "layers": .array(layers), "input_layers": [["x", 0, 0], ["h", 0, 0]],
            "output_layers": [["g", 0, 0]],
          ],
        ], layers: [])
    }
    let keras3: JSON = ["args": [tensor("x")], "kwargs": ["initial_state": [tensor("h")]]]
    let keras2: JSON = [["x", 0, 0, [:]], ["h", 0, 0, [:]]]
    let there = try Self.converted(model(.keras3, keras3), to: .keras2)
    #expect(there["inbound_nodes"] == [keras2])
    let back = try Self.converted(model(.keras2, keras2), to: .keras3)
    #expect(back["inbound_nodes"] == [keras3])
    // No form is read by both, so each keeps its own.
    for (dialect, call) in [(Dialect.keras3, keras3), (.keras2, keras2)] {
      let widely = model(dialect, call).widelyReadable().checkpoint
      #expect(widely.modelConfig?["config"]?["layers"]?[2]?["inbound_nodes"] == [call])
    }
  }

  private static func converted(_ checkpoint: Checkpoint, to dialect: Dialect) throws -> JSON {
    let config = try checkpoint.converted(to: dialect).checkpoint.modelConfig
    return config?["config"]?["layers"]?[2] ?? .null
  }

  @Test func `metrics and losses take the form of the readers`() throws {
    func wrapper(_ name: String, _ function: String) -> JSON {
      [
        "class_name": "MeanMetricWrapper",
        "config": ["name": .string(name), "dtype": "float32", "fn": .string(function)],
      ]
    }
    let training: JSON = [
      "loss": "mse",
      "metrics": [
        [
          wrapper("acc", "binary_accuracy"), wrapper("mae", "mean_absolute_error"),
          wrapper("binary_accuracy", "binary_accuracy"),
        ]
      ],
    ]
    let converted = try Self.checkpoint(.keras2, layers: [], training: training)
      .converted(to: .keras3).checkpoint.trainingConfig
    #expect(converted?["loss"] == "mean_squared_error")
    #expect(converted?["loss_weights"] == .null)
    #expect(
      converted?["metrics"] == [
        "acc", ["class_name": "MeanAbsoluteError", "config": ["name": "mae", "dtype": "float32"]],
        "binary_accuracy",
      ])
  }

  @Test func `an optimizer takes the form of the readers`() throws {
    let adam: JSON = [
      "class_name": "Adam",
      "config": [
        "name": "adam", "learning_rate": 0.01, "loss_scale_factor": nil, "clipnorm": nil,
        "gradient_accumulation_steps": nil, "use_ema": false, "ema_momentum": 0.99,
      ],
    ]
    let training: JSON = ["loss": "mse", "optimizer_config": adam]
    let checkpoint = Self.checkpoint(.keras3, layers: [], training: training)
    let keras2 = try checkpoint.converted(to: .keras2).checkpoint.optimizerConfig
    #expect(keras2?["class_name"] == "Custom>Adam")
    #expect(keras2?["config"]?["is_legacy_optimizer"] == false)
    #expect(keras2?["config"]?["loss_scale_factor"] == nil)
    let both = checkpoint.widelyReadable().checkpoint.optimizerConfig
    #expect(both == ["class_name": "Adam", "config": ["name": "adam", "learning_rate": 0.01]])
    let old = Self.checkpoint(
      .keras2, layers: [],
      training: [
        "loss": "mse",
        "optimizer_config": ["class_name": "SGD", "config": ["lr": 0.1, "decay": 0.0]],
      ])
    #expect(
      try old.converted(to: .keras3).checkpoint.optimizerConfig
        == ["class_name": "SGD", "config": ["learning_rate": 0.1]])
  }

  @Test func `names of weights take the form of the readers`() throws {
    let tensor = Tensor([1], [Float(0)])
    let checkpoint = Checkpoint(
      dialect: .keras3, modelConfig: ["class_name": "Sequential", "config": ["name": "s"]],
      layers: [
        LayerWeights(
          name: "conv", weights: [Weight(name: "s/conv/kernel", tensor: tensor)]),
        LayerWeights(name: "d", weights: [Weight(name: "d/kernel", tensor: tensor)]),
      ])
    let keras2 = try checkpoint.converted(to: .keras2).checkpoint
    #expect(
      keras2.layers.flatMap { $0.weights.map(\.name) } == ["conv/kernel:0", "d/kernel:0"])
    #expect(keras2.kerasVersion == "2.21.0")
    let keras3 = try keras2.converted(to: .keras3).checkpoint
    #expect(keras3.layers.flatMap { $0.weights.map(\.name) } == ["conv/kernel", "d/kernel"])
    #expect(keras3.kerasVersion == "3.15.1")
  }

  @Test func `Keras 1 is read and not converted`() {
    let checkpoint = Checkpoint(dialect: .keras1, layers: [])
    #expect(throws: CheckpointError.self) { try checkpoint.converted(to: .keras3) }
  }
}
