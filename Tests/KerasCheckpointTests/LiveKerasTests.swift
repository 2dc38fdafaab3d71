import Foundation
import KerasCheckpoint
import Tensors
import TestSupport
import Testing

@Suite(
  .enabled(if: Surroundings.kerasPython != nil, "there is no Python with keras and tf_keras"),
  .serialized)
struct LiveKerasTests {
  @Test func `a file loaded and saved has the same tree, types and bytes`() throws {
    try LiveKeras.expect("tree", atLeast: 36)
  }

  @Test func `Keras reads what we saved of its file bit for bit`() throws {
    try LiveKeras.expect("same", atLeast: 35)
  }

  @Test func `training goes on bit for bit from the state we saved`() throws {
    try LiveKeras.expect("resume", atLeast: 36)
  }

  @Test func `Keras 3 loads what we wrote for it and fits`() throws {
    try LiveKeras.expect("fits", atLeast: 18)
  }

  @Test func `a converted file predicts and evaluates the same in the other generation`() throws {
    try LiveKeras.expect("other", atLeast: 36)
  }

  @Test func `training goes on from a converted state`() throws {
    try LiveKeras.expect("resume converted", atLeast: 15)
  }

  @Test func `a widely readable file predicts and evaluates the same in both`() throws {
    try LiveKeras.expect("wide", atLeast: 30)
  }

  @Test func `optimizer states survive a load and save, and a conversion, bit for bit`() throws {
    let live = try LiveKeras.shared.get()
    var compared = 0
    for name in live.names {
      let original = try LiveKeras.checkpoint(name)
      guard let slots = try original.optimizerSlots() else { continue }
      let same = try #require(try LiveKeras.checkpoint("same/" + name).optimizerSlots())
      #expect(same == slots, "\(name)")
      let other = try #require(
        try LiveKeras.checkpoint("other/" + name).optimizerSlots(), "\(name)")
      #expect(other.iterations == slots.iterations && other.iterations > 0, "\(name)")
      let kept = Set(slots.slots.first?.keys.map { $0 } ?? [])
      #expect(
        slots.slots.isEmpty
          || other.slots.map { $0.filter { kept.contains($0.key) } } == slots.slots
          || other.slots.isEmpty, "\(name)")
      compared += 1
    }
    #expect(compared >= 18)
  }

  @Test func `typed states are those of each optimizer`() throws {
    let expected: [(String, Set<OptimizerSlot>)] = [
      ("k3_sgd", []), ("tk_sgd", [.momentum]), ("tl_sgd", []),
      ("k3_adam", [.momentum, .velocity]), ("tk_adam", [.momentum, .velocity]),
      ("tl_adam", [.momentum, .velocity]),
      ("k3_amsgrad", [.momentum, .velocity, .velocityHat]),
      ("tl_amsgrad", [.momentum, .velocity, .velocityHat]),
      ("k3_rmsprop", [.velocity]),
      ("tl_centered", [.momentum, .velocity, .averageGradient]),
    ]
    for (name, slots) in expected {
      let checkpoint = try LiveKeras.checkpoint(name)
      let state = try #require(try checkpoint.optimizerSlots())
      // 32 reviews in batches of 8.
      #expect(state.iterations == 4, "\(name)")
      #expect((state.learningRate != nil) == name.hasPrefix("k3"), "\(name)")
      #expect(Set(state.slots.first?.keys.map { $0 } ?? []) == slots, "\(name)")
      #expect(state.slots.count == (slots.isEmpty ? 0 : checkpoint.trainedVariables.count))
      for (slots, variable) in zip(state.slots, checkpoint.trainedVariables) {
        #expect(slots.values.allSatisfy { $0.shape == variable.shape }, "\(name) \(variable)")
      }
    }
  }
}
