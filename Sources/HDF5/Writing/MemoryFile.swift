internal import CHDF5

/// An HDF5 file that libhdf5 builds in memory (its `core` driver), so that a full or broken disk is
/// never the library's affair: it handles neither well, down to aborting at exit.
struct MemoryFile: ~Copyable {
  let handle: Handle

  /// An empty file of the oldest format that holds what is written, which is h5py's default.
  ///
  /// - Parameter expectedSize: an estimate in bytes; memory grows by an eighth of it.
  init(expectedSize: Int) throws(WritingError) {
    let access = try Handle("creating a property list") {
      // SAFETY: Swift holds the name for the call.
      unsafe chdf5_H5Pcreate(chdf5_variable("H5P_CLS_FILE_ACCESS_ID_g"))
    }
    let increment = max(64 << 10, expectedSize / 8)
    _ = try Library.call("choosing memory as storage") {
      chdf5_H5Pset_fapl_core(access.id, increment, false)
    }
    // Superblock 0, symbol-table groups, version 1 object headers; never newer than 1.8's format.
    _ = try Library.call("choosing the file format") {
      chdf5_H5Pset_libver_bounds(access.id, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18)
    }
    // Nothing is created under this name: it only has to differ from that of other open files.
    let name = "memory-\(UInt64.random(in: .min ... .max))"
    handle = try Handle("creating the file in memory") {
      unsafe chdf5_H5Fcreate(name, UInt32(H5F_ACC_TRUNC), hid_t(H5P_DEFAULT), access.id)
    }
  }

  /// Calls `body` with the bytes of the whole file.
  func withImage<Result>(_ body: (RawSpan) throws -> Result) throws -> Result {
    _ = try Library.call("completing the file") { chdf5_H5Fflush(handle.id, H5F_SCOPE_GLOBAL) }
    let size = try Library.call("measuring the file") {
      chdf5_H5Fget_file_image(handle.id, nil, 0)
    }
    guard size > Self.openFlags.upperBound else {
      throw WritingError(.library(operation: "measuring the file", stack: []), object: "")
    }
    var address: UnsafeMutableRawPointer?
    _ = try Library.call("reaching the file's memory") {
      // SAFETY: the core driver writes one pointer, the address of its pointer to the memory.
      unsafe chdf5_H5Fget_vfd_handle(handle.id, hid_t(H5P_DEFAULT), &address)
    }
    // SAFETY: the driver's memory holds at least `size` bytes, and stays where it is until the
    // file is written again or closed, which this borrow of the handle rules out.
    guard
      let memory = unsafe address?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self).pointee
    else {
      throw WritingError(.library(operation: "reaching the file's memory", stack: []), object: "")
    }
    let image = unsafe UnsafeMutableRawBufferPointer(start: memory, count: size)
    for offset in Self.openFlags { unsafe image[offset] = 0 }
    return try body(unsafe UnsafeRawBufferPointer(image).bytes)
  }

  /// Where superblock 0 says that the file is open for writing, which only closing it takes back.
  private static let openFlags = 20..<24
}
