import Foundation
import Keratin
import TestSupport
import Testing

struct EvaluateTests {
  @Test func `text and JSON say what the model says`() async throws {
    let workshop = try Workshop()
    let model = try workshop.saveClassifier()
    try workshop.saveReviews()
    let (x, y) = Workshop.reviews(12)
    let expected = try model.evaluate(x, y, verbose: .silent)
    let json = try await workshop.json("evaluate", "model.h5", "--data", "reviews.npz", "--json")
    #expect(json["loss"]?.double == expected["loss"] && json["acc"]?.double == expected["acc"])
    #expect(json.object?.count == 2)
    let run = try await workshop.run("evaluate", "model.h5", "--data", "reviews.npz")
    #expect(run.status == 0 && run.errors.isEmpty)
    try Snapshot.expect(run.output.withoutSizesAndTimes, is: "evaluate")
  }

  @Test func `the loss comes first in the JSON`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.saveReviews()
    let run = try await workshop.run("evaluate", "model.h5", "--data", "reviews.npz", "--json")
    #expect(run.output.wholeMatch(of: /\{"loss": [0-9.]+, "acc": [0-9.]+\}\n/) != nil)
  }

  @Test func `x and y are all evaluated, in batches of any size`() async throws {
    let workshop = try Workshop()
    let model = try workshop.saveRegression()
    let (x, y) = Workshop.points(11)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    let logs = try model.evaluate(x, y, verbose: .silent)
    let expected = try #require(logs["loss"])
    for size in ["2", "100"] {
      let json = try await workshop.json(
        "evaluate", "regression.h5", "--data", "points.npz", "--json", "--batch-size", size)
      let loss = try #require(json["loss"]?.double)
      #expect(abs(loss - expected) < 1e-6)
    }
  }

  @Test func `real reviews are prepared as Keras prepares them`() async throws {
    let workshop = try Workshop()
    let data = Surroundings.fixtures.appending(path: "reviews.npz").path
    let model = Sequential(
      [
        Embedding(inputDim: 100, outputDim: 1), GlobalAveragePooling1D(),
        Dense(1, activation: .sigmoid),
      ], seed: 4)
    model.compile(optimizer: SGD(), loss: .binaryCrossentropy, metrics: [.acc])
    try model.build([[nil, nil]])
    try model.save(workshop.path("model.h5"))
    let json = try await workshop.json(
      "evaluate", "model.h5", "--data", data, "--num-words", "100", "--maxlen", "6", "--json",
      "--batch-size", "512")
    let labelled = try LabelledData(path: data, numWords: 100)
    let test = try #require(labelled.test)
    let expected = try model.evaluate(
      test.x.tensor(maxlen: 6), test.y, batchSize: 512, verbose: .silent)
    #expect(json["loss"]?.double == expected["loss"] && json["acc"]?.double == expected["acc"])
  }

  @Test func `a loss that is no number is shown and warned of`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    try workshop.saveArchive(
      "nan.npz", ["x": Tensor([1, 3], [Float.nan, 0, 0]), "y": Tensor([1], [Float(0)])])
    let run = try await workshop.run("evaluate", "regression.h5", "--data", "nan.npz", "--json")
    #expect(run.status == 0 && run.output == "{\"loss\": NaN}\n")
    #expect(
      run.errors
        == "Warning: The loss is no number; look for NaN and Inf in nan.npz and in the weights.\n")
  }

  @Test func `options that arrays of one shape do not need are warned of`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.saveReviews()
    let run = try await workshop.run(
      "evaluate", "model.h5", "--data", "reviews.npz", "--num-words", "12", "--json")
    #expect(run.status == 0)
    #expect(
      run.errors
        == "Warning: reviews.npz holds an array of one shape, not lists of words; "
        + "--num-words is not used.\n")
  }
}
