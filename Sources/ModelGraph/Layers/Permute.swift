/// An example's axes in another order.
public import Engine
public import KerasCheckpoint

/// Axis i of the result is axis `dims[i]` of the example, the batch being axis 0 of both.
///
/// Source: `keras/src/layers/reshaping/permute.py`.
public struct Permute: SingleInputLayer {
  public static let className = "Permute"

  public var attributes: LayerAttributes
  /// Every axis but the batch once, from 1 on.
  public var dims: [Int]

  /// - Precondition: `dims` has every number from 1 on once.
  public init(_ dims: [Int], name: String? = nil) {
    precondition(Self.isPermutation(dims), "\(dims) is no order of axes")
    attributes = LayerAttributes(name: name)
    self.dims = dims
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    let stored = config.value("dims") ?? .null
    dims = (stored.array ?? []).compactMap(\.int)
    guard !dims.isEmpty, dims.count == stored.array?.count, Self.isPermutation(dims) else {
      throw config.wrong("dims", "every axis from 1 on once", stored)
    }
  }

  private static func isPermutation(_ dims: [Int]) -> Bool {
    dims.sorted() == Array(1..<dims.count + 1)
  }

  public var settings: [String: JSON] { ["dims": .array(dims.map(JSON.int))] }

  public var isBuiltAtOnce: Bool { false }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(dims.count + 1)
    return LayerShape([input[0]] + dims.map { input[$0] })
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try input.transposed([0] + dims)
  }
}
