import Foundation
import Keratin
import Testing

struct ConvertTests {
  @Test func `there and back keeps every bit of the weights and the optimizer`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try await convert(workshop, "model.h5", "keras2.h5", "2")
    try await convert(workshop, "keras2.h5", "keras3.h5", "3")
    try await convert(workshop, "keras3.h5", "again2.h5", "2")
    let weights = try workshop.weights(of: "model.h5")
    let state = try Checkpoint(path: workshop.path("model.h5")).optimizerSlots()
    for name in ["keras2.h5", "keras3.h5", "again2.h5"] {
      #expect(try workshop.weights(of: name) == weights, "\(name)")
      let converted = try Checkpoint(path: workshop.path(name)).optimizerSlots()
      #expect(converted?.iterations == state?.iterations && converted?.slots == state?.slots)
    }
    #expect(try workshop.bytes("again2.h5") == workshop.bytes("keras2.h5"))
    #expect(try await workshop.json("inspect", "keras2.h5", "--json")["dialect"] == "Keras 2")
    #expect(try await workshop.json("inspect", "keras3.h5", "--json")["dialect"] == "Keras 3")
  }

  @Test func `what is converted predicts and trains as before`() async throws {
    let workshop = try Workshop()
    // Adam would train an embedding as the file's generation does, which is not the same in both.
    let model = try workshop.saveClassifier(optimizer: SGD(momentum: 0.9, nesterov: true))
    try workshop.write(Workshop.reviews(6).x.npyBytes, "x.npy")
    try workshop.saveReviews()
    let expected = try model.predict(Workshop.reviews(6).x)
    var trained: [[Tensor]] = []
    for keras in ["2", "3"] {
      try await convert(workshop, "model.h5", "converted.h5", keras)
      let predict = try await workshop.run(
        "predict", "converted.h5", "--input", "x.npy", "--output", "y.npy")
      #expect(predict.status == 0)
      #expect(try Tensor(npy: workshop.path("y.npy")) == expected)
      let train = try await workshop.run(
        "train", "converted.h5", "--data", "reviews.npz", "--output", "out.h5", "--seed", "1")
      #expect(train.status == 0 && train.errors.isEmpty, "\(train.errors)")
      trained.append(try workshop.weights(of: "out.h5"))
    }
    #expect(trained[0] == trained[1])
  }

  @Test func `without a generation both can read it, and it says so`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let run = try await workshop.run("convert", "regression.h5", "out.hdf5")
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(
      run.output == "Wrote out.hdf5 for both Keras 2 and Keras 3, from a checkpoint of Keras 3.\n")
    #expect(try workshop.weights(of: "out.hdf5") == workshop.weights(of: "regression.h5"))
  }

  @Test func `weights alone and layers that are not supported are converted too`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier().saveWeights(workshop.path("weights.h5"))
    try workshop.replaceClass(of: "conv1d", by: "StringLookup", in: "model.h5", as: "other.h5")
    for name in ["weights.h5", "other.h5"] {
      try await convert(workshop, name, "out.h5", "2")
      #expect(try workshop.weights(of: "out.h5") == workshop.weights(of: name))
    }
  }

  @Test func `a file can be converted in its place`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    let weights = try workshop.weights(of: "model.h5")
    try await convert(workshop, "model.h5", "./model.h5", "2")
    #expect(try workshop.weights(of: "model.h5") == weights)
    #expect(try workshop.contents().keys.sorted() == ["model.h5"])
  }

  private func convert(
    _ workshop: Workshop, _ input: String, _ output: String, _ keras: String
  ) async throws {
    let run = try await workshop.run("convert", input, output, "--keras", keras)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
  }
}
