/// Weights of recurrent layers as Keras 0 and 1 and the layers for cuDNN stored them.
///
/// Source: `preprocess_weights_for_loading` and `_convert_rnn_weights` in
/// `tf_keras/src/saving/legacy/hdf5_format.py` (tf_keras 2.21.0).
public import KerasCheckpoint
import Kernels
import Tensors

extension LSTM {
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    // Keras 1 kept kernel, recurrent kernel and bias of each gate apart, in the order i, c, f, o.
    if origin.dialect == .keras1, stored.count == 12 {
      return try joinedGates(stored, [0, 2, 1, 3])
    }
    guard cell.isOfCuDNN(stored, width: 8 * cell.options.units) else { return stored }
    // cuDNN's step has a bias for the input and one for the state, which are only ever added.
    let bias = try stored[2].tensor().scalars.floats
    let width = bias.count / 2
    let sums = (0..<width).map { bias[$0] + bias[$0 + width] }
    return try cell.gatesOfCuDNN(stored) + [
      Weight(name: stored[2].name, tensor: Tensor([width], sums))
    ]
  }
}

extension GRU {
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    if origin.dialect == .keras1, stored.count == 9 { return try joinedGates(stored, [0, 1, 2]) }
    let units = cell.options.units
    guard cell.isOfCuDNN(stored, width: 6 * units) else { return stored }
    guard cell.resetAfter else {
      throw ModelGraphError(
        .unsupportedOption(value: "the weights of a CuDNNGRU in a GRU without reset_after"))
    }
    return try cell.gatesOfCuDNN(stored) + [stored[2].reshaped([2, 3 * units])]
  }
}

extension ConvLSTM2D {
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    var weights = stored
    if origin.dialect == .keras1, stored.count == 12 {
      let isFirst = cell.windows.dataFormat == .channelsFirst
      // From `[F, C, A, B]`.
      let last = try stored.map {
        isFirst && $0.shape.rank == 4 ? try $0.transposed([2, 3, 1, 0]) : $0
      }
      weights = try joinedGates(last, [0, 2, 1, 3])
    }
    guard origin.turnsKernels, weights.count >= 2 else { return weights }
    return try weights.prefix(2).map {
      $0.shape.rank == 4 ? try $0.reversed(axes: 0..<2) : $0
    } + weights.dropFirst(2)
  }
}

extension RecurrentLayer {
  /// Kernel, recurrent kernel and bias of all gates, from those of each.
  fileprivate func joinedGates(_ stored: [Weight], _ order: [Int]) throws -> [Weight] {
    var joined: [Weight] = []
    for kind in 0..<3 {
      guard let weight = try Weight.joined(order.map { stored[3 * $0 + kind] }) else {
        return stored
      }
      joined.append(weight)
    }
    return joined
  }
}

extension UnitCellLayer {
  /// Whether the weights are those of a layer for cuDNN, whose bias has that width.
  fileprivate func isOfCuDNN(_ stored: [Weight], width: Int) -> Bool {
    guard stored.count == 3, stored[2].shape == [width] else { return false }
    let gates = kind.gates * options.units
    return stored[0].shape.rank == 2 && stored[0].shape[1] == gates
      && stored[1].shape == [options.units, gates]
  }

  /// Kernel and recurrent kernel from those for cuDNN, which hold for each gate the transposed matrix,
  /// the kernel's under the shape that it has here.
  fileprivate func gatesOfCuDNN(_ stored: [Weight]) throws -> [Weight] {
    let (units, width) = (options.units, stored[0].shape[0])
    let kernels = try stored[0].split(kind.gates).map {
      try $0.reshaped([units, width]).transposed([1, 0])
    }
    let recurrent = try stored[1].split(kind.gates).map { try $0.transposed([1, 0]) }
    return try [kernels, recurrent].compactMap { try Weight.joined($0) }
  }
}
