/// A folder of a test's own, with small models and data in it.
import Foundation
import Keratin

final class Workshop: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "keratin-h5tool-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func run(_ arguments: String...) async throws -> Tool.Run {
    try await Tool.run(arguments, in: folder)
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func write(_ bytes: some Sequence<UInt8>, _ name: String) throws {
    try Data(bytes).write(to: folder.appending(path: name))
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Every file by its name, folders without bytes.
  func contents() throws -> [String: Data?] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return Dictionary(
      uniqueKeysWithValues: names.map { ($0, try? Data(contentsOf: folder.appending(path: $0))) })
  }

  func weights(of name: String) throws -> [Tensor] {
    try Checkpoint(path: path(name)).layers.flatMap(\.weights).map { try $0.tensor() }
  }
}

extension Workshop {
  static let vocabulary = 12
  static let tokenCount = 5

  /// A small review classifier, trained for one step, with weights that are round numbers.
  @discardableResult
  func saveClassifier(
    _ name: String = "model.h5", optimizer: any Optimizer = Adam()
  ) throws -> Model {
    let model = Self.classifier()
    model.compile(optimizer: optimizer, loss: .binaryCrossentropy, metrics: [.acc])
    let (x, y) = Self.reviews(4)
    try model.fit(x, y, verbose: .silent)
    try model.setWeights(try model.weights.enumerated().map { Self.round($1, seed: $0) })
    try model.save(path(name))
    return model
  }

  static func classifier() -> Model {
    Sequential(
      [
        Embedding(inputDim: vocabulary, outputDim: 2), Dropout(0.25),
        Conv1D(filters: 3, kernelSize: 3, activation: .relu), GlobalMaxPooling1D(),
        Dense(1, activation: .sigmoid),
      ], seed: 1)
  }

  /// A linear model of three numbers.
  @discardableResult
  func saveRegression(
    _ name: String = "regression.h5", optimizer: any Optimizer = SGD(), loss: Loss = .mse
  ) throws -> Model {
    let model = Sequential([InputLayer(shape: [3]), Dense(2), Dense(1)], seed: 2)
    model.compile(optimizer: optimizer, loss: loss)
    try model.build()
    try model.setWeights(try model.weights.enumerated().map { Self.round($1, seed: $0) })
    try model.save(path(name))
    return model
  }

  /// Reviews of five tokens; they are good where the token 7 is in them.
  static func reviews(_ count: Int) -> (x: Tensor, y: Tensor) {
    let x: [Int32] = (0..<count * tokenCount).map { place in
      let token = (place * 7 + place / 5) % 9
      return Int32(1 + token)
    }
    let y = (0..<count).map { row in
      x[row * tokenCount..<(row + 1) * tokenCount].contains(7) ? Float(1) : 0
    }
    return (Tensor([count, tokenCount], x), Tensor([count], y))
  }

  /// Points with the sum of their coordinates.
  static func points(_ count: Int) -> (x: Tensor, y: Tensor) {
    let x: [Float] = (0..<count * 3).map { place in Float((place * 5) % 7) / 4 - 0.75 }
    let y = (0..<count).map { row in x[row * 3..<row * 3 + 3].reduce(0, +) }
    return (Tensor([count, 3], x), Tensor([count], y))
  }

  /// The data of `reviews` as an archive, for training and for testing.
  func saveReviews(_ name: String = "reviews.npz", train: Int = 40, test: Int = 12) throws {
    let (x, y) = Self.reviews(train)
    let (xTest, yTest) = Self.reviews(test)
    try saveArchive(name, ["x_train": x, "y_train": y, "x_test": xTest, "y_test": yTest])
  }

  func saveArchive(_ name: String, _ arrays: KeyValuePairs<String, Tensor>) throws {
    try write(StoredZip.bytes(arrays.map { ("\($0).npy", $1.npyBytes) }), name)
  }

  /// Multiples of an eighth between -1 and 1.
  private static func round(_ tensor: Tensor, seed: Int) -> Tensor {
    let values: [Float] = (0..<tensor.count).map { place in
      let eighths = (place * 5 + seed * 3) % 17 - 8
      return Float(eighths) / 8
    }
    return Tensor(tensor.shape, values)
  }
}
