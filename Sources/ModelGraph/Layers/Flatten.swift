/// All features of an example in a row.
public import Engine
public import KerasCheckpoint
import Tensors

/// `[N, A, B, …]` to `[N, A · B · …]`, row-major; with `channelsFirst` the second axis goes last
/// before.
///
/// Source: `keras/src/layers/reshaping/flatten.py`.
public struct Flatten: SingleInputLayer {
  public static let className = "Flatten"

  public var attributes: LayerAttributes
  public var dataFormat: DataFormat

  public init(dataFormat: DataFormat = .channelsLast, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.dataFormat = dataFormat
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    dataFormat = try config.choice("data_format", default: .channelsLast)
  }

  public var settings: [String: JSON] { ["data_format": .string(dataFormat.rawValue)] }

  public var isBuiltAtOnce: Bool { false }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(atLeast: 1)
    var product: Int? = 1
    for extent in input.extents.dropFirst() {
      guard let extent, let factor = product else {
        product = nil
        continue
      }
      let (result, overflow) = factor.multipliedReportingOverflow(by: extent)
      guard !overflow, result <= LayerConfig.countLimit else {
        throw ModelGraphError(.tooLarge(what: "an example of the shape \(input)"))
      }
      product = result
    }
    return [input[0], product]
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    var input = input
    if dataFormat == .channelsFirst, input.rank > 2 {
      input = try input.transposed([0] + Array(2..<input.rank) + [1])
    }
    let width = input.shape.dimensions.dropFirst().reduce(1, *)
    return try input.reshaped([input.shape[0], width])
  }
}
