import Kernels
import Tensors

/// Inverted dropout: an element is zeroed with probability `rate`, the others grow to keep the sum.
///
///     y = x · mask / (1 - rate)
///
/// The mask is a pure function of the run's seed, the run's step, `stream`, and the element's index.
/// So the gradient draws the same mask again instead of storing it, and the number of threads does
/// not show. Along `sharedAxes` all elements have the mask of the first (Keras's `noise_shape`).
///
/// Cost: one pass; seven rounds of Philox for four elements.
/// Source: Srivastava et al., "Dropout", JMLR 15 (2014); keras/src/backend/tensorflow/random.py.
package struct Dropout: PartialOp {
  package let rate: Float
  package let stream: UInt64
  /// In ascending order.
  package let sharedAxes: [Int]

  package init(rate: Float, stream: UInt64, sharedAxes: [Int] = []) {
    self.rate = rate
    self.stream = stream
    self.sharedAxes = sharedAxes
  }

  package var name: String { "dropout" }
  package var options: String {
    "rate=\(rate) stream=\(stream)" + (sharedAxes.isEmpty ? "" : " shared=\(sharedAxes)")
  }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }
  package var isRandom: Bool { true }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32 else {
      throw EngineError(.operandTypes(op: name, found: inputs, expected: "one float32 operand"))
    }
    guard rate >= 0, rate <= 1 else {
      throw EngineError(.options(op: name, reason: "the rate must be from 0 to 1, but is \(rate)"))
    }
    guard sharedAxes.allSatisfy({ $0 >= 0 && $0 < inputs[0].shape.rank }) else {
      throw EngineError(
        .options(op: name, reason: "shared axes \(sharedAxes) are not all axes of \(inputs[0])"))
    }
    return inputs
  }

  /// Words below this drop their element.
  private var threshold: UInt32 { UInt32(clamping: Int64(Double(rate) * 0x1p32)) }

  private var scale: Float { 1 / (1 - rate) }

  /// The shape of the mask: 1 along the shared axes.
  private func maskShape(_ shape: Shape) -> Shape {
    Shape(shape.dimensions.enumerated().map { sharedAxes.contains($0) ? min($1, 1) : $1 })
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var result = inputs[0]
    let mask = maskShape(result.shape)
    let drawing = DropoutStream(run, stream: stream)
    for index in result.values.indices {
      // From the element's index to the mask's, axis by axis from the last.
      var (rest, place, width) = (index, 0, 1)
      for axis in result.shape.dimensions.indices.reversed() {
        if mask[axis] > 1 { place += rest % result.shape[axis] * width }
        rest /= result.shape[axis]
        width *= mask[axis]
      }
      let isKept = rate < 1 && Self.word(place, drawing) >= threshold
      result.values[index] = isKept ? result.values[index] / (1 - Double(rate)) : 0
    }
    return [result]
  }

  /// The random word of a mask's element: the words of 16 counters are dealt out in groups of 64.
  static func word(_ index: Int, _ drawing: DropoutStream) -> UInt32 {
    let (group, place) = index.quotientAndRemainder(dividingBy: dropoutGroup)
    let counter = UInt32(truncatingIfNeeded: group * 16 + place % 16)
    let (a, b, c) = drawing.counter
    return Philox(key: drawing.key, rounds: 7).words(SIMD4(counter, a, b, c))[place / 16]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    [try context.outputGradients[0].apply(self)]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    sharedAxes.isEmpty ? 0 : maskShape(inputs[0].shape).count
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (x, y) = (step.inputs[0], step.outputs[0])
    guard rate < 1 else { return y.fill(0) }
    guard !sharedAxes.isEmpty else {
      return dropout(
        x, into: y, stream: DropoutStream(run, stream: stream), threshold: threshold, scale: scale,
        threads: run.threads)
    }
    let shape = step.inputTypes[0].shape
    let mask = step.scratch.slice(0, maskShape(shape).count)
    mask.fill(1)
    dropout(
      mask, into: mask, stream: DropoutStream(run, stream: stream), threshold: threshold,
      scale: scale,
      threads: run.threads)
    spread(mask, over: x, into: y, shape: shape, axis: 0, threads: run.threads)
  }

  package func partUnit(_ inputs: [TensorType], _ output: TensorType) -> Int { dropoutGroup }

  /// - Precondition: there are no shared axes.
  package func execute(_ step: ExecutionStep, part: Range<Int>, _ run: RunContext) {
    let x = step.inputs[0].slice(part.lowerBound, part.count)
    let y = step.outputs[0].slice(part.lowerBound, part.count)
    guard rate < 1 else { return y.fill(0) }
    dropout(
      x, into: y, stream: DropoutStream(run, stream: stream), from: part.lowerBound,
      threshold: threshold, scale: scale,
      threads: 1)
  }

  /// Multiplies `x`, whose axes are those of `shape` from `axis` on, by the mask that belongs to it:
  /// as a whole where none or all of these axes are shared, else position by position.
  private func spread(
    _ mask: Buffer, over x: Buffer, into y: Buffer, shape: Shape, axis: Int, threads: Int
  ) {
    if mask.count == x.count { return applyMask(x, mask, into: y) }
    if mask.count == 1 { return applyMask(x, mask, at: 0, into: y) }
    let count = shape[axis]
    guard count > 0 else { return }
    let isShared = sharedAxes.contains(axis)
    let width = x.count / count
    let maskWidth = isShared ? mask.count : mask.count / count
    parallel(count, threads: threads) { range in
      for position in range {
        spread(
          mask.slice(isShared ? 0 : position * maskWidth, maskWidth),
          over: x.slice(position * width, width), into: y.slice(position * width, width),
          shape: shape, axis: axis + 1, threads: 1)
      }
    }
  }
}

extension DropoutStream {
  init(_ run: RunContext, stream: UInt64) {
    // Steps and streams above 2^32 share a word, which nobody reaches with both.
    self.init(
      key: run.seed,
      counter: (
        UInt32(truncatingIfNeeded: run.step), UInt32(truncatingIfNeeded: stream),
        UInt32(truncatingIfNeeded: stream >> 32) ^ UInt32(truncatingIfNeeded: run.step >> 32)
      ))
  }
}

extension Value {
  /// Zeroes elements with probability `rate` and divides the others by `1 - rate`.
  ///
  /// - Parameters:
  ///   - stream: distinguishes the dropouts of a program; two with the same one share their mask.
  ///   - sharedAxes: axes along which all elements are kept or zeroed together.
  /// - Throws: `EngineError` where the rate is outside 0...1 or a shared axis is not there.
  public func dropout(
    rate: Float, stream: UInt64, sharedAxes: [Int] = []
  ) throws(EngineError) -> Value {
    let axes = Set(sharedAxes).sorted()
    return try apply(Dropout(rate: rate, stream: stream, sharedAxes: axes))
  }
}
