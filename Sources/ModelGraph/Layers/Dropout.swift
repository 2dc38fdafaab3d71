/// Random silence in training.
public import Engine
public import KerasCheckpoint
import Tensors

/// In training each element is 0 with probability `rate` and else `x / (1 - rate)`; in inference
/// nothing changes. Where `noiseShape` has a 1, all elements along that axis are dropped together.
///
/// Source: `keras/src/layers/regularization/dropout.py`; Srivastava et al. 2014, JMLR 15.
public struct Dropout: SingleInputLayer {
  public static let className = "Dropout"
  public static let legacyKeys: [String: LegacyKey] = ["p": .renamed("rate")]

  public var attributes: LayerAttributes
  public var rate: Double
  /// Kept in the configuration; the numbers come from the seed of the training run.
  public var seed: JSON?
  public var noiseShape: LayerShape?

  public init(_ rate: Double, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.rate = rate
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    rate = try config.rate("rate")
    seed = try config.seed()
    noiseShape = try config.shape("noise_shape")
  }

  public var settings: [String: JSON] {
    ["rate": .number(rate), "seed": seed ?? .null, "noise_shape": noiseShape?.json ?? .null]
  }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training, rate > 0 else { return input }
    let axes = try noiseShape?.sharedAxes(of: input.shape) ?? []
    return try input.dropout(rate: Float(rate), stream: context.stream, sharedAxes: axes)
  }
}

extension LayerShape {
  /// The axes along which a mask of this shape is the same for all elements of `shape`.
  ///
  /// - Throws: `ModelGraphError` where it does not broadcast to it.
  func sharedAxes(of shape: Shape) throws(ModelGraphError) -> [Int] {
    let fits =
      rank == shape.rank
      && zip(extents, shape.dimensions).allSatisfy { $0 == nil || $0 == 1 || $0 == $1 }
    guard fits else {
      throw ModelGraphError(
        .inputShape(
          expected: "data for noise of the shape \(self)", found: LayerShape(shape.dimensions)))
    }
    return extents.indices.filter { extents[$0] == 1 && shape[$0] != 1 }
  }
}
