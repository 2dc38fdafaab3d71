import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing
import Training

@Suite(.enabled(if: Keras.isThere, Keras.isAbsent)) struct TrainingKerasTests {
  static let names = [
    "sgd", "momentum", "nesterov", "adam", "amsgrad", "rmsprop", "centered", "clipvalue",
    "clipnorm", "global_clipnorm", "adamw", "adadelta", "adagrad", "adamax", "adafactor", "nadam",
    "lion", "lamb", "ftrl", "weight_decay", "exponential", "inverse", "polynomial", "cosine",
    "restarts", "piecewise", "adafactor, schedule", "ema", "ema, overwriting", "accumulation",
    "accumulation, ema", "tokens", "tokens, one-hot", "tokens, rmsprop", "tokens, clipnorm",
    "tokens, sgd", "tokens, adamw", "tokens, adadelta", "tokens, adagrad", "tokens, adamax",
    "tokens, adafactor", "tokens, nadam", "tokens, ftrl", "tokens, lion", "tokens, lamb",
    "tokens, accumulation", "tokens, tf_keras", "tokens, tf_keras legacy",
    "tokens, tf_keras schedule", "tokens, tf_keras ema", "tokens, tf_keras AdamW",
    "tokens, tf_keras Adadelta", "tokens, tf_keras Adagrad", "tokens, tf_keras Adamax",
    "tokens, tf_keras Adafactor", "tokens, tf_keras Ftrl", "tokens, tf_keras Lion",
    "tokens, tf_keras legacy Adagrad", "tokens, tf_keras legacy Ftrl", "tf_keras legacy Adadelta",
    "tf_keras legacy Adagrad", "tf_keras legacy Adamax", "tf_keras legacy Ftrl",
    "tf_keras legacy Nadam", "metrics", "constraints", "constraints, accumulation",
    "weighted samples", "weighted classes", "tokens, top k",
    "tokens, one-hot, metrics one-hot",
  ]

  @Test func `Every training that Keras did is repeated here`() throws {
    let results = try Keras.answers.get().at("trainings", "results").object
    #expect(Set(results?.keys.map { $0 } ?? []) == Set(Self.names))
  }

  /// From the same weights, without anything random.
  @Test(arguments: names)
  func `Three epochs go as in Keras`(name: String) throws {
    let answers = try Keras.answers.get().at("trainings")
    let json = answers.at("results", name)
    let trainer = try trainer(json)
    let (x, y) = data(answers.at("data"), name)
    var options = FitOptions(
      batchSize: 16, epochs: 3, shuffle: false,
      validationData: ([x.rows(0..<20)], y.rows(0..<20)), verbose: .silent)
    if name == "weighted samples" {
      options.sampleWeight = (0..<50).map { Float(2 * Double($0) / 49) }
    }
    if name == "weighted classes" { options.classWeight = [0: 0.5, 1: 2] }
    let history = try trainer.fit(x: [x], y: y, options)

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
    let lists = try flattened(trainer)
    for (found, expected) in zip(lists, json.at("optimizer").list) {
      #expect(
        difference(found, expected.at("values").numbers, relative: 1e-3, absolute: 2e-6) == nil)
    }
    // tf_keras is not asked for its variables.
    #expect(lists.count == json.at("optimizer").list.count || name.contains("tf_keras"))

    let logs = try trainer.evaluate(x: [x], y: y, verbose: .silent)
    let order = json.at("evaluated_names").list.compactMap(\.string)
    #expect(
      difference(order.map { logs[$0] ?? .nan }, json.at("evaluated").numbers, relative: 1e-4)
        == nil)
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
      let shape: Shape = name == "metrics" ? [50, 1] : [50]
      return (Tensor([50, 6], json.at("x").floats), Tensor(shape, json.at("y").floats))
    }
    guard name.hasSuffix("one-hot") else {
      return (tokens, Tensor(shape: [50], scalars: .int64(classes.map { Int64($0) })))
    }
    let oneHot = classes.flatMap { hot in (0..<3).map { $0 == hot ? 1 as Float : 0 } }
    return (tokens, Tensor([50, 3], oneHot))
  }

  /// The optimizer's variables in the order of Keras 3.
  private func flattened(_ trainer: Trainer) throws -> [[Double]] {
    let slots = try #require(trainer.optimizerSlots)
    let config = try #require(trainer.configuration?.optimizer.config(for: .keras3))
    let variables = trainer.graph.trainedVariables.map {
      TrainedVariable(name: $0.name, shape: $0.spec.shape)
    }
    let state = try OptimizerState(
      slots, variables: variables, optimizerConfig: config, layout: .keras3)
    return try state.weights.map { try $0.tensor().scalars.doubles }
  }
}
