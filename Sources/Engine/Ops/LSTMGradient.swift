import Kernels
import Tensors

/// The gradient of a long short-term memory, backwards through its steps.
///
/// With d h and d c of the states after a step, and the gates after their functions:
///
///     d c += d h · o · a′(c),  d o = d h · a(c),  d i = d c · g,  d f = d c · c₋,  d g = d c · i
///     d z = (d i r′(i), d f r′(f), d g a′(g), d o r′(o)),  d h₋ = d z · recurrentKernelᵀ,  d c₋ = d c · f
///
/// and over all steps d x = d z · kernelᵀ, d kernel = Σ xᵀ d z, d recurrentKernel = Σ h₋ᵀ d z,
/// d bias = Σ d z. All functions have a derivative that follows from their value.
///
/// Operands: x, kernel, recurrentKernel, the mask if there is one; gates and old h and c as `LSTM`
/// gives them; the gradients of the outputs and of the last h and c. Results: the gradients of
/// kernel, recurrentKernel, bias, first h, first c, and, if needed, x.
package struct LSTMGradient: Op {
  package let settings: LSTMOptions
  package let needsInput: Bool

  package init(_ settings: LSTMOptions, needsInput: Bool) {
    // The bias and the first states have no part in it.
    var settings = settings
    settings.hasBias = false
    settings.hasInitialState = false
    self.settings = settings
    self.needsInput = needsInput
  }

  package var name: String { "lstmGradient" }
  package var options: String { settings.description }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == settings.operandCount + 6 else {
      throw EngineError(
        .operandTypes(op: name, found: inputs, expected: "the operands and results of an lstm"))
    }
    let results = try LSTM(settings).outputTypes(Array(inputs.prefix(settings.operandCount)))
    guard Array(inputs.suffix(6)) == Array(results[3...] + results[..<3]) else {
      throw EngineError(
        .operandTypes(op: name, found: inputs, expected: "the operands and results of an lstm"))
    }
    let state = results[1]
    let bias = TensorType([4 * state.shape[1]])
    return [inputs[1], inputs[2], bias, state, state] + (needsInput ? [inputs[0]] : [])
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let o = settings.operands(inputs)
    let results = Array(o.rest)
    let e = settings.extent(input: o.input.shape, recurrentKernel: o.recurrentKernel.shape)
    var dInput = ReferenceTensor(o.input.shape)
    var dKernel = ReferenceTensor(o.kernel.shape)
    var dRecurrent = ReferenceTensor(o.recurrentKernel.shape)
    var dBias = ReferenceTensor([4 * e.units])
    var (dh, dc) = (results[4], results[5])
    for n in 0..<e.samples {
      // The gradient of the output that a masked step repeats.
      var repeated = [Double](repeating: 0, count: e.units)
      for step in (0..<e.steps).reversed() {
        let t = settings.goesBackwards ? e.steps - 1 - step : step
        for u in 0..<e.units { repeated[u] += results[3][n, step, u] }
        if let mask = o.mask, mask[n, t] == 0 {
          if settings.zeroesMasked { repeated = repeated.map { _ in 0 } }
          continue
        }
        for u in 0..<e.units { dh[n, u] += repeated[u] }
        repeated = repeated.map { _ in 0 }
        let dz = walkBack(results, n, t, e.units, &dh, &dc)
        for j in 0..<4 * e.units {
          dBias[j] += dz[j]
          for d in 0..<e.features {
            dInput[n, t, d] += dz[j] * o.kernel[d, j]
            dKernel[d, j] += dz[j] * o.input[n, t, d]
          }
          for u in 0..<e.units {
            dh[n, u] += dz[j] * o.recurrentKernel[u, j]
            dRecurrent[u, j] += dz[j] * results[1][n, t, u]
          }
        }
      }
    }
    return [dKernel, dRecurrent, dBias, dh, dc] + (needsInput ? [dInput] : [])
  }

  /// The gradient of one step's sums of products; takes that of its new states, leaves `dc` that of
  /// its old c, and `dh` zero.
  private func walkBack(
    _ results: [ReferenceTensor], _ n: Int, _ t: Int, _ units: Int, _ dh: inout ReferenceTensor,
    _ dc: inout ReferenceTensor
  ) -> [Double] {
    let (gates, oldC) = (results[0], results[2])
    let (r, a) = (settings.recurrentActivation, settings.activation)
    var dz = [Double](repeating: 0, count: 4 * units)
    for u in 0..<units {
      let (i, f) = (gates[n, t, u], gates[n, t, units + u])
      let (g, o) = (gates[n, t, 2 * units + u], gates[n, t, 3 * units + u])
      let value = a.value(f * oldC[n, t, u] + i * g)
      let d = dc[n, u] + dh[n, u] * o * a.slope(value: value)
      dz[u] = d * g * r.slope(value: i)
      dz[units + u] = d * oldC[n, t, u] * r.slope(value: f)
      dz[2 * units + u] = d * i * a.slope(value: g)
      dz[3 * units + u] = dh[n, u] * value * r.slope(value: o)
      dc[n, u] = d * f
      dh[n, u] = 0
    }
    return dz
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it has no gradient of its own"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    inputs[settings.operandCount].shape.count
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let o = settings.operands(step.inputs)
    let results = Array(o.rest)
    let extent = settings.extent(
      input: step.inputTypes[0].shape, recurrentKernel: step.inputTypes[2].shape)
    extent.gradient(
      LSTMGradientOperands(
        input: o.input, kernel: o.kernel, recurrentKernel: o.recurrentKernel, mask: o.mask,
        gates: results[0], oldH: results[1], oldC: results[2], dSequence: results[3],
        dH: results[4], dC: results[5], dGates: step.scratch.slice(0, results[0].count),
        dInput: needsInput ? step.outputs[5] : nil, dKernel: step.outputs[0],
        dRecurrentKernel: step.outputs[1], dBias: step.outputs[2], dInitialH: step.outputs[3],
        dInitialC: step.outputs[4]),
      threads: run.threads)
  }
}
