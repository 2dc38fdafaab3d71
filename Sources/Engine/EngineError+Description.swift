extension EngineError: CustomStringConvertible {
  public var description: String {
    switch kind {
    case .operandTypes(let op, let found, let expected):
      let types = found.map(\.description).joined(separator: " and ")
      return "\(op) needs \(expected), but got \(types)."
    case .options(let op, let reason):
      return "\(op): \(reason)."
    case .input(let name, let expected, let found):
      return "The input '\(name)' must be \(expected), but is \(found)."
    case .indexOutOfRange(let op, let index, let position, let bound):
      return "Element \(position) of the input of \(op) is \(index), outside 0..<\(bound)."
    case .variable(let name, let expected, let found):
      return found.map { "The variable '\(name)' has shape \($0), but \(expected) is needed." }
        ?? "There is no variable '\(name)' of shape \(expected)."
    }
  }
}
