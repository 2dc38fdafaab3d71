import HDF5
import Tensors

/// What a checkpoint asks of a group.
extension Group {
  func hasChild(_ name: String) throws -> Bool { try child(name) != nil }

  /// Whether an attribute stands here, whole or in parts.
  func hasAttribute(_ name: String) throws -> Bool {
    try attribute(name) != nil || attribute(name + "0") != nil
  }

  /// A list of names: one attribute of strings, several `layer_names0` and on, or, of no names, the
  /// empty float64 that numpy makes of `[]`.
  func nameList(_ name: String) throws -> [String] {
    var parts: [[String]] = []
    if let attribute = try attribute(name) {
      parts.append(try names(in: attribute))
    } else {
      while let attribute = try attribute(name + String(parts.count)) {
        parts.append(try names(in: attribute))
      }
      guard !parts.isEmpty else {
        throw CheckpointError(.missingAttribute(name: name), at: .init(object: path))
      }
    }
    let list = parts.flatMap { $0 }
    guard list.count <= LegacyLayout.weightLimit else {
      throw CheckpointError(.tooMany(what: "names", limit: LegacyLayout.weightLimit))
    }
    var seen: Set<String> = []
    for entry in list where !seen.insert(entry).inserted {
      throw CheckpointError(.duplicateName(entry, list: name), at: .init(object: path))
    }
    return list
  }

  private func names(in attribute: Attribute) throws -> [String] {
    switch try attribute.value() {
    case .strings(let names): return names
    case .empty: return []
    case .tensor(let tensor) where tensor.count == 0: return []
    case let value: throw wrong(attribute, expected: "a list of names", value)
    }
  }

  /// A text; nil where there is no such attribute.
  func text(_ name: String) throws -> String? {
    guard let attribute = try attribute(name) else { return nil }
    switch try attribute.value() {
    case .string(let text): return text
    case .strings(let texts) where texts.count == 1: return texts[0]
    case let value: throw wrong(attribute, expected: "a text", value)
    }
  }

  /// A text that is JSON; nil where there is no such attribute.
  func json(_ name: String) throws -> JSON? {
    guard let text = try text(name) else { return nil }
    do {
      return try JSON(parsing: text)
    } catch {
      throw error.located(object: (path.hasSuffix("/") ? path : path + "/") + "@" + name)
    }
  }

  /// A number of things; nil where there is no such attribute.
  func count(_ name: String) throws -> Int? {
    guard let attribute = try attribute(name) else { return nil }
    let value = try attribute.value()
    guard case .tensor(let tensor) = value, tensor.count == 1,
      let count = Int(exactly: tensor.scalars.doubles[0]), count >= 0
    else { throw wrong(attribute, expected: "a whole number", value) }
    return count
  }

  private func wrong(
    _ attribute: Attribute, expected: String, _ value: AttributeValue
  ) -> CheckpointError {
    let found =
      switch value {
      case .string: "a text"
      case .strings(let list): "a list of \(list.count) texts"
      case .tensor(let tensor): "\(tensor.dtype) of shape \(tensor.shape)"
      case .empty: "empty"
      case .opaque(let bytes): "\(bytes.count) uninterpreted bytes"
      }
    return CheckpointError(
      .wrongAttribute(name: attribute.name, expected: expected, found: found),
      at: .init(object: path))
  }

  /// The attributes that are none of Keras's, as they are to be written back.
  ///
  /// - Parameter unreadable: takes the paths of those whose values are of a type that is not read.
  func extraAttributes(
    besides own: Set<String>, unreadable: inout [String]
  ) throws -> [AttributeContent] {
    var kept: [AttributeContent] = []
    for attribute in try attributes() {
      let name = attribute.name
      let isPart = own.contains { name.hasPrefix($0) && Int(name.dropFirst($0.count)) != nil }
      guard !own.contains(name), !isPart else { continue }
      do {
        kept.append(AttributeContent(name, try Self.content(of: attribute)))
      } catch is HDF5Error {
        unreadable.append((path.hasSuffix("/") ? path : path + "/") + "@" + name)
      }
    }
    return kept
  }

  private static func content(of attribute: Attribute) throws -> AttributeContentValue {
    let type = attribute.datatype
    switch try attribute.value() {
    case .string(let text):
      if case .fixedString = type.kind { return .fixedString(text) }
      return .string(text, encoding: type.encoding)
    case .strings(let texts):
      if case .fixedString = type.kind {
        return .strings(texts, .fixed(length: type.size, type.encoding))
      }
      return .strings(texts, .variable(type.encoding))
    case .tensor(let tensor): return .tensor(tensor)
    case .empty: return .empty(type.dtype ?? .float64)
    case .opaque(let bytes):
      guard case .opaque(let tag) = type.kind else { return .opaque(bytes) }
      return .opaque(bytes, tag: tag)
    }
  }
}

extension Datatype {
  fileprivate var encoding: StringEncoding {
    switch kind {
    case .fixedString(_, .utf8), .variableString(_, .utf8): .utf8
    default: .ascii
    }
  }
}
