/// `h5tool predict`: a model's outputs for arrays or for a sentence.
import ArgumentParser
import DurableFiles
import Keratin

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute a model's outputs for an array, or for a sentence.",
    discussion: """
      Examples:
        h5tool predict best_model.h5 --input x.npy --output y.npy
        h5tool predict best_model.h5 --text "A great film" --word-index imdb_word_index.json

      A sentence becomes tokens as the reviews of keras.datasets.imdb did: 1 for the start, 2 for a \
      word outside the vocabulary, rank + 3 for the others. The output is printed.
      """)

  @Argument(help: ArgumentHelp("A model.", valueName: "MODEL"))
  var model: String

  @Option(help: ArgumentHelp("The inputs, a row for each sample.", valueName: "X.npy"))
  var input: String?

  @Option(help: ArgumentHelp("Where to write the outputs.", valueName: "Y.npy"))
  var output: String?

  @Option(help: ArgumentHelp("Samples in a batch.", valueName: "N"))
  var batchSize = 32

  @Option(help: ArgumentHelp("A sentence.", valueName: "…"))
  var text: String?

  @Option(help: ArgumentHelp("The ranks of the words, a JSON object.", valueName: "W.json"))
  var wordIndex: String?

  @Option(
    help: ArgumentHelp(
      "Cut and pad to N tokens (default: the model's input length, if it has one).",
      valueName: "N"))
  var maxlen: Int?

  func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more.") }
    if let maxlen, maxlen < 1 { throw ValidationError("--maxlen must be 1 or more.") }
    if text != nil {
      guard input == nil, output == nil else {
        throw ValidationError("Give either --text or --input and --output, not both.")
      }
      guard wordIndex != nil else { throw ValidationError("--text needs --word-index W.json.") }
    } else {
      guard input != nil, output != nil else {
        throw ValidationError(
          "Give --input X.npy and --output Y.npy, or --text and --word-index W.json.")
      }
      guard wordIndex == nil else { throw ValidationError("--word-index goes with --text.") }
    }
  }

  func run() throws {
    let model = try Model.load(model, compile: false)
    if let text, let wordIndex {
      try predict(text, with: WordIndex(path: wordIndex), model)
    } else if let input, let output {
      let x = try NumpyArray(npy: input).tensor(maxlen: maxlen ?? model.inputLength)
      let y = try model.predict(x, batchSize: batchSize)
      try DurableFile.write(y.npyBytes, to: output)
      print("Wrote \(output): \(y.dtype) \(y.shape)")
    }
  }

  private func predict(_ text: String, with index: WordIndex, _ model: Model) throws {
    let tokens = try index.tokens(for: text, numWords: model.vocabularySize)
    guard tokens.count > 1 else { throw CommandError("The text has no words.") }
    // The first token is the mark of the start.
    if tokens.dropFirst().allSatisfy({ $0 == 2 }) {
      warn("None of the words is in the vocabulary; is this the word index of the model's data?")
    }
    let x = try padSequences([tokens], maxlen: maxlen ?? model.inputLength)
    let y = try model.predict(x)
    print(y.scalars.floats.map { "\($0)" }.joined(separator: " "))
  }
}
