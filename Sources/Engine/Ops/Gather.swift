import Kernels
import Tensors

/// Rows of a table by their numbers: `y[…, d] = table[tokens[…], d]`, as an embedding does.
package struct Gather: PartialOp {
  package init() {}
  package var name: String { "gather" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, inputs[0].dtype == .float32, inputs[0].shape.rank == 2,
      inputs[1].dtype == .int32,
      let shape = Shape(checking: inputs[1].shape.dimensions + [inputs[0].shape[1]])
    else {
      throw EngineError(
        .operandTypes(op: name, found: inputs, expected: "a float32 table [V, D] and int32 tokens"))
    }
    return [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (table, tokens) = (inputs[0], inputs[1])
    let width = table.shape[1]
    return [
      ReferenceTensor(
        Shape(tokens.shape.dimensions + [width]),
        tokens.values.flatMap { token in (0..<width).map { table[Int(token), $0] } })
    ]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (table, tokens) = (context.inputs[0], context.inputs[1])
    return [
      try tokens.apply(ScatterAdd(rows: table.shape[0]), context.outputGradients[0]), nil,
    ]
  }

  package func partUnit(_ inputs: [TensorType], _ output: TensorType) -> Int {
    inputs[0].shape[1]
  }

  package func prepare(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    try Self.check(step.inputs[1], vocabulary: step.inputTypes[0].shape[0])
  }

  package func execute(_ step: ExecutionStep, part: Range<Int>, _ run: RunContext) {
    let width = step.inputTypes[0].shape[1]
    gatherRows(
      of: step.inputs[0], width: width,
      at: step.inputs[1].slice(part.lowerBound / width, part.count / width),
      into: step.outputs[0].slice(part.lowerBound, part.count), threads: 1)
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    try prepare(step, run)
    gatherRows(
      of: step.inputs[0], width: step.inputTypes[0].shape[1], at: step.inputs[1],
      into: step.outputs[0], threads: run.threads)
  }

  /// - Throws: where a token is not in 0 ..< `vocabulary`, under the name of the op that a layer made.
  static func check(_ tokens: Buffer, vocabulary: Int) throws(EngineError) {
    guard let bad = firstIndex(in: tokens, outside: vocabulary) else { return }
    throw EngineError(
      .indexOutOfRange(
        op: Gather().name, index: Int(bad.value), position: bad.position, bound: vocabulary))
  }
}

/// The gradient of a gather: `y[v, d] = Σ g[i, d]` over the positions i whose token is v.
package struct ScatterAdd: Op {
  package let rows: Int

  package init(rows: Int) { self.rows = rows }
  package var name: String { "scatterAdd" }
  package var options: String { "rows=\(rows)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, inputs[0].dtype == .int32, inputs[1].dtype == .float32,
      let width = inputs[1].shape.dimensions.last,
      inputs[1].shape.dimensions == inputs[0].shape.dimensions + [width]
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "int32 tokens […] and float32 rows […, D]"))
    }
    return [TensorType([rows, width])]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (tokens, gradient) = (inputs[0], inputs[1])
    let width = gradient.shape[gradient.shape.rank - 1]
    var sum = ReferenceTensor([rows, width])
    for (position, token) in tokens.values.enumerated() {
      for d in 0..<width { sum[Int(token), d] += gradient.values[position * width + d] }
    }
    return [sum]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let table = context.outputGradients[0]
    return [nil, try table.gathered(by: context.inputs[0])]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    scatterAddRows(
      step.inputs[1], width: step.outputTypes[0].shape[1], at: step.inputs[0], rows: rows,
      into: step.outputs[0], threads: run.threads)
  }
}

extension Value {
  /// The rows of this table [V, D] that `tokens` (int32, any shape) number from 0: […, D].
  ///
  /// A run throws `EngineError.Kind.indexOutOfRange` where a token is not in 0 ..< V.
  public func gathered(by tokens: Value) throws(EngineError) -> Value {
    try apply(Gather(), tokens)
  }
}
