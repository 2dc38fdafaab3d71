/// Kernels of convolutions as Keras 0 and 1 and Theano stored them.
///
/// Source: `preprocess_weights_for_loading` in `keras/engine/saving.py` of Keras 2.2.4.
public import KerasCheckpoint
import Tensors

extension ConvolutionLayer {
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    guard var kernel = stored.first, let expected = specs.first?.shape else { return stored }
    if origin.dialect == .keras1 { kernel = try ofKeras1(kernel) }
    if origin.turnsKernels, kernel.shape.rank == expected.rank {
      kernel = try kernel.reversed(axes: 0..<Self.spatialRank)
    }
    if kernel.shape.rank == 4, expected.rank == 4, kernel.shape != expected,
      [3, 2, 0, 1].map({ kernel.shape[$0] }) == expected.dimensions
    {
      // What Keras 2 tries where the shape does not fit.
      kernel = try kernel.transposed([3, 2, 0, 1])
    }
    return [kernel] + stored.dropFirst()
  }

  /// The kernel that Keras 1 stored as `[L, 1, C, F]`, before as `[F, C, L, 1]`, and where channels come
  /// first as `[F, C, A, B]`.
  private func ofKeras1(_ kernel: Weight) throws -> Weight {
    let shape = kernel.shape
    switch Self.spatialRank {
    case 1:
      guard shape.rank == 4 else { return kernel }
      let size = convolution.windows.kernelSize[0]
      let isOlder =
        !(shape[0] == size && shape[1] == 1 && shape[3] == convolution.filters) && shape[3] == 1
      let today = isOlder ? try kernel.transposed([2, 3, 1, 0]) : kernel
      guard today.shape[1] == 1 else { return kernel }
      return try today.reshaped([today.shape[0], today.shape[2], today.shape[3]])
    case let rank:
      guard convolution.windows.dataFormat == .channelsFirst, shape.rank == rank + 2 else {
        return kernel
      }
      return try kernel.transposed(Array(2..<rank + 2) + [1, 0])
    }
  }
}

extension TransposedConvolutionLayer {
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    // Older Keras had but this one.
    guard Self.spatialRank == 2, var kernel = stored.first, kernel.shape.rank == 4 else {
      return stored
    }
    if origin.dialect == .keras1 {
      // From `[A, B, C, F]`, and where channels come first from `[F, C, A, B]`.
      let isLast = convolution.windows.dataFormat == .channelsLast
      kernel = try kernel.transposed(isLast ? [0, 1, 3, 2] : [2, 3, 0, 1])
    }
    if origin.turnsKernels { kernel = try kernel.reversed(axes: 0..<2) }
    return [kernel] + stored.dropFirst()
  }
}

extension SeparableConvolutionLayer {
  /// Theano's were turned round before they were used, so that they are stored as everywhere.
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    guard origin.dialect == .keras1, Self.spatialRank == 2,
      convolution.windows.dataFormat == .channelsFirst, stored.count >= 2,
      stored.prefix(2).allSatisfy({ $0.shape.rank == 4 })
    else { return stored }
    // From `[M, C, A, B]` and `[F, C·M, 1, 1]`.
    return try stored.prefix(2).map { try $0.transposed([2, 3, 1, 0]) } + stored.dropFirst(2)
  }
}
