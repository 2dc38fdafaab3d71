/// The notebook's training on real reviews, once per run.
import Foundation
import Keratin
import TestSupport

/// Three trainings of the notebook's model with its callbacks, each from a seed of its own.
struct TrainedOnReviews: Sendable {
  struct Training: Sendable {
    let seed: UInt64
    /// The best checkpoint that the callback kept.
    let file: String
    let valAcc: [Double]
    let valLoss: [Double]
    let printed: String
    let seconds: Double
  }

  let trainings: [Training]
  let xTest: Tensor
  let yTest: Tensor
  private let folder: TemporaryFolder

  private static let made = Result { try TrainedOnReviews() }

  static func results() throws -> TrainedOnReviews { try made.get() }

  private init() throws {
    let path = Surroundings.imdb5k?.path ?? ""
    let (train, test) = try IMDB.loadData(path: path, numWords: 10_000)
    let xTrain = try padSequences(train.x, maxlen: 200)
    let xTest = try padSequences(test.x, maxlen: 200)
    let folder = try TemporaryFolder()
    (self.xTest, yTest, self.folder) = (xTest, test.y, folder)
    trainings = try [0, 1, 2].map { (seed: UInt64) in
      let file = folder.path("best_model_\(seed).h5")
      let model = notebook(seed: seed)
      let es = EarlyStopping(monitor: "val_loss", patience: 3, mode: .min)
      let mc = ModelCheckpoint(file, monitor: "val_acc", mode: .max, saveBestOnly: true, verbose: 1)
      model.compile(optimizer: Adam(), loss: .binaryCrossentropy, metrics: [.acc])
      let console = QuietConsole()
      let start = Date()
      let history = try model.fit(
        xTrain, train.y, epochs: 20, validationData: (xTest, test.y), callbacks: [es, mc],
        console: console)
      return Training(
        seed: seed, file: file, valAcc: history["val_acc"], valLoss: history["val_loss"],
        printed: console.text, seconds: Date().timeIntervalSince(start))
    }
  }
}
