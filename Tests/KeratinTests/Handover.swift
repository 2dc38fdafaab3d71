/// What Keratin wrote, and what real Keras found in it, once per run.
import Foundation
import Keratin
import TestSupport

/// The files that Keratin hands to Keras, all loaded there by one process of Python.
struct Handover: Sendable {
  /// What Keras said of one file.
  struct Finding: Decodable {
    let name: String
    let problem: String?
    let evaluation: [String: Double]?
    let fitted: [String: Double]?
  }

  private struct Task: Encodable {
    let name: String
    let keras: String
    let file: String
    let x: String
    let y: String?
    let weightsOf: String?
    let fit: Bool

    private enum CodingKeys: CodingKey { case name, keras, file, x, y, weightsOf, fit }

    /// With null where there is nothing, so that Python finds every key.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(keras, forKey: .keras)
      try container.encode(file, forKey: .file)
      try container.encode(x, forKey: .x)
      try container.encode(y, forKey: .y)
      try container.encode(weightsOf, forKey: .weightsOf)
      try container.encode(fit, forKey: .fit)
    }
  }

  private var findings: [String: Finding] = [:]
  /// Why a file could not be written, by the task's name.
  private var refusals: [String: any Error] = [:]
  /// What Keratin itself says of the models that were made here.
  private(set) var made: [String: (weights: [Tensor], predictions: Tensor, logs: Logs)] = [:]
  private let folder: TemporaryFolder

  private static let result = Result { try Handover() }

  static func findings() throws -> Handover { try result.get() }

  /// - Throws: where the file could not be written, or Keras could not use it.
  func finding(_ name: String) throws -> Finding {
    if let refusal = refusals[name] { throw refusal }
    guard let finding = findings[name] else { throw Python.Failure(description: "no \(name)") }
    if let problem = finding.problem { throw Python.Failure(description: "\(name): \(problem)") }
    return finding
  }

  func arrays(_ name: String) throws -> ModelArrays { try ModelArrays(folder.path("\(name).npz")) }

  private init() throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    let keras = try KerasSide.files()
    var tasks: [Task] = []

    /// Writes a file and asks Keras about it.
    func hand(
      _ name: String, to generation: String, data: String, evaluate: Bool = false,
      weightsOf: String? = nil, fit: Bool = false, write: (String) throws -> Void
    ) {
      let file = folder.path("\(name).h5")
      do {
        try write(file)
        tasks.append(
          Task(
            name: name, keras: generation, file: file, x: keras.path("\(data)_xv.npy"),
            y: evaluate || fit ? keras.path("\(data)_yv.npy") : nil, weightsOf: weightsOf, fit: fit)
        )
      } catch {
        refusals[name] = error
      }
    }

    for (name, kept) in keras.answers.kept {
      let path = keras.path("kept_\(name).h5")
      let own = String(name.prefix(2))
      let other = own == "k3" ? "tk" : "k3"
      let weightsOf = kept.weightsOnly ? "norm" : nil
      hand("same_\(name)", to: own, data: kept.data, weightsOf: weightsOf, fit: !kept.weightsOnly) {
        if kept.weightsOnly {
          let model = norm()
          try model.loadWeights(path)
          try model.saveWeights($0)
        } else {
          try Model.load(path).save($0)
        }
      }
      hand(
        "other_\(name)", to: other, data: kept.data, evaluate: !kept.weightsOnly,
        weightsOf: weightsOf
      ) {
        try Checkpoint(path: path).converted(to: other == "k3" ? .keras3 : .keras2).checkpoint
          .write(to: $0)
      }
    }

    for name in keras.answers.resumed.keys {
      // What Keratin trained on and saved.
      let tag = String(name.prefix(2)) == "k3" ? "k3" : "tk"
      hand("resumed_\(name)", to: tag, data: "reviews", fit: true) {
        let model = try Model.load(keras.path("half_\(name).h5"))
        try model.fit(
          keras.data("reviews", "x"), keras.data("reviews", "y"), epochs: 1, shuffle: false,
          verbose: .silent)
        try model.save($0)
        made[name] = try Self.opinion(model, keras, "reviews")
      }
    }

    let born: [(String, String, Model, any Optimizer, Loss)] = [
      (
        "notebook", "reviews", notebook(vocabulary: 2000, width: 16, hidden: 8, seed: 1), Adam(),
        .binaryCrossentropy
      ),
      ("every", "sparse", everyLayer(seed: 2), RMSprop(), .sparseCategoricalCrossentropy),
      (
        "nesterov", "one_hot", everyLayer(seed: 3),
        SGD(learningRate: 0.05, momentum: 0.9, nesterov: true), .categoricalCrossentropy
      ),
    ]
    for (name, data, model, optimizer, loss) in born {
      model.compile(optimizer: optimizer, loss: loss, metrics: [.acc])
      try model.fit(
        keras.data(data, "x"), keras.data(data, "y"), epochs: 1, verbose: .silent, seed: 1)
      made[name] = try Self.opinion(model, keras, data)
      for tag in ["k3", "tk"] {
        hand("born_\(name)_\(tag)", to: tag, data: data, fit: true) { try model.save($0) }
      }
    }

    if isRelease, Surroundings.imdb5k != nil {
      let trained = try TrainedOnReviews.results()
      try Data(trained.xTest.npyBytes).write(to: folder.url("imdb_xv.npy"))
      try Data(trained.yTest.npyBytes).write(to: folder.url("imdb_yv.npy"))
      for training in trained.trainings {
        for tag in ["k3", "tk"] {
          tasks.append(
            Task(
              name: "imdb_\(training.seed)_\(tag)", keras: tag, file: training.file,
              x: folder.path("imdb_xv.npy"), y: folder.path("imdb_yv.npy"), weightsOf: nil,
              fit: false))
        }
      }
    }

    try JSONEncoder().encode(tasks).write(to: folder.url("tasks.json"))
    for line in try Python.run("keratin_check.py", [folder.url.path]) {
      let finding = try decoded(Finding.self, line)
      findings[finding.name] = finding
    }
  }

  private static func opinion(
    _ model: Model, _ keras: KerasSide, _ data: String
  ) throws -> (weights: [Tensor], predictions: Tensor, logs: Logs) {
    let (x, y) = try (keras.data(data, "xv"), keras.data(data, "yv"))
    return (
      try model.weights, try model.predict(x), try model.evaluate(x, y, verbose: .silent)
    )
  }
}
