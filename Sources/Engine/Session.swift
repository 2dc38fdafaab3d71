/// Runs a plan: owns the memory, steps through the instructions.
package import Kernels
public import Tensors

/// One plan with memory to run it in, on the variables of a model. Not for two threads at once.
public final class Session {
  public let plan: Plan
  private let places: Places
  private let steps: [BoundOp]
  private let copies: [(from: Buffer, to: Buffer, keeping: Memory?)]
  private let variables: Variables
  /// What depends on variables alone, in the order in which it can be computed.
  private let preparations: [(op: BoundOp, results: [Preparation])]
  /// That of the variables when all preparations were last found to be up to date.
  private var generation = -1

  /// - Throws: `EngineError` where a variable is missing or has another shape than the program's.
  public init(_ plan: Plan, variables: Variables) throws(EngineError) {
    let program = plan.program
    let memory = Memory(count: plan.memoryCount)
    var states: [Memory] = []
    for port in program.states {
      states.append(try variables.memory(port.name, shape: program.types[port.value].shape))
    }
    let prepared = Self.prepared(program, plan, variables)
    let places = Places(plan: plan, memory: memory, states: states, prepared: prepared)
    let scratch = memory.buffer(plan.scratchOffset..<plan.memoryCount)
    func bound(_ instruction: Program.Instruction) -> BoundOp {
      BoundOp(
        op: instruction.op,
        step: ExecutionStep(
          inputs: instruction.inputs.map(places.buffer),
          outputs: instruction.outputs.map(places.buffer),
          scratch: scratch, inputTypes: instruction.inputs.map { program.types[$0] },
          outputTypes: instruction.outputs.map { program.types[$0] }))
    }
    let instructions = program.instructions.filter { !$0.op.isView }
    steps = instructions.filter { prepared[$0.outputs[0]] == nil }.map(bound)
    preparations = instructions.filter { prepared[$0.outputs[0]] != nil }.map {
      (bound($0), $0.outputs.compactMap { prepared[$0] })
    }
    self.variables = variables
    copies = places.copies
    self.plan = plan
    self.places = places
  }

  /// Passes the input at `index` for the runs that follow.
  ///
  /// - Throws: `EngineError` where the shape is not the plan's, or the element type cannot be used.
  public func setInput(_ index: Int, _ tensor: Tensor) throws(EngineError) {
    let port = plan.program.inputs[index]
    let type = plan.program.types[port.value]
    guard tensor.shape == type.shape else {
      throw EngineError(
        .input(name: port.name, expected: type, found: "\(tensor.dtype) \(tensor.shape)"))
    }
    if type.dtype == .float32 {
      inputBuffer(index).store(tensor.scalars.floats)
    } else if case .int32(let values) = tensor.scalars {
      inputBuffer(index).store(values)
    } else {
      inputBuffer(index).store(tensor.scalars.doubles.map { Int32(exactly: $0) ?? -1 })
    }
  }

  /// The memory of an input, for callers that gather batches straight into it.
  package func inputBuffer(_ index: Int) -> Buffer {
    places.buffer(plan.program.inputs[index].value)
  }

  /// Runs the plan once on the inputs and variables as they are.
  ///
  /// - Throws: `EngineError` where an element makes no sense, such as a token outside an embedding.
  ///   The variables are then as before the run, except where a running average was updated in place.
  package func run(_ context: RunContext) throws(EngineError) {
    var context = context
    context.threads = plan.threads
    defer { if !plan.program.updates.isEmpty { variables.noteChange() } }
    try withoutDenormals { () throws(EngineError) in
      try prepare(context)
      for step in steps { try step.run(context) }
    }
    for copy in copies { copy.to.copy(from: copy.from) }
  }

  /// Computes what depends on variables alone, where one has changed since it was last computed.
  private func prepare(_ context: RunContext) throws(EngineError) {
    guard generation != variables.generation else { return }
    for (op, results) in preparations
    where results.contains(where: { $0.generation != variables.generation }) {
      try op.run(context)
      for result in results { result.generation = variables.generation }
    }
    generation = variables.generation
  }

  /// The memory of the values that the plan has outside the session's, by their numbers.
  private static func prepared(
    _ program: Program, _ plan: Plan, _ variables: Variables
  ) -> [Int: Preparation] {
    var prepared: [Int: Preparation] = [:]
    for (value, definition) in program.definitions().enumerated() {
      guard plan.places[value] == .prepared(value), let definition else { continue }
      prepared[value] = variables.preparation(definition, count: program.types[value].shape.count)
    }
    return prepared
  }

  /// Runs the plan with the given seed and run number.
  public func run(seed: UInt64 = 0, step: UInt64 = 0) throws(EngineError) {
    try run(RunContext(seed: seed, step: step))
  }

  /// The output `name` of the last run, copied out.
  ///
  /// - Precondition: the program has that output.
  public func output(_ name: String) -> Tensor {
    let port = outputPort(name)
    let type = plan.program.types[port.value]
    return type.dtype == .float32
      ? Tensor(type.shape, places.buffer(port.value).floatArray)
      : Tensor(type.shape, places.buffer(port.value).intArray)
  }

  /// The same in the memory of an earlier copy, where there is one that nobody else holds.
  package func copyOutput(_ name: String, into tensor: inout Tensor?) {
    let port = outputPort(name)
    places.buffer(port.value).copy(into: &tensor, plan.program.types[port.value])
  }

  private func outputPort(_ name: String) -> Program.Port {
    guard let port = plan.program.outputs.first(where: { $0.name == name }) else {
      preconditionFailure("the program has no output '\(name)'")
    }
    return port
  }
}

/// An op on its operands; an object, so that a run passes over the ops without copying what they hold.
private final class BoundOp {
  private let op: any Op
  private let step: ExecutionStep

  init(op: any Op, step: ExecutionStep) {
    self.op = op
    self.step = step
  }

  func run(_ context: RunContext) throws(EngineError) { try op.execute(step, context) }
}

/// A plan's places in the memory of one session; keeps that memory and the variables' alive.
private struct Places {
  let plan: Plan
  let memory: Memory
  let states: [Memory]
  let prepared: [Int: Preparation]

  func buffer(_ value: Int) -> Buffer {
    let count = plan.program.types[value].shape.count
    switch plan.places[value] {
    case .memory(let offset): return memory.buffer(offset..<offset + count)
    case .state(let index): return states[index].buffer(0..<count)
    case .prepared(let owner):
      guard let preparation = prepared[owner] else { preconditionFailure("an unprepared value") }
      return preparation.memory.buffer(0..<count)
    case nil: preconditionFailure("a value without a place")
    }
  }

  /// What to copy when a run is over. A state whose new contents are another state's is copied last,
  /// by way of memory of its own, since that other state may get new contents too.
  var copies: [(from: Buffer, to: Buffer, keeping: Memory?)] {
    var first: [(Buffer, Buffer, Memory?)] = []
    var last: [(Buffer, Buffer, Memory?)] = []
    for update in plan.copies {
      let (from, to) = (buffer(update.value), buffer(update.state))
      if case .state = plan.places[update.value] {
        let between = Memory(count: from.count)
        let buffer = between.buffer(0..<from.count)
        first.insert((from, buffer, between), at: 0)
        last.append((buffer, to, between))
      } else {
        last.append((from, to, nil))
      }
    }
    return first + last
  }
}
