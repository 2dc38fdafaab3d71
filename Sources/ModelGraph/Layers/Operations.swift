/// Functions that Keras 3 writes among a model's layers: what masks are made of.
public import Engine
public import KerasCheckpoint
import Tensors

/// A function of `keras.ops`. Keras 3 puts them into a Functional model beside an `Embedding` with
/// `mask_zero`, and where layers join several masks; their results go to the layers that use the mask.
///
/// Source: `keras/src/ops/numpy.py`.
public protocol Operation: Layer {}

extension Operation {
  public static var module: String { "keras.src.ops.numpy" }

  public var config: [String: JSON] {
    attributes.unknown.merging(settings) { $1 }.merging(["name": .string(name)]) { $1 }
  }
}

/// Whether an element along the last axis is not 0: `y = maxᵢ x[…, i]` of zeros and ones.
public struct AnyAlong: Operation, SingleInputLayer {
  public static let className = "Any"

  public var attributes: LayerAttributes

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: config.layerName)
    guard try config.integer("axis", default: -1) == -1 else {
      throw config.unsupported("axis", "an axis other than the last")
    }
    if try config.bool("keepdims", default: false) {
      throw config.unsupported("keepdims", "keepdims = true")
    }
  }

  public var settings: [String: JSON] { ["axis": -1, "keepdims": false] }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(atLeast: 1)
    return LayerShape(input.extents.dropLast())
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try input.max(axes: [-1])
  }
}

/// The inputs side by side, as the layer `Concatenate` has them.
public struct ConcatenateOperation: Operation {
  public static let className = "Concatenate"

  public var attributes: LayerAttributes
  private let layer: Concatenate

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: config.layerName)
    layer = Concatenate(axis: try config.integer("axis", default: 0))
  }

  public var settings: [String: JSON] { layer.settings }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    try layer.outputShapes(inputs)
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    try layer.call(inputs, context)
  }
}

/// The input as it is: a mask that an attention passes on.
public struct ConvertToTensor: Operation, SingleInputLayer {
  public static let className = "ConvertToTensor"
  public static let module = "keras.src.ops.core"

  public var attributes: LayerAttributes

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: config.layerName)
  }

  public var settings: [String: JSON] { [:] }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value { input }
}

/// A new axis of extent 1 behind the others.
public struct ExpandDims: Operation, SingleInputLayer {
  public static let className = "ExpandDims"

  public var attributes: LayerAttributes

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: config.layerName)
    guard try config.integer("axis") == -1 else {
      throw config.unsupported("axis", "an axis other than the last")
    }
  }

  public var settings: [String: JSON] { ["axis": -1] }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    LayerShape(input.extents + [1])
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try input.reshaped(Shape(input.shape.dimensions + [1]))
  }
}

/// Whether one of two elements is not 0: `y = max(a, b)` of zeros and ones, which broadcast together.
public struct LogicalOr: Operation {
  public static let className = "LogicalOr"

  public var attributes: LayerAttributes

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: config.layerName)
  }

  public var settings: [String: JSON] { [:] }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    guard inputs.count == 2 else {
      throw ModelGraphError(.inputCount(expected: 2, found: inputs.count))
    }
    return try Maximum().outputShapes(inputs)
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    [Signal(try inputs[0].value.maximum(inputs[1].value))]
  }
}

/// `y = x ≠ number`, 1 or 0, on tokens or on other numbers.
public struct NotEqual: Operation, SingleInputLayer {
  public static let className = "NotEqual"
  public static let takesConstants = true

  public var attributes: LayerAttributes
  public var number: Double

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: config.layerName)
    guard config.constants.count <= 1, let number = (config.constants.first ?? .int(0)).double
    else {
      throw config.unsupported("inbound_nodes", "a comparison of tensors")
    }
    self.number = number
  }

  public var settings: [String: JSON] { [:] }

  public var takesTokens: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    if input.type.dtype == .int32, let token = Int32(exactly: number) {
      return try input.notEqual(to: token)
    }
    let numbers = input.type.dtype == .int32 ? try input.toFloat() : input
    return try numbers.notEqual(to: context.builder.constant(Float(number)))
  }
}

/// Ones in the shape of the input.
public struct OnesLike: ConstantOperation {
  public static let className = "OnesLike"
  public static let number: Float = 1
  public var attributes = LayerAttributes()
  public init() {}
}

/// Zeros in the shape of the input.
public struct ZerosLike: ConstantOperation {
  public static let className = "ZerosLike"
  public static let number: Float = 0
  public var attributes = LayerAttributes()
  public init() {}
}

/// The same number in the shape of the input; of bool as Keras has it, which is 0 or 1 here.
public protocol ConstantOperation: Operation, SingleInputLayer {
  static var number: Float { get }
  init()
}

extension ConstantOperation {
  public init(config: inout LayerConfig) throws(ModelGraphError) {
    self.init()
    attributes = LayerAttributes(name: config.layerName)
    // Of other types they are functions like any other, and make no mask.
    guard let type = config.value("dtype"), type == "bool" else {
      throw config.unsupported("dtype", "a dtype that is not bool")
    }
  }

  public var settings: [String: JSON] { ["dtype": "bool"] }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try context.builder.constant(Self.number, input.shape)
  }
}
