/// Convolutions of which only each filter's largest output is wanted.
internal import CKernels

extension Convolution1D {
  /// The windows whose outputs a thread keeps at once: they should stay in its second-level cache.
  private var blockLength: Int { max(8, min(windows.count, 65_536 / max(filters, 1))) }

  /// What a thread needs: a block of outputs, and for each filter where its maximum begins.
  private var partCount: Int { (blockLength + 1) * filters }

  /// The elements of working memory for `maximum`.
  package func maximumScratchCount(threads: Int) -> Int {
    min(threads, max(samples, 1)) * partCount + packedKernelCount
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
    input: Buffer, kernel: Buffer, maximum: Buffer, ties: Buffer, scratch: Buffer, threads: Int
  ) {
    precondition(
      input.count == inputCount && kernel.count == kernelCount && windows.count > 0
        && maximum.count == samples * filters && ties.count == samples * tieCount,
      "buffers that do not fit the convolution's extents")
    let parts = min(threads, max(samples, 1))
    let packed = packed(kernel, scratch.slice(parts * partCount), threads: threads)
    parallel(parts, threads: parts) { part in
      let block = scratch.slice(part.lowerBound * partCount, blockLength * filters)
      let begins = scratch.slice(part.lowerBound * partCount + blockLength * filters, filters)
      for sample in samples * part.lowerBound / parts..<samples * part.upperBound / parts {
        for start in stride(from: 0, to: windows.count, by: blockLength) {
          let range = start..<min(start + blockLength, windows.count)
          let outputs = block.slice(0, range.count * filters)
          forward(
            input: input, kernel: kernel, packed: packed, sample: sample, part: range,
            output: outputs)
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

  /// The elements of working memory for the two gradients.
  package var sparseGradientScratchCount: Int { kernelCount }

  /// `dx`, from the gradient of `maximum` and the windows that have it and share the gradient: mostly
  /// one row of the kernel for each sample, filter and tap, where the dense gradient would be a
  /// product over all windows.
  ///
  /// - Precondition: there is one group.
  package func inputGradient(
    maximumGradient: Buffer, ties: Buffer, kernel: Buffer, inputGradient: Buffer,
    scratch: Buffer, threads: Int
  ) {
    checkSparse(
      input: inputGradient, kernel: kernel, maximumGradient: maximumGradient, ties: ties,
      scratch: scratch)
    // [K·C, F] to [F, K·C], so that what a filter adds lies in one piece.
    transpose(kernel, rows: windows.size * channels, columns: filters, into: scratch)
    let sampleCount = windows.inputLength * channels
    parallel(samples, threads: threads) { range in
      for sample in range {
        let gradient = inputGradient.slice(sample * sampleCount, sampleCount)
        gradient.fill(0)
        // SAFETY: the C loop adds only at positions within this sample's input.
        unsafe kt_sparse_input_gradient(
          extents, maximumGradient.slice(sample * filters, filters).floats,
          ties.slice(sample * tieCount, tieCount).ints, scratch.floats, gradient.floats)
      }
    }
  }

  /// `dkernel`, from the input, the gradient of `maximum` and the windows that have it. Each thread
  /// owns some filters and adds up the samples in order.
  ///
  /// - Precondition: there is one group.
  package func kernelGradient(
    input: Buffer, maximumGradient: Buffer, ties: Buffer, kernelGradient: Buffer,
    scratch: Buffer, threads: Int
  ) {
    checkSparse(
      input: input, kernel: kernelGradient, maximumGradient: maximumGradient, ties: ties,
      scratch: scratch)
    let filterCount = windows.size * channels
    parallel(filters, threads: threads) { range in
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
    transpose(scratch, rows: filters, columns: filterCount, into: kernelGradient)
  }

  private var extents: kt_windows {
    kt_windows(
      length: windows.inputLength, size: windows.size, stride: windows.stride,
      dilation: windows.dilation, leading: windows.leading, channels: channels, filters: filters,
      words: tieWords)
  }

  private func checkSparse(
    input: Buffer, kernel: Buffer, maximumGradient: Buffer, ties: Buffer, scratch: Buffer
  ) {
    precondition(
      groups == 1 && input.count == inputCount && kernel.count == kernelCount
        && maximumGradient.count == samples * filters && ties.count == samples * tieCount
        && scratch.count >= sparseGradientScratchCount,
      "buffers that do not fit the convolution's extents")
  }
}

/// `output[j, i] = source[i, j]`.
package func transpose(_ source: Buffer, rows: Int, columns: Int, into output: Buffer) {
  precondition(source.count >= rows * columns && output.count >= rows * columns)
  // SAFETY: both hold rows × columns elements.
  unsafe kt_transpose(source.floats, rows, columns, output.floats)
}
