/// What a step of training does with its gradients: accumulate, clip, update, average, constrain.
import Engine
import ModelGraph
import Tensors

/// Builds the updates of the trained weights, in the order in which Keras applies them.
///
/// Source: `_backend_apply_gradients` in `keras/src/optimizers/base_optimizer.py` (Keras 3.15.1).
struct StepUpdates {
  private let builder: ProgramBuilder
  private let parameters: [Value]
  private let constraints: [Constraint?]
  private let optimizer: any Optimizer
  private let settings: Value

  init(
    _ builder: ProgramBuilder, _ parameters: [Value], _ constraints: [Constraint?],
    _ optimizer: any Optimizer, _ settings: Value
  ) {
    self.builder = builder
    self.parameters = parameters
    self.constraints = constraints
    self.optimizer = optimizer
    self.settings = settings
  }

  /// - Parameter accumulatesOnly: whether gradients are kept for a later batch, and no weight changes.
  func build(
    _ gradients: [ParameterGradient], accumulatesOnly: Bool
  ) throws(EngineError) {
    var gradients = gradients
    if let steps = optimizer.shared.gradientAccumulationSteps {
      gradients = try accumulated(gradients, steps: steps, isLast: !accumulatesOnly)
    }
    var results = parameters
    if !accumulatesOnly {
      if let clipping = optimizer.clipping { gradients = try clipping.clipped(gradients) }
      for (index, gradient) in gradients.enumerated() {
        results[index] = try updated(index, gradient)
      }
    }
    if let average = optimizer.shared.average { results = try averaged(results, average) }
    // Also where no weight changes, as in Keras, whose constraints all but keep what is in bounds.
    for (index, constraint) in constraints.enumerated() {
      if let constraint { results[index] = try constraint.applied(to: results[index]) }
    }
    for (parameter, result) in zip(parameters, results) where parameter.id != result.id {
      builder.update(parameter, to: result)
    }
  }

  /// The mean of the gradients since the last update, or after a batch that is not the last their sum.
  private func accumulated(
    _ gradients: [ParameterGradient], steps: Int, isLast: Bool
  ) throws(EngineError) -> [ParameterGradient] {
    var means: [ParameterGradient] = []
    for (index, gradient) in gradients.enumerated() {
      let state = slot("gradient_accumulator", index, parameters[index].shape)
      let sum = try gradient.value + state
      builder.update(
        state, to: isLast ? try builder.constant(0).broadcast(to: sum.shape) : sum)
      means.append(
        ParameterGradient(
          isLast ? try sum / builder.constant(Float(steps)) : sum, treatsTokensApart: false))
    }
    return means
  }

  private func updated(
    _ index: Int, _ gradient: ParameterGradient
  ) throws(EngineError) -> Value {
    let parameter = parameters[index]
    let slots = optimizer.slotNames.map {
      slot($0, index, optimizer.slotShape($0, of: parameter.shape))
    }
    let updated = try optimizer.updated(
      ParameterUpdate(
        parameter: parameter, gradient: gradient.value,
        squares: gradient.sizes(optimizer.measure), weightDecay: optimizer.shared.weightDecay,
        slots: slots, settings: settings))
    for (slot, value) in zip(slots, updated.slots) { builder.update(slot, to: value) }
    return updated.parameter
  }

  /// Moves the running means towards the new weights, and where it is time sets these to them.
  private func averaged(
    _ results: [Value], _ average: WeightAverage
  ) throws(EngineError) -> [Value] {
    // 1 while there was an update before this one, and 1 where weights are overwritten.
    let flags = builder.input(Self.averageFlags, TensorType([2]))
    let isLater = try flags.slice(axis: 0, 0..<1)
    let overwrites = try flags.slice(axis: 0, 1..<2)
    let momentum = try isLater.scaled(by: Float(average.momentum))
    let share = try (-momentum).adding(1)
    var weights: [Value] = []
    for (index, result) in results.enumerated() {
      let state = slot("average", index, result.shape)
      let flat = try result.reshaped([result.shape.count])
      let mean = try momentum * state.reshaped([result.shape.count]) + share * flat
      builder.update(state, to: try mean.reshaped(result.shape))
      guard average.overwriteFrequency != nil else {
        weights.append(result)
        continue
      }
      weights.append(
        try overwrites.select(ifTrue: mean, ifFalse: flat).reshaped(result.shape))
    }
    return weights
  }

  static let averageFlags = "average flags"

  private func slot(_ name: String, _ index: Int, _ shape: Shape) -> Value {
    builder.state(Trainer.slotName(index, name), shape)
  }
}
