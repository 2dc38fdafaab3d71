import Foundation
import Keratin
import TestSupport
import Testing

struct PredictTests {
  @Test func `arrays give what the model gives, whatever the size of the batch`() async throws {
    let workshop = try Workshop()
    let model = try workshop.saveClassifier()
    let (x, _) = Workshop.reviews(7)
    try workshop.write(x.npyBytes, "x.npy")
    let expected = try model.predict(x)
    for size in ["1", "3", "2147483647"] {
      let run = try await workshop.run(
        "predict", "model.h5", "--input", "x.npy", "--output", "y.npy", "--batch-size", size)
      #expect(run.status == 0 && run.errors.isEmpty)
      #expect(run.output == "Wrote y.npy: float32 (7, 1)\n")
      let found = try Tensor(npy: workshop.path("y.npy"))
      #expect(found.shape == expected.shape)
      // A product of one row and one of seven may be summed in another order.
      for (a, b) in zip(found.scalars.floats, expected.scalars.floats) {
        #expect(abs(a - b) < 1e-6)
      }
    }
  }

  @Test func `a model that is not compiled predicts`() async throws {
    let workshop = try Workshop()
    let model = Workshop.classifier()
    try model.build([[nil, 5]])
    try model.save(workshop.path("model.h5"))
    try workshop.write(Workshop.reviews(2).x.npyBytes, "x.npy")
    let run = try await workshop.run(
      "predict", "model.h5", "--input", "x.npy", "--output", "y.npy")
    #expect(run.status == 0 && run.errors.isEmpty)
  }

  @Test func `lists are cut and padded to the model's length`() async throws {
    let workshop = try Workshop()
    let model = try workshop.saveClassifier()
    let rows: [[Int32]] = [[1, 2], [9, 8, 7, 6, 5, 4, 3], []]
    try workshop.write(ListArray.npyBytes(rows), "x.npy")
    let run = try await workshop.run(
      "predict", "model.h5", "--input", "x.npy", "--output", "y.npy")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let padded = Tensor([3, 5], [Int32(0), 0, 0, 1, 2, 7, 6, 5, 4, 3, 0, 0, 0, 0, 0])
    #expect(try Tensor(npy: workshop.path("y.npy")) == model.predict(padded))
  }

  @Test func `a sentence becomes the tokens of the word index`() async throws {
    let workshop = try Workshop()
    let index = Surroundings.fixtures.appending(path: "reviews_word_index.json")
    let model = Sequential(
      [Embedding(inputDim: 500, outputDim: 2), GlobalAveragePooling1D(), Dense(2)], seed: 3)
    try model.build([[nil, nil]])
    try model.save(workshop.path("model.h5"))
    let sentence = "The acting is good, but xylophonists abound!"
    let tokens = try WordIndex(path: index.path).tokens(for: sentence, numWords: 500)
    #expect(tokens.count == 8 && tokens[0] == 1 && tokens[6] == 2)
    for (maxlen, options) in [(nil, []), (4, ["--maxlen", "4"]), (12, ["--maxlen", "12"])]
      as [(Int?, [String])]
    {
      let run = try await Tool.run(
        ["predict", "model.h5", "--text", sentence, "--word-index", index.path] + options,
        in: workshop.folder)
      #expect(run.status == 0 && run.errors.isEmpty)
      let expected = try model.predict(padSequences([tokens], maxlen: maxlen)).scalars.floats
      #expect(run.output == expected.map { "\($0)" }.joined(separator: " ") + "\n")
    }
  }

  @Test func `words that are all unknown are warned of`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.write(#"{"a": 3}"#.utf8, "words.json")
    let run = try await workshop.run(
      "predict", "model.h5", "--text", "-what is this", "--word-index", "words.json")
    #expect(run.status == 0)
    #expect(
      run.errors
        == "Warning: None of the words is in the vocabulary; "
        + "is this the word index of the model's data?\n")
    #expect(Float(run.output.dropLast()) != nil)
  }

  @Test func `archives hold what several inputs take and several outputs give`() async throws {
    let workshop = try Workshop()
    let (a, b) = (Input(shape: [3], name: "left"), Input(shape: [3], name: "right"))
    let shared = SharedLayer(Dense(2, name: "both"))
    let model = Functional(
      inputs: [a, b], outputs: [shared(a), Dense(1, name: "sum")(Add()([a, b])), shared(b)], seed: 4
    )
    try model.build()
    try model.save(workshop.path("pair.h5"))
    let (x, y) = (
      Tensor([2, 3], [Float(1), 2, 3, 4, 5, 6]), Tensor([2, 3], [Float(0), 1, 0, 2, 0, 3])
    )
    let expected = try model.predict([x, y])
    for names in [["right", "left"], ["x1", "x0"]] {
      let bytes = NPZ.bytes([(names[0], y), ("other", x), (names[1], x)])
      try workshop.write(bytes, "x.npz")
      let run = try await workshop.run(
        "predict", "pair.h5", "--input", "x.npz", "--output", "y.npz")
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
      #expect(
        run.output
          == "Wrote y.npz: both float32 (2, 2), sum float32 (2, 1), both_1 float32 (2, 2)\n")
      let archive = try NPZ(path: workshop.path("y.npz"))
      #expect(archive.names == ["both", "sum", "both_1"])
      #expect(try archive.names.map { try archive.array($0).tensor() } == expected)
    }
    let one = try await workshop.run("predict", "pair.h5", "--input", "x.npz", "--output", "y.npy")
    #expect(one.status == 1)
    #expect(
      one.errors
        == "Error: y.npy: the model has 3 outputs (both, sum, both_1); give --output a name that ends "
        + "with .npz.\n")
    try workshop.write(x.npyBytes, "x.npy")
    let alone = try await workshop.run(
      "predict", "pair.h5", "--input", "x.npy", "--output", "y.npz")
    #expect(
      alone.errors
        == "Error: x.npy: the model has 2 inputs (left, right); give an .npz with arrays of these "
        + "names, or x0, x1, … in their order.\n")
  }
}
