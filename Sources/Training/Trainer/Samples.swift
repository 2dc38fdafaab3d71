/// The data of training, ready to be gathered into batches.
import Engine
import ModelGraph
import Tensors

/// Inputs and labels with the same number of rows.
struct Samples: Sendable {
  let inputs: [SampleColumn]
  /// Output by output, nil for one that is not looked at; empty where there are none at all.
  private(set) var labels: [SampleColumn?] = []
  /// How much each sample counts; nil for all the same.
  private(set) var weights: SampleColumn?
  let count: Int

  /// - Throws: `TrainingError` where rows do not match, or elements are not of the kind that the model
  ///   takes.
  init(_ graph: BuiltGraph, inputs data: any ModelData) throws(TrainingError) {
    let inputs = try data.inputs(graph.graph.inputNames)
    guard let count = inputs.first?.shape.dimensions.first, count > 0 else {
      throw TrainingError(.data(name: "x", expected: "of one row or more", found: "empty"))
    }
    let types = graph.inputTypes(inputs.map(\.shape))
    var columns: [SampleColumn] = []
    for (place, (tensor, type)) in zip(inputs, types).enumerated() {
      let name = Self.name("x", place, of: inputs.count)
      try Self.checkRows(tensor, name, count)
      columns.append(try SampleColumn(tensor, name: name, as: type.dtype))
    }
    self.inputs = columns
    self.count = count
  }

  /// - Parameter judgement: what the labels are for.
  /// - Throws: also where labels are not of the kind that the losses take.
  init(
    _ graph: BuiltGraph, inputs: any ModelData, labels: any ModelData, _ judgement: Judgement
  ) throws(TrainingError) {
    try self.init(graph, inputs: inputs)
    let tensors = try Self.labels(labels, graph.graph.outputNames, judgement)
    for (place, tensor) in tensors.enumerated() {
      guard judgement.needsLabels(place) else {
        self.labels.append(nil)
        continue
      }
      let name = Self.name("y", place, of: tensors.count)
      guard let tensor else {
        throw TrainingError(.data(name: name, expected: "labels", found: "missing"))
      }
      try Self.checkRows(tensor, name, count)
      let loss = judgement.outputs[place].loss
      let isSparse = loss?.function.isSparse == true
      let column = try SampleColumn(tensor, name: name, as: isSparse ? .int32 : .float32)
      if let loss, isSparse, let classes = graph.outputShapes[place].extents.last ?? nil {
        try column.checkClasses(classes, besides: loss.ignoreClass)
      }
      self.labels.append(column)
    }
  }

  /// Output by output. A list may leave out the outputs that are not looked at.
  private static func labels(
    _ data: any ModelData, _ names: [String], _ judgement: Judgement
  ) throws(TrainingError) -> [Tensor?] {
    let needed = names.indices.filter(judgement.needsLabels)
    let list = data as? [Tensor] ?? (data as? Tensor).map { [$0] }
    guard let list, list.count == needed.count else { return try data.tensors(for: names, "y") }
    var labels = [Tensor?](repeating: nil, count: names.count)
    for (place, tensor) in zip(needed, list) { labels[place] = tensor }
    return labels
  }

  private static func name(_ name: String, _ place: Int, of count: Int) -> String {
    count == 1 ? name : "\(name)[\(place)]"
  }

  /// The samples with weights of their own.
  func weighted(_ weights: [Float]) throws(TrainingError) -> Samples {
    guard weights.count == count else {
      throw TrainingError(
        .data(
          name: "sampleWeight", expected: "of \(count) numbers, one for each sample",
          found: "\(weights.count)"))
    }
    var samples = self
    samples.weights = try SampleColumn(
      Tensor([count], weights), name: "sampleWeight", as: .float32)
    return samples
  }

  /// The samples with the weights of their classes; 1 for a class that is not named.
  func weighted(byClass weights: [Int: Float]) throws(TrainingError) -> Samples {
    guard labels.count == 1, let labels = labels[0], labels.rowShape.rank <= 1 else {
      throw TrainingError(
        .data(
          name: "classWeight", expected: "for one output whose labels have one or two axes",
          found: labels.count == 1 ? "for labels of more axes" : "for \(labels.count) outputs"))
    }
    return try weighted(labels.classes.map { weights[$0] ?? 1 })
  }

  /// A part of the samples.
  func rows(_ range: Range<Int>) -> Samples {
    Samples(
      inputs: inputs.map { $0.rows(range) }, labels: labels.map { $0?.rows(range) },
      weights: weights?.rows(range), count: range.count)
  }

  private init(
    inputs: [SampleColumn], labels: [SampleColumn?], weights: SampleColumn?, count: Int
  ) {
    self.inputs = inputs
    self.labels = labels
    self.weights = weights
    self.count = count
  }

  private static func checkRows(
    _ tensor: Tensor, _ name: String, _ count: Int
  ) throws(TrainingError) {
    guard tensor.shape.dimensions.first == count else {
      throw TrainingError(
        .data(name: name, expected: "of \(count) rows like x", found: "of shape \(tensor.shape)"))
    }
  }

  /// The batches of so many samples, the last of what is left.
  func batchCount(_ batchSize: Int, atMost limit: Int? = nil) -> Int {
    min((count + batchSize - 1) / batchSize, limit ?? .max)
  }

  /// What a step on a batch of so many rows depends on.
  func key(_ kind: StepKind, rows: Int) -> StepKey {
    var key = StepKey(kind: kind, inputs: inputs.map { $0.type(rows: rows) })
    guard kind != .predict else { return key }
    key.labels = labels.map { $0?.type(rows: rows) }
    key.weights = weights?.type(rows: rows)
    return key
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
