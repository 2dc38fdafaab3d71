/// Printing a summary as Keras prints it.

extension Summary {
  /// The table and the totals, as `model.summary()` of Keras 3 prints them in a terminal.
  public var text: String { text(width: 80) }

  /// - Parameter width: the columns of the terminal.
  public func text(width: Int) -> String {
    var columns = [
      SummaryTable.Column("Layer (type)", until: 0.45),
      .init("Output Shape", until: 0.80),
      .init("Param #", until: 1, isRight: true),
    ]
    if showsConnections {
      columns = [
        .init("Layer (type)", until: 0.3), .init("Output Shape", until: 0.56),
        .init("Param #", until: 0.74, isRight: true), .init("Connected to", until: 1),
      ]
    }
    // Keras leaves four columns of the terminal free, and does not use more than these.
    let table = SummaryTable(columns, width: max(40, min(showsConnections ? 108 : 88, width - 4)))
    let cells = rows.map { row in
      [row.title, row.shapes, row.parameters]
        + (showsConnections
          ? [row.connections.isEmpty ? "-" : row.connections.joined(separator: ", ")] : [])
    }
    var lines = ["Model: \"\(name)\""] + table.lines(cells)
    lines.append(" Total params: \(total)")
    lines.append(" Trainable params: \(trainable)")
    lines.append(" Non-trainable params: \(nonTrainable)")
    if let optimizer { lines.append(" Optimizer params: \(optimizer)") }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Summary: CustomStringConvertible {
  public var description: String { text }
}

extension Summary.Row {
  fileprivate var title: String { "\(name) (\(className))" }

  fileprivate var shapes: String {
    guard isSupported else { return "not supported yet" }
    guard let outputShapes else { return "?" }
    let texts = outputShapes.map(\.description)
    // Keras prints a tuple of tuples for a layer with several results.
    return texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
  }

  fileprivate var parameters: String { parameterCount.map(grouped) ?? "0 (unbuilt)" }
}

extension Summary.Size: CustomStringConvertible {
  /// `2,789,889 (10.64 MB)`
  public var description: String {
    let units = ["B", "KB", "MB", "GB", "TB", "PB"]
    var unit = 0
    var divisor = 1
    while unit < units.count - 1, bytes / divisor >= 1024 {
      divisor *= 1024
      unit += 1
    }
    // Hundredths, half to even, as Python rounds an exact half.
    let (whole, rest) = (bytes / divisor * 100, bytes % divisor * 100)
    var hundredths = whole + rest / divisor
    let remainder = rest % divisor
    if 2 * remainder > divisor || 2 * remainder == divisor && !hundredths.isMultiple(of: 2) {
      hundredths += 1
    }
    let decimals = hundredths % 100
    return "\(grouped(count)) "
      + "(\(hundredths / 100).\(decimals < 10 ? "0" : "")\(decimals) \(units[unit]))"
  }
}

/// A count with a comma between thousands.
private func grouped(_ count: Int) -> String {
  var text = ""
  for (place, digit) in String(count).reversed().enumerated() {
    if place > 0, place.isMultiple(of: 3) { text += "," }
    text.append(digit)
  }
  return String(text.reversed())
}
