/// Training that is saved and resumed ends where it would have ended.
import Foundation
import Keratin
import TestSupport
import Testing

extension Acceptance {
  @Suite struct Resuming {
    /// A model with dropout, trained with shuffling.
    private struct Trial {
      let train: (x: Tensor, y: Tensor)
      let test: (x: Tensor, y: Tensor)

      init() throws {
        let path = Surroundings.fixtures.appending(path: "reviews.npz").path
        let (train, test) = try IMDB.loadData(path: path, numWords: 2000)
        self.train = (
          try padSequences(train.x.prefix(330), maxlen: 40), train.y.firstRows(330)
        )
        self.test = (try padSequences(test.x.prefix(100), maxlen: 40), test.y.firstRows(100))
      }

      func model(_ optimizer: any Optimizer) -> Model {
        let model = Sequential(
          [
            Embedding(inputDim: 2000, outputDim: 16),
            Dropout(0.3),
            Conv1D(filters: 16, kernelSize: 3),
            BatchNormalization(),
            ActivationLayer(.relu),
            GlobalMaxPooling1D(),
            Dropout(0.3),
            Dense(1, activation: .sigmoid),
          ], seed: 5)
        model.compile(optimizer: optimizer, loss: .binaryCrossentropy, metrics: [.acc])
        return model
      }

      @discardableResult
      func fit(_ model: Model, from first: Int = 0, to last: Int, seed: UInt64 = 9) throws
        -> History
      {
        try model.fit(
          train.x, train.y, epochs: last, validationData: test, initialEpoch: first,
          verbose: .silent, seed: seed)
      }
    }

    static let optimizers = [
      "sgd", "momentum", "nesterov", "adam", "amsgrad", "rmsprop", "centered", "adamw", "adadelta",
      "adagrad", "adamax", "adafactor", "nadam", "ftrl", "lion", "lamb", "schedule",
      "accumulation",
    ]

    static func optimizer(_ name: String) throws -> any Optimizer {
      switch name {
      case "sgd": SGD(learningRate: 0.1)
      case "momentum": SGD(learningRate: 0.03, momentum: 0.9)
      case "nesterov": SGD(learningRate: 0.03, momentum: 0.9, nesterov: true)
      case "adam": Adam(learningRate: 0.003)
      case "amsgrad": Adam(learningRate: 0.003, amsgrad: true)
      case "rmsprop": RMSprop(learningRate: 0.003)
      case "centered": RMSprop(learningRate: 0.003, momentum: 0.9, centered: true)
      case "adamw": AdamW(learningRate: 0.003)
      case "adadelta": Adadelta(learningRate: 0.5)
      case "adagrad": Adagrad(learningRate: 0.02)
      case "adamax": Adamax(learningRate: 0.003)
      case "adafactor": Adafactor(learningRate: 0.02)
      case "nadam": Nadam(learningRate: 0.003)
      case "ftrl": Ftrl(learningRate: 0.05)
      case "lion": Lion(learningRate: 0.001)
      case "lamb": Lamb(learningRate: 0.003)
      case "schedule": Adam().with { $0.schedule = .cosineDecay(initial: 0.005, steps: 40) }
      case "accumulation": SGD(learningRate: 0.1).with { $0.gradientAccumulationSteps = 4 }
      default: throw CancellationError()
      }
    }

    @Test(arguments: optimizers)
    func `saved after two epochs, training ends with the bits of one that was not`(
      name: String
    ) throws {
      let trial = try Trial()
      let whole = trial.model(try Self.optimizer(name))
      let history = try trial.fit(whole, to: 4)

      let folder = try TemporaryFolder()
      let begun = trial.model(try Self.optimizer(name))
      try trial.fit(begun, to: 2)
      try begun.save(folder.path("half.h5"))
      let resumed = try Model.load(folder.path("half.h5"))
      #expect(resumed.iterations == 22, "2 epochs of 330 rows are 22 batches")
      let rest = try trial.fit(resumed, from: 2, to: 4)

      expectEqual(try resumed.weights, try whole.weights, within: 0, "\(name): weight")
      #expect(resumed.iterations == whole.iterations)
      for key in history.names {
        #expect(rest[key] == Array(history[key].suffix(2)), "\(name): \(key)")
      }
      // Both kept the state of their optimizer too.
      try whole.save(folder.path("whole.h5"))
      try resumed.save(folder.path("resumed.h5"))
      let states = try ["whole.h5", "resumed.h5"].map {
        try #require(Checkpoint(path: folder.path($0)).optimizer).weights.map { try $0.tensor() }
      }
      expectEqual(states[1], states[0], within: 0, "\(name): state")

      // It would not end there if the state were lost, so the test can tell.
      let fresh = try Model.load(folder.path("half.h5"))
      fresh.compile(
        optimizer: try Self.optimizer(name), loss: .binaryCrossentropy, metrics: [.acc])
      try trial.fit(fresh, from: 2, to: 4)
      #expect(try fresh.weights != whole.weights)
    }

    /// Keras 2 and 3 square an embedding's gradient in their own ways. A file of Keras 2 that is
    /// compiled anew is saved as one of Keras 2, and has to be trained as one before and after.
    @Test(.withKeras, arguments: ["tk_adam", "tl_adam", "k3_adam"])
    func `a file compiled anew resumes with the same bits`(name: String) throws {
      let keras = try KerasSide.files()
      let (x, y) = try (keras.data("reviews", "x"), keras.data("reviews", "y"))
      func begun() throws -> Model {
        let model = try Model.load(keras.path("half_\(name).h5"))
        model.compile(optimizer: RMSprop(), loss: .binaryCrossentropy, metrics: [.acc])
        return model
      }
      let whole = try begun()
      try whole.fit(x, y, epochs: 2, verbose: .silent, seed: 3)
      let half = try begun()
      try half.fit(x, y, epochs: 1, verbose: .silent, seed: 3)
      let folder = try TemporaryFolder()
      try half.save(folder.path("half.h5"))
      let resumed = try Model.load(folder.path("half.h5"))
      try resumed.fit(x, y, epochs: 2, initialEpoch: 1, verbose: .silent, seed: 3)
      expectEqual(try resumed.weights, try whole.weights, within: 0, "\(name): weight")
    }

    @Test func `the same seed gives the same bits, another one others`() throws {
      let trial = try Trial()
      let models = try [9, 9, 10].map { (seed: UInt64) in
        let model = trial.model(Adam())
        try trial.fit(model, to: 2, seed: seed)
        return try model.weights
      }
      expectEqual(models[1], models[0], within: 0, "weight")
      #expect(models[2] != models[0])
    }

    @Test(arguments: [1, 2])
    func `each number of threads gives its bits again`(threads: Int) throws {
      let trial = try Trial()
      let graph = try Graph(
        sequential: [
          InputLayer(shape: [40]), Embedding(inputDim: 2000, outputDim: 16), Dropout(0.3),
          Conv1D(filters: 16, kernelSize: 3, activation: .relu), LSTM(8),
          Dense(1, activation: .sigmoid),
        ], name: "threads"
      ).built()
      let results = try (0..<2).map { _ in
        let variables = Variables()
        try graph.initialise(variables, seed: 3)
        let trainer = Trainer(
          graph, variables: variables,
          configuration: TrainingConfiguration(
            optimizer: Adam(), loss: .binaryCrossentropy, metrics: [.acc]),
          threads: threads)
        try trainer.fit(
          x: [trial.train.x], y: trial.train.y, FitOptions(epochs: 2, seed: 4, verbose: .silent))
        return try trainer.weights
      }
      expectEqual(results[1], results[0], within: 0, "weight")
    }

    static let files = [
      "k3_momentum", "k3_adam", "k3_rmsprop", "tk_momentum", "tk_adam", "tk_rmsprop", "tl_adam",
    ]

    @Test(.withKeras) func `every training that Keras began is gone on with here`() throws {
      #expect(try Set(KerasSide.files().answers.resumed.keys) == Set(Self.files))
    }

    /// tf_keras goes on from the same file. Keras 3, which cannot restore the state of an `.h5`, goes
    /// on in memory. The tolerance is that of `SameTraining`. The files are of Keras 3 (k3), of
    /// tf_keras (tk) and of tf_keras with its legacy optimizers (tl).
    @Test(.withKeras, arguments: files)
    func `training that Keras began goes on as in Keras`(name: String) throws {
      let keras = try KerasSide.files()
      let run = try #require(keras.answers.resumed[name])
      let (x, y) = try (keras.data(run.data, "x"), keras.data(run.data, "y"))
      let (xv, yv) = try (keras.data(run.data, "xv"), keras.data(run.data, "yv"))

      func resumed(fresh: Bool) throws -> (model: Model, history: History) {
        let model = try Model.load(keras.path("half_\(name).h5"))
        if let problem = model.compileProblem { throw problem }
        if fresh, let configuration = model.configuration {
          model.compile(
            optimizer: configuration.optimizer, loss: configuration.loss,
            metrics: configuration.metrics)
        } else {
          #expect(model.iterations == 14, "2 epochs of 202 rows are 14 batches")
        }
        let history = try model.fit(
          x, y, epochs: 4, validationData: (xv, yv), shuffle: false, initialEpoch: 2,
          verbose: .silent)
        return (model, history)
      }

      let (model, history) = try resumed(fresh: false)
      let worst = expectEqual(
        history, run.history, within: SameTraining.tolerance, rows: x.shape[0],
        validationRows: xv.shape[0], name)
      let off = expectEqual(
        try model.predict(xv), try keras.arrays("whole_\(name)").predictions, within: 1e-3,
        "predictions of \(name)")

      // Without the state the losses are others, so the comparison above can tell.
      let losses = try #require(run.history["loss"])
      let lost = try zip(resumed(fresh: true).history["loss"], losses)
        .map { abs($0 - $1) / $1 }.max()
      #expect(try #require(lost) > 10 * SameTraining.tolerance)
      measured(
        """
        \(name) resumed: losses within \(worst) of Keras's, predictions within \(off); \
        without the state \(lost ?? .nan)
        """)
    }
  }
}

extension RaggedArray {
  /// The first rows.
  func prefix(_ count: Int) -> RaggedArray { RaggedArray((0..<count).map { Array(self[$0]) }) }
}

extension Tensor {
  /// The first rows, as floats.
  func firstRows(_ count: Int) -> Tensor {
    let width = self.count / max(1, shape[0])
    return Tensor(
      Shape([count] + shape.dimensions.dropFirst()), Array(scalars.floats.prefix(count * width)))
  }
}
