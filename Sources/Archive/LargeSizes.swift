/// Sizes and offsets of 32 bits, some of which may stand in an extra field with 64 instead.
struct LargeSizes {
  private(set) var values: [Int] = []

  /// - Parameter fields: the numbers of 32 bits; the extra field gives those that are all ones, in
  ///   this order.
  /// - Returns: nil where the extra field is damaged or lacks a number.
  init?(_ extra: Record, fields: [UInt32]) {
    var large: Record?
    var position = 0
    while position < extra.count {
      // Fewer bytes than a header: some writers pad so.
      guard let kind = extra.uint16(at: position), let count = extra.uint16(at: position + 2) else {
        break
      }
      guard let body = extra.slice(at: position + 4, count: Int(count)) else { return nil }
      if kind == 1 {
        guard large == nil else { return nil }
        large = body
      }
      position += 4 + Int(count)
    }
    var offset = 0
    for field in fields {
      if field == .max {
        guard let value = large?.size(at: offset) else { return nil }
        values.append(value)
        offset += 8
      } else {
        values.append(Int(field))
      }
    }
  }
}
