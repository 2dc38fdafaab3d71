/// How a window moves over the ends of an axis.
package import Kernels

/// What a convolution or pooling does at the ends of an axis, by Keras's names.
public enum Padding: String, Sendable, Hashable {
  /// Windows lie within the input.
  case valid
  /// Zeros on both sides (the odd one behind) until there are ⌈T / stride⌉ windows.
  case same
  /// Zeros before the start, so that no window sees what comes after it.
  case causal
}

extension Windows {
  /// The windows on an axis of `length`, or nil where none fits or an extent is not positive.
  package init?(length: Int, size: Int, stride: Int, dilation: Int = 1, padding: Padding) {
    guard length > 0, size > 0, stride > 0, dilation > 0 else { return nil }
    let (reach, overflow) = (size - 1).multipliedReportingOverflow(by: dilation)
    guard !overflow, reach < 1 << 40, length < 1 << 40, stride < 1 << 40 else { return nil }
    let leading: Int
    let count: Int
    switch padding {
    case .valid:
      guard length > reach else { return nil }
      (leading, count) = (0, (length - reach - 1) / stride + 1)
    case .same:
      count = (length + stride - 1) / stride
      leading = max(0, (count - 1) * stride + reach + 1 - length) / 2
    case .causal:
      (leading, count) = (reach, (length - 1) / stride + 1)
    }
    self.init(
      inputLength: length, size: size, stride: stride, dilation: dilation, leading: leading,
      count: count)
  }
}
