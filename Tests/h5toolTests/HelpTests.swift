import Foundation
import Keratin
import Testing

private let commands = ["inspect", "tree", "plan", "predict", "evaluate", "train", "convert"]

struct HelpTests {
  @Test(arguments: [nil] + commands.map(Optional.some))
  func `help says what there is`(command: String?) async throws {
    let workshop = try Workshop()
    let run = try await Tool.run([command, "--help"].compactMap { $0 }, in: workshop.folder)
    #expect(run.status == 0 && run.errors.isEmpty)
    try Snapshot.expect(run.output, is: "help" + (command.map { "-\($0)" } ?? ""))
  }

  @Test func `without a command there is the same help`() async throws {
    let workshop = try Workshop()
    let run = try await workshop.run()
    #expect(run.status == 0)
    #expect(try await run.output == workshop.run("--help").output)
  }

  @Test(arguments: commands)
  func `each example can be copied and works`(command: String) async throws {
    let workshop = try Workshop()
    for name in ["best_model.h5", "model.h5"] {
      let model = Workshop.classifier()
      model.compile(optimizer: Adam(), loss: .binaryCrossentropy, metrics: [.acc])
      try model.build([[nil, nil]])
      try model.save(workshop.path(name))
    }
    let words: [[Int32]] = [[1, 2, 3, 4], [5, 6], [7, 8, 1, 2, 3]]
    let (x, y) = (ListArray.npyBytes(words), Tensor([3], [Float(1), 0, 1]).npyBytes)
    try workshop.write(
      StoredZip.bytes([
        ("x_train.npy", x), ("y_train.npy", y), ("x_test.npy", x), ("y_test.npy", y),
      ]), "imdb.npz")
    try workshop.write(Workshop.reviews(3).x.npyBytes, "x.npy")
    let pair = [Input(shape: [2], name: "left"), Input(shape: [2], name: "right")]
    let siamese = Functional(inputs: pair, outputs: [Subtract()(pair)])
    try siamese.build()
    try siamese.save(workshop.path("siamese.h5"))
    let points = Tensor([2, 2], [Float(1), 2, 3, 4])
    try workshop.write(NPZ.bytes([("left", points), ("right", points)]), "pairs.npz")
    try workshop.write(#"{"a": 3, "great": 5, "film": 4}"#.utf8, "words.json")

    let help = try await workshop.run(command, "--help").output
    let examples = help.components(separatedBy: "\nUSAGE:")[0]
      .replacing("\\\n", with: "").split(separator: "\n")
      .filter { $0.hasPrefix("  h5tool ") }
    #expect(!examples.isEmpty)
    for example in examples {
      // Twelve words, where the example has the whole vocabulary of IMDB.
      let line = example.replacing("--num-words 10000", with: "--num-words 12")
        .replacing("--maxlen 200", with: "--maxlen 6")
      let run = try await Tool.run(
        ["-c", String(line)], in: workshop.folder, program: URL(filePath: "/bin/sh"))
      #expect(run.status == 0 && run.errors.isEmpty, "\(line): \(run.errors)")
    }
  }
}
