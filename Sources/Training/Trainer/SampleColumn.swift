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

  /// A part of the rows.
  func rows(_ range: Range<Int>) -> SampleColumn {
    let width = rowShape.count
    let places = range.lowerBound * width..<range.upperBound * width
    return switch elements {
    case .floats(let values): SampleColumn(rowShape, .floats(Array(values[places])))
    case .ints(let values): SampleColumn(rowShape, .ints(Array(values[places])))
    }
  }

  /// The class of each row: its only number, or the place of its largest.
  ///
  /// - Precondition: a row has one axis at most.
  var classes: [Int] {
    switch elements {
    case .ints(let values): Self.classes(values, rowShape.count) { Int($0) }
    case .floats(let values):
      Self.classes(values, rowShape.count) { Int(exactly: $0.rounded(.toNearestOrEven)) ?? -1 }
    }
  }

  private static func classes<Number: Comparable>(
    _ values: [Number], _ width: Int, _ number: (Number) -> Int
  ) -> [Int] {
    if width == 1 { return values.map(number) }
    return stride(from: 0, to: width == 0 ? 0 : values.count, by: width).map { start in
      (start..<start + width).reduce(start) { values[$1] > values[$0] ? $1 : $0 } - start
    }
  }

  private init(_ rowShape: Shape, _ elements: Elements) {
    self.rowShape = rowShape
    self.elements = elements
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

  /// - Parameter other: a number that stands for what has no class; nil where there is none.
  /// - Throws: `TrainingError` of kind `label` where an element is not the number of a class.
  func checkClasses(_ classes: Int, besides other: Int?) throws(TrainingError) {
    guard case .ints(let values) = elements else { return }
    for (place, value) in values.enumerated() where value < 0 || value >= classes {
      if let other, Int(value) == other { continue }
      throw TrainingError(
        .label(row: place / max(1, rowShape.count), value: "\(value)", classes: classes))
    }
  }
}
