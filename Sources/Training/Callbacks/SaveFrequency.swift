/// When a callback saves.

public enum SaveFrequency: Sendable, Hashable {
  /// At the end of each epoch.
  case epoch
  /// After so many batches, and so on across epochs.
  case batches(Int)
}

/// Counts batches for a callback that saves every so many.
struct BatchCount {
  let frequency: SaveFrequency
  private var seen = 0

  /// - Precondition: a number of batches is 1 or more.
  init(_ frequency: SaveFrequency) {
    if case .batches(let count) = frequency {
      precondition(count > 0, "nothing is saved every \(count) batches")
    }
    self.frequency = frequency
  }

  /// Counts a batch.
  ///
  /// - Returns: whether it is time to save.
  mutating func isDue() -> Bool {
    guard case .batches(let count) = frequency else { return false }
    seen += 1
    guard seen >= count else { return false }
    seen = 0
    return true
  }
}
