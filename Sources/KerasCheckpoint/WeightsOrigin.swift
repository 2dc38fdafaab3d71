/// What the layout of stored weights depends on, beside their layers.
///
/// Keras 2 tells the same from the attributes `keras_version` and `backend`.
/// Source: `load_weights_from_hdf5_group` in `keras/engine/saving.py` of Keras 2.2.4.
public struct WeightsOrigin: Sendable, Hashable {
  /// The generation of Keras that wrote them.
  public var dialect: Dialect

  /// Whether they are of Keras 0.x, which wrote places instead of names.
  public var isNameless: Bool

  /// Whether convolutions turned their kernels round, as Theano's do: of a kernel of K places, place k
  /// then goes with the input at K - 1 - k.
  public var turnsKernels: Bool

  public init(_ dialect: Dialect, isNameless: Bool = false, turnsKernels: Bool = false) {
    self.dialect = dialect
    self.isNameless = isNameless
    self.turnsKernels = turnsKernels
  }

  /// Weights in today's layout, that of Keras 2 and 3.
  public static let today = WeightsOrigin(.keras3)

  /// Whether every layer finds its weights as they are.
  public var isToday: Bool { dialect > .keras1 && !turnsKernels }
}

extension Checkpoint {
  /// What the layout of the weights depends on.
  ///
  /// Keras 1 did not write what it ran on, but TensorFlow's variables have names that end in `:0`, and
  /// Theano's neither that nor a slash. Keras 0.x wrote no names, and ran on Theano unless told
  /// otherwise; setting ``backend`` says otherwise.
  public var weightsOrigin: WeightsOrigin {
    let names = layers.flatMap(\.weights).map(\.name)
    let isNameless =
      dialect == .keras1 && !names.isEmpty
      && names.allSatisfy { Keras0Layout.isPlace($0) }
    let isOfTheano =
      backend.map { $0 == "theano" }
      ?? (dialect == .keras1 && !names.contains { $0.hasSuffix(":0") || $0.contains("/") })
    return WeightsOrigin(dialect, isNameless: isNameless, turnsKernels: isOfTheano)
  }

  /// Whether weights may have to be converted before today's layers find them.
  public var isOfOlderLayout: Bool {
    !weightsOrigin.isToday || modelConfig?.text.contains("\"CuDNN") == true
  }
}
