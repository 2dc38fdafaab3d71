/// `h5tool predict`: a model's outputs for arrays or for a sentence.
import ArgumentParser
import DurableFiles
import Keratin

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Compute a model's outputs for arrays, or for a sentence.",
    discussion: """
      Examples:
        h5tool predict best_model.h5 --input x.npy --output y.npy
        h5tool predict siamese.h5 --input pairs.npz --output y.npz
        h5tool predict best_model.h5 --text "A great film" --word-index words.json

      The arrays of an .npz are named after the model's inputs, or x0, x1, … in their order; those that \
      are written are named after its outputs.

      A sentence becomes tokens as the reviews of keras.datasets.imdb did: 1 for the start, 2 for a \
      word outside the vocabulary, rank + 3 for the others. The output is printed.
      """)

  @Argument(help: ArgumentHelp("A model.", valueName: "MODEL"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "The input, a row for each sample; an .npz where there are several.", valueName: "X.npy"))
  var input: String?

  @Option(
    help: ArgumentHelp(
      "Where to write the output; an .npz where there are several.", valueName: "Y.npy"))
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
      try InputFile.check(input, as: input.hasSuffix(".npz") ? .arrays : .array)
      try OutputFile.check(output, "--output", apartFrom: ["MODEL": model, "--input": input])
    }
    let model = try Model.load(model, compile: false)
    if let text, let wordIndex {
      try predict(text, wordIndex, model)
    } else if let input, let output {
      try predict(input, to: output, model)
    }
  }

  private func predict(_ input: String, to output: String, _ model: Model) throws {
    let arrays = try arrays(input, model)
    let names = model.graph.outputNames
    guard names.count == 1 || output.hasSuffix(".npz") else {
      throw CommandError(
        "\(output): the model has \(names.count) outputs (\(names.joined(separator: ", "))); "
          + "give --output a name that ends with .npz.")
    }
    let holdsLists = arrays.contains { if case .ragged = $0 { true } else { false } }
    if maxlen != nil, !holdsLists {
      warn("\(input) holds an array of one shape, not lists of words; --maxlen is not used.")
    }
    let y = try UseError.located(model: self.model, data: input, holdsLists: holdsLists) {
      let x = try arrays.map { array in
        if case .ragged = array { return try array.tensor(maxlen: model.listLength(maxlen)) }
        return try array.tensor()
      }
      return try model.predict(x, batchSize: batches.batchSize)
    }
    if output.hasSuffix(".npz") {
      try DurableFile.write(NPZ.bytes(Array(zip(names, y)).map { ($0, $1) }), to: output)
    } else {
      try DurableFile.write(y[0].npyBytes, to: output)
    }
    let shapes = zip(names, y).map { name, tensor in
      (output.hasSuffix(".npz") ? "\(name) " : "") + "\(tensor.dtype) \(tensor.shape)"
    }
    try StandardStreams.show("Wrote \(output): \(shapes.joined(separator: ", "))")
  }

  /// The arrays of a file in the order of the model's inputs.
  private func arrays(_ input: String, _ model: Model) throws -> [NumpyArray] {
    let names = model.graph.inputNames
    guard input.hasSuffix(".npz") else {
      guard names.count == 1 else {
        throw CommandError(
          "\(input): the model has \(names.count) inputs (\(names.joined(separator: ", "))); give an "
            + ".npz with arrays of these names, or x0, x1, … in their order.")
      }
      return [try NumpyArray(npy: input)]
    }
    let archive = try NPZ(path: input)
    let numbered = names.indices.map { "x\($0)" }
    // Data for training has its one input as x.
    let alone = names.count == 1 ? [["x"]] + (archive.names.count == 1 ? [archive.names] : []) : []
    let choices = [names, numbered] + alone
    for chosen in choices where Set(chosen).isSubset(of: archive.names) {
      return try chosen.map { try archive.array($0) }
    }
    throw CommandError(
      "\(input): it has the arrays \(archive.names.joined(separator: ", ")); the model takes "
        + "\(names.joined(separator: ", ")), or \(numbered.joined(separator: ", ")).")
  }

  private func predict(_ text: String, _ wordIndex: String, _ model: Model) throws {
    try InputFile.check(wordIndex, as: .wordIndex)
    guard model.graph.inputs.count == 1, let vocabularySize = model.vocabularySize else {
      throw CommandError(
        "\(self.model): the model has no Embedding layer at its only input, so it takes no sentence; "
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
      try model.predict([padSequences([tokens], maxlen: model.listLength(maxlen))])
    }
    let names = model.graph.outputNames
    for (name, output) in zip(names, y) {
      let numbers = output.scalars.floats.map { "\($0)" }.joined(separator: " ")
      try StandardStreams.show(names.count == 1 ? numbers : "\(name): \(numbers)")
    }
  }
}
