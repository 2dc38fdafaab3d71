/// True and false positives and negatives, and what follows from them.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Metric {
  /// What is counted of predictions above thresholds, and what becomes of the counts.
  ///
  /// Source: `keras/src/metrics/confusion_metrics.py` (Keras 3.15.1).
  public struct Counts: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      case truePositives = "TruePositives"
      case trueNegatives = "TrueNegatives"
      case falsePositives = "FalsePositives"
      case falseNegatives = "FalseNegatives"
      case precision = "Precision"
      case recall = "Recall"
      case auc = "AUC"
      case sensitivityAtSpecificity = "SensitivityAtSpecificity"
      case specificityAtSensitivity = "SpecificityAtSensitivity"
      case precisionAtRecall = "PrecisionAtRecall"
      case recallAtPrecision = "RecallAtPrecision"
    }

    /// The curve whose area is taken.
    public enum Curve: String, Sendable, Hashable {
      case roc = "ROC"
      case precisionRecall = "PR"
      /// Flach and Kull, NIPS 2015.
      case precisionRecallGain = "PRGAIN"
    }

    /// How the area between two points is taken.
    public enum Summation: String, Sendable, Hashable {
      case interpolation, minoring, majoring
    }

    public var kind: Kind
    /// What a prediction has to exceed to be positive: one, or as many as a curve has points.
    public var thresholds: [Double]
    /// The bound that the other quantity keeps, for those that are of one at another.
    public var bound = 0.0
    /// The column that is looked at; nil for all.
    public var classID: Int?
    public var curve = Curve.roc
    public var summation = Summation.interpolation
    public var fromLogits = false
    /// How many of the largest predictions of a row may be positive; nil for all.
    public var topK: Int?
    /// Whether the area is taken column by column, with the weights of columns, nil for all the same.
    public var isMultiLabel = false
    public var columnWeights: [Double]?

    /// - Parameter thresholds: nil for Keras's own: 0.5, or 200 from below 0 to above 1.
    public init(_ kind: Kind, thresholds: [Double]? = nil, bound: Double = 0) {
      self.kind = kind
      self.thresholds = thresholds ?? (kind.isOfCurve ? Self.thresholds(200) : [0.5])
      self.bound = bound
    }

    /// Thresholds of one distance, the first below 0 and the last above 1.
    public static func thresholds(_ count: Int) -> [Double] {
      [-1e-7] + (1..<max(1, count - 1)).map { Double($0) / Double(count - 1) } + [1 + 1e-7]
    }
  }
}

extension Metric.Counts.Kind {
  var isOfCurve: Bool {
    switch self {
    case .truePositives, .trueNegatives, .falsePositives, .falseNegatives, .precision, .recall:
      false
    default: true
    }
  }
}

extension Metric.Counts: EpochMetric {
  var className: String { kind.rawValue }

  var defaultName: String {
    if kind == .auc { return "auc" }
    var name = ""
    for character in className {
      if character.isUppercase, !name.isEmpty { name += "_" }
      name += character.lowercased()
    }
    return name
  }

  /// Column by column where they count apart: true and false positives for each threshold, then all
  /// positives and negatives.
  func sums(_ batch: MetricBatch) -> [Double] {
    guard isMultiLabel else { return sums(batch, column: nil) }
    return (0..<batch.width).flatMap { sums(batch, column: $0) }
  }

  private func sums(_ batch: MetricBatch, column: Int?) -> [Double] {
    let (count, elements) = (thresholds.count, batch.found.count)
    // What is above a number of thresholds, counted first by that number.
    let bounds = thresholds.map { Float($0) }
    var positive = [Double](repeating: 0, count: count + 1)
    var negative = positive
    for place in 0..<elements {
      if let only = classID ?? column, place % batch.width != only { continue }
      let value = fromLogits ? 1 / (1 + expf(-batch.found[place])) : batch.found[place]
      let above =
        topK.map { isAmongLargest($0, batch, place) } == false
        ? 0 : Self.count(in: bounds, below: value)
      let weight = batch.weight(place, of: elements)
      if batch.expected[place] != 0 { positive[above] += weight } else { negative[above] += weight }
    }
    func atLeast(_ counts: [Double]) -> [Double] {
      var sums = [Double](repeating: 0, count: count)
      var sum = 0.0
      for index in (0..<count).reversed() {
        sum += counts[index + 1]
        sums[index] = sum
      }
      return sums
    }
    return atLeast(positive) + atLeast(negative)
      + [positive.reduce(0, +), negative.reduce(0, +)]
  }

  /// Whether a prediction is among the k largest of its row, of equals the first.
  private func isAmongLargest(_ k: Int, _ batch: MetricBatch, _ place: Int) -> Bool {
    let start = place - place % batch.width
    let own = batch.found[place]
    return (start..<start + batch.width).count {
      batch.found[$0] > own || batch.found[$0] == own && $0 < place
    } < k
  }

  /// How many of ascending bounds a value exceeds.
  private static func count(in bounds: [Float], below value: Float) -> Int {
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if value > bounds[middle] { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func result(_ sums: [Double]) -> Double {
    let width = 2 * thresholds.count + 2
    guard sums.count > width else { return resultOfColumn(sums) }
    let areas = stride(from: 0, to: sums.count, by: width).map {
      resultOfColumn(Array(sums[$0..<$0 + width]))
    }
    guard let columnWeights else { return areas.reduce(0, +) / Double(areas.count) }
    let total = columnWeights.reduce(0, +)
    return total == 0 ? 0 : zip(areas, columnWeights).reduce(0) { $0 + $1.0 * $1.1 } / total
  }

  private func resultOfColumn(_ sums: [Double]) -> Double {
    let count = thresholds.count
    let (tp, fp) = (Array(sums[..<count]), Array(sums[count..<2 * count]))
    let (positives, negatives) = (sums[2 * count], sums[2 * count + 1])
    func share(_ a: Double, _ b: Double) -> Double { b == 0 ? 0 : a / b }
    let recalls = tp.map { share($0, positives) }
    let precisions = zip(tp, fp).map { share($0, $0 + $1) }
    let specificities = fp.map { share(negatives - $0, negatives) }
    switch kind {
    case .truePositives: return tp[0]
    case .falsePositives: return fp[0]
    case .trueNegatives: return negatives - fp[0]
    case .falseNegatives: return positives - tp[0]
    case .precision: return precisions[0]
    case .recall: return recalls[0]
    case .sensitivityAtSpecificity: return largest(recalls, where: specificities)
    case .specificityAtSensitivity: return largest(specificities, where: recalls)
    case .precisionAtRecall: return largest(precisions, where: recalls)
    case .recallAtPrecision: return largest(recalls, where: precisions)
    case .auc where curve == .roc:
      return area(fp.map { share($0, negatives) }, recalls)
    case .auc where curve == .precisionRecallGain:
      let ratio = share(positives, negatives)
      let recallGains = tp.map { $0 == 0 ? 0 : max(0, 1 - ratio * (positives - $0) / $0) }
      let precisionGains = zip(tp, fp).map { $0 == 0 ? 1 : 1 - ratio * $1 / $0 }
      return area(recallGains, precisionGains)
    case .auc where summation == .interpolation:
      return interpolatedArea(tp, fp, positives)
    case .auc: return area(recalls, precisions)
    }
  }

  /// The largest of `values` among those whose `others` keep the bound; 0 where none does.
  private func largest(_ values: [Double], where others: [Double]) -> Double {
    zip(values, others).filter { $0.1 >= bound }.map(\.0).max() ?? 0
  }

  private func area(_ x: [Double], _ y: [Double]) -> Double {
    (1..<x.count).reduce(0) { sum, index in
      let (a, b) = (y[index - 1], y[index])
      let height =
        switch summation {
        case .interpolation: (a + b) / 2
        case .minoring: min(a, b)
        case .majoring: max(a, b)
        }
      return sum + (x[index - 1] - x[index]) * height
    }
  }

  /// The area under precision over recall, where true positives go in a straight line.
  ///
  /// Source: Davis and Goadrich, ICML 2006; `interpolate_pr_auc` in Keras.
  private func interpolatedArea(_ tp: [Double], _ fp: [Double], _ positives: Double) -> Double {
    guard positives > 0 else { return 0 }
    return (1..<tp.count).reduce(0) { sum, index in
      let (before, after) = (tp[index - 1] + fp[index - 1], tp[index] + fp[index])
      let gained = tp[index - 1] - tp[index]
      let slope = before > after ? gained / (before - after) : 0
      let intercept = tp[index] - slope * after
      let ratio = before > 0 && after > 0 ? before / after : 1
      return sum + slope * (gained + intercept * Double(logf(Float(ratio)))) / positives
    }
  }
}
