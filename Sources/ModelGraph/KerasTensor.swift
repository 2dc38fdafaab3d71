/// Building a Functional model: layers are called on results of others.
import KerasCheckpoint

/// A layer's result that no data has reached yet.
///
///     let tokens = Input(shape: [200], dtype: "int32")
///     let x = Embedding(inputDim: 10_000, outputDim: 64)(tokens)
///     let y = Dense(1, activation: .sigmoid)(GlobalMaxPooling1D()(x))
///     let model = Functional(inputs: tokens, outputs: y)
public struct KerasTensor: Sendable {
  /// The shape with the batch; nil is an extent that only the data decides.
  public let shape: LayerShape
  let call: LayerCall
  let output: Int
}

/// Where data enters a Functional model.
///
/// - Parameters:
///   - shape: without the batch; nil for an extent that may differ from batch to batch.
///   - dtype: the element type in Keras's words, such as `int32` for tokens.
// Keras's name, and used as a layer's is.
// swift-format-ignore: AlwaysUseLowerCamelCase
public func Input(
  shape: [Int?], batchSize: Int? = nil, dtype: String = "float32", name: String? = nil
) -> KerasTensor {
  let layer = InputLayer(shape: shape, batchSize: batchSize, dtype: dtype, name: name)
  let call = LayerCall(SharedLayer(layer), [], CallOptions())
  return KerasTensor(shape: LayerShape([batchSize] + shape), call: call, output: 0)
}

/// A layer that is called more than once with the same weights.
///
///     let encoder = SharedLayer(LSTM(32))
///     let distance = Subtract()([encoder(a), encoder(b)])
public final class SharedLayer: Sendable {
  public let layer: any Layer

  public init(_ layer: any Layer) { self.layer = layer }

  /// - Precondition: the layer takes inputs of these shapes, and gives one result.
  public func callAsFunction(_ inputs: KerasTensor..., flags: Set<String> = []) -> KerasTensor {
    single(outputs(of: inputs, flags: flags))
  }

  /// - Precondition: the layer takes inputs of these shapes, and gives one result.
  public func callAsFunction(_ inputs: [KerasTensor]) -> KerasTensor {
    single(outputs(of: inputs))
  }

  /// All results of a layer that has several, such as an LSTM with `returnState`.
  ///
  /// - Parameters:
  ///   - inputs: in the layer's order; for a recurrent layer its initial states follow the sequence.
  ///   - flags: the switches of the call that are on, such as `use_causal_mask`.
  /// - Precondition: the layer takes inputs of these shapes.
  public func outputs(of inputs: [KerasTensor], flags: Set<String> = []) -> [KerasTensor] {
    let kind = type(of: layer)
    var options = CallOptions()
    options.flags = flags
    options.names = Array(
      (kind.namedArguments.inputs + kind.namedArguments.tensors).prefix(inputs.count))
    do {
      let shapes = try layer.called(options).built(inputs.map(\.shape)).outputShapes
      let call = LayerCall(self, inputs, options)
      return shapes.enumerated().map { KerasTensor(shape: $1, call: call, output: $0) }
    } catch {
      let located = error.located(layer: layer.name.isEmpty ? nil : layer.name)
      preconditionFailure("\(located.located(className: layer.displayClassName))")
    }
  }

  fileprivate func single(_ outputs: [KerasTensor]) -> KerasTensor {
    precondition(
      outputs.count == 1,
      "\(layer.displayClassName) has \(outputs.count) results; take them with outputs(of:)")
    return outputs[0]
  }
}

extension Layer {
  /// The layer's result for these inputs; a layer with the same weights elsewhere is a ``SharedLayer``.
  ///
  /// - Parameter flags: the switches of the call that are on, such as `use_causal_mask`.
  /// - Precondition: the layer takes inputs of these shapes, and gives one result.
  public func callAsFunction(_ inputs: KerasTensor..., flags: Set<String> = []) -> KerasTensor {
    let layer = SharedLayer(self)
    return layer.single(layer.outputs(of: inputs, flags: flags))
  }

  /// The same for a list, as merging layers take one.
  public func callAsFunction(_ inputs: [KerasTensor]) -> KerasTensor { SharedLayer(self)(inputs) }

  /// All results of a layer that has several; see ``SharedLayer/outputs(of:flags:)``.
  public func outputs(of inputs: KerasTensor..., flags: Set<String> = []) -> [KerasTensor] {
    SharedLayer(self).outputs(of: inputs, flags: flags)
  }
}

/// One call of a layer.
final class LayerCall: Sendable {
  let layer: SharedLayer
  let inputs: [KerasTensor]
  let options: CallOptions

  init(_ layer: SharedLayer, _ inputs: [KerasTensor], _ options: CallOptions) {
    self.layer = layer
    self.inputs = inputs
    self.options = options
  }
}
