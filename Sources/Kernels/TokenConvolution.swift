/// Convolutions of an embedding, by a table of what each token adds.
internal import CKernels

/// The extents of a convolution of the rows of an embedding [V, C] that tokens [N, T] number, by a
/// kernel [K, C, F]. Token v adds `E[v] · kernel[k]` wherever tap k sees it; these rows make a table:
/// [B, V, K, W], cut into B blocks of W filters, so that a window's sums stay in registers and a block's
/// frequent rows in the second-level cache. Filters that fill up the last block are zeros.
package struct TokenConvolution: Sendable {
  package let samples: Int
  package let windows: Windows
  package let vocabulary: Int
  package let filters: Int

  package init(samples: Int, windows: Windows, vocabulary: Int, filters: Int) {
    self.samples = samples
    self.windows = windows
    self.vocabulary = vocabulary
    self.filters = filters
  }

  /// The filters whose sums fit into registers, and the floats of a register at most.
  private static let (widest, lanes) = (64, 16)

  /// The blocks of a table and the filters in each.
  package static func blocks(filters: Int) -> (count: Int, width: Int) {
    let count = max(1, (filters + widest - 1) / widest)
    let share = (filters + count - 1) / count
    return (count, max(1, (share + lanes - 1) / lanes) * lanes)
  }

  /// `y[n, t, f] = Σₖ table[tokens[n, t·stride + k·dilation − leading], k, f]`.
  ///
  /// - Precondition: every token is in the table (see `firstIndex`), and the buffers fit.
  package func forward(table: Buffer, tokens: Buffer, output: Buffer, threads: Int) {
    check(table, tokens, output, count: samples * windows.count * filters)
    forEachBlock(threads: threads) { block, range in
      // SAFETY: tokens lie in the table; the rows of these samples and this block's filters are this
      // thread's own, within buffers whose counts were checked.
      unsafe kt_token_sums(
        extents(block), table.slice(block * blockCount, blockCount).floats,
        tokens.slice(range.lowerBound * windows.inputLength).ints, range.count,
        output.slice(range.lowerBound * windows.count * filters + block * width).floats)
    }
  }

  /// `y[n, f] = maxₜ Σₖ table[tokens[n, t·stride + k·dilation − leading], k, f]`.
  ///
  /// - Precondition: as for `forward`, and there is at least one window.
  package func maximum(table: Buffer, tokens: Buffer, maximum: Buffer, threads: Int) {
    check(table, tokens, maximum, count: samples * filters)
    precondition(windows.count > 0, "a maximum of no windows")
    forEachBlock(threads: threads) { block, range in
      // SAFETY: as in `forward`.
      unsafe kt_token_maxima(
        extents(block), table.slice(block * blockCount, blockCount).floats,
        tokens.slice(range.lowerBound * windows.inputLength).ints, range.count,
        maximum.slice(range.lowerBound * filters + block * width).floats)
    }
  }

  private var blocks: Int { Self.blocks(filters: filters).count }
  private var width: Int { Self.blocks(filters: filters).width }

  /// The elements of a block of the table.
  private var blockCount: Int { vocabulary * windows.size * width }

  private func check(_ table: Buffer, _ tokens: Buffer, _ result: Buffer, count: Int) {
    precondition(
      vocabulary > 0 && filters > 0 && table.count == blocks * blockCount
        && tokens.count == samples * windows.inputLength && result.count == count,
      "buffers that do not fit the extents of a convolution of tokens")
  }

  private func extents(_ block: Int) -> kt_token_windows {
    kt_token_windows(
      length: windows.inputLength, size: windows.size, stride: windows.stride,
      dilation: windows.dilation, leading: windows.leading, count: windows.count,
      filters: filters, width: width, columns: min(width, filters - block * width))
  }

  /// Shares out samples of one block after the other: each thread has blocks of its own as far as
  /// that goes, so its cache has to hold fewer.
  private func forEachBlock(
    threads: Int, _ body: @Sendable (_ block: Int, _ samples: Range<Int>) -> Void
  ) {
    let threads = threads.worthwhile(samples * windows.count * windows.size * filters)
    guard windows.count > 0, windows.inputLength > 0 else { return }
    parallel(blocks * samples, threads: threads) { range in
      for block in range.lowerBound / samples...(range.upperBound - 1) / samples {
        body(
          block,
          range.clamped(to: block * samples..<(block + 1) * samples).shifted(by: -block * samples))
      }
    }
  }
}

extension Range<Int> {
  fileprivate func shifted(by offset: Int) -> Range { lowerBound + offset..<upperBound + offset }
}

/// The table of a `TokenConvolution`, from the embedding [V, C] and the kernel [K, C, F].
///
/// - Precondition: the buffers hold these extents and their blocks; `scratch` holds
///   `tokenTableScratchCount` elements.
package func makeTokenTable(
  embedding: Matrix, kernel: Buffer, size: Int, filters: Int, into table: Buffer,
  scratch: Buffer, threads: Int
) {
  let (vocabulary, channels) = (embedding.rows, embedding.columns)
  let (blocks, width) = TokenConvolution.blocks(filters: filters)
  precondition(
    kernel.count == size * channels * filters
      && table.count == blocks * vocabulary * size * width,
    "a table of tokens that does not fit its embedding and kernel")
  for block in 0..<blocks {
    let columns = min(width, filters - block * width)
    let part = table.slice(block * vocabulary * size * width, vocabulary * size * width)
    if columns < width { part.fill(0) }
    for tap in 0..<size {
      let taps = Matrix(
        kernel.slice(tap * channels * filters + block * width), rows: channels, columns: columns,
        stride: filters)
      let result = Matrix(
        part.slice(tap * width), rows: vocabulary, columns: columns, stride: size * width)
      if let packed = PackedMatrix(taps, into: scratch, threads: threads) {
        packed.multiply(embedding, into: result, threads: threads)
      } else {
        multiply(embedding, taps, into: result, threads: threads)
      }
    }
  }
}

/// The elements of working memory for `makeTokenTable`.
package func tokenTableScratchCount(channels: Int, filters: Int) -> Int {
  PackedMatrix.count(rows: channels, columns: TokenConvolution.blocks(filters: filters).width)
}
