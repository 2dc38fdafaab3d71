/// Functions of two or three operands that broadcast together as numpy's do.
internal import CKernels

/// The steps through the operands of a broadcast operation: a nest of loops with as few levels as
/// the shapes allow. Axes along which every operand goes on, or every operand repeats, are one level.
/// Equal shapes give one level; a bias or one number per row gives two.
struct BroadcastLoops {
  /// The extents of the levels before the last two, outermost first.
  private(set) var outer: [Int] = []
  private(set) var rows = 1
  private(set) var columns = 1
  /// Strides by operand and level; 0 where the operand repeats. Of operands that broadcast, the last
  /// level's are 0 or 1.
  private(set) var strides: [[Int]]

  /// - Precondition: the operands broadcast to `shape`.
  init(_ operands: [[Int]], to shape: [Int]) {
    let strides = operands.map { operand in
      var strides = [Int](repeating: 0, count: shape.count)
      var step = 1
      let leading = shape.count - operand.count
      precondition(leading >= 0, "an operand of higher rank than the result")
      for axis in operand.indices.reversed() where operand[axis] != 1 {
        precondition(operand[axis] == shape[leading + axis], "operands that do not broadcast")
        strides[leading + axis] = step
        step *= operand[axis]
      }
      return strides
    }
    self.init(extents: shape, strides: strides)
  }

  /// Steps through operands with the given strides along the axes of the result.
  init(extents: [Int], strides axisStrides: [[Int]]) {
    // From the innermost level out; reversed at the end.
    var levels: [Int] = []
    strides = .init(repeating: [], count: axisStrides.count)
    for axis in extents.indices.reversed() where extents[axis] != 1 {
      let continues =
        !levels.isEmpty
        && axisStrides.indices.allSatisfy {
          axisStrides[$0][axis] == (strides[$0].last ?? 0) * (levels.last ?? 0)
        }
      if continues {
        levels[levels.count - 1] *= extents[axis]
      } else {
        levels.append(extents[axis])
        for index in strides.indices { strides[index].append(axisStrides[index][axis]) }
      }
    }
    while levels.count < 2 {
      levels.append(1)
      for index in strides.indices { strides[index].append(0) }
    }
    columns = levels[0]
    rows = levels[1]
    outer = levels[2...].reversed()
    strides = strides.map { $0.reversed() }
  }

  func rowStride(_ operand: Int) -> Int { strides[operand][strides[operand].count - 2] }
  func columnStride(_ operand: Int) -> Int { strides[operand][strides[operand].count - 1] }

  /// The runs of rows that `threads` threads work on: calls `body` with the first element of each
  /// operand and of the result, and the numbers of rows and columns.
  func forEachRun(
    threads: Int,
    _ body:
      @Sendable (_ operands: [Int], _ result: Int, _ rows: Int, _ columns: Int)
      -> Void
  ) {
    let runs = outer.reduce(1, *)
    let threads = threads.worthwhile(runs * rows * columns)
    if runs > 1 {
      parallel(runs, threads: threads) { range in
        for run in range { body(starts(run), run * rows * columns, rows, columns) }
      }
    } else if rows >= threads {
      parallel(rows, threads: threads) { range in
        body(
          strides.indices.map { range.lowerBound * rowStride($0) }, range.lowerBound * columns,
          range.count, columns)
      }
    } else {
      parallel(columns, threads: rows == 1 ? threads : 1, multiple: 16) { range in
        body(
          strides.indices.map { range.lowerBound * columnStride($0) }, range.lowerBound, rows,
          range.count)
      }
    }
  }

  /// The operands' first elements in the `run`-th turn of the outer levels.
  private func starts(_ run: Int) -> [Int] {
    var rest = run
    var starts = strides.map { _ in 0 }
    for level in outer.indices.reversed() {
      let position = rest % outer[level]
      rest /= outer[level]
      for index in strides.indices { starts[index] += position * strides[index][level] }
    }
    return starts
  }

  /// The operand `index` in rows, from element `start` on.
  func rows(_ index: Int, of buffer: Buffer, from start: Int) -> kt_rows {
    // SAFETY: `start` is an element of the buffer, by the strides' construction from its shape.
    unsafe kt_rows(
      elements: buffer.floats + start, row_stride: rowStride(index),
      column_stride: columnStride(index))
  }
}

/// A C loop for a function of two numbers, found by name in the one table of them, `binary.c`.
package struct BinaryLoop: Sendable, Hashable {
  package let name: String
  private let code: Int

  /// The loop named `name`, or nil where the table has none.
  package init?(named name: String) {
    guard let code = Self.names.firstIndex(of: name) else { return nil }
    self.name = name
    self.code = code
  }

  /// All names in the table.
  package static let names: [String] = (0..<kt_binary_count()).map { code in
    // SAFETY: the code is below the count; the name is a string literal.
    unsafe String(cString: kt_binary_name(code))
  }

  /// `result = f(a, b)` with both operands broadcast to `shape`. The result may be the buffer of an
  /// operand of the same count. Where one thread does it all and b is a row or like a, as in most small
  /// programs, the loops are plain, and no time goes into finding them.
  ///
  /// - Precondition: the shapes broadcast to `shape`, and the buffers hold them.
  package func values(
    of a: Buffer, _ aShape: [Int], _ b: Buffer, _ bShape: [Int], into result: Buffer,
    _ shape: [Int], threads: Int
  ) {
    precondition(
      a.count == aShape.reduce(1, *) && b.count == bShape.reduce(1, *)
        && result.count == shape.reduce(1, *), "\(name) of operands that do not fill their shapes")
    guard result.count > 0 else { return }
    if threads.worthwhile(result.count) == 1, aShape == shape {
      if b.count == 1 || bShape == shape {
        // SAFETY: the result and a have `result.count` elements, b as many or the one that repeats.
        return unsafe kt_binary(
          code, kt_rows(elements: a.floats, row_stride: 0, column_stride: 1),
          kt_rows(elements: b.floats, row_stride: 0, column_stride: b.count == 1 ? 0 : 1),
          result.floats, 1, result.count)
      }
      if shape.suffix(bShape.count).elementsEqual(bShape) {
        // SAFETY: b is a row, and the result and a have as many of its length as the result has room for.
        return unsafe kt_binary(
          code, kt_rows(elements: a.floats, row_stride: b.count, column_stride: 1),
          kt_rows(elements: b.floats, row_stride: 0, column_stride: 1),
          result.floats, result.count / b.count, b.count)
      }
    }
    let loops = BroadcastLoops([aShape, bShape], to: shape)
    loops.forEachRun(threads: threads) { starts, first, rows, columns in
      // SAFETY: the loops stay within the operands' shapes, whose counts were checked above.
      unsafe kt_binary(
        code, loops.rows(0, of: a, from: starts[0]), loops.rows(1, of: b, from: starts[1]),
        result.floats + first, rows, columns)
    }
  }
}

/// `result = mask ≠ 0 ? a : b`, all three broadcast to `shape`. The result may be the buffer of an
/// operand of the same count.
///
/// - Precondition: the shapes broadcast to `shape`, and the buffers hold them.
package func select(
  _ operands: [Buffer], _ shapes: [[Int]], into result: Buffer, _ shape: [Int], threads: Int
) {
  precondition(
    operands.count == 3 && shapes.count == 3 && result.count == shape.reduce(1, *)
      && zip(operands, shapes).allSatisfy { $0.count == $1.reduce(1, *) },
    "a selection from operands that do not fill their shapes")
  guard result.count > 0 else { return }
  let loops = BroadcastLoops(shapes, to: shape)
  loops.forEachRun(threads: threads) { starts, first, rows, columns in
    // SAFETY: the loops stay within the operands' shapes, whose counts were checked above.
    unsafe kt_select(
      loops.rows(0, of: operands[0], from: starts[0]),
      loops.rows(1, of: operands[1], from: starts[1]),
      loops.rows(2, of: operands[2], from: starts[2]), result.floats + first, rows, columns)
  }
}
