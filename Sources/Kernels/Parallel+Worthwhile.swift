/// When a second thread pays.

extension Int {
  /// As many of these threads as `operations` element operations are worth: waking a thread costs
  /// some microseconds, in which one thread does tens of thousands of them.
  func worthwhile(_ operations: Int) -> Int {
    Swift.max(1, Swift.min(self, operations / (1 << 15)))
  }
}
