/// What the optimizer has come to, out of a checkpoint and into one.
import Engine
public import KerasCheckpoint
import ModelGraph
import Tensors

extension Trainer {
  /// The variable of a slot of a trained weight.
  static func slotName(_ index: Int, _ slot: String) -> String { "optimizer/\(index)/\(slot)" }

  /// Lets the optimizer start afresh.
  func resetOptimizer() {
    iterations = 0
    hasSlots = false
  }

  /// Gives the optimizer's slots their memory, zero, unless they have it. For Adam that is twice the
  /// weights', which evaluating and predicting do without.
  func makeSlots() {
    guard !hasSlots, let optimizer = configuration?.optimizer else { return }
    hasSlots = true
    for (index, variable) in graph.trainedVariables.enumerated() {
      let shape = variable.spec.shape
      for slot in optimizer.slotNames { variables.setZero(Self.slotName(index, slot), shape) }
    }
  }

  /// The state of the optimizer, to be stored in a checkpoint; nil before the model is compiled.
  public var optimizerSlots: OptimizerSlots? {
    guard let optimizer = configuration?.optimizer else { return nil }
    makeSlots()
    let names = optimizer.slotNames
    let slots = graph.trainedVariables.indices.map { index in
      var slots: [OptimizerSlot: Tensor] = [:]
      for name in names {
        guard let slot = OptimizerSlot(rawValue: name) else { continue }
        slots[slot] = variables.tensor(Self.slotName(index, name))
      }
      return slots
    }
    return OptimizerSlots(
      iterations: iterations, learningRate: optimizer.learningRate,
      slots: names.isEmpty ? [] : slots)
  }

  /// Lets the optimizer go on from a stored state.
  ///
  /// - Throws: `TrainingError` where the state is that of another optimizer or of another model; the
  ///   optimizer is then as before.
  public func setOptimizerSlots(_ state: OptimizerSlots) throws(TrainingError) {
    let names = try compiled(to: "resume").optimizer.slotNames
    let trained = graph.trainedVariables
    let isFresh = state.slots.isEmpty && state.iterations == 0
    guard isFresh || names.isEmpty || state.slots.count == trained.count else {
      throw TrainingError(
        .optimizerState(
          expected: "that of \(trained.count) trained weights",
          found: "that of \(state.slots.count)"))
    }
    var found: [(name: String, tensor: Tensor)] = []
    for (index, (variable, slots)) in zip(trained, state.slots).enumerated() {
      for name in names {
        let tensor = OptimizerSlot(rawValue: name).flatMap { slots[$0] }
        guard let tensor, tensor.shape == variable.spec.shape else {
          throw TrainingError(
            .optimizerState(
              expected: "\(name) of shape \(variable.spec.shape) for \(variable.name)",
              found: tensor?.shape.description ?? "missing"))
        }
        found.append((Self.slotName(index, name), tensor))
      }
    }
    resetOptimizer()
    for slot in found { variables.set(slot.name, slot.tensor) }
    hasSlots = !found.isEmpty
    iterations = max(0, state.iterations)
    if let rate = state.learningRate { learningRate = rate }
  }
}
