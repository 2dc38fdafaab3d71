/// Convolutions of which only each filter's largest output is wanted.
internal import CKernels

extension Convolution1D {
  /// The windows whose outputs a thread keeps at once: they should stay in its second-level cache.
  private var blockLength: Int { max(8, min(windows.count, 65_536 / max(filters, 1) / 4 * 4)) }

  private func usesWinograd(_ method: Convolution.Method) -> Bool {
    if case .winograd = method { return WinogradConvolution.isPossible(self) }
    return false
  }

  /// What a thread needs: a block of outputs, for each filter where its maximum begins, and what the
  /// method takes.
  private func partCount(_ method: Convolution.Method) -> Int {
    (blockLength + 1) * filters
      + (usesWinograd(method) ? WinogradConvolution.partCount(self, windows: blockLength) : 0)
  }

  /// The elements of working memory for `maximum`.
  package func maximumScratchCount(_ method: Convolution.Method, threads: Int) -> Int {
    min(threads, max(samples, 1)) * partCount(method)
      + (usesWinograd(method) ? WinogradConvolution.kernelCount(self) : packedKernelCount)
  }

  /// The words of 32 bits that hold a bit for each window.
  package var tieWords: Int { (windows.count + 31) / 32 }

  private var tieCount: Int { tieWords * filters }

  /// `y[n, f] = maxₜ (x ∗ kernel)[n, t, f]`, and which windows have it; the outputs of the
  /// convolution itself are never stored.
  ///
  /// - Parameter ties: [N, ⌈T′/32⌉, F]; bit t % 32 of word t / 32 is set where window t has the maximum.
  /// - Precondition: there is at least one window.
  package func maximum(
    input: Buffer, kernel: Buffer, maximum: Buffer, ties: Buffer, _ method: Convolution.Method,
    scratch: Buffer, threads: Int
  ) {
    precondition(
      input.count == inputCount && kernel.count == kernelCount && windows.count > 0
        && maximum.count == samples * filters && ties.count == samples * tieCount,
      "buffers that do not fit the convolution's extents")
    let parts = min(threads, max(samples, 1))
    let partCount = partCount(method)
    let kernelScratch = scratch.slice(parts * partCount)
    let isWinograd = usesWinograd(method)
    let winograd =
      isWinograd
      ? WinogradConvolution(self, kernel: kernel, into: kernelScratch, threads: threads) : nil
    let packed = isWinograd ? nil : packed(kernel, kernelScratch, threads: threads)
    parallelByTurns(samples, threads: parts) { range, thread in
      let block = scratch.slice(thread * partCount, partCount)
      let begins = block.slice(blockLength * filters, filters)
      for sample in range {
        for start in stride(from: 0, to: windows.count, by: blockLength) {
          let range = start..<min(start + blockLength, windows.count)
          let outputs = block.slice(0, range.count * filters)
          if let winograd {
            let row = windows.inputLength * channels
            winograd.forward(
              input.slice(sample * row, row), part: range, output: outputs,
              scratch: block.slice((blockLength + 1) * filters))
          } else {
            forward(
              input: input, kernel: kernel, packed: packed, sample: sample, part: range,
              output: outputs)
          }
          // SAFETY: `outputs` holds `range.count` rows, the results the rows of this sample, and
          // `begins` one.
          unsafe kt_max_rows(
            outputs.floats, range.count, filters, start,
            maximum.slice(sample * filters, filters).floats,
            ties.slice(sample * tieCount, tieCount).ints, begins.ints)
        }
        unsafe kt_forget_ties(
          ties.slice(sample * tieCount, tieCount).ints, tieWords, filters, begins.ints)
      }
    }
  }

  /// The kernel from [K·C, F] to [F, K·C], so that what a filter adds to the input's gradient lies in
  /// one piece.
  package func turnKernel(_ kernel: Buffer, into turned: Buffer, threads: Int) {
    transpose(
      kernel, rows: windows.size * channels, columns: filters, into: turned, threads: threads)
  }

  /// `dx` of some samples, from the gradient of `maximum` and the windows that have it and share the
  /// gradient: mostly one row of the kernel for each sample, filter and tap, where the dense gradient
  /// would be a product over all windows.
  ///
  /// - Parameters:
  ///   - turnedKernel: as `turnKernel` leaves it.
  ///   - inputGradient: that of these samples alone.
  package func inputGradient(
    maximumGradient: Buffer, ties: Buffer, turnedKernel: Buffer, samples range: Range<Int>,
    inputGradient: Buffer
  ) {
    let sampleCount = windows.inputLength * channels
    precondition(
      range.lowerBound >= 0 && range.upperBound <= samples
        && inputGradient.count == range.count * sampleCount && turnedKernel.count >= kernelCount
        && maximumGradient.count == samples * filters && ties.count == samples * tieCount,
      "buffers that do not fit the convolution's extents")
    inputGradient.fill(0)
    for sample in range {
      // SAFETY: the C loop adds only at positions within this sample's input.
      unsafe kt_sparse_input_gradient(
        extents, maximumGradient.slice(sample * filters, filters).floats,
        ties.slice(sample * tieCount, tieCount).ints, turnedKernel.floats,
        inputGradient.slice((sample - range.lowerBound) * sampleCount, sampleCount).floats)
    }
  }

  /// `dkernel`, from the input, the gradient of `maximum` and the windows that have it. Each thread
  /// owns some filters and adds up the samples in order.
  package func kernelGradient(
    input: Buffer, maximumGradient: Buffer, ties: Buffer, kernelGradient: Buffer,
    scratch: Buffer, threads: Int
  ) {
    precondition(
      input.count == inputCount && kernelGradient.count == kernelCount
        && maximumGradient.count == samples * filters && ties.count == samples * tieCount
        && scratch.count >= kernelCount,
      "buffers that do not fit the convolution's extents")
    let filterCount = windows.size * channels
    parallelByTurns(filters, threads: threads) { range, _ in
      let sum = scratch.slice(range.lowerBound * filterCount, range.count * filterCount)
      sum.fill(0)
      for sample in 0..<samples {
        // SAFETY: the C loop reads only positions within this sample's input and adds to this
        // thread's filters.
        unsafe kt_sparse_kernel_gradient(
          extents, maximumGradient.slice(sample * filters + range.lowerBound, range.count).floats,
          ties.slice(sample * tieCount + range.lowerBound).ints, range.count,
          input.slice(sample * windows.inputLength * channels).floats, sum.floats)
      }
    }
    transpose(scratch, rows: filters, columns: filterCount, into: kernelGradient, threads: threads)
  }

  private var extents: kt_windows {
    kt_windows(
      length: windows.inputLength, size: windows.size, stride: windows.stride,
      dilation: windows.dilation, leading: windows.leading, channels: channels, filters: filters,
      words: tieWords)
  }
}

/// `output[j, i] = source[i, j]`.
package func transpose(
  _ source: Buffer, rows: Int, columns: Int, into output: Buffer, threads: Int
) {
  precondition(source.count >= rows * columns && output.count >= rows * columns)
  parallel(columns, threads: threads.worthwhile(rows * columns), multiple: 16) { range in
    // SAFETY: both hold rows × columns elements; each thread writes rows of its own.
    unsafe kt_transpose(
      source.floats, rows, columns, range.lowerBound, range.upperBound, output.floats)
  }
}
