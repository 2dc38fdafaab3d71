/// The inspection as JSON for scripts.
import Keratin

extension Inspection {
  func json(withConfig: Bool) -> JSON {
    var json: JSON = [
      "file": .string(path), "size": .int(size),
      "kind": checkpoint.isWeightsOnly ? "weights" : "model",
      "keras_version": checkpoint.kerasVersion.json, "backend": checkpoint.backend.json,
      "dialect": .string("\(checkpoint.dialect)"), "layers": .array(layers),
      "training_config": checkpoint.trainingConfig ?? .null,
    ]
    if let summary {
      json["name"] = .string(summary.name)
      json["class_name"] = .string(graph?.form.rawValue ?? "")
      json["total_params"] = .int(summary.total.count)
      json["trainable_params"] = .int(summary.trainable.count)
      json["non_trainable_params"] = .int(summary.nonTrainable.count)
      json["optimizer_params"] = .int(summary.optimizer?.count ?? 0)
    } else {
      let counts = checkpoint.layers.flatMap(\.weights).map(\.shape.count)
      json["total_params"] = .int(counts.reduce(0, +))
    }
    if let state = checkpoint.optimizer {
      json["optimizer"] = [
        "class_name": optimizerName.json, "step": optimizer.map { .int($0.iterations) } ?? .null,
        "learning_rate": learningRate.map { .number($0) } ?? .null,
        "weights": .array(state.weights.map { $0.json(nil) }),
      ]
    }
    if withConfig { json["model_config"] = checkpoint.modelConfig ?? .null }
    return json
  }

  /// The layers of the model with their weights, or those of a file of weights alone.
  private var layers: [JSON] {
    let stored = Dictionary(
      zip(checkpoint.layers, checkpoint.layers.indices).map { ($0.name, $1) },
      uniquingKeysWith: { first, _ in first })
    guard let summary else {
      return checkpoint.layers.indices.map {
        ["name": .string(checkpoint.layers[$0].name), "weights": weights(of: $0)]
      }
    }
    return summary.rows.map { row in
      let shapes = row.outputShapes?.map(\.json)
      return [
        "name": .string(row.name), "class_name": .string(row.className),
        "output_shape": shapes.map { $0.count == 1 ? $0[0] : .array($0) } ?? .null,
        "params": row.parameterCount.map { .int($0) } ?? .null,
        "trainable": .bool(row.isTrainable), "supported": .bool(row.isSupported),
        "connected_to": .array(row.connections.map { .string($0) }),
        "weights": stored[row.name].map(weights) ?? [],
      ]
    }
  }

  private func weights(of layer: Int) -> JSON {
    .array(
      checkpoint.layers[layer].weights.enumerated().map { place, weight in
        weight.json(statistics?[layer][place])
      })
  }
}

extension Weight {
  fileprivate func json(_ statistics: WeightStatistics?) -> JSON {
    var json: JSON = [
      "name": .string(name), "shape": .array(shape.dimensions.map { .int($0) }),
      "dtype": .string(dtype.rawValue),
    ]
    guard let statistics else { return json }
    json["min"] = statistics.minimum.json
    json["max"] = statistics.maximum.json
    json["mean"] = statistics.mean.json
    json["std"] = statistics.standardDeviation.json
    json["nan"] = .int(statistics.nanCount)
    json["inf"] = .int(statistics.infinityCount)
    return json
  }
}

extension String? {
  fileprivate var json: JSON { map { .string($0) } ?? .null }
}

extension Double? {
  fileprivate var json: JSON { map { .number($0) } ?? .null }
}
