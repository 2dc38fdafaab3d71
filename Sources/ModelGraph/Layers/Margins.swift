/// Positions added around an example, or taken away.
public import Engine
public import KerasCheckpoint
import Tensors

/// Zeros before and behind every axis between batch and channels, or so many positions less.
///
/// Shapes: `[N, T, C]` to `[N, T ± before ± after, C]`, and so with two or three such axes; with
/// `channelsFirst` the last axis is the second. A mask ends here.
/// Source: `keras/src/layers/reshaping/zero_padding2d.py`, `cropping2d.py`.
public protocol MarginLayer: SingleInputLayer {
  /// The number of axes that have margins.
  static var spatialRank: Int { get }
  /// Whether positions are taken away.
  static var crops: Bool { get }
  var margins: [Margin] { get set }
  var dataFormat: DataFormat { get set }
  init(margins: [Margin], dataFormat: DataFormat)
}

/// Positions at both ends of an axis.
public struct Margin: Sendable, Hashable {
  public var before: Int
  public var after: Int

  /// - Precondition: neither is negative.
  public init(_ before: Int, _ after: Int) {
    precondition(before >= 0 && after >= 0, "a negative margin")
    self.before = before
    self.after = after
  }
}

public struct Cropping1D: MarginLayer {
  public static let className = "Cropping1D"
  public static let spatialRank = 1
  public static let crops = true
  public var attributes = LayerAttributes()
  public var margins: [Margin]
  public var dataFormat: DataFormat
  public init(margins: [Margin], dataFormat: DataFormat) {
    self.margins = margins
    self.dataFormat = dataFormat
  }
}

public struct Cropping2D: MarginLayer {
  public static let className = "Cropping2D"
  public static let spatialRank = 2
  public static let crops = true
  public var attributes = LayerAttributes()
  public var margins: [Margin]
  public var dataFormat: DataFormat
  public init(margins: [Margin], dataFormat: DataFormat) {
    self.margins = margins
    self.dataFormat = dataFormat
  }
}

public struct Cropping3D: MarginLayer {
  public static let className = "Cropping3D"
  public static let spatialRank = 3
  public static let crops = true
  public var attributes = LayerAttributes()
  public var margins: [Margin]
  public var dataFormat: DataFormat
  public init(margins: [Margin], dataFormat: DataFormat) {
    self.margins = margins
    self.dataFormat = dataFormat
  }
}

public struct ZeroPadding1D: MarginLayer {
  public static let className = "ZeroPadding1D"
  public static let spatialRank = 1
  public static let crops = false
  public var attributes = LayerAttributes()
  public var margins: [Margin]
  public var dataFormat: DataFormat
  public init(margins: [Margin], dataFormat: DataFormat) {
    self.margins = margins
    self.dataFormat = dataFormat
  }
}

public struct ZeroPadding2D: MarginLayer {
  public static let className = "ZeroPadding2D"
  public static let spatialRank = 2
  public static let crops = false
  public var attributes = LayerAttributes()
  public var margins: [Margin]
  public var dataFormat: DataFormat
  public init(margins: [Margin], dataFormat: DataFormat) {
    self.margins = margins
    self.dataFormat = dataFormat
  }
}

public struct ZeroPadding3D: MarginLayer {
  public static let className = "ZeroPadding3D"
  public static let spatialRank = 3
  public static let crops = false
  public var attributes = LayerAttributes()
  public var margins: [Margin]
  public var dataFormat: DataFormat
  public init(margins: [Margin], dataFormat: DataFormat) {
    self.margins = margins
    self.dataFormat = dataFormat
  }
}

extension MarginLayer {
  public static var legacyKeys: [String: LegacyKey] { ["dim_ordering": .renamed("data_format")] }

  private static var key: String { crops ? "cropping" : "padding" }

  /// - Parameter margin: positions at each end of each axis.
  /// - Precondition: it is not negative.
  public init(
    _ margin: Int = 1, dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    self.init(
      .init(repeating: Margin(margin, margin), count: Self.spatialRank), dataFormat: dataFormat,
      name: name)
  }

  /// - Precondition: there is a margin for every axis.
  public init(
    _ margins: [Margin], dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    precondition(
      margins.count == Self.spatialRank, "\(Self.className) has \(Self.spatialRank) axes")
    self.init(margins: margins, dataFormat: dataFormat)
    attributes = LayerAttributes(name: name)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    self.init(
      margins: try config.margins(Self.key, count: Self.spatialRank),
      dataFormat: try config.dataFormat())
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    let pairs = margins.map { JSON.array([.int($0.before), .int($0.after)]) }
    var settings = [Self.key: pairs.count == 1 ? pairs[0] : .array(pairs)]
    // Keras crops sequences with the channels last only.
    if !(Self.crops && Self.spatialRank == 1) {
      settings["data_format"] = .string(dataFormat.rawValue)
    }
    return settings
  }

  public var isBuiltAtOnce: Bool { false }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(Self.spatialRank + 2)
    var output = input
    for (axis, margin) in zip(dataFormat.spatialAxes(rank: input.rank), margins) {
      guard let extent = input[axis] else { continue }
      let change = margin.before + margin.after
      guard !Self.crops || extent > change, extent + change <= LayerConfig.countLimit else {
        throw ModelGraphError(
          Self.crops
            ? .inputShape(expected: "more than \(change) positions on axis \(axis)", found: input)
            : .tooLarge(what: "an axis of \(extent) and \(change)"))
      }
      output[axis] = Self.crops ? extent - change : extent + change
    }
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    var output = input
    for (axis, margin) in zip(dataFormat.spatialAxes(rank: input.rank), margins) {
      output =
        Self.crops
        ? try output.slice(axis: axis, margin.before..<input.shape[axis] - margin.after)
        : try output.padded(axis: axis, before: margin.before, after: margin.after)
    }
    return output
  }
}

extension LayerConfig {
  /// Reads margins of so many axes: one number for all ends, or for each axis a number or a pair; of a
  /// single axis the pair itself.
  fileprivate mutating func margins(
    _ key: String, count: Int
  ) throws(ModelGraphError) -> [Margin] {
    guard let stored = value(key) else { return .init(repeating: Margin(1, 1), count: count) }
    var elements = stored.array ?? .init(repeating: stored, count: count)
    if count == 1, elements.count == 2 { elements = [stored] }
    // Keras 1 had all four ends in a row too, or by their names.
    if count == 2, elements.count == 4 {
      elements = [.array(Array(elements[0..<2])), .array(Array(elements[2..<4]))]
    } else if stored.object != nil {
      guard count <= 2 else { throw wrong(key, "\(count) pairs of numbers", stored) }
      let ends = [["top_pad", "bottom_pad"], ["left_pad", "right_pad"]].suffix(count)
      elements = ends.map { names in .array(names.map { stored[$0] ?? 0 }) }
    }
    guard elements.count == count else {
      throw wrong(key, "a number, or \(count) pairs of numbers", stored)
    }
    var margins: [Margin] = []
    for element in elements {
      let pair = element.array ?? [element, element]
      let numbers = pair.compactMap(\.int).filter { (0...Self.countLimit).contains($0) }
      guard pair.count == 2, numbers.count == 2 else {
        throw wrong(key, "whole numbers that are not negative", stored)
      }
      margins.append(Margin(numbers[0], numbers[1]))
    }
    return margins
  }
}
