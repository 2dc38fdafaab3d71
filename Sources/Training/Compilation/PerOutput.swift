/// Settings of a model's outputs.

/// What is said for each output of a model, as Keras takes it: once for all of them, in a list in their
/// order, or by their names, which are those of the layers that they come from.
///
///     model.compile(
///       optimizer: .adam, loss: ["price": .mse, "kind": .categoricalCrossentropy],
///       lossWeights: ["price": 1, "kind": 0.2], metrics: ["kind": [.acc]])
public enum PerOutput<Element: Sendable>: Sendable {
  case all(Element)
  /// In the order of the outputs; nil for an output of which nothing is said.
  case inOrder([Element?])
  case named([String: Element])

  /// What is said for each of the outputs.
  ///
  /// - Parameters:
  ///   - names: the outputs in their order.
  ///   - what: what is said, for a message.
  /// - Throws: `TrainingError` of kind `data` where there are more or fewer, or others.
  func values(
    for names: [String], _ what: String
  ) throws(TrainingError) -> [Element?] {
    switch self {
    case .all(let element): return names.map { _ in element }
    case .inOrder(let elements):
      guard elements.count == names.count else {
        throw TrainingError(
          .data(
            name: what,
            expected: "said of \(names.count) outputs (\(names.joined(separator: ", ")))",
            found: "said of \(elements.count)"))
      }
      return elements
    case .named(let elements):
      if let other = elements.keys.sorted().first(where: { !names.contains($0) }) {
        throw TrainingError(
          .data(
            name: what, expected: "said of outputs among \(names.joined(separator: ", "))",
            found: "said of '\(other)'"))
      }
      return names.map { elements[$0] }
    }
  }
}

extension PerOutput: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, Element)...) {
    self = .named(Dictionary(elements) { _, last in last })
  }
}

extension PerOutput where Element == [Metric] {
  /// The metrics of each output. Those of a model with one output may be in any list, or in lists of lists.
  func metrics(for names: [String], _ what: String) throws(TrainingError) -> [[Metric]] {
    if names.count == 1, case .inOrder(let lists) = self { return [lists.flatMap { $0 ?? [] }] }
    return try values(for: names, what).map { $0 ?? [] }
  }
}
