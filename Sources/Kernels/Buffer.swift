/// A run of 4-byte elements in somebody's `Memory`: float32 or int32, as the kernel that gets it says.
///
/// Kernels take buffers and check their counts against the extents they are given; that check is
/// what keeps every access of the C loops inside its memory. Two threads may hold the same buffer
/// as long as they write to separate parts of it.
@safe package struct Buffer: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer

  /// The number of elements.
  package let count: Int

  @unsafe init(base: UnsafeMutableRawPointer, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// `count` elements from `offset` on.
  ///
  /// - Precondition: they lie within this buffer.
  package func slice(_ offset: Int, _ count: Int) -> Buffer {
    precondition(
      offset >= 0 && count >= 0 && offset <= self.count - count, "a slice outside its buffer")
    // SAFETY: the bounds were checked in the line above.
    return unsafe Buffer(base: base.advanced(by: offset * 4), count: count)
  }

  /// The elements from `offset` on.
  ///
  /// - Precondition: `offset` lies within this buffer or at its end.
  package func slice(_ offset: Int) -> Buffer { slice(offset, count - offset) }

  /// The elements as float32, for the C kernels of this module.
  var floats: UnsafeMutablePointer<Float> { unsafe base.assumingMemoryBound(to: Float.self) }

  /// The elements as int32, for the C kernels of this module.
  var ints: UnsafeMutablePointer<Int32> { unsafe base.assumingMemoryBound(to: Int32.self) }
}

extension Buffer {
  /// Copies `values` in, from the first element on.
  ///
  /// - Precondition: they fit.
  package func store(_ values: [Float]) {
    precondition(values.count <= count, "\(values.count) values do not fit \(count) elements")
    // SAFETY: the count was checked; `values` cannot overlap memory that the engine owns.
    unsafe values.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress else { return }
      unsafe floats.update(from: from, count: source.count)
    }
  }

  /// Copies the bytes of values of 4 bytes in, from the first element on.
  ///
  /// - Precondition: they fit.
  package func store(_ bytes: RawSpan) {
    precondition(bytes.byteCount <= count * 4, "\(bytes.byteCount) bytes do not fit")
    // SAFETY: the count was checked; any bits are a value.
    unsafe bytes.withUnsafeBytes {
      unsafe UnsafeMutableRawBufferPointer(start: base, count: count * 4).copyMemory(from: $0)
    }
  }

  /// Copies `values` in, from the first element on.
  ///
  /// - Precondition: they fit.
  package func store(_ values: some Collection<Int32>) {
    precondition(values.count <= count, "\(values.count) values do not fit \(count) elements")
    var index = 0
    for value in values {
      // SAFETY: `index` stays below `values.count`, which was checked.
      unsafe ints[index] = value
      index += 1
    }
  }

  package func copy(from source: Buffer) {
    precondition(source.count == count, "a copy between buffers of different sizes")
    // SAFETY: both are `count` long; `update` allows overlap.
    unsafe floats.update(from: source.floats, count: count)
  }

  package func fill(_ value: Float) {
    // SAFETY: exactly this buffer's elements.
    unsafe floats.update(repeating: value, count: count)
  }

  /// Copies the elements out as float32; takes memory only where `values` has another count.
  package func copy(into values: inout [Float]) {
    if values.count != count { values = .init(repeating: 0, count: count) }
    // SAFETY: both hold `count` elements.
    unsafe values.withUnsafeMutableBufferPointer { target in
      guard let to = target.baseAddress else { return }
      unsafe to.update(from: floats, count: count)
    }
  }

  /// Copies the elements out as int32; takes memory only where `values` has another count.
  package func copy(into values: inout [Int32]) {
    if values.count != count { values = .init(repeating: 0, count: count) }
    // SAFETY: both hold `count` elements.
    unsafe values.withUnsafeMutableBufferPointer { target in
      guard let to = target.baseAddress else { return }
      unsafe to.update(from: ints, count: count)
    }
  }

  /// The elements, copied out as float32.
  package var floatArray: [Float] {
    // SAFETY: exactly this buffer's elements.
    unsafe Array(UnsafeBufferPointer(start: floats, count: count))
  }

  /// The elements, copied out as int32.
  package var intArray: [Int32] {
    // SAFETY: exactly this buffer's elements.
    unsafe Array(UnsafeBufferPointer(start: ints, count: count))
  }
}
