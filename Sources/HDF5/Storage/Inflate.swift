/// Inflates one chunk by zlib: the only C that reading calls.
import CZlib

/// The `count` bytes that the zlib stream `input` holds; a stream that holds more or fewer is an
/// error, so that no stream can make the reader allocate beyond the declared chunk.
func inflate(_ input: RawSpan, to count: Int, at location: HDF5Error.Location) throws -> [UInt8] {
  guard let inputSize = UInt32(exactly: input.byteCount), let outputSize = UInt32(exactly: count)
  else {
    throw HDF5Error(.unsupported(feature: "a compressed chunk of 4 GiB"), at: location)
  }
  var failure: Int32 = Z_OK
  let output = unsafe input.withUnsafeBytes { source in
    unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      // SAFETY: zlib reads `inputSize` bytes from `source` and writes at most `outputSize` to
      // `target`, which are their sizes; both outlive the stream, which ends in this closure.
      var stream = unsafe z_stream()
      unsafe stream.next_in = UnsafeMutablePointer(
        mutating: source.bindMemory(to: UInt8.self).baseAddress)
      unsafe stream.avail_in = inputSize
      unsafe stream.next_out = target.baseAddress
      unsafe stream.avail_out = outputSize
      failure = unsafe inflateInit_(
        &stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard failure == Z_OK else { return }
      failure = unsafe CZlib.inflate(&stream, Z_FINISH)
      initialized = unsafe count - Int(stream.avail_out)
      unsafe inflateEnd(&stream)
    }
  }
  guard failure == Z_STREAM_END else {
    throw HDF5Error(.inflate(reason: reason(failure, output.count, count)), at: location)
  }
  guard output.count == count else {
    throw HDF5Error(.storedSize(declared: count, stored: output.count), at: location)
  }
  return output
}

private func reason(_ code: Int32, _ produced: Int, _ expected: Int) -> String {
  switch code {
  case Z_BUF_ERROR where produced == expected: "it holds more than the \(expected) declared bytes"
  case Z_BUF_ERROR, Z_OK: "it ends after \(produced) of \(expected) bytes"
  case Z_DATA_ERROR: "it is not a zlib stream"
  case Z_NEED_DICT: "it needs a preset dictionary"
  case Z_MEM_ERROR: "zlib is out of memory"
  default: "zlib error \(code)"
  }
}
