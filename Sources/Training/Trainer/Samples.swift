/// The data of training, ready to be gathered into batches.
import Engine
import ModelGraph
import Tensors

/// Inputs and labels with the same number of rows.
struct Samples: Sendable {
  let inputs: [SampleColumn]
  let labels: SampleColumn?
  /// How much each sample counts; nil for all the same.
  private(set) var weights: SampleColumn?
  let count: Int

  /// - Parameter loss: what the labels are for; nil where there are none.
  /// - Throws: `TrainingError` where rows do not match, or elements are not of the kind that the model
  ///   or the loss takes.
  init(
    _ graph: BuiltGraph, inputs: [Tensor], labels: Tensor? = nil, loss: Loss? = nil
  ) throws(TrainingError) {
    guard inputs.count == graph.graph.inputs.count else {
      throw TrainingError(
        .data(
          name: "x", expected: "\(graph.graph.inputs.count) tensors, one for each input",
          found: "\(inputs.count)"))
    }
    guard let count = inputs.first?.shape.dimensions.first, count > 0 else {
      throw TrainingError(.data(name: "x", expected: "of one row or more", found: "empty"))
    }
    let types = graph.inputTypes(inputs.map(\.shape))
    var columns: [SampleColumn] = []
    for (place, (tensor, type)) in zip(inputs, types).enumerated() {
      let name = inputs.count == 1 ? "x" : "x[\(place)]"
      try Self.checkRows(tensor, name, count)
      columns.append(try SampleColumn(tensor, name: name, as: type.dtype))
    }
    self.inputs = columns
    self.count = count
    guard let labels, let loss else {
      self.labels = nil
      return
    }
    try Self.checkRows(labels, "y", count)
    let column = try SampleColumn(
      labels, name: "y", as: loss.function.isSparse ? .int32 : .float32)
    if loss.function.isSparse, let classes = graph.outputShapes.first?.extents.last ?? nil {
      try column.checkClasses(classes)
    }
    self.labels = column
  }

  /// The samples with weights of their own.
  func weighted(_ weights: [Float]) throws(TrainingError) -> Samples {
    guard weights.count == count else {
      throw TrainingError(
        .data(
          name: "sampleWeight", expected: "of \(count) numbers like x", found: "\(weights.count)"))
    }
    var samples = self
    samples.weights = try SampleColumn(
      Tensor([count], weights), name: "sampleWeight", as: .float32)
    return samples
  }

  private static func checkRows(
    _ tensor: Tensor, _ name: String, _ count: Int
  ) throws(TrainingError) {
    guard tensor.shape.dimensions.first == count else {
      throw TrainingError(
        .data(name: name, expected: "of \(count) rows like x", found: "of shape \(tensor.shape)"))
    }
  }

  /// What a step on a batch of so many rows depends on.
  func key(_ kind: StepKind, rows: Int) -> StepKey {
    StepKey(
      kind: kind, inputs: inputs.map { $0.type(rows: rows) },
      labels: kind == .predict ? nil : labels?.type(rows: rows),
      hasWeights: kind != .predict && weights != nil)
  }

  /// The error of a step on `rows`, told in rows of the data where a token is at fault.
  func located(_ error: any Error, in rows: ArraySlice<Int>) -> any Error {
    let tokens = inputs.filter(\.areWhole)
    guard let error = error as? EngineError,
      case .indexOutOfRange(_, let value, let position, let bound) = error.kind,
      // Of several inputs with tokens the engine does not say which.
      tokens.count == 1, case let width = tokens[0].rowShape.count, width > 0,
      position / width < rows.count
    else { return error }
    return TrainingError(
      .token(
        row: rows[rows.startIndex + position / width], position: position % width, value: value,
        vocabulary: bound))
  }
}
