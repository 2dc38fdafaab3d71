/// Reading an initializer from a configuration.
import KerasCheckpoint

extension Initializer {
  /// Reads an initializer: a name such as `glorot_uniform`, or an object of any Keras generation.
  init(json: JSON) {
    let className = json.string ?? json["class_name"]?.string ?? ""
    let known = Self.reader(className).flatMap { $0(Settings(json["config"] ?? .null)) }
    // Today's form is kept to the letter, an older one is rewritten.
    self.init(rule: known?.rule, json: json["module"] == nil ? known?.json ?? json : json)
  }

  /// What reads the settings of a class; nil for one that is not Keras's own. Names in lower case
  /// are those of the functions of the same meaning.
  private static func reader(_ name: String) -> ((Settings) -> Initializer?)? {
    switch name {
    case "Zeros", "zeros", "zero": { _ in .zeros }
    case "Ones", "ones", "one": { _ in .ones }
    case "Constant", "constant": { $0.number("value", 0).map { .constant($0) } }
    case "RandomUniform", "random_uniform", "uniform": uniform
    case "RandomNormal", "random_normal", "normal": normal
    case "TruncatedNormal", "truncated_normal": truncatedNormal
    case "VarianceScaling", "variance_scaling": varianceScaling
    case "GlorotUniform", "glorot_uniform": { $0.scaled("GlorotUniform", 1, .fanAverage, .uniform) }
    case "GlorotNormal", "glorot_normal":
      { $0.scaled("GlorotNormal", 1, .fanAverage, .truncatedNormal) }
    case "LecunUniform", "lecun_uniform": { $0.scaled("LecunUniform", 1, .fanIn, .uniform) }
    case "LecunNormal", "lecun_normal": { $0.scaled("LecunNormal", 1, .fanIn, .truncatedNormal) }
    case "HeUniform", "he_uniform": { $0.scaled("HeUniform", 2, .fanIn, .uniform) }
    case "HeNormal", "he_normal": { $0.scaled("HeNormal", 2, .fanIn, .truncatedNormal) }
    case "Orthogonal", "OrthogonalInitializer", "orthogonal":
      { settings in settings.number("gain", 1).map { .orthogonal(gain: $0, seed: settings.seed) } }
    case "Identity", "IdentityInitializer", "identity":
      { $0.number("gain", 1).map { .identity(gain: $0) } }
    default: nil
    }
  }

  private static func uniform(_ settings: Settings) -> Initializer? {
    guard let low = settings.number("minval", -0.05), let high = settings.number("maxval", 0.05)
    else { return nil }
    return .randomUniform(minimum: low, maximum: high, seed: settings.seed)
  }

  private static func normal(_ settings: Settings) -> Initializer? {
    guard let mean = settings.number("mean", 0), let deviation = settings.number("stddev", 0.05)
    else { return nil }
    return .randomNormal(mean: mean, deviation: deviation, seed: settings.seed)
  }

  private static func truncatedNormal(_ settings: Settings) -> Initializer? {
    guard let mean = settings.number("mean", 0), let deviation = settings.number("stddev", 0.05)
    else { return nil }
    return .truncatedNormal(mean: mean, deviation: deviation, seed: settings.seed)
  }

  private static func varianceScaling(_ settings: Settings) -> Initializer? {
    let name = settings.json["distribution"]?.string ?? "truncated_normal"
    guard let scale = settings.number("scale", 1), scale > 0,
      let mode = VarianceScaling.Mode(rawValue: settings.json["mode"]?.string ?? "fan_in"),
      // Keras 2.0 to 2.2 said "normal" for the truncated one, and so does Keras 3 when asked.
      let distribution = VarianceScaling.Distribution(
        rawValue: name == "normal" ? "truncated_normal" : name)
    else { return nil }
    return .varianceScaling(
      scale: scale, mode: mode, distribution: distribution, seed: settings.seed,
      inputAxes: settings.axes("input_axes"), outputAxes: settings.axes("output_axes"))
  }

  /// The `config` of a stored initializer.
  fileprivate struct Settings {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    var seed: Int? { json["seed"]?.int }

    /// The number under a key, where it is one; the default where nothing is there.
    func number(_ key: String, _ standard: Double) -> Double? {
      guard let value = json[key] else { return standard }
      guard let number = value.double, number.isFinite else { return nil }
      return number
    }

    func axes(_ key: String) -> [Int]? {
      guard let list = json[key]?.array else { return nil }
      let axes = list.compactMap(\.int)
      return axes.count == list.count ? axes : nil
    }

    func scaled(
      _ className: String, _ scale: Double, _ mode: VarianceScaling.Mode,
      _ distribution: VarianceScaling.Distribution
    ) -> Initializer {
      .scaled(
        className, scale, mode, distribution, seed, inputAxes: axes("input_axes"),
        outputAxes: axes("output_axes"))
    }
  }
}

extension LayerConfig {
  public mutating func initializer(
    _ key: String, default standard: Initializer
  ) throws(ModelGraphError) -> Initializer {
    value(key).map(Initializer.init(json:)) ?? standard
  }
}
