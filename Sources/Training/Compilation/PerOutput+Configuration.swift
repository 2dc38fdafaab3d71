/// Settings of outputs as `training_config` states them, in the forms of Keras 1, 2 and 3.
import KerasCheckpoint

extension PerOutput where Element == Loss {
  /// Reads one loss, a list, or an object by output; null for an output without a loss.
  init(config: JSON) throws(TrainingError) {
    switch config {
    case .array(let losses):
      self = .inOrder(
        try losses.map { config throws(TrainingError) in
          config.isNull ? nil : try Loss(config: config)
        })
    case .object(let members) where members["class_name"] == nil:
      var losses: [String: Loss] = [:]
      for (name, config) in members where !config.isNull {
        losses[name] = try Loss(config: config)
      }
      self = .named(losses)
    default: self = .all(try Loss(config: config))
    }
  }

  /// The stored form: one loss for one output, else a list.
  func config(for names: [String]) throws(TrainingError) -> JSON {
    let losses = try values(for: names, "loss").map { $0?.config ?? .null }
    return losses.count == 1 ? losses[0] : .array(losses)
  }
}

extension PerOutput where Element == Double {
  /// Reads a number, a list, or an object by output.
  init(config: JSON) throws(TrainingError) {
    func number(_ config: JSON) throws(TrainingError) -> Double {
      guard let number = config.double else {
        throw TrainingError(
          .configuration(of: "loss_weights", expected: "numbers", found: config.text))
      }
      return number
    }
    switch config {
    case .array(let weights):
      self = .inOrder(
        try weights.map { config throws(TrainingError) in
          config.isNull ? nil : try number(config)
        })
    case .object(let members):
      var weights: [String: Double] = [:]
      for (name, config) in members where !config.isNull { weights[name] = try number(config) }
      self = .named(weights)
    default: self = .all(try number(config))
    }
  }

  func config(for names: [String]) throws(TrainingError) -> JSON {
    .array(try values(for: names, "lossWeights").map { .number($0 ?? 1) })
  }
}

extension PerOutput where Element == [Metric] {
  /// Reads a list of metrics, a list of lists, or an object by output.
  ///
  /// - Parameter isFlatInOrder: whether a list without lists has one metric for each of several outputs, as
  ///   in Keras 3; in Keras 2 each output has all of them.
  init(config: JSON, isFlatInOrder: Bool) throws(TrainingError) {
    switch config {
    case .array(let elements) where elements.contains { $0.array != nil }:
      self = .inOrder(
        try elements.map { config throws(TrainingError) in try Metric.metrics(config: config) })
    case .array(let elements) where isFlatInOrder && elements.count > 1:
      self = .inOrder(
        try elements.map { config throws(TrainingError) in try Metric.metrics(config: config) })
    case .object(let members) where members["class_name"] == nil:
      var metrics: [String: [Metric]] = [:]
      for (name, config) in members { metrics[name] = try Metric.metrics(config: config) }
      self = .named(metrics)
    default: self = .all(try Metric.metrics(config: config))
    }
  }

  /// The stored form: a list for one output, else a list of lists; null where there are none.
  func config(for names: [String], _ what: String) throws(TrainingError) -> JSON {
    let lists = try metrics(for: names, what).map { JSON.array($0.map(\.config)) }
    return lists.count == 1 ? lists[0] : .array(lists)
  }
}
