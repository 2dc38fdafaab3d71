import Kernels
import Tensors

/// A recurrent layer over a sequence: a long short-term memory, a gated recurrent unit, or a simple one.
///
/// With `p = x[t] · kernel + bias` and `q = h · recurrentKernel`, each cut into runs of U:
///
///     lstm       i, f, o = r(p + q), g = a(p + q), in the order i f g o;  c ← f c + i g,  h ← o a(c)
///     gru        z, r = r(p + q), g = a(p + r (q + bias[1]));  h ← z h + (1 - z) g
///                where it resets before the product, g = a(p + (r h) · recurrentKernel)
///     simpleRNN  h ← a(p + q)
///
/// Operands, G being 4, 3 or 1 runs: x [N, T, D]; kernel [D, GU]; recurrentKernel [U, GU]; and as the
/// options say bias [GU], of a GRU that resets after the product [2, GU], the second for its q; the first h
/// [N, U] and of an LSTM c; mask [N, T]. A step whose mask is 0 leaves the states as they are and gives the
/// output of the step before, or zeros if there was none. In place of x and kernel can stand tokens [N, T]
/// and a table [V, GU] of the products of an embedding.
/// Results: outputs [N, T, U] in the order of the steps; the last states [N, U]; and for the gradient, by
/// time, the gates [N, T, GU] after their functions (zeros where masked), the states [N, T, U] from before
/// each step, and q + bias[1] [N, T, U] of the candidate of a GRU that resets after the product.
///
/// Cost: 2 G N T U (D + U) operations, T products one after the other.
/// Source: Hochreiter and Schmidhuber, Neural Computation 9 (1997), with the forget gate of Gers et al.
/// (2000); Cho et al., EMNLP 2014; keras/src/layers/rnn/{lstm,gru,simple_rnn}.py and
/// keras/src/backend/tensorflow/rnn.py of Keras 3.15, whose gate orders and masking these are.
package struct Recurrence: Op {
  package let settings: RecurrenceOptions

  package init(_ settings: RecurrenceOptions) { self.settings = settings }

  package var name: String { settings.cell.name }
  package var options: String { settings.description }

  // MARK: Types

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == settings.operandCount, let extent = extent(inputs) else {
      throw mismatch(inputs)
    }
    let o = settings.operands(inputs)
    let (samples, steps, units) = (extent.samples, extent.steps, extent.units)
    let state = TensorType([samples, units])
    let kernels =
      settings.takesTokens
      ? o.kernel.shape.rank == 2 && o.kernel.shape[1] == extent.width
      : o.kernel.shape == kernelShape(rows: extent.features, extent)
    guard kernels, o.recurrentKernel.shape == kernelShape(rows: units, extent),
      o.input.dtype == (settings.takesTokens ? .int32 : .float32),
      inputs.dropFirst().allSatisfy({ $0.dtype == .float32 }),
      o.bias.map({ $0.shape == settings.biasShape(units: units) }) ?? true,
      o.initialStates.allSatisfy({ $0 == state }),
      o.mask.map({ $0.shape == [samples, steps] }) ?? true
    else { throw mismatch(inputs) }
    let sequence = TensorType([samples, steps, units])
    var results = settings.givesSequence ? [sequence] : []
    results += (0..<settings.cell.states).map { _ in state }
    if settings.savesSteps {
      results.append(TensorType([samples, steps, extent.width]))
      results += (0..<settings.cell.states).map { _ in sequence }
      if settings.cell == .gru(resetsAfter: true) { results.append(sequence) }
    }
    return results
  }

  /// The extents that the operands have; nil where they do not fit together.
  private func extent(_ inputs: [TensorType]) -> RecurrenceExtent? {
    let o = settings.operands(inputs)
    let (x, recurrent) = (o.input.shape, o.recurrentKernel.shape)
    guard x.rank == (settings.takesTokens ? 2 : 3), recurrent.rank == (settings.isPacked ? 3 : 2)
    else { return nil }
    return settings.extent(
      samples: x[0], steps: x[1], features: settings.takesTokens ? 0 : x[2],
      units: recurrent[settings.isPacked ? 1 : 0])
  }

  private func kernelShape(rows: Int, _ extent: RecurrenceExtent) -> Shape {
    settings.isPacked
      ? Pack.shape(rows: rows, columns: extent.width) : [rows, extent.width]
  }

  private func mismatch(_ inputs: [TensorType]) -> EngineError {
    let width = "\(settings.cell.gates)U"
    var operands =
      settings.takesTokens
      ? ["tokens [N,T]", "a table [V,\(width)]"] : ["x [N,T,D]", "a kernel [D,\(width)]"]
    operands.append("a recurrent kernel [U,\(width)]")
    if settings.hasBias {
      operands.append(
        settings.cell == .gru(resetsAfter: true) ? "biases [2,\(width)]" : "a bias [\(width)]")
    }
    if settings.hasInitialState { operands.append("first states [N,U]") }
    if settings.hasMask { operands.append("a mask [N,T]") }
    return EngineError(
      .operandTypes(
        op: name, found: inputs, expected: operands.joined(separator: ", ") + " in float32"))
  }

  // MARK: Meaning

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var inputs = inputs
    if settings.isPacked { unpack(&inputs) }
    let layer = ReferenceRecurrence(settings, inputs)
    let e = layer.extent
    var states = layer.operands.initialStates
    if states.isEmpty {
      states = (0..<e.cell.states).map { _ in ReferenceTensor([e.samples, e.units]) }
    }
    var sequence = ReferenceTensor([e.samples, e.steps, e.units])
    var gates = ReferenceTensor([e.samples, e.steps, e.width])
    var oldStates = states.map { _ in sequence }
    var inner = sequence
    for n in 0..<e.samples {
      for step in 0..<e.steps {
        let t = settings.time(step, of: e.steps)
        let place = settings.place(step, of: e.steps)
        for (old, state) in zip(oldStates.indices, states) {
          for u in 0..<e.units { oldStates[old][n, t, u] = state[n, u] }
        }
        if let mask = layer.operands.mask, mask[n, t] == 0 {
          let before = settings.place(step - 1, of: e.steps)
          for u in 0..<e.units where step > 0 && !settings.zeroesMasked {
            sequence[n, place, u] = sequence[n, before, u]
          }
          continue
        }
        let new = layer.step(n, t, states)
        for j in 0..<e.width { gates[n, t, j] = new.gates[j] }
        for u in 0..<e.units {
          if !new.inner.isEmpty { inner[n, t, u] = new.inner[u] }
          for (state, value) in zip(states.indices, new.states) { states[state][n, u] = value[u] }
          sequence[n, place, u] = states[0][n, u]
        }
      }
    }
    var results = settings.givesSequence ? [sequence] : []
    results += states
    if settings.savesSteps {
      results += [gates] + oldStates
      if settings.cell == .gru(resetsAfter: true) { results.append(inner) }
    }
    return results
  }

  private func unpack(_ inputs: inout [ReferenceTensor]) {
    let width = settings.cell.gates * inputs[2].shape[1]
    inputs[2] = Pack.unpacked(inputs[2], columns: width)
    if !settings.takesTokens { inputs[1] = Pack.unpacked(inputs[1], columns: width) }
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    guard settings.savesSteps, settings.givesSequence, !settings.takesTokens else {
      throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
    }
    let o = settings.operands(context.inputs)
    let op = RecurrenceGradient(
      settings, needsInput: context.isNeeded[0], flowing: context.isFlowing)
    let flowing = zip(context.outputGradients, context.isFlowing).prefix(op.outputCount)
      .filter(\.1).map(\.0)
    let results = try context.builder.apply(
      op,
      [o.input, o.kernel, o.recurrentKernel] + (o.mask.map { [$0] } ?? [])
        + settings.results(context.outputs).saved + flowing)
    var rest = results[...]
    var gradients: [Value?] = [nil, rest.removeFirst(), rest.removeFirst()]
    if settings.hasBias { gradients.append(rest.removeFirst()) }
    let states = (0..<settings.cell.states).map { _ in rest.removeFirst() }
    if settings.hasInitialState { gradients += states.map { $0 } }
    if settings.hasMask { gradients.append(nil) }
    gradients[0] = rest.first
    return gradients
  }

  // MARK: Execution

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    extent(inputs)?.forwardScratchCount(
      takesTokens: settings.takesTokens, isPacked: settings.isPacked, threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    guard let extent = extent(step.inputTypes) else { return }
    let o = settings.operands(step.inputs)
    let results = settings.results(step.outputs)
    if settings.takesTokens {
      try Gather.check(o.input, vocabulary: step.inputTypes[1].shape[0])
    }
    extent.forward(
      RecurrenceOperands(
        input: settings.takesTokens
          ? .tokens(o.input, table: o.kernel) : .rows(o.input, kernel: o.kernel),
        recurrentKernel: o.recurrentKernel, isPacked: settings.isPacked, bias: o.bias,
        initialStates: o.initialStates, mask: o.mask, sequence: results.sequence,
        states: results.states,
        saved: settings.savesSteps ? RecurrenceSaved(results.saved, cell: settings.cell) : nil),
      scratch: step.scratch, threads: run.threads)
  }
}

extension Value {
  /// Runs a recurrent layer over this [N, T, D] with U units; see `Recurrence`.
  ///
  /// - Parameters:
  ///   - kernel: [D, GU].
  ///   - recurrentKernel: [U, GU].
  ///   - bias: [GU], or [2, GU] for a GRU that resets after the product.
  ///   - initialState: h, and of an LSTM c, [N, U] each; zeros if empty.
  ///   - mask: 1 or 0 for each of [N, T]; a step with 0 changes nothing and repeats its output.
  ///   - options: the cell, its functions and orders; which operands there are is seen from the others.
  /// - Returns: the outputs [N, T, U], and the last states, [N, U] each.
  /// - Throws: `EngineError` where the shapes do not fit together.
  package func recurrence(
    _ options: RecurrenceOptions, kernel: Value, recurrentKernel: Value, bias: Value? = nil,
    initialState: [Value] = [], mask: Value? = nil
  ) throws(EngineError) -> (sequence: Value, states: [Value]) {
    var options = options
    options.hasBias = bias != nil
    options.hasInitialState = !initialState.isEmpty
    options.hasMask = mask != nil
    var operands = [self, kernel, recurrentKernel]
    if let bias { operands.append(bias) }
    operands += initialState
    if let mask { operands.append(mask) }
    let results = try builder.apply(Recurrence(options), operands)
    return (results[0], Array(results[1..<1 + options.cell.states]))
  }
}
