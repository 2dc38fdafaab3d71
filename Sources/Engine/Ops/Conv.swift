package import Kernels
import Tensors

/// The options of a convolution along one to three axes.
package struct ConvOptions: Sendable, Hashable {
  /// One for each axis.
  package let strides: [Int]
  package let padding: Padding
  package let dilations: [Int]
  package let groups: Int

  /// - Precondition: there are as many strides as dilations, one to three.
  package init(
    strides: [Int] = [1], padding: Padding = .valid, dilations: [Int] = [1], groups: Int = 1
  ) {
    precondition((1...3).contains(strides.count) && strides.count == dilations.count)
    self.strides = strides
    self.padding = padding
    self.dilations = dilations
    self.groups = groups
  }

  package var axes: Int { strides.count }

  /// The extents for an input [N, …, C] and a kernel [K…, C / groups, F]; nil where they do not fit.
  func convolution(input: Shape, kernel: Shape) -> Convolution? {
    guard input.rank == axes + 2, kernel.rank == axes + 2, groups > 0,
      let channels = input.dimensions.last, let filters = kernel.dimensions.last,
      channels % groups == 0, filters % groups == 0, kernel[axes] == channels / groups,
      kernel[axes] > 0, filters > 0
    else { return nil }
    var windows: [Windows] = []
    for axis in 0..<axes {
      guard
        let own = Windows(
          length: input[axis + 1], size: kernel[axis], stride: strides[axis],
          dilation: dilations[axis], padding: padding)
      else { return nil }
      windows.append(own)
    }
    return Convolution(
      samples: input[0], windows: windows, channels: channels, filters: filters, groups: groups)
  }

  /// The extents for [N, T, C] and [K, C, F], where only maxima are kept; nil where they do not fit.
  func convolution1D(input: Shape, kernel: Shape) -> Convolution1D? {
    guard axes == 1, groups == 1, input.rank == 3, kernel.rank == 3, input[2] == kernel[1],
      kernel[1] > 0, kernel[2] > 0,
      let windows = Windows(
        length: input[1], size: kernel[0], stride: strides[0], dilation: dilations[0],
        padding: padding)
    else { return nil }
    return Convolution1D(
      samples: input[0], windows: windows, channels: input[2], filters: kernel[2])
  }

  /// The shape of the result; nil where the operands do not fit.
  func outputShape(input: Shape, kernel: Shape) -> Shape? {
    guard convolution(input: input, kernel: kernel) != nil else { return nil }
    let counts = (0..<axes).map { axis in
      Windows(
        length: input[axis + 1], size: kernel[axis], stride: strides[axis],
        dilation: dilations[axis], padding: padding)?.count ?? 0
    }
    return Shape([input[0]] + counts + [kernel[axes + 1]])
  }

  var description: String {
    func text(_ values: [Int]) -> String { values.map(String.init).joined(separator: ",") }
    return "strides=\(text(strides)) padding=\(padding) dilations=\(text(dilations)) "
      + "groups=\(groups)"
  }

  func description(_ method: Convolution.Method) -> String {
    description + (method == .winograd ? " winograd" : "")
  }

  var operands: String {
    "an input [N, …, C] at least a window long and a kernel [K…, C/groups, F]"
  }
}

/// A convolution (a correlation, as everywhere in deep learning) along one to three axes:
/// `y[n, t…, f] = Σ x[n, t·stride + k·dilation − leading…, c] · kernel[k…, c, f]`; with groups, filters of
/// group g see the channels of group g alone. Made by a pass, the sums get a bias and a function.
///
/// Shapes: input [N, …, C], kernel [K…, C / groups, F], bias [F] where there is one; output [N, …′, F].
package struct Conv: FinishableOp {
  package let settings: ConvOptions
  package let method: Convolution.Method
  package var finish: Finish = .none

  package init(_ settings: ConvOptions, method: Convolution.Method = .direct) {
    self.settings = settings
    self.method = method
  }

  package var name: String { "conv\(settings.axes)d" + finish.suffix }
  package var options: String { settings.description(method) }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let operands = try finish.withoutBias(
      inputs, width: inputs.count == 3 ? inputs[1].shape.dimensions.last : nil, op: name)
    guard operands.count == 2, operands.allSatisfy({ $0.dtype == .float32 }),
      let shape = settings.outputShape(input: operands[0].shape, kernel: operands[1].shape)
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "\(settings.operands) (\(settings.description))"))
    }
    return [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let shape = settings.outputShape(input: inputs[0].shape, kernel: inputs[1].shape)
    var output = ReferenceTensor(shape ?? [0])
    settings.forEachProduct(input: inputs[0].shape, kernel: inputs[1].shape) { x, k, y in
      output.values[y] += inputs[0].values[x] * inputs[1].values[k]
    }
    return [finish.reference(output, inputs)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    guard finish.isEmpty else {
      throw EngineError(.options(op: name, reason: "it is made after differentiation"))
    }
    let (x, kernel, g) = (context.inputs[0], context.inputs[1], context.outputGradients[0])
    return [
      context.isNeeded[0]
        ? try g.apply(ConvInputGradient(settings, input: x.shape), kernel) : nil,
      context.isNeeded[1]
        ? try x.apply(ConvKernelGradient(settings, kernel: kernel.shape), g) : nil,
    ]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution(input: inputs[0].shape, kernel: inputs[1].shape)?
      .scratchCount(method, packed: false, threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: step.inputTypes[0].shape, kernel: step.inputTypes[1].shape)?
      .forward(
        input: step.inputs[0], kernel: .plain(step.inputs[1]), output: step.outputs[0], method,
        finish: finish.rows(step.inputs), scratch: step.scratch, threads: run.threads)
  }
}

extension ConvOptions {
  /// Calls `body` with the offsets of every product's input element, kernel element and sum. This
  /// one definition serves the references of the convolution and of both its gradients.
  func forEachProduct(input: Shape, kernel: Shape, _ body: (Int, Int, Int) -> Void) {
    guard let output = outputShape(input: input, kernel: kernel) else { return }
    let (groupChannels, filters) = (kernel[axes], kernel[axes + 1])
    let windows = (0..<axes).compactMap {
      Windows(
        length: input[$0 + 1], size: kernel[$0], stride: strides[$0], dilation: dilations[$0],
        padding: padding)
    }
    let taps = kernel.dimensions[..<axes].reduce(1, *)
    let places = output.dimensions[1...axes].reduce(1, *)
    let positions = input.dimensions[1...axes].reduce(1, *)
    for n in 0..<input[0] {
      for place in 0..<places {
        for tap in 0..<taps {
          guard let position = position(place, tap, windows) else { continue }
          for f in 0..<filters {
            let first = f / (filters / groups) * groupChannels
            for channel in 0..<groupChannels {
              body(
                (n * positions + position) * input[axes + 1] + first + channel,
                (tap * groupChannels + channel) * filters + f, (n * places + place) * filters + f)
            }
          }
        }
      }
    }
  }

  /// The position in the input that a tap sees from a place of the output; nil where it is padding.
  private func position(_ place: Int, _ tap: Int, _ windows: [Windows]) -> Int? {
    var (place, tap, result, step) = (place, tap, 0, 1)
    for axis in windows.reversed() {
      let position = axis.position(window: place % axis.count, tap: tap % axis.size)
      guard (0..<axis.inputLength).contains(position) else { return nil }
      result += position * step
      step *= axis.inputLength
      (place, tap) = (place / axis.count, tap / axis.size)
    }
    return result
  }
}

extension Value {
  /// The convolution of this [N, …, C] by `kernel` [K…, C / groups, F] along one to three axes:
  /// [N, …′, F].
  ///
  /// - Parameters:
  ///   - strides: one for each axis; 1 unless given.
  ///   - dilations: likewise.
  public func convolved(
    _ kernel: Value, strides: [Int]? = nil, padding: Padding = .valid, dilations: [Int]? = nil,
    groups: Int = 1
  ) throws(EngineError) -> Value {
    let axes = rank - 2
    guard (1...3).contains(axes), strides.map({ $0.count == axes }) ?? true,
      dilations.map({ $0.count == axes }) ?? true
    else {
      throw EngineError(
        .options(
          op: "convolution",
          reason: "it has one to three axes, and a stride and a dilation for each"))
    }
    let ones = [Int](repeating: 1, count: axes)
    return try apply(
      Conv(
        .init(
          strides: strides ?? ones, padding: padding, dilations: dilations ?? ones, groups: groups)),
      kernel)
  }

  /// What gives this [N, …, C] back by a convolution of [N, lengths…, F] by `kernel` [K…, F, C], turned
  /// round: the gradient that its input would have.
  ///
  /// - Parameter lengths: those of the result, of which the convolution's windows are as many as these.
  public func convolvedTransposed(
    _ kernel: Value, to lengths: [Int], strides: [Int], padding: Padding, dilations: [Int]
  ) throws(EngineError) -> Value {
    guard (1...3).contains(strides.count), strides.count == dilations.count,
      kernel.rank == strides.count + 2, let samples = shape.dimensions.first,
      let result = Shape(checking: [samples] + lengths + [kernel.shape[strides.count]])
    else {
      throw EngineError(
        .options(
          op: "transposed convolution",
          reason: "it has one to three axes, and a length, a stride and a dilation for each"))
    }
    return try apply(
      ConvInputGradient(
        .init(strides: strides, padding: padding, dilations: dilations), input: result), kernel)
  }

  /// The one-dimensional convolution of this [N, T, C] by `kernel` [K, C / groups, F]: [N, T′, F].
  public func conv1D(
    _ kernel: Value, strides: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1
  ) throws(EngineError) -> Value {
    try apply(
      Conv(
        .init(strides: [strides], padding: padding, dilations: [dilation], groups: groups)), kernel)
  }
}
