public import Tensors

/// An array as numpy stores it: numbers of one shape, or lists of integers of different lengths.
public enum NumpyArray: Sendable, Equatable {
  case dense(Tensor)
  case ragged(RaggedArray)

  /// The number of samples: the extent of the first axis, 1 for a scalar.
  public var sampleCount: Int {
    switch self {
    case .dense(let tensor): tensor.shape.dimensions.first ?? 1
    case .ragged(let rows): rows.count
    }
  }

  /// The array as a tensor: a dense one as it is, rows padded before and cut before to `maxlen`, or
  /// to the longest of them, as `pad_sequences` does.
  public func tensor(maxlen: Int? = nil) throws -> Tensor {
    switch self {
    case .dense(let tensor): tensor
    case .ragged(let rows): try padSequences(rows, maxlen: maxlen)
    }
  }
}
