/// One line of standard input: what to do next.

/// `train 32 3200`: the mode, the samples of a batch and the samples in all.
struct Request {
  enum Mode: String {
    case train
    case evaluate
    case predict
    /// Trains, and tells a checksum of the weights instead of the time.
    case checksum
  }

  let mode: Mode
  let batch: Int
  let count: Int

  /// - Returns: nil where the line is none of these.
  init?(line: String) {
    let words = line.split(separator: " ")
    guard words.count == 3, let mode = Mode(rawValue: String(words[0])),
      let batch = Int(words[1]), let count = Int(words[2]), batch > 0, count > 0
    else { return nil }
    self.mode = mode
    self.batch = batch
    self.count = count
  }
}
