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
    var penalties: [Value] = []
    return try trace(builder, inputs: inputs, mode: mode, penalties: &penalties)
  }

  /// The same with what the sizes of layers' results add to the loss.
  ///
  /// - Parameter penalties: each layer's is appended.
  public func trace(
    _ builder: ProgramBuilder, inputs: [Value], mode: Mode, penalties: inout [Value]
  ) throws(ModelGraphError) -> [Signal] {
    if mode == .training { try checkTrainable() }
    let collected = LayerContext.Penalties()
    defer { penalties += collected.values }
    return try graph.call(inputs.map { Signal($0) }) { index, layer in
      var variables: [String: Value] = [:]
      let place = graph.nodes[index].layer
      for spec in weights[place] + self.states[place] {
        variables[spec.name] = builder.state(variableName(place, spec), spec.shape)
      }
      return LayerContext(
        builder: builder, mode: mode, stream: UInt64(index), weights: variables,
        penalties: collected)
    }
  }

  /// Refuses options that would make training other than Keras's.
  private func checkTrainable() throws(ModelGraphError) {
    for (layer, specs) in zip(graph.layers, weights) where layer.trainable {
      for spec in specs where spec.isTrained {
        let option =
          spec.constraint.flatMap { $0.rule == nil ? "the constraint \($0.className)" : nil }
          ?? spec.regularizer.flatMap {
            $0.rule == nil ? "the regularizer \($0.className)" : nil
          }
        if let option {
          throw ModelGraphError(
            .untrainable(option: option),
            at: .init(layer: layer.name, className: layer.displayClassName))
        }
      }
    }
    for layer in graph.allLayers where layer.trainable {
      if let regularizer = layer.activityRegularizer, regularizer.rule == nil {
        throw ModelGraphError(
          .untrainable(option: "the regularizer \(regularizer.className)"),
          at: .init(layer: layer.name, className: layer.displayClassName))
      }
      if layer.wrapped.contains(where: { $0.activityRegularizer != nil }) {
        throw ModelGraphError(
          .untrainable(option: "activity_regularizer of a wrapped layer"),
          at: .init(layer: layer.name, className: layer.displayClassName))
      }
    }
  }
}

extension Graph {
  /// Builds the results of the layers, one after the other.
  ///
  /// - Parameter context: what the layer that a node calls may use.
  func call(
    _ inputs: [Signal], _ context: (Int, any Layer) -> LayerContext
  ) throws(ModelGraphError) -> [Signal] {
    guard inputs.count == self.inputs.count else {
      throw ModelGraphError(.inputCount(expected: self.inputs.count, found: inputs.count))
    }
    let given = Dictionary(
      zip(self.inputs.map(\.node), inputs), uniquingKeysWith: { first, _ in first })
    var results: [[Signal]] = []
    for (index, node) in nodes.enumerated() {
      let layer = layer(of: node)
      do {
        if let problem = node.problem { throw problem }
        var signals = node.inputs.map { results[$0.node][$0.output] }
        if node.inputs.isEmpty, let signal = given[index] { signals = [signal] }
        for (place, mask) in node.masks where signals.indices.contains(place) {
          signals[place].mask = results[mask.node][mask.output].value
        }
        try checkShapes(signals, of: layer)
        for place in signals.indices where !layer.takesTokens(at: place) && !(layer is InputLayer) {
          signals[place].value = try signals[place].value.asFloats()
        }
        let context = context(index, layer)
        let outputs = try layer.call(signals, context)
        for output in outputs {
          try context.penalise(output.value, by: layer.activityRegularizer)
        }
        results.append(outputs)
      } catch {
        throw ModelGraphError(wrapping: error)
          .located(layer: layer.name, className: layer.displayClassName)
      }
    }
    // The last layer of a chain may have several results.
    if form == .sequential { return results.last ?? [] }
    return outputs.map { results[$0.node][$0.output] }
  }

  /// The batch's actual shape must fit the one the graph was built for.
  private func checkShapes(_ signals: [Signal], of layer: any Layer) throws(ModelGraphError) {
    guard let input = layer as? InputLayer else { return }
    for signal in signals { try input.check(LayerShape(signal.value.shape.dimensions)) }
  }
}

extension BuiltGraph {
  /// What weights add to the loss; nil where no weight has a regularizer. Of weights that are trained, in
  /// Keras 1 and 2 of the others too.
  public func regularizationLoss(_ builder: ProgramBuilder) throws(ModelGraphError) -> Value? {
    var sum: Value?
    for variable in penalisesFrozenWeights ? variables : trainedVariables {
      guard let rule = variable.spec.regularizer?.rule else { continue }
      let weight = builder.state(variable.name, variable.spec.shape)
      do {
        for term in try rule.penalties(weight) {
          sum = try sum.map { earlier throws(EngineError) in try earlier + term } ?? term
        }
      } catch {
        throw ModelGraphError(.engine(error), at: .init(layer: graph.layers[variable.layer].name))
      }
    }
    return sum
  }
}

extension LayerContext {
  /// Adds to the loss what the size of a result costs, a batch's mean.
  func penalise(_ output: Value, by regularizer: Regularizer?) throws(EngineError) {
    guard let rule = regularizer?.rule, output.shape.count > 0 else { return }
    let share = 1 / Float(output.shape.dimensions.first ?? 1)
    for penalty in try rule.penalties(output) {
      penalties.values.append(try penalty.scaled(by: share))
    }
  }
}

extension Regularizer.Rule {
  fileprivate func penalties(_ x: Value) throws(EngineError) -> [Value] {
    switch self {
    case .sizes(let factors): return try factors.penalties(x)
    case .orthogonal(let factor, let ofRows):
      guard x.rank == 2 else {
        throw EngineError(
          .options(op: "OrthogonalRegularizer", reason: "it takes matrices, not shape \(x.shape)"))
      }
      let rows = ofRows ? x : try x.transposed([1, 0])
      let lengths = try rows.apply(.square).sum(axes: [1], keepDims: true).apply(.sqrt)
      let directions = try rows / lengths.maximum(x.builder.constant(1e-7))
      let count = rows.shape[0]
      guard count > 1 else { return [] }
      // Each pair stands twice, and beside the pairs each row with itself.
      let all = try directions.matmul(directions.transposed([1, 0])).apply(.abs).sum(axes: [0, 1])
      let others = try all - directions.apply(.square).sum(axes: [0, 1])
      let pairs = Float(count) * Float(count - 1) / 2
      return [try others.scaled(by: Float(factor) * 0.5 / pairs)]
    }
  }
}

extension Regularizer.Factors {
  /// `l1 · Σ|x|` and `l2 · Σx²`, those that are not 0.
  fileprivate func penalties(_ x: Value) throws(EngineError) -> [Value] {
    var penalties: [Value] = []
    for (factor, function) in [(l1, UnaryFunction.abs), (l2, .square)] where factor != 0 {
      let sum = try x.apply(function).sum(axes: Array(0..<x.rank))
      penalties.append(try sum.scaled(by: Float(factor)))
    }
    return penalties
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
