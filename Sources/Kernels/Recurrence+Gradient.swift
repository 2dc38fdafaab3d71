/// The gradient of a recurrent layer: backwards through the steps, and after each run of them the products that
/// need no order, so that the gradient of the gates never goes through memory.
internal import CKernels

/// The operands of the gradient; see `RecurrenceOperands`. Members with a d are gradients.
package struct RecurrenceGradientOperands: Sendable {
  package let input: Buffer
  package let kernel: Buffer
  package let recurrentKernel: Buffer
  package let mask: Buffer?
  package let saved: RecurrenceSaved
  /// Nil where none flows.
  package let dSequence: Buffer?
  /// Of the last states, each nil where none flows.
  package let dStates: [Buffer?]
  // Results
  package let dKernel: Buffer
  package let dRecurrentKernel: Buffer
  /// Nil where there is no bias.
  package let dBias: Buffer?
  /// These hold the gradients of the states while the steps are walked back.
  package let dInitialStates: [Buffer]
  /// Nil where it is not asked for.
  package let dInput: Buffer?

  package init(
    input: Buffer, kernel: Buffer, recurrentKernel: Buffer, mask: Buffer?, saved: RecurrenceSaved,
    dSequence: Buffer?, dStates: [Buffer?], dKernel: Buffer, dRecurrentKernel: Buffer,
    dBias: Buffer?, dInitialStates: [Buffer], dInput: Buffer?
  ) {
    self.input = input
    self.kernel = kernel
    self.recurrentKernel = recurrentKernel
    self.mask = mask
    self.saved = saved
    self.dSequence = dSequence
    self.dStates = dStates
    self.dKernel = dKernel
    self.dRecurrentKernel = dRecurrentKernel
    self.dBias = dBias
    self.dInitialStates = dInitialStates
    self.dInput = dInput
  }
}

extension RecurrenceExtent {
  /// The rows of gates whose products are made at once: more read the weights' gradients less often, fewer
  /// stay in the second-level cache.
  private static let gradientRows = 128

  /// The shares of samples that are added up before the shares are: a number that the threads do not
  /// decide, so that the sums do not depend on them.
  private var sumParts: Int { Swift.max(2, Swift.min(8, samples / 16)) }

  /// Whether the candidate's product is made after those of the other gates.
  private var isDivided: Bool { cell == .gru(resetsAfter: false) }

  /// The elements of the bias.
  private var biasCount: Int { cell.dividesGradient ? 2 * width : width }

  /// The working memory of one call: transposed kernels that all threads read, then what each share has.
  private struct Workspace {
    var memory = WorkingMemory()
    let kernel, recurrentKernel, candidateKernel, firstSteps: Range<Int>
    let threads: [ThreadSpace]

    init(_ e: RecurrenceExtent, needsInput: Bool) {
      let (units, width, features) = (e.units, e.width, e.features)
      kernel = memory.take(
        needsInput ? RightOperand.scratchCount(rows: width, columns: features) : 0)
      recurrentKernel = memory.take(
        RightOperand.scratchCount(rows: e.isDivided ? 2 * units : width, columns: units))
      candidateKernel = memory.take(
        e.isDivided ? RightOperand.scratchCount(rows: units, columns: units) : 0)
      firstSteps = memory.take(e.samples)
      let group = e.groupRows(threads: e.sumParts)
      let rows = Swift.max(group, RecurrenceExtent.gradientRows)
      var parts: [ThreadSpace] = []
      for part in e.shares(threads: e.sumParts).indices {
        parts.append(
          ThreadSpace(
            inputs: memory.take(rows * features), states: memory.take(rows * units),
            resets: memory.take(e.isDivided ? rows * units : 0),
            dGates: memory.take(rows * width),
            dInner: memory.take(e.cell.dividesGradient ? rows * width : 0),
            dReset: memory.take(e.isDivided ? group * units : 0),
            panels: memory.take(RightOperand.scratchCount(rows: rows, columns: width)),
            dInputs: memory.take(needsInput ? rows * features : 0),
            // The first share sums up where the results belong.
            dKernel: memory.take(part == 0 ? 0 : features * width),
            dRecurrentKernel: memory.take(part == 0 ? 0 : units * width),
            dBias: memory.take(part == 0 ? 0 : e.biasCount)))
      }
      self.threads = parts
    }
  }

  private struct ThreadSpace {
    let inputs, states, resets, dGates, dInner, dReset, panels, dInputs: Range<Int>
    let dKernel, dRecurrentKernel, dBias: Range<Int>
  }

  /// The elements of working memory that `gradient` needs.
  package func gradientScratchCount(needsInput: Bool) -> Int {
    Workspace(self, needsInput: needsInput).memory.count
  }

  /// Computes all gradients.
  ///
  /// - Precondition: the operands have the extents' counts.
  package func gradient(_ o: RecurrenceGradientOperands, scratch: Buffer, threads: Int) {
    let space = Workspace(self, needsInput: o.dInput != nil)
    let shares = shares(threads: sumParts)
    let firstSteps = scratch.slice(space.firstSteps)
    if let mask = o.mask {
      firstSteps.store((0..<samples).lazy.map { Int32(firstStep(mask, $0)) })
    }
    let kernels = Kernels(self, o, space, scratch, threads: threads)
    parallel(shares.count, threads: threads) { parts in
      for part in parts {
        let thread = ThreadMemory(o, space.threads[part], scratch, isFirst: part == 0)
        for sum in thread.sums { sum?.fill(0) }
        for group in groups(shares[part]) { walkBack(o, kernels, thread, firstSteps, group) }
      }
    }
    let first = ThreadMemory(o, space.threads[0], scratch, isFirst: true)
    for part in shares.indices.dropFirst() {
      let other = ThreadMemory(o, space.threads[part], scratch, isFirst: false)
      for case (let sum?, let term?) in zip(first.sums, other.sums) { add(term, to: sum) }
    }
  }

  private struct ThreadMemory {
    let inputs, states, resets, dGates, dInner, dReset, panels, dInputs: Buffer
    let dKernel, dRecurrentKernel: Buffer
    let dBias: Buffer?

    init(
      _ o: RecurrenceGradientOperands, _ space: ThreadSpace, _ scratch: Buffer, isFirst: Bool
    ) {
      inputs = scratch.slice(space.inputs)
      states = scratch.slice(space.states)
      resets = scratch.slice(space.resets)
      dGates = scratch.slice(space.dGates)
      dInner = scratch.slice(space.dInner)
      dReset = scratch.slice(space.dReset)
      panels = scratch.slice(space.panels)
      dInputs = scratch.slice(space.dInputs)
      dKernel = isFirst ? o.dKernel : scratch.slice(space.dKernel)
      dRecurrentKernel = isFirst ? o.dRecurrentKernel : scratch.slice(space.dRecurrentKernel)
      dBias = o.dBias.map { isFirst ? $0 : scratch.slice(space.dBias) }
    }

    /// The gradients that are sums over samples and steps.
    var sums: [Buffer?] { [dKernel, dRecurrentKernel, dBias] }
  }

  /// The transposed kernels.
  private struct Kernels: Sendable {
    let input: RightOperand?
    let recurrent: RightOperand
    let candidate: RightOperand?

    init(
      _ e: RecurrenceExtent, _ o: RecurrenceGradientOperands, _ space: Workspace,
      _ scratch: Buffer, threads: Int
    ) {
      let (units, width) = (e.units, e.width)
      input = o.dInput.map { _ in
        RightOperand(
          Matrix(o.kernel, rows: e.features, columns: width, transposed: true),
          scratch: scratch.slice(space.kernel), threads: threads)
      }
      let matrix = Matrix(o.recurrentKernel, rows: units, columns: width, transposed: true)
      recurrent = RightOperand(
        e.isDivided ? matrix.rows(0..<2 * units) : matrix,
        scratch: scratch.slice(space.recurrentKernel), threads: threads)
      candidate =
        e.isDivided
        ? RightOperand(
          matrix.rows(2 * units..<width), scratch: scratch.slice(space.candidateKernel),
          threads: threads) : nil
    }
  }

  /// The first step at which a sample is not masked.
  private func firstStep(_ mask: Buffer, _ sample: Int) -> Int {
    let row = mask.slice(sample * steps, steps)
    // SAFETY: the row has all times.
    return (0..<steps).first { unsafe row.floats[time($0)] != 0 } ?? steps
  }

  /// All steps of a group, from the last to the first.
  private func walkBack(
    _ o: RecurrenceGradientOperands, _ kernels: Kernels, _ thread: ThreadMemory,
    _ firstSteps: Buffer, _ group: Range<Int>
  ) {
    for (running, last) in zip(o.dInitialStates, o.dStates) {
      let rows = rows(running, group, units)
      if let last { rows.copy(from: self.rows(last, group, units)) } else { rows.fill(0) }
    }
    let chunk = chunkSteps(group.count, rows: Self.gradientRows)
    var end = steps
    while end > 0 {
      let part = Swift.max(0, end - chunk)..<end
      for step in part.reversed() {
        retreat(o, kernels, thread, firstSteps, group, step, inChunk: step - part.lowerBound)
      }
      multiplySteps(o, kernels, thread, group, part)
      end = part.lowerBound
    }
  }

  /// One step of a group.
  private func retreat(
    _ o: RecurrenceGradientOperands, _ kernels: Kernels, _ thread: ThreadMemory,
    _ firstSteps: Buffer, _ group: Range<Int>, _ step: Int, inChunk place: Int
  ) {
    var s = unsafe self.step(o, thread, firstSteps, group, step, inChunk: place)
    let count = group.count
    func rows(_ buffer: Buffer, _ width: Int) -> Matrix {
      Matrix(buffer.slice(place * count * width, count * width), rows: count, columns: width)
    }
    let dh = Matrix(self.rows(o.dInitialStates[0], group, units), rows: count, columns: units)
    let dGates = rows(thread.dGates, width)
    // SAFETY: `step` gives each member its extent.
    switch cell {
    case .lstm:
      unsafe kt_lstm_step_gradient(&s)
      kernels.recurrent.multiply(dGates, into: dh, accumulate: true)
    case .simple:
      unsafe kt_simple_step_gradient(&s)
      kernels.recurrent.multiply(dGates, into: dh, accumulate: true)
    case .gru(resetsAfter: true):
      unsafe kt_gru_step_gradient(&s)
      kernels.recurrent.multiply(rows(thread.dInner, width), into: dh, accumulate: true)
    case .gru(resetsAfter: false):
      unsafe kt_gru_candidate_step_gradient(&s)
      kernels.candidate?.multiply(
        dGates.columns(2 * units..<width),
        into: Matrix(thread.dReset, rows: count, columns: units), accumulate: false)
      unsafe kt_gru_reset_step_gradient(&s)
      kernels.recurrent.multiply(dGates.columns(0..<2 * units), into: dh, accumulate: true)
    }
  }

  /// The products of the gates' gradients of some steps, in rows by step and then by sample.
  private func multiplySteps(
    _ o: RecurrenceGradientOperands, _ kernels: Kernels, _ thread: ThreadMemory,
    _ group: Range<Int>, _ part: Range<Int>
  ) {
    let rows = part.count * group.count
    gather(o.input, features, into: thread.inputs, group, part)
    gather(o.saved.oldStates[0], units, into: thread.states, group, part)
    func transposed(_ buffer: Buffer, _ columns: Int) -> Matrix {
      Matrix(buffer, rows: rows, columns: columns, transposed: true)
    }
    func packed(_ buffer: Buffer) -> RightOperand {
      RightOperand(
        Matrix(buffer, rows: rows, columns: width), scratch: thread.panels, threads: 1)
    }
    let (inputs, states) = (transposed(thread.inputs, features), transposed(thread.states, units))
    let dKernel = Matrix(thread.dKernel, rows: features, columns: width)
    let dRecurrent = Matrix(thread.dRecurrentKernel, rows: units, columns: width)
    var operand = packed(thread.dGates)
    operand.multiply(inputs, into: dKernel, accumulate: true)
    switch cell {
    case .lstm, .simple:
      operand.multiply(states, into: dRecurrent, accumulate: true)
    case .gru(resetsAfter: true):
      operand = packed(thread.dInner)
      operand.multiply(states, into: dRecurrent, accumulate: true)
    case .gru(resetsAfter: false):
      let dGates = Matrix(thread.dGates, rows: rows, columns: width)
      for (columns, left) in [
        (0..<2 * units, states), (2 * units..<width, transposed(thread.resets, units)),
      ] {
        RightOperand(dGates.columns(columns), scratch: thread.panels, threads: 1)
          .multiply(left, into: dRecurrent.columns(columns), accumulate: true)
      }
    }
    if let dBias = thread.dBias {
      for row in 0..<rows {
        add(thread.dGates.slice(row * width, width), to: dBias.slice(0, width))
        if cell.dividesGradient {
          add(thread.dInner.slice(row * width, width), to: dBias.slice(width, width))
        }
      }
    }
    guard let dInput = o.dInput else { return }
    kernels.input?.multiply(
      Matrix(thread.dGates, rows: rows, columns: width),
      into: Matrix(thread.dInputs, rows: rows, columns: features), accumulate: false)
    for step in part {
      copyRows(
        group.count, of: features, from: thread.dInputs,
        at: (step - part.lowerBound) * group.count * features, stride: features, into: dInput,
        at: (group.lowerBound * steps + time(step)) * features, stride: steps * features,
        threads: 1)
    }
  }

  /// Rows of [N, T, width] at some steps, by step and then by sample.
  private func gather(
    _ x: Buffer, _ width: Int, into y: Buffer, _ group: Range<Int>, _ part: Range<Int>
  ) {
    for step in part {
      copyRows(
        group.count, of: width, from: x,
        at: (group.lowerBound * steps + time(step)) * width, stride: steps * width, into: y,
        at: (step - part.lowerBound) * group.count * width, stride: width, threads: 1)
    }
  }

  /// A step as the C loops take it.
  private func step(
    _ o: RecurrenceGradientOperands, _ thread: ThreadMemory, _ firstSteps: Buffer,
    _ group: Range<Int>, _ step: Int, inChunk place: Int
  ) -> kt_step_gradient {
    let (time, count) = (time(step), group.count)
    var s = unsafe kt_step_gradient()
    // SAFETY: every slice is of the rows that the loops go over.
    unsafe s.rows = count
    unsafe s.units = units
    unsafe s.activation = activation.rawValue
    unsafe s.recurrent = recurrentActivation.rawValue
    if let mask = o.mask {
      unsafe s.mask = UnsafePointer(rows(mask, group, time, 1).floats)
      unsafe s.mask_stride = steps
      unsafe s.first_steps = UnsafePointer(firstSteps.slice(group).ints)
    }
    unsafe s.zeroes_masked = zeroesMasked ? 1 : 0
    unsafe s.step = step
    unsafe s.gates = UnsafePointer(rows(o.saved.gates, group, time, width).floats)
    unsafe s.gate_stride = steps * width
    unsafe s.old_h = UnsafePointer(rows(o.saved.oldStates[0], group, time, units).floats)
    if cell == .lstm {
      unsafe s.old_c = UnsafePointer(rows(o.saved.oldStates[1], group, time, units).floats)
      unsafe s.dc = rows(o.dInitialStates[1], group, units).floats
    }
    if let inner = o.saved.inner {
      unsafe s.inner = UnsafePointer(rows(inner, group, time, units).floats)
    }
    unsafe s.state_stride = steps * units
    if let dSequence = o.dSequence {
      unsafe s.d_output = UnsafePointer(rows(dSequence, group, self.place(step), units).floats)
      unsafe s.output_stride = steps * units
    }
    unsafe s.dh = rows(o.dInitialStates[0], group, units).floats
    unsafe s.dz = thread.dGates.slice(place * count * width, count * width).floats
    if cell.dividesGradient {
      unsafe s.d_inner = thread.dInner.slice(place * count * width, count * width).floats
    }
    if isDivided {
      unsafe s.reset = thread.resets.slice(place * count * units, count * units).floats
      unsafe s.d_reset = UnsafePointer(thread.dReset.slice(0, count * units).floats)
    }
    return unsafe s
  }
}

/// `sum += x`
private func add(_ x: Buffer, to sum: Buffer) {
  precondition(x.count == sum.count, "a sum of \(sum.count) and \(x.count) elements")
  // SAFETY: both hold `x.count` elements.
  unsafe kt_add(x.floats, sum.floats, x.count)
}
