import Foundation
import Keratin
import Testing

/// What new users get wrong, and what they are told.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct MistakeTests {
  /// Every mistake of a command, with its exit status and its sentence, as one transcript.
  @Test(arguments: Mistakes.all.map(\.name))
  func `each mistake gets one sentence, and changes no file`(command: String) async throws {
    let workshop = try Workshop()
    try workshop.fillForMistakes()
    let contents = try workshop.contents()
    var transcript = ""
    for line in Mistakes.lines(of: command) {
      let run = try await Tool.run(
        ["-c", "h5tool " + line], in: workshop.folder, program: URL(filePath: "/bin/sh"))
      // Which of the two an overflow ends in follows from the order of additions, so from the machine.
      let errors = run.errors.replacing("The loss became nan", with: "The loss became inf")
      transcript += "$ h5tool \(line)\n[\(run.status ?? -1)] \(errors)"
      #expect(run.status == 1 || run.status == 64, "\(line)")
      expectOneSentence(run)
      // Training may have begun before its loss was no number.
      let isLate = run.errors.contains("The loss became")
      #expect(run.output.isEmpty || isLate, "\(line): \(run.output)")
      #expect(try workshop.contents() == contents, "\(line)")
    }
    try Snapshot.expect(transcript, is: "mistakes-\(command)")
  }

  @Test func `a checkpoint that is cut off anywhere is refused in one sentence`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let whole = try workshop.bytes("regression.h5")
    for count in stride(from: 1, to: whole.count, by: whole.count / 23) {
      try workshop.write(whole[..<count], "cut.h5")
      let run = try await workshop.run("inspect", "cut.h5", "--weights")
      #expect(run.status == 1, "cut to \(count) bytes")
      expectOneSentence(run)
      #expect(run.errors.contains("cut.h5"))
    }
  }

  @Test func `a damaged checkpoint is read or refused, and never more`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let whole = try workshop.bytes("regression.h5")
    var random = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: .min ... .max, using: &random)
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<30 {
      var bytes = whole
      for _ in 0..<(1 + next(8)) { bytes[next(bytes.count)] = UInt8(next(256)) }
      try workshop.write(bytes, "bad.h5")
      for command in [["inspect", "bad.h5", "--weights"], ["tree", "bad.h5"]] {
        let run = try await Tool.run(command, in: workshop.folder)
        #expect(run.status == 0 || run.status == 1, "\(command), seed \(seed)")
        if run.status == 1 { expectOneSentence(run) } else { #expect(run.errors.isEmpty) }
      }
    }
  }

  @Test func `data that is cut off anywhere is refused in one sentence`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let (x, y) = Workshop.points(4)
    try workshop.saveArchive("points.npz", ["x": x, "y": y])
    let whole = try workshop.bytes("points.npz")
    for count in stride(from: 1, to: whole.count, by: whole.count / 9) {
      try workshop.write(whole[..<count], "cut.npz")
      let run = try await workshop.run("evaluate", "regression.h5", "--data", "cut.npz")
      #expect(run.status == 1, "cut to \(count) bytes")
      expectOneSentence(run)
      #expect(run.errors.contains("cut.npz"))
    }
  }
}

extension Workshop {
  /// Models and data of every kind that the mistakes take.
  fileprivate func fillForMistakes() throws {
    let classifier = try saveClassifier()
    try classifier.saveWeights(path("weights.h5"))
    let open = Self.classifier()
    try open.build([[nil, nil]])
    try open.save(path("uncompiled.h5"))
    try saveRegression()
    try saveRegression("classes.h5", loss: .sparseCategoricalCrossentropy)
    try replaceClass(of: "conv1d", by: "STFTSpectrogram", in: "model.h5", as: "unsupported.h5")
    try replaceClass(of: "conv1d", by: "Lambda", in: "model.h5", as: "lambda.h5")
    var checkpoint = try Checkpoint(path: path("regression.h5"))
    checkpoint.trainingConfig?["optimizer_config"]?["class_name"] = "Muon"
    try checkpoint.write(to: path("muon.h5"))
    checkpoint = try Checkpoint(path: path("regression.h5"))
    checkpoint.trainingConfig?["loss"] = "ctc"
    try checkpoint.write(to: path("ctc.h5"))
    checkpoint = try Checkpoint(path: path("regression.h5"))
    let name = checkpoint.layers[1].weights[0].name
    checkpoint.layers[1].weights[0] = Weight(name: name, tensor: Tensor([2], [Float(1), 2]))
    try checkpoint.write(to: path("misfit.h5"))

    try FileManager.default.createDirectory(
      at: folder.appending(path: "folder"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      at: folder.appending(path: "saved_model"), withIntermediateDirectories: true)
    try write([], "saved_model/saved_model.pb")
    try write([], "empty")
    try write("hello, world\n".utf8, "text.h5")
    try write(StoredZip.bytes([("config.json", Array("{}".utf8))]), "model.keras")
    try fillWithData()
  }

  private func fillWithData() throws {
    let (x, y) = Self.reviews(4)
    let (points, sums) = Self.points(4)
    try write(x.npyBytes, "x.npy")
    try write(Tensor([1, 5], [Int32(1), 2, 3, 4, 12]).npyBytes, "above.npy")
    try write(Tensor([5], [Int32(1), 2, 3, 4, 5]).npyBytes, "flat.npy")
    try write(Tensor([0, 5], [Int32]()).npyBytes, "none.npy")
    try write(points.npyBytes, "points.npy")
    try write("{\"a\": \"b\"}".utf8, "words-of-words.json")
    try write("{\"a\": 3, \"great\": 5".utf8, "broken.json")
    try write("{\"a\": 3, \"great\": 5}".utf8, "words.json")
    try saveArchive("reviews.npz", ["x": x, "y": y])
    try saveArchive("points.npz", ["x": points, "y": sums])
    try saveArchive("names.npz", ["a": x, "b": y])
    try saveArchive("x-only.npz", ["x": x])
    try saveArchive("few-labels.npz", ["x": x, "y": Tensor([2], [Float(0), 1])])
    try saveArchive(
      "wide-labels.npz", ["x": x, "y": Tensor([4, 3], [Float](repeating: 0, count: 12))])
    try saveArchive("classes.npz", ["x": points, "y": Tensor([4], [Int32(0), 0, 5, 0])])
    try saveArchive(
      "one.npz", ["x": Tensor([1, 3], [Float(1), 2, 3]), "y": Tensor([1], [Float(0)])])
    try saveArchive("nan.npz", ["x": Tensor([1, 3], [.nan, 2, 3]), "y": Tensor([1], [Float(0)])])
    try saveArchive(
      "above.npz", ["x": Tensor([1, 5], [Int32(1), 2, 99, 4, 5]), "y": Tensor([1], [Float(0)])])
    try saveArchive(
      "negative.npz",
      ["x": Tensor([1, 5], [Int32(1), 2, -9, 4, 5]), "y": Tensor([1], [Float(0)])])
    try write(
      StoredZip.bytes([
        ("x.npy", ListArray.npyBytes([[1, 2, 30], [4]])),
        ("y.npy", Tensor([2], [Float(0), 1]).npyBytes),
      ]), "lists.npz")
  }
}
