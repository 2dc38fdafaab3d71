/// The order and the names of an optimizer's arrays in a file, generation by generation.
///
/// | | Keras 3 | tf_keras, and TensorFlow from 2.11 | older |
/// |---|---|---|---|
/// | head | `iteration`, `learning_rate` | `iteration` | `iter` |
/// | Adam | (momentum, velocity) for each variable, then all velocity_hat | (m, v) for each, then all vhat | all m, all v, all vhat |
/// | SGD | all momentum, unless it is 0 | all m, always | all momentum, unless it is 0 |
/// | RMSprop | all velocity, all momentum unless it is 0, all average_gradient if centered | the same | all rms, all momentum, all mg |
///
/// Seen in files that Keras 3.15.1 and tf_keras 2.21.0, with its optimizers of today and with
/// `optimizers.legacy`, wrote.
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

  /// Slots whose arrays stand together for each variable, before ``blocks(_:)``.
  func interleaved(_ recipe: OptimizerRecipe) -> [OptimizerSlot] {
    recipe.family == .adam && self != .older ? [.momentum, .velocity] : []
  }

  /// Slots whose arrays stand one slot after the other.
  func blocks(_ recipe: OptimizerRecipe) -> [OptimizerSlot] {
    if recipe.family == .sgd, self == .tfKeras { return [.momentum] }
    let interleaved = interleaved(recipe)
    return recipe.slots.filter { !interleaved.contains($0) }
  }

  var iterationName: String { self == .older ? "iter" : "iteration" }

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
    switch (self, recipe.family, slot) {
    case (.tfKeras, .adam, .momentum), (.older, .adam, .momentum), (.tfKeras, .sgd, .momentum): "m"
    case (.tfKeras, .adam, .velocity), (.older, .adam, .velocity): "v"
    case (.tfKeras, .adam, .velocityHat), (.older, .adam, .velocityHat): "vhat"
    case (.older, .rmsprop, .velocity): "rms"
    case (.older, .rmsprop, .averageGradient): "mg"
    default: slot.rawValue
    }
  }
}
