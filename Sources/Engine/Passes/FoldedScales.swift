import Tensors

/// Scales the kernel of a product instead of its results.
///
/// Pattern: `scaleShift(product(x, kernel) + bias, scale, shift)`, of a convolution or a matrix product whose
/// results nothing else reads, where kernel, bias, scale and shift depend on variables alone; as after
/// a layer comes a normalisation by running statistics. Rewrite:
/// `product(x, kernel · scale) + (bias · scale + shift)`.
///
/// Equal up to rounding: each term is multiplied before it is added. Always pays: the new kernel and bias
/// are computed once, and what is left is a bias, which a product takes in.
package struct FoldedScales: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    guard program.instructions.contains(where: { $0.op is ScaleShift }) else { return program }
    var result = program
    let facts = Facts(program)
    // From the end on, so that the places of those before stay.
    for index in program.instructions.indices.reversed() {
      guard let match = match(program, facts, at: index) else { continue }
      result.instructions.replaceSubrange(index...index, with: rewritten(match, in: &result))
    }
    return result
  }

  private struct Match {
    let product: Program.Instruction
    let bias: Int?
    let scaling: Program.Instruction
  }

  /// What is asked of the program at each of its instructions.
  private struct Facts {
    let producers: [Int?]
    let uses: [Int]
    let fixed: [Bool]

    init(_ program: Program) {
      producers = program.producers
      uses = program.useCounts
      fixed = program.fixedValues
    }
  }

  private func match(_ program: Program, _ facts: Facts, at index: Int) -> Match? {
    let scaling = program.instructions[index]
    let fixed = facts.fixed
    func producer(of value: Int) -> Program.Instruction? {
      facts.uses[value] == 1 ? facts.producers[value].map { program.instructions[$0] } : nil
    }
    guard scaling.op is ScaleShift, scaling.inputs.dropFirst().allSatisfy({ fixed[$0] }),
      var product = producer(of: scaling.inputs[0])
    else { return nil }
    var bias: Int?
    if let sum = product.op as? Binary, sum.function == .add, fixed[product.inputs[1]],
      program.types[product.inputs[1]] == program.types[scaling.inputs[1]],
      let before = producer(of: product.inputs[0])
    {
      (bias, product) = (product.inputs[1], before)
    }
    let isProduct = product.op is Conv || (product.op as? MatMul).map { !$0.transposeB } ?? false
    guard isProduct, fixed[product.inputs[1]] else { return nil }
    return Match(product: product, bias: bias, scaling: scaling)
  }

  private func rewritten(_ match: Match, in program: inout Program) -> [Program.Instruction] {
    let (scale, shift) = (match.scaling.inputs[1], match.scaling.inputs[2])
    var made: [Program.Instruction] = []
    func apply(_ op: any Op, _ inputs: [Int], like value: Int, in program: inout Program) -> Int {
      let result = program.addValue(program.types[value])
      made.append(Program.Instruction(op: op, inputs: inputs, outputs: [result]))
      return result
    }
    let kernel = match.product.inputs[1]
    let scaled = apply(Binary(.multiply), [kernel, scale], like: kernel, in: &program)
    var term = shift
    if let bias = match.bias {
      let product = apply(Binary(.multiply), [bias, scale], like: shift, in: &program)
      term = apply(Binary(.add), [product, shift], like: shift, in: &program)
    }
    let sums = apply(
      match.product.op, [match.product.inputs[0], scaled], like: match.scaling.outputs[0],
      in: &program)
    made.append(
      Program.Instruction(
        op: Binary(.add), inputs: [sums, term], outputs: match.scaling.outputs))
    return made
  }
}
