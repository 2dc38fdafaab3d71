import Tensors

/// What is left when the pickle has ended.
extension PickleReader {
  /// One dimension of lists gives rows; two dimensions of integers, which is what numpy makes of
  /// lists that happen to be equally long, give rows too; one of integers gives a tensor.
  func result() throws -> NumpyArray {
    guard position == bytes.count else { throw fault(.trailingBytes(bytes.count - position)) }
    guard marks.isEmpty, stack == [.array], case .built(let shape, let items) = state else {
      throw unexpected("one complete array", found: stack.last)
    }
    guard shape == self.shape.dimensions else {
      throw fault(.shape(declared: self.shape.dimensions, found: shape))
    }
    let held = lists.isOuter(items) ? lists.rows.count : lists.extent(items).count
    guard self.shape.count == held, (1...2).contains(shape.count) else {
      throw fault(.items(expected: shape, found: held))
    }
    if lists.isOuter(items) {
      guard shape.count == 1 else { throw fault(.nestedLists) }
      return .ragged(try rows())
    }
    let tokens = [Int32](lists.tokens[lists.extent(items)])
    if shape.count == 2 { return .ragged(try equalRows(tokens, count: shape[0], length: shape[1])) }
    return tokens.isEmpty
      ? .ragged(RaggedArray()) : .dense(Tensor(self.shape, tokens))
  }

  /// An integer takes two bytes at least, so only repetition makes more tokens than bytes.
  private func rows() throws -> RaggedArray {
    let limit = bytes.count - start
    let ragged = lists.ragged(limit: limit)
    guard let rows = ragged.rows else {
      throw fault(.repetition(tokens: ragged.tokens, limit: limit))
    }
    return rows
  }

  private func equalRows(_ tokens: [Int32], count: Int, length: Int) throws -> RaggedArray {
    // Empty rows take no byte in the file, so their number has no other limit.
    guard count <= bytes.count else { throw fault(.limit(of: "rows", bytes.count)) }
    return RaggedArray(values: tokens, offsets: (0...count).map { $0 * length })
  }
}
