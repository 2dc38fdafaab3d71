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

  @Test func `a file of Keras 1 gets today's layout, and predicts as before`() async throws {
    let workshop = try Workshop()
    let config = try JSON(
      parsing: """
        {"class_name": "Sequential", "config": [
          {"class_name": "LSTM", "config": {"name": "lstm_1", "output_dim": 2, "activation": "tanh",
           "inner_activation": "hard_sigmoid", "batch_input_shape": [null, 3, 1]}},
          {"class_name": "Dense", "config": {"name": "dense_1", "output_dim": 1, "bias": true}}]}
        """)
    func weight(_ name: String, _ shape: Shape) -> Weight {
      let numbers = (0..<shape.count).map { Float(($0 * 5 + name.utf8.count * 3) % 7) / 8 - 0.375 }
      return Weight(name: name + ":0", tensor: Tensor(shape, numbers))
    }
    let gates = ["i", "c", "f", "o"].flatMap {
      [weight("W_\($0)", [1, 2]), weight("U_\($0)", [2, 2]), weight("b_\($0)", [2])]
    }
    let old = Checkpoint(
      dialect: .keras1, backend: nil, modelConfig: config,
      layers: [
        LayerWeights(name: "lstm_1", weights: gates),
        LayerWeights(name: "dense_1", weights: [weight("W", [2, 1]), weight("b", [1])]),
      ])
    try old.write(to: workshop.path("old.h5"))
    try workshop.write(Tensor([2, 3, 1], (0..<6).map { Float($0) / 4 }).npyBytes, "x.npy")
    try await convert(workshop, "old.h5", "new.h5", "2")
    let converted = try Checkpoint(path: workshop.path("new.h5"))
    #expect(converted.dialect == .keras2)
    #expect(
      converted.layers[0].weights.map(\.name)
        == ["kernel", "recurrent_kernel", "bias"].map { "lstm_1/lstm_cell/\($0)" })
    for name in ["old", "new"] {
      let predict = try await workshop.run(
        "predict", "\(name).h5", "--input", "x.npy", "--output", "\(name).npy")
      #expect(predict.status == 0, "\(predict.errors)")
    }
    #expect(try workshop.bytes("old.npy") == workshop.bytes("new.npy"))

    var alone = old
    alone.modelConfig = nil
    try alone.write(to: workshop.path("alone.h5"))
    let run = try await workshop.run("convert", "alone.h5", "out.h5")
    #expect(run.status == 1 && !workshop.exists("out.h5"))
    expectOneSentence(run)
    #expect(run.errors.contains("which their model alone understands"))
  }

  private func convert(
    _ workshop: Workshop, _ input: String, _ output: String, _ keras: String
  ) async throws {
    let run = try await workshop.run("convert", input, output, "--keras", keras)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
  }
}
