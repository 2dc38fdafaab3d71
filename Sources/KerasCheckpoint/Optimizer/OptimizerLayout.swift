/// The order and the names of an optimizer's arrays in a file, generation by generation.
///
/// | | Keras 3 | tf_keras, and TensorFlow from 2.11 | older |
/// |---|---|---|---|
/// | head | `iteration`, `learning_rate` unless it follows a schedule | `iteration` | `iter`, for Nadam `momentum_cache` |
/// | before the rest | all average with `use_ema`, all gradient_accumulator | all average | |
/// | Adam, AdamW | (momentum, velocity) for each variable, then all velocity_hat | (m, v) for each, then all vhat | all m, all v, all vhat |
/// | SGD | all momentum, unless it is 0 | all m, always | all momentum, unless it is 0 |
/// | RMSprop | all velocity, all momentum unless it is 0, all average_gradient if centered | the same | all rms, all momentum, all mg |
/// | Adadelta | (accumulated_grad, accumulated_delta_var) for each | the same | all accum_grad, all accum_var |
/// | Adagrad | all accumulator | the same | the same |
/// | Adamax | (momentum, norm) for each | (m, u) for each | all m, all v |
/// | Nadam | (momentum, velocity) for each, then the product of momenta | (m, v) for each | all m, all v |
/// | Ftrl | (accumulator, linear) for each | the same | the same |
/// | Lion, Lamb | momentum, (momentum, velocity) for each | m for each | |
/// | Adafactor | (r, c, v) for each matrix, v for each vector | the same | |
///
/// Seen in files that Keras 3.15.1 and tf_keras 2.21.0, with its optimizers of today and with
/// `optimizers.legacy`, wrote. Of Adafactor Keras 3 fails to write a file, since it gives r and c of
/// every layer one name; the order is that of its variables, and the names are ours.
public enum OptimizerLayout: Sendable, Hashable {
  case keras3
  case tfKeras
  case older

  /// The layout in a checkpoint of a dialect, compiled so.
  public init(dialect: Dialect, optimizerConfig config: JSON?) {
    let isOfToday =
      config?["class_name"]?.string?.hasPrefix("Custom>") == true
      || config?["config"]?["is_legacy_optimizer"] == false
    self = dialect == .keras3 ? .keras3 : isOfToday ? .tfKeras : .older
  }

  /// The slots in the order of the file: one group after the other, the slots of a group together for
  /// each variable.
  func groups(_ recipe: OptimizerRecipe) -> [[OptimizerSlot]] {
    let shared = recipe.sharedSlots.map { [$0] }
    if recipe.family == .sgd, self == .tfKeras { return shared + [[.momentum]] }
    let apart = recipe.slots.map { [$0] }
    switch recipe.family {
    case .adafactor, .ftrl, .lamb: return shared + [recipe.slots]
    case .adam, .adamw:
      return shared + (self == .older ? apart : [[.momentum, .velocity]] + apart.dropFirst(2))
    case .adadelta, .adamax, .nadam: return shared + (self == .older ? apart : [recipe.slots])
    case .adagrad, .lion, .rmsprop, .sgd: return shared + apart
    }
  }

  var iterationName: String { self == .older ? "iter" : "iteration" }

  /// The name of Nadam's product of momenta; nil where it is not stored.
  var productName: String? {
    switch self {
    case .keras3: "variable"
    case .tfKeras: nil
    case .older: "momentum_cache"
    }
  }

  func name(of head: String, _ recipe: OptimizerRecipe) -> String {
    switch self {
    case .keras3: "\(recipe.name)/\(head)"
    case .tfKeras: "\(head):0"
    case .older: "\(recipe.name)/\(head):0"
    }
  }

  /// The name of the array of a slot of a weight.
  func name(of slot: OptimizerSlot, for weight: String, _ recipe: OptimizerRecipe) -> String {
    let path = weight.hasSuffix(":0") ? String(weight.dropLast(2)) : weight
    let slot = word(for: slot, recipe)
    return switch self {
    case .keras3: "\(recipe.name)/\(path.replacing("/", with: "_"))_\(slot)"
    case .tfKeras: "\(recipe.className)/\(slot)/\(path):0"
    case .older: "\(recipe.name)/\(path)/\(slot):0"
    }
  }

  /// The generation's word for a slot.
  private func word(for slot: OptimizerSlot, _ recipe: OptimizerRecipe) -> String {
    if self == .keras3 { return slot.rawValue }
    switch (recipe.family, slot) {
    case (.sgd, .momentum): return self == .tfKeras ? "m" : slot.rawValue
    case (.rmsprop, .velocity) where self == .older: return "rms"
    case (.rmsprop, .averageGradient) where self == .older: return "mg"
    case (.rmsprop, _): return slot.rawValue
    case (_, .momentum): return "m"
    case (_, .velocity): return "v"
    case (_, .velocityHat): return "vhat"
    case (_, .norm): return self == .older ? "v" : "u"
    case (_, .row): return "r"
    case (_, .column): return "c"
    case (_, .accumulatedGrad) where self == .older: return "accum_grad"
    case (_, .accumulatedDeltaVar) where self == .older: return "accum_var"
    default: return slot.rawValue
    }
  }
}
