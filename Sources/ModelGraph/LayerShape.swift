public import KerasCheckpoint
/// The shape of what goes into and comes out of a layer, before the data is seen.
import Tensors

/// Extents with the batch first; nil is an extent that only the data decides.
public struct LayerShape: Sendable, Hashable {
  public var extents: [Int?]

  public init(_ extents: [Int?]) { self.extents = extents }

  public init(_ extents: [Int]) { self.extents = extents }

  public var rank: Int { extents.count }

  /// The extent of an axis; a negative one counts from the end.
  ///
  /// - Precondition: the shape has that axis.
  public subscript(axis: Int) -> Int? {
    get { extents[axis < 0 ? axis + rank : axis] }
    set { extents[axis < 0 ? axis + rank : axis] = newValue }
  }

  /// Whether data of the shape `other` fits here.
  public func admits(_ other: LayerShape) -> Bool {
    rank == other.rank
      && zip(extents, other.extents).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }

  /// The same shape for any batch size.
  public var withoutBatch: LayerShape {
    extents.isEmpty ? self : LayerShape([nil] + extents.dropFirst())
  }
}

extension LayerShape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int?...) { self.init(elements) }
}

extension LayerShape: CustomStringConvertible {
  /// As Python prints a tuple: `(None, 200, 256)`.
  public var description: String {
    let words = extents.map { $0.map(String.init) ?? "None" }
    return words.count == 1 ? "(\(words[0]),)" : "(\(words.joined(separator: ", ")))"
  }
}

extension LayerShape {
  public var json: JSON { .array(extents.map { $0.map(JSON.int) ?? .null }) }

  /// The shape that a list of whole numbers and nulls stands for; nil where it is something else.
  public init?(json: JSON) {
    guard let elements = json.array, elements.count <= LayerConfig.rankLimit else { return nil }
    extents = []
    for element in elements {
      if element.isNull {
        extents.append(nil)
      } else if let extent = element.int, (0...LayerConfig.countLimit).contains(extent) {
        extents.append(extent)
      } else {
        return nil
      }
    }
  }
}

extension LayerShape {
  /// - Throws: `ModelGraphError` where the rank is another one.
  package func requireRank(_ expected: Int) throws(ModelGraphError) {
    guard rank == expected else {
      throw ModelGraphError(.inputShape(expected: "\(expected) dimensions", found: self))
    }
  }

  /// - Throws: `ModelGraphError` where there are fewer axes.
  package func requireRank(atLeast expected: Int) throws(ModelGraphError) {
    guard rank >= expected else {
      throw ModelGraphError(.inputShape(expected: "\(expected) or more dimensions", found: self))
    }
  }

  /// The axis from 0 that a number names, negative ones counting from the end.
  ///
  /// - Throws: `ModelGraphError` where there is none.
  package func place(of axis: Int) throws(ModelGraphError) -> Int {
    let place = axis < 0 ? axis + rank : axis
    guard extents.indices.contains(place) else {
      throw ModelGraphError(.inputShape(expected: "an axis \(axis)", found: self))
    }
    return place
  }

  /// The extent of an axis that a weight's shape depends on.
  ///
  /// - Throws: `ModelGraphError` where it is not known.
  public func known(_ axis: Int) throws(ModelGraphError) -> Int {
    guard let extent = self[axis] else {
      throw ModelGraphError(
        .inputShape(expected: "a known size along axis \(axis)", found: self))
    }
    return extent
  }
}
