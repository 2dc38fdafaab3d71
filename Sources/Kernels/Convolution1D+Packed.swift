/// Maxima of convolutions by a kernel that was packed before, as where nothing learns.
internal import CKernels

extension Convolution1D {
  /// `y[n, f] = maxₜ (x ∗ kernel)[n, t, f]`, where nobody asks which windows have it.
  ///
  /// - Precondition: there is at least one window, and the buffers fit.
  package func maximum(
    input: Buffer, packed: PackedMatrix, maximum: Buffer, scratch: Buffer, threads: Int
  ) {
    precondition(
      input.count == inputCount && packed.rows == windows.size * channels
        && packed.columns == filters && maximum.count == samples * filters && windows.count > 0,
      "buffers that do not fit the convolution's extents")
    let cuts = cuts(threads: threads)
    guard cuts > 1 else {
      let parts = min(threads, max(samples, 1))
      parallel(parts, threads: parts) { part in
        let block = scratch.slice(part.lowerBound * partCount, blockLength * filters)
        for sample in samples * part.lowerBound / parts..<samples * part.upperBound / parts {
          takeMaxima(
            input, packed, sample, 0..<windows.count, block: block,
            into: maximum.slice(sample * filters, filters))
        }
      }
      return
    }
    for sample in 0..<samples {
      parallel(cuts, threads: cuts) { range in
        for cut in range {
          let part = scratch.slice(cut * partCount, partCount)
          takeMaxima(
            input, packed, sample, windows.count * cut / cuts..<windows.count * (cut + 1) / cuts,
            block: part.slice(0, blockLength * filters), into: part.slice(blockLength * filters))
        }
      }
      let result = maximum.slice(sample * filters, filters)
      result.fill(-.infinity)
      for cut in 0..<cuts {
        // SAFETY: both hold one row of all filters.
        unsafe kt_take_maxima(
          scratch.slice(cut * partCount + blockLength * filters, filters).floats, 1, filters,
          result.floats)
      }
    }
  }

  /// The elements of working memory for `maximum` with a packed kernel.
  package func packedMaximumScratchCount(threads: Int) -> Int { threads * partCount }

  /// The parts that the windows of a sample are cut into: where there are fewer samples than threads,
  /// samples alone would leave threads without work.
  private func cuts(threads: Int) -> Int {
    samples >= threads ? 1 : max(1, min(threads, windows.count / 8))
  }

  /// The windows whose outputs are kept at once: they should stay near the core.
  private var blockLength: Int { max(14, min(windows.count, 32_768 / max(filters, 1))) }

  /// What a thread needs: a block of outputs, and a row of maxima.
  private var partCount: Int { (blockLength + 1) * filters }

  private func takeMaxima(
    _ input: Buffer, _ packed: PackedMatrix, _ sample: Int, _ range: Range<Int>, block: Buffer,
    into maximum: Buffer
  ) {
    maximum.fill(-.infinity)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockLength) {
      let part = start..<min(start + blockLength, range.upperBound)
      let outputs = block.slice(0, part.count * filters)
      forward(input: input, packed: packed, sample: sample, part: part, output: outputs)
      // SAFETY: `outputs` holds as many rows as there are windows in the part, `maximum` one.
      unsafe kt_take_maxima(
        outputs.floats, part.count, filters, maximum.slice(0, filters).floats)
    }
  }

  private func forward(
    input: Buffer, packed: PackedMatrix, sample: Int, part: Range<Int>, output: Buffer
  ) {
    // The kernel itself is read only where nothing is packed.
    forward(
      input: input, kernel: input.slice(0, 0), packed: packed, sample: sample, part: part,
      output: output)
  }
}
