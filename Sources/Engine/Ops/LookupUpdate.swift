import Kernels
import Tensors

/// The update of a table [V, D] that was only looked up, from a row of gradient for each token: what
/// `scatterAdd` and an update rule do, without the gradient of the whole table in between.
///
/// Operands: the table, the rows [N…, D], their tokens int32 [N…], the slots, the settings; results: the
/// new table and the new slots. A rule that takes squares gets Σ g² over the rows of a token. Rows that no
/// token names are updated with a gradient of 0, as Keras does.
/// Made by a pass, never by an optimizer.
package struct LookupUpdate: Op {
  package let rule: any UpdateRule

  package init(_ rule: any UpdateRule) { self.rule = rule }

  package var name: String { "lookup" + rule.name.prefix(1).uppercased() + rule.name.dropFirst() }
  package var options: String { rule.options }

  /// The place of the first slot among the operands.
  private static let firstSlot = 3

  package var inPlace: [InPlacePair] {
    [.init(output: 0, input: 0)]
      + rule.slotNames.indices.map { .init(output: $0 + 1, input: $0 + Self.firstSlot) }
  }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let tables = inputs.prefix(1) + inputs.dropFirst(Self.firstSlot).dropLast()
    guard inputs.count == Self.firstSlot + rule.slotNames.count + 1,
      inputs.last == UpdateSettings.type, inputs[0].dtype == .float32, inputs[0].shape.rank == 2,
      tables.allSatisfy({ $0 == inputs[0] }), inputs[1].dtype == .float32,
      inputs[2].dtype == .int32,
      inputs[1].shape.dimensions == inputs[2].shape.dimensions + [inputs[0].shape[1]]
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "a table [V, D], rows […, D], int32 tokens […], slots and settings"))
    }
    return Array(repeating: inputs[0], count: rule.slotNames.count + 1)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (rows, tokens) = (inputs[1], inputs[2])
    let scatter = ScatterAdd(rows: inputs[0].shape[0])
    var squares = rows
    squares.values = rows.values.map { $0 * $0 }
    var operands = [inputs[0], scatter.reference([tokens, rows], run)[0]]
    if rule.takesSquares { operands.append(scatter.reference([tokens, squares], run)[0]) }
    return rule.reference(operands + inputs.dropFirst(Self.firstSlot), run)
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    Array(repeating: nil, count: context.inputs.count)
  }

  /// Rows of the table that a thread updates at once: their gradients stay in its caches.
  private func blockLength(_ table: Shape) -> Int { max(1, 16_384 / max(table[1], 1)) }

  private func blockCount(_ table: Shape) -> Int {
    blockLength(table) * table[1] * (rule.takesSquares ? 2 : 1)
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    TokenOrder.scratchCount(rows: inputs[0].shape[0], tokens: inputs[2].shape.count)
      + threads * blockCount(inputs[0].shape)
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let table = step.inputTypes[0].shape
    let (height, width) = (table[0], table[1])
    let tokens = step.inputs[2]
    let count = TokenOrder.scratchCount(rows: height, tokens: tokens.count)
    let order = TokenOrder(tokens, rows: height, scratch: step.scratch.slice(0, count))
    let whole = UpdateOperands(
      parameter: step.updatedParameter, gradient: step.inputs[1], squares: nil,
      slots: step.updatedSlots)
    let settings = step.settings
    let (blockLength, blockCount) = (blockLength(table), blockCount(table))
    let blocks = (height + blockLength - 1) / blockLength
    // Every other update goes through the table from its end, where the last one has left it in the cache.
    let goesBack = settings.count.truncatingRemainder(dividingBy: 2) == 1
    parallelByTurns(blocks, threads: run.threads) { range, thread in
      let block = step.scratch.slice(count + thread * blockCount, blockCount)
      for turn in range {
        let index = goesBack ? blocks - 1 - turn : turn
        let rows = index * blockLength..<min((index + 1) * blockLength, height)
        let elements = rows.lowerBound * width..<rows.upperBound * width
        let gradient = block.slice(0, elements.count)
        let squares =
          rule.takesSquares ? block.slice(blockLength * width, elements.count) : nil
        order.addRows(
          of: step.inputs[1], width: width, for: rows, into: gradient, squares: squares)
        rule.update(
          whole.part(elements, gradient: gradient, squares: squares), rate: settings.rate,
          count: settings.count, threads: 1)
      }
    }
  }
}
