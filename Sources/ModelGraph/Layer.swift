/// What a layer is: configuration, weights, shapes, and its meaning as ops.
public import Engine
public import KerasCheckpoint

/// One kind of layer. A conforming type is a value that holds the configuration; it lives in a file
/// of its own in `Layers/` and in one line of the catalogue.
public protocol Layer: Sendable {
  /// The class in Keras, such as `Conv1D`.
  static var className: String { get }

  /// Keys of older Keras versions.
  static var legacyKeys: [String: LegacyKey] { get }

  /// What every layer has: name, trainable, dtype.
  var attributes: LayerAttributes { get set }

  /// Reads the layer's own settings.
  ///
  /// - Throws: `ModelGraphError`, which names the key.
  init(config: inout LayerConfig) throws(ModelGraphError)

  /// The layer's own settings under today's keys.
  var settings: [String: JSON] { get }

  /// Today's configuration, and keys of the stored one that no rule knows.
  var config: [String: JSON] { get }

  /// The argument under which inputs behind the first are passed; nil where all are one list.
  static var furtherInputs: String? { get }

  /// What calls of the layer may name.
  static var namedArguments: NamedArguments { get }

  /// The layer as a call with these options has it.
  func called(_ options: CallOptions) -> any Layer

  /// The weights for inputs of these shapes, in the order in which Keras makes them.
  func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec]

  /// What the layer keeps from batch to batch beside its weights; no file has it.
  func states(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec]

  /// Stored weights in the order and shapes of `specs`, from the layout of an older Keras; those that
  /// stand so already, and those that do not fit, as they are.
  ///
  /// - Parameter specs: the layer's weights as a file holds them today.
  func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight]

  /// The shapes of the results.
  func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape]

  /// Weights and shapes at once, for a layer to which they are one piece of work.
  func built(_ inputs: [LayerShape]) throws(ModelGraphError) -> BuiltLayer

  /// Builds the results as ops.
  func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal]

  /// The Python module of the class, which today's configuration names.
  static var module: String { get }

  /// Whether calls of the layer take numbers beside tensors, which its settings keep.
  static var takesConstants: Bool { get }

  /// Whether Keras takes the layer for built before it has seen data, having no weights to make.
  var isBuiltAtOnce: Bool { get }

  /// What the sizes of the results add to the loss.
  var activityRegularizer: Regularizer? { get }

  /// Whether the inputs are tokens, whole numbers that index a table.
  var takesTokens: Bool { get }

  /// The same of one input, where they differ.
  func takesTokens(at place: Int) -> Bool

  /// The layers that this one wraps, in the order of their weights.
  var wrapped: [any Layer] { get }
}

extension Layer {
  public static var legacyKeys: [String: LegacyKey] { [:] }
  public static var module: String { "keras.layers" }
  public static var takesConstants: Bool { false }
  public static var furtherInputs: String? { nil }
  public static var namedArguments: NamedArguments { .none }
  public func called(_ options: CallOptions) -> any Layer { self }
  public var takesTokens: Bool { false }
  public func takesTokens(at place: Int) -> Bool { takesTokens }
  public var activityRegularizer: Regularizer? { nil }
  public var wrapped: [any Layer] { [] }
  public var isBuiltAtOnce: Bool {
    wrapped.isEmpty && !settings.keys.contains { $0.hasSuffix("_initializer") }
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] { [] }
  public func states(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] { [] }

  public func built(_ inputs: [LayerShape]) throws(ModelGraphError) -> BuiltLayer {
    BuiltLayer(
      weights: try weights(inputs), states: try states(inputs),
      outputShapes: try outputShapes(inputs))
  }

  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] { stored }

  /// The name in the model; empty until the model names the layer.
  public var name: String {
    get { attributes.name }
    set { attributes.name = newValue }
  }

  public var trainable: Bool {
    get { attributes.trainable }
    set { attributes.trainable = newValue }
  }

  public var config: [String: JSON] {
    attributes.unknown.merging(attributes.config) { $1 }.merging(settings) { $1 }
  }
}

/// What a layer is for inputs of known shapes.
public struct BuiltLayer: Sendable {
  public var weights: [WeightSpec]
  /// What it keeps from batch to batch; no file has it.
  public var states: [WeightSpec] = []
  public var outputShapes: [LayerShape]
}

/// What became of a key of an older Keras.
public enum LegacyKey: Sendable, Hashable {
  case renamed(String)
  /// It changes nothing of what the layer computes.
  case dropped
}

/// A layer with one input and one output, which most are.
public protocol SingleInputLayer: Layer {
  func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec]
  func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape
  func call(_ input: Value, _ context: LayerContext) throws -> Value

  /// Whether the mask of the input is that of the output; otherwise the mask ends here.
  var passesMask: Bool { get }
}

extension SingleInputLayer {
  public var passesMask: Bool { false }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] { [] }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    try weights(inputs.single())
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    [try outputShape(inputs.single())]
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let input = try inputs.single()
    return [Signal(try call(input.value, context), mask: passesMask ? input.mask : nil)]
  }
}

extension Array {
  /// The only element.
  ///
  /// - Throws: `ModelGraphError` where there is none or there are more.
  package func single() throws(ModelGraphError) -> Element {
    guard count == 1 else { throw ModelGraphError(.inputCount(expected: 1, found: count)) }
    return self[0]
  }
}

/// What flows from layer to layer.
public struct Signal {
  public var value: Value
  /// For each time step (shape `[N, T]`) 1 where it counts and 0 where it is padding.
  public var mask: Value?

  public init(_ value: Value, mask: Value? = nil) {
    self.value = value
    self.mask = mask
  }
}
