/// Filling a graph's variables from a file.
public import Engine
public import KerasCheckpoint
import Tensors

extension BuiltGraph {
  /// Gives weights the numbers of a file, bit for bit where they are float32 in today's layout; those of
  /// older layouts are converted.
  ///
  /// By position, layers are matched in their order after those without weights are left out, as Keras
  /// does it, and every one must have its match; by name, only those that both have are. Every shape is
  /// checked before the first variable is set.
  ///
  /// - Parameters:
  ///   - origin: what the layout of the stored weights depends on.
  ///   - skipsMismatches: whether a layer that does not fit is passed over.
  /// - Throws: `ModelGraphError` where the file's layers, weights or shapes are not this model's, or a
  ///   weight cannot be read.
  @discardableResult
  public func loadWeights(
    _ stored: [LayerWeights], of origin: WeightsOrigin = .today, into variables: Variables,
    matching: WeightMatching = .byPosition, skipsMismatches: Bool = false
  ) throws(ModelGraphError) -> WeightsReport {
    var report = WeightsReport(matching)
    let pairs = try self.pairs(
      origin.isNameless ? apart(stored) : stored, matching, skipsMismatches, &report)
    var found: [(layer: Int, weights: [Weight])] = []
    for (place, theirs) in pairs {
      let layer = graph.layers[place]
      do throws(ModelGraphError) {
        let fitting = try fitting(theirs, to: place, of: origin, &report)
        found.append((place, fitting.weights))
        report.loaded.append(
          .init(
            layer: layer.name, stored: theirs.name, weights: fitting.weights.count,
            isConverted: fitting.isConverted))
      } catch {
        let reason = error.located(layer: layer.name, className: layer.displayClassName)
        guard skipsMismatches else { throw reason }
        report.mismatched.append(.init(layer: layer.name, stored: theirs.name, reason: reason))
      }
    }
    noteGuesses(origin, &report)
    for (place, weights) in found {
      for (weight, spec) in zip(weights, self.weights[place]) {
        try set(variableName(place, spec), to: weight, in: variables, layer: place)
      }
    }
    return report
  }

  private func set(
    _ name: String, to weight: Weight, in variables: Variables, layer: Int
  ) throws(ModelGraphError) {
    do {
      let isSet: Void? = try weight.withFloat32Bytes {
        variables.set(name, weight.shape, bytes: $0)
      }
      if isSet == nil { variables.set(name, try weight.tensor()) }
    } catch {
      throw ModelGraphError(
        .unreadableWeight(weight: weight.name, reason: "\(error)"),
        at: .init(layer: graph.layers[layer].name))
    }
  }

  // MARK: Layers

  /// Each layer with the one of the file that belongs to it.
  private func pairs(
    _ stored: [LayerWeights], _ matching: WeightMatching, _ skipsMismatches: Bool,
    _ report: inout WeightsReport
  ) throws(ModelGraphError) -> [(layer: Int, stored: LayerWeights)] {
    let theirs = stored.filter { !$0.weights.isEmpty }
    let ours = weights.indices.filter { !weights[$0].isEmpty }
    if matching == .byName {
      let named = Dictionary(theirs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      let names = Set(ours.map { graph.layers[$0].name })
      report.untouched = ours.map { graph.layers[$0].name }.filter { named[$0] == nil }
      report.unused = theirs.map(\.name).filter { !names.contains($0) }
      return ours.compactMap { place in named[graph.layers[place].name].map { (place, $0) } }
    }
    guard theirs.count == ours.count || skipsMismatches else {
      throw ModelGraphError(
        .weightedLayerCount(
          expected: ours.map { graph.layers[$0].name }, found: theirs.map(\.name)))
    }
    report.untouched = ours.dropFirst(theirs.count).map { graph.layers[$0].name }
    report.unused = theirs.dropFirst(ours.count).map(\.name)
    let pairs = Array(zip(ours, theirs))
    noteExchanges(pairs, &report)
    return pairs
  }

  /// The weights of each layer, where a `Graph` model of Keras 0 stored those of all in one group.
  private func apart(_ stored: [LayerWeights]) -> [LayerWeights] {
    let ours = weights.indices.filter { !weights[$0].isEmpty }
    let counts = ours.map { graph.layers[$0].countOfKeras1 ?? weights[$0].count }
    guard stored.count == 1, ours.count > 1,
      counts.reduce(0, +) == stored[0].weights.count
    else { return stored }
    var rest = stored[0].weights[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return LayerWeights(name: stored[0].name, weights: Array(rest.prefix(count)))
    }
  }

  /// Says where the file has a layer's name at another layer's place, and their shapes are the same, so
  /// that nothing but the names tells whether the right weights go there.
  private func noteExchanges(
    _ pairs: [(layer: Int, stored: LayerWeights)], _ report: inout WeightsReport
  ) {
    let places = Dictionary(
      pairs.enumerated().map { ($1.stored.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (place, stored) in pairs {
      let layer = graph.layers[place]
      guard layer.name != stored.name, let other = places[layer.name],
        pairs[other].stored.weights.map(\.shape) == stored.weights.map(\.shape)
      else { continue }
      report.notes.append(
        "The layer \"\(layer.name)\" has the weights of the file's \"\(stored.name)\", which has its "
          + "place; the file has others of the same shapes under the name \"\(layer.name)\". Load by "
          + "name where those are meant.")
    }
  }

  /// Says what is taken for true of a file that does not say it.
  private func noteGuesses(_ origin: WeightsOrigin, _ report: inout WeightsReport) {
    guard origin.isNameless, origin.turnsKernels,
      report.loaded.contains(where: \.isConverted)
    else { return }
    report.notes.append(
      "The file does not say what its Keras ran on; kernels of convolutions are taken for Theano's and "
        + "turned round.")
  }

  // MARK: Weights of a layer

  /// A layer's stored weights in today's layout and in the order of its own.
  private func fitting(
    _ stored: LayerWeights, to place: Int, of origin: WeightsOrigin, _ report: inout WeightsReport
  ) throws(ModelGraphError) -> (weights: [Weight], isConverted: Bool) {
    let specs = weights[place]
    let layer = graph.layers[place]
    let ordered = Self.ordered(stored.weights, as: specs)
    let modern: [Weight]
    do {
      modern = try layer.modernised(ordered ?? stored.weights, of: origin, to: specs)
    } catch {
      throw error as? ModelGraphError
        ?? ModelGraphError(
          .unreadableWeight(weight: stored.weights[0].name, reason: "\(error)"))
    }
    guard modern.count == specs.count else {
      throw ModelGraphError(
        .weightCount(expected: specs.map(\.name), found: stored.weights.map(\.name)))
    }
    for (weight, spec) in zip(modern, specs) where weight.shape != spec.shape {
      throw ModelGraphError(
        .weightShape(
          weight: spec.name, expected: spec.shape.dimensions, found: weight.shape.dimensions))
    }
    if ordered != nil {
      report.notes.append(
        "The file has the weights of \"\(stored.name)\" in another order than the layer "
          + "\"\(layer.name)\", as where another part of it was frozen; they are matched by their names."
      )
    }
    let isRead = zip(modern, ordered ?? stored.weights).contains {
      $0.isInMemory && !$1.isInMemory
    }
    return (modern, isRead || modern.count != stored.weights.count)
  }

  /// The stored weights in the order of the layer's, where their names tell another one than that in
  /// which they stand; nil where they stand so, or do not tell.
  ///
  /// A layer of layers stores first all that training changes, so that freezing another part of it changes
  /// the order.
  private static func ordered(_ stored: [Weight], as specs: [WeightSpec]) -> [Weight]? {
    guard stored.count == specs.count else { return nil }
    // Every ending of a path, with the place of the only weight that ends so.
    var places: [Substring: Int?] = [:]
    for (place, weight) in stored.enumerated() {
      let path = weight.path
      let slashes = path.indices.filter { path[$0] == "/" }
      for start in [path.startIndex] + slashes.map(path.index(after:)) {
        let isFirst = places.index(forKey: path[start...]) == nil
        places.updateValue(isFirst ? place : nil, forKey: path[start...])
      }
    }
    var order: [Int] = []
    for spec in specs {
      guard let place = places[Substring(spec.name)] ?? nil else { return nil }
      order.append(place)
    }
    guard Set(order).count == order.count, order != Array(order.indices) else { return nil }
    return order.map { stored[$0] }
  }
}
