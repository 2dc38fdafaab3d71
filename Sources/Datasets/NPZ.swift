import Archive
public import Tensors

/// The arrays in an `.npz` archive, each read when it is asked for.
///
///     let archive = try NPZ(path: "data.npz")
///     let x = try archive.array("x")
public struct NPZ {
  public let path: String
  /// The names of the arrays, in the archive's order; entries that are no `.npy` are passed over.
  public let names: [String]
  private let archive: ZipArchive

  /// - Throws: `DatasetsError`, or the archive reader's error where the file is no zip archive.
  public init(path: String) throws {
    try checkIsFile(path)
    self.path = path
    archive = try ZipArchive(path: path)
    names = archive.entries.map(\.name).filter { $0.hasSuffix(".npy") }
      .map { String($0.dropLast(4)) }
  }

  /// An archive of these arrays, as numpy's `savez` makes it.
  public static func bytes(_ arrays: [(name: String, tensor: Tensor)]) -> [UInt8] {
    var archive = ZipWriter()
    for (name, tensor) in arrays { archive.add(name + ".npy", tensor.npyBytes) }
    return archive.finished()
  }

  /// The array of this name.
  ///
  /// - Throws: `DatasetsError`
  public func array(_ name: String) throws -> NumpyArray {
    guard names.contains(name) else {
      throw DatasetsError(
        .missingArrays(expected: [name], found: names), at: DatasetsError.Location(file: path))
    }
    let entry = name + ".npy"
    return try NumpyArray(
      npy: try archive.contents(of: entry), at: DatasetsError.Location(file: path, entry: entry))
  }

  /// The numbers of this name, one label for each of `samples`.
  func labels(_ name: String, of samples: Int, in x: String) throws -> Tensor {
    let location = DatasetsError.Location(file: path, entry: name + ".npy")
    let array = try array(name)
    guard case .dense(let labels) = array, let count = labels.shape.dimensions.first,
      // Without elements the first extent could be any number in a small file.
      count == 0 || labels.count > 0
    else {
      throw DatasetsError(.notLabels(name: name, found: array.summary), at: location)
    }
    guard count == samples else {
      throw DatasetsError(
        .unevenLabels(x: x, samples: samples, y: name, labels: count), at: location)
    }
    return labels
  }

  /// Sequences and their labels; a table of integers counts as sequences of one length.
  func labelledSequences(_ x: String, _ y: String) throws -> LabelledSequences {
    let array = try array(x)
    let labels = try labels(y, of: array.sampleCount, in: x)
    guard let sequences = RaggedArray(array) else {
      throw DatasetsError(
        .notSequences(name: x, found: array.summary),
        at: DatasetsError.Location(file: path, entry: x + ".npy"))
    }
    return LabelledSequences(x: sequences, y: labels)
  }
}

extension NumpyArray {
  fileprivate var summary: String {
    switch self {
    case .dense(let tensor): "\(tensor.dtype.rawValue) of shape \(tensor.shape)"
    case .ragged: "lists of integers"
    }
  }
}

extension RaggedArray {
  /// The rows of an array of lists or of a table of integers; nil for anything else, and where a
  /// number does not fit an int32.
  init?(_ array: NumpyArray) {
    switch array {
    case .ragged(let rows): self = rows
    case .dense(let tensor):
      guard tensor.shape.rank == 2, let values = tensor.scalars.int32s else { return nil }
      let length = tensor.shape[1]
      self.init(values: values, offsets: (0...tensor.shape[0]).map { $0 * length })
    }
  }
}

extension Scalars {
  /// The elements as int32, or nil where they are no integers or one does not fit.
  var int32s: [Int32]? {
    func converted(_ values: [some BinaryInteger]) -> [Int32]? {
      let result = values.compactMap { Int32(exactly: $0) }
      return result.count == values.count ? result : nil
    }
    return switch self {
    case .int32(let values): values
    case .int8(let values): converted(values)
    case .int16(let values): converted(values)
    case .int64(let values): converted(values)
    case .uint8(let values): converted(values)
    case .uint16(let values): converted(values)
    case .uint32(let values): converted(values)
    case .uint64(let values): converted(values)
    case .bool, .float16, .bfloat16, .float32, .float64: nil
    }
  }
}
