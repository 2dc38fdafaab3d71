import Kernels
import Tensors

/// Replaces what is linear in the rows of an embedding by a look-up of precomputed products.
///
/// Patterns, where `rows` is `gather(embedding, tokens)`, maybe under another shape that keeps the last
/// axis, and embedding and kernel depend on variables alone:
///
///     conv1d(rows, kernel)           → tokenConv1d(tokenTable(embedding, kernel), tokens)
///     conv1dMaximum(rows, kernel)    → tokenConv1dMaximum(the same), where nothing reads the ties
///     matmul(rows, kernel)           → gather(matmul(embedding, kernel), tokens)
///     lstm(rows, kernel, …)          → lstm(tokens, matmul(embedding, kernel), …), and so gru and simpleRNN,
///                                      where nothing reads what they give for the gradient
///
/// Exact but for the order of additions: a row of a product is the product of a row. The sum over
/// channels is rounded for each tap before the taps are added up, so results may differ in their last
/// bits; a NaN reaches the same outputs as before.
///
/// Pays where the plan is run on so many tokens that the multiplications which this saves outweigh
/// the table's, which are those of convolving the whole vocabulary once: from twice the vocabulary on,
/// since the table's memory has to be made and written too. Rows of less than 16 channels are multiplied
/// as fast as they are looked up. Larger tables than `largestTable` are not made, nor is any where the
/// program learns, as its variables change with each run.
struct TokenTables: Pass {
  /// How often the plan is to run before a variable changes.
  let runs: Int

  /// The bytes of one table at most.
  static let largestTable = 1 << 29
  private static let fewestChannels = 16

  func rewrite(_ program: Program) -> Program {
    var result = program
    // From the end on, so that the places of those before stay.
    for match in matches(program).reversed() where runs >= match.leastRuns {
      apply(match, to: &result)
    }
    return result
  }

  /// The numbers of runs for which the rewrite is the same as for `runs`.
  func equivalentRuns(_ program: Program) -> ClosedRange<Int> {
    matches(program).reduce(1...Int.max) { range, match in
      runs >= match.leastRuns
        ? max(range.lowerBound, match.leastRuns)...range.upperBound
        : range.lowerBound...min(range.upperBound, match.leastRuns - 1)
    }
  }

  /// An instruction that can look up its results.
  private struct Match {
    let instruction: Int
    let embedding: Int
    let tokens: Int
    /// The shape in which the instruction takes the tokens.
    let tokenShape: Shape
    let replacement: Replacement
    let table: TensorType
    /// From so many runs on the table pays.
    let leastRuns: Int
  }

  /// What takes the place of an op on rows and a kernel.
  private struct Replacement {
    /// What makes the table.
    let product: any Op
    /// What reads it.
    let op: any Op
    /// How many of the results it gives, from the first on.
    var outputCount = 1
    var takesTokensFirst = false

    func inputs<Operand>(
      table: Operand, tokens: Operand, _ rest: some Collection<Operand>
    ) -> [Operand] {
      (takesTokensFirst ? [tokens, table] : [table, tokens]) + rest
    }
  }

  private func apply(_ match: Match, to program: inout Program) {
    let instruction = program.instructions[match.instruction]
    let replacement = match.replacement
    let table = program.addValue(match.table)
    var tokens = match.tokens
    var made = [
      Program.Instruction(
        op: replacement.product, inputs: [match.embedding, instruction.inputs[1]],
        outputs: [table])
    ]
    if program.types[tokens].shape != match.tokenShape {
      let flat = program.addValue(TensorType(match.tokenShape, .int32))
      made.append(
        Program.Instruction(op: Reshape(match.tokenShape), inputs: [tokens], outputs: [flat]))
      tokens = flat
    }
    made.append(
      Program.Instruction(
        op: replacement.op,
        inputs: replacement.inputs(
          table: table, tokens: tokens, instruction.inputs.dropFirst(2)),
        outputs: Array(instruction.outputs.prefix(replacement.outputCount))))
    program.instructions.replaceSubrange(match.instruction...match.instruction, with: made)
  }

  private func matches(_ program: Program) -> [Match] {
    let (producers, uses, fixed) = (program.producers, program.useCounts, program.fixedValues)
    return program.instructions.indices.compactMap { index in
      let instruction = program.instructions[index]
      guard instruction.inputs.count > 1, fixed[instruction.inputs[1]],
        let (embedding, tokens) = lookUp(behind: instruction.inputs[0], program, producers),
        fixed[embedding], !fixed[tokens],
        let replacement = replacement(
          of: instruction.op, kernel: program.types[instruction.inputs[1]].shape),
        instruction.outputs.dropFirst(replacement.outputCount).allSatisfy({ uses[$0] == 0 })
      else { return nil }
      let rows = program.types[instruction.inputs[0]].shape
      let types = instruction.inputs.map { program.types[$0] }
      let vocabulary = program.types[embedding].shape[0]
      let tokenShape = Shape(Array(rows.dimensions.dropLast()))
      guard rows.dimensions.last ?? 0 >= Self.fewestChannels, vocabulary > 0, tokenShape.count > 0,
        let table = try? replacement.product.outputTypes([program.types[embedding], types[1]])[0],
        table.shape.count <= Self.largestTable / 4,
        let results = try? replacement.op.outputTypes(
          replacement.inputs(
            table: table, tokens: TensorType(tokenShape, .int32), types.dropFirst(2))),
        results == instruction.outputs.prefix(replacement.outputCount).map({ program.types[$0] })
      else { return nil }
      return Match(
        instruction: index, embedding: embedding, tokens: tokens, tokenShape: tokenShape,
        replacement: replacement, table: table,
        leastRuns: max(1, (2 * vocabulary + tokenShape.count - 1) / tokenShape.count))
    }
  }

  private func replacement(of op: any Op, kernel: Shape) -> Replacement? {
    switch op {
    case let op as Conv where op.settings.axes == 1 && op.settings.groups == 1:
      Replacement(
        product: TokenTable(),
        op: TokenConv1D(op.settings, size: kernel[0], filters: kernel[2], takesMaximum: false))
    case let op as Conv1DMaximum:
      Replacement(
        product: TokenTable(),
        op: TokenConv1D(op.settings, size: kernel[0], filters: kernel[2], takesMaximum: true))
    case let op as MatMul where !op.transposeA:
      Replacement(product: op, op: Gather())
    case let op as Recurrence where !op.settings.takesTokens && !op.settings.isPacked:
      Replacement(
        product: MatMul(), op: op.takingTokens,
        outputCount: (op.settings.givesSequence ? 1 : 0) + op.settings.cell.states,
        takesTokensFirst: true)
    default: nil
    }
  }

  /// The operands of the gather that `value` is the result of, through views that keep its rows.
  private func lookUp(
    behind value: Int, _ program: Program, _ producers: [Int?]
  ) -> (embedding: Int, tokens: Int)? {
    guard let instruction = producers[value].map({ program.instructions[$0] }),
      let source = instruction.inputs.first
    else { return nil }
    if instruction.op is Gather { return (source, instruction.inputs[1]) }
    let types = program.types
    guard instruction.op is Reshape,
      types[source].shape.dimensions.last == types[value].shape.dimensions.last
    else { return nil }
    return lookUp(behind: source, program, producers)
  }
}

extension Recurrence {
  /// The layer on tokens, which gives nothing for a gradient.
  fileprivate var takingTokens: Recurrence {
    var settings = settings
    settings.takesTokens = true
    settings.savesSteps = false
    return Recurrence(settings)
  }
}
