import Kernels
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Random numbers n of the standard normal distribution, added or multiplied in:
///
///     y = x + deviation · n        or        y = x · (1 + deviation · n)
///
/// The numbers are a pure function of the run's seed and step, of `stream`, and of the element's index,
/// as those of a dropout are, so that a gradient draws them again and the number of threads does not
/// show. Two words of 24 bits make two numbers by Box and Muller's formula.
///
/// Cost: one pass; seven rounds of Philox, two logarithms and two roots for four elements.
package struct Noise: Op {
  package let deviation: Float
  package let isFactor: Bool
  package let stream: UInt64

  package init(deviation: Float, isFactor: Bool, stream: UInt64) {
    self.deviation = deviation
    self.isFactor = isFactor
    self.stream = stream
  }

  package var name: String { isFactor ? "noiseFactor" : "noise" }
  package var options: String { "deviation=\(deviation) stream=\(stream)" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }
  package var isRandom: Bool { true }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32 else {
      throw EngineError(.operandTypes(op: name, found: inputs, expected: "one float32 operand"))
    }
    guard deviation >= 0, deviation.isFinite else {
      throw EngineError(
        .options(op: name, reason: "the deviation must be 0 or more, but is \(deviation)"))
    }
    return inputs
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var result = inputs[0]
    let drawing = DropoutStream(run, stream: stream)
    for index in result.values.indices {
      let noise = Double(deviation) * Self.normal(index, drawing)
      result.values[index] =
        isFactor ? result.values[index] * (1 + noise) : result.values[index] + noise
    }
    return [result]
  }

  /// The number of an element: the first 32 of a group of 64 words give lengths, the others angles;
  /// cosines go to the first 32 elements, sines to the others.
  private static func normal(_ index: Int, _ drawing: DropoutStream) -> Double {
    let half = dropoutGroup / 2
    let pair = index / dropoutGroup * dropoutGroup + index % half
    let length = Double(Dropout.word(pair, drawing) >> 8) + 1
    let angle = Double(Dropout.word(pair + half, drawing) >> 8) * 0x1p-24 * 2 * .pi
    let radius = (-2 * log(length * 0x1p-24)).squareRoot()
    return index % dropoutGroup < half ? radius * cos(angle) : radius * sin(angle)
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    isFactor
      ? [try context.outputGradients[0].apply(self)] : [context.outputGradients[0]]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    noise(
      step.inputs[0], into: step.outputs[0], stream: DropoutStream(run, stream: stream),
      deviation: deviation, isFactor: isFactor, threads: run.threads)
  }
}

extension Value {
  /// Adds normal numbers of the given deviation, or multiplies by such numbers around 1.
  ///
  /// - Parameter stream: distinguishes the random ops of a program.
  /// - Throws: `EngineError` where the deviation is negative or no number.
  public func noisy(
    deviation: Float, isFactor: Bool = false, stream: UInt64
  ) throws(EngineError) -> Value {
    try apply(Noise(deviation: deviation, isFactor: isFactor, stream: stream))
  }
}
