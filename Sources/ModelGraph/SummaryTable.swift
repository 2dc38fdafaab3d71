/// A table of boxes, laid out as the library `rich` lays out the one of Keras.

struct SummaryTable {
  struct Column {
    let title: String
    /// Where the column ends, as a part of the whole.
    let end: Double
    let isRight: Bool

    init(_ title: String, until end: Double, isRight: Bool = false) {
      self.title = title
      self.end = end
      self.isRight = isRight
    }
  }

  private let columns: [Column]
  /// The width of each column with a space on each side.
  private let widths: [Int]

  init(_ columns: [Column], width: Int) {
    self.columns = columns
    var start = 0
    let wanted = columns.map { column in
      let end = Int(column.end * Double(width))
      defer { start = end }
      return end - start + 2
    }
    widths = Self.reduce(wanted, to: width - columns.count - 1)
  }

  /// Takes what is too much from all columns alike, the rest from the last; a half to the even.
  private static func reduce(_ widths: [Int], to total: Int) -> [Int] {
    var excess = widths.reduce(0, +) - total
    guard excess > 0 else { return widths }
    return widths.enumerated().map { place, width in
      let share = Double(excess) / Double(widths.count - place)
      let taken = min(width - 3, Int(share.rounded(.toNearestOrEven)))
      excess -= taken
      return width - taken
    }
  }

  func lines(_ rows: [[String]]) -> [String] {
    var lines = [rule("┏", "━", "┳", "┓")]
    lines += cells(columns.map(\.title), bar: "┃")
    lines.append(rule("┡", "━", "╇", "┩"))
    for (place, row) in rows.enumerated() {
      if place > 0 { lines.append(rule("├", "─", "┼", "┤")) }
      lines += cells(row, bar: "│")
    }
    lines.append(rule("└", "─", "┴", "┘"))
    return lines
  }

  private func rule(_ left: String, _ line: String, _ joint: String, _ right: String) -> String {
    left + widths.map { String(repeating: line, count: $0) }.joined(separator: joint) + right
  }

  private func cells(_ texts: [String], bar: String) -> [String] {
    let wrapped = zip(texts, widths).map { Self.wrap($0, $1 - 2) }
    let height = wrapped.map(\.count).max() ?? 0
    return (0..<height).map { line in
      let cells = columns.indices.map { column in
        let text = line < wrapped[column].count ? wrapped[column][line] : ""
        let space = String(repeating: " ", count: max(0, widths[column] - 2 - text.count))
        return columns[column].isRight ? " \(space)\(text) " : " \(text)\(space) "
      }
      return bar + cells.joined(separator: bar) + bar
    }
  }

  /// Breaks a text between words; a word that is too long for a line is cut.
  private static func wrap(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    var current = ""
    for word in text.split(separator: " ") {
      if current.isEmpty {
        current = String(word)
      } else if current.count + 1 + word.count <= width {
        current += " " + word
      } else {
        lines.append(current)
        current = String(word)
      }
    }
    lines.append(current)
    return lines.map { $0.count > width ? $0.prefix(width - 1) + "…" : $0 }
  }
}
