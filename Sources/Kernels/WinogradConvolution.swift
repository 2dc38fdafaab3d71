/// Convolutions of size 3 with half the multiplications.
internal import CKernels

/// A kernel [3, C, F] made ready for Winograd's F(4, 3): four windows come from six products of
/// transformed rows instead of twelve.
///
/// An output is off by a few units in the last place of its largest term, and by others at each place
/// in its tile of four: equal windows need not have equal outputs to the bit.
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv:1509.09308.
struct WinogradConvolution: Sendable {
  private let convolution: Convolution1D
  private let matrices: [PackedMatrix]
  private let zeros: Buffer

  private static let products = 6
  private static let windowsPerTile = 4

  /// Transforms `kernel` into working memory of `kernelCount` elements; nil where `isPossible` is false.
  init?(_ convolution: Convolution1D, kernel: Buffer, into scratch: Buffer, threads: Int) {
    guard Self.isPossible(convolution) else { return nil }
    let (channels, filters) = (convolution.channels, convolution.filters)
    let count = PackedMatrix.count(rows: channels, columns: filters)
    let packed = scratch.slice(0, Self.products * count)
    parallel(
      PackedMatrix.panels(filters), threads: threads.worthwhile(convolution.kernelCount * 4)
    ) { range in
      // SAFETY: the kernel is [3, C, F], `packed` holds all panels; each thread has its own.
      unsafe kt_winograd_kernel(
        kernel.floats, channels, filters, range.lowerBound, range.upperBound, packed.floats, count)
    }
    let matrices = (0..<Self.products).compactMap {
      PackedMatrix(packed: packed.slice($0 * count, count), rows: channels, columns: filters)
    }
    self.convolution = convolution
    self.matrices = matrices
    zeros = scratch.slice(Self.products * count, channels)
    zeros.fill(0)
  }

  /// Whether F(4, 3) is made for this convolution: size 3, no strides or gaps, and tiles of
  /// registers to multiply with.
  static func isPossible(_ convolution: Convolution1D) -> Bool {
    let windows = convolution.windows
    return windows.size == 3 && windows.stride == 1 && windows.dilation == 1
      && PackedMatrix.lanes > 0
  }

  /// The elements of working memory for the transformed kernel.
  static func kernelCount(_ convolution: Convolution1D) -> Int {
    let (channels, filters) = (convolution.channels, convolution.filters)
    return products * PackedMatrix.count(rows: channels, columns: filters) + channels
  }

  /// The elements of working memory that a thread needs in `forward` for this many windows at once.
  static func partCount(_ convolution: Convolution1D, windows: Int) -> Int {
    products * tiles(windows) * (convolution.channels + PackedMatrix.panelWidth)
  }

  private static func tiles(_ windows: Int) -> Int {
    (windows + windowsPerTile - 1) / windowsPerTile
  }

  /// The windows `part` of one sample, [T, C], into an output of their own.
  func forward(_ input: Buffer, part: Range<Int>, output: Buffer, scratch: Buffer) {
    let (windows, channels) = (convolution.windows, convolution.channels)
    let filters = convolution.filters
    precondition(
      input.count == windows.inputLength * channels && output.count == part.count * filters
        && part.lowerBound >= 0 && part.upperBound <= windows.count,
      "buffers that do not fit the convolution's extents")
    let (tiles, panel) = (Self.tiles(part.count), PackedMatrix.panelWidth)
    let rows = scratch.slice(0, Self.products * tiles * channels)
    let sums = scratch.slice(rows.count, Self.products * tiles * panel)
    // SAFETY: `rows` holds six matrices [tiles, C]; positions outside the input read `zeros`.
    unsafe kt_winograd_input(
      input.floats, windows.inputLength, windows.leading - part.lowerBound, channels,
      zeros.floats, tiles, rows.floats, tiles * channels)
    for first in stride(from: 0, to: filters, by: panel) {
      let columns = first..<min(first + panel, filters)
      for (index, matrix) in matrices.enumerated() {
        matrix.multiply(
          StridedRows(
            rows.slice(index * tiles * channels), height: tiles, width: channels,
            rowStride: channels),
          columns: columns,
          into: Matrix(
            sums.slice(index * tiles * panel), rows: tiles, columns: columns.count, stride: panel),
          accumulate: false)
      }
      // SAFETY: `sums` holds six matrices [tiles, 32], and the output a row for each window.
      unsafe kt_winograd_output(
        sums.floats, tiles, columns.count, part.count, output.slice(first).floats, filters,
        tiles * panel)
    }
  }
}
