/// Counts as `training_config` states them.
import KerasCheckpoint

extension Metric.Counts {
  mutating func read(_ key: String, _ value: JSON) -> Bool {
    switch key {
    case "thresholds":
      guard let bounds = value.array?.compactMap(\.double) ?? value.double.map({ [$0] }),
        kind.isOfCurve || bounds.count == 1
      else { return false }
      thresholds = kind.isOfCurve ? [-1e-7] + bounds.sorted() + [1 + 1e-7] : bounds
    case "num_thresholds" where kind.isOfCurve:
      // Thresholds that are given go before their number, which is with them in a file.
      guard thresholds == Self.thresholds(thresholds.count), let count = value.int, count > 1 else {
        break
      }
      thresholds = Self.thresholds(count)
    case "class_id": classID = value.int
    case "curve":
      guard let known = value.string.flatMap(Curve.init) else { return false }
      curve = known
    case "summation_method":
      guard let known = value.string.flatMap(Summation.init) else { return false }
      summation = known
    case "from_logits": fromLogits = value.bool ?? false
    case "specificity", "sensitivity", "recall", "precision": bound = value.double ?? 0
    case "top_k" where kind == .precision || kind == .recall:
      topK = value.int
      // What is among the largest is positive then, whatever it is.
      if thresholds == [0.5] { thresholds = [-1e10] }
    case "multi_label" where kind == .auc: isMultiLabel = value.bool ?? false
    case "label_weights" where kind == .auc: columnWeights = value.array?.compactMap(\.double)
    case "num_labels" where kind == .auc: break
    default: return false
    }
    return true
  }

  var options: [String: JSON] {
    var options: [String: JSON] = [:]
    switch kind {
    case .auc:
      options["num_thresholds"] = .int(thresholds.count)
      options["curve"] = .string(curve.rawValue)
      options["summation_method"] = .string(summation.rawValue)
      options["from_logits"] = .bool(fromLogits)
      if isMultiLabel {
        options["multi_label"] = true
        options["label_weights"] = columnWeights.map { .array($0.map { .number($0) }) } ?? .null
      }
      if thresholds != Self.thresholds(thresholds.count) {
        options["thresholds"] = .array(thresholds.dropFirst().dropLast().map { .number($0) })
      }
    case .sensitivityAtSpecificity: options["specificity"] = .number(bound)
    case .specificityAtSensitivity: options["sensitivity"] = .number(bound)
    case .precisionAtRecall: options["recall"] = .number(bound)
    case .recallAtPrecision: options["precision"] = .number(bound)
    default:
      let isPlain = thresholds == [topK == nil ? 0.5 : -1e10]
      options["thresholds"] = isPlain ? .null : .array(thresholds.map { .number($0) })
    }
    if kind.isOfCurve, kind != .auc { options["num_thresholds"] = .int(thresholds.count) }
    if let classID { options["class_id"] = .int(classID) }
    if let topK { options["top_k"] = .int(topK) }
    return options
  }
}
