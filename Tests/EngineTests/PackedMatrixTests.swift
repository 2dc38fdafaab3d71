import Kernels
import Testing

@Suite struct PackedMatrixTests {
  /// The tiles that this processor can run.
  static let lanes = [16, 8].filter { $0 <= PackedMatrix.lanes }

  /// Every height that a tile can be left with, and widths and depths around those of tiles and of
  /// what is multiplied at once.
  @Test(arguments: lanes, 1...16)
  func `Products in tiles are the sums of their terms`(lanes: Int, rows: Int) throws {
    for (columns, depth) in [(1, 1), (15, 3), (16, 256), (17, 257), (33, 5), (64, 600), (47, 40)] {
      var generator = SeededGenerator(UInt64(rows * 1000 + columns))
      func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.unit() - 0.5) } }
      let (a, b, start) = (draw(rows * depth), draw(depth * columns), draw(rows * columns))
      for accumulate in [false, true] {
        let found = try product(a, b, start, rows, columns, depth, lanes, accumulate)
        var expected = [Double](repeating: 0, count: rows * columns)
        for i in 0..<rows {
          for j in 0..<columns {
            var sum = accumulate ? Double(start[i * columns + j]) : 0
            for k in 0..<depth { sum += Double(a[i * depth + k]) * Double(b[k * columns + j]) }
            expected[i * columns + j] = sum
          }
        }
        // Up to 600 terms of size up to 1/4, summed in float32.
        expectClose(
          found.map(Double.init), expected, tolerance: 1e-5, "\(rows) × \(depth) × \(columns)")
      }
    }
  }

  @Test(arguments: lanes)
  func `Equal rows have equal products to the bit`(lanes: Int) throws {
    let (rows, columns, depth) = (61, 40, 700)
    var generator = SeededGenerator(5)
    let row = (0..<depth).map { _ in Float(generator.unit() - 0.5) }
    let b = (0..<depth * columns).map { _ in Float(generator.unit() - 0.5) }
    let start = [Float](repeating: 0, count: rows * columns)
    let found = try product(
      Array((0..<rows).map { _ in row }.joined()), b, start, rows, columns, depth, lanes, false)
    for i in 1..<rows {
      #expect(found[i * columns..<(i + 1) * columns].elementsEqual(found[..<columns]), "row \(i)")
    }
  }

  private func product(
    _ a: [Float], _ b: [Float], _ start: [Float], _ rows: Int, _ columns: Int, _ depth: Int,
    _ lanes: Int, _ accumulate: Bool
  ) throws -> [Float] {
    func memory(_ values: [Float]) -> Memory {
      let memory = Memory(count: values.count)
      memory.buffer(0..<values.count).store(values)
      return memory
    }
    let (left, right, result) = (memory(a), memory(b), memory(start))
    let scratch = Memory(count: PackedMatrix.count(rows: depth, columns: columns))
    let packed = try #require(
      PackedMatrix(
        Matrix(right.buffer(0..<b.count), rows: depth, columns: columns),
        into: scratch.buffer(0..<scratch.count), threads: 1, lanes: lanes))
    packed.multiply(
      StridedRows(left.buffer(0..<a.count), height: rows, width: depth, rowStride: depth),
      into: Matrix(result.buffer(0..<start.count), rows: rows, columns: columns),
      accumulate: accumulate)
    return result.buffer(0..<start.count).floatArray
  }
}
