/// Undoes the filters of a chunk, the last written first.
extension FilterPipeline {
  /// The `chunkBytes` bytes of a chunk that is stored as `stored`.
  ///
  /// - Parameter skipped: bit i says that filter i was left out for this chunk.
  func decode(
    _ stored: RawSpan, skipping skipped: UInt32, chunkBytes: Int, at location: HDF5Error.Location
  ) throws -> [UInt8] {
    let used = filters.enumerated().filter { skipped >> UInt32($0.offset) & 1 == 0 }.map(\.element)
    var bytes = stored.array
    for (position, filter) in used.enumerated().reversed() {
      switch filter {
      case .fletcher32:
        bytes = try removeFletcher32(bytes, at: location)
      case .shuffle(let elementSize):
        bytes = unshuffle(bytes, elementSize: elementSize)
      case .deflate:
        // Of the filters before this one, only fletcher32 changes the size: by its 4 bytes.
        let sums = used[..<position].count { $0 == .fletcher32 }
        bytes = try inflate(RawSpan(_elements: bytes.span), to: chunkBytes + 4 * sums, at: location)
      }
    }
    guard bytes.count == chunkBytes else {
      throw HDF5Error(.storedSize(declared: chunkBytes, stored: bytes.count), at: location)
    }
    return bytes
  }

  /// Checks the sum at the end of `bytes` and takes it off.
  private func removeFletcher32(
    _ bytes: [UInt8], at location: HDF5Error.Location
  ) throws -> [UInt8] {
    guard bytes.count >= 4 else {
      throw HDF5Error(
        .outOfBounds(structure: .chunk, needed: 4, available: bytes.count), at: location)
    }
    let count = bytes.count - 4
    let stored = RawSpan(_elements: bytes.span)[word: count]
    let computed = fletcher32(RawSpan(_elements: bytes.span).extracting(0..<count))
    // HDF5 before 1.6.3 swapped the bytes of each half on little-endian machines; libhdf5 takes both.
    let swapped = (computed & 0x00FF_00FF) << 8 | (computed & 0xFF00_FF00) >> 8
    guard stored == computed || stored == swapped else {
      throw HDF5Error(
        .checksum(structure: .chunk, stored: stored, computed: computed), at: location)
    }
    return Array(bytes.dropLast(4))
  }

  /// Byte k of all elements stands together in the file: puts each element's bytes side by side.
  private func unshuffle(_ bytes: [UInt8], elementSize: Int) -> [UInt8] {
    let count = elementSize > 0 ? bytes.count / elementSize : 0
    guard elementSize > 1, count > 1 else { return bytes }
    var result = bytes
    let source = bytes.span
    var target = result.mutableSpan
    for place in 0..<elementSize {
      let plane = place * count
      for element in 0..<count { target[element * elementSize + place] = source[plane + element] }
    }
    return result
  }
}

/// HDF5's Fletcher checksum: over 16-bit big-endian words, an odd byte at the end counting as the
/// upper half of one. (`H5_checksum_fletcher32`.)
func fletcher32(_ bytes: RawSpan) -> UInt32 {
  var first: UInt32 = 0
  var second: UInt32 = 0
  var offset = 0
  let even = bytes.byteCount & ~1
  while offset < even {
    // 360 words are as many as cannot overflow 32 bits between two folds.
    let end = min(offset + 720, even)
    while offset < end {
      first &+= UInt32(bytes[byte: offset]) << 8 | UInt32(bytes[byte: offset + 1])
      second &+= first
      offset += 2
    }
    first = (first & 0xFFFF) + (first >> 16)
    second = (second & 0xFFFF) + (second >> 16)
  }
  if bytes.byteCount & 1 == 1 {
    first &+= UInt32(bytes[byte: even]) << 8
    second &+= first
    first = (first & 0xFFFF) + (first >> 16)
    second = (second & 0xFFFF) + (second >> 16)
  }
  // Once more, to carry what the last fold left.
  first = (first & 0xFFFF) + (first >> 16)
  second = (second & 0xFFFF) + (second >> 16)
  return second << 16 | first
}
