/// What goes wrong when a model meets data.
import Keratin

/// An error of a run, with the files that the user gave.
struct UseError: Error {
  let model: String
  let data: String
  /// Whether the data holds lists, which `--num-words` and `--maxlen` prepare.
  let holdsLists: Bool
  let cause: any Error

  /// Runs `body` with its errors told in terms of these files.
  static func located<Result>(
    model: String, data: String, holdsLists: Bool, _ body: () throws -> Result
  ) throws -> Result {
    do { return try body() } catch let error
      where error is TrainingError
      || error is ModelGraphError || error is CheckpointError
    {
      throw UseError(model: model, data: data, holdsLists: holdsLists, cause: error)
    }
  }
}

extension UseError: CustomStringConvertible {
  var description: String {
    switch cause {
    case let error as TrainingError: sentence(error)
    case let error as ModelGraphError: sentence(error)
    default: Self.joined(model, "\(cause)")
    }
  }

  private func sentence(_ error: TrainingError) -> String {
    switch error.kind {
    case .token(let row, let position, let value, let vocabulary):
      let remedy =
        value < 0
        ? "token ids begin at 0"
        : holdsLists
          ? "give --num-words \(vocabulary) or less"
          : "prepare the data with ids below \(vocabulary)"
      return "\(data): token \(value) at position \(position) of row \(row) is outside the model's "
        + "vocabulary of \(vocabulary); \(remedy)."
    case .notCompiled:
      return "\(model): the model is not compiled, so it has no loss and no optimizer; "
        + "compile it where it was made, and save it again."
    case .data, .label, .shapes: return Self.joined(data, "\(error)")
    case .unknown, .unsupported, .configuration, .optimizerState:
      return Self.joined(model, "\(error)")
    default: return "\(error)"
    }
  }

  private func sentence(_ error: ModelGraphError) -> String {
    let text = "\(error)"
    switch error.kind {
    // The model was fine when it was loaded, so it is the data that does not fit.
    case .inputShape, .engine:
      let sentence = text.hasSuffix(".") ? String(text.dropLast()) : text
      let remedy =
        holdsLists
        ? "give --maxlen, the length of the model's training data" : "give data that fits"
      return Self.joined(data, "\(sentence); \(remedy).")
    case .inputCount: return Self.joined(data, text)
    default: return Self.joined(model, text)
    }
  }

  private static func joined(_ path: String, _ text: String) -> String {
    text.contains(path) ? text : "\(path): \(text)"
  }
}
