/// Sums of products over named axes, by matrix products.
import Tensors

/// `z[C…] = Σ x[A…] · y[B…]` over the letters of either operand that the result does not have, such as
/// `ab,bc->ac` for a matrix product. Each letter is an axis, and stands once in a term.
public struct Einsum: Sendable, Hashable {
  public let left: [Character]
  public let right: [Character]
  public let result: [Character]

  /// Letters of both operands and the result, of both operands alone, and of one operand and the result.
  private let batch: [Character]
  private let inner: [Character]
  private let rows: [Character]
  private let columns: [Character]

  /// Nil where a letter stands twice in a term, or the result has one that no operand has.
  public init?(_ left: [Character], _ right: [Character], to result: [Character]) {
    let (a, b, c) = (Set(left), Set(right), Set(result))
    guard a.count == left.count, b.count == right.count, c.count == result.count,
      c.isSubset(of: a.union(b))
    else { return nil }
    self.left = left
    self.right = right
    self.result = result
    batch = result.filter { a.contains($0) && b.contains($0) }
    inner = right.filter { a.contains($0) && !c.contains($0) }
    rows = result.filter { !b.contains($0) }
    columns = result.filter { !a.contains($0) }
  }

  /// Whether the columns of the product of matrices are the last axes of the result, as they lie.
  public var columnsAreLast: Bool {
    batch.isEmpty && Array(result.suffix(columns.count)) == columns
  }

  /// - Parameter bias: is added to each row of the product of matrices.
  /// - Throws: `EngineError` where ranks or extents do not fit.
  /// - Precondition: where there is a bias, the columns are last.
  public func callAsFunction(
    _ x: Value, _ y: Value, bias: Value? = nil
  ) throws(EngineError) -> Value {
    precondition(bias == nil || columnsAreLast, "a bias of columns that are not the last axes")
    let extents = try extents(x, y)
    func count(_ letters: [Character]) -> Int { letters.reduce(1) { $0 * (extents[$1] ?? 1) } }
    let (n, i, k, j) = (count(batch), count(rows), count(inner), count(columns))
    // A product over the axes of one operand alone is one with their sum.
    let a = try x.summed(left, keeping: batch + rows + inner)
    let b = try y.summed(right, keeping: batch + columns + inner)
    let swapped = batch + columns + rows == result && !rows.isEmpty && !columns.isEmpty
    var product: Value
    if batch.isEmpty {
      let (one, isTurned) = try a.value.matrix(a.letters, rows, inner)
      let (other, isLying) = try b.value.matrix(b.letters, inner, columns)
      let m = try one.reshaped(isTurned ? [k, i] : [i, k])
      let w = try other.reshaped(isLying ? [j, k] : [k, j])
      product = try m.matmul(w, transposeA: isTurned, transposeB: isLying)
      if let bias { product = try product + bias }
    } else {
      let (one, isTurned) = try a.value.matrix(a.letters, rows, inner, behind: batch)
      let (other, isLying) = try b.value.matrix(b.letters, inner, columns, behind: batch)
      let m = try one.reshaped(isTurned ? [n, k, i] : [n, i, k])
      let w = try other.reshaped(isLying ? [n, j, k] : [n, k, j])
      product =
        swapped
        ? try w.batchMatmul(m, transposeA: !isLying, transposeB: !isTurned)
        : try m.batchMatmul(w, transposeA: isTurned, transposeB: isLying)
    }
    let letters = batch + (swapped && !batch.isEmpty ? columns + rows : rows + columns)
    let wide = try product.reshaped(Shape(letters.map { extents[$0] ?? 1 }))
    return try wide.transposed(result.map { letters.firstIndex(of: $0) ?? 0 })
  }

  /// The extent of each letter.
  private func extents(_ x: Value, _ y: Value) throws(EngineError) -> [Character: Int] {
    var extents: [Character: Int] = [:]
    for (letters, value) in [(left, x), (right, y)] {
      guard letters.count == value.rank else { throw mismatch(x, y) }
      for (letter, extent) in zip(letters, value.shape.dimensions) {
        guard extents[letter] == nil || extents[letter] == extent else { throw mismatch(x, y) }
        extents[letter] = extent
      }
    }
    return extents
  }

  private func mismatch(_ x: Value, _ y: Value) -> EngineError {
    EngineError(
      .operandTypes(
        op: "einsum", found: [x.type, y.type],
        expected: "operands of \(String(left)),\(String(right))->\(String(result))"))
  }
}

extension Value {
  /// The sum over the axes whose letters are not kept, and the letters of those that are.
  fileprivate func summed(
    _ letters: [Character], keeping kept: [Character]
  ) throws(EngineError) -> (value: Value, letters: [Character]) {
    let axes = letters.indices.filter { !kept.contains(letters[$0]) }
    guard !axes.isEmpty else { return (self, letters) }
    return (try sum(axes: axes), letters.filter(kept.contains))
  }

  /// The axes in the order of a matrix of `rows` and `columns`, or of its transpose where they lie so.
  fileprivate func matrix(
    _ letters: [Character], _ rows: [Character], _ columns: [Character],
    behind batch: [Character] = []
  ) throws(EngineError) -> (value: Value, isTransposed: Bool) {
    if letters == batch + columns + rows, !rows.isEmpty, !columns.isEmpty { return (self, true) }
    let order = (batch + rows + columns).map { letters.firstIndex(of: $0) ?? 0 }
    return (try transposed(order), false)
  }
}
