/// Where the channels of a sequence are, and what windows make of its steps.
import Engine
import KerasCheckpoint

/// The order of axes, by Keras's names.
public enum DataFormat: String, Sendable, Hashable, CaseIterable {
  /// `[N, T, C]`
  case channelsLast = "channels_last"
  /// `[N, C, T]`
  case channelsFirst = "channels_first"

  /// The axis of the channels of an input of rank 3.
  var channelAxis: Int { self == .channelsLast ? 2 : 1 }

  /// The axis of the time steps of an input of rank 3.
  var stepAxis: Int { self == .channelsLast ? 1 : 2 }

  /// The sequence as `[N, T, C]`.
  func toChannelsLast(_ sequence: Value) throws(EngineError) -> Value {
    self == .channelsLast ? sequence : try sequence.transposed([0, 2, 1])
  }

  /// A sequence `[N, T, C]` in this order.
  func fromChannelsLast(_ sequence: Value) throws(EngineError) -> Value {
    self == .channelsLast ? sequence : try sequence.transposed([0, 2, 1])
  }

  /// The shape of a sequence without its steps.
  func pooledShape(_ input: LayerShape, keepDims: Bool) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(3)
    guard input[stepAxis] != 0 else {
      throw ModelGraphError(.inputShape(expected: "at least one step", found: input))
    }
    var output = input
    output[stepAxis] = 1
    if !keepDims { output.extents.remove(at: stepAxis) }
    return output
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
    guard let padding = value.string.flatMap(Padding.init(rawValue:)), allowed.contains(padding)
    else {
      throw wrong(
        key, "one of " + allowed.map { "\"\($0.rawValue)\"" }.joined(separator: ", "), value)
    }
    return padding
  }

  /// Refuses options that change what the layer computes and are not supported.
  mutating func refuse(_ keys: String...) throws(ModelGraphError) {
    for key in keys where value(key) != nil { throw unsupported(key, key) }
  }
}
