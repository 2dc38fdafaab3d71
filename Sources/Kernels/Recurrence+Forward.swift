/// A recurrent layer forwards through its steps.
internal import CKernels

extension RecurrenceExtent {
  /// The rows of inputs that are multiplied at once: those of two tiles.
  private static let inputRows = 28

  /// The working memory of one call: kernels that all threads read, then each thread's own.
  private struct Workspace {
    var memory = WorkingMemory()
    let kernel, recurrentKernel, candidateKernel: Range<Int>
    let threads: [ThreadSpace]

    init(_ extent: RecurrenceExtent, takesTokens: Bool, isPacked: Bool, threads: Int) {
      let (units, width) = (extent.units, extent.width)
      func count(_ rows: Int, _ columns: Int, _ isNeeded: Bool) -> Int {
        isNeeded ? RightOperand.scratchCount(rows: rows, columns: columns) : 0
      }
      let isDivided = extent.cell == .gru(resetsAfter: false)
      kernel = memory.take(count(extent.features, width, !takesTokens && !isPacked))
      recurrentKernel = memory.take(
        count(units, isDivided ? 2 * units : width, !isPacked || isDivided))
      candidateKernel = memory.take(count(units, units, isDivided))
      let rows = extent.groupRows(threads: threads)
      let inputRows = takesTokens ? 0 : Swift.max(rows, RecurrenceExtent.inputRows)
      var parts: [ThreadSpace] = []
      for _ in extent.shares(threads: threads) {
        parts.append(
          ThreadSpace(
            inputs: memory.take(inputRows * extent.features),
            projected: memory.take(inputRows * width), sums: memory.take(rows * width),
            reset: memory.take(isDivided ? rows * units : 0)))
      }
      self.threads = parts
    }
  }

  /// The elements of working memory that `forward` needs.
  package func forwardScratchCount(takesTokens: Bool, isPacked: Bool, threads: Int) -> Int {
    Workspace(self, takesTokens: takesTokens, isPacked: isPacked, threads: threads).memory.count
  }

  /// Computes all results.
  ///
  /// - Precondition: the operands have the extents' counts, and tokens lie in their table.
  package func forward(_ o: RecurrenceOperands, scratch: Buffer, threads: Int) {
    guard samples > 0, units > 0 else { return }
    start(o)
    let takesTokens = if case .tokens = o.input { true } else { false }
    let space = Workspace(self, takesTokens: takesTokens, isPacked: o.isPacked, threads: threads)
    let kernels = Kernels(self, o, space, scratch, threads: threads)
    let parts = columnParts(threads: threads)
    if parts > 1 {
      walkTogether(o, kernels, ThreadMemory(space.threads[0], scratch), parts: parts)
      return
    }
    let shares = shares(threads: threads)
    parallel(shares.count, threads: threads) { parts in
      for part in parts {
        let memory = ThreadMemory(space.threads[part], scratch)
        for group in groups(shares[part]) { walk(o, kernels, memory, group) }
      }
    }
  }

  /// How many threads share the products of a single sample: more than one where reading the kernel takes
  /// longer than waiting for each other.
  private func columnParts(threads: Int) -> Int {
    guard samples == 1, units * width >= 1 << 15, cell != .gru(resetsAfter: false) else { return 1 }
    return Swift.min(threads, width / PackedMatrix.panelWidth / 2, 16)
  }

  private struct ThreadSpace {
    let inputs, projected, sums, reset: Range<Int>
  }

  private struct ThreadMemory {
    let inputs, projected, sums, reset: Buffer

    init(_ space: ThreadSpace, _ scratch: Buffer) {
      inputs = scratch.slice(space.inputs)
      projected = scratch.slice(space.projected)
      sums = scratch.slice(space.sums)
      reset = scratch.slice(space.reset)
    }
  }

  /// The right operands of the products.
  private struct Kernels: Sendable {
    let input: RightOperand?
    let recurrent: RightOperand
    /// That of the candidate alone, where the reset gate acts before the product.
    let candidate: RightOperand?

    init(
      _ e: RecurrenceExtent, _ o: RecurrenceOperands, _ space: Workspace, _ scratch: Buffer,
      threads: Int
    ) {
      let (units, width) = (e.units, e.width)
      func operand(_ buffer: Buffer, _ rows: Int, _ space: Range<Int>) -> RightOperand {
        o.isPacked
          ? RightOperand(packed: buffer, rows: rows, columns: width)
          : RightOperand(
            Matrix(buffer, rows: rows, columns: width), scratch: scratch.slice(space),
            threads: threads)
      }
      if case .rows(_, let kernel) = o.input {
        input = operand(kernel, e.features, space.kernel)
      } else {
        input = nil
      }
      guard e.cell == .gru(resetsAfter: false) else {
        recurrent = operand(o.recurrentKernel, units, space.recurrentKernel)
        candidate = nil
        return
      }
      let matrix = Matrix(o.recurrentKernel, rows: units, columns: width)
      recurrent = RightOperand(
        matrix.columns(0..<2 * units), scratch: scratch.slice(space.recurrentKernel),
        threads: threads)
      candidate = RightOperand(
        matrix.columns(2 * units..<width), scratch: scratch.slice(space.candidateKernel),
        threads: threads)
    }
  }

  private func start(_ o: RecurrenceOperands) {
    for (place, state) in o.states.enumerated() {
      if o.initialStates.isEmpty { state.fill(0) } else { state.copy(from: o.initialStates[place]) }
    }
  }

  /// All steps of a group.
  private func walk(
    _ o: RecurrenceOperands, _ kernels: Kernels, _ memory: ThreadMemory, _ group: Range<Int>
  ) {
    let chunk = chunkSteps(group.count, rows: Self.inputRows)
    let h = Matrix(rows(o.states[0], group, units), rows: group.count, columns: units)
    let sums = Matrix(memory.sums, rows: group.count, columns: width)
    var s = unsafe steps(o, memory, group)
    var step = 0
    while step < steps {
      let next = Swift.min(step + chunk, steps)
      if case .rows(let x, _) = o.input { project(x, kernels, memory, group, step..<next) }
      for current in step..<next {
        // SAFETY: `s` gets the rows of this step.
        unsafe go(to: current, inChunk: current - step, &s, o, memory, group)
        unsafe advance(
          &s, kernels, h, sums, memory, isZero: current == 0 && o.initialStates.isEmpty)
      }
      step = next
    }
  }

  /// All steps of the only sample, whose products some threads share.
  private func walkTogether(
    _ o: RecurrenceOperands, _ kernels: Kernels, _ memory: ThreadMemory, parts: Int
  ) {
    let chunk = chunkSteps(1, rows: Self.inputRows)
    let h = Matrix(o.states[0], rows: 1, columns: units)
    let sums = Matrix(memory.sums, rows: 1, columns: width)
    let panels = PackedMatrix.panels(width)
    var s = unsafe steps(o, memory, 0..<1)
    parallelRounds(steps, parts: parts) { _, part in
      let first = panels * part / parts * PackedMatrix.panelWidth
      let end = Swift.min(panels * (part + 1) / parts * PackedMatrix.panelWidth, width)
      kernels.recurrent.multiply(
        h, columns: first..<end, into: sums.columns(first..<end), accumulate: false)
    } whole: { step in
      if case .rows(let x, _) = o.input, step.isMultiple(of: chunk) {
        project(x, kernels, memory, 0..<1, step..<Swift.min(step + chunk, steps))
      }
      // SAFETY: `s` gets the rows of this step.
      unsafe go(to: step, inChunk: step % chunk, &s, o, memory, 0..<1)
      unsafe run(&s)
    }
  }

  /// Makes the products of the inputs of some steps, in rows by step and then by sample.
  private func project(
    _ x: Buffer, _ kernels: Kernels, _ memory: ThreadMemory, _ group: Range<Int>, _ part: Range<Int>
  ) {
    for step in part {
      copyRows(
        group.count, of: features, from: x,
        at: (group.lowerBound * steps + time(step)) * features, stride: steps * features,
        into: memory.inputs, at: (step - part.lowerBound) * group.count * features,
        stride: features, threads: 1)
    }
    let rows = part.count * group.count
    kernels.input?.multiply(
      Matrix(memory.inputs, rows: rows, columns: features),
      into: Matrix(memory.projected, rows: rows, columns: width), accumulate: false)
  }

  /// One step of a group.
  ///
  /// - Parameter isZero: whether the states are, and their products.
  private func advance(
    _ s: inout kt_step, _ kernels: Kernels, _ h: Matrix, _ sums: Matrix, _ memory: ThreadMemory,
    isZero: Bool
  ) {
    if isZero { memory.sums.fill(0) }
    // SAFETY: as where it is called.
    switch cell {
    case .lstm, .simple, .gru(resetsAfter: true):
      if !isZero {
        kernels.recurrent.multiply(h, into: sums, accumulate: false)
      }
      unsafe run(&s)
    case .gru(resetsAfter: false):
      if !isZero {
        kernels.recurrent.multiply(
          h, into: sums.columns(0..<2 * units), accumulate: false)
      }
      unsafe kt_gru_reset_step(&s)
      if !isZero {
        kernels.candidate?.multiply(
          Matrix(memory.reset, rows: h.rows, columns: units),
          into: sums.columns(2 * units..<width), accumulate: false)
      }
      unsafe kt_gru_candidate_step(&s)
    }
  }

  private func run(_ s: inout kt_step) {
    // SAFETY: as where it is called.
    switch cell {
    case .lstm: unsafe kt_lstm_step(&s)
    case .gru: unsafe kt_gru_step(&s)
    case .simple: unsafe kt_simple_step(&s)
    }
  }

  /// The steps of a group as the C loops take them, before the first.
  private func steps(
    _ o: RecurrenceOperands, _ memory: ThreadMemory, _ group: Range<Int>
  ) -> kt_step {
    precondition(
      (o.bias?.count ?? 0) % width == 0 && o.states.count == cell.states, "operands of another cell"
    )
    var s = unsafe kt_step()
    // SAFETY: every slice is of the rows that the loops go over.
    unsafe s.rows = group.count
    unsafe s.units = units
    unsafe s.activation = activation.rawValue
    unsafe s.recurrent = recurrentActivation.rawValue
    unsafe s.mask_stride = steps
    unsafe s.zeroes_masked = zeroesMasked ? 1 : 0
    unsafe s.projected_stride = width
    unsafe s.token_stride = steps
    unsafe s.bias = o.bias.map { unsafe UnsafePointer($0.floats) }
    unsafe s.sums = memory.sums.slice(0, group.count * width).floats
    unsafe s.h = rows(o.states[0], group, units).floats
    if cell == .lstm { unsafe s.c = rows(o.states[1], group, units).floats }
    unsafe s.output_stride = steps * units
    unsafe s.gate_stride = steps * width
    unsafe s.state_stride = steps * units
    if cell == .gru(resetsAfter: false) {
      unsafe s.reset = memory.reset.slice(0, group.count * units).floats
    }
    return unsafe s
  }

  /// Moves from the step before to this one.
  private func go(
    to step: Int, inChunk place: Int, _ s: inout kt_step, _ o: RecurrenceOperands,
    _ memory: ThreadMemory, _ group: Range<Int>
  ) {
    let time = time(step)
    // SAFETY: every slice is of the rows that the loops go over; those of the tokens lie in their table.
    if let mask = o.mask { unsafe s.mask = UnsafePointer(rows(mask, group, time, 1).floats) }
    switch o.input {
    case .rows:
      let count = group.count * width
      unsafe s.projected = UnsafePointer(memory.projected.slice(place * count, count).floats)
    case .tokens(let tokens, let table):
      unsafe s.projected = UnsafePointer(table.floats)
      unsafe s.tokens = UnsafePointer(rows(tokens, group, time, 1).ints)
    }
    if let sequence = o.sequence {
      unsafe s.previous_output = s.output.map { unsafe UnsafePointer($0) }
      unsafe s.output = rows(sequence, group, self.place(step), units).floats
    }
    if let saved = o.saved {
      unsafe s.gates = rows(saved.gates, group, time, width).floats
      unsafe s.old_h = rows(saved.oldStates[0], group, time, units).floats
      if cell == .lstm { unsafe s.old_c = rows(saved.oldStates[1], group, time, units).floats }
      if let inner = saved.inner { unsafe s.inner = rows(inner, group, time, units).floats }
    }
  }
}
