internal import CHDF5
import Tensors

extension AttributeContent {
  /// The size that a message of an object header of the old format stays below; the attribute's
  /// name, type and shape count too.
  static let sizeLimit = 64 << 10

  /// Creates the attribute on an open object.
  func write(on object: borrowing Handle) throws(WritingError) {
    switch value {
    case .string(let string, let encoding):
      let type = try StoredType.variableString(encoding)
      try write([string], of: type, shape: [], on: object)
    case .strings(let strings, .variable(let encoding)):
      let type = try StoredType.variableString(encoding)
      try write(strings, of: type, shape: Shape([strings.count]), on: object)
    case .strings(let strings, .fixed(let length, let encoding)):
      try write(
        padded: strings, length: length, encoding, shape: Shape([strings.count]), on: object)
    case .fixedString(let string):
      try write(padded: [string], length: nil, .ascii, shape: [], on: object)
    case .tensor(let tensor):
      let type = try StoredType.element(tensor.dtype)
      let space = try Handle.space(of: tensor.shape)
      try tensor.scalars.withBytes { bytes throws(WritingError) in
        try write(bytes, of: type, in: space, on: object)
      }
    case .emptyFloat64:
      let type = try StoredType.element(.float64)
      let space = try Handle.space(of: [0])
      try write(RawSpan(), of: type, in: space, on: object)
    case .empty(let dtype):
      let type = try StoredType.element(dtype)
      let space = try Handle("creating a dataspace") { chdf5_H5Screate(H5S_NULL) }
      try write(RawSpan(), of: type, in: space, on: object)
    case .opaque(let bytes, let tag):
      guard !bytes.isEmpty else { throw WritingError(.noLength(attribute: name), object: "") }
      let type = try StoredType.opaque(size: bytes.count, tag: tag)
      let space = try Handle.space(of: [])
      // SAFETY: a span's bytes are unsafe where elements have padding; bytes have none.
      try unsafe write(bytes.span.bytes, of: type, in: space, on: object)
    }
  }

  /// Strings of one length, one after another, padded with NUL.
  private func write(
    padded strings: [String], length: Int?, _ encoding: StringEncoding, shape: Shape,
    on object: borrowing Handle
  ) throws(WritingError) {
    // HDF5 has no type of no bytes; numpy's `S0` too is stored as one NUL.
    let longest = strings.lazy.map(\.utf8.count).max() ?? 0
    let length = length ?? max(1, longest)
    guard length > 0 else { throw WritingError(.noLength(attribute: name), object: "") }
    guard longest <= length else {
      throw WritingError(
        .stringTooLong(attribute: name, bytes: longest, length: length), object: "")
    }
    let (bytes, overflow) = strings.count.multipliedReportingOverflow(by: length)
    guard !overflow, bytes < Self.sizeLimit else { throw tooLarge(overflow ? .max : bytes) }
    var characters: [UInt8] = []
    characters.reserveCapacity(bytes)
    for string in strings {
      characters.append(contentsOf: string.utf8)
      characters.append(contentsOf: repeatElement(0, count: length - string.utf8.count))
    }
    let type = try StoredType.string(size: length, encoding)
    let space = try Handle.space(of: shape)
    // SAFETY: as above.
    try unsafe write(characters.span.bytes, of: type, in: space, on: object)
  }

  /// Strings of variable length: the library reads a C string behind each pointer.
  private func write(
    _ strings: [String], of type: borrowing Handle, shape: Shape, on object: borrowing Handle
  ) throws(WritingError) {
    guard !strings.contains(where: { $0.utf8.contains(0) }) else {
      throw WritingError(.stringContainsNUL(attribute: name), object: "")
    }
    var characters: [CChar] = []
    var starts: [Int] = []
    for string in strings {
      starts.append(characters.count)
      characters.append(contentsOf: string.utf8.lazy.map { CChar(bitPattern: $0) })
      characters.append(0)
    }
    let space = try Handle.space(of: shape)
    let handle = try create(
      of: type, in: space, bytes: Self.bytes(ofReferences: strings.count), on: object)
    guard !strings.isEmpty else { return }
    let type = type.id
    _ = try Library.call("writing an attribute") {
      // SAFETY: every start lies inside `characters`, each string there ends with its NUL, and both
      // arrays outlive the call; the library reads one pointer per element of the space.
      unsafe characters.withUnsafeBufferPointer { characters -> herr_t in
        guard let base = characters.baseAddress else { return -1 }
        let pointers = unsafe starts.map { unsafe base + $0 }
        return unsafe chdf5_H5Awrite(handle.id, type, pointers)
      }
    }
  }

  /// Values of which every byte is stored in the attribute.
  private func write(
    _ bytes: RawSpan, of type: borrowing Handle, in space: borrowing Handle,
    on object: borrowing Handle
  ) throws(WritingError) {
    let handle = try create(of: type, in: space, bytes: bytes.byteCount, on: object)
    guard !bytes.isEmpty else { return }
    let type = type.id
    _ = try Library.call("writing an attribute") {
      // SAFETY: the space and type describe exactly these bytes, which outlive the call.
      unsafe bytes.withUnsafeBytes { unsafe chdf5_H5Awrite(handle.id, type, $0.baseAddress) }
    }
  }

  private func create(
    of type: borrowing Handle, in space: borrowing Handle, bytes: Int, on object: borrowing Handle
  ) throws(WritingError) -> Handle {
    guard bytes < Self.sizeLimit else { throw tooLarge(bytes) }
    let (object, type, space) = (object.id, type.id, space.id)
    do {
      return try Handle("creating an attribute") {
        // SAFETY: Swift holds the name for the call.
        unsafe chdf5_H5Acreate2(object, name, type, space, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
      }
    } catch {
      // The library alone knows how much name, type and shape add; far from the limit the reason
      // is another.
      let whole = bytes + name.utf8.count
      throw whole >= Self.sizeLimit - 1024 ? tooLarge(whole) : error
    }
  }

  /// A reference into the global heap: length, address of the collection, index in it.
  private static func bytes(ofReferences count: Int) -> Int { count * 16 }

  private func tooLarge(_ bytes: Int) -> WritingError {
    WritingError(
      .attributeTooLarge(name: name, bytes: bytes, limit: Self.sizeLimit), object: "")
  }
}
