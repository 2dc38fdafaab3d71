/// When updates are due, and what they depend on.
import Engine
import KerasCheckpoint
import ModelGraph
import Tensors

extension Trainer {
  /// The batches for each update.
  private var batchesPerUpdate: Int {
    configuration?.optimizer.shared.gradientAccumulationSteps ?? 1
  }

  /// Whether the batch to come is followed by an update of the weights.
  var isUpdateDue: Bool { (iterations + 1).isMultiple(of: batchesPerUpdate) }

  /// What the batch to come is trained with. A schedule counts batches, as in Keras.
  func settings(_ configuration: TrainingConfiguration) -> StepSession.Settings {
    let optimizer = configuration.optimizer
    let update = iterations / batchesPerUpdate + 1
    let frequency = optimizer.shared.average?.overwriteFrequency
    return StepSession.Settings(
      batch: iterations, rate: optimizer.rate(after: iterations), update: update,
      averages: (
        // Keras 2 begins its means with the weights before the first update.
        haveBegun: update > 1 || !configuration.treatsTokensApart,
        overwrite: frequency.map { update.isMultiple(of: $0) } ?? false
      ))
  }

  /// Sets the weights to their running means, where these are kept.
  func takeAverages() {
    guard hasSlots, configuration?.optimizer.shared.average != nil else { return }
    for (index, variable) in graph.trainedVariables.enumerated() {
      let name = Self.slotName(index, OptimizerSlot.average.rawValue)
      guard let average = variables.tensor(name) else { continue }
      variables.set(variable.name, average)
    }
  }
}
