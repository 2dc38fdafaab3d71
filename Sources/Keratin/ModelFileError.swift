/// What is wrong with a file that a model was to be loaded from or saved to.

/// The file, and the error of the part that could not use it.
public struct ModelFileError: Error, CustomStringConvertible {
  public let path: String
  public let cause: any Error

  public init(path: String, cause: any Error) {
    self.path = path
    self.cause = cause
  }

  /// What only a model knows to be wrong.
  public enum Reason: Error, Equatable, CustomStringConvertible {
    case weightsOnly
    case notBuilt
    case otherLayout

    public var description: String {
      switch self {
      case .weightsOnly:
        "the file holds weights without an architecture; give a full model as model.save writes it, "
          + "or build the model and use loadWeights"
      case .notBuilt:
        "The model has no weights yet, since it has seen no data; call fit or build first."
      case .otherLayout:
        "Names that end in .keras or .weights.h5 are for layouts that Keratin does not write yet; "
          + "use a name that ends in .h5."
      }
    }
  }

  public var description: String {
    let text = "\(cause)"
    return text.contains(path) ? text : "\(path): \(text)"
  }
}
