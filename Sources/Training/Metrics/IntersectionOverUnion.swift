/// How far what is found and what is there overlap.
import KerasCheckpoint

extension Metric {
  /// The share of what is found or there that is both, the mean over some classes. A class that is neither
  /// found nor there does not count.
  ///
  /// Source: `keras/src/metrics/iou_metrics.py` (Keras 3.15.1).
  public struct IntersectionOverUnion: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      /// Of some classes.
      case some = "IoU"
      /// Of some of two classes, told apart by a threshold.
      case binary = "BinaryIoU"
      /// Of all classes.
      case mean = "MeanIoU"
      case oneHotSome = "OneHotIoU"
      case oneHotMean = "OneHotMeanIoU"
    }

    public let kind: Kind
    public var classCount: Int
    /// The classes that count.
    public var targets: [Int]
    /// A class number whose labels are passed over.
    public var ignoreClass: Int?
    /// Whether labels and predictions are class numbers, and not one-hot or scores along the last axis.
    public var areLabelsSparse: Bool
    public var arePredictionsSparse: Bool
    /// What a prediction has to reach to be of class 1; only the binary one asks.
    public var threshold = 0.5

    /// - Parameter targets: the classes that count; nil for all.
    public init(_ kind: Kind, classes: Int = 2, targets: [Int]? = nil) {
      self.kind = kind
      classCount = classes
      self.targets = targets ?? Array(0..<classes)
      let isOneHot = kind == .oneHotSome || kind == .oneHotMean
      areLabelsSparse = !isOneHot
      arePredictionsSparse = !isOneHot
    }
  }
}

extension Metric.IntersectionOverUnion: EpochMetric {
  var className: String { kind.rawValue }

  /// As Keras takes the names of classes apart.
  var defaultName: String {
    switch kind {
    case .some: "io_u"
    case .binary: "binary_io_u"
    case .mean: "mean_io_u"
    case .oneHotSome: "one_hot_io_u"
    case .oneHotMean: "one_hot_mean_io_u"
    }
  }

  func problem(_ batch: MetricBatch) -> String? {
    guard targets.allSatisfy({ (0..<classCount).contains($0) }) else {
      return "classes below \(classCount)"
    }
    if areLabelsSparse == arePredictionsSparse {
      return batch.areAlike ? nil : "both of one shape"
    }
    return batch.areSparse && !arePredictionsSparse
      ? nil : "class numbers of the shape of the predictions less an axis"
  }

  /// How often each class, row by row, was found as each class, column by column.
  func sums(_ batch: MetricBatch) -> [Double] {
    var matrix = [Double](repeating: 0, count: classCount * classCount)
    let count = arePredictionsSparse ? batch.found.count : batch.rowCount
    for row in 0..<count {
      let label =
        areLabelsSparse
        ? Int(exactly: batch.expected[row].rounded(.towardZero)) ?? -1
        : batch.largestLabel(row)
      let found: Int
      if kind == .binary {
        found = batch.found[row] >= Float(threshold) ? 1 : 0
      } else {
        found =
          arePredictionsSparse
          ? Int(exactly: batch.found[row].rounded(.towardZero)) ?? -1
          : batch.largestPrediction(row)
      }
      guard (0..<classCount).contains(label), (0..<classCount).contains(found),
        label != ignoreClass
      else { continue }
      // The counts are whole numbers in Keras, to which it cuts off weights.
      matrix[label * classCount + found] += batch.weight(row, of: count).rounded(.towardZero)
    }
    return matrix
  }

  func result(_ matrix: [Double]) -> Double {
    var (total, present) = (0.0, 0.0)
    for target in targets {
      let found = (0..<classCount).reduce(0) { $0 + matrix[$1 * classCount + target] }
      let expected = (0..<classCount).reduce(0) { $0 + matrix[target * classCount + $1] }
      let both = matrix[target * classCount + target]
      let union = found + expected - both
      guard union > 0 else { continue }
      total += both / (union + Self.epsilon)
      present += 1
    }
    return total / (present + Self.epsilon)
  }

  private static let epsilon = 1e-7

  mutating func read(_ key: String, _ value: JSON) -> Bool {
    let isSome = kind == .some || kind == .oneHotSome
    switch key {
    case "num_classes" where kind != .binary:
      // A table of more would not fit the memory.
      guard let count = value.int, (1...4096).contains(count) else { return false }
      classCount = count
      if !isSome { targets = Array(0..<count) }
    case "target_class_ids" where isSome || kind == .binary:
      targets = value.array?.compactMap(\.int) ?? []
    case "ignore_class": ignoreClass = value.int
    case "sparse_y_true" where kind == .some || kind == .mean: areLabelsSparse = value.bool ?? true
    case "sparse_y_pred" where kind != .binary: arePredictionsSparse = value.bool ?? true
    case "threshold" where kind == .binary: threshold = value.double ?? 0.5
    case "axis": return value.int == -1
    default: return false
    }
    return true
  }

  var options: [String: JSON] {
    let ids = JSON.array(targets.map { .int($0) })
    if kind == .binary { return ["target_class_ids": ids, "threshold": .number(threshold)] }
    var options: [String: JSON] = [
      "num_classes": .int(classCount), "ignore_class": ignoreClass.map { .int($0) } ?? .null,
      "sparse_y_pred": .bool(arePredictionsSparse), "axis": -1,
    ]
    if kind == .some || kind == .oneHotSome { options["target_class_ids"] = ids }
    if kind == .some || kind == .mean { options["sparse_y_true"] = .bool(areLabelsSparse) }
    return options
  }
}
