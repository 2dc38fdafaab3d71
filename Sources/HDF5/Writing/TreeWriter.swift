internal import CHDF5
import Tensors

/// Writes a described tree into an open file, depth first: a group, its attributes, then each child.
/// This is the order of Keras's own calls, so the file comes out as Keras's does.
///
/// Names go to the library under its default character set, ASCII, whatever they are: a symbol table
/// has no place for another, so it would turn the group into the form of a later format. h5py does
/// so for the paths of datasets, and every reader takes names for UTF-8.
struct TreeWriter: ~Copyable {
  private let datasetCreation: Handle

  init() throws(WritingError) {
    let datasetCreation = try Handle("creating a property list") {
      // SAFETY: Swift holds the name for the call.
      unsafe chdf5_H5Pcreate(chdf5_variable("H5P_CLS_DATASET_CREATE_ID_g"))
    }
    // As h5py: without the time of the change, so that equal content gives equal bytes.
    _ = try Library.call("choosing not to store times") {
      chdf5_H5Pset_obj_track_times(datasetCreation.id, false)
    }
    self.datasetCreation = datasetCreation
  }

  /// Fills an existing group, such as the root of a new file.
  func fill(
    _ handle: borrowing Handle, with group: GroupContent, path: String = "", depth: Int = 0
  ) throws(WritingError) {
    guard depth <= GroupContent.maximumDepth else {
      throw WritingError(.tooDeep(limit: GroupContent.maximumDepth), object: path)
    }
    try write(group.attributes, on: handle, path: path)
    var names: Set<String> = []
    for (name, node) in group.children {
      let path = path.isEmpty ? name : "\(path)/\(name)"
      guard Self.isLinkName(name) else { throw WritingError(.invalidName(name), object: path) }
      guard names.insert(name).inserted else { throw WritingError(.nameTaken, object: path) }
      switch node {
      case .group(let group):
        let child = try create(group: name, in: handle, path: path)
        try fill(child, with: group, path: path, depth: depth + 1)
      case .dataset(let dataset):
        try write(dataset, named: name, in: handle, path: path)
      }
    }
  }

  private func create(
    group name: String, in parent: borrowing Handle, path: String
  ) throws(WritingError) -> Handle {
    let parent = parent.id
    do {
      return try Handle("creating a group") {
        // SAFETY: Swift holds the name for the call.
        unsafe chdf5_H5Gcreate2(
          parent, name, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
      }
    } catch {
      throw error.located(at: path)
    }
  }

  private func write(
    _ dataset: DatasetContent, named name: String, in parent: borrowing Handle, path: String
  ) throws(WritingError) {
    let (parent, creation) = (parent.id, datasetCreation.id)
    let tensor = dataset.tensor
    do {
      let type = try StoredType.element(tensor.dtype)
      let space = try Handle.space(of: tensor.shape)
      let handle = try Handle("creating a dataset") {
        // SAFETY: Swift holds the name for the call.
        unsafe chdf5_H5Dcreate2(
          parent, name, type.id, space.id, hid_t(H5P_DEFAULT), creation, hid_t(H5P_DEFAULT))
      }
      if tensor.count > 0 {
        try tensor.scalars.withBytes { bytes throws(WritingError) in
          let (handle, type) = (handle.id, type.id)
          _ = try Library.call("writing a dataset") {
            // SAFETY: the library reads `count` elements of this very type, the tensor's invariant
            // and the length of `bytes`, which outlive the call.
            unsafe bytes.withUnsafeBytes {
              unsafe chdf5_H5Dwrite(
                handle, type, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), $0.baseAddress)
            }
          }
        }
      }
      try write(dataset.attributes, on: handle, path: path)
    } catch {
      throw error.located(at: path)
    }
  }

  private func write(
    _ attributes: [AttributeContent], on object: borrowing Handle, path: String
  ) throws(WritingError) {
    var names: Set<String> = []
    for attribute in attributes {
      let name = attribute.name
      guard !name.isEmpty, !name.utf8.contains(0) else {
        throw WritingError(.invalidName(name), object: path)
      }
      guard names.insert(name).inserted else {
        throw WritingError(.nameTaken, object: "\(path)@\(name)")
      }
      do {
        try attribute.write(on: object)
      } catch {
        throw error.located(at: path.isEmpty ? "/" : path)
      }
    }
  }

  private static func isLinkName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
  }
}

extension Handle {
  /// The dataspace of a shape; that of no axes is the scalar one.
  static func space(of shape: Shape) throws(WritingError) -> Handle {
    try Handle("creating a dataspace") {
      if shape.rank == 0 { return chdf5_H5Screate(H5S_SCALAR) }
      let extents = shape.dimensions.map { hsize_t($0) }
      // SAFETY: the library reads `rank` extents of an array that outlives the call.
      return unsafe chdf5_H5Screate_simple(Int32(shape.rank), extents, nil)
    }
  }
}

extension Scalars {
  /// Calls `body` with the elements as they lie in memory, row-major and little-endian.
  func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: a span's bytes are unsafe where elements have padding; numbers have none.
    switch self {
    case .bool(let elements): try unsafe body(elements.span.bytes)
    case .int8(let elements): try unsafe body(elements.span.bytes)
    case .int16(let elements): try unsafe body(elements.span.bytes)
    case .int32(let elements): try unsafe body(elements.span.bytes)
    case .int64(let elements): try unsafe body(elements.span.bytes)
    case .uint8(let elements): try unsafe body(elements.span.bytes)
    case .uint16(let elements): try unsafe body(elements.span.bytes)
    case .uint32(let elements): try unsafe body(elements.span.bytes)
    case .uint64(let elements): try unsafe body(elements.span.bytes)
    case .float16(let elements): try unsafe body(elements.span.bytes)
    case .bfloat16(let elements): try unsafe body(elements.span.bytes)
    case .float32(let elements): try unsafe body(elements.span.bytes)
    case .float64(let elements): try unsafe body(elements.span.bytes)
    }
  }
}
