/// The windows of a convolution or pooling along one axis: which input position each tap sees.
package struct Windows: Sendable, Hashable {
  package let inputLength: Int
  /// Taps in a window.
  package let size: Int
  package let stride: Int
  package let dilation: Int
  /// Zeros before the first element.
  package let leading: Int
  /// The number of windows.
  package let count: Int

  /// - Precondition: extents are positive (lengths and counts not negative).
  package init(
    inputLength: Int, size: Int, stride: Int, dilation: Int, leading: Int, count: Int
  ) {
    precondition(
      inputLength >= 0 && size > 0 && stride > 0 && dilation > 0 && leading >= 0 && count >= 0)
    self.inputLength = inputLength
    self.size = size
    self.stride = stride
    self.dilation = dilation
    self.leading = leading
    self.count = count
  }

  /// The position in the input that `tap` of window `window` sees; outside it where it sees padding.
  package func position(window: Int, tap: Int) -> Int {
    window * stride + tap * dilation - leading
  }

  /// The windows whose `tap` sees the input and not the padding.
  package func inside(tap: Int) -> Range<Int> {
    let shift = leading - tap * dilation
    let lower = min(count, shift > 0 ? (shift + stride - 1) / stride : 0)
    let last = inputLength - 1 + shift
    let upper = last < 0 ? 0 : min(count, last / stride + 1)
    return lower..<max(lower, upper)
  }

  /// The windows of which every tap sees the input.
  package var whole: Range<Int> {
    let (lower, upper) = (inside(tap: 0).lowerBound, inside(tap: size - 1).upperBound)
    return lower..<max(lower, upper)
  }
}
