/// The four names that a pickle may ask for, and what calling and building them gives.
extension PickleReader {
  mutating func pushGlobal(module: String, name: String) throws {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw fault(.global(name: "\(module).\(name)"))
    }
    try push(.global(global))
  }

  mutating func stackGlobal() throws {
    let name = try pop("a name")
    let module = try pop("a module")
    guard let name = textValue(name), let module = textValue(module) else {
      throw unexpected("the texts of a module and a name", found: name)
    }
    try pushGlobal(module: module, name: name)
  }

  /// Calls the global below a tuple of arguments.
  mutating func reduce() throws {
    let arguments = try pop("arguments")
    guard let items = tupleItems(arguments) else { throw unexpected("a tuple", found: arguments) }
    let callable = try pop("what to call")
    guard case .global(let global) = callable else {
      throw unexpected("numpy's array constructors", found: callable)
    }
    switch global {
    case .reconstruct: try reconstruct(items)
    case .elementType: try elementType(items)
    case .encode: try encode(items)
    case .array: throw refused(global, items)
    }
  }

  /// `_reconstruct(numpy.ndarray, (0,), b'b')`: an array without content.
  private mutating func reconstruct(_ items: [PickleValue]) throws {
    guard items.count == 3, items[0] == .global(.array),
      let extents = tupleItems(items[1]), extents == [.int(0)],
      isPlaceholder(items[2])
    else { throw refused(.reconstruct, items) }
    guard state == .absent else {
      throw fault(.rowItem(found: "another numpy array"))
    }
    state = .reconstructed
    try push(.array)
  }

  /// The type code `b`, which the content then replaces.
  private func isPlaceholder(_ value: PickleValue) -> Bool {
    if case .bytes(let number) = value { return byteStrings[Int(number)] == [0x62] }
    return textValue(value) == "b"
  }

  /// `dtype('O8', False, True)`; older writers gave 0 and 1.
  private mutating func elementType(_ items: [PickleValue]) throws {
    guard items.count == 3, let name = textValue(items[0]), flag(items[1]) != nil,
      flag(items[2]) != nil
    else { throw refused(.elementType, items) }
    guard ["O", "O4", "O8"].contains(name) else { throw fault(.elementType(name)) }
    try push(.elementType)
  }

  /// `encode(text, 'latin1')`: bytes.
  private mutating func encode(_ items: [PickleValue]) throws {
    guard items.count == 2, let text = textValue(items[0]), textValue(items[1]) == "latin1" else {
      throw refused(.encode, items)
    }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { throw refused(.encode, items) }
      bytes.append(byte)
    }
    try pushBytes(bytes)
  }

  /// Gives the state on top to the value below it.
  mutating func build() throws {
    let state = try pop("a state")
    guard let items = tupleItems(state) else { throw unexpected("a tuple", found: state) }
    let target = try pop("what to build")
    switch target {
    case .elementType: try checkElementTypeState(items)
    case .array: try buildArray(items)
    default: throw unexpected("a numpy array or type", found: target)
    }
    try push(target)
  }

  /// `(3, '|', None, None, None, -1, -1, 63)`: version, byte order, no fields, sizes left open.
  private func checkElementTypeState(_ items: [PickleValue]) throws {
    guard items.count >= 5, items[0] == .int(3) || items[0] == .int(4),
      textValue(items[1]) == "|", items[2...4].allSatisfy({ $0 == .none })
    else { throw refused(.elementType, items) }
  }

  /// `(1, shape, dtype, fortran, items)`
  private mutating func buildArray(_ items: [PickleValue]) throws {
    guard state == .reconstructed else { throw unexpected("an array to fill once", found: .array) }
    guard items.count == 5, items[0] == .int(1), let extents = tupleItems(items[1]),
      items[2] == .elementType, let fortran = flag(items[3]), case .list(let list) = items[4]
    else { throw refused(.array, items) }
    var shape: [Int] = []
    for extent in extents {
      guard case .int(let value) = extent, value >= 0 else { throw refused(.array, items) }
      shape.append(Int(value))
    }
    guard !fortran || shape.count < 2 else { throw fault(.fortranOrder) }
    state = .built(shape: shape, items: list)
  }

  private func flag(_ value: PickleValue) -> Bool? {
    switch value {
    case .bool(let flag): flag
    case .int(0): false
    case .int(1): true
    default: nil
    }
  }

  private func refused(_ global: PickleGlobal, _ items: [PickleValue]) -> DatasetsError {
    let found = items.map(\.name).joined(separator: ", ")
    return fault(.call(name: global.rawValue, found: "(\(found))"))
  }
}
