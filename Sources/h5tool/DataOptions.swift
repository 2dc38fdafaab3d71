/// Where labelled data comes from: the options that evaluating and training share.
import ArgumentParser
import Keratin

struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The data: an .npz file with x_train, y_train, x_test, y_test as in imdb.npz, or with x, y.",
      discussion: "Lists of words in imdb.npz's layout are prepared as keras.datasets.imdb does.",
      valueName: "D.npz"))
  var data: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep the most frequent words only: token ids from N on become 2.", valueName: "N"))
  var numWords: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Cut and pad lists to N tokens (default: the model's input length, else the longest list).",
      valueName: "N"))
  var maxlen: Int?

  @OptionGroup var batches: BatchOptions

  var batchSize: Int { batches.batchSize }

  func validate() throws {
    if let numWords, numWords < 1 { throw ValidationError("--num-words must be 1 or more.") }
    if let maxlen, maxlen < 1 { throw ValidationError("--maxlen must be 1 or more.") }
  }

  /// Samples and labels as tensors.
  typealias Part = (x: Tensor, y: Tensor)

  /// Reads the data for a model.
  func load(for model: Model) throws -> (train: Part, test: Part?, holdsLists: Bool) {
    try InputFile.check(data, as: .data)
    let labelled = try LabelledData(path: data, numWords: numWords)
    if !labelled.holdsLists {
      for (option, value) in [("--num-words", numWords), ("--maxlen", maxlen)] where value != nil {
        warn("\(data) holds an array of one shape, not lists of words; \(option) is not used.")
      }
    }
    let length =
      labelled.holdsLists ? try model.listLength(maxlen) ?? longest(labelled) : nil
    func part(_ part: LabelledData.Part) throws -> Part {
      do { return (try part.x.tensor(maxlen: length), part.y) } catch {
        throw ModelFileError(path: data, cause: error)
      }
    }
    return (try part(labelled.train), try labelled.test.map(part), labelled.holdsLists)
  }

  /// The longest list in either part, so that both get one length.
  private func longest(_ data: LabelledData) -> Int? {
    [data.train, data.test].compactMap { part in
      if case .ragged(let rows)? = part?.x { rows.longest } else { nil }
    }.max()
  }
}

/// How many samples are computed together.
struct BatchOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("Samples in a batch.", valueName: "N"))
  var batchSize = 32

  func validate() throws {
    // Positions in the data plus a batch must be numbers still.
    guard (1...Int(Int32.max)).contains(batchSize) else {
      throw ValidationError("--batch-size must be from 1 to \(Int32.max)")
    }
  }
}

extension LabelledData {
  fileprivate var holdsLists: Bool {
    if case .ragged = train.x { true } else { false }
  }
}

extension Model {
  /// The number of tokens that the model's input says; nil where any number will do.
  var inputLength: Int? {
    guard let port = graph.inputs.first,
      let shape = (graph.layer(of: graph.nodes[port.node]) as? InputLayer)?.batchShape,
      shape.rank == 2
    else { return nil }
    return shape[1]
  }

  /// How long lists of tokens are to be: as the user says, or as the model does; nil where neither
  /// does.
  func listLength(_ maxlen: Int?) throws -> Int? {
    if let maxlen, let inputLength, maxlen != inputLength {
      throw CommandError(
        "--maxlen \(maxlen) does not fit the model, whose input has \(inputLength) tokens; "
          + "leave --maxlen out.")
    }
    return maxlen ?? inputLength
  }

  /// The rows of the embedding that takes the model's input; nil where there is none.
  var vocabularySize: Int? {
    graph.allLayers.lazy.compactMap { ($0 as? Embedding)?.inputDim }.first
  }
}
