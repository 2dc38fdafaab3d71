/// A long short-term memory over whole sequences.
///
/// The products of all steps' inputs are one matrix product; a step then adds the product of its
/// state and runs one fused loop over its gates. Whole samples are shared out over threads while
/// there are enough of them, since then nothing has to be waited for between steps.
internal import CKernels

/// The extents and functions of a long short-term memory over [N, T, D] with U units.
package struct LSTMExtent: Sendable {
  package let samples: Int
  package let steps: Int
  package let features: Int
  package let units: Int
  package let activation: GateFunction
  package let recurrentActivation: GateFunction
  /// From the last time to the first; results stand in the order in which they are made.
  package let goesBackwards: Bool
  /// Whether the output of a masked step is zero rather than that of the step before.
  package let zeroesMasked: Bool

  package init(
    samples: Int, steps: Int, features: Int, units: Int, activation: GateFunction,
    recurrentActivation: GateFunction, goesBackwards: Bool, zeroesMasked: Bool
  ) {
    self.samples = samples
    self.steps = steps
    self.features = features
    self.units = units
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.goesBackwards = goesBackwards
    self.zeroesMasked = zeroesMasked
  }

  /// The time that a step reads.
  func time(_ step: Int) -> Int { goesBackwards ? steps - 1 - step : step }

  /// The elements of one row of `width` at a place of [N, T, width].
  func row(_ buffer: Buffer, _ sample: Int, _ time: Int, _ width: Int) -> Buffer {
    buffer.slice((sample * steps + time) * width, width)
  }

  /// The rows of `samples` at one time of [N, T, width], as a matrix.
  func rows(_ buffer: Buffer, _ samples: Range<Int>, _ time: Int, _ width: Int) -> Matrix {
    let first = (samples.lowerBound * steps + time) * width
    return Matrix(
      buffer.slice(first, buffer.count - first), rows: samples.count, columns: width,
      stride: steps * width)
  }

  /// All rows of `samples` of [N, T, width], as a matrix.
  func allRows(_ buffer: Buffer, _ samples: Range<Int>, _ width: Int) -> Matrix {
    Matrix(
      buffer.slice(samples.lowerBound * steps * width, samples.count * steps * width),
      rows: samples.count * steps, columns: width)
  }

  /// Runs `body` over ranges of samples and the threads that each may use itself.
  func shareOut(threads: Int, _ body: @Sendable (Range<Int>, Int) -> Void) {
    if threads > 1, samples >= 2 * threads {
      parallel(samples, threads: threads) { body($0, 1) }
    } else if samples > 0 {
      body(0..<samples, threads)
    }
  }

  /// The first step at which a sample is not masked.
  func firstStep(_ mask: Buffer?, _ sample: Int) -> Int {
    guard let mask else { return 0 }
    return (0..<steps).first { isOn(mask, sample, $0) } ?? steps
  }

  /// Whether a sample is not masked at a step.
  func isOn(_ mask: Buffer?, _ sample: Int, _ step: Int) -> Bool {
    guard let mask else { return true }
    let place = sample * steps + time(step)
    precondition(place < mask.count, "outside the mask")
    // SAFETY: checked in the line above; sample and step are not negative.
    return unsafe mask.floats[place] != 0
  }
}

/// The operands of a long short-term memory; every sequence is [N, T, …] and stands by time, but
/// `sequence` by step.
package struct LSTMOperands: Sendable {
  package let input: Buffer
  package let kernel: Buffer
  package let recurrentKernel: Buffer
  package let bias: Buffer?
  package let initialState: (h: Buffer, c: Buffer)?
  package let mask: Buffer?
  /// Results, and for the gradient: the gates after their functions, zero where masked, and the
  /// states before each time.
  package let sequence: Buffer
  package let h: Buffer
  package let c: Buffer
  package let gates: Buffer
  package let oldH: Buffer
  package let oldC: Buffer

  package init(
    input: Buffer, kernel: Buffer, recurrentKernel: Buffer, bias: Buffer?,
    initialState: (h: Buffer, c: Buffer)?, mask: Buffer?, sequence: Buffer, h: Buffer, c: Buffer,
    gates: Buffer, oldH: Buffer, oldC: Buffer
  ) {
    self.input = input
    self.kernel = kernel
    self.recurrentKernel = recurrentKernel
    self.bias = bias
    self.initialState = initialState
    self.mask = mask
    self.sequence = sequence
    self.h = h
    self.c = c
    self.gates = gates
    self.oldH = oldH
    self.oldC = oldC
  }
}

extension LSTMExtent {
  /// Computes all results.
  package func forward(_ o: LSTMOperands, threads: Int) {
    precondition((o.bias?.count ?? 4 * units) == 4 * units, "a bias of \(o.bias?.count ?? 0)")
    shareOut(threads: threads) { samples, threads in
      multiply(
        allRows(o.input, samples, features),
        Matrix(o.kernel, rows: features, columns: 4 * units),
        into: allRows(o.gates, samples, 4 * units), threads: threads)
      start(o, samples)
      for step in 0..<steps {
        let time = time(step)
        if step > 0 || o.initialState != nil {
          multiply(
            rows(o.oldH, samples, time, units),
            Matrix(o.recurrentKernel, rows: units, columns: 4 * units),
            into: rows(o.gates, samples, time, 4 * units), accumulate: true, threads: threads)
        }
        for sample in samples { advance(o, sample, step) }
      }
    }
  }

  /// Where the states that a step makes go: before the next time, or to the results.
  private func target(_ o: LSTMOperands, _ sample: Int, after step: Int) -> (h: Buffer, c: Buffer) {
    step + 1 < steps
      ? (row(o.oldH, sample, time(step + 1), units), row(o.oldC, sample, time(step + 1), units))
      : (o.h.slice(sample * units, units), o.c.slice(sample * units, units))
  }

  private func start(_ o: LSTMOperands, _ samples: Range<Int>) {
    for sample in samples {
      let (h, c) = target(o, sample, after: -1)
      if let initial = o.initialState {
        h.copy(from: initial.h.slice(sample * units, units))
        c.copy(from: initial.c.slice(sample * units, units))
      } else {
        h.fill(0)
        c.fill(0)
      }
    }
  }

  /// One step of one sample, from the sums of products in its gates.
  private func advance(_ o: LSTMOperands, _ sample: Int, _ step: Int) {
    let time = time(step)
    let gates = row(o.gates, sample, time, 4 * units)
    let oldC = row(o.oldC, sample, time, units)
    let new = target(o, sample, after: step)
    let output = row(o.sequence, sample, step, units)
    if isOn(o.mask, sample, step) {
      // SAFETY: each row was sliced to its width; `forward` checked the bias.
      unsafe kt_lstm_cell(
        units, activation.rawValue, recurrentActivation.rawValue, gates.floats, o.bias?.floats,
        oldC.floats, new.c.floats, new.h.floats)
      output.copy(from: new.h)
    } else {
      gates.fill(0)
      new.h.copy(from: row(o.oldH, sample, time, units))
      new.c.copy(from: oldC)
      if step > 0, !zeroesMasked {
        output.copy(from: row(o.sequence, sample, step - 1, units))
      } else {
        output.fill(0)
      }
    }
  }
}
