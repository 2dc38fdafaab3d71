/// The gradient of a long short-term memory: backwards through the steps for the gradients of the
/// gates, then one matrix product for all steps of each weight's.
internal import CKernels

/// The operands of the gradient. `dSequence`, `dH` and `dC` are gradients of results, the rest of
/// those of operands; see `LSTMOperands`.
package struct LSTMGradientOperands: Sendable {
  package let input: Buffer
  package let kernel: Buffer
  package let recurrentKernel: Buffer
  package let mask: Buffer?
  package let gates: Buffer
  package let oldH: Buffer
  package let oldC: Buffer
  package let dSequence: Buffer
  package let dH: Buffer
  package let dC: Buffer
  /// Working memory, [N, T, 4U]: the gradient of the gates before their functions.
  package let dGates: Buffer
  /// Nil where it is not asked for.
  package let dInput: Buffer?
  package let dKernel: Buffer
  package let dRecurrentKernel: Buffer
  package let dBias: Buffer
  /// These hold the gradients of the states while the steps are walked back.
  package let dInitialH: Buffer
  package let dInitialC: Buffer

  package init(
    input: Buffer, kernel: Buffer, recurrentKernel: Buffer, mask: Buffer?, gates: Buffer,
    oldH: Buffer, oldC: Buffer, dSequence: Buffer, dH: Buffer, dC: Buffer, dGates: Buffer,
    dInput: Buffer?, dKernel: Buffer, dRecurrentKernel: Buffer, dBias: Buffer, dInitialH: Buffer,
    dInitialC: Buffer
  ) {
    self.input = input
    self.kernel = kernel
    self.recurrentKernel = recurrentKernel
    self.mask = mask
    self.gates = gates
    self.oldH = oldH
    self.oldC = oldC
    self.dSequence = dSequence
    self.dH = dH
    self.dC = dC
    self.dGates = dGates
    self.dInput = dInput
    self.dKernel = dKernel
    self.dRecurrentKernel = dRecurrentKernel
    self.dBias = dBias
    self.dInitialH = dInitialH
    self.dInitialC = dInitialC
  }
}

extension LSTMExtent {
  /// Computes all gradients.
  package func gradient(_ o: LSTMGradientOperands, threads: Int) {
    shareOut(threads: threads) { samples, threads in
      walkBack(o, samples, threads: threads)
      if let dInput = o.dInput {
        multiply(
          allRows(o.dGates, samples, 4 * units),
          Matrix(o.kernel, rows: features, columns: 4 * units, transposed: true),
          into: allRows(dInput, samples, features), threads: threads)
      }
    }
    let all = 0..<samples
    let dGates = allRows(o.dGates, all, 4 * units)
    multiply(
      transposed(allRows(o.input, all, features)), dGates,
      into: Matrix(o.dKernel, rows: features, columns: 4 * units), threads: threads)
    multiply(
      transposed(allRows(o.oldH, all, units)), dGates,
      into: Matrix(o.dRecurrentKernel, rows: units, columns: 4 * units), threads: threads)
    o.dBias.fill(0)
    for place in 0..<dGates.rows {
      add(o.dGates.slice(place * 4 * units, 4 * units), to: o.dBias)
    }
  }

  private func transposed(_ matrix: Matrix) -> Matrix {
    Matrix(matrix.buffer, rows: matrix.rows, columns: matrix.columns, transposed: true)
  }

  /// Makes `dGates` of `samples` and the gradients of their initial states.
  private func walkBack(_ o: LSTMGradientOperands, _ samples: Range<Int>, threads: Int) {
    let states = samples.lowerBound * units
    let count = samples.count * units
    let (dh, dc) = (o.dInitialH.slice(states, count), o.dInitialC.slice(states, count))
    dh.copy(from: o.dH.slice(states, count))
    dc.copy(from: o.dC.slice(states, count))
    let firstSteps = samples.map { firstStep(o.mask, $0) }
    for step in (0..<steps).reversed() {
      for sample in samples {
        retreat(o, sample, step, isReached: step >= firstSteps[sample - samples.lowerBound])
      }
      multiply(
        rows(o.dGates, samples, time(step), 4 * units),
        Matrix(o.recurrentKernel, rows: units, columns: 4 * units, transposed: true),
        into: Matrix(dh, rows: samples.count, columns: units), accumulate: true, threads: threads)
    }
  }

  /// One step of one sample. What flows into the output of a masked step belongs to the state that
  /// it repeats, or to nothing if no step was before it (`isReached` is false) or it is zero.
  private func retreat(
    _ o: LSTMGradientOperands, _ sample: Int, _ step: Int, isReached: Bool
  ) {
    let time = time(step)
    let dGates = row(o.dGates, sample, time, 4 * units)
    let dOutput = row(o.dSequence, sample, step, units)
    let dh = o.dInitialH.slice(sample * units, units)
    guard isOn(o.mask, sample, step) else {
      dGates.fill(0)
      if isReached, !zeroesMasked { add(dOutput, to: dh) }
      return
    }
    let dc = o.dInitialC.slice(sample * units, units)
    // SAFETY: each row is sliced to its width here or above.
    unsafe kt_lstm_cell_gradient(
      units, activation.rawValue, recurrentActivation.rawValue,
      row(o.gates, sample, time, 4 * units).floats, row(o.oldC, sample, time, units).floats,
      dOutput.floats, dh.floats, dc.floats, dGates.floats)
  }
}

/// `sum += x`
private func add(_ x: Buffer, to sum: Buffer) {
  precondition(x.count == sum.count, "a sum of \(sum.count) and \(x.count) elements")
  // SAFETY: both hold `x.count` elements.
  unsafe kt_add(x.floats, sum.floats, x.count)
}
