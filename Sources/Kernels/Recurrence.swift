/// Recurrent layers over whole sequences.
///
/// Each thread has samples of its own and takes them through all steps, a group at a time, so that nothing
/// is waited for between steps and a group's states stay in the first-level cache. The products of the input
/// are made for as many steps at once as fill the tiles; a step then adds the products of the states and runs
/// the cell's loop over its gates.
internal import CKernels

/// The extents and functions of a recurrent layer over [N, T, D] with U units.
package struct RecurrenceExtent: Sendable {
  package let cell: RecurrentCell
  package let samples: Int
  package let steps: Int
  package let features: Int
  package let units: Int
  package let activation: GateFunction
  package let recurrentActivation: GateFunction
  /// From the last time to the first.
  package let goesBackwards: Bool
  /// Whether outputs stand in the reverse order of the steps.
  package let reversesOutputs: Bool
  /// Whether the output of a masked step is zero rather than that of the step before.
  package let zeroesMasked: Bool

  package init(
    cell: RecurrentCell, samples: Int, steps: Int, features: Int, units: Int,
    activation: GateFunction, recurrentActivation: GateFunction, goesBackwards: Bool,
    reversesOutputs: Bool, zeroesMasked: Bool
  ) {
    self.cell = cell
    self.samples = samples
    self.steps = steps
    self.features = features
    self.units = units
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.goesBackwards = goesBackwards
    self.reversesOutputs = reversesOutputs
    self.zeroesMasked = zeroesMasked
  }

  /// The columns of the kernels.
  package var width: Int { cell.gates * units }

  /// The time that a step reads.
  func time(_ step: Int) -> Int { goesBackwards ? steps - 1 - step : step }

  /// Where the output of a step stands.
  func place(_ step: Int) -> Int { reversesOutputs ? steps - 1 - step : step }

  /// From the row of the first of `samples` at one time of [N, T, width] to that of the last.
  func rows(_ buffer: Buffer, _ samples: Range<Int>, _ time: Int, _ width: Int) -> Buffer {
    buffer.slice(
      (samples.lowerBound * steps + time) * width, ((samples.count - 1) * steps + 1) * width)
  }

  /// The rows of `samples` of [N, width].
  func rows(_ buffer: Buffer, _ samples: Range<Int>, _ width: Int) -> Buffer {
    buffer.slice(samples.lowerBound * width, samples.count * width)
  }

  // MARK: Sharing out

  /// The most samples that a thread takes through the steps together.
  static let mostRows = 32

  /// The samples of each thread; threads without any are left out.
  func shares(threads: Int) -> [Range<Int>] {
    let parts = Swift.max(1, Swift.min(threads, samples))
    return (0..<parts).map { samples * $0 / parts..<samples * ($0 + 1) / parts }
  }

  /// A share in groups of about equal size.
  func groups(_ share: Range<Int>) -> some Sequence<Range<Int>> {
    let parts = groupCount(share)
    // Lazily, since how many there are grows with the batch.
    return (0..<parts).lazy.map {
      share.lowerBound + share.count * $0 / parts..<share.lowerBound + share.count * ($0 + 1)
        / parts
    }
  }

  private func groupCount(_ share: Range<Int>) -> Int {
    (share.count + Self.mostRows - 1) / Self.mostRows
  }

  /// The samples of the largest group.
  func groupRows(threads: Int) -> Int {
    shares(threads: threads).reduce(0) { most, share in
      let parts = Swift.max(groupCount(share), 1)
      return Swift.max(most, (share.count + parts - 1) / parts)
    }
  }

  /// The steps whose rows, of a group of so many samples, fill `rows`.
  func chunkSteps(_ samples: Int, rows: Int) -> Int {
    Swift.max(1, Swift.min(steps, rows / Swift.max(1, samples)))
  }
}

/// The operands of a recurrent layer. Sequences are [N, T, …] and stand by time, but outputs by step.
package struct RecurrenceOperands: Sendable {
  package enum Input: Sendable {
    /// x and the kernel.
    case rows(Buffer, kernel: Buffer)
    /// Tokens [N, T] and a table of products [V, width], which has all of them.
    case tokens(Buffer, table: Buffer)
  }

  package let input: Input
  package let recurrentKernel: Buffer
  /// Whether the kernels are packed.
  package let isPacked: Bool
  /// [width], and [2, width] for a GRU that resets after the product.
  package let bias: Buffer?
  /// As many as the cell has, or none.
  package let initialStates: [Buffer]
  package let mask: Buffer?
  // Results
  package let sequence: Buffer?
  package let states: [Buffer]
  package let saved: RecurrenceSaved?

  package init(
    input: Input, recurrentKernel: Buffer, isPacked: Bool, bias: Buffer?, initialStates: [Buffer],
    mask: Buffer?, sequence: Buffer?, states: [Buffer], saved: RecurrenceSaved?
  ) {
    self.input = input
    self.recurrentKernel = recurrentKernel
    self.isPacked = isPacked
    self.bias = bias
    self.initialStates = initialStates
    self.mask = mask
    self.sequence = sequence
    self.states = states
    self.saved = saved
  }
}

/// What the gradient needs of each step, by time.
package struct RecurrenceSaved: Sendable {
  /// [N, T, width], after their functions, zero where masked.
  package let gates: Buffer
  /// [N, T, U] before the step, one for each state.
  package let oldStates: [Buffer]
  /// [N, T, U], of a GRU that resets after the product: the candidate's product of the state.
  package let inner: Buffer?

  /// - Parameter buffers: gates, states, and the inner product where there is one.
  package init(_ buffers: ArraySlice<Buffer>, cell: RecurrentCell) {
    gates = buffers[buffers.startIndex]
    oldStates = Array(buffers.dropFirst().prefix(cell.states))
    inner = cell == .gru(resetsAfter: true) ? buffers.last : nil
  }
}
