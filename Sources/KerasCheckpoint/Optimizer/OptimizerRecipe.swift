#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An optimizer by what its `optimizer_config` says: which slots it keeps.
struct OptimizerRecipe {
  enum Family: String {
    case adadelta, adafactor, adagrad, adam, adamax, adamw, ftrl, lamb, lion, nadam, rmsprop, sgd
  }

  let family: Family
  /// `Adam`, without the `Custom>` of tf_keras.
  let className: String
  /// What its variables are named after: `adam`.
  let name: String
  /// Those of its rule.
  let slots: [OptimizerSlot]
  /// Those that any optimizer has with `use_ema` and `gradient_accumulation_steps`.
  let sharedSlots: [OptimizerSlot]
  /// Whether the learning rate follows a schedule, and so is no variable.
  let hasSchedule: Bool
  private let options: JSON

  /// - Throws: of kind `unsupportedOptimizer` for a class whose state is not known.
  init(config: JSON) throws(CheckpointError) {
    let name = config["class_name"]?.string ?? ""
    className = Self.plainName(name)
    options = config["config"] ?? [:]
    self.name = options["name"]?.string ?? className
    guard let family = Family(rawValue: className.lowercased()) else {
      throw CheckpointError(.unsupportedOptimizer(className))
    }
    self.family = family
    slots = Self.slots(family, options)
    hasSchedule = options["learning_rate"]?["class_name"] != nil
    let average: [OptimizerSlot] = options["use_ema"] == true ? [.average] : []
    let steps = options["gradient_accumulation_steps"]
    sharedSlots = average + (steps?.isNull == false ? [.gradientAccumulator] : [])
  }

  private static func slots(_ family: Family, _ options: JSON) -> [OptimizerSlot] {
    switch family {
    case .sgd: return options["momentum"]?.double ?? 0 == 0 ? [] : [.momentum]
    case .adam, .adamw:
      return [.momentum, .velocity] + (options["amsgrad"] == true ? [.velocityHat] : [])
    case .rmsprop:
      let momentum: [OptimizerSlot] = options["momentum"]?.double ?? 0 > 0 ? [.momentum] : []
      return [.velocity] + momentum + (options["centered"] == true ? [.averageGradient] : [])
    case .adadelta: return [.accumulatedGrad, .accumulatedDeltaVar]
    case .adafactor: return [.row, .column, .velocity]
    case .adagrad: return [.accumulator]
    case .adamax: return [.momentum, .norm]
    case .ftrl: return [.accumulator, .linear]
    case .lamb, .nadam: return [.momentum, .velocity]
    case .lion: return [.momentum]
    }
  }

  /// Whether the correction of its means follows from the count of updates.
  var countsUpdates: Bool {
    switch family {
    case .adafactor, .adam, .adamax, .adamw, .lamb, .nadam: true
    case .adadelta, .adagrad, .ftrl, .lion, .rmsprop, .sgd: false
    }
  }

  /// Nadam's product of momenta after so many batches, as Keras 3 and the older code store it; nil for
  /// any other optimizer.
  func momentumProduct(after iterations: Int) -> Float? {
    guard family == .nadam else { return nil }
    let beta = Float(options["beta_1"]?.double ?? 0.9)
    let decay = options["decay"]?.double ?? 0
    let updates = iterations / max(1, options["gradient_accumulation_steps"]?.int ?? 1)
    var product: Float = 1
    for update in 1..<max(1, updates + 1) where product > 0 {
      product *= beta * (1 - 0.5 * powf(0.96, Float(decay == 0 ? 1 : decay) * Float(update)))
    }
    return product
  }

  /// A class without the package it is registered under: `Adam` of `Custom>Adam`.
  static func plainName(_ name: String) -> String {
    name.split(separator: ">").last.map(String.init) ?? name
  }
}
