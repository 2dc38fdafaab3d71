/// Rows of integers of different lengths, such as the token ids of reviews: one array of all the
/// values, and where each row begins in it.
///
///     let rows = RaggedArray([[1, 14, 22], [1, 16]])
///     rows[1]        // [1, 16]
///     rows.values    // [1, 14, 22, 1, 16]
public struct RaggedArray: Sendable, Equatable {
  /// The values of all rows, one row after the other.
  public private(set) var values: [Int32]

  /// Row `i` is `values[offsets[i]..<offsets[i + 1]]`; one entry more than there are rows.
  public private(set) var offsets: [Int]

  /// No rows.
  public init() {
    values = []
    offsets = [0]
  }

  public init(_ rows: [[Int32]]) {
    self.init()
    reserveCapacity(rows: rows.count, values: rows.reduce(0) { $0 + $1.count })
    for row in rows { append(row) }
  }

  /// - Precondition: `offsets` begins with 0, never falls and ends with the count of values.
  init(values: [Int32], offsets: [Int]) {
    precondition(offsets.first == 0 && offsets.last == values.count)
    self.values = values
    self.offsets = offsets
  }

  /// Adds a row at the end.
  public mutating func append(_ row: some Sequence<Int32>) {
    values.append(contentsOf: row)
    offsets.append(values.count)
  }

  mutating func reserveCapacity(rows: Int, values: Int) {
    offsets.reserveCapacity(rows + 1)
    self.values.reserveCapacity(values)
  }

  /// The length of the longest row; 0 without rows.
  public var longest: Int {
    indices.reduce(0) { Swift.max($0, offsets[$1 + 1] - offsets[$1]) }
  }
}

extension RaggedArray: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { offsets.count - 1 }

  /// The row at this position.
  ///
  /// - Precondition: there is such a row.
  public subscript(row: Int) -> ArraySlice<Int32> { values[offsets[row]..<offsets[row + 1]] }
}
