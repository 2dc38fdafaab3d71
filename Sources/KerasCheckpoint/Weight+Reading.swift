import HDF5
import Tensors

extension Weight {
  /// The dataset of a name in the group of its layer.
  init(named name: String, in group: Group, list: String) throws {
    guard StoredNames.isUsable(name) else {
      throw CheckpointError(.unusableName(name, list: list), at: .init(object: group.path))
    }
    guard let dataset = try group.dataset(name) else {
      throw CheckpointError(
        .missingDataset(named: name, by: list), at: .init(object: group.path))
    }
    guard let shape = dataset.shape else {
      throw CheckpointError(.wrongWeightType(found: "nothing"), at: .init(object: dataset.path))
    }
    self.name = name
    self.shape = shape
    source = .dataset(dataset)
    if let dtype = dataset.datatype.dtype {
      self.dtype = dtype
    } else if dataset.datatype.isRawBFloat16 {
      dtype = .bfloat16
    } else {
      throw CheckpointError(
        .wrongWeightType(found: dataset.datatype.description),
        at: .init(object: dataset.path))
    }
  }
}

extension Dataset {
  /// The values, with those that h5py stores as two bytes without a type read as bfloat16, since
  /// numpy knows no other element of two bytes without one.
  func weightTensor() throws -> Tensor {
    guard datatype.isRawBFloat16, let shape else { return try tensor() }
    let bytes = try opaqueBytes()
    let bits = stride(from: 0, to: bytes.count - 1, by: 2).map { place in
      UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
    }
    return Tensor(shape: shape, scalars: .bfloat16(bits: bits))
  }
}

extension Datatype {
  fileprivate var isRawBFloat16: Bool {
    if case .opaque = kind { size == 2 } else { false }
  }
}
