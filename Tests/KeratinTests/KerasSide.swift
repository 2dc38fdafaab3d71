/// What real Keras made for the tests, once per run.
import Foundation
import Keratin
import TestSupport

/// The folder that `keratin_make.py` filled.
struct KerasSide: Sendable {
  let folder: URL
  let answers: Answers
  private let owner: TemporaryFolder?

  /// What is known of the files, by their names.
  struct Answers: Decodable {
    let training: [String: Run]
    let resumed: [String: Run]
    let kept: [String: Kept]
    let best: [String: Evaluation]
  }

  /// A training, epoch by epoch, on one of the data sets.
  struct Run: Decodable {
    let data: String
    let history: [String: [Double]]
  }

  struct Kept: Decodable {
    let data: String
    let weightsOnly: Bool
  }

  struct Evaluation: Decodable {
    let loss: Double
    let acc: Double
  }

  private static let made = Result { try KerasSide() }

  static func files() throws -> KerasSide { try made.get() }

  /// Runs Keras, or takes the folder that KERATIN_KERAS_FILES names, where a run before this left
  /// its files: making them takes a minute.
  private init() throws {
    let environment = ProcessInfo.processInfo.environment
    if let kept = environment["KERATIN_KERAS_FILES"], !kept.isEmpty {
      owner = nil
      folder = URL(filePath: kept)
    } else {
      let temporary = try TemporaryFolder()
      owner = temporary
      folder = temporary.url
    }
    let answersFile = folder.appending(path: "answers.json")
    if !FileManager.default.fileExists(atPath: answersFile.path) {
      let reviews = Surroundings.fixtures.appending(path: "reviews.npz")
      try Python.run(
        "keratin_make.py", [folder.path, reviews.path, (Surroundings.imdb5k ?? reviews).path])
    }
    answers = try decoded(Answers.self, Data(contentsOf: answersFile))
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  /// One of `x`, `y`, `xv`, `yv` of a data set.
  func data(_ name: String, _ part: String) throws -> Tensor {
    try Tensor(npy: path("\(name)_\(part).npy"))
  }

  /// The weights and predictions beside a file.
  func arrays(_ name: String) throws -> ModelArrays { try ModelArrays(path("\(name).npz")) }
}

/// The weights of a model and its predictions, as Python's numpy stored them.
struct ModelArrays {
  let weights: [Tensor]
  let predictions: Tensor

  init(_ path: String) throws {
    let file = try NPZ(path: path)
    func tensor(_ name: String) throws -> Tensor { try file.array(name).tensor() }
    predictions = try tensor("p")
    weights = try (0..<(file.names.count - 1)).map { try tensor("w\($0)") }
  }
}
