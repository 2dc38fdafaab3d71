/// The gradients of convolutions.
internal import CKernels

// MARK: The input's

extension Convolution {
  /// The convolution of an output's gradient that is the input's: by the kernel turned round, its
  /// channels and filters exchanged. Nil where windows have strides or groups, and no such one is.
  var turned: Convolution? {
    guard groups == 1, windows.allSatisfy({ $0.stride == 1 }) else { return nil }
    var turnedWindows: [Windows] = []
    for axis in windows {
      let leading = (axis.size - 1) * axis.dilation - axis.leading
      guard leading >= 0 else { return nil }
      turnedWindows.append(
        Windows(
          inputLength: axis.count, size: axis.size, stride: 1, dilation: axis.dilation,
          leading: leading, count: axis.inputLength))
    }
    return Convolution(
      samples: samples, windows: turnedWindows, channels: filters, filters: channels, groups: 1)
  }

  /// The elements of working memory for `inputGradient`.
  package func inputGradientScratchCount(_ method: Method = .direct, threads: Int) -> Int {
    if route == .channels { return 0 }
    if let turned {
      return kernelCount + turned.scratchCount(method, packed: false, threads: threads)
    }
    return transposedKernelCount + threads * blockLength * patchCount
  }

  private var transposedKernelCount: Int {
    groups * PackedMatrix.count(rows: groupFilters, columns: patchCount)
  }

  /// `dx`, from the gradient of the output.
  package func inputGradient(
    outputGradient: Buffer, kernel: Buffer, inputGradient: Buffer, _ method: Method = .direct,
    scratch: Buffer, threads: Int
  ) {
    precondition(
      inputGradient.count == inputCount && kernel.count == kernelCount
        && outputGradient.count == outputCount,
      "buffers that do not fit the convolution's extents")
    if route == .channels {
      inputGradientByChannels(outputGradient, kernel, inputGradient, threads)
      return
    }
    guard let turned else {
      scatterInputGradient(outputGradient, kernel, inputGradient, scratch, threads)
      return
    }
    // [K…, C, F] to [K… backwards, F, C].
    let turnedKernel = scratch.slice(0, kernelCount)
    let tapCount = channels * filters
    parallel(taps, threads: threads.worthwhile(kernelCount)) { range in
      for tap in range {
        transpose(
          kernel.slice(tap * tapCount, tapCount), rows: channels, columns: filters,
          into: turnedKernel.slice((taps - 1 - tap) * tapCount, tapCount), threads: 1)
      }
    }
    turned.forward(
      input: outputGradient, kernel: .plain(turnedKernel), output: inputGradient, method,
      scratch: scratch.slice(kernelCount), threads: threads)
  }

  /// What each window adds to the positions it sees, block by block.
  private func scatterInputGradient(
    _ outputGradient: Buffer, _ kernel: Buffer, _ inputGradient: Buffer, _ scratch: Buffer,
    _ threads: Int
  ) {
    let matrixCount = transposedKernelCount / groups
    for group in 0..<groups {
      let matrix = groupKernel(kernel, group)
      _ = PackedMatrix(
        Matrix(
          matrix.buffer, rows: matrix.rows, columns: matrix.columns, stride: matrix.stride,
          transposed: true),
        into: scratch.slice(group * matrixCount, matrixCount), threads: threads)
    }
    let parts = scratch.slice(transposedKernelCount)
    let sampleCount = inputPositions * channels
    parallelByTurns(samples, threads: threads) { range, thread in
      let rows = parts.slice(thread * blockLength * patchCount, blockLength * patchCount)
      for sample in range {
        let result = inputGradient.slice(sample * sampleCount, sampleCount)
        result.fill(0)
        for start in stride(from: 0, to: outputPositions, by: blockLength) {
          let block = start..<min(start + blockLength, outputPositions)
          for group in 0..<groups {
            let gradient = groupOutput(outputGradient, sample, block, group)
            let product = Matrix(rows, rows: block.count, columns: patchCount)
            if let packed = PackedMatrix(
              packed: scratch.slice(group * matrixCount, matrixCount), rows: groupFilters,
              columns: patchCount)
            {
              packed.multiply(StridedRows(gradient), into: product, accumulate: false)
            } else {
              let matrix = groupKernel(kernel, group)
              multiplyInOneThread(
                gradient,
                Matrix(
                  matrix.buffer, rows: matrix.rows, columns: matrix.columns,
                  stride: matrix.stride, transposed: true),
                into: product, accumulate: false)
            }
            scatter(rows, block, group: group, into: result)
          }
        }
      }
    }
  }
}

// MARK: The kernel's

extension Convolution {
  /// The parts in which samples are added up before the parts are: a number that does not depend on the
  /// threads, so that the sums do not either.
  private var sumParts: Int {
    max(1, min(samples, max(2, min(8, (1 << 22) / max(1, kernelCount)))))
  }

  /// Whether rows of the output are as far apart as those of the input, so that one product sums over
  /// many rows.
  private var isFlat: Bool { last.stride == 1 && (outer.last?.stride ?? 1) == 1 }

  /// The rows of a sample of the output's gradient as a packed matrix: padding in between is zeros.
  private var gradientPitch: Int { isFlat ? pitch : last.count }

  private var packedGradientRows: Int {
    route == .rows ? outputRows * gradientPitch : blockLength
  }

  private var packedGradientCount: Int {
    PackedMatrix.count(rows: packedGradientRows, columns: groupFilters)
  }

  private var gradientPartCount: Int {
    if route == .channels { return 0 }
    return packedGradientCount + (route == .rows ? paddedCount : blockLength * patchCount)
  }

  /// The elements of working memory for `kernelGradient`.
  package func kernelGradientScratchCount(threads: Int) -> Int {
    sumParts * kernelCount + threads * gradientPartCount
  }

  /// `dkernel`, from the input and the gradient of the output.
  package func kernelGradient(
    input: Buffer, outputGradient: Buffer, kernelGradient: Buffer, scratch: Buffer, threads: Int
  ) {
    precondition(
      input.count == inputCount && kernelGradient.count == kernelCount
        && outputGradient.count == outputCount,
      "buffers that do not fit the convolution's extents")
    let parts = sumParts
    let sums = parts == 1 ? kernelGradient : scratch.slice(0, parts * kernelCount)
    let work = scratch.slice(parts * kernelCount)
    let sampleCount = inputPositions * channels
    parallelByTurns(parts, threads: threads) { range, thread in
      let own = work.slice(thread * gradientPartCount, gradientPartCount)
      for part in range {
        let sum = sums.slice(part * kernelCount, kernelCount)
        sum.fill(0)
        for sample in samples * part / parts..<samples * (part + 1) / parts {
          let x = input.slice(sample * sampleCount, sampleCount)
          switch route {
          case .rows: addKernelGradientByRows(x, outputGradient, sample, to: sum, own)
          case .channels: addKernelGradientByChannels(x, outputGradient, sample, to: sum)
          case .patches: addKernelGradientByPatches(x, outputGradient, sample, to: sum, own)
          }
        }
      }
    }
    guard parts > 1 else { return }
    sum(
      sums, ReductionExtents(outer: 1, reduced: parts, inner: kernelCount), divisor: 1,
      into: kernelGradient, scratch: work, threads: threads)
  }

  private func addKernelGradientByRows(
    _ x: Buffer, _ outputGradient: Buffer, _ sample: Int, to sum: Buffer, _ scratch: Buffer
  ) {
    let rows = withPaddedRows(x, in: scratch.slice(packedGradientCount))
    guard
      let gradient = PackedMatrix(
        packed: scratch.slice(0, packedGradientCount), rows: packedGradientRows, columns: filters)
    else { return }
    let y = outputGradient.slice(sample * outputPositions * filters, outputPositions * filters)
    for row in 0..<outputRows {
      let place = row * gradientPitch
      gradient.store(
        Matrix(
          y.slice(row * last.count * filters), rows: last.count, columns: filters), at: place)
      gradient.clear(place + last.count..<place + gradientPitch)
    }
    let width = last.size * channels
    for tap in 0..<outerTaps {
      let result = Matrix(sum.slice(tap * width * filters), rows: width, columns: filters)
      forEachRun(tap: tap) { row, source, count in
        let depth = (count - 1) * gradientPitch + last.count
        gradient.multiply(
          StridedRows(
            rows.slice(source * pitch * channels), height: width, width: depth, rowStride: 1,
            columnStride: last.stride * channels),
          rows: row * gradientPitch..<row * gradientPitch + depth, into: result, accumulate: true)
      }
    }
  }

  /// Calls `body` with runs of output rows whose input rows at this tap are neighbours too: the first row
  /// of both, and how many.
  private func forEachRun(tap: Int, _ body: (Int, Int, Int) -> Void) {
    guard isFlat, let axis = outer.last else {
      for row in 0..<outputRows {
        if let source = inputRow(of: row, tap: tap) { body(row, source, 1) }
      }
      return
    }
    let inside = axis.inside(tap: tap % axis.size)
    guard !inside.isEmpty else { return }
    for start in stride(from: inside.lowerBound, to: outputRows, by: axis.count) {
      if let source = inputRow(of: start, tap: tap) { body(start, source, inside.count) }
    }
  }

  private func addKernelGradientByPatches(
    _ x: Buffer, _ outputGradient: Buffer, _ sample: Int, to sum: Buffer, _ scratch: Buffer
  ) {
    let patches = scratch.slice(packedGradientCount)
    for start in stride(from: 0, to: outputPositions, by: blockLength) {
      let block = start..<min(start + blockLength, outputPositions)
      for group in 0..<groups {
        gather(x, block, group: group, into: patches)
        let gradient = groupOutput(outputGradient, sample, block, group)
        let result = groupKernel(sum, group)
        let rows = Matrix(
          patches, rows: block.count, columns: patchCount, transposed: true)
        if let packed = PackedMatrix(
          packed: scratch.slice(0, packedGradientCount), rows: packedGradientRows,
          columns: groupFilters)
        {
          packed.store(gradient, at: 0)
          packed.multiply(
            StridedRows(rows), rows: 0..<block.count, into: result, accumulate: true)
        } else {
          multiplyInOneThread(rows, gradient, into: result, accumulate: true)
        }
      }
    }
  }
}
