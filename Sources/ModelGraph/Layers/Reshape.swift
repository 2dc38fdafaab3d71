/// An example's numbers in another shape.
public import Engine
public import KerasCheckpoint
import Tensors

/// `[N, …]` to `[N, targetShape…]`, row-major; an extent of -1 is what the others leave.
///
/// Source: `keras/src/layers/reshaping/reshape.py`.
public struct Reshape: SingleInputLayer {
  public static let className = "Reshape"

  public var attributes: LayerAttributes
  /// Without the batch; nil is what the others leave, once at most.
  public var targetShape: [Int?]

  public init(_ targetShape: [Int?], name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.targetShape = targetShape
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    guard let stored = config.value("target_shape") else {
      let none: [Int?]? = nil
      targetShape = try config.given(none, "target_shape")
      return
    }
    targetShape = []
    for element in stored.array ?? [] {
      guard let extent = element.int, (-1...LayerConfig.countLimit).contains(extent) else {
        throw config.wrong("target_shape", "a list of sizes or -1", stored)
      }
      targetShape.append(extent == -1 ? nil : extent)
    }
    guard stored.array != nil, targetShape.count(where: { $0 == nil }) <= 1,
      targetShape.count < LayerConfig.rankLimit
    else {
      throw config.wrong("target_shape", "a list of sizes, one of them -1 at most", stored)
    }
  }

  public var settings: [String: JSON] {
    ["target_shape": .array(targetShape.map { .int($0 ?? -1) })]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(atLeast: 1)
    let sizes = input.extents.dropFirst()
    guard sizes.allSatisfy({ $0 != nil }) else { return LayerShape([input[0]] + targetShape) }
    let count = try product(sizes.map { $0 ?? 0 }, input)
    let known = try product(targetShape.compactMap { $0 }, input)
    let isOpen = targetShape.contains(nil)
    guard isOpen ? known > 0 && count % known == 0 : count == known else {
      throw ModelGraphError(
        .inputShape(expected: "examples that fill \(LayerShape(targetShape))", found: input))
    }
    return LayerShape([input[0]] + targetShape.map { $0 ?? count / known })
  }

  private func product(_ sizes: [Int], _ input: LayerShape) throws(ModelGraphError) -> Int {
    var product = 1
    for size in sizes {
      let (result, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow else {
        throw ModelGraphError(.tooLarge(what: "an example of the shape \(input)"))
      }
      product = result
    }
    return product
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let shape = try outputShape(LayerShape(input.shape.dimensions))
    return try input.reshaped(Shape(shape.extents.map { $0 ?? 0 }))
  }
}
