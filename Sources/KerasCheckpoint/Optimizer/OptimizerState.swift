import Tensors

/// The arrays of an optimizer as a file lists them.
///
/// The list alone does not say what is what: ``slots(optimizerConfig:layout:)`` reads it by the
/// optimizer's configuration. The list of an optimizer that is not understood still survives a load
/// and a save.
public struct OptimizerState: Sendable {
  /// In the order of the file, which is the order of the optimizer's variables.
  public var weights: [Weight]

  public init(weights: [Weight]) { self.weights = weights }
}

extension OptimizerState {
  /// The state by iteration, variable and slot.
  ///
  /// - Throws: `CheckpointError` where the optimizer is not known, or the list is not one of its;
  ///   `HDF5Error` where the file is damaged.
  public func slots(
    optimizerConfig config: JSON, layout: OptimizerLayout
  ) throws -> OptimizerSlots {
    var (result, places) = try head(optimizerConfig: config, layout: layout)
    result.slots = try places.map { place in try place.mapValues { try $0.tensor() } }
    return result
  }

  /// The iteration and the learning rate, and which array holds which slot of which variable.
  ///
  /// - Throws: as ``slots(optimizerConfig:layout:)``.
  func head(
    optimizerConfig config: JSON, layout: OptimizerLayout
  ) throws -> (head: OptimizerSlots, places: [[OptimizerSlot: Weight]]) {
    let recipe = try OptimizerRecipe(config: config)
    var rest = weights[...]
    var result = OptimizerSlots(iterations: 0, slots: [])
    if let first = rest.first, first.shape.rank == 0 {
      result.iterations = Int(exactly: try first.tensor().scalars.doubles[0]) ?? 0
      rest.removeFirst()
    } else if recipe.countsUpdates {
      // Without its count of updates the correction of the means would start over.
      throw CheckpointError(
        .optimizerStateCount(
          optimizer: recipe.className, expected: "headed by the count of updates",
          found: weights.count))
    }
    if let first = rest.first, first.shape.rank == 0, first.baseName == "learning_rate" {
      result.learningRate = try first.tensor().scalars.doubles[0]
      rest.removeFirst()
    }
    if recipe.family == .nadam, let product = layout == .keras3 ? rest.last : rest.first,
      product.shape.rank == 0
    {
      result.momentumProduct = try product.tensor().scalars.doubles[0]
      if layout == .keras3 { rest.removeLast() } else { rest.removeFirst() }
    }
    return (result, try Self.places(of: Array(rest), recipe, layout))
  }

  /// Which array holds which slot of which variable.
  private static func places(
    of arrays: [Weight], _ recipe: OptimizerRecipe, _ layout: OptimizerLayout
  ) throws(CheckpointError) -> [[OptimizerSlot: Weight]] {
    if recipe.family == .adafactor { return try factoredPlaces(of: arrays, recipe) }
    let groups = layout.groups(recipe)
    if let places = try? split(arrays, groups, recipe) { return places }
    // Keras up to 2.3 stores the momentum of SGD even where it is 0, as tf_keras does.
    if layout == .older, recipe.family == .sgd { return try split(arrays, [[.momentum]], recipe) }
    // Keras 2.1 to 2.3 stores a placeholder of one element for each `vhat` it does not keep.
    if layout == .older, recipe.family == .adam, arrays.count.isMultiple(of: 3),
      arrays.suffix(arrays.count / 3).allSatisfy({ $0.shape == [1] })
    {
      let kept = Array(arrays.dropLast(arrays.count / 3))
      return try split(kept, [[.momentum], [.velocity]], recipe)
    }
    return try split(arrays, groups, recipe)
  }

  private static func split(
    _ arrays: [Weight], _ groups: [[OptimizerSlot]], _ recipe: OptimizerRecipe
  ) throws(CheckpointError) -> [[OptimizerSlot: Weight]] {
    let each = groups.reduce(0) { $0 + $1.count }
    guard each > 0 ? arrays.count.isMultiple(of: each) : arrays.isEmpty else {
      throw count(
        arrays, recipe, each > 0 ? "\(each) arrays for each variable" : "no arrays but its head")
    }
    guard each > 0 else { return [] }
    let count = arrays.count / each
    var places = [[OptimizerSlot: Weight]](repeating: [:], count: count)
    var start = 0
    for group in groups {
      for (place, slot) in group.enumerated() {
        for variable in 0..<count {
          places[variable][slot] = arrays[start + variable * group.count + place]
        }
      }
      start += count * group.count
    }
    for place in places {
      let all = groups.joined().compactMap { place[$0] }
      for weight in all.dropFirst() where weight.shape != all[0].shape {
        throw CheckpointError(
          .optimizerSlotShape(
            name: weight.name, expected: all[0].shape.dimensions, found: weight.shape.dimensions))
      }
    }
    return places
  }

  /// Adafactor's slots: three arrays for a matrix, one for a vector, told apart by their shapes.
  private static func factoredPlaces(
    of arrays: [Weight], _ recipe: OptimizerRecipe
  ) throws(CheckpointError) -> [[OptimizerSlot: Weight]] {
    let shared = recipe.sharedSlots.count
    for variables in 0...arrays.count where shared > 0 || variables == 0 {
      // Each variable has one array for every shared slot, before all others.
      guard shared * variables <= arrays.count,
        var places = factored(arrays[(shared * variables)...]),
        shared == 0 || places.count == variables
      else { continue }
      for (number, slot) in recipe.sharedSlots.enumerated() {
        for variable in places.indices {
          places[variable][slot] = arrays[number * variables + variable]
        }
      }
      return places
    }
    throw count(arrays, recipe, "three arrays for each matrix and one for each vector")
  }

  /// Nil where the arrays are no such list.
  private static func factored(_ arrays: ArraySlice<Weight>) -> [[OptimizerSlot: Weight]]? {
    var places: [[OptimizerSlot: Weight]] = []
    var rest = arrays
    while let first = rest.first {
      let three = Array(rest.prefix(3))
      if three.count == 3, let rows = OptimizerSlot.row.shape(of: three[2].shape),
        first.shape == rows, three[1].shape == OptimizerSlot.column.shape(of: three[2].shape)
      {
        places.append([.row: three[0], .column: three[1], .velocity: three[2]])
        rest.removeFirst(3)
      } else if first.shape.rank < 2 {
        places.append([.velocity: first])
        rest.removeFirst()
      } else {
        return nil
      }
    }
    return places
  }

  private static func count(
    _ arrays: [Weight], _ recipe: OptimizerRecipe, _ expected: String
  ) -> CheckpointError {
    CheckpointError(
      .optimizerStateCount(
        optimizer: recipe.className, expected: expected, found: arrays.count))
  }
}

extension OptimizerState {
  /// The list that a generation writes for a state.
  ///
  /// - Parameter variables: the trained variables, in the model's order and under the names of their
  ///   weights.
  /// - Throws: `CheckpointError` where the optimizer is not known, or a slot lacks or has another
  ///   shape than its variable.
  public init(
    _ state: OptimizerSlots, variables: [TrainedVariable], optimizerConfig config: JSON,
    layout: OptimizerLayout
  ) throws(CheckpointError) {
    let recipe = try OptimizerRecipe(config: config)
    weights = [
      Weight(
        name: layout.name(of: layout.iterationName, recipe),
        tensor: Tensor(shape: [], scalars: .int64([Int64(state.iterations)])))
    ]
    if layout == .keras3, !recipe.hasSchedule,
      let rate = state.learningRate ?? config["config"]?["learning_rate"]?.double
    {
      weights.append(
        Weight(
          name: layout.name(of: "learning_rate", recipe),
          tensor: Tensor(shape: [], scalars: .float32([Float(rate)]))))
    }
    let product =
      state.momentumProduct ?? recipe.momentumProduct(after: state.iterations).map(Double.init)
    func appendProduct() {
      guard let product, let name = layout.productName else { return }
      weights.append(
        Weight(
          name: layout.name(of: name, recipe),
          tensor: Tensor(shape: [], scalars: .float32([Float(product)]))))
    }
    if layout == .older { appendProduct() }
    for group in layout.groups(recipe) {
      for (place, variable) in variables.enumerated() {
        for slot in group {
          guard let shape = slot.shape(of: variable.shape) else { continue }
          weights.append(
            Weight(
              name: layout.name(of: slot, for: variable.name, recipe),
              tensor: try state.tensor(slot, of: place, shape: shape, recipe)))
        }
      }
    }
    if layout == .keras3 { appendProduct() }
  }
}

extension OptimizerSlots {
  /// A slot; zeros where the optimizer keeps none, as before its first update, or for the momentum
  /// that tf_keras stores and SGD without momentum never reads.
  fileprivate func tensor(
    _ slot: OptimizerSlot, of variable: Int, shape: Shape, _ recipe: OptimizerRecipe
  ) throws(CheckpointError) -> Tensor {
    guard !slots.isEmpty, (recipe.slots + recipe.sharedSlots).contains(slot) else {
      return Tensor(shape, [Float](repeating: 0, count: shape.count))
    }
    guard slots.indices.contains(variable), let tensor = slots[variable][slot] else {
      throw CheckpointError(.optimizerSlotMissing(slot: slot.rawValue, variable: variable))
    }
    guard tensor.shape == shape else {
      throw CheckpointError(
        .optimizerSlotShape(
          name: slot.rawValue, expected: shape.dimensions, found: tensor.shape.dimensions))
    }
    return tensor
  }
}
