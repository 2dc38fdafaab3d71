/// Where data enters a model.
public import Engine
public import KerasCheckpoint
import Tensors

/// Declares the shape and element type of an input; computes nothing.
///
///     Sequential([InputLayer(shape: [200]), Embedding(inputDim: 10_000, outputDim: 256), …])
///
/// Source: `keras/src/layers/core/input_layer.py`.
public struct InputLayer: SingleInputLayer {
  public static let className = "InputLayer"
  public static let legacyKeys: [String: LegacyKey] = [
    "batch_input_shape": .renamed("batch_shape"), "input_dtype": .renamed("dtype"),
  ]

  public var attributes: LayerAttributes
  /// The shape with the batch; nil until the first data tells it.
  public var batchShape: LayerShape?
  /// The element type in Keras's words, such as `float32` or `int32`.
  public var elementType: String
  public var isSparse = false
  public var isRagged = false
  public var isOptional = false

  /// - Parameter shape: without the batch; nil for an extent that may differ from batch to batch.
  public init(
    shape: [Int?], batchSize: Int? = nil, dtype: String = "float32", name: String? = nil
  ) {
    self.init(batchShape: LayerShape([batchSize] + shape), dtype: dtype, name: name)
  }

  init(batchShape: LayerShape?, dtype: String = "float32", name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.batchShape = batchShape
    elementType = dtype
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: config.layerName)
    batchShape = try config.shape("batch_shape")
    elementType = try Self.elementType(&config)
    isSparse = try config.bool("sparse", default: false)
    isRagged = try config.bool("ragged", default: false)
    isOptional = try config.bool("optional", default: false)
    // An object of Keras 2 that says the type of the input anew.
    config.ignore("type_spec", "ragged_rank", "trainable")
    if isSparse { throw config.unsupported("sparse", "a sparse input") }
    if isRagged { throw config.unsupported("ragged", "a ragged input") }
  }

  private static func elementType(_ config: inout LayerConfig) throws(ModelGraphError) -> String {
    guard let value = config.value("dtype") else { return "float32" }
    guard let name = value.string ?? value["config"]?["name"]?.string else {
      throw config.wrong("dtype", "a name such as \"float32\"", value)
    }
    guard DType(rawValue: name) != nil else {
      throw config.unsupported("dtype", "an input of the type \"\(name)\"")
    }
    return name
  }

  public var settings: [String: JSON] {
    [
      "batch_shape": batchShape?.json ?? .null, "dtype": .string(elementType),
      "sparse": .bool(isSparse), "ragged": .bool(isRagged), "optional": .bool(isOptional),
    ]
  }

  public var config: [String: JSON] {
    attributes.unknown.merging(settings) { $1 }.merging(["name": .string(name)]) { $1 }
  }

  public var passesMask: Bool { true }

  /// Whether the elements are whole numbers.
  var isWhole: Bool { DType(rawValue: elementType)?.isFloatingPoint == false }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try check(input)
    return input
  }

  /// Data must have the stored shape, for any number of rows: Keras 3 stores the number that the model
  /// was built with, such as that of its first batch, and takes others all the same.
  func check(_ input: LayerShape) throws(ModelGraphError) {
    guard let expected = batchShape?.withoutBatch, !expected.admits(input) else { return }
    throw ModelGraphError(.inputShape(expected: "shape \(expected)", found: input))
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value { input }
}
