/// Convolutions of size 3 by 3 with a third of the multiplications.
internal import CKernels

/// A convolution of [N, A, B, C] by [3, 3, C, F] by Winograd's F(2, 3) along A and F(4, 3) along B: eight
/// windows, two rows of four, come from 24 products of transformed rows instead of 72.
///
/// F(4, 3) along both axes would take 18, but its transforms multiply by up to 64 where these do by 8 and
/// lose so many more digits. Still an output is rounded by its place in a tile, so that equal windows need
/// not have equal outputs to the bit.
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv:1509.09308.
struct WinogradConvolution2D: Sendable {
  private let convolution: Convolution

  private static let (rowProducts, columnProducts) = (4, 6)
  private static let (rowsPerTile, columnsPerTile) = (2, 4)
  private static let products = rowProducts * columnProducts

  /// Nil for other convolutions: it takes a size of 3 by 3, no strides, gaps or groups, and tiles of
  /// registers to multiply with.
  init?(_ convolution: Convolution) {
    guard convolution.windows.count == 2, convolution.groups == 1, PackedMatrix.lanes > 0,
      convolution.windows.allSatisfy({ $0.size == 3 && $0.stride == 1 && $0.dilation == 1 })
    else { return nil }
    self.convolution = convolution
  }

  private var height: Windows { convolution.windows[0] }
  private var width: Windows { convolution.windows[1] }
  private var channels: Int { convolution.channels }
  private var filters: Int { convolution.filters }

  // MARK: The kernel

  private var matrixCount: Int { PackedMatrix.count(rows: channels, columns: filters) }

  /// The elements of a transformed kernel: packed matrices [C, F].
  var kernelCount: Int { Self.products * matrixCount }

  /// The elements of working memory for `transformKernel`.
  var kernelScratchCount: Int { Self.rowProducts * 3 * channels * filters }

  func transformKernel(_ kernel: Buffer, into packed: Buffer, scratch: Buffer, threads: Int) {
    let row = 3 * channels * filters
    precondition(
      kernel.count == 3 * row && packed.count >= kernelCount && scratch.count >= 4 * row,
      "a kernel that does not fit the convolution's extents")
    // SAFETY: the kernel is three rows, the scratch holds four.
    unsafe kt_winograd_kernel_rows(kernel.floats, row, scratch.floats)
    let threads = threads.worthwhile(kernelCount * 4)
    parallel(PackedMatrix.panels(filters), threads: threads) { panels in
      for index in 0..<Self.rowProducts {
        // SAFETY: each row is [3, C, F], `packed` holds all panels; each thread has its own.
        unsafe kt_winograd_kernel(
          scratch.slice(index * row, row).floats, channels, filters, panels.lowerBound,
          panels.upperBound, packed.slice(index * Self.columnProducts * matrixCount).floats,
          matrixCount)
      }
    }
  }

  // MARK: Blocks

  private var tileRows: Int { (height.count + Self.rowsPerTile - 1) / Self.rowsPerTile }
  private var tilesPerRow: Int { (width.count + Self.columnsPerTile - 1) / Self.columnsPerTile }

  /// The rows of tiles that are computed at once: some 42 tiles, which the tiles of registers divide and
  /// whose transforms stay in the second-level cache.
  private var blockRows: Int { max(1, min(tileRows, (42 + tilesPerRow / 2) / tilesPerRow)) }
  private var blocks: Int { (tileRows + blockRows - 1) / blockRows }
  private var blockTiles: Int { blockRows * tilesPerRow }

  /// The elements of a row of the input.
  private var rowCount: Int { width.inputLength * channels }

  /// What each thread needs in `forward`: zeros, four transformed rows of the input, the transformed
  /// block, and for 32 filters its products and what is left of them along one axis.
  var partCount: Int {
    5 * rowCount + channels + Self.products * blockTiles * (channels + PackedMatrix.panelWidth)
      + 2 * Self.columnProducts * blockTiles * PackedMatrix.panelWidth
  }

  /// - Parameter kernel: as `transformKernel` left it.
  func forward(
    input: Buffer, kernel: Buffer, output: Buffer, finish: RowFinish, scratch: Buffer, threads: Int
  ) {
    let samples = convolution.samples
    let units = samples >= threads ? samples : samples * blocks
    parallelByTurns(units, threads: threads) { range, thread in
      let part = scratch.slice(thread * partCount, partCount)
      part.slice(0, rowCount + channels).fill(0)
      for unit in range {
        let sample = samples >= threads ? unit : unit / blocks
        let own = samples >= threads ? 0..<blocks : unit % blocks..<unit % blocks + 1
        for block in own {
          let first = block * blockRows
          forward(
            sample, first..<min(first + blockRows, tileRows), input, kernel, output, finish, part)
        }
      }
    }
  }

  /// Some rows of tiles of one sample.
  private func forward(
    _ sample: Int, _ rows: Range<Int>, _ input: Buffer, _ kernel: Buffer, _ output: Buffer,
    _ finish: RowFinish, _ scratch: Buffer
  ) {
    let zeros = scratch.slice(0, rowCount + channels)
    let combined = scratch.slice(zeros.count, 4 * rowCount)
    let tiles = rows.count * tilesPerRow
    let panel = PackedMatrix.panelWidth
    let transformed = scratch.slice(zeros.count + combined.count)
    let sums = transformed.slice(Self.products * blockTiles * channels)
    let rest = sums.slice(Self.products * blockTiles * panel)

    transform(
      input.slice(sample * height.inputLength * rowCount, height.inputLength * rowCount), rows,
      zeros, combined, into: transformed)
    let outputRow = width.count * filters
    let result = output.slice(
      (sample * height.count + rows.lowerBound * Self.rowsPerTile) * outputRow)
    for first in stride(from: 0, to: filters, by: panel) {
      let columns = first..<min(first + panel, filters)
      for index in 0..<Self.products {
        PackedMatrix(
          packed: kernel.slice(index * matrixCount, matrixCount), rows: channels, columns: filters
        )?.multiply(
          StridedRows(
            transformed.slice(index * tiles * channels), height: tiles, width: channels,
            rowStride: channels),
          columns: columns,
          into: Matrix(
            sums.slice(index * tiles * panel), rows: tiles, columns: columns.count, stride: panel),
          accumulate: false)
      }
      let half = Self.columnProducts * tiles * panel
      // SAFETY: the sums are four rows of `half` elements, and the rest holds two.
      unsafe kt_winograd_output_rows(
        sums.floats, half, rest.floats, rest.slice(half, half).floats)
      for row in 0..<2 * rows.count
      where rows.lowerBound * Self.rowsPerTile + row < height.count {
        let place = row / 2 * tilesPerRow * panel
        // SAFETY: six matrices of `tiles` rows lie in each half; the output has a row for each window.
        unsafe kt_winograd_output(
          rest.slice(row % 2 * half + place).floats, tilesPerRow, columns.count, width.count,
          result.slice(row * outputRow + first).floats, filters, tiles * panel)
      }
    }
    let written = min(2 * rows.count, height.count - rows.lowerBound * Self.rowsPerTile)
    finish.apply(to: Matrix(result, rows: written * width.count, columns: filters))
  }

  /// The 24 transforms of the tiles of some rows: [4, 6, tiles, C].
  private func transform(
    _ sample: Buffer, _ rows: Range<Int>, _ zeros: Buffer, _ combined: Buffer,
    into transformed: Buffer
  ) {
    func inputRow(_ index: Int) -> Buffer {
      (0..<height.inputLength).contains(index) ? sample.slice(index * rowCount, rowCount) : zeros
    }
    let matrix = rows.count * tilesPerRow * channels
    for (place, row) in rows.enumerated() {
      let first = row * Self.rowsPerTile - height.leading
      // SAFETY: four rows of the input, or zeros, become four rows of as many elements.
      unsafe kt_winograd_input_rows(
        inputRow(first).floats, inputRow(first + 1).floats, inputRow(first + 2).floats,
        inputRow(first + 3).floats, rowCount, combined.floats)
      for index in 0..<Self.rowProducts {
        // SAFETY: the six matrices of this row lie within `transformed`; padding reads `zeros`.
        unsafe kt_winograd_input(
          combined.slice(index * rowCount, rowCount).floats, width.inputLength, width.leading,
          channels, zeros.floats, tilesPerRow,
          transformed.slice(
            index * Self.columnProducts * matrix + place * tilesPerRow * channels
          ).floats, matrix)
      }
    }
  }
}
