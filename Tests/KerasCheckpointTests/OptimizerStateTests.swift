import Foundation
import KerasCheckpoint
import Tensors
import Testing

@Suite struct OptimizerStateTests {
  private static let variables = [
    TrainedVariable(name: "a/kernel", shape: [2, 3]), TrainedVariable(name: "a/bias", shape: [3]),
  ]

  private static func config(_ name: String, _ options: JSON = [:]) -> JSON {
    ["class_name": .string(name), "config": options]
  }

  /// A state whose every array tells which it is.
  private static func state(_ slots: [OptimizerSlot]) -> OptimizerSlots {
    OptimizerSlots(
      iterations: 7, learningRate: 0.5,
      slots: variables.enumerated().map { place, variable in
        Dictionary(
          uniqueKeysWithValues: slots.enumerated().map { index, slot in
            let value = Float(10 * place + index)
            let shape: Shape =
              switch slot {
              case .row: [2]
              case .column: [3]
              default: variable.shape
              }
            return (slot, Tensor(shape, [Float](repeating: value, count: shape.count)))
          }.filter { variable.shape.rank > 1 || ($0.0 != .row && $0.0 != .column) })
      })
  }

  private static let optimizers: [(JSON, [OptimizerSlot])] = [
    (config("Adam"), [.momentum, .velocity]),
    (config("AdamW"), [.momentum, .velocity]),
    (config("Adam", ["amsgrad": true]), [.momentum, .velocity, .velocityHat]),
    (config("SGD", ["momentum": 0.9]), [.momentum]),
    (config("RMSprop", ["momentum": 0.0]), [.velocity]),
    (
      config("RMSprop", ["momentum": 0.5, "centered": true]),
      [.velocity, .momentum, .averageGradient]
    ),
    (config("Adadelta"), [.accumulatedGrad, .accumulatedDeltaVar]),
    (config("Adagrad"), [.accumulator]),
    (config("Adamax"), [.momentum, .norm]),
    (config("Ftrl"), [.accumulator, .linear]),
    (config("Lamb"), [.momentum, .velocity]),
    (config("Lion"), [.momentum]),
    (config("Adafactor"), [.row, .column, .velocity]),
    (config("Adafactor", ["use_ema": true]), [.row, .column, .velocity, .average]),
    (
      config("Adam", ["use_ema": true, "gradient_accumulation_steps": 4]),
      [.average, .gradientAccumulator, .momentum, .velocity]
    ),
  ]

  @Test(arguments: optimizers, [OptimizerLayout.keras3, .tfKeras, .older])
  func `a state written in a layout reads back the same`(
    optimizer: (JSON, [OptimizerSlot]), layout: OptimizerLayout
  ) throws {
    let state = Self.state(optimizer.1)
    let stored = try OptimizerState(
      state, variables: Self.variables, optimizerConfig: optimizer.0, layout: layout)
    var back = try stored.slots(optimizerConfig: optimizer.0, layout: layout)
    if layout != .keras3 {
      #expect(back.learningRate == nil)
      back.learningRate = 0.5
    }
    #expect(back == state)
  }

  @Test func `the lists are those that each generation writes`() throws {
    let adam = Self.config("Adam", ["name": "adam"])
    let state = Self.state([.momentum, .velocity])
    func names(_ layout: OptimizerLayout) throws -> [String] {
      try OptimizerState(
        state, variables: Self.variables, optimizerConfig: adam, layout: layout
      ).weights.map(\.name)
    }
    #expect(
      try names(.keras3) == [
        "adam/iteration", "adam/learning_rate", "adam/a_kernel_momentum", "adam/a_kernel_velocity",
        "adam/a_bias_momentum", "adam/a_bias_velocity",
      ])
    #expect(
      try names(.tfKeras) == [
        "iteration:0", "Adam/m/a/kernel:0", "Adam/v/a/kernel:0", "Adam/m/a/bias:0",
        "Adam/v/a/bias:0",
      ])
    #expect(
      try names(.older) == [
        "adam/iter:0", "adam/a/kernel/m:0", "adam/a/bias/m:0", "adam/a/kernel/v:0",
        "adam/a/bias/v:0",
      ])
  }

  @Test func `Nadam stores its product of momenta where its generation does`() throws {
    let nadam = Self.config("Nadam", ["name": "nadam"])
    let state = Self.state([.momentum, .velocity])
    func stored(_ layout: OptimizerLayout) throws -> OptimizerState {
      try OptimizerState(
        state, variables: Self.variables, optimizerConfig: nadam, layout: layout)
    }
    #expect(try stored(.keras3).weights.last?.name == "nadam/variable")
    #expect(try stored(.older).weights[1].name == "nadam/momentum_cache:0")
    #expect(try stored(.tfKeras).weights.count == 5)
    for layout in [OptimizerLayout.keras3, .tfKeras, .older] {
      let back = try stored(layout).slots(optimizerConfig: nadam, layout: layout)
      #expect(back.slots == state.slots && back.iterations == state.iterations)
      // After 7 updates, β₁ (1 - ½ · 0.96ᵗ) multiplied up.
      let product = (1...7).reduce(1.0) { $0 * 0.9 * (1 - 0.5 * pow(0.96, Double($1))) }
      if let found = back.momentumProduct { #expect(abs(found - product) < 1e-6 * product) }
      #expect((back.momentumProduct == nil) == (layout == .tfKeras))
    }
  }

  @Test func `SGD without momentum has zeros in tf_keras and nothing elsewhere`() throws {
    let sgd = Self.config("SGD", ["momentum": 0.0])
    let state = OptimizerSlots(iterations: 3, slots: [])
    let keras3 = try OptimizerState(
      state, variables: Self.variables, optimizerConfig: sgd, layout: .keras3)
    #expect(keras3.weights.count == 1)
    let tfKeras = try OptimizerState(
      state, variables: Self.variables, optimizerConfig: sgd, layout: .tfKeras)
    #expect(tfKeras.weights.count == 3)
    #expect(try tfKeras.weights[1].tensor() == Tensor([2, 3], [Float](repeating: 0, count: 6)))
  }

  @Test func `the placeholders of Keras 2_2 are no state`() throws {
    func weight(_ name: String, _ shape: Shape) -> Weight {
      Weight(name: name, tensor: Tensor(shape, [Float](repeating: 1, count: shape.count)))
    }
    let kept = ["m", "v"].flatMap { slot in
      Self.variables.map { weight($0.name + slot, $0.shape) }
    }
    let state = OptimizerState(
      weights: [weight("Adam/iterations:0", [])] + kept + [weight("x", [1]), weight("y", [1])])
    let slots = try state.slots(
      optimizerConfig: Self.config("Adam", ["amsgrad": false]), layout: .older)
    #expect(slots.iterations == 1 && slots.slots.count == 2)
    #expect(slots.slots[1][.velocity]?.shape == [3])
  }

  @Test func `a state of another length, order or optimizer is refused`() throws {
    let adam = Self.config("Adam")
    var stored = try OptimizerState(
      Self.state([.momentum, .velocity]), variables: Self.variables, optimizerConfig: adam,
      layout: .keras3)
    #expect(throws: CheckpointError.self) {
      try stored.slots(optimizerConfig: adam, layout: .older)
    }
    stored.weights.removeLast()
    #expect(throws: CheckpointError.self) {
      try stored.slots(optimizerConfig: adam, layout: .keras3)
    }
    stored.weights.removeAll()
    #expect(throws: CheckpointError.self) {
      try stored.slots(optimizerConfig: adam, layout: .keras3)
    }
    let kind = #expect(throws: CheckpointError.self) {
      try stored.slots(optimizerConfig: Self.config("Muon"), layout: .keras3)
    }?.kind
    #expect(kind == .unsupportedOptimizer("Muon"))
    let missing = Self.state([.momentum])
    let slot = #expect(throws: CheckpointError.self) {
      try OptimizerState(
        missing, variables: Self.variables, optimizerConfig: adam, layout: .keras3)
    }?.kind
    #expect(slot == .optimizerSlotMissing(slot: "velocity", variable: 0))
    let wrong = #expect(throws: CheckpointError.self) {
      try OptimizerState(
        Self.state([.momentum, .velocity]), variables: Self.variables.reversed(),
        optimizerConfig: adam, layout: .keras3)
    }?.kind
    #expect(wrong == .optimizerSlotShape(name: "momentum", expected: [3], found: [2, 3]))
  }
}
