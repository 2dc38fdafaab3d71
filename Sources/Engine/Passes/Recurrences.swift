import Kernels
import Tensors

/// Makes of a recurrent layer only what is read, and packs its kernels once instead of in each run.
///
/// Patterns: an `lstm`, `gru` or `simpleRNN`
///
///  - whose outputs of all steps nothing reads, or whose results for the gradient: the same without them;
///  - whose kernels depend on variables alone, where it gives nothing for the gradient: the same by
///    `pack(kernel)` and `pack(recurrentKernel)`. A table in the place of the kernel stays, and so does
///    a GRU that resets before its product, which takes its kernel apart.
///
/// Exact: the same sums in the same order. Always pays: what is not made is not written, and kernels
/// would be packed in any case. Where the processor has no tiles nothing is packed.
struct Recurrences: Pass {
  func rewrite(_ program: Program) -> Program {
    var result = program
    let (uses, fixed) = (program.useCounts, program.fixedValues)
    // From the end on, so that the places of those before stay.
    for (index, instruction) in program.instructions.enumerated().reversed() {
      guard let layer = instruction.op as? Recurrence else { continue }
      var settings = layer.settings
      let results = settings.results(instruction.outputs)
      settings.savesSteps = results.saved.contains { uses[$0] > 0 }
      settings.givesSequence = results.sequence.map { uses[$0] > 0 } ?? false
      var rewritten = instruction
      rewritten.outputs =
        (settings.givesSequence ? results.sequence.map { [$0] } ?? [] : []) + results.states
        + (settings.savesSteps ? results.saved : [])
      var made: [Program.Instruction] = []
      let kernels = settings.takesTokens ? 2...2 : 1...2
      if PackedMatrix.lanes > 0, !settings.savesSteps, !settings.isPacked,
        settings.cell != .gru(resetsAfter: false),
        kernels.allSatisfy({ fixed[instruction.inputs[$0]] })
      {
        for place in kernels {
          guard
            let type = try? Pack().outputTypes([program.types[instruction.inputs[place]]])[0]
          else { continue }
          let packed = result.addValue(type)
          made.append(
            Program.Instruction(op: Pack(), inputs: [instruction.inputs[place]], outputs: [packed]))
          rewritten.inputs[place] = packed
        }
        settings.isPacked = made.count == kernels.count
        if !settings.isPacked { (made, rewritten.inputs) = ([], instruction.inputs) }
      }
      rewritten.op = Recurrence(settings)
      result.instructions.replaceSubrange(index...index, with: made + [rewritten])
    }
    return result
  }
}
