/// What a file may make its reader spend: everything that bounds memory and work stands here.
///
/// A file of any content is read within 64 MiB + 4 × its size of memory and a second for each MiB.
/// The mapped file itself is one of the four sizes; the budgets below are the others, and together
/// they leave 16 MiB for the process. Budgets grow with the size of the file alone, never with what
/// the file declares, and no real checkpoint comes near them: its metadata are a fraction of its
/// size, and its weights scarcely compress.
struct Limits: Sendable {
  /// Bytes in the file.
  let fileSize: Int

  /// Metadata decoded and remembered: object headers, link tables, string collections.
  var metadata: Int { sum(8 << 20, fileSize) }

  /// One read: the elements and the buffers that decode them.
  var oneRead: Int { sum(40 << 20, fileSize.multipliedReportingOverflow(by: 2)) }

  /// Every object read once: the bound on time where much is declared and little is stored
  /// (fill values, deflate, objects that share their data).
  var allReads: Int { sum(128 << 20, fileSize.multipliedReportingOverflow(by: 64)) }

  /// What one remembered item costs beside the bytes of its name: the sizes of the Swift values.
  static let messageCost = 24
  static let linkCost = 64
  static let attributeCost = 128
  static let memberCost = 32
  static let heapObjectCost = 32
  static let blockCost = 64

  /// The rank of a dataspace (`H5S_MAX_RANK`).
  static let rank = 32

  /// Filters of one dataset (`H5Z_MAX_NFILTERS`).
  static let filters = 32

  /// Levels of a version 2 B-tree; with two children a node, 2^32 nodes.
  static let treeDepth = 32

  /// Files below this are read into memory instead of mapped: as fast, and a file of this size that
  /// another program truncates while it is open cannot then end the process (SIGBUS).
  static let smallFile = 1 << 20

  private func sum(_ fixed: Int, _ part: Int) -> Int {
    let (total, overflow) = fixed.addingReportingOverflow(part)
    return overflow ? .max : total
  }

  private func sum(_ fixed: Int, _ part: (partialValue: Int, overflow: Bool)) -> Int {
    part.overflow ? .max : sum(fixed, part.partialValue)
  }
}
