/// What is measured: a model and its data, as files that every contestant reads.
public import Keratin

/// A folder with `model.h5`, `x.npy` and `y.npy`.
public struct Case {
  public let model: Model
  private let x: Tensor
  private let y: Tensor

  /// - Throws: what Keratin says of a model that it cannot run, or of data that it cannot read.
  public init(folder: String) throws {
    model = try Model.load("\(folder)/model.h5", seed: 7)
    x = try Tensor(npy: "\(folder)/x.npy")
    y = try Tensor(npy: "\(folder)/y.npy")
  }

  /// So many samples with their labels; they begin anew where the files have fewer.
  public func samples(_ count: Int) -> (x: Tensor, y: Tensor) {
    (x.repeated(rows: count), y.repeated(rows: count))
  }
}

extension Tensor {
  /// - Precondition: the tensor holds float32 or int32 numbers, as the files of a case do.
  fileprivate func repeated(rows: Int) -> Tensor {
    let shape = Shape([rows] + self.shape.dimensions.dropFirst())
    return switch scalars {
    case .float32(let values): Tensor(shape, values.repeated(count: shape.count))
    case .int32(let values): Tensor(shape, values.repeated(count: shape.count))
    default: preconditionFailure("\(dtype) in the data of a case")
    }
  }
}

extension Array {
  fileprivate func repeated(count: Int) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(count)
    while result.count < count { result += prefix(count - result.count) }
    return result
  }
}
