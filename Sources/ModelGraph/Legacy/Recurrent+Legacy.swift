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
    guard isOfCuDNN(stored, width: 8 * recurrence.units) else { return stored }
    // cuDNN's step has a bias for the input and one for the state, which are only ever added.
    let bias = try stored[2].tensor().scalars.floats
    let width = bias.count / 2
    let sums = (0..<width).map { bias[$0] + bias[$0 + width] }
    return try gatesOfCuDNN(stored) + [
      Weight(name: stored[2].name, tensor: Tensor([width], sums))
    ]
  }
}

extension GRU {
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    if origin.dialect == .keras1, stored.count == 9 { return try joinedGates(stored, [0, 1, 2]) }
    guard isOfCuDNN(stored, width: 6 * recurrence.units) else { return stored }
    guard resetAfter else {
      throw ModelGraphError(
        .unsupportedOption(value: "the weights of a CuDNNGRU in a GRU without reset_after"))
    }
    return try gatesOfCuDNN(stored) + [stored[2].reshaped([2, 3 * recurrence.units])]
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

  /// Whether the weights are those of a layer for cuDNN, whose bias has that width.
  fileprivate func isOfCuDNN(_ stored: [Weight], width: Int) -> Bool {
    guard stored.count == 3, stored[2].shape == [width] else { return false }
    let gates = cell.gates * recurrence.units
    return stored[0].shape.rank == 2 && stored[0].shape[1] == gates
      && stored[1].shape == [recurrence.units, gates]
  }

  /// Kernel and recurrent kernel from those for cuDNN, which hold for each gate the transposed matrix,
  /// the kernel's under the shape that it has here.
  fileprivate func gatesOfCuDNN(_ stored: [Weight]) throws -> [Weight] {
    let (units, width) = (recurrence.units, stored[0].shape[0])
    let kernels = try stored[0].split(cell.gates).map {
      try $0.reshaped([units, width]).transposed([1, 0])
    }
    let recurrent = try stored[1].split(cell.gates).map { try $0.transposed([1, 0]) }
    return try [kernels, recurrent].compactMap { try Weight.joined($0) }
  }
}
