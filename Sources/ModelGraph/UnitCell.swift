/// The cells whose states are rows of units.
public import Engine
public import KerasCheckpoint
public import Kernels
import Tensors

/// What cells are told alike, those of LSTM, GRU and SimpleRNN, and with filters for units the convolutional.
public struct CellSettings: Sendable {
  public var units: Int
  public var activation: Activation
  public var useBias: Bool
  public var kernel: WeightSettings
  public var recurrent: WeightSettings
  public var bias: WeightSettings
  public var dropout: Double
  public var recurrentDropout: Double
  public var seed: JSON?

  public init(
    units: Int, activation: Activation = .tanh, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0
  ) {
    self.units = units
    self.activation = activation
    self.useBias = useBias
    kernel = WeightSettings(kernelInitializer)
    recurrent = WeightSettings(recurrentInitializer)
    bias = WeightSettings(biasInitializer)
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
  }

  /// - Parameter size: the key of the units.
  init(config: inout LayerConfig, size: String = "units") throws(ModelGraphError) {
    units = try config.count(size)
    activation = try config.cellActivation("activation", default: .tanh)
    useBias = try config.bool("use_bias", default: true)
    kernel = try config.weight("kernel", .glorotUniform)
    recurrent = try config.weight("recurrent", .orthogonal)
    bias = try config.weight("bias", .zeros)
    dropout = try config.rate("dropout", default: 0)
    recurrentDropout = try config.rate("recurrent_dropout", default: 0)
    seed = try config.seed()
  }

  func config(size: String = "units") -> [String: JSON] {
    [
      size: .int(units), "activation": activation.json, "use_bias": .bool(useBias),
      "dropout": .number(dropout), "recurrent_dropout": .number(recurrentDropout),
      "seed": seed ?? .null,
    ].merging(kernel.config("kernel")) { $1 }.merging(recurrent.config("recurrent")) { $1 }
      .merging(bias.config("bias")) { $1 }
  }
}

/// A cell from `[N, D]` to `[N, H]`, all of whose states are `[N, H]`.
///
/// In training all gates see the same inputs dropped, or each those of its own where states are dropped too,
/// as in Keras.
///
/// Weights, G being the gates of the cell: `kernel` `[D, GH]`, `recurrent_kernel` `[H, GH]`, `bias`.
public protocol UnitCellLayer: CellLayer {
  var options: CellSettings { get set }

  /// Gates and states, how the gates are computed.
  var kind: RecurrentCell { get }

  /// The function of gates other than the candidate; nil where there are none.
  var gateActivation: Activation? { get }

  /// The shape of the bias, and how it starts.
  var biasSpec: (shape: [Int], settings: WeightSettings) { get }

  /// One step by ops of its own.
  ///
  /// - Parameters:
  ///   - x: the products of the input, `[N, GH]`, with the bias.
  ///   - recurrentBias: what is added to the products of a state, where that has a bias of its own.
  ///   - products: those of a state with the recurrent kernel, for some of the gates.
  func step(
    _ x: Value, _ states: [Value], recurrentBias: Value?,
    _ products: (_ state: Value, _ gates: Range<Int>) throws -> Value
  ) throws -> [Value]
}

extension UnitCellLayer {
  public var gateActivation: Activation? { nil }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    let input = inputs[0]
    try input.requireRank(2)
    let (units, width) = (options.units, kind.gates * options.units)
    var specs = [
      try WeightSpec("kernel", [input.known(1), width], options.kernel),
      try WeightSpec("recurrent_kernel", [units, width], options.recurrent),
    ]
    if options.useBias {
      specs.append(try WeightSpec("bias", biasSpec.shape, biasSpec.settings))
    }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(2)
    return [input[0], options.units]
  }

  public var stateCount: Int { kind.states }

  public func stateShapes(_ input: LayerShape) throws(ModelGraphError) -> [LayerShape] {
    .init(repeating: try outputShape(input), count: kind.states)
  }

  public func run(_ passage: Passage, _ context: LayerContext) throws -> Passage.Results {
    let dropsStates =
      context.mode == .training && options.recurrentDropout > 0 && options.recurrentDropout < 1
    guard !dropsStates, let recurrence = recurrence(passage) else {
      return try unrolled(passage, context, dropsStates: dropsStates)
    }
    let x = try context.dropped(passage.sequence, rate: options.dropout, gates: 1)[0]
    let results = try x.recurrence(
      recurrence, kernel: context.weight("kernel"),
      recurrentKernel: context.weight("recurrent_kernel"),
      bias: options.useBias ? context.weight("bias") : nil, initialState: passage.initialStates,
      mask: passage.mask)
    return Passage.Results(
      sequence: results.sequence, states: results.states, last: results.states[0])
  }

  /// What the op for a whole sequence is told; nil where it does not know an activation.
  private func recurrence(_ passage: Passage) -> RecurrenceOptions? {
    var told = RecurrenceOptions(kind)
    guard let activation = options.activation.gateFunction else { return nil }
    told.activation = activation
    if let gateActivation {
      guard let function = gateActivation.gateFunction else { return nil }
      told.recurrentActivation = function
    }
    told.goesBackwards = passage.goesBackwards
    told.reversesOutputs = passage.reversesOutputs
    told.zeroesMasked = passage.zeroesMasked
    return told
  }

  private func unrolled(
    _ passage: Passage, _ context: LayerContext, dropsStates: Bool
  ) throws -> Passage.Results {
    let (x, gates) = (passage.sequence, kind.gates)
    let (n, t, d) = (x.shape[0], x.shape[1], x.shape[2])
    let inputs = try context.dropped(x, rate: options.dropout, gates: dropsStates ? gates : 1)
    let kernel = context.weight("kernel")
    // The products of all steps at once, of each gate where each has inputs of its own.
    let parts = try zip(inputs, kernel.split(inputs.count, axis: 1)).map {
      try $0.reshaped([n * t, d]).matmul($1)
    }
    var sums = try parts[0].concatenated(with: Array(parts.dropFirst()), axis: 1)
    var recurrentBias: Value?
    if options.useBias {
      var bias = context.weight("bias")
      if bias.rank == 2 {
        let rows = try bias.split(2, axis: 0)
        bias = rows[0]
        recurrentBias = rows[1]
      }
      sums = try sums + bias
    }
    let products = try RecurrentProducts(
      gates: gates, kernel: context.weight("recurrent_kernel"),
      masks: context.stateMasks([n, options.units], rate: options.recurrentDropout, gates: gates)
    ) { try $0.matmul($1) }
    var first = passage.initialStates
    if first.isEmpty {
      let zeros = try x.builder.constant(0, [n, options.units])
      first = .init(repeating: zeros, count: kind.states)
    }
    return try passage.unrolled(sums.reshaped([n, t, gates * options.units]), first) { x, states in
      try step(x, states, recurrentBias: recurrentBias) { try products($0, $1) }
    }
  }
}

extension Activation {
  /// The function as one that the op for a whole sequence knows; nil where it does not.
  fileprivate var gateFunction: GateFunction? {
    switch function {
    case .linear: .linear
    case .relu(negativeSlope: 0, maximum: nil, threshold: 0): .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .hardSigmoid: .hardSigmoid
    case .hardSigmoidKeras2: .hardSigmoidKeras2
    case .softsign: .softsign
    case .exponential: .exponential
    case .elu(alpha: 1): .elu
    default: nil
    }
  }
}

extension LayerConfig {
  /// Reads an activation that a cell can have: one of Keras's that leaves the width as it is.
  mutating func cellActivation(
    _ key: String, default standard: Activation
  ) throws(ModelGraphError) -> Activation {
    let activation = try activation(key, default: standard)
    guard activation.function?.outputWidth(2) == 2 else {
      throw unsupported(key, "the activation \"\(activation.name)\" of a cell")
    }
    return activation
  }

  /// Reads the function of gates; Keras 1 and 2 had another standard, but for cuDNN.
  mutating func recurrentActivation() throws(ModelGraphError) -> Activation {
    let isOlder = dialect < .keras3 && !isForCuDNN
    return try cellActivation(
      "recurrent_activation", default: isOlder ? .hardSigmoidKeras2 : .sigmoid)
  }

  /// Whether the layer is one of those that Keras 2 had for cuDNN, which computes in one way only.
  var isForCuDNN: Bool { className.hasPrefix("CuDNN") }
}
