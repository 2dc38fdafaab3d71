/// The notebook: movie reviews, positive or negative.
///
///     ReviewClassifier [REVIEWS.npz] [MAXLEN]
import Foundation
import Keratin

let vocabularySize = 10_000
let embeddingDim = 256
let dropoutRatio = 0.3
let numFilters = 256
let kernelSize = 3
let hiddenUnits = 128

func run() throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let maxlen = arguments.count > 1 ? Int(arguments[1]) ?? 200 : 60
  let (train, test) = try IMDB.loadData(
    path: arguments.first ?? "fixtures/reviews.npz", numWords: vocabularySize)
  let xTrain = try padSequences(train.x, maxlen: maxlen)
  let xTest = try padSequences(test.x, maxlen: maxlen)

  let model = Sequential([
    Embedding(inputDim: vocabularySize, outputDim: embeddingDim),
    Dropout(dropoutRatio),
    Conv1D(filters: numFilters, kernelSize: kernelSize, padding: .valid, activation: .relu),
    GlobalMaxPooling1D(),
    Dense(hiddenUnits, activation: .relu),
    Dropout(dropoutRatio),
    Dense(1, activation: .sigmoid),
  ])

  let es = EarlyStopping(monitor: "val_loss", patience: 3, mode: .min)
  let mc = ModelCheckpoint(
    "best_model.h5", monitor: "val_acc", mode: .max, saveBestOnly: true, verbose: 1)

  model.compile(optimizer: Adam(), loss: .binaryCrossentropy, metrics: [.acc])
  let interruption = Interruption()
  let history = try model.fit(
    xTrain, train.y, epochs: 20, validationData: (xTest, test.y), callbacks: [es, mc],
    cancellation: interruption.cancellation)
  if history.wasInterrupted { print("\nStopped; best_model.h5 holds the best epoch so far.") }

  let loadedModel = try Model.load("best_model.h5")
  let accuracy = try loadedModel.evaluate(xTest, test.y)["acc"] ?? .nan
  print(String(format: "\nTest accuracy: %.4f", accuracy))
}

do {
  try run()
} catch {
  FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
  exit(1)
}
