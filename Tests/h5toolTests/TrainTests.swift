import Foundation
import Keratin
import Testing

struct TrainTests {
  @Test func `training goes on where the checkpoint stopped`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression(optimizer: Adam())
    let (x, y) = Workshop.points(24)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    let arguments = ["--data", "points.npz", "--no-shuffle", "--batch-size", "8"]
    func train(_ input: String, _ output: String, epochs: Int) async throws {
      let run = try await Tool.run(
        ["train", input, "--output", output, "--epochs", "\(epochs)"] + arguments,
        in: workshop.folder)
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    }
    try await train("regression.h5", "whole.h5", epochs: 4)
    try await train("regression.h5", "half.h5", epochs: 2)
    try await train("half.h5", "resumed.h5", epochs: 2)
    #expect(try workshop.weights(of: "resumed.h5") == workshop.weights(of: "whole.h5"))
    let optimizer = try await workshop.json("inspect", "resumed.h5", "--json")["optimizer"]
    #expect(optimizer?["step"] == 12)
  }

  @Test func `the same seed gives the same bits, another one others`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.saveReviews()
    func train(seed: String, _ output: String) async throws -> Tool.Run {
      try await workshop.run(
        "train", "model.h5", "--data", "reviews.npz", "--output", output, "--seed", seed,
        "--fresh", "--history", output + ".json")
    }
    for (seed, output) in [("7", "a.h5"), ("7", "b.h5"), ("8", "c.h5")] {
      let run = try await train(seed: seed, output)
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    }
    #expect(try workshop.bytes("a.h5") == workshop.bytes("b.h5"))
    #expect(try workshop.bytes("a.h5.json") == workshop.bytes("b.h5.json"))
    #expect(try workshop.weights(of: "a.h5") != workshop.weights(of: "c.h5"))
  }

  @Test func `order matters unless the samples are not shuffled`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let (x, y) = Workshop.points(24)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    func weights(_ options: String...) async throws -> [Tensor] {
      let run = try await Tool.run(
        [
          "train", "regression.h5", "--data", "points.npz", "--output", "out.h5", "--batch-size",
          "4",
        ]
          + options, in: workshop.folder)
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
      return try workshop.weights(of: "out.h5")
    }
    let ordered = try await weights("--no-shuffle", "--seed", "1")
    #expect(try await weights("--no-shuffle", "--seed", "2") == ordered)
    let shuffled = try await weights("--seed", "1")
    #expect(shuffled != ordered)
    #expect(try await weights("--seed", "2") != shuffled)
  }

  @Test func `a model is trained in another way than it was stored`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression(optimizer: Adam())
    let (x, y) = Workshop.points(24)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    func train(_ options: String...) async throws {
      let run = try await Tool.run(
        [
          "train", "regression.h5", "--data", "points.npz", "--output", "out.h5", "--epochs", "6",
          "--no-shuffle", "--history", "history.json",
        ] + options, in: workshop.folder)
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    }
    try await train(
      "--optimizer", "sgd", "--loss", "mae", "--metric", "mse", "--metric", "r2_score",
      "--learning-rate", "1e-6", "--csv-log", "log.csv", "--reduce-lr", "1")
    let history = try JSON(parsing: String(decoding: workshop.bytes("history.json"), as: UTF8.self))
    #expect(
      history.object?.keys.sorted() == ["learning_rate", "loss", "mse", "r2_score"])
    let rates = history["learning_rate"]?.array?.compactMap(\.double) ?? []
    // Steps that small better the loss by less than counts, so the rate is lowered.
    #expect(rates.first == Double(1e-6 as Float) && rates.last ?? 1 < 1e-7, "\(rates)")
    let log = String(decoding: try workshop.bytes("log.csv"), as: UTF8.self)
    #expect(log.split(whereSeparator: \.isNewline).count == 7)
    let optimizer = try await workshop.json("inspect", "out.h5", "--json")["optimizer"]
    #expect(optimizer?["class_name"] == "SGD")
    try await train()
    let alike = try workshop.weights(of: "out.h5")
    try await train("--class-weight", "0=4", "--class-weight", "1=0.5")
    #expect(try workshop.weights(of: "out.h5") != alike)
  }

  @Test func `fresh weights are drawn and the optimizer starts anew`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.saveReviews()
    let run = try await workshop.run(
      "train", "model.h5", "--data", "reviews.npz", "--output", "out.h5", "--fresh")
    #expect(run.status == 0 && run.errors.isEmpty)
    let step = try await workshop.json("inspect", "out.h5", "--json")["optimizer"]?["step"]
    // Two batches, and not the one before.
    #expect(step == 2)
    let stored = try workshop.weights(of: "model.h5")
    let drawn = try workshop.weights(of: "out.h5")
    // An update moves a weight by about the learning rate of 0.001, a draw by much more.
    let moved = zip(stored[0].scalars.floats, drawn[0].scalars.floats).map { abs($0 - $1) }.max()
    #expect(moved ?? 0 > 0.1)
  }

  @Test func `the learning rate is that of the option, and is saved`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let (x, y) = Workshop.points(8)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    let run = try await workshop.run(
      "train", "regression.h5", "--data", "points.npz", "--output", "out.h5",
      "--learning-rate", "1e-20")
    #expect(run.status == 0 && run.errors.isEmpty)
    let before = try workshop.weights(of: "regression.h5").flatMap(\.scalars.floats)
    let after = try workshop.weights(of: "out.h5").flatMap(\.scalars.floats)
    // Only what was 0 has moved.
    #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-15 })
    let rate = try await workshop.json("inspect", "out.h5", "--json")["optimizer"]?["learning_rate"]
    #expect(rate?.double.map { Float($0) } == 1e-20)
  }

  @Test func `the history has Keras's keys and a number for each epoch`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.saveReviews()
    let run = try await workshop.run(
      "train", "model.h5", "--data", "reviews.npz", "--output", "out.h5", "--epochs", "3",
      "--history", "history.json")
    #expect(run.status == 0 && run.errors.isEmpty)
    let history = try JSON(
      parsing: String(decoding: try workshop.bytes("history.json"), as: UTF8.self))
    #expect(history.object?.keys.sorted() == ["acc", "loss", "val_acc", "val_loss"])
    for (key, numbers) in history.object ?? [:] {
      #expect(numbers.array?.compactMap(\.double).count == 3, "\(key)")
    }
  }

  @Test func `without test data the last share is for validation`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let (x, y) = Workshop.points(16)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    let run = try await workshop.run(
      "train", "regression.h5", "--data", "points.npz", "--output", "out.h5",
      "--validation-split", "0.25", "--history", "history.json")
    #expect(run.status == 0 && run.errors.isEmpty)
    let history = try JSON(
      parsing: String(decoding: try workshop.bytes("history.json"), as: UTF8.self))
    let last = Tensor([4, 3], Array(x.scalars.floats[36...]))
    let loss = try Model.load(workshop.path("out.h5"))
      .evaluate(last, Tensor([4], Array(y.scalars.floats[12...])), verbose: .silent)["loss"]
    let logged = try #require(history["val_loss"]?[0]?.double)
    #expect(abs(logged - (loss ?? .nan)) < 1e-6)
  }

  @Test func `the best epoch is kept, not the last`() async throws {
    let workshop = try Workshop()
    let model = try workshop.saveRegression()
    let (x, y) = Workshop.points(16)
    // The model is judged by what it says now, which training leaves ever farther behind.
    let wrong = Tensor([16], try model.predict(x).scalars.floats)
    try workshop.saveArchive(
      "points.npz", ["x_train": x, "y_train": y, "x_test": x, "y_test": wrong])
    let run = try await workshop.run(
      "train", "regression.h5", "--data", "points.npz", "--output", "out.h5", "--epochs", "6",
      "--history", "history.json", "--learning-rate", "0.05", "--seed", "1")
    #expect(run.status == 0 && run.errors.isEmpty)
    let history = try JSON(
      parsing: String(decoding: try workshop.bytes("history.json"), as: UTF8.self))
    let losses = history["val_loss"]?.array?.compactMap(\.double) ?? []
    let best = try #require(losses.min())
    #expect(losses.last != best, "this data shows nothing: \(losses)")
    let kept = try Model.load(workshop.path("out.h5")).evaluate(x, wrong, verbose: .silent)["loss"]
    #expect(abs((kept ?? .nan) - best) < 1e-5 * best)
  }

  @Test func `patience ends training`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let (x, y) = Workshop.points(16)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    // So small a rate changes nothing, so that the first epoch stays the best.
    let run = try await workshop.run(
      "train", "regression.h5", "--data", "points.npz", "--output", "out.h5", "--epochs", "9",
      "--patience", "2", "--learning-rate", "1e-20", "--no-shuffle")
    #expect(run.status == 0 && run.errors.isEmpty)
    try Snapshot.expect(run.output.withoutSizesAndTimes, is: "train-patience")
  }

  @Test func `in a log each epoch is one line of progress`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.saveReviews()
    let run = try await workshop.run(
      "train", "model.h5", "--data", "reviews.npz", "--output", "out.h5", "--epochs", "3")
    #expect(run.output.split(separator: "\n").filter { $0.contains("/step") }.count == 3)
    #expect(!run.output.contains { $0 == "\r" || $0 == "\u{1B}" || $0 == "\u{8}" })
  }

  @Test func `the output may be the model itself, and braces are part of its name`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression("{epoch}.h5")
    let before = try workshop.weights(of: "{epoch}.h5")
    let (x, y) = Workshop.points(16)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    let run = try await workshop.run(
      "train", "{epoch}.h5", "--data", "points.npz", "--output", "{epoch}.h5")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(try workshop.weights(of: "{epoch}.h5") != before)
    #expect(try workshop.contents().keys.sorted() == ["points.npz", "{epoch}.h5"])
  }
}

struct InterruptionTests {
  @Test(.timeLimit(.minutes(2)))
  func `Ctrl-C ends training, and the best epoch is whole`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let (x, y) = Workshop.points(64)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    let run = try await Tool.run(
      [
        "train", "regression.h5", "--data", "points.npz", "--output", "out.h5",
        "--epochs", "1000000", "--learning-rate", "1e-6", "--history", "history.json",
      ], in: workshop.folder
    ) { process, output in
      // What is printed is seen while training goes on, in a file too.
      guard output.contains("Epoch 3/") else { return false }
      process.interrupt()
      return true
    }
    #expect(run.status == 1)
    #expect(run.errors == "Error: Interrupted; out.h5 holds the best epoch so far.\n")
    let history = try JSON(
      parsing: String(decoding: try workshop.bytes("history.json"), as: UTF8.self))
    let losses = history["loss"]?.array?.compactMap(\.double) ?? []
    #expect(losses.count >= 2 && losses.count < 1_000_000)
    _ = try Model.load(workshop.path("out.h5"))
    #expect(
      try workshop.contents().keys.sorted()
        == ["history.json", "out.h5", "points.npz", "regression.h5"])
  }
}
