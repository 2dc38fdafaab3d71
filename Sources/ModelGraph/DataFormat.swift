/// Where the channels are, and what windows make of the other axes.
import Engine
import KerasCheckpoint

/// The order of axes, by Keras's names.
public enum DataFormat: String, Sendable, Hashable, CaseIterable {
  /// `[N, T, C]`, `[N, A, B, C]`
  case channelsLast = "channels_last"
  /// `[N, C, T]`, `[N, C, A, B]`
  case channelsFirst = "channels_first"

  /// The axis of the channels of an input of rank 3.
  var channelAxis: Int { self == .channelsLast ? 2 : 1 }

  /// The axis of the time steps of an input of rank 3.
  var stepAxis: Int { self == .channelsLast ? 1 : 2 }

  /// The axes between batch and channels, or behind both, of an input of that rank.
  func spatialAxes(rank: Int) -> Range<Int> {
    self == .channelsLast ? 1..<max(1, rank - 1) : min(2, rank)..<rank
  }

  /// An input of this order with its channels last.
  func toChannelsLast(_ input: Value) throws(EngineError) -> Value {
    guard self == .channelsFirst, input.rank > 2 else { return input }
    return try input.transposed([0] + Array(2..<input.rank) + [1])
  }

  /// What has its channels last, in this order.
  func fromChannelsLast(_ output: Value) throws(EngineError) -> Value {
    guard self == .channelsFirst, output.rank > 2 else { return output }
    return try output.transposed([0, output.rank - 1] + Array(1..<output.rank - 1))
  }
}

extension Padding {
  /// The number of windows on `steps` steps; nil where that is not known.
  ///
  /// - Throws: `ModelGraphError` where not one window fits.
  func steps(
    _ steps: Int?, size: Int, stride: Int, dilation: Int = 1, of input: LayerShape
  ) throws(ModelGraphError) -> Int? {
    guard let steps else { return nil }
    let reach = (size - 1) * dilation
    let count =
      self == .valid ? (steps - reach + stride - 1) / stride : (steps + stride - 1) / stride
    guard steps > 0, self != .valid || steps > reach, count > 0 else {
      throw ModelGraphError(
        .inputShape(expected: "at least \(max(1, reach + 1)) steps", found: input))
    }
    return count
  }
}

extension LayerConfig {
  /// Reads a padding, one of those that the layer knows.
  mutating func padding(
    _ key: String, allowed: [Padding]
  ) throws(ModelGraphError) -> Padding {
    guard let value = value(key) else { return .valid }
    // Theano could go past both ends.
    if value == "full" { throw unsupported(key, "the padding \"full\"") }
    guard let padding = value.string.flatMap(Padding.init(rawValue:)), allowed.contains(padding)
    else {
      throw wrong(
        key, "one of " + allowed.map { "\"\($0.rawValue)\"" }.joined(separator: ", "), value)
    }
    return padding
  }

  /// Reads the order of axes, which Keras 1 called "tf" and "th".
  mutating func dataFormat(_ key: String = "data_format") throws(ModelGraphError) -> DataFormat {
    switch value(key)?.string {
    case "tf", "default": .channelsLast
    case "th": .channelsFirst
    default: try choice(key, default: .channelsLast)
    }
  }

  /// Refuses options that change what the layer computes and are not supported.
  mutating func refuse(_ keys: String...) throws(ModelGraphError) {
    for key in keys where value(key) != nil { throw unsupported(key, key) }
  }
}
