/// When a second thread pays.

extension Int {
  /// As many of these threads as `operations` element operations are worth. Waking a thread costs
  /// some microseconds, and a vector loop does 2¹⁶ operations in 3 to 20 of them.
  func worthwhile(_ operations: Int) -> Int {
    Swift.max(1, Swift.min(self, operations / (1 << 16)))
  }
}
