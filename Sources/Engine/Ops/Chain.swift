import Kernels
import Tensors

/// An op whose only output can be computed part by part.
package protocol PartialOp: Op {
  /// Elements of the output of which a part must be a multiple (but for the end of the last).
  func partUnit(_ inputs: [TensorType], _ output: TensorType) -> Int

  /// What `execute` does before the first part.
  func prepare(_ step: ExecutionStep, _ run: RunContext) throws(EngineError)

  /// Computes the elements `part` of the output, in the calling thread.
  func execute(_ step: ExecutionStep, part: Range<Int>, _ run: RunContext)
}

extension PartialOp {
  package func prepare(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {}

  /// Computes the output in parts of `unit` elements or a multiple, shared out over the threads.
  func execute(_ step: ExecutionStep, inPartsOf unit: Int, _ run: RunContext) {
    let count = step.outputs[0].count
    parallelByTurns(count, threads: run.threads, multiple: unit) { range, _ in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: unit) {
        execute(step, part: start..<min(start + unit, range.upperBound), run)
      }
    }
  }
}

/// An op, and one that changes its result in place, part by part: the second finds in the cache what
/// the first has just left there.
///
/// Operands are those of the first op. Made by a pass, never by a layer.
package struct Chain: Op {
  package let first: any PartialOp
  package let second: any PartialOp

  package init(_ first: any PartialOp, _ second: any PartialOp) {
    self.first = first
    self.second = second
  }

  package var name: String { "\(first.name), \(second.name)" }
  package var options: String {
    [first.options, second.options].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  package var isRandom: Bool { first.isRandom || second.isRandom }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    try second.outputTypes(first.outputTypes(inputs))
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    second.reference(first.reference(inputs, run), run)
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made after differentiation"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { first.scratchCount(inputs, outputs, threads: threads) }

  /// Elements of a part: many enough to be worth a call, few enough to stay in a cache.
  private static let partCount = 1 << 14

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    try first.prepare(step, run)
    let result = ExecutionStep(
      inputs: step.outputs, outputs: step.outputs, scratch: step.scratch,
      inputTypes: step.outputTypes, outputTypes: step.outputTypes)
    let (a, b) = (
      first.partUnit(step.inputTypes, step.outputTypes[0]),
      second.partUnit(step.outputTypes, step.outputTypes[0])
    )
    let unit = a * b / Self.greatestCommonDivisor(a, b)
    let part = max(Self.partCount / unit, 1) * unit
    parallelByTurns(step.outputs[0].count, threads: run.threads, multiple: unit) { range, _ in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: part) {
        let part = start..<min(start + part, range.upperBound)
        first.execute(step, part: part, run)
        second.execute(result, part: part, run)
      }
    }
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }
}
