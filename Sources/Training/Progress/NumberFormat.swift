/// Numbers in text, as Python's format specifications put them.
import Foundation

extension Double {
  /// `{:.4f}`
  package func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }

  /// `{:.4e}`
  package func scientific(_ digits: Int) -> String { String(format: "%.\(digits)e", self) }

  /// As the progress line shows a metric: four places, or scientific where that would show nothing.
  package var metricText: String { abs(self) > 1e-3 ? fixed(4) : scientific(4) }

  /// What Python's `str` makes of a float.
  package var pythonText: String {
    if isNaN { return "nan" }
    if isInfinite { return self < 0 ? "-inf" : "inf" }
    return description
  }
}

extension String {
  /// The text with spaces before it up to a width.
  func padded(to width: Int, with pad: Character = " ") -> String {
    String(repeating: pad, count: Swift.max(0, width - count)) + self
  }
}
