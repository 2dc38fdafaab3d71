/// The arguments of a function that a model calls without a layer around it.
import KerasCheckpoint

/// What one call is given: tensors, and numbers or other settings beside them.
struct FunctionArguments: Sendable, Hashable {
  /// By place.
  private(set) var places: [Argument] = []
  /// By name.
  private(set) var names: [String: Argument] = [:]
  /// Where the tensors come from, as they are numbered.
  private(set) var references: [TensorReference] = []

  indirect enum Argument: Sendable, Hashable {
    /// The input of this number.
    case tensor(Int)
    case constant(JSON)
    /// Several, with a tensor among them.
    case list([Argument])
  }

  /// Reads Keras 3's `{"args": […], "kwargs": {…}}`, or what Keras 2 writes: the first argument, or those that
  /// it lists, each as `["dense", 0, 0, {…}]` with all other arguments by name; a first argument that
  /// is no tensor as `["_CONSTANT_VALUE", -1, 2.0, {…}]`.
  ///
  /// - Returns: nil where the node is neither.
  init?(_ node: JSON) {
    if node.object != nil {
      for argument in node["args"]?.array ?? [] { places.append(today(argument)) }
      for (name, value) in (node["kwargs"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        names[name] = today(value)
      }
    } else if let list = node.array, !list.isEmpty {
      let isSingle = list[0].string != nil
      var first: [Argument] = []
      var named: [String: JSON] = [:]
      for element in isSingle ? [node] : list {
        guard let parts = element.array, parts.count >= 3 else { return nil }
        if parts[0] == "_CONSTANT_VALUE", parts[1].int == -1 {
          first.append(.constant(parts[2]))
        } else if let reference = TensorReference(element) {
          first.append(numbered(reference))
        } else {
          return nil
        }
        named.merge(element[3]?.object ?? [:]) { earlier, _ in earlier }
      }
      places = [isSingle ? first[0] : .list(first)]
      for (name, value) in named.sorted(by: { $0.key < $1.key }) { names[name] = legacy(value) }
    } else {
      return nil
    }
  }

  /// Whether both are alike but for where their tensors come from.
  func isLike(_ other: FunctionArguments?) -> Bool {
    places == other?.places && names == other?.names
  }

  private mutating func numbered(_ reference: TensorReference) -> Argument {
    references.append(reference)
    return .tensor(references.count - 1)
  }

  private mutating func today(_ value: JSON) -> Argument {
    if let reference = TensorReference(tensor: value) { return numbered(reference) }
    return list(value) { $0.today($1) }
  }

  /// A reference here has three parts, the first of which is a name.
  private mutating func legacy(_ value: JSON) -> Argument {
    if value.array?.count == 3, let reference = TensorReference(value) {
      return numbered(reference)
    }
    return list(value) { $0.legacy($1) }
  }

  private mutating func list(
    _ value: JSON, _ read: (inout FunctionArguments, JSON) -> Argument
  ) -> Argument {
    guard let elements = value.array else { return .constant(value) }
    let count = references.count
    var arguments: [Argument] = []
    for element in elements { arguments.append(read(&self, element)) }
    return references.count > count ? .list(arguments) : .constant(value)
  }
}
