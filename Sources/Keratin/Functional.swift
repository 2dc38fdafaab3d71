/// Models that are more than a chain.
public import ModelGraph
import Tensors

/// A model of layers that are called on each other's results: several inputs and outputs, branches, shared
/// layers, models inside models.
///
///     let a = Input(shape: [8], name: "a")
///     let b = Input(shape: [8], name: "b")
///     let encoder = SharedLayer(Dense(16, activation: .relu))
///     let both = Concatenate()([encoder(a), encoder(b)])
///     let model = Functional(inputs: [a, b], outputs: [Dense(1, activation: .sigmoid)(both)])
public final class Functional: Model {
  /// - Parameters:
  ///   - inputs: results of ``Input(shape:batchSize:dtype:name:)``, in the order in which data is passed.
  ///   - name: the name of the model.
  ///   - seed: what weights, dropout and order are drawn from; nil for a seed that is drawn itself.
  /// - Precondition: the outputs follow from the inputs, and no two layers have the same name.
  public init(
    inputs: [KerasTensor], outputs: [KerasTensor], name: String = "functional", seed: UInt64? = nil
  ) {
    do {
      super.init(try Graph(inputs: inputs, outputs: outputs, name: name), seed: seed)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The same of one input and one output.
  public convenience init(
    inputs: KerasTensor, outputs: KerasTensor, name: String = "functional", seed: UInt64? = nil
  ) {
    self.init(inputs: [inputs], outputs: [outputs], name: name, seed: seed)
  }
}

extension Model {
  /// The model as a layer of another, which starts from this one's weights as they are now; a base that was
  /// trained before is so taken over. `trainable: false` freezes it.
  ///
  ///     let base = SharedLayer(try Model.load("base.h5").asLayer(trainable: false))
  ///     let y = Dense(10, activation: .softmax)(base(image))
  public func asLayer(name: String? = nil, trainable: Bool = true) -> any Layer {
    var values: [String: Tensor] = [:]
    for variable in trainer?.graph.variables ?? [] {
      values[variable.name] = trainer?.variables.tensor(variable.name)
    }
    var layer = NestedModel(trainer?.graph.graph ?? graph, values: values, trainable: trainable)
    if let name { layer.name = name }
    return layer
  }

  /// The result of the model, as ``asLayer(name:trainable:)`` of another.
  ///
  /// - Precondition: it takes inputs of these shapes, and gives one result.
  public func callAsFunction(_ inputs: KerasTensor...) -> KerasTensor {
    SharedLayer(asLayer())(inputs)
  }
}
