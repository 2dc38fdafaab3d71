/// The sentences of the errors: where, what was expected, what was found, what to do.
extension HDF5Error: CustomStringConvertible {
  public var description: String {
    let place = location.description
    let sentence = kind.description + (kind.isDamage ? Self.remedy : "")
    return place.isEmpty ? sentence : "\(place): \(sentence)"
  }

  /// What can be done about bytes that are not those that were written.
  private static let remedy = "; fetch the file again, or take an earlier checkpoint"
}

extension HDF5Error.Location: CustomStringConvertible {
  /// `model.h5, /dense/kernel:0, attribute "name", byte 800`, of what is known.
  public var description: String {
    var parts: [String] = []
    if let file { parts.append(file) }
    if let object { parts.append(object) }
    if let attribute { parts.append("attribute \"\(attribute)\"") }
    if let offset { parts.append("byte \(offset)") }
    return parts.joined(separator: ", ")
  }
}

extension HDF5Error.Kind: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotOpen(let reason):
      "cannot be opened: \(reason)"
    case .notARegularFile:
      "is not a regular file; give the path of one"
    case .empty:
      "the file is empty; if a save was interrupted, take an earlier checkpoint"
    case .notHDF5:
      "not an HDF5 file: no HDF5 signature at byte 0, 512, 1024 or a later power of two; "
        + "give an .h5 file, or fetch this one again"
    case .truncated(let expected, let found):
      "truncated: by its superblock the file has at least \(expected) bytes, but only \(found) are "
        + "there"
    case .outOfBounds(let structure, let needed, let available):
      "damaged: the \(structure.rawValue) needs \(needed) bytes, but only \(available) are there"
    case .badSignature(let structure, let expected):
      "damaged: no \(structure.rawValue) here (it begins with \"\(expected)\")"
    case .unsupportedVersion(let structure, let version):
      "version \(version) of the \(structure.rawValue) is not supported"
    case .unsupported(let feature):
      "\(feature) is not supported"
    case .malformed(let structure, let fault):
      "damaged: in the \(structure.rawValue), \(fault)"
    case .checksum(let structure, let stored, let computed):
      "damaged: the checksum of the \(structure.rawValue) is \(hex(computed)), "
        + "but \(hex(stored)) is stored"
    case .cycle(let structure):
      "damaged: the \(structure.rawValue) reaches the same block twice"
    case .linkNotFollowed(let name, let kind):
      "\"\(name)\" is \(kind.description), which is not followed; only hard links are"
    case .wrongObject(let expected, let found):
      "expected a \(expected), found a \(found)"
    case .wrongDatatype(let expected, let found):
      "expected \(expected), found elements of type \(found)"
    case .noElements:
      "the dataspace is null, so there are no elements to read"
    case .storedSize(let declared, let stored):
      "damaged: the shape and type need \(declared) bytes, but \(stored) are stored"
    case .overLimit(let what, let asked, let limit):
      "\(what) would take \(asked) bytes, and a file of this size may ask for \(limit) at most"
    case .inflate(let reason):
      "damaged: a compressed chunk cannot be inflated (\(reason))"
    }
  }

  /// Whether the file is not as its writer left it.
  fileprivate var isDamage: Bool {
    switch self {
    case .truncated, .outOfBounds, .badSignature, .malformed, .checksum, .cycle, .storedSize,
      .inflate:
      true
    default: false
    }
  }

  private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
}

extension Link.Kind: CustomStringConvertible {
  public var description: String {
    switch self {
    case .hard: "a hard link"
    case .soft(let target): "a soft link to \"\(target)\""
    case .external(let file, let path): "an external link to \"\(path)\" in the file \"\(file)\""
    case .userDefined(let code): "a user-defined link of class \(code)"
    }
  }
}
