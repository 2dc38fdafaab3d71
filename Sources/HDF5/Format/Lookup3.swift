/// The checksum of HDF5's version 2 structures: Bob Jenkins's lookup3 `hashlittle` with seed 0
/// (https://burtleburtle.net/bob/c/lookup3.c, public domain).
func lookup3(_ bytes: RawSpan) -> UInt32 {
  let count = bytes.byteCount
  let start = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: count)
  var a = start
  var b = start
  var c = start
  var offset = 0
  while count - offset > 12 {
    a &+= bytes[word: offset]
    b &+= bytes[word: offset + 4]
    c &+= bytes[word: offset + 8]
    mix(&a, &b, &c)
    offset += 12
  }
  guard offset < count else { return c }
  // The last 1...12 bytes, as if zeros followed.
  var words: (UInt32, UInt32, UInt32) = (0, 0, 0)
  for index in offset..<count {
    let byte = UInt32(bytes[byte: index]) << UInt32(8 * ((index - offset) & 3))
    switch (index - offset) / 4 {
    case 0: words.0 |= byte
    case 1: words.1 |= byte
    default: words.2 |= byte
    }
  }
  a &+= words.0
  b &+= words.1
  c &+= words.2
  finish(&a, &b, &c)
  return c
}

private func mix(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
  a = (a &- c) ^ rotate(c, 4)
  c = c &+ b
  b = (b &- a) ^ rotate(a, 6)
  a = a &+ c
  c = (c &- b) ^ rotate(b, 8)
  b = b &+ a
  a = (a &- c) ^ rotate(c, 16)
  c = c &+ b
  b = (b &- a) ^ rotate(a, 19)
  a = a &+ c
  c = (c &- b) ^ rotate(b, 4)
  b = b &+ a
}

private func finish(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
  c = (c ^ b) &- rotate(b, 14)
  a = (a ^ c) &- rotate(c, 11)
  b = (b ^ a) &- rotate(a, 25)
  c = (c ^ b) &- rotate(b, 16)
  a = (a ^ c) &- rotate(c, 4)
  b = (b ^ a) &- rotate(a, 14)
  c = (c ^ b) &- rotate(b, 24)
}

private func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
  value << count | value >> (32 - count)
}
