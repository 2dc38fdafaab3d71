/// The stored configuration of one layer, read key by key.
public import KerasCheckpoint

/// Typed access to a configuration. Every error names the layer and the key; keys that nobody read
/// are known afterwards, so that they can survive.
public struct LayerConfig: Sendable {
  public let className: String
  public let layerName: String
  /// The generation of Keras that wrote it, where a key's meaning depends on that.
  public var dialect: Dialect { decoding.dialect }
  let decoding: Decoding
  /// The arguments of the layer's first call that are no tensors.
  package let constants: [JSON]
  private let values: [String: JSON]
  private var read: Set<String> = ["name"]

  /// Above any size that a layer has; products of two such sizes are still an `Int`.
  package static let countLimit = Int(Int32.max)
  /// Above any rank that Keras can compute with.
  package static let rankLimit = 32

  package init(
    className: String, layerName: String, values: [String: JSON], dialect: Dialect = .keras3,
    legacyKeys: [String: LegacyKey] = [:]
  ) {
    self.init(
      className: className, layerName: layerName, values: values,
      decoding: Decoding(dialect: dialect), legacyKeys: legacyKeys, constants: [])
  }

  init(
    className: String, layerName: String, values: [String: JSON], decoding: Decoding,
    legacyKeys: [String: LegacyKey], constants: [JSON]
  ) {
    self.constants = constants
    self.className = className
    self.layerName = layerName
    self.decoding = decoding
    var current = values
    for (old, fate) in legacyKeys.merging(Self.legacyKeys, uniquingKeysWith: { own, _ in own }) {
      // A key that today's Keras writes under the same name is not a remnant.
      guard let value = current[old] else { continue }
      switch fate {
      case .dropped:
        current[old] = nil
      case .renamed(let new):
        current[old] = nil
        if current[new] == nil { current[new] = value }
      }
    }
    self.values = current
  }

  /// Keys that any layer could have: the input's shape now belongs to the InputLayer.
  private static let legacyKeys: [String: LegacyKey] = [
    "batch_input_shape": .dropped, "input_dtype": .dropped, "input_shape": .dropped,
    "rng_type": .dropped,
  ]

  /// The keys that were not read, with their values.
  package var unread: [String: JSON] { values.filter { !read.contains($0.key) } }

  /// The value under a key; nil where it is absent or null.
  public mutating func value(_ key: String) -> JSON? {
    read.insert(key)
    guard let value = values[key], !value.isNull else { return nil }
    return value
  }

  /// Whether the key is there and null, where that means something else than its absence.
  public mutating func isNull(_ key: String) -> Bool {
    read.insert(key)
    return values[key]?.isNull == true
  }

  /// Marks keys as known that change nothing.
  public mutating func ignore(_ keys: String...) { read.formUnion(keys) }

  public mutating func bool(_ key: String, default standard: Bool) throws(ModelGraphError) -> Bool {
    guard let value = value(key) else { return standard }
    // Keras 1 wrote some flags as numbers.
    guard let flag = value.bool ?? value.int.map({ $0 != 0 }) else {
      throw wrong(key, "true or false", value)
    }
    return flag
  }

  public mutating func number(
    _ key: String, default standard: Double? = nil
  ) throws(ModelGraphError) -> Double {
    guard let value = value(key) else { return try given(standard, key) }
    guard let number = value.double, number.isFinite else { throw wrong(key, "a number", value) }
    return number
  }

  /// A whole number above 0.
  public mutating func count(
    _ key: String, default standard: Int? = nil
  ) throws(ModelGraphError) -> Int {
    guard let value = value(key) else { return try given(standard, key) }
    return try count(key, value)
  }

  /// A whole number above 0, or a list of just one, as Keras writes the sizes of 1D layers.
  public mutating func extent(
    _ key: String, default standard: Int? = nil
  ) throws(ModelGraphError) -> Int {
    guard let value = value(key) else { return try given(standard, key) }
    if let list = value.array, list.count == 1 { return try count(key, list[0]) }
    return try count(key, value)
  }

  /// Whole numbers above 0, one for each of `count` axes: a list of them, or one number for all. Nil
  /// where the key is absent.
  public mutating func extents(
    _ key: String, count: Int
  ) throws(ModelGraphError) -> [Int]? {
    guard let value = value(key) else { return nil }
    guard let list = value.array else {
      return .init(repeating: try self.count(key, value), count: count)
    }
    guard list.count == count else { throw wrong(key, "\(count) whole numbers above 0", value) }
    var extents: [Int] = []
    for element in list { extents.append(try self.count(key, element)) }
    return extents
  }

  /// The same with `standard` for every axis where the key is absent.
  public mutating func extents(
    _ key: String, count: Int, default standard: Int?
  ) throws(ModelGraphError) -> [Int] {
    if let extents = try extents(key, count: count) { return extents }
    return .init(repeating: try given(standard, key), count: count)
  }

  /// Whole numbers from 0 on, one for each of `count` axes: a list of them, or one number for all. Nil
  /// where the key is absent.
  public mutating func sizes(
    _ key: String, count: Int
  ) throws(ModelGraphError) -> [Int]? {
    guard let value = value(key) else { return nil }
    let list = value.array ?? .init(repeating: value, count: count)
    let sizes = list.compactMap(\.int).filter { (0...Self.countLimit).contains($0) }
    guard list.count == count, sizes.count == count else {
      throw wrong(key, "\(count) whole numbers", value)
    }
    return sizes
  }

  private func count(_ key: String, _ value: JSON) throws(ModelGraphError) -> Int {
    guard let count = value.int, (1...Self.countLimit).contains(count) else {
      throw wrong(key, "a whole number above 0", value)
    }
    return count
  }

  public mutating func integer(
    _ key: String, default standard: Int? = nil
  ) throws(ModelGraphError) -> Int {
    guard let value = value(key) else { return try given(standard, key) }
    guard let number = value.int, abs(number.clamped) <= Self.countLimit else {
      throw wrong(key, "a whole number", value)
    }
    return number
  }

  /// A whole number of any size, or nil for none, as a seed is.
  public mutating func seed(_ key: String = "seed") throws(ModelGraphError) -> JSON? {
    value(key)
  }

  /// One of a few names.
  public mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default standard: Choice? = nil
  ) throws(ModelGraphError) -> Choice where Choice.RawValue == String {
    guard let value = value(key) else { return try given(standard, key) }
    guard let choice = value.string.flatMap(Choice.init(rawValue:)) else {
      let names = Choice.allCases.map { "\"\($0.rawValue)\"" }
      throw wrong(key, "one of " + names.joined(separator: ", "), value)
    }
    return choice
  }

  /// A rate of dropout, 0 to 1.
  public mutating func rate(
    _ key: String, default standard: Double? = nil
  ) throws(ModelGraphError) -> Double {
    let rate = try number(key, default: standard)
    guard (0...1).contains(rate) else {
      throw wrong(key, "a rate from 0 to 1", .number(rate))
    }
    return rate
  }

  /// A shape that is a list of whole numbers and nulls.
  public mutating func shape(_ key: String) throws(ModelGraphError) -> LayerShape? {
    guard let value = value(key) else { return nil }
    guard let shape = LayerShape(json: value) else {
      throw wrong(key, "a list of sizes", value)
    }
    return shape
  }

  // MARK: Errors

  public func wrong(_ key: String, _ expected: String, _ found: JSON) -> ModelGraphError {
    let text = found.text
    let shown = text.count > 80 ? text.prefix(80) + "…" : text[...]
    return error(.wrongValue(expected: expected, found: String(shown)), key)
  }

  /// - Parameter what: what is meant, such as `stateful = true`.
  public func unsupported(_ key: String, _ what: String) -> ModelGraphError {
    error(.unsupportedOption(value: what), key)
  }

  func missing(_ key: String) -> ModelGraphError { error(.missingKey, key) }

  /// The default of an absent key, where it has one.
  func given<T>(_ standard: T?, _ key: String) throws(ModelGraphError) -> T {
    guard let standard else { throw missing(key) }
    return standard
  }

  private func error(_ kind: ModelGraphError.Kind, _ key: String) -> ModelGraphError {
    ModelGraphError(kind, at: .init(layer: layerName, className: className, key: key))
  }
}

extension Int {
  /// The number, kept away from the one whose magnitude is no `Int`.
  fileprivate var clamped: Int { Swift.max(self, -Int.max) }
}
