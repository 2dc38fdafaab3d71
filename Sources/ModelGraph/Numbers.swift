/// Numbers as configurations have them: one, or nested lists of some.
import Engine
public import KerasCheckpoint
import Tensors

/// One number, or an array of any rank, row-major. It is written as it was read.
public struct Numbers: Sendable, Hashable {
  public let json: JSON
  /// Empty for one number.
  let extents: [Int]
  let values: [Double]

  public init(_ number: Double) {
    json = .number(number)
    extents = []
    values = [number]
  }

  public init(_ numbers: [Double]) {
    json = .array(numbers.map(JSON.number))
    extents = [numbers.count]
    values = numbers
  }

  /// Reads a number, lists of lists of the same length, or one of these as an array of numpy, which
  /// Keras 3 writes with its type beside.
  init?(json: JSON) {
    let isArray =
      json["class_name"]?.string.map { $0 == "__numpy__" || $0 == "__tensor__" } ?? false
    guard let value = isArray ? json["config"]?["value"] : json else { return nil }
    var extents: [Int] = []
    var level = [value]
    while let count = level.first?.array?.count {
      guard count > 0, extents.count < LayerConfig.rankLimit else { return nil }
      extents.append(count)
      var next: [JSON] = []
      for element in level {
        guard let list = element.array, list.count == count else { return nil }
        next += list
      }
      level = next
    }
    let values = level.compactMap(\.double)
    guard values.count == level.count, values.allSatisfy(\.isFinite) else { return nil }
    self.json = json
    self.extents = extents
    self.values = values
  }

  /// The numbers as a value of a program.
  func value(_ builder: ProgramBuilder) throws(EngineError) -> Value {
    try builder.literal(values.map { Float($0) }, Shape(extents))
  }

  /// The same without leading axes of extent 1, as many as are behind `rank` axes.
  func trimmed(to rank: Int) -> Numbers {
    let surplus = max(0, extents.count - rank)
    guard extents.prefix(surplus).allSatisfy({ $0 == 1 }) else { return self }
    let inner = (0..<surplus).reduce(json) { json, _ in json[0] ?? json }
    return Numbers(json: inner, extents: Array(extents.dropFirst(surplus)), values: values)
  }

  private init(json: JSON, extents: [Int], values: [Double]) {
    self.json = json
    self.extents = extents
    self.values = values
  }
}

extension LayerConfig {
  /// Reads numbers; nil where the key is absent or null.
  mutating func numbers(_ key: String) throws(ModelGraphError) -> Numbers? {
    guard let value = value(key) else { return nil }
    guard let numbers = Numbers(json: value) else {
      throw wrong(key, "a number, or lists of numbers of one length", value)
    }
    return numbers
  }
}
