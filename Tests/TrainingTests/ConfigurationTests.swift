import KerasCheckpoint
import Testing
import Training

@Suite struct ConfigurationTests {
  @Test(arguments: [
    ("mse", Loss.mse), ("MSE", .mse), ("mean_squared_error", .mse), ("MeanSquaredError", .mse),
    ("mae", .mae), ("MeanAbsoluteError", .mae), ("bce", .binaryCrossentropy),
    ("BinaryCrossentropy", .binaryCrossentropy),
    ("categorical_crossentropy", .categoricalCrossentropy),
    ("SparseCategoricalCrossentropy", .sparseCategoricalCrossentropy), ("KLD", .klDivergence),
    ("KLDivergence", .klDivergence), ("kullback_leibler_divergence", .klDivergence),
    ("logcosh", .logCosh), ("LogCosh", .logCosh), ("MAPE", .meanAbsolutePercentageError),
    ("msle", .meanSquaredLogarithmicError), ("huber", .huber), ("Huber", .huber),
    ("cosine_similarity", .cosineSimilarity), ("squared_hinge", .squaredHinge),
    ("CategoricalFocalCrossentropy", .categoricalFocalCrossentropy), ("Poisson", .poisson),
    ("Dice", .dice), ("tversky", .tversky),
  ])
  func `A loss has all of Keras's names`(name: String, loss: Loss) throws {
    #expect(try Loss(config: .string(name)) == loss)
  }

  @Test func `A loss object of tf_keras keeps its options`() throws {
    let loss = try Loss(
      config: [
        "class_name": "CategoricalCrossentropy",
        "config": [
          "reduction": "auto", "name": "categorical_crossentropy", "from_logits": true,
          "label_smoothing": 0.1, "axis": -1, "fn": "categorical_crossentropy",
        ],
      ])
    #expect(loss == .categoricalCrossentropy(fromLogits: true, labelSmoothing: 0.1))
    #expect(try Loss(config: loss.config) == loss)
  }

  @Test(arguments: Loss.Function.allCases)
  func `Every loss survives being stored`(function: Loss.Function) throws {
    var loss = Loss(function)
    #expect(try Loss(config: loss.config) == loss)
    #expect(try Loss(config: .string(function.className)) == loss)
    loss.reduction = .sum
    loss.name = "mine"
    if function == .sparseCategoricalCrossentropy {
      loss.ignoreClass = -1
      loss.axis = 1
    }
    switch function {
    case .huber: loss.parameters.delta = 0.5
    case .binaryFocalCrossentropy: loss.parameters.balancesClasses = true
    case .categoricalFocalCrossentropy: loss.parameters.gamma = 1
    case .categoricalGeneralizedCrossEntropy: loss.parameters.q = 0.25
    case .cosineSimilarity: loss.parameters.axes = [1]
    case .dice: loss.parameters.axes = [1, 2]
    case .tversky: loss.parameters.beta = 0.75
    default: break
    }
    #expect(try Loss(config: loss.config) == loss)
  }

  @Test func `A loss is written as a name that Keras 3 can load again`() {
    #expect(Loss.mse.config == "mean_squared_error")
  }

  @Test func `A loss with an unknown name or reduction is refused`() {
    #expect(throws: TrainingError.self) { try Loss(config: "ctc") }
    #expect(throws: TrainingError.self) {
      try Loss(config: ["class_name": "MeanSquaredError", "config": ["reduction": "median"]])
    }
    #expect(throws: TrainingError.self) { try Loss(config: ["a": "mse", "b": "mse"]) }
  }

  @Test func `Metrics come in every form that Keras stores`() throws {
    let wrapped: JSON = [
      "class_name": "MeanMetricWrapper",
      "config": ["name": "acc", "dtype": "float32", "fn": "binary_accuracy"],
    ]
    #expect(try Metric.metrics(config: ["acc"]) == [.acc])
    #expect(try Metric.metrics(config: [["acc", "mse"]]) == [.acc, .mse])
    #expect(try Metric.metrics(config: "acc") == [.acc])
    #expect(try Metric.metrics(config: .null) == [])
    #expect(
      try Metric.metrics(config: [[wrapped]]) == [.binaryAccuracy(threshold: 0.5, name: "acc")])
    let threshold = Metric.binaryAccuracy(threshold: 0.3)
    #expect(try Metric.metrics(config: [threshold.config]) == [threshold])
    #expect(try Metric(named: "Accuracy").name == "Accuracy")
  }

  @Test func `A metric keeps its name through a file`() throws {
    for metric in [Metric.acc, .accuracy, .mse, .mae, .binaryCrossentropy, .categoricalAccuracy] {
      #expect(try Metric.metrics(config: [metric.config]) == [metric])
    }
  }

  @Test func `What is counted survives being stored`() throws {
    var metrics = Metric.Counts.Kind.allCases.map { Metric(.counts(Metric.Counts($0))) }
    var area = Metric.Counts(.auc, thresholds: [-1e-7, 0.3, 0.4, 1 + 1e-7])
    area.curve = .precisionRecall
    area.summation = .majoring
    area.fromLogits = true
    var precision = Metric.Counts(.precision, thresholds: [0.25])
    precision.classID = 2
    metrics += [Metric(.counts(area), name: "area"), Metric(.counts(precision))]
    metrics.append(Metric(.counts(Metric.Counts(.recallAtPrecision, bound: 0.75))))
    var labels = Metric.Counts(.auc)
    labels.isMultiLabel = true
    labels.columnWeights = [1, 2]
    var largest = Metric.Counts(.recall, thresholds: [-1e10])
    largest.topK = 2
    metrics += [Metric(.counts(labels)), Metric(.counts(largest))]
    metrics += Metric.IntersectionOverUnion.Kind.allCases.map {
      Metric(.intersectionOverUnion(Metric.IntersectionOverUnion($0, targets: [0, 1])))
    }
    metrics += [
      .f1Score, Metric(.fScore(Metric.FScore(beta: 2, average: .weighted, threshold: 0.25))),
      .r2Score, Metric(.r2Score(Metric.R2Score(aggregation: .varianceWeighted, regressorCount: 3))),
      Metric(.correlation(Metric.Correlation(.pearson, axis: 0))), Metric(.equality, name: "same"),
    ]
    metrics += [
      .rootMeanSquaredError, .cosineSimilarity, .topKCategoricalAccuracy(k: 3),
      .sparseTopKCategoricalAccuracy(), Metric(.loss(.logCosh)), Metric(.loss(.hinge)),
    ]
    for metric in metrics {
      #expect(try Metric.metrics(config: [metric.config]) == [metric])
    }
  }

  @Test func `An optimizer reads every generation's configuration`() throws {
    let adam = try #require(
      try OptimizerCatalogue.optimizer(config: [
        "class_name": "Custom>Adam",
        "config": [
          "name": "Adam", "weight_decay": .null, "clipnorm": .null, "global_clipnorm": .null,
          "clipvalue": .null, "use_ema": false, "ema_momentum": 0.99,
          "ema_overwrite_frequency": .null, "jit_compile": false, "is_legacy_optimizer": false,
          "learning_rate": 0.002, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-6,
          "amsgrad": true,
        ],
      ]) as? Adam)
    #expect(adam.learningRate == 0.002 && adam.beta1 == 0.8 && adam.beta2 == 0.99)
    #expect(adam.epsilon == 1e-6 && adam.amsgrad && adam.name == "Adam" && adam.clipping == nil)

    let old = try #require(
      try OptimizerCatalogue.optimizer(config: [
        "class_name": "SGD",
        "config": ["lr": 0.03, "momentum": 0.9, "decay": 0.0001, "nesterov": true],
      ]) as? SGD)
    #expect(old.learningRate == 0.03 && old.momentum == 0.9 && old.nesterov && old.decay == 0.0001)
    #expect(old.rate(after: 0) == 0.03)
    #expect(old.rate(after: 10_000) == 0.015)

    let plain = try OptimizerCatalogue.optimizer(config: "rmsprop")
    #expect(plain is RMSprop && plain.learningRate == 0.001)
  }

  @Test(arguments: [Dialect.keras2, .keras3])
  func `An optimizer survives being stored`(dialect: Dialect) throws {
    let optimizers: [any Optimizer] = [
      Adam(learningRate: 0.5, amsgrad: true, clipping: .norm(1)),
      SGD(momentum: 0.5, nesterov: true, clipping: .value(0.5)),
      RMSprop(rho: 0.5, momentum: 0.25, centered: true, clipping: .globalNorm(2)),
      AdamW(learningRate: 0.5, beta1: 0.5).with { $0.weightDecay = 0.25 },
      Adadelta(rho: 0.5), Adagrad(initialAccumulatorValue: 0.5), Adamax(beta2: 0.5),
      Nadam(epsilon: 0.5), Ftrl(learningRatePower: -0.25, l1: 0.5, l2Shrinkage: 0.125),
      Lion(beta2: 0.5), Adafactor(epsilon2: 0.5, relativeStep: false),
      Adam().with { $0.average = WeightAverage(momentum: 0.5, overwriteFrequency: 3) },
      SGD().with { $0.schedule = .exponentialDecay(initial: 0.5, steps: 7, rate: 0.25) },
      SGD().with {
        $0.schedule = .inverseTimeDecay(initial: 0.5, steps: 7, rate: 2, staircase: true)
      },
      SGD().with { $0.schedule = .polynomialDecay(initial: 0.5, steps: 7, power: 2, cycle: true) },
      SGD().with {
        $0.schedule = .cosineDecay(initial: 0.5, steps: 7, warmup: .init(target: 1, steps: 2))
      },
      SGD().with { $0.schedule = .cosineDecayRestarts(initial: 0.5, steps: 7, mMul: 0.5) },
      SGD().with { $0.schedule = .piecewiseConstant(boundaries: [2, 5], values: [1, 0.5, 0.25]) },
    ]
    for optimizer in optimizers {
      let config = optimizer.config(for: dialect)
      let again = try OptimizerCatalogue.optimizer(config: config)
      #expect(again.config(for: dialect) == config)
      #expect(again.shared == optimizer.shared)
    }
  }

  @Test func `Options of Keras 3 alone survive there`() throws {
    let adam = Adam().with {
      $0.gradientAccumulationSteps = 4
      $0.lossScaleFactor = 8
    }
    let lamb = Lamb(beta1: 0.5)
    for optimizer in [adam, lamb] as [any Optimizer] {
      let config = optimizer.config(for: .keras3)
      #expect(try OptimizerCatalogue.optimizer(config: config).config(for: .keras3) == config)
    }
  }

  static let refused: [(String, JSON)] = [
    ("never_heard_of", "x"),
    ("learning_rate", ["class_name": "WarmUp", "config": ["initial_learning_rate": 1]]),
  ]

  @Test(arguments: refused)
  func `An option that would change training is refused by name`(key: String, value: JSON) {
    let config: JSON = ["class_name": "Adam", "config": .object([key: value])]
    let error = #expect(throws: TrainingError.self) {
      try OptimizerCatalogue.optimizer(config: config)
    }
    let name = value["class_name"]?.string ?? key
    #expect(error?.description.contains(name) == true)
  }

  @Test func `A training configuration survives being stored`() throws {
    let configuration = TrainingConfiguration(
      optimizer: .adam, loss: .binaryCrossentropy, metrics: [.acc])
    let config = try configuration.trainingConfig(for: .keras3)
    #expect(config["loss"] == "binary_crossentropy" && config["metrics"] == ["acc"])
    #expect(
      try TrainingConfiguration(trainingConfig: config).trainingConfig(for: .keras3) == config)
  }

  @Test func `The generation of Keras decides what an embedding's squares are`() throws {
    let configuration = TrainingConfiguration(optimizer: .adam, loss: .mse)
    #expect(configuration.treatsTokensApart)
    for dialect in [Dialect.keras2, .keras3] {
      let config = try configuration.trainingConfig(for: dialect)
      #expect(
        try TrainingConfiguration(trainingConfig: config).treatsTokensApart == (dialect == .keras3))
    }
    let old: JSON = [
      "loss": "mse",
      "optimizer_config": ["class_name": "Adam", "config": ["lr": 0.001, "decay": 0.0]],
    ]
    #expect(try !TrainingConfiguration(trainingConfig: old).treatsTokensApart)
  }

  @Test func `What is said of outputs has to fit them`() throws {
    let names = ["price", "kind"]
    func config(_ configuration: TrainingConfiguration) throws -> JSON {
      try configuration.trainingConfig(for: .keras3, outputs: names)
    }
    let named = TrainingConfiguration(
      optimizer: .adam, loss: ["price": .mse], lossWeights: ["price": 0.5],
      metrics: ["kind": [.acc]])
    #expect(try config(named)["loss"] == ["mean_squared_error", .null])
    #expect(try config(named)["loss_weights"] == [0.5, 1.0])
    #expect(try config(named)["metrics"] == [[], ["acc"]])
    #expect(throws: TrainingError.self) {
      try config(TrainingConfiguration(optimizer: .adam, loss: ["cost": .mse]))
    }
    #expect(throws: TrainingError.self) {
      try config(TrainingConfiguration(optimizer: .adam, loss: .inOrder([.mse])))
    }
  }

  @Test func `Settings that are not known are refused by name`() {
    func error(_ config: JSON) -> String {
      do {
        _ = try TrainingConfiguration(trainingConfig: config)
        return ""
      } catch { return "\(error)" }
    }
    #expect(error(["optimizer": "adam", "loss": "ctc"]).contains("no loss 'ctc'"))
    #expect(
      error(["optimizer": "adam", "loss": "mse", "metrics": ["bleu"]]).contains("no metric 'bleu'"))
    #expect(error(["optimizer": "adam", "loss": ["a": "mse", "b": "mine"]]).contains("'mine'"))
  }
}
