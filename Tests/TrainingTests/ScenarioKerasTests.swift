import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing
import Training

/// Trainings with settings of their own: several outputs, masks, weights, parts of the data.
@Suite(.enabled(if: Keras.isThere, Keras.isAbsent)) struct ScenarioKerasTests {
  static let names =
    both([
      "by name", "in order", "one loss for all", "one of two trained", "weighed", "flat metrics",
      "masked", "masked, summed", "weighted metrics", "weights and a split", "parts of the data",
      "frozen layers",
    ]) + [
      "outputs by key", "ignored class", "ignored class, logits", "classes along the first axis",
      "steps per epoch", "sum, alike", "sum, weighed", "mean_with_sample_weight, alike",
      "mean_with_sample_weight, weighed", "none, alike", "none, weighed", "metrics of classes",
      "metrics of class numbers", "metrics of two classes", "metrics of numbers", "bounds",
      "scaled loss", "scaled loss, adam",
    ]

  private static func both(_ names: [String]) -> [String] {
    names + names.map { "tf_keras, " + $0 }
  }

  @Test func `Every scenario of Keras is repeated here`() throws {
    let results = try Keras.answers.get().at("scenarios").object
    #expect(Set(results?.keys.map { $0 } ?? []) == Set(Self.names))
  }

  @Test(arguments: names)
  func `A scenario goes as in Keras`(name: String) throws {
    let json = try Keras.answers.get().at("scenarios", name)
    let trainer = try trainer(json)
    let (x, y) = (try data(json.at("x")), try data(json.at("y")))
    let options = try options(json)
    let history = try trainer.fit(x: x, y: y, options)

    // tf_keras also logs the loss of an output that is the only one with a loss.
    let unnamed = name == "tf_keras, one of two trained" ? ["price_loss"] : []
    let expected = (json.at("history").object ?? [:]).filter { !unnamed.contains($0.key) }
    #expect(history.names == expected.keys.sorted())
    var worst = 0.0
    for (key, values) in expected {
      for (found, value) in zip(history[key], values.numbers) where key.hasSuffix("loss") {
        worst = max(worst, abs(found - value) / abs(value))
      }
      // Metrics are shares of small counts, or sums in float32 of which some nearly cancel.
      #expect(
        difference(history[key], values.numbers, relative: 1e-4, absolute: 2e-6) == nil, "\(key)")
    }
    #expect(worst <= tolerance(name), "losses differ by \(worst)")
    for (found, value) in zip(try trainer.weights, json.at("after").list) {
      #expect(
        difference(
          found.scalars.doubles, value.at("values").numbers, relative: 1e-4, absolute: 2e-5)
          == nil)
    }

    let logs = try trainer.evaluate(
      x: x, y: y, batchSize: 16, sampleWeight: options.sampleWeight, verbose: .silent)
    let evaluated = (json.at("evaluated").object ?? [:]).filter { !unnamed.contains($0.key) }
    #expect(logs.names == evaluated.keys.sorted())
    for (key, value) in evaluated {
      #expect(
        difference(
          [logs[key] ?? .nan], [value.double ?? .nan], relative: 1e-4, absolute: 2e-6) == nil,
        "\(key)")
    }
    let predicted = try trainer.predict(x: x, batchSize: 7)
    #expect(predicted.count == json.at("predicted").list.count)
    for (found, value) in zip(predicted, json.at("predicted").list) {
      #expect(
        difference(
          found.scalars.doubles, value.at("values").numbers, relative: 1e-4, absolute: 1e-5)
          == nil)
    }
  }

  /// Losses of three epochs agree as those of other trainings do. What is divided by roots of small
  /// numbers, or is near 0, has lost some digits.
  private func tolerance(_ name: String) -> Double { 3e-7 }

  @Test(arguments: names)
  func `Settings of every scenario survive being stored`(name: String) throws {
    let json = try Keras.answers.get().at("scenarios", name)
    let outputs = try graph(json).outputNames
    let dialect: Dialect = json.at("isKeras3").bool == true ? .keras3 : .keras2
    let config = try TrainingConfiguration(trainingConfig: json.at("training"))
      .trainingConfig(for: dialect, outputs: outputs)
    let again = try TrainingConfiguration(trainingConfig: config)
    #expect(try again.trainingConfig(for: dialect, outputs: outputs) == config)
    #expect(config["metrics"]?.array != nil)
  }

  private func graph(_ json: JSON) throws -> Graph {
    try Graph(
      modelConfig: json.at("model"), dialect: json.at("isKeras3").bool == true ? .keras3 : .keras2)
  }

  private func trainer(_ json: JSON) throws -> Trainer {
    var configuration = try TrainingConfiguration(trainingConfig: json.at("training"))
    configuration.treatsTokensApart = json.at("isKeras3").bool == true
    let trainer = Trainer(
      try graph(json).built(), variables: Variables(), configuration: configuration, threads: 2)
    try trainer.setWeights(json.at("before").list.map(\.tensor))
    return trainer
  }

  private func data(_ json: JSON) throws -> any ModelData {
    func tensor(_ json: JSON) -> Tensor {
      json.at("isWhole").bool == true
        ? Tensor(json.at("shape").shape, json.at("values").numbers.map { Int32($0) })
        : json.tensor
    }
    if let members = json.object { return members.mapValues(tensor) }
    return json.list.map(tensor)
  }

  private func options(_ json: JSON) throws -> FitOptions {
    let given = json.at("options")
    var options = FitOptions(
      batchSize: given.at("batch_size").int ?? 0, epochs: given.at("epochs").int ?? 0,
      shuffle: false, validationSplit: given.at("validation_split").double ?? 0, verbose: .silent)
    options.stepsPerEpoch = given.at("steps_per_epoch").int
    options.validationSteps = given.at("validation_steps").int
    options.validationBatchSize = given.at("validation_batch_size").int
    options.validationFreq = given.at("validation_freq").int ?? 1
    options.sampleWeight = given["sample_weight"]?.floats
    if let weights = given.at("class_weight").object {
      options.classWeight = Dictionary(
        uniqueKeysWithValues: weights.map { (Int($0.key) ?? -1, Float($0.value.double ?? .nan)) })
    }
    let validation = json.at("validation")
    if !validation.isNull {
      options.validationData = (try data(validation.at("x")), try data(validation.at("y")))
      options.validationSampleWeight = validation.at("weights").array.map { _ in
        validation.at("weights").floats
      }
    }
    return options
  }
}
