/// What all recurrent layers have in common.
import Engine
import KerasCheckpoint
import Tensors

/// How a recurrent layer passes over its sequence, and what it gives.
public struct RecurrentSettings: Sendable {
  /// Whether the outputs of all steps are given, or only the last.
  public var returnSequences = false
  /// Whether the last states follow as outputs.
  public var returnState = false
  public var goBackwards = false
  /// Whether the states after one batch are those before the next, row by row.
  public var stateful = false
  /// Whether Keras writes a program of its own for each step; the numbers are the same.
  public var unroll = false
  /// Whether the output of a masked step is zero rather than that of the step before.
  public var zeroOutputForMask = false
  public var activityRegularizer: Regularizer?
  /// Whether the layer is called as in Keras 2: initial states leave the mask of the sequence in force, and
  /// do not go before the states of a stateful layer.
  private(set) var isKeras2 = false
  /// Whether the call passes a mask.
  var isGivenMask = false

  public init(
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    stateful: Bool = false, zeroOutputForMask: Bool = false
  ) {
    self.returnSequences = returnSequences
    self.returnState = returnState
    self.goBackwards = goBackwards
    self.stateful = stateful
    self.zeroOutputForMask = zeroOutputForMask
  }

  init(config: inout LayerConfig) throws(ModelGraphError) {
    returnSequences = try config.bool("return_sequences", default: false)
    returnState = try config.bool("return_state", default: false)
    goBackwards = try config.bool("go_backwards", default: false)
    stateful = try config.bool("stateful", default: false)
    unroll = try config.bool("unroll", default: false)
    zeroOutputForMask = try config.bool("zero_output_for_mask", default: false)
    activityRegularizer = try config.regularizer("activity_regularizer")
    isKeras2 = config.dialect < .keras3
    // By cuDNN the numbers are the same.
    config.ignore("use_cudnn")
    if try config.bool("time_major", default: false) {
      throw config.unsupported("time_major", "time_major = true")
    }
    try config.refuseCellConstants()
  }

  var config: [String: JSON] {
    [
      "return_sequences": .bool(returnSequences), "return_state": .bool(returnState),
      "go_backwards": .bool(goBackwards), "stateful": .bool(stateful), "unroll": .bool(unroll),
      "zero_output_for_mask": .bool(zeroOutputForMask),
    ]
  }
}

extension LayerConfig {
  /// Tensors beside the states, which the cells of Keras do not take.
  mutating func refuseCellConstants() throws(ModelGraphError) {
    guard let constants = value("num_constants"), constants != 0 else { return }
    throw unsupported("num_constants", "constants for a cell")
  }
}

/// A recurrent layer: a cell at each step of a sequence, `[N, T, …]` to the output of the last step, or with
/// `returnSequences` to those of all, `[N, T, …]`. With `returnState` the last states follow as outputs.
/// Further inputs are the initial states. A masked step changes nothing. With `stateful` a batch begins with
/// the states after the one before, which the model's `resetStates` makes zero.
///
/// Weights: those of the cell, after its name.
public protocol RecurrentLayer: Layer {
  var recurrence: RecurrentSettings { get set }

  /// What is done at each step.
  var step: any Cell { get }
}

extension RecurrentLayer {
  public static var furtherInputs: String? { "initial_state" }
  public static var namedArguments: NamedArguments { NamedArguments(lists: ["initial_state"]) }
  public var activityRegularizer: Regularizer? { recurrence.activityRegularizer }

  public func called(_ options: CallOptions) -> any Layer {
    var layer = self
    layer.recurrence.isGivenMask = options.givesMask
    return layer
  }

  /// What Keras 1 called the settings of a cell.
  static var legacyCellKeys: [String: LegacyKey] {
    [
      "output_dim": .renamed("units"), "init": .renamed("kernel_initializer"),
      "inner_init": .renamed("recurrent_initializer"),
      "inner_activation": .renamed("recurrent_activation"),
      "W_regularizer": .renamed("kernel_regularizer"),
      "U_regularizer": .renamed("recurrent_regularizer"),
      "b_regularizer": .renamed("bias_regularizer"), "dropout_W": .renamed("dropout"),
      "dropout_U": .renamed("recurrent_dropout"), "forget_bias_init": .dropped,
      "input_dim": .dropped, "input_length": .dropped, "consume_less": .dropped,
      "implementation": .dropped,
    ]
  }

  /// The configuration of a layer that has the settings of its cell as its own.
  func settings(of cell: [String: JSON]) -> [String: JSON] {
    var settings = recurrence.config.merging(cell) { $1 }
    settings["activity_regularizer"] = recurrence.activityRegularizer?.json ?? .null
    return settings
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    try step.weights([try stepShape(inputs)])
      .map { $0.inside(step.name, trainable: step.trainable) }
  }

  public func states(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    guard recurrence.stateful else { return [] }
    let input = try stepShape(inputs)
    guard input[0] != nil else {
      throw ModelGraphError(
        .inputShape(expected: "a fixed batch, as stateful = true has it", found: inputs[0]))
    }
    var specs: [WeightSpec] = []
    for (place, shape) in try step.stateShapes(input).enumerated() {
      var extents: [Int] = []
      for axis in 0..<shape.rank { extents.append(try shape.known(axis)) }
      specs.append(
        try WeightSpec(
          Self.stateName(place), extents, WeightSettings(.zeros), isTrained: false))
    }
    return specs
  }

  private static func stateName(_ place: Int) -> String { "state/\(place)" }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    let input = try stepShape(inputs)
    let states = try step.stateShapes(input)
    try states.check(inputs.dropFirst())
    if recurrence.stateful, recurrence.isKeras2, inputs.count > 1 {
      throw ModelGraphError(
        .unsupportedOption(value: "stateful = true beside an initial state"))
    }
    var output = try step.outputShape(input)
    if recurrence.returnSequences { output.extents.insert(inputs[0][1], at: 1) }
    return recurrence.returnState ? [output] + states : [output]
  }

  /// The shape of one step of the sequence, which is the first of the inputs.
  private func stepShape(_ inputs: [LayerShape]) throws(ModelGraphError) -> LayerShape {
    guard let sequence = inputs.first else {
      throw ModelGraphError(.inputCount(expected: 1, found: 0))
    }
    try sequence.requireRank(atLeast: 3)
    return LayerShape([sequence[0]] + sequence.extents.dropFirst(2))
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    try call(inputs, context, reversesOutputs: false)
  }

  /// - Parameter reversesOutputs: whether the outputs of all steps stand in their reverse order.
  func call(
    _ inputs: [Signal], _ context: LayerContext, reversesOutputs: Bool
  ) throws -> [Signal] {
    // Keras 3 passes the mask of the sequence on, but not to a cell that has initial states.
    let ignoresMask = inputs.count > 1 && !recurrence.isKeras2 && !recurrence.isGivenMask
    let mask = ignoresMask ? nil : inputs[0].mask
    try checkMask(mask)
    var context = context
    let ownStates = try stateNames(inputs[0].value, context)
    var passage = Passage(inputs[0].value)
    passage.mask = mask
    passage.initialStates =
      inputs.count > 1 ? inputs.dropFirst().map(\.value) : ownStates.map(context.weight)
    passage.goesBackwards = recurrence.goBackwards
    passage.reversesOutputs = reversesOutputs
    passage.zeroesMasked = recurrence.zeroOutputForMask
    let results = try step.run(passage, context.inside(step.name, place: 0))
    for (name, state) in zip(ownStates, results.states) { context.assign(name, to: state) }
    var output = Signal(results.last)
    if recurrence.returnSequences {
      output = Signal(results.sequence, mask: inputs[0].mask)
    } else if mask != nil, recurrence.zeroOutputForMask || !passage.initialStates.isEmpty {
      // The last output is zero where the last step is masked and outputs are zeroed, or where all
      // steps are, unlike the last state.
      let place = reversesOutputs ? 0 : results.sequence.shape[1] - 1
      output = Signal(
        try results.sequence.slice(axis: 1, place..<place + 1).reshaped(results.last.shape))
    }
    return recurrence.returnState ? [output] + results.states.map { Signal($0) } : [output]
  }

  /// The names of the states that the layer keeps from batch to batch; none where it keeps none.
  ///
  /// - Throws: `ModelGraphError` where it should but cannot: in a layer that knows nothing of states, or
  ///   for a batch of another size than the model's.
  private func stateNames(_ sequence: Value, _ context: LayerContext) throws -> [String] {
    guard recurrence.stateful else { return [] }
    let shape = LayerShape(sequence.shape.dimensions)
    let names = (0..<step.stateCount).map(Self.stateName)
    for name in names {
      guard let state = context.state(name) else {
        throw ModelGraphError(.unsupportedOption(value: "stateful = true inside another layer"))
      }
      guard state.shape[0] == shape[0] else {
        throw ModelGraphError(
          .inputShape(
            expected: "a batch of \(state.shape[0]) rows, which stateful = true fixes",
            found: shape))
      }
    }
    return names
  }

  /// Unrolled, Keras zeroes the outputs of a layer that goes backwards by the mask as it stands in time,
  /// not in the order of the steps.
  private func checkMask(_ mask: Value?) throws(ModelGraphError) {
    guard mask != nil, recurrence.unroll, recurrence.goBackwards, recurrence.returnSequences,
      recurrence.zeroOutputForMask
    else { return }
    throw ModelGraphError(
      .unsupportedOption(
        value: "unroll = true with a mask, going backwards and zeroing masked outputs"))
  }
}
