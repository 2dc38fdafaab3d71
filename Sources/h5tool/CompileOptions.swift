/// How a model is trained and judged, where the checkpoint does not say or another way is wanted.
import ArgumentParser
import Keratin

struct CompileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Train with this optimizer, such as adam, afresh.", valueName: "NAME"))
  var optimizer: String?

  @Option(
    help: ArgumentHelp("Train for this loss, such as mse (default: as stored).", valueName: "NAME"))
  var loss: String?

  @Option(
    help: ArgumentHelp(
      "Report this metric, such as acc; may be repeated (default: as stored).", valueName: "NAME"))
  var metric: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Set the optimizer's learning rate (default: as stored).", valueName: "R"))
  var learningRate: Double?

  func validate() throws {
    do {
      if let loss { _ = try Loss(named: loss) }
      for metric in metric { _ = try Metric(named: metric) }
      if let optimizer { _ = try OptimizerCatalogue.optimizer(config: .string(optimizer)) }
    } catch {
      throw ValidationError("\(error)")
    }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0")
    }
  }

  /// Compiles the model of a file anew as far as something is said, and with what it has for the rest.
  func apply(to model: Model, at path: String) throws {
    if optimizer != nil || loss != nil || !metric.isEmpty {
      let stored = model.configuration
      guard let loss = try loss.map({ PerOutput.all(try Loss(named: $0)) }) ?? stored?.loss else {
        throw CommandError("\(path): the model is not compiled; give --loss.")
      }
      let metrics = try metric.map { try Metric(named: $0) }
      model.compile(
        optimizer: try optimizer.map { try OptimizerCatalogue.optimizer(config: .string($0)) }
          ?? stored?.optimizer ?? Adam(),
        loss: loss, lossWeights: stored?.lossWeights,
        metrics: metrics.isEmpty ? stored?.metrics ?? .all([]) : .all(metrics),
        weightedMetrics: stored?.weightedMetrics ?? .all([]))
    }
    if let learningRate { model.learningRate = learningRate }
  }
}

/// How much the samples of a class count: `1=3.5`.
struct ClassWeight: ExpressibleByArgument {
  let number: Int
  let weight: Float

  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let weight = Float(parts[1]),
      weight.isFinite, weight >= 0
    else { return nil }
    self.number = number
    self.weight = weight
  }
}
