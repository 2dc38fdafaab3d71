/// `h5tool predict`: a model's outputs for arrays or for a sentence.
import ArgumentParser
import DurableFiles
import Keratin

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Compute a model's outputs for an array, or for a sentence.",
    discussion: """
      Examples:
        h5tool predict best_model.h5 --input x.npy --output y.npy
        h5tool predict best_model.h5 --text "A great film" --word-index words.json

      A sentence becomes tokens as the reviews of keras.datasets.imdb did: 1 for the start, 2 for a \
      word outside the vocabulary, rank + 3 for the others. The output is printed.
      """)

  @Argument(help: ArgumentHelp("A model.", valueName: "MODEL"))
  var model: String

  @Option(help: ArgumentHelp("The inputs, a row for each sample.", valueName: "X.npy"))
  var input: String?

  @Option(help: ArgumentHelp("Where to write the outputs.", valueName: "Y.npy"))
  var output: String?

  @OptionGroup var batches: BatchOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("A sentence.", valueName: "SENTENCE"))
  var text: String?

  @Option(help: ArgumentHelp("The ranks of the words, a JSON object.", valueName: "W.json"))
  var wordIndex: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Cut and pad to N tokens (default: the model's input length, if it has one).",
      valueName: "N"))
  var maxlen: Int?

  func validate() throws {
    if let maxlen, maxlen < 1 { throw ValidationError("--maxlen must be 1 or more") }
    if text != nil {
      guard input == nil, output == nil else {
        throw ValidationError("Give either --text or --input and --output, not both")
      }
      guard wordIndex != nil else { throw ValidationError("--text needs --word-index W.json") }
    } else {
      guard input != nil, output != nil else {
        throw ValidationError(
          "Give --input X.npy and --output Y.npy, or --text and --word-index W.json")
      }
      guard wordIndex == nil else { throw ValidationError("--word-index goes with --text") }
    }
  }

  func run() throws {
    try InputFile.check(self.model, as: .checkpoint)
    if let input, let output {
      try InputFile.check(input, as: .array)
      try OutputFile.check(output, "--output", apartFrom: ["MODEL": model, "--input": input])
    }
    let model = try Model.load(model, compile: false)
    guard model.graph.outputs.count == 1 else {
      throw CommandError(
        "\(self.model): the model has \(model.graph.outputs.count) outputs, and predict can write "
          + "one only; run a model of the output that you need.")
    }
    if let text, let wordIndex {
      try predict(text, wordIndex, model)
    } else if let input, let output {
      try predict(input, to: output, model)
    }
  }

  private func predict(_ input: String, to output: String, _ model: Model) throws {
    let array = try NumpyArray(npy: input)
    var holdsLists = false
    if case .ragged = array { holdsLists = true }
    if maxlen != nil, !holdsLists {
      warn("\(input) holds an array of one shape, not lists of words; --maxlen is not used.")
    }
    let y = try UseError.located(model: self.model, data: input, holdsLists: holdsLists) {
      let x = try array.tensor(maxlen: holdsLists ? model.listLength(maxlen) : nil)
      return try model.predict(x, batchSize: batches.batchSize)
    }
    try DurableFile.write(y.npyBytes, to: output)
    try StandardStreams.show("Wrote \(output): \(y.dtype) \(y.shape)")
  }

  private func predict(_ text: String, _ wordIndex: String, _ model: Model) throws {
    try InputFile.check(wordIndex, as: .wordIndex)
    guard let vocabularySize = model.vocabularySize else {
      throw CommandError(
        "\(self.model): the model has no Embedding layer, so it does not take words; "
          + "give its input as an array with --input and --output.")
    }
    let tokens = try WordIndex(path: wordIndex).tokens(for: text, numWords: vocabularySize)
    guard tokens.count > 1 else {
      throw CommandError("--text has no words; give a sentence.")
    }
    // The first token is the mark of the start.
    if tokens.dropFirst().allSatisfy({ $0 == 2 }) {
      warn("None of the words is in the vocabulary; is this the word index of the model's data?")
    }
    let y = try UseError.located(model: self.model, data: "--text", holdsLists: true) {
      try model.predict(padSequences([tokens], maxlen: model.listLength(maxlen)))
    }
    try StandardStreams.show(y.scalars.floats.map { "\($0)" }.joined(separator: " "))
  }
}
