/// The windows of a convolution: what its layers read, write and make of shapes alike.
public import Engine
import KerasCheckpoint

/// A size, a stride and a dilation for each axis between batch and channels, what happens at the ends,
/// and where the channels are.
public struct WindowSettings: Sendable, Hashable {
  public var kernelSize: [Int]
  public var strides: [Int]
  public var padding: Padding
  public var dataFormat: DataFormat
  public var dilationRate: [Int]

  /// - Parameters:
  ///   - strides: 1 unless given, as is `dilationRate`.
  /// - Precondition: there is one of each for every axis.
  init(
    rank: Int, kernelSize: [Int], strides: [Int]?, padding: Padding, dataFormat: DataFormat,
    dilationRate: [Int]?
  ) {
    let ones = [Int](repeating: 1, count: rank)
    self.kernelSize = kernelSize
    self.strides = strides ?? ones
    self.padding = padding
    self.dataFormat = dataFormat
    self.dilationRate = dilationRate ?? ones
    precondition(
      [kernelSize, self.strides, self.dilationRate].allSatisfy { $0.count == rank },
      "a layer whose windows go along \(rank) axes takes \(rank) sizes")
  }

  /// - Parameter allowed: the paddings that the layer knows.
  init(
    _ config: inout LayerConfig, rank: Int, allowed: [Padding] = [.valid, .same]
  ) throws(ModelGraphError) {
    kernelSize = try Self.kernelSize(&config, rank)
    strides = try config.extents("strides", count: rank, default: 1)
    padding = try config.padding("padding", allowed: allowed)
    dataFormat = try config.dataFormat()
    dilationRate = try config.extents("dilation_rate", count: rank, default: 1)
    if strides.contains(where: { $0 > 1 }), let dilation = dilationRate.first(where: { $0 > 1 }) {
      throw config.wrong("dilation_rate", "1 where strides is above 1", .int(dilation))
    }
  }

  /// In Keras 1 the size of a kernel had a key for each axis.
  private static func kernelSize(
    _ config: inout LayerConfig, _ rank: Int
  ) throws(ModelGraphError) -> [Int] {
    if let sizes = try config.extents("kernel_size", count: rank) { return sizes }
    let keys = [[], ["nb_row", "nb_col"], ["kernel_dim1", "kernel_dim2", "kernel_dim3"]][rank - 1]
    guard let first = keys.first, config.value(first) != nil else {
      return try config.extents("kernel_size", count: rank, default: nil)
    }
    var sizes: [Int] = []
    for key in keys { sizes.append(try config.count(key)) }
    return sizes
  }

  /// Keys of older versions of Keras.
  static let legacyKeys: [String: LegacyKey] = [
    "nb_filter": .renamed("filters"), "filter_length": .renamed("kernel_size"),
    "subsample_length": .renamed("strides"), "subsample": .renamed("strides"),
    "border_mode": .renamed("padding"), "dim_ordering": .renamed("data_format"),
    "atrous_rate": .renamed("dilation_rate"), "init": .renamed("kernel_initializer"),
    "bias": .renamed("use_bias"), "W_regularizer": .renamed("kernel_regularizer"),
    "b_regularizer": .renamed("bias_regularizer"), "W_constraint": .renamed("kernel_constraint"),
    "b_constraint": .renamed("bias_constraint"), "input_dim": .dropped, "input_length": .dropped,
  ]

  var settings: [String: JSON] {
    func list(_ values: [Int]) -> JSON { .array(values.map(JSON.int)) }
    return [
      "kernel_size": list(kernelSize), "strides": list(strides),
      "padding": .string(padding.rawValue), "data_format": .string(dataFormat.rawValue),
      "dilation_rate": list(dilationRate),
    ]
  }

  /// The axis of the channels.
  var channelAxis: Int { dataFormat == .channelsLast ? -1 : 1 }

  /// The channels of an input.
  ///
  /// - Throws: `ModelGraphError` where the rank is another one, or there are none.
  func channels(_ input: LayerShape) throws(ModelGraphError) -> Int {
    try input.requireRank(kernelSize.count + 2)
    let channels = try input.known(channelAxis)
    guard channels > 0 else {
      throw ModelGraphError(.inputShape(expected: "at least one channel", found: input))
    }
    return channels
  }

  /// The shape of what a convolution gives, its channels being what the activation makes of `filters`.
  func outputShape(
    _ input: LayerShape, filters: Int, _ activation: Activation
  ) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(kernelSize.count + 2)
    var output = input
    output[channelAxis] =
      dataFormat == .channelsLast ? activation.function?.outputWidth(filters) ?? filters : filters
    for (place, axis) in dataFormat.spatialAxes(rank: input.rank).enumerated() {
      output[axis] = try padding.steps(
        input[axis], size: kernelSize[place], stride: strides[place],
        dilation: dilationRate[place], of: input)
    }
    return output
  }
}
