/// The primitive operations that programs are made of.
package import Kernels
import Tensors

/// One primitive operation: its shape rule, its naive meaning, its gradient and its fast execution.
///
/// An op is a value: its options are its properties, and its operands' types come to it. The
/// reference is the definition; `execute` must agree with it to rounding.
package protocol Op: Sendable {
  /// The name that a printed program shows, such as `conv1d`.
  var name: String { get }

  /// The types of the results.
  ///
  /// - Throws: `EngineError` where the operands' types do not fit together.
  func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType]

  /// The results by the definition, in float64.
  func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor]

  /// Builds the gradient of each input from those of the outputs; nil for an input that has none.
  func gradient(_ context: GradientContext) throws(EngineError) -> [Value?]

  /// Computes the results. Outputs hold arbitrary old contents on entry.
  ///
  /// - Throws: `EngineError` where an element makes no sense, such as an index outside its table.
  func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError)

  /// The number of 4-byte elements of working memory that `execute` needs.
  func scratchCount(_ inputs: [TensorType], _ outputs: [TensorType], threads: Int) -> Int

  /// Pairs of an output and an input of the same count that may share memory, since `execute` reads
  /// each element of the input before, or just when, it writes the same element of the output.
  var inPlace: [InPlacePair] { get }

  /// Whether the only output is the first input's elements under another shape.
  var isView: Bool { get }

  /// Whether the results follow from the seed and the number of the run besides the inputs.
  var isRandom: Bool { get }

  /// Options for the printed program, such as `stride=2`; empty where there are none.
  var options: String { get }
}

package struct InPlacePair: Sendable {
  package let output: Int
  package let input: Int
  package init(output: Int, input: Int) {
    self.output = output
    self.input = input
  }
}

extension Op {
  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { 0 }
  package var inPlace: [InPlacePair] { [] }
  package var isView: Bool { false }
  package var isRandom: Bool { false }
  package var options: String { "" }
}

/// What an op's gradient may use: its operands, its results, and the gradients of its results.
package struct GradientContext {
  package let builder: ProgramBuilder
  package let inputs: [Value]
  package let outputs: [Value]
  /// The gradient of the scalar that is differentiated, one per output; zeros where none flows.
  package let outputGradients: [Value]
  /// Which outputs' gradients are more than those zeros.
  package let isFlowing: [Bool]
  /// Which inputs' gradients are asked for; the others' may be nil.
  package let isNeeded: [Bool]
}

/// The operands of one op at run time. Made once for a plan, used in every run.
package struct ExecutionStep {
  package let inputs: [Buffer]
  package let outputs: [Buffer]
  package let scratch: Buffer
  package let inputTypes: [TensorType]
  package let outputTypes: [TensorType]
}

/// What changes from run to run besides the inputs.
package struct RunContext: Sendable {
  /// The seed of everything random in the session.
  package var seed: UInt64
  /// Counts runs, so that each draws numbers of its own; the same (seed, step) draws the same again.
  package var step: UInt64
  package var threads: Int

  package init(seed: UInt64 = 0, step: UInt64 = 0, threads: Int = 1) {
    self.seed = seed
    self.step = step
    self.threads = threads
  }
}
