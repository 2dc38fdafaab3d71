/// Pickles put together by hand, in protocol 4.
enum Pickle {
  /// An `.npy` header before an object array of this many rows.
  static func header(rows: Int) -> [UInt8] {
    let text = "{'descr': '|O', 'fortran_order': False, 'shape': (\(rows),)}\n"
    return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(text.utf8.count), 0] + text.utf8
  }

  static let start: [UInt8] = [0x80, 4]

  static func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + text.utf8 }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    text(module) + text(name) + [0x93]
  }

  static func int(_ value: Int32) -> [UInt8] {
    [0x4A] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// EMPTY_LIST MARK … APPENDS
  static func list(of items: [[UInt8]]) -> [UInt8] { ascii("](") + items.joined() + ascii("e") }

  static func list(_ values: [Int32]) -> [UInt8] { list(of: values.map(int)) }

  /// `_reconstruct(ndarray, (0,), b'b')`
  static let reconstructed =
    global("numpy._core.multiarray", "_reconstruct") + global("numpy", "ndarray")
    + int(0) + [0x85, 0x43, 1, 0x62, 0x87, 0x52]

  /// `dtype('O8', False, True)` with its state
  static let elementType =
    global("numpy", "dtype") + text("O8") + [0x89, 0x88, 0x87, 0x52] + ascii("(") + int(3)
    + text("|") + ascii("NNN") + int(-1) + int(-1) + int(63) + ascii("tb")

  /// A whole pickle of one array.
  static func array(shape: [Int32], items: [UInt8], fortran: Bool = false) -> [UInt8] {
    start + reconstructed + ascii("(") + int(1) + ascii("(") + shape.flatMap(int) + ascii("t")
      + elementType + [fortran ? 0x88 : 0x89] + items + ascii("tb.")
  }
}
