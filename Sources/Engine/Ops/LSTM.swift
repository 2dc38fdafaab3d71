package import Kernels
import Tensors

/// A long short-term memory over a sequence.
///
///     z = x[t] · kernel + h · recurrentKernel + bias,  cut into four runs of U: i, f, g, o
///     c ← r(f) c + r(i) a(g),  h ← r(o) a(c)
///
/// Operands: x [N, T, D]; kernel [D, 4U]; recurrentKernel [U, 4U]; and as the options say bias [4U];
/// first h and c [N, U]; mask [N, T]. A step whose mask is 0 leaves h and c as they are and gives the
/// output of the step before, or zeros if there was none. Results: outputs [N, T, U] in the order of
/// the steps; last h and c [N, U]; and for the gradient, by time, the gates [N, T, 4U] after their
/// functions (zeros where masked) and the h and c [N, T, U] from before each step.
///
/// Cost: 8 N T U (D + U) operations, T matrix products one after the other.
/// Source: Hochreiter and Schmidhuber, Neural Computation 9 (1997), with the forget gate of Gers et
/// al. (2000); keras/src/layers/rnn/lstm.py and keras/src/backend/tensorflow/rnn.py of Keras 3.15,
/// whose gate order and masking these are.
package struct LSTM: Op {
  package let settings: LSTMOptions

  package init(_ settings: LSTMOptions) { self.settings = settings }

  package var name: String { "lstm" }
  package var options: String { settings.description }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let shapes = inputs.map(\.shape)
    guard inputs.count == settings.operandCount, inputs.allSatisfy({ $0.dtype == .float32 }),
      shapes[0].rank == 3, shapes[2].rank == 2
    else { throw mismatch(inputs) }
    let o = settings.operands(shapes)
    let (samples, steps, features) = (o.input[0], o.input[1], o.input[2])
    let units = o.recurrentKernel[0]
    let state: Shape = [samples, units]
    guard o.kernel == [features, 4 * units], o.recurrentKernel == [units, 4 * units],
      o.bias.map({ $0 == [4 * units] }) ?? true, o.mask.map({ $0 == [samples, steps] }) ?? true,
      o.initialState.map({ $0.h == state && $0.c == state }) ?? true
    else { throw mismatch(inputs) }
    let sequence: Shape = [samples, steps, units]
    return [sequence, state, state, [samples, steps, 4 * units], sequence, sequence]
      .map { TensorType($0) }
  }

  private func mismatch(_ inputs: [TensorType]) -> EngineError {
    var operands = ["x [N,T,D]", "a kernel [D,4U]", "a recurrent kernel [U,4U]"]
    if settings.hasBias { operands.append("a bias [4U]") }
    if settings.hasInitialState { operands.append("first states [N,U] and [N,U]") }
    if settings.hasMask { operands.append("a mask [N,T]") }
    return EngineError(
      .operandTypes(
        op: name, found: inputs, expected: operands.joined(separator: ", ") + " in float32"))
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let o = settings.operands(inputs)
    let e = settings.extent(input: o.input.shape, recurrentKernel: o.recurrentKernel.shape)
    let (r, a) = (settings.recurrentActivation, settings.activation)
    let state: Shape = [e.samples, e.units]
    var sequence = ReferenceTensor([e.samples, e.steps, e.units])
    var h = o.initialState?.h ?? ReferenceTensor(state)
    var c = o.initialState?.c ?? ReferenceTensor(state)
    var gates = ReferenceTensor([e.samples, e.steps, 4 * e.units])
    var (oldH, oldC) = (sequence, sequence)
    for n in 0..<e.samples {
      for step in 0..<e.steps {
        let t = settings.goesBackwards ? e.steps - 1 - step : step
        for u in 0..<e.units { (oldH[n, t, u], oldC[n, t, u]) = (h[n, u], c[n, u]) }
        if let mask = o.mask, mask[n, t] == 0 {
          for u in 0..<e.units where step > 0 && !settings.zeroesMasked {
            sequence[n, step, u] = sequence[n, step - 1, u]
          }
          continue
        }
        for j in 0..<4 * e.units {
          var z = o.bias?[j] ?? 0
          for d in 0..<e.features { z += o.input[n, t, d] * o.kernel[d, j] }
          for u in 0..<e.units { z += oldH[n, t, u] * o.recurrentKernel[u, j] }
          gates[n, t, j] = j / e.units == 2 ? a.value(z) : r.value(z)
        }
        for u in 0..<e.units {
          let (i, f) = (gates[n, t, u], gates[n, t, e.units + u])
          let (g, out) = (gates[n, t, 2 * e.units + u], gates[n, t, 3 * e.units + u])
          c[n, u] = f * c[n, u] + i * g
          h[n, u] = out * a.value(c[n, u])
          sequence[n, step, u] = h[n, u]
        }
      }
    }
    return [sequence, h, c, gates, oldH, oldC]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let o = settings.operands(context.inputs)
    let needsInput = context.isNeeded[0]
    let mask = o.mask.map { [$0] } ?? []
    let results = try context.builder.apply(
      LSTMGradient(settings, needsInput: needsInput),
      [o.input, o.kernel, o.recurrentKernel] + mask + context.outputs[3...]
        + context.outputGradients[..<3])
    let (weights, states, input) = (results[0..<3], results[3..<5], results.dropFirst(5).first)
    var gradients: [Value?] = [input, weights[0], weights[1]]
    if settings.hasBias { gradients.append(weights[2]) }
    if settings.hasInitialState { gradients += states.map { $0 } }
    if settings.hasMask { gradients.append(nil) }
    return gradients
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let o = settings.operands(step.inputs)
    let extent = settings.extent(
      input: step.inputTypes[0].shape, recurrentKernel: step.inputTypes[2].shape)
    let results = step.outputs
    extent.forward(
      LSTMOperands(
        input: o.input, kernel: o.kernel, recurrentKernel: o.recurrentKernel, bias: o.bias,
        initialState: o.initialState, mask: o.mask, sequence: results[0], h: results[1],
        c: results[2], gates: results[3], oldH: results[4], oldC: results[5]),
      threads: run.threads)
  }
}

extension Value {
  /// Runs a long short-term memory over this [N, T, D] with U units, in Keras's gate order i f c o.
  ///
  /// - Parameters:
  ///   - kernel: [D, 4U].
  ///   - recurrentKernel: [U, 4U].
  ///   - bias: [4U].
  ///   - initialState: h and c, [N, U] each; zeros if nil.
  ///   - mask: 1 or 0 for each of [N, T]; a step with 0 changes nothing and repeats its output.
  ///   - goBackwards: from the last time to the first; outputs stand in the order of the steps.
  ///   - zeroOutputForMask: whether a masked step gives zeros instead.
  /// - Returns: the outputs [N, T, U], and the last h and c, [N, U] each.
  /// - Throws: `EngineError` where the shapes do not fit together.
  package func lstm(
    kernel: Value, recurrentKernel: Value, bias: Value? = nil,
    initialState: (h: Value, c: Value)? = nil, mask: Value? = nil,
    activation: GateFunction = .tanh, recurrentActivation: GateFunction = .sigmoid,
    goBackwards: Bool = false, zeroOutputForMask: Bool = false
  ) throws(EngineError) -> (sequence: Value, h: Value, c: Value) {
    var settings = LSTMOptions()
    settings.activation = activation
    settings.recurrentActivation = recurrentActivation
    settings.hasBias = bias != nil
    settings.hasInitialState = initialState != nil
    settings.hasMask = mask != nil
    settings.goesBackwards = goBackwards
    settings.zeroesMasked = zeroOutputForMask
    var operands = [self, kernel, recurrentKernel]
    if let bias { operands.append(bias) }
    if let initialState { operands += [initialState.h, initialState.c] }
    if let mask { operands.append(mask) }
    let results = try builder.apply(LSTM(settings), operands)
    return (results[0], results[1], results[2])
  }
}
