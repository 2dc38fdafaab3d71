import Kernels
import Tensors

/// The gradient of a recurrent layer, backwards through its steps.
///
/// With d h and d c of the states after a step, and the gates after their functions:
///
///     lstm       d c += d h o a′(c),  d o = d h a(c),  d i = d c g,  d f = d c c₋,  d g = d c i,
///                d c₋ = d c f
///     gru        d z = d h (h₋ - g),  d g = d h (1 - z),  d h₋ = d h z, and with q of the candidate
///                d r = d g q where it resets after the product, else d r = (d g · recurrentKernelᵀ) h₋
///     simpleRNN  d h itself
///
/// each times the derivative of its function, which follows from the function's value. Then, d p and d q
/// being the gradients of the products of input and state, d h₋ += d q · recurrentKernelᵀ, and over all steps
/// d x = d p · kernelᵀ, d kernel = Σ xᵀ d p, d recurrentKernel = Σ h₋ᵀ d q, d bias = Σ d p. All are equal but
/// for a GRU: d q of the candidate is r d p where it resets after the product; where it resets before, r h₋
/// takes the place of h₋.
///
/// Operands: x, kernel, recurrentKernel, the mask if there is one; what `Recurrence` gives for the gradient;
/// the gradients of the outputs and of each last state, where one flows. Results: the gradients of kernel,
/// recurrentKernel, bias if there is one, each first state, and, if needed, x.
package struct RecurrenceGradient: Op {
  package let settings: RecurrenceOptions
  package let needsInput: Bool
  /// Whether a gradient flows into the outputs, and into each last state.
  package let flowing: [Bool]

  package init(_ settings: RecurrenceOptions, needsInput: Bool, flowing: [Bool]) {
    self.settings = settings
    self.needsInput = needsInput
    self.flowing = Array(flowing.prefix(1 + settings.cell.states))
  }

  package var name: String { "\(settings.cell.name)Gradient" }
  package var options: String { settings.description }

  /// The results of the layer that gradients flow into.
  var outputCount: Int { flowing.count }

  /// The layer without what has no part in its gradient.
  private var layer: RecurrenceOptions {
    var layer = settings
    layer.hasBias = false
    layer.hasInitialState = false
    return layer
  }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let layer = layer
    let mismatch = EngineError(
      .operandTypes(
        op: name, found: inputs, expected: "operands and results of a \(settings.cell.name)"))
    guard inputs.count >= layer.operandCount else { throw mismatch }
    let all = try Recurrence(layer).outputTypes(Array(inputs.prefix(layer.operandCount)))
    let results = layer.results(all)
    let gradients = zip(all, flowing).filter(\.1).map(\.0)
    guard Array(inputs.dropFirst(layer.operandCount)) == results.saved + gradients else {
      throw mismatch
    }
    let bias = TensorType(settings.biasShape(units: results.states[0].shape[1]))
    return [inputs[1], inputs[2]] + (settings.hasBias ? [bias] : []) + results.states
      + (needsInput ? [inputs[0]] : [])
  }

  /// What follows the operands of the layer: what it saved, and the gradient of each of its results.
  private func parts<Operand>(
    _ rest: ArraySlice<Operand>
  ) -> (saved: ArraySlice<Operand>, dSequence: Operand?, dStates: [Operand?]) {
    let savedCount = rest.count - flowing.count(where: { $0 })
    var gradients = rest.dropFirst(savedCount)
    let all = flowing.map { $0 ? gradients.removeFirst() : nil }
    return (rest.prefix(savedCount), all[0], Array(all.dropFirst()))
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let layer = ReferenceRecurrence(self.layer, inputs)
    let (o, e) = (layer.operands, layer.extent)
    let (saved, dSequence, given) = parts(o.rest)
    var dInput = ReferenceTensor(o.input.shape)
    var dKernel = ReferenceTensor(o.kernel.shape)
    var dRecurrent = ReferenceTensor(o.recurrentKernel.shape)
    var dBias = ReferenceTensor(settings.biasShape(units: e.units))
    var dStates = given.map { $0 ?? ReferenceTensor([e.samples, e.units]) }
    for n in 0..<e.samples {
      // The gradient of the output that a masked step repeats.
      var repeated = [Double](repeating: 0, count: e.units)
      for step in (0..<e.steps).reversed() {
        let t = settings.time(step, of: e.steps)
        if let dSequence {
          let place = settings.place(step, of: e.steps)
          for u in 0..<e.units { repeated[u] += dSequence[n, place, u] }
        }
        if let mask = o.mask, mask[n, t] == 0 {
          if settings.zeroesMasked { repeated = repeated.map { _ in 0 } }
          continue
        }
        for u in 0..<e.units { dStates[0][n, u] += repeated[u] }
        repeated = repeated.map { _ in 0 }
        let (dp, dq, left, passing) = layer.stepBack(n, t, Array(saved), &dStates)
        for j in 0..<e.width {
          dBias.values[j] += dp[j]
          if dBias.shape.rank == 2 { dBias.values[e.width + j] += dq[j] }
          for d in 0..<e.features {
            dInput[n, t, d] += dp[j] * o.kernel[d, j]
            dKernel[d, j] += dp[j] * o.input[n, t, d]
          }
          for u in 0..<e.units {
            if j < passing { dStates[0][n, u] += dq[j] * o.recurrentKernel[u, j] }
            dRecurrent[u, j] += dq[j] * left[j / e.units][u]
          }
        }
      }
    }
    return [dKernel, dRecurrent] + (settings.hasBias ? [dBias] : []) + dStates
      + (needsInput ? [dInput] : [])
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it has no gradient of its own"))
  }

  private func extent(_ inputs: [TensorType]) -> RecurrenceExtent {
    let x = inputs[0].shape
    return settings.extent(
      samples: x[0], steps: x[1], features: x[2], units: inputs[2].shape[0])
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    extent(inputs).gradientScratchCount(needsInput: needsInput)
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let o = layer.operands(step.inputs)
    let (saved, dSequence, dStates) = parts(o.rest)
    var results = step.outputs[...]
    let (dKernel, dRecurrent) = (results.removeFirst(), results.removeFirst())
    let dBias = settings.hasBias ? results.removeFirst() : nil
    let dInitialStates = (0..<settings.cell.states).map { _ in results.removeFirst() }
    extent(step.inputTypes).gradient(
      RecurrenceGradientOperands(
        input: o.input, kernel: o.kernel, recurrentKernel: o.recurrentKernel, mask: o.mask,
        saved: RecurrenceSaved(saved, cell: settings.cell), dSequence: dSequence,
        dStates: dStates, dKernel: dKernel, dRecurrentKernel: dRecurrent, dBias: dBias,
        dInitialStates: dInitialStates, dInput: results.first),
      scratch: step.scratch, threads: run.threads)
  }
}
