/// Convolutions of which only each filter's largest output is wanted.
internal import CKernels

extension Convolution1D {
  /// The windows whose outputs a thread keeps at once: they should stay in its second-level cache.
  private var blockLength: Int { max(8, min(windows.count, 65_536 / max(filters, 1))) }

  /// The elements of working memory for `maximum`.
  package func maximumScratchCount(threads: Int) -> Int {
    min(threads, max(samples, 1)) * blockLength * filters
  }

  /// `y[n, f] = maxₜ (x ∗ kernel)[n, t, f]` and the first window that has it; the outputs of the
  /// convolution itself are never stored.
  ///
  /// - Precondition: there is at least one window.
  package func maximum(
    input: Buffer, kernel: Buffer, maximum: Buffer, window: Buffer, scratch: Buffer, threads: Int
  ) {
    precondition(
      input.count == inputCount && kernel.count == kernelCount && windows.count > 0
        && maximum.count == samples * filters && window.count == samples * filters,
      "buffers that do not fit the convolution's extents")
    let parts = min(threads, max(samples, 1))
    parallel(parts, threads: parts) { part in
      let block = scratch.slice(part.lowerBound * blockLength * filters, blockLength * filters)
      for sample in samples * part.lowerBound / parts..<samples * part.upperBound / parts {
        for start in stride(from: 0, to: windows.count, by: blockLength) {
          let range = start..<min(start + blockLength, windows.count)
          let outputs = block.slice(0, range.count * filters)
          forward(input: input, kernel: kernel, sample: sample, part: range, output: outputs)
          // SAFETY: `outputs` holds `range.count` rows, the two results a row of this sample.
          unsafe kt_max_rows(
            outputs.floats, range.count, filters, start,
            maximum.slice(sample * filters, filters).floats,
            window.slice(sample * filters, filters).ints)
        }
      }
    }
  }

  /// The elements of working memory for the two gradients.
  package var sparseGradientScratchCount: Int { kernelCount }

  /// `dx`, from the gradient of `maximum` and the windows that have it: one row of the kernel for
  /// each sample, filter and tap, where the dense gradient would be a product over all windows.
  ///
  /// - Precondition: there is one group.
  package func inputGradient(
    maximumGradient: Buffer, window: Buffer, kernel: Buffer, inputGradient: Buffer,
    scratch: Buffer, threads: Int
  ) {
    checkSparse(
      input: inputGradient, kernel: kernel, maximumGradient: maximumGradient, window: window,
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
          window.slice(sample * filters, filters).ints, scratch.floats, gradient.floats)
      }
    }
  }

  /// `dkernel`, from the input, the gradient of `maximum` and the windows that have it. Each thread
  /// owns some filters and adds up the samples in order.
  ///
  /// - Precondition: there is one group.
  package func kernelGradient(
    input: Buffer, maximumGradient: Buffer, window: Buffer, kernelGradient: Buffer,
    scratch: Buffer, threads: Int
  ) {
    checkSparse(
      input: input, kernel: kernelGradient, maximumGradient: maximumGradient, window: window,
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
          window.slice(sample * filters + range.lowerBound, range.count).ints, range.count,
          input.slice(sample * windows.inputLength * channels).floats, sum.floats)
      }
    }
    transpose(scratch, rows: filters, columns: filterCount, into: kernelGradient)
  }

  private var extents: kt_windows {
    kt_windows(
      length: windows.inputLength, size: windows.size, stride: windows.stride,
      dilation: windows.dilation, leading: windows.leading, channels: channels, filters: filters)
  }

  private func checkSparse(
    input: Buffer, kernel: Buffer, maximumGradient: Buffer, window: Buffer, scratch: Buffer
  ) {
    precondition(
      groups == 1 && input.count == inputCount && kernel.count == kernelCount
        && maximumGradient.count == samples * filters && window.count == samples * filters
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
