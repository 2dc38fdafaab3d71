/// Working memory that is shared out part by part, and the count of what is to be shared out.

/// Hands out runs of elements that begin on a register's boundary, one behind the other.
struct WorkingMemory {
  private(set) var count = 0

  mutating func take(_ elements: Int) -> Range<Int> {
    let first = count
    count += (elements + 15) / 16 * 16
    return first..<first + elements
  }
}

extension Buffer {
  func slice(_ range: Range<Int>) -> Buffer { slice(range.lowerBound, range.count) }
}
