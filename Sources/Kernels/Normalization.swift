/// Channels scaled, shifted and normalised, on rows of channels.
internal import CKernels

/// The extents of rows of channels, and the blocks of rows that are summed at a time.
package struct ChannelRows: Sendable {
  package let rows: Int
  package let channels: Int

  package init(rows: Int, channels: Int) {
    precondition(rows >= 0 && channels >= 0, "a negative extent")
    self.rows = rows
    self.channels = channels
  }

  private var count: Int { rows * channels }

  /// Rows that are summed in float32 before the sums are added up in float64. It does not depend on
  /// the threads, so neither does the result.
  private static let blockRows = 128
  private var blocks: Int { (rows + Self.blockRows - 1) / Self.blockRows }

  /// The working memory of `moments` and `gradient`.
  package var scratchCount: Int { (2 * blocks + 5) * channels }

  /// `y = x · scale + shift`, with a number of each for each channel. Both may be the same buffer.
  ///
  /// - Precondition: the buffers hold the extents.
  package func scale(
    _ x: Buffer, by scale: Buffer, shift: Buffer, into y: Buffer, threads: Int
  ) {
    precondition(
      x.count == count && y.count == count && scale.count == channels && shift.count == channels,
      "channels that do not fit their rows")
    parallel(rows, threads: threads.worthwhile(count)) { range in
      let first = range.lowerBound * channels
      // SAFETY: the rows of `range` lie in both buffers, and are this thread's own.
      unsafe kt_scale_rows(
        x.floats + first, scale.floats, shift.floats, y.floats + first, range.count, channels)
    }
  }

  /// Mean and variance of each channel, the variance divided by the number of rows; NaN where there
  /// are none.
  ///
  /// - Precondition: the buffers hold the extents, `scratch` at least `scratchCount` elements.
  package func moments(
    of x: Buffer, mean: Buffer, variance: Buffer, scratch: Buffer, threads: Int
  ) {
    precondition(
      x.count == count && mean.count == channels && variance.count == channels
        && scratch.count >= scratchCount, "moments that do not fit their rows")
    forEachBlock(threads) { block, range in
      // SAFETY: the block's rows lie in x; scratch has two rows of sums for each block.
      unsafe kt_column_moments(
        x.floats + range.lowerBound * channels, range.count, channels,
        scratch.floats + 2 * block * channels, scratch.floats + (2 * block + 1) * channels)
    }
    // SAFETY: as above; both results have one element for each channel.
    unsafe kt_combine_moments(
      scratch.floats, blocks, Self.blockRows, rows, channels, mean.floats, variance.floats)
  }

  /// The gradients of `(x - mean) / √(variance + epsilon) · gamma + beta`, mean and variance being
  /// those of x.
  ///
  /// - Precondition: the buffers hold the extents, `scratch` at least `scratchCount` elements; dx may be
  ///   dy.
  package func normalizedGradient(
    at x: Buffer, gamma: Buffer, mean: Buffer, variance: Buffer, epsilon: Float, of dy: Buffer,
    into dx: Buffer, dGamma: Buffer, dBeta: Buffer, scratch: Buffer, threads: Int
  ) {
    precondition(
      [x, dy, dx].allSatisfy { $0.count == count }
        && [gamma, mean, variance, dGamma, dBeta].allSatisfy { $0.count == channels }
        && scratch.count >= scratchCount, "gradients that do not fit their rows")
    forEachBlock(threads) { block, range in
      let first = range.lowerBound * channels
      // SAFETY: the block's rows lie in x and dy; scratch has two rows of sums for each block.
      unsafe kt_column_products(
        x.floats + first, mean.floats, dy.floats + first, range.count, channels,
        scratch.floats + 2 * block * channels, scratch.floats + (2 * block + 1) * channels)
    }
    let sums = scratch.slice(2 * blocks * channels, 5 * channels)
    // SAFETY: the sums of a block are side by side; `sums` has room for two rows and three more.
    unsafe kt_combine_sums(scratch.floats, blocks, 2 * channels, 1, sums.floats)
    let height = Float(rows)
    for c in 0..<channels {
      // dx = γ r (dy - S₁/M - (x - mean) r² S₂/M), r = 1 / √(variance + ε), S₁ = Σ dy,
      // S₂ = Σ dy (x - mean).
      // SAFETY: c is below `channels`, which all of these hold.
      let (s1, s2) = unsafe (sums.floats[c], sums.floats[channels + c])
      let r = unsafe 1 / (variance.floats[c] + epsilon).squareRoot()
      let a = unsafe gamma.floats[c] * r
      unsafe dBeta.floats[c] = s1
      unsafe dGamma.floats[c] = s2 * r
      unsafe sums.floats[2 * channels + c] = a
      unsafe sums.floats[3 * channels + c] = -a * r * r * s2 / height
      unsafe sums.floats[4 * channels + c] = -a * s1 / height
    }
    parallel(rows, threads: threads.worthwhile(count)) { range in
      let first = range.lowerBound * channels
      // SAFETY: the rows of `range` lie in all buffers, and are this thread's own.
      unsafe kt_normalized_gradient(
        x.floats + first, dy.floats + first,
        kt_channels(
          mean: mean.floats, a: sums.floats + 2 * channels, b: sums.floats + 3 * channels,
          d: sums.floats + 4 * channels),
        dx.floats + first, range.count, channels)
    }
  }

  private func forEachBlock(_ threads: Int, _ body: @Sendable (Int, Range<Int>) -> Void) {
    parallel(blocks, threads: threads.worthwhile(count)) { range in
      for block in range {
        body(block, block * Self.blockRows..<min((block + 1) * Self.blockRows, rows))
      }
    }
  }
}

/// `scale = gamma / √(variance + epsilon)`, `shift = beta - mean · scale`.
///
/// - Precondition: the buffers have the same count.
package func normalizingFactors(
  gamma: Buffer, beta: Buffer, mean: Buffer, variance: Buffer, epsilon: Float, scale: Buffer,
  shift: Buffer
) {
  precondition(
    [beta, mean, variance, scale, shift].allSatisfy { $0.count == gamma.count },
    "factors of different channels")
  for c in 0..<gamma.count {
    // SAFETY: c is below the count of all.
    unsafe scale.floats[c] = gamma.floats[c] / (variance.floats[c] + epsilon).squareRoot()
    unsafe shift.floats[c] = beta.floats[c] - mean.floats[c] * scale.floats[c]
  }
}
