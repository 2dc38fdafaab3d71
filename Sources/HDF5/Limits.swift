/// What a file may make its reader spend: everything that bounds memory and work stands here.
///
/// A file of any content is read within 64 MiB + 4 × its size of memory and a second for each MiB.
/// The mapped file itself is one of the four sizes; metadata and elements share the other three, and
/// 16 MiB are left for the process. Budgets grow with the size of the file alone, never with what the
/// file declares, and no real checkpoint comes near them: its metadata are a fraction of its size, and
/// its weights scarcely compress.
struct Limits: Sendable {
  /// Bytes in the file.
  let fileSize: Int

  /// Metadata decoded and remembered: object headers, link tables, string collections.
  var metadata: Int { (8 << 20).addingClamped(fileSize.multipliedClamped(by: 2)) }

  /// One read and all metadata together: the elements, the buffers that decode them, what is
  /// remembered.
  var memory: Int { (48 << 20).addingClamped(fileSize.multipliedClamped(by: 3)) }

  /// Every object read once: the bound on time where much is declared and little is stored
  /// (fill values, deflate, objects that share their data).
  var allReads: Int { (64 << 20).addingClamped(fileSize.multipliedClamped(by: 48)) }

  /// What one remembered item costs beside the bytes of its name: about the size of the Swift values.
  static let headerCost = 128
  static let messageCost = 24
  static let linkCost = 40
  static let attributeCost = 256
  static let datasetCost = 192
  static let memberCost = 32
  static let heapObjectCost = 32
  static let blockCost = 64

  /// What a chunk costs of `allReads` beside its bytes: its entry in the index, the set-up of filters.
  static let chunkCost = 256

  /// The rank of a dataspace (`H5S_MAX_RANK`).
  static let rank = 32

  /// Filters of one dataset (`H5Z_MAX_NFILTERS`).
  static let filters = 32

  /// Bytes of a name that ends with a NUL.
  static let nameLength = 1 << 16

  /// Members of an enumeration.
  static let members = 256

  /// Bytes that are summed or scanned for one byte of the budget of metadata.
  static let scanShare = 8

  /// Levels of a version 2 B-tree; with two children a node, 2^32 nodes.
  static let treeDepth = 32

  /// Files below this are read into memory instead of mapped: as fast, and a file of this size that
  /// another program truncates while it is open cannot then end the process (SIGBUS).
  static let smallFile = 1 << 20
}
