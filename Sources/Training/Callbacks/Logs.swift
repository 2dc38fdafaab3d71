/// What is known of a batch or an epoch: losses and metrics by name.

/// Numbers by name, read in the order of the names, which is how Keras prints them and how a history
/// lists its keys.
public struct Logs: Sendable, Equatable {
  public var values: [String: Double]

  public init(_ values: [String: Double] = [:]) { self.values = values }

  public subscript(name: String) -> Double? { values[name] }

  /// The names in their order.
  public var names: [String] {
    values.keys.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }

  /// The names and numbers in their order.
  public var sorted: [(name: String, value: Double)] {
    names.map { ($0, values[$0] ?? .nan) }
  }

  /// These and `others`, whose names get a prefix.
  package func merged(_ others: Logs, prefix: String) -> Logs {
    var merged = self
    for (name, value) in others.values { merged.values[prefix + name] = value }
    return merged
  }
}

extension Logs: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, Double)...) {
    self.init(Dictionary(elements) { _, last in last })
  }
}
