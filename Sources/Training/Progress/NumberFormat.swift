/// Numbers in text, as Python's format specifications put them.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Double {
  /// `{:.4f}`
  package func fixed(_ digits: Int) -> String { printed("%.\(digits)f") }

  /// `{:.4e}`
  package func scientific(_ digits: Int) -> String { printed("%.\(digits)e") }

  /// `{:.4g}`: so many significant digits, without trailing zeros.
  package func general(_ digits: Int) -> String { printed("%.\(digits)g") }

  /// By C's `printf`, as `String(format:)` would, without the rest of Foundation.
  private func printed(_ format: String) -> String {
    // The largest number with 99 places has 310 + 99 characters.
    var characters = [UInt8](repeating: 0, count: 512)
    // SAFETY: the format asks for the one number that is passed, and the system writes at most the
    // buffer's size.
    let count = unsafe characters.withUnsafeMutableBytes { characters in
      unsafe withVaList([self]) {
        unsafe vsnprintf(
          characters.bindMemory(to: CChar.self).baseAddress, characters.count, format, $0)
      }
    }
    return String(decoding: characters.prefix(Swift.max(0, Int(count))), as: UTF8.self)
  }

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
