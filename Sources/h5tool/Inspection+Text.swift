/// The inspection as text for people.
import Keratin

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Inspection {
  func text(withConfig: Bool) -> String {
    var parts = [header]
    if let summary {
      parts.append(summary.text(width: terminalWidth))
    } else {
      parts.append(layerList)
    }
    if checkpoint.trainingConfig != nil { parts.append(training) }
    if checkpoint.optimizer != nil { parts.append(optimizerState) }
    if let statistics { parts.append(weightTable(statistics)) }
    if withConfig { parts.append(checkpoint.modelConfig?.indented() ?? "No model configuration.") }
    return parts.joined(separator: "\n")
  }

  private var header: String {
    let version = checkpoint.kerasVersion ?? "not stored"
    return """
      \(path)  (\(kind), \(ByteCount(size)))
      Keras version: \(version)   backend: \(checkpoint.backend ?? "not stored")   \
      dialect: \(checkpoint.dialect)

      """
  }

  /// The layers of a file without an architecture.
  private var layerList: String {
    var table = TextTable(["Layer", "Weight", "Shape", "Param #"], isRight: [3])
    var total = 0
    for layer in checkpoint.layers {
      if layer.weights.isEmpty { table.add([layer.name, "", "", "0"]) }
      for (place, weight) in layer.weights.enumerated() {
        total += weight.shape.count
        table.add([
          place == 0 ? layer.name : "", weight.baseName, "\(weight.shape)",
          ByteCount.grouped(weight.shape.count),
        ])
      }
    }
    return table.text + "Total params: \(ByteCount.grouped(total))\n"
  }

  private var training: String {
    var lines = ["Training configuration:"]
    if let optimizerName { lines.append("  optimizer: \(optimizerName)\(optimizerOptions)") }
    if let config = checkpoint.trainingConfig {
      if let loss = config["loss"], !loss.isNull { lines.append("  loss: \(loss.shortened)") }
      if let metrics = config["metrics"], !metrics.isNull {
        lines.append("  metrics: \(metrics.shortened)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var optimizerOptions: String {
    let members = checkpoint.optimizerConfig?["config"]?.object ?? [:]
    let shown = members.filter { !$0.value.isNull && $0.value != false && $0.key != "name" }
      .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.shortened)" }
    return shown.isEmpty ? "" : " (" + shown.joined(separator: ", ") + ")"
  }

  private var optimizerState: String {
    let arrays = checkpoint.optimizer?.weights.count ?? 0
    let state = optimizer.map { "step \($0.iterations)" } ?? "not understood"
    let rate = learningRate.map { ", learning rate \($0.rounded(toDigits: 7))" } ?? ""
    return "Optimizer state: \(optimizerName ?? "?"), \(state)\(rate), \(arrays) arrays\n"
  }

  private func weightTable(_ statistics: [[WeightStatistics]]) -> String {
    var table = TextTable(
      ["Weight", "Shape", "Dtype", "Min", "Max", "Mean", "Std", "NaN/Inf"],
      isRight: [3, 4, 5, 6, 7])
    for (layer, numbers) in zip(checkpoint.layers, statistics) {
      for (weight, statistic) in zip(layer.weights, numbers) {
        let figures = [
          statistic.minimum, statistic.maximum, statistic.mean, statistic.standardDeviation,
        ].map { $0.map { $0.rounded(toDigits: 5) } ?? "-" }
        let other = "\(statistic.nanCount)/\(statistic.infinityCount)"
        // Not every weight's own name holds its layer's.
        let name =
          weight.name.contains(layer.name) ? weight.name : "\(layer.name): \(weight.name)"
        table.add([name, "\(weight.shape)", weight.dtype.rawValue] + figures + [other])
      }
    }
    return table.text
  }

  private var terminalWidth: Int {
    ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init) ?? 80
  }
}

extension Double {
  /// With so many significant digits, without trailing zeros.
  fileprivate func rounded(toDigits digits: Int) -> String { general(digits) }
}

extension JSON {
  /// A class by its name, a number that was a float32 with the digits of one, other things as they
  /// are.
  fileprivate var shortened: String {
    if let string { return string }
    if let name = self["class_name"]?.string {
      return self["config"]?["name"]?.string.map { $0 == name ? name : "\(name) \"\($0)\"" } ?? name
    }
    if let array { return array.map(\.shortened).joined(separator: ", ") }
    if let object {
      return object.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.shortened)" }
        .joined(separator: ", ")
    }
    if case .number(let number) = self, let short = Float(exactly: number) { return "\(short)" }
    return text
  }

  /// Over several lines, two spaces a level; short lists stay on one line.
  fileprivate func indented(_ indent: String = "") -> String {
    let inner = indent + "  "
    if text.count + indent.count <= 76 { return text }
    if let object {
      let members = object.sorted { $0.key < $1.key }
        .map { "\(inner)\(JSON.string($0.key).text): \($0.value.indented(inner))" }
      return "{\n" + members.joined(separator: ",\n") + "\n\(indent)}"
    }
    if let array {
      return "[\n" + array.map { inner + $0.indented(inner) }.joined(separator: ",\n")
        + "\n\(indent)]"
    }
    return text
  }
}
