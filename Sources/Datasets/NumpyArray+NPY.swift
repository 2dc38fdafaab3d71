public import Tensors

/// Reading numpy's `.npy` format, versions 1.0 to 3.0.
extension NumpyArray {
  /// The array in an `.npy` file.
  ///
  /// Numbers in either byte order and in C or Fortran order are read into row-major tensors of the
  /// machine's order. Object arrays are read where they hold lists of integers, by a reader that
  /// can build nothing else; no code in the file can run.
  ///
  /// - Throws: `DatasetsError`
  public init(npy path: String) throws {
    try self.init(npy: fileBytes(path), at: DatasetsError.Location(file: path))
  }

  /// The array in the bytes of an `.npy` file; `location` names where they are from.
  package init(npy bytes: [UInt8], at location: DatasetsError.Location) throws {
    let header = try NPYHeader(bytes, at: location)
    switch header.elements {
    case .objects:
      self = try PickleReader(
        bytes: bytes, start: header.dataOffset, shape: header.shape, location: location
      ).array()
    case .numbers(let dtype, let bigEndian):
      let (size, overflow) = header.shape.count.multipliedReportingOverflow(by: dtype.size)
      guard !overflow else {
        throw DatasetsError(
          .uncountableShape(header.shape.dimensions), at: location.at(header.dataOffset))
      }
      guard bytes.count - header.dataOffset == size else {
        throw DatasetsError(
          .sizeMismatch(
            expected: size, found: bytes.count - header.dataOffset, dtype: dtype.rawValue,
            shape: header.shape.dimensions),
          at: location.at(header.dataOffset))
      }
      let elements = StoredElements(
        bytes: bytes, start: header.dataOffset, shape: header.shape, bigEndian: bigEndian,
        fortranOrder: header.fortranOrder)
      self = .dense(Tensor(shape: header.shape, scalars: elements.scalars(dtype)))
    }
  }
}

extension Tensor {
  /// The numbers in an `.npy` file; see `NumpyArray.init(npy:)`.
  ///
  /// - Throws: `DatasetsError`, also where the file holds lists instead of numbers
  public init(npy path: String) throws {
    switch try NumpyArray(npy: path) {
    case .dense(let tensor): self = tensor
    case .ragged: throw DatasetsError(.raggedArray, at: DatasetsError.Location(file: path))
    }
  }
}
