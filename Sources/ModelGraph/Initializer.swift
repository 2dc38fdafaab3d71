/// How weights start: Keras's initializers and how a configuration writes them.
public import KerasCheckpoint

/// A rule for the first numbers of a weight.
///
/// Source: `keras/src/initializers`. A configuration of any Keras generation is read; today's is
/// written.
public struct Initializer: Sendable, Hashable {
  /// The rule; nil for one that is not Keras's own, which only a weight from a file can replace.
  public let rule: Rule?
  /// How the configuration has it.
  public let json: JSON

  public indirect enum Rule: Sendable, Hashable {
    case constant(Double)
    case uniform(Range<Double>)
    case normal(mean: Double, deviation: Double)
    /// Drawn again where it is more than two deviations from the mean.
    case truncatedNormal(mean: Double, deviation: Double)
    case varianceScaling(VarianceScaling)
    case orthogonal(gain: Double)
    case identity(gain: Double)
    /// Runs of one vector, each by its own rule, such as the gates of an LSTM's bias.
    case runs([Run])

    public struct Run: Sendable, Hashable {
      let count: Int
      let rule: Rule
    }
  }

  /// Draws such that the variance of what comes out of a layer is near that of what goes in.
  public struct VarianceScaling: Sendable, Hashable {
    public enum Mode: String, Sendable, CaseIterable {
      case fanIn = "fan_in"
      case fanOut = "fan_out"
      case fanAverage = "fan_avg"
    }
    public enum Distribution: String, Sendable, CaseIterable {
      case truncatedNormal = "truncated_normal"
      case normal = "untruncated_normal"
      case uniform
    }
    public var scale: Double
    public var mode: Mode
    public var distribution: Distribution
    /// The axes of the kernel that count for each fan; both or none.
    public var inputAxes: [Int]?
    public var outputAxes: [Int]?
  }

  /// The seed of this weight alone, where the configuration has one.
  public var seed: Int? { json["config"]?["seed"]?.int }

  init(rule: Rule?, json: JSON) {
    self.rule = rule
    self.json = json
  }

  init(_ className: String, _ config: [String: JSON], _ rule: Rule) {
    self.rule = rule
    json = .object([
      "module": "keras.initializers", "class_name": .string(className),
      "config": .object(config), "registered_name": .null,
    ])
  }

  /// What is shown in a message.
  public var className: String { json.string ?? json["class_name"]?.string ?? json.kindName }
}

extension Initializer {
  public static let zeros = Initializer("Zeros", [:], .constant(0))
  public static let ones = Initializer("Ones", [:], .constant(1))
  public static let glorotUniform = glorotUniform()
  public static let uniform = randomUniform()
  public static let orthogonal = orthogonal()

  public static func constant(_ value: Double = 0) -> Initializer {
    .init("Constant", ["value": .number(value)], .constant(value))
  }

  public static func randomUniform(
    minimum: Double = -0.05, maximum: Double = 0.05, seed: Int? = nil
  ) -> Initializer {
    .init(
      "RandomUniform",
      ["minval": .number(minimum), "maxval": .number(maximum), "seed": json(seed)],
      .uniform(minimum..<max(minimum, maximum)))
  }

  public static func randomNormal(
    mean: Double = 0, deviation: Double = 0.05, seed: Int? = nil
  ) -> Initializer {
    .init(
      "RandomNormal", ["mean": .number(mean), "stddev": .number(deviation), "seed": json(seed)],
      .normal(mean: mean, deviation: deviation))
  }

  public static func truncatedNormal(
    mean: Double = 0, deviation: Double = 0.05, seed: Int? = nil
  ) -> Initializer {
    .init(
      "TruncatedNormal",
      ["mean": .number(mean), "stddev": .number(deviation), "seed": json(seed)],
      .truncatedNormal(mean: mean, deviation: deviation))
  }

  public static func varianceScaling(
    scale: Double = 1, mode: VarianceScaling.Mode = .fanIn,
    distribution: VarianceScaling.Distribution = .truncatedNormal, seed: Int? = nil,
    inputAxes: [Int]? = nil, outputAxes: [Int]? = nil
  ) -> Initializer {
    let rule = VarianceScaling(
      scale: scale, mode: mode, distribution: distribution, inputAxes: inputAxes,
      outputAxes: outputAxes)
    return .init(
      "VarianceScaling",
      [
        "scale": .number(scale), "mode": .string(mode.rawValue),
        "distribution": .string(distribution.rawValue), "seed": json(seed),
        "input_axes": json(inputAxes), "output_axes": json(outputAxes),
      ], .varianceScaling(rule))
  }

  public static func glorotUniform(seed: Int? = nil) -> Initializer {
    scaled("GlorotUniform", 1, .fanAverage, .uniform, seed)
  }
  public static func glorotNormal(seed: Int? = nil) -> Initializer {
    scaled("GlorotNormal", 1, .fanAverage, .truncatedNormal, seed)
  }
  public static func lecunUniform(seed: Int? = nil) -> Initializer {
    scaled("LecunUniform", 1, .fanIn, .uniform, seed)
  }
  public static func lecunNormal(seed: Int? = nil) -> Initializer {
    scaled("LecunNormal", 1, .fanIn, .truncatedNormal, seed)
  }
  public static func heUniform(seed: Int? = nil) -> Initializer {
    scaled("HeUniform", 2, .fanIn, .uniform, seed)
  }
  public static func heNormal(seed: Int? = nil) -> Initializer {
    scaled("HeNormal", 2, .fanIn, .truncatedNormal, seed)
  }

  public static func orthogonal(gain: Double = 1, seed: Int? = nil) -> Initializer {
    .init(
      "Orthogonal", ["gain": .number(gain), "seed": json(seed)], .orthogonal(gain: gain))
  }

  public static func identity(gain: Double = 1) -> Initializer {
    .init("Identity", ["gain": .number(gain)], .identity(gain: gain))
  }

  /// One of the named cases of variance scaling.
  static func scaled(
    _ className: String, _ scale: Double, _ mode: VarianceScaling.Mode,
    _ distribution: VarianceScaling.Distribution, _ seed: Int?, inputAxes: [Int]? = nil,
    outputAxes: [Int]? = nil
  ) -> Initializer {
    let rule = VarianceScaling(
      scale: scale, mode: mode, distribution: distribution, inputAxes: inputAxes,
      outputAxes: outputAxes)
    return .init(
      className,
      ["seed": json(seed), "input_axes": json(inputAxes), "output_axes": json(outputAxes)],
      .varianceScaling(rule))
  }

  private static func json(_ seed: Int?) -> JSON { seed.map(JSON.int) ?? .null }

  private static func json(_ axes: [Int]?) -> JSON {
    axes.map { .array($0.map(JSON.int)) } ?? .null
  }
}
