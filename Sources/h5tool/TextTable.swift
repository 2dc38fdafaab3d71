/// Tables and sizes for people.
import Keratin

/// Rows in columns as wide as what they hold.
struct TextTable {
  private var rows: [[String]]
  private let isRight: Set<Int>

  init(_ titles: [String], isRight: Set<Int> = []) {
    rows = [titles]
    self.isRight = isRight
  }

  /// - Precondition: as many cells as there are titles.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == rows[0].count)
    rows.append(cells.map(\.shownOnOneLine))
  }

  /// The titles, a rule, and the rows.
  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return isRight.contains(column) ? space + cell : cell + space
      }.joined(separator: "  ").trimmingTrailingSpaces
    }
    lines.insert(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), at: 1)
    return lines.joined(separator: "\n") + "\n"
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}

/// A number of bytes as people read it.
struct ByteCount: CustomStringConvertible {
  let count: Int
  init(_ count: Int) { self.count = count }

  var description: String {
    for (unit, name) in [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")] where count >= unit {
      return "\((Double(count) / Double(unit)).fixed(2)) \(name)"
    }
    return "\(count) bytes"
  }

  /// `2,789,889`
  static func grouped(_ number: Int) -> String {
    var digits = String(number)
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
      place -= 3
    }
    return digits
  }
}
