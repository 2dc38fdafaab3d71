/// Turning a graph into a program.
public import Engine
import KerasCheckpoint
import Tensors

extension BuiltGraph {
  /// Builds the model's results for the given inputs as ops, layer by layer.
  ///
  /// The weights become states of the program, under the names of their variables. In training mode
  /// running statistics are updated.
  ///
  /// - Parameter inputs: one per input of the model, of the types that ``inputTypes(_:)`` says.
  /// - Throws: `ModelGraphError` where an input does not fit, or a layer cannot be run or trained.
  public func trace(
    _ builder: ProgramBuilder, inputs: [Value], mode: Mode
  ) throws(ModelGraphError) -> [Signal] {
    guard inputs.count == graph.inputs.count else {
      throw ModelGraphError(.inputCount(expected: graph.inputs.count, found: inputs.count))
    }
    if mode == .training { try checkTrainable() }
    let given = Dictionary(
      zip(graph.inputs.map(\.node), inputs), uniquingKeysWith: { first, _ in first })
    var results: [[Signal]] = []
    for (index, node) in graph.nodes.enumerated() {
      let layer = graph.layer(of: node)
      do {
        if let problem = node.problem { throw problem }
        var signals = node.inputs.map { results[$0.node][$0.output] }
        if node.inputs.isEmpty, let value = given[index] { signals = [Signal(value)] }
        if let mask = node.mask, !signals.isEmpty {
          signals[0].mask = results[mask.node][mask.output].value
        }
        try checkShapes(signals, of: layer)
        if !layer.takesTokens, !(layer is InputLayer) {
          for place in signals.indices {
            signals[place].value = try signals[place].value.asFloats()
          }
        }
        results.append(try layer.call(signals, context(builder, mode, index, node)))
      } catch {
        throw ModelGraphError(wrapping: error)
          .located(layer: layer.name, className: layer.displayClassName)
      }
    }
    return graph.outputs.map { results[$0.node][$0.output] }
  }

  /// The batch's actual shape must fit the one the graph was built for.
  private func checkShapes(_ signals: [Signal], of layer: any Layer) throws(ModelGraphError) {
    guard let input = layer as? InputLayer else { return }
    for signal in signals { try input.check(LayerShape(signal.value.shape.dimensions)) }
  }

  private func context(
    _ builder: ProgramBuilder, _ mode: Mode, _ index: Int, _ node: Graph.Node
  ) -> LayerContext {
    var states: [String: Value] = [:]
    for spec in weights[node.layer] {
      states[spec.name] = builder.state(variableName(node.layer, spec), spec.shape)
    }
    return LayerContext(builder: builder, mode: mode, stream: UInt64(index), weights: states)
  }

  /// Refuses options that would make training other than Keras's.
  private func checkTrainable() throws(ModelGraphError) {
    for (layer, specs) in zip(graph.layers, weights) where layer.trainable {
      for spec in specs where spec.isTrained {
        let option =
          spec.constraint.map { "the constraint \($0.className)" }
          ?? spec.regularizer.flatMap {
            $0.factors == nil ? "the regularizer \($0.className)" : nil
          }
        if let option {
          throw ModelGraphError(
            .untrainable(option: option),
            at: .init(layer: layer.name, className: layer.displayClassName))
        }
      }
      if layer.hasActivityRegularizer {
        throw ModelGraphError(
          .untrainable(option: "activity_regularizer"),
          at: .init(layer: layer.name, className: layer.displayClassName))
      }
    }
  }
}

extension BuiltGraph {
  /// What the sizes of weights add to the loss: `Σ l1·|w| + l2·w²`; nil where no weight has a
  /// regularizer.
  public func regularizationLoss(_ builder: ProgramBuilder) throws(ModelGraphError) -> Value? {
    var sum: Value?
    for variable in trainedVariables {
      guard let factors = variable.spec.regularizer?.factors else { continue }
      let weight = builder.state(variable.name, variable.spec.shape)
      let axes = Array(0..<weight.rank)
      do {
        for (factor, function) in [(factors.l1, UnaryFunction.abs), (factors.l2, .square)]
        where factor != 0 {
          let term = try weight.apply(function).sum(axes: axes).scaled(by: Float(factor))
          sum = try sum.map { earlier throws(EngineError) in try earlier + term } ?? term
        }
      } catch {
        throw ModelGraphError(.engine(error), at: .init(layer: graph.layers[variable.layer].name))
      }
    }
    return sum
  }
}

extension Layer {
  /// Whether the sizes of its results would add to the loss.
  fileprivate var hasActivityRegularizer: Bool {
    settings["activity_regularizer"]?.isNull == false
      || wrapped.contains { $0.hasActivityRegularizer }
  }
}

extension Value {
  /// Whole numbers as float32.
  fileprivate func asFloats() throws(EngineError) -> Value {
    type.dtype == .int32 ? try toFloat() : self
  }

  /// Numbers as tokens; what is behind the point is dropped.
  func asTokens() throws(EngineError) -> Value {
    type.dtype == .int32 ? self : try toInt()
  }
}

extension ModelGraphError {
  /// An error of this module as it is; one of the engine as its kind.
  init(wrapping error: any Error) {
    switch error {
    case let error as ModelGraphError: self = error
    case let error as EngineError: self.init(.engine(error))
    default: self.init(.engine(EngineError(.options(op: "layer", reason: "\(error)"))))
    }
  }
}
