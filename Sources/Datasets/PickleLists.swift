/// The lists of a pickle: at most one list of lists, all others lists of integers.
///
/// A pickler completes a list before it begins the next, so all integers lie in one array in the
/// order in which they come, and a list is a place to begin in it. A list that grows later is
/// refused; keeping it would take copies that a hostile file could make quadratic.
struct PickleLists {
  private(set) var tokens: [Int32] = []
  private var starts: [UInt32] = []
  /// The list that holds lists.
  private var outer: UInt32?
  /// The lists that `outer` holds.
  private(set) var rows: [UInt32] = []

  var count: Int { starts.count }

  mutating func begin() -> UInt32 {
    starts.append(UInt32(truncatingIfNeeded: tokens.count))
    return UInt32(truncatingIfNeeded: starts.count - 1)
  }

  /// The places in `tokens` of this list's integers.
  func extent(_ list: UInt32) -> Range<Int> {
    let next = Int(list) + 1
    return Int(starts[Int(list)])..<(next < starts.count ? Int(starts[next]) : tokens.count)
  }

  func isOuter(_ list: UInt32) -> Bool { list == outer }

  /// Adds one item to a list, or says why that cannot be.
  mutating func append(_ item: PickleValue, to list: UInt32) -> DatasetsError.PickleFault? {
    switch item {
    case .int(let value):
      guard list != outer else { return .rowItem(found: "integers beside lists") }
      guard Int(list) == starts.count - 1 else { return .interleavedLists }
      tokens.append(value)
    case .list(let row):
      if outer == nil, extent(list).isEmpty { outer = list }
      guard list == outer else {
        return extent(list).isEmpty ? .nestedLists : .rowItem(found: "lists beside integers")
      }
      guard row != outer else { return .nestedLists }
      rows.append(row)
    default:
      return .rowItem(found: item.name)
    }
    return nil
  }

  /// The rows of the list of lists, each as often as it is held; nil where they come to more than
  /// `limit` tokens.
  func ragged(limit: Int) -> (rows: RaggedArray?, tokens: Int) {
    let total = rows.reduce(0) { $0 + extent($1).count }
    guard total <= limit else { return (nil, total) }
    if let inOrder = raggedInOrder(total: total) { return (inOrder, total) }
    var ragged = RaggedArray()
    ragged.reserveCapacity(rows: rows.count, values: total)
    for row in rows { ragged.append(tokens[extent(row)]) }
    return (ragged, total)
  }

  /// The rows without a copy, where each list is held once and in order, as it nearly always is.
  private func raggedInOrder(total: Int) -> RaggedArray? {
    guard total == tokens.count, let first = rows.first else { return nil }
    for (place, row) in rows.enumerated() where Int(row) != Int(first) + place { return nil }
    return RaggedArray(
      values: tokens, offsets: rows.map { Int(starts[Int($0)]) } + [tokens.count])
  }
}
