/// Weights inside wrappers: those of the layers that they wrap.
public import KerasCheckpoint

extension Bidirectional {
  /// Each of the two layers has its half.
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    let forward = specs.count { $0.name.hasPrefix("\(forwardLayer.name)/") }
    // Where both have trained and other weights these would be mixed; recurrent layers have one kind.
    let place = stored.count == specs.count ? forward : stored.count / 2
    return try forwardLayer.modernised(
      Array(stored.prefix(place)), of: origin, to: specs.prefix(forward).below(forwardLayer.name))
      + backwardLayer.modernised(
        Array(stored.dropFirst(place)), of: origin,
        to: specs.dropFirst(forward).below(backwardLayer.name))
  }
}

extension TimeDistributed {
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    try layer.modernised(stored, of: origin, to: specs.below(layer.name))
  }
}

extension NestedModel {
  /// The weights of each layer inside, from those of its that training changes and those that it does not,
  /// which may stand apart.
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    let runs = runs(of: specs)
    var counts = runs.map { run in
      origin.dialect == .keras1
        ? graph.layers[run.layer].countOfKeras1 ?? run.places.count : run.places.count
    }
    // Keras 1 could keep all gates in one array too.
    if counts.reduce(0, +) != stored.count { counts = runs.map(\.places.count) }
    guard counts.reduce(0, +) == stored.count else { return stored }
    var (given, start) = ([[Weight]](repeating: [], count: graph.layers.count), 0)
    for (run, count) in zip(runs, counts) {
      given[run.layer] += stored[start..<start + count]
      start += count
    }
    var modern = [Weight?](repeating: nil, count: specs.count)
    for (layer, weights) in zip(graph.layers.indices, given) where !weights.isEmpty {
      let places = runs.filter { $0.layer == layer }.flatMap(\.places)
      let found = try graph.layers[layer].modernised(
        weights, of: origin, to: places.map { specs[$0] }[...].below(graph.layers[layer].name))
      guard found.count == places.count else { return stored }
      for (place, weight) in zip(places, found) { modern[place] = weight }
    }
    return modern.compactMap { $0 }
  }

  /// Neighbours of one layer among the weights.
  private func runs(of specs: [WeightSpec]) -> [(layer: Int, places: [Int])] {
    var runs: [(layer: Int, places: [Int])] = []
    for (place, spec) in specs.enumerated() {
      // A name may begin with another and a slash.
      let owner = graph.layers.indices.filter { spec.name.hasPrefix("\(graph.layers[$0].name)/") }
        .max { graph.layers[$0].name.utf8.count < graph.layers[$1].name.utf8.count }
      guard let owner else { continue }
      if runs.last?.layer == owner {
        runs[runs.count - 1].places.append(place)
      } else {
        runs.append((owner, [place]))
      }
    }
    return runs
  }
}

extension Layer {
  /// How many arrays Keras 0 and 1 stored where it was another number than today's.
  var countOfKeras1: Int? {
    switch self {
    case is LSTM, is ConvLSTM2D: 12
    case is GRU: 9
    case let both as Bidirectional: both.forwardLayer.countOfKeras1.map { 2 * $0 }
    case let steps as TimeDistributed: steps.layer.countOfKeras1
    default: nil
    }
  }
}

extension ArraySlice<WeightSpec> {
  /// The weights of a part, without its name before theirs.
  fileprivate func below(_ part: String) -> [WeightSpec] {
    map { spec in
      var spec = spec
      if spec.name.hasPrefix("\(part)/") { spec.name.removeFirst(part.count + 1) }
      return spec
    }
  }
}

extension [WeightSpec] {
  fileprivate func below(_ part: String) -> [WeightSpec] { self[...].below(part) }
}
