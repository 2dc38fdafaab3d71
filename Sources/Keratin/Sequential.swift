/// A chain of layers.
public import ModelGraph

/// A model in which each layer takes the result of the one before.
///
///     let model = Sequential([
///       Embedding(inputDim: 10_000, outputDim: 256),
///       GlobalMaxPooling1D(),
///       Dense(1, activation: .sigmoid),
///     ])
public final class Sequential: Model {
  /// - Parameters:
  ///   - layers: in their order. Those without a name get one as Keras names them: `dense`, `dense_1`.
  ///   - name: the name of the model.
  ///   - seed: what weights, dropout and order are drawn from; nil for a seed that is drawn itself.
  /// - Precondition: there is a layer, and no two have the same name.
  public init(_ layers: [any Layer], name: String = "sequential", seed: UInt64? = nil) {
    do {
      super.init(try Graph(sequential: layers, name: name), seed: seed)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
