/// How programs come to be.
public import Tensors

/// Collects ops into a program. Layers, losses and optimizers apply ops to `Value`s; the builder
/// checks types as they come, so a program that was built is sound.
public final class ProgramBuilder {
  package private(set) var program = Program()
  /// What a variable was assigned while the program was built, by its state; and the way back.
  private var assigned: [Int: Int] = [:]
  private var origins: [Int: Int] = [:]

  public init() {}

  /// A value that is passed in for each run.
  public func input(_ name: String, _ type: TensorType) -> Value {
    let value = newValue(type)
    program.inputs.append(.init(name: name, value: value.id))
    return value
  }

  /// The value of the variable `name`, as it is when a run starts or as it was assigned last.
  public func state(_ name: String, _ shape: Shape) -> Value {
    if let port = program.states.first(where: { $0.name == name }) {
      return value(assigned[port.value] ?? port.value)
    }
    let value = newValue(TensorType(shape))
    program.states.append(.init(name: name, value: value.id))
    return value
  }

  /// Makes `value` readable under `name` after a run.
  public func output(_ name: String, _ value: Value) {
    program.outputs.append(.init(name: name, value: value.id))
  }

  /// Gives the variable behind `state` the contents of `value` once the run is over.
  ///
  /// - Precondition: `state` came from `state(_:_:)`, and both have the same type.
  public func update(_ state: Value, to value: Value) {
    let root = origins[state.id] ?? state.id
    precondition(
      state.type == value.type && program.states.contains { $0.value == root },
      "an update of \(state.type) to \(value.type)")
    if assigned[root] != nil { program.updates.removeAll { $0.state == root } }
    program.updates.append(.init(state: root, value: value.id))
  }

  /// Gives the variable behind `state` the contents of `value` before the program goes on: what asks for
  /// the variable from here on gets `value`. Gradients are those of `value`, and an update replaces it.
  ///
  /// - Precondition: `state` came from `state(_:_:)`, and both have the same type.
  public func assign(_ state: Value, to value: Value) {
    update(state, to: value)
    let root = origins[state.id] ?? state.id
    assigned[root] = value.id
    origins[value.id] = root
  }

  /// Applies `op` and gives its results.
  package func apply(_ op: any Op, _ inputs: [Value]) throws(EngineError) -> [Value] {
    for input in inputs { precondition(input.builder === self, "a value of another program") }
    let types = try op.outputTypes(inputs.map(\.type))
    let outputs = types.map(newValue)
    program.instructions.append(
      .init(op: op, inputs: inputs.map(\.id), outputs: outputs.map(\.id)))
    return outputs
  }

  /// Rewrites what was built so far, as if `value` were an output. All values stay valid.
  func rewrite(_ passes: [any Pass], keeping value: Value) {
    program.outputs.append(.init(name: "", value: value.id))
    program = passes.reduce(program) { $1.rewrite($0) }
    program.outputs.removeLast()
  }

  package func value(_ id: Int) -> Value {
    Value(builder: self, id: id, type: program.types[id])
  }

  private func newValue(_ type: TensorType) -> Value {
    program.types.append(type)
    return Value(builder: self, id: program.types.count - 1, type: type)
  }
}

extension Value {
  /// Applies an op with one result to this value and `others`.
  package func apply(_ op: any Op, _ others: Value...) throws(EngineError) -> Value {
    try builder.apply(op, [self] + others)[0]
  }
}
