/// The generation of Keras whose layout a checkpoint follows.
public enum Dialect: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Keras 0.x and 1.x, which wrote no version into a file of weights.
  case keras1
  /// Keras 2.x, tf.keras and tf_keras: weights are named `conv1d/kernel:0`.
  case keras2
  /// Keras 3: weights are named `sequential/conv1d/kernel`.
  case keras3

  /// The dialect of a `keras_version` such as `2.2.4-tf`; none at all means Keras 1, as it does to
  /// Keras itself.
  ///
  /// - Throws: `CheckpointError` of kind `unreadableVersion` where the text starts with no number.
  public init(kerasVersion version: String?) throws(CheckpointError) {
    guard let version else {
      self = .keras1
      return
    }
    guard let major = Int(version.prefix { $0.isASCII && $0.isNumber }) else {
      throw CheckpointError(.unreadableVersion(version))
    }
    self = major <= 1 ? .keras1 : major == 2 ? .keras2 : .keras3
  }

  /// The version of Keras whose layout a new file of this dialect follows to the letter.
  public var referenceVersion: String {
    switch self {
    case .keras1: "1.2.2"
    case .keras2: "2.21.0"
    case .keras3: "3.15.1"
    }
  }

  public static func < (one: Dialect, other: Dialect) -> Bool { one.rawValue < other.rawValue }
}

extension Dialect: CustomStringConvertible {
  public var description: String {
    switch self {
    case .keras1: "Keras 1"
    case .keras2: "Keras 2"
    case .keras3: "Keras 3"
    }
  }
}
