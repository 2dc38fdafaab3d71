/// Convolutions whose kernel is another at each position.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y[t] = activation(Σₖ x[t·stride + k] · kernel[t, k] + bias[t])`, t and k along every axis between batch and
/// channels. Under `same` windows begin half a size before their position, whatever the stride is, and end
/// with the input.
///
/// Shapes: `[N, T, C]` to `[N, T', F]`, with two axes `[N, A, B, C]`; with `channelsFirst` the last axis is the
/// second. A mask ends here. Weights: `kernel`, whose layout is that of the `implementation`:
/// 1. `[T', K·C, F]`, positions and places of windows in a row; with the channels first `[T', C·K, F]`;
/// 2. `[T, C, T', F]` of which only what a window reaches is used; with the channels first `[C, T, F, T']`;
/// 3. what is used of that in a row, sorted by the place in the output and then in the input;
///
/// and `bias` `[T', F]`. Only older versions have it. Source:
/// `tf_keras/src/layers/locally_connected/locally_connected2d.py` (tf_keras 2.21.0).
public protocol LocallyConnectedLayer: SingleInputLayer {
  /// The number of axes that windows go along.
  static var spatialRank: Int { get }
  var connection: LocallyConnectedSettings { get set }
  init(connection: LocallyConnectedSettings)
}

/// What a locally connected layer is told.
public struct LocallyConnectedSettings: Sendable, Hashable {
  public var filters: Int
  public var windows: WindowSettings
  public var activation: Activation
  public var useBias: Bool
  public var kernel: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?
  /// How the kernel is stored: 1, 2 or 3.
  public var implementation: Int
}

public struct LocallyConnected1D: LocallyConnectedLayer {
  public static let className = "LocallyConnected1D"
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var connection: LocallyConnectedSettings
  public init(connection: LocallyConnectedSettings) { self.connection = connection }
}

public struct LocallyConnected2D: LocallyConnectedLayer {
  public static let className = "LocallyConnected2D"
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var connection: LocallyConnectedSettings
  public init(connection: LocallyConnectedSettings) { self.connection = connection }
}

extension LocallyConnectedLayer {
  public static var legacyKeys: [String: LegacyKey] { WindowSettings.legacyKeys }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    let settings = LocallyConnectedSettings(
      filters: try config.count("filters"),
      windows: try WindowSettings(&config, rank: Self.spatialRank),
      activation: try config.activation("activation", default: .linear),
      useBias: try config.bool("use_bias", default: true),
      kernel: try config.weight("kernel", .glorotUniform),
      bias: try config.weight("bias", .zeros),
      activityRegularizer: try config.regularizer("activity_regularizer"),
      implementation: try config.count("implementation", default: 1))
    guard (1...3).contains(settings.implementation) else {
      throw config.wrong("implementation", "1, 2 or 3", .int(settings.implementation))
    }
    guard settings.windows.padding == .valid || settings.implementation > 1 else {
      throw config.wrong("padding", "\"valid\" where implementation is 1", "same")
    }
    self.init(connection: settings)
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    var settings = connection.windows.settings
      .merging(connection.kernel.config("kernel")) { $1 }
      .merging(connection.bias.config("bias")) { $1 }
    settings["dilation_rate"] = nil
    settings["filters"] = .int(connection.filters)
    settings["activation"] = connection.activation.json
    settings["use_bias"] = .bool(connection.useBias)
    settings["activity_regularizer"] = connection.activityRegularizer?.json ?? .null
    settings["implementation"] = .int(connection.implementation)
    return settings
  }

  public var activityRegularizer: Regularizer? { connection.activityRegularizer }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let connections = try Connections(input, outputShape(input), connection)
    let kernel = try WeightSpec("kernel", connections.kernelExtents(), connection.kernel)
    guard connection.useBias else { return [kernel] }
    return [
      kernel,
      try WeightSpec("bias", connections.outputs + [connection.filters], connection.bias),
    ]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try connection.windows.outputShape(
      input, filters: connection.filters, connection.activation)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let shape = LayerShape(input.shape.dimensions)
    let connections = try Connections(shape, outputShape(shape), connection)
    var results: [Value] = []
    for position in connections.positions {
      let window = try connections.window(at: position, of: input)
      results.append(
        try window.matmul(connections.kernel(at: position, of: context.weight("kernel"))))
    }
    let (rows, filters) = (input.shape[0], connection.filters)
    // [N, T'·F], the positions side by side.
    let joined = try results[0].concatenated(with: Array(results.dropFirst()), axis: 1)
    let isFirst = connection.windows.dataFormat == .channelsFirst
    var output = try joined.reshaped(Shape([rows] + connections.outputs + [filters]))
    if isFirst { output = try connection.windows.dataFormat.fromChannelsLast(output) }
    if connection.useBias {
      let bias = context.weight("bias")
      // With the channels first Keras takes the bias's numbers in a row under the other shape.
      output =
        try output
        + (isFirst ? bias.reshaped(Shape([filters] + connections.outputs)) : bias)
    }
    return try connection.activation(output)
  }
}

/// Which inputs go with which outputs.
private struct Connections {
  /// The extents of the input and of the output between batch and channels.
  let inputs: [Int]
  let outputs: [Int]
  let channels: Int
  private let settings: LocallyConnectedSettings

  init(
    _ input: LayerShape, _ output: LayerShape, _ settings: LocallyConnectedSettings
  ) throws(ModelGraphError) {
    channels = try settings.windows.channels(input)
    var (inputs, outputs): ([Int], [Int]) = ([], [])
    for axis in settings.windows.dataFormat.spatialAxes(rank: input.rank) {
      inputs.append(try input.known(axis))
      outputs.append(try output.known(axis))
    }
    self.inputs = inputs
    self.outputs = outputs
    self.settings = settings
  }

  private var isFirst: Bool { settings.windows.dataFormat == .channelsFirst }

  /// The number of each output, in rows.
  var positions: Range<Int> { 0..<outputs.reduce(1, *) }

  /// The inputs that a position's window reaches along each axis.
  private func reach(_ position: Int) -> [Range<Int>] {
    var rest = position
    var ranges: [Range<Int>] = []
    for axis in inputs.indices.reversed() {
      let size = settings.windows.kernelSize[axis]
      let shift = settings.windows.padding == .same ? size / 2 : 0
      let start = (rest % outputs[axis]) * settings.windows.strides[axis] - shift
      rest /= outputs[axis]
      ranges.insert(max(0, start)..<min(inputs[axis], start + size), at: 0)
    }
    return ranges
  }

  /// How many inputs a position's window has.
  private func width(_ position: Int) -> Int {
    reach(position).map(\.count).reduce(channels, *)
  }

  func kernelExtents() throws(ModelGraphError) -> [Int] {
    let filters = settings.filters
    var count = 1
    for extent in outputs { count = try product(count, extent) }
    switch settings.implementation {
    case 1:
      var width = channels
      for size in settings.windows.kernelSize { width = try product(width, size) }
      return [count, width, filters]
    case 2:
      return isFirst
        ? [channels] + inputs + [filters] + outputs : inputs + [channels] + outputs + [filters]
    default:
      // Along each axis by itself, since there may be too many positions to count one by one.
      var total = try product(channels, filters)
      for axis in inputs.indices { total = try product(total, reached(along: axis)) }
      return [total]
    }
  }

  /// How many inputs all windows along an axis reach together.
  private func reached(along axis: Int) throws(ModelGraphError) -> Int {
    _ = try product(outputs[axis], settings.windows.kernelSize[axis])
    let step = outputs[(axis + 1)...].reduce(1, *)
    return (0..<outputs[axis]).reduce(0) { $0 + reach($1 * step)[axis].count }
  }

  /// The window at a position as rows `[N, K·C]`, in the order of the input's axes.
  func window(at position: Int, of input: Value) throws -> Value {
    var window = input
    let axes = settings.windows.dataFormat.spatialAxes(rank: input.rank)
    for (axis, range) in zip(axes, reach(position)) {
      window = try window.slice(axis: axis, range)
    }
    return try window.reshaped([input.shape[0], width(position)])
  }

  /// The kernel at a position as a matrix `[K·C, F]`, its rows in the order of the window's.
  func kernel(at position: Int, of kernel: Value) throws -> Value {
    let (filters, width) = (settings.filters, width(position))
    switch settings.implementation {
    case 1:
      return try kernel.slice(axis: 0, position..<position + 1).reshaped([width, filters])
    case 2:
      var part = kernel
      var rest = position
      for axis in outputs.indices.reversed() {
        let place = rest % outputs[axis]
        rest /= outputs[axis]
        let inputAxis = axis + (isFirst ? 1 : 0)
        part = try part.slice(axis: inputAxis, reach(position)[axis])
        part = try part.slice(axis: inputAxis + outputs.count + 1, place..<place + 1)
      }
      return try part.reshaped([width, filters])
    default:
      let before = (0..<position).reduce(0) { $0 + self.width($1) }
      let total = kernel.shape[0] / filters
      // With the channels first all positions of a filter stand together, else all filters of a position.
      let rows =
        isFirst
        ? try kernel.reshaped([filters, total]).slice(axis: 1, before..<before + width)
        : try kernel.slice(axis: 0, before * filters..<(before + width) * filters)
          .reshaped([filters, width])
      return try rows.transposed([1, 0])
    }
  }
}
