/// For whose reading a checkpoint is written.
public enum Readers: Sendable, Hashable {
  /// tf_keras and Keras 2.13 or later, optimizer state included.
  case keras2

  /// Keras 3. It starts a fresh optimizer, since it cannot load the state of an `.h5`.
  case keras3

  /// Both, each with a fresh optimizer: what the two have in common.
  case both

  /// The name of the readers in a message.
  var name: String {
    switch self {
    case .keras2: "Keras 2"
    case .keras3: "Keras 3"
    case .both: "both Keras 2 and Keras 3"
    }
  }
}
