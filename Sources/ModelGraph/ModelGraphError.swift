/// What can be wrong with a model's configuration, its shapes or its weights.
public import Engine

public struct ModelGraphError: Error, Sendable, Equatable {
  public var kind: Kind
  public var location: Location

  public init(_ kind: Kind, at location: Location = Location()) {
    self.kind = kind
    self.location = location
  }

  /// The place in the model, as far as it is known.
  public struct Location: Sendable, Hashable {
    /// The name of the layer.
    public var layer: String?
    /// The class of the layer, such as `Conv1D`.
    public var className: String?
    /// The key in the configuration.
    public var key: String?

    public init(layer: String? = nil, className: String? = nil, key: String? = nil) {
      self.layer = layer
      self.className = className
      self.key = key
    }
  }

  public enum Kind: Sendable, Equatable {
    // The configuration
    /// The configuration describes something else than a model.
    case notAModel(found: String)
    case missingKey
    case wrongValue(expected: String, found: String)
    /// The model has no layer.
    case noLayers
    case duplicateLayer
    /// A connection comes from a layer, or a call of it, that the model does not have.
    case danglingReference(to: String)
    /// The layers wait for each other's results.
    case cycle(layers: [String])
    case tooMany(what: String, limit: Int)
    /// The outputs depend on an input that is not among the model's.
    case disconnected(input: String)
    /// A result of a layer that is no input was given as one.
    case notAnInput

    // What is not run
    /// The class of the layer is not one that Keratin knows.
    case unsupportedLayer
    /// The layer holds Python code, which is never run.
    case pythonCode
    /// The model calls a function that Keratin does not have.
    case unsupportedFunction(String)
    case unsupportedOption(value: String)
    /// The layer cannot be trained with this option.
    case untrainable(option: String)
    /// The layer changes images in training.
    case randomImages

    // Shapes
    case unknownInputShape
    case inputCount(expected: Int, found: Int)
    case inputShape(expected: String, found: LayerShape)
    /// Shapes that no machine could hold.
    case tooLarge(what: String)
    case parameterLimit(count: Int, limit: Int)

    // Weights
    case weightedLayerCount(expected: [String], found: [String])
    case weightCount(expected: [String], found: [String])
    case weightShape(weight: String, expected: [Int], found: [Int])
    case missingVariable(String)
    case uninitialisable(initializer: String)
    /// A stored weight could not be read; the text says why.
    case unreadableWeight(weight: String, reason: String)

    // Building the program
    case engine(EngineError)
  }

  /// Whether the model is sound but uses what Keratin cannot run.
  public var isUnsupported: Bool {
    switch kind {
    case .unsupportedLayer, .pythonCode, .unsupportedFunction, .unsupportedOption, .untrainable,
      .randomImages:
      true
    default: false
    }
  }

  /// The same fault with what is missing of its place filled in.
  package func located(
    layer: String? = nil, className: String? = nil, key: String? = nil
  ) -> ModelGraphError {
    ModelGraphError(
      kind,
      at: Location(
        layer: location.layer ?? layer, className: location.className ?? className,
        key: location.key ?? key))
  }
}
