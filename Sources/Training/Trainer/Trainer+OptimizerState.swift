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
      for slot in optimizer.allSlotNames {
        let name = Self.slotName(index, slot)
        let shape = optimizer.slotShape(slot, of: variable.spec.shape)
        let value = optimizer.initialValue(of: slot)
        if slot == OptimizerSlot.average.rawValue,
          let weight = variables.tensor(variable.name)
        {
          // Keras 2 begins with the weight, Keras 3 does not look at what is there.
          variables.set(name, weight)
        } else if value == 0 {
          variables.setZero(name, shape)
        } else {
          variables.set(name, Tensor(shape, [Float](repeating: value, count: shape.count)))
        }
      }
    }
  }

  /// The state of the optimizer, to be stored in a checkpoint; nil before the model is compiled.
  public var optimizerSlots: OptimizerSlots? {
    guard let optimizer = configuration?.optimizer else { return nil }
    makeSlots()
    let names = optimizer.allSlotNames
    let slots = graph.trainedVariables.indices.map { index in
      var slots: [OptimizerSlot: Tensor] = [:]
      for name in names {
        guard let slot = OptimizerSlot(rawValue: name) else { continue }
        slots[slot] = variables.tensor(Self.slotName(index, name))
      }
      return slots
    }
    return OptimizerSlots(
      iterations: iterations,
      learningRate: optimizer.shared.schedule == nil ? optimizer.learningRate : nil,
      slots: names.isEmpty ? [] : slots)
  }

  /// Lets the optimizer go on from a stored state.
  ///
  /// - Throws: `TrainingError` where the state is that of another optimizer or of another model; the
  ///   optimizer is then as before.
  public func setOptimizerSlots(_ state: OptimizerSlots) throws(TrainingError) {
    let optimizer = try compiled(to: "resume").optimizer
    let names = optimizer.allSlotNames
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
        let shape = optimizer.slotShape(name, of: variable.spec.shape)
        // Of a vector Adafactor stores no rows and columns.
        if tensor == nil, shape.rank == 0, variable.spec.shape.rank > 0 { continue }
        guard let tensor, tensor.shape == shape else {
          throw TrainingError(
            .optimizerState(
              expected: "\(name) of shape \(shape) for \(variable.name)",
              found: tensor?.shape.description ?? "missing"))
        }
        found.append((Self.slotName(index, name), tensor))
      }
    }
    resetOptimizer()
    if !found.isEmpty { makeSlots() }
    for slot in found { variables.set(slot.name, slot.tensor) }
    hasSlots = !found.isEmpty
    iterations = max(0, state.iterations)
    if let rate = state.learningRate { learningRate = rate }
  }
}

extension Optimizer {
  /// The slots of the rule, and those of what all optimizers have.
  var allSlotNames: [String] {
    let average: [OptimizerSlot] = shared.average == nil ? [] : [.average]
    let gradients: [OptimizerSlot] =
      shared.gradientAccumulationSteps == nil ? [] : [.gradientAccumulator]
    return (average + gradients).map(\.rawValue) + slotNames
  }
}
