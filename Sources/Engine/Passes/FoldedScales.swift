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
    var result = program
    // From the end on, so that the places of those before stay.
    for index in program.instructions.indices.reversed() {
      guard let match = match(program, at: index) else { continue }
      result.instructions.replaceSubrange(index...index, with: rewritten(match, in: &result))
    }
    return result
  }

  private struct Match {
    let product: Program.Instruction
    let bias: Int?
    let scaling: Program.Instruction
  }

  private func match(_ program: Program, at index: Int) -> Match? {
    let scaling = program.instructions[index]
    let (producers, uses, fixed) = (program.producers, program.useCounts, program.fixedValues)
    func producer(of value: Int) -> Program.Instruction? {
      uses[value] == 1 ? producers[value].map { program.instructions[$0] } : nil
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
