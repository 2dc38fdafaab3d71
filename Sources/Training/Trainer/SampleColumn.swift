/// One tensor of the data of training, in the type that programs compute in.
import Engine
import Kernels
import Tensors

/// Rows of floats, or of whole numbers.
struct SampleColumn: Sendable {
  private enum Elements: Sendable {
    case floats([Float])
    case ints([Int32])
  }

  /// The shape of one row.
  let rowShape: Shape
  private let elements: Elements

  /// - Throws: `TrainingError` for a number that int32 cannot hold. Fractions are cut off, as Keras
  ///   does.
  init(_ tensor: Tensor, name: String, as dtype: DType) throws(TrainingError) {
    rowShape = Shape(Array(tensor.shape.dimensions.dropFirst()))
    if dtype == .float32 {
      elements = .floats(tensor.scalars.floats)
    } else if case .int32(let values) = tensor.scalars {
      elements = .ints(values)
    } else {
      var values: [Int32] = []
      values.reserveCapacity(tensor.count)
      for value in tensor.scalars.doubles {
        guard let number = Int32(exactly: value.rounded(.towardZero)) else {
          throw TrainingError(
            .data(
              name: "\(name)[\(values.count / max(1, rowShape.count))]",
              expected: "whole numbers of 32 bits", found: "\(value)"))
        }
        values.append(number)
      }
      elements = .ints(values)
    }
  }

  var areWhole: Bool { if case .ints = elements { true } else { false } }

  /// The type of a batch.
  func type(rows: Int) -> TensorType {
    TensorType(Shape([rows] + rowShape.dimensions), areWhole ? .int32 : .float32)
  }

  /// Copies rows into the input of a session.
  func store(_ rows: ArraySlice<Int>, into buffer: Buffer, threads: Int) {
    switch elements {
    case .floats(let values):
      buffer.store(rows: rows, of: values, width: rowShape.count, threads: threads)
    case .ints(let values):
      buffer.store(rows: rows, of: values, width: rowShape.count, threads: threads)
    }
  }

  /// - Throws: `TrainingError` of kind `label` where an element is not the number of a class.
  func checkClasses(_ classes: Int) throws(TrainingError) {
    guard case .ints(let values) = elements else { return }
    for (place, value) in values.enumerated() where value < 0 || value >= classes {
      throw TrainingError(
        .label(row: place / max(1, rowShape.count), value: "\(value)", classes: classes))
    }
  }
}
