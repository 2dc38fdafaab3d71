import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing
import Training

@Suite(.enabled(if: Keras.isThere, Keras.isAbsent)) struct TrainingKerasTests {
  static let names = [
    "sgd", "momentum", "nesterov", "adam", "amsgrad", "rmsprop", "centered", "clipvalue",
    "clipnorm", "global_clipnorm", "tokens", "tokens, one-hot", "tokens, rmsprop",
    "tokens, clipnorm", "tokens, sgd", "tokens, tf_keras", "tokens, tf_keras legacy",
  ]

  /// From the same weights, without anything random.
  @Test(arguments: names)
  func `Three epochs go as in Keras`(name: String) throws {
    let answers = try Keras.answers.get().at("trainings")
    let json = answers.at("results", name)
    let trainer = try trainer(json)
    let (x, y) = data(answers.at("data"), name)
    let history = try trainer.fit(
      x: [x], y: y,
      FitOptions(
        batchSize: 16, epochs: 3, shuffle: false,
        validationData: ([x.rows(0..<20)], y.rows(0..<20)), verbose: .silent))

    #expect(history.names == json.at("names").list.compactMap(\.string).sorted())
    for key in history.names {
      // Accuracies are ratios of small counts, and Keras rounds them to float32.
      #expect(
        difference(history[key], json.at("history", key).numbers, relative: 1e-4) == nil, "\(key)")
    }
    // Rounding differs, and Adam and RMSprop divide by roots of small numbers.
    for (found, expected) in zip(try trainer.weights, json.at("after").list) {
      #expect(
        difference(
          found.scalars.doubles, expected.at("values").numbers, relative: 1e-4, absolute: 2e-5)
          == nil)
    }
    let slots = try #require(trainer.optimizerSlots)
    let lists = flattened(slots, isAdam: trainer.configuration?.optimizer is Adam)
    for (found, expected) in zip(lists, json.at("optimizer").list) {
      #expect(
        difference(found, expected.at("values").numbers, relative: 1e-3, absolute: 2e-6) == nil)
    }
    // tf_keras is not asked for its variables.
    #expect(lists.count == json.at("optimizer").list.count || name.contains("tf_keras"))

    let logs = try trainer.evaluate(x: [x], y: y, verbose: .silent)
    let order = ["loss"] + (trainer.configuration?.metrics.map(\.name) ?? [])
    #expect(
      difference(order.compactMap { logs[$0] }, json.at("evaluated").numbers, relative: 1e-4) == nil
    )
    let predicted = try trainer.predict(x: [x], batchSize: 7)[0].scalars.doubles
    #expect(
      difference(predicted, json.at("predicted").numbers, relative: 1e-4, absolute: 1e-5) == nil)
  }

  private func trainer(_ json: JSON) throws -> Trainer {
    let graph = try Graph(modelConfig: json.at("model")).built()
    let trainer = Trainer(
      graph, variables: Variables(),
      configuration: try TrainingConfiguration(trainingConfig: json.at("training")), threads: 2)
    try trainer.setWeights(json.at("before").list.map(\.tensor))
    return trainer
  }

  private func data(_ json: JSON, _ name: String) -> (Tensor, Tensor) {
    let classes = json.at("classes").list.compactMap(\.int)
    let tokens = Tensor([50, 12], json.at("tokens").list.compactMap(\.int).map { Int32($0) })
    guard name.hasPrefix("tokens") else {
      return (Tensor([50, 6], json.at("x").floats), Tensor([50], json.at("y").floats))
    }
    guard name.hasSuffix("one-hot") else {
      return (tokens, Tensor(shape: [50], scalars: .int64(classes.map { Int64($0) })))
    }
    let oneHot = classes.flatMap { hot in (0..<3).map { $0 == hot ? 1 as Float : 0 } }
    return (tokens, Tensor([50, 3], oneHot))
  }

  /// In the order of Keras 3: head, what stands together for each weight, then slot by slot.
  private func flattened(_ state: OptimizerSlots, isAdam: Bool) -> [[Double]] {
    var lists = [[Double(state.iterations)], [Double(Float(state.learningRate ?? 0))]]
    if isAdam {
      for slots in state.slots {
        lists += [slots[.momentum], slots[.velocity]].compactMap { $0?.scalars.doubles }
      }
    }
    let blocks: [OptimizerSlot] =
      isAdam ? [.velocityHat] : [.velocity, .momentum, .averageGradient]
    for slot in blocks { lists += state.slots.compactMap { $0[slot]?.scalars.doubles } }
    return lists
  }
}
