/// Data as it is given to a model.
public import Tensors

/// The data of a model's inputs or outputs: one tensor, a list of them in their order, or tensors by the
/// names of the inputs or outputs. The samples stand along the first axis of each.
public protocol ModelData {
  /// The tensors in the order of `names`, nil for one that is not there.
  ///
  /// - Parameter what: `x` or `y`, for a message.
  /// - Throws: `TrainingError` of kind `data` where there are more than names, or others.
  func tensors(for names: [String], _ what: String) throws(TrainingError) -> [Tensor?]
}

extension Tensor: ModelData {
  public func tensors(for names: [String], _ what: String) throws(TrainingError) -> [Tensor?] {
    try [self].tensors(for: names, what)
  }
}

extension [Tensor]: ModelData {
  public func tensors(for names: [String], _ what: String) throws(TrainingError) -> [Tensor?] {
    guard count == names.count else {
      throw TrainingError(
        .data(
          name: what,
          expected: names.count == 1
            ? "one tensor" : "\(names.count) tensors (\(names.joined(separator: ", ")))",
          found: "\(count)"))
    }
    return self
  }
}

extension [String: Tensor]: ModelData {
  public func tensors(for names: [String], _ what: String) throws(TrainingError) -> [Tensor?] {
    if let other = keys.sorted().first(where: { !names.contains($0) }) {
      throw TrainingError(
        .data(
          name: what, expected: "for \(names.joined(separator: ", "))", found: "for '\(other)'"))
    }
    return names.map { self[$0] }
  }
}

extension ModelData {
  /// The tensors of inputs, all of which have to be there.
  package func inputs(_ names: [String]) throws(TrainingError) -> [Tensor] {
    let found = try tensors(for: names, "x")
    for (name, tensor) in zip(names, found) where tensor == nil {
      throw TrainingError(
        .data(
          name: "x", expected: "for \(names.joined(separator: ", "))", found: "without '\(name)'"))
    }
    return found.compactMap { $0 }
  }
}
