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
    } else if recipe.family == .adam {
      // Without its count of updates the correction of Adam's means would start over.
      throw CheckpointError(
        .optimizerStateCount(
          optimizer: recipe.className, expected: "headed by the count of updates",
          found: weights.count))
    }
    if let first = rest.first, first.shape.rank == 0, first.baseName == "learning_rate" {
      result.learningRate = try first.tensor().scalars.doubles[0]
      rest.removeFirst()
    }
    return (result, try Self.places(of: Array(rest), recipe, layout))
  }

  /// Which array holds which slot of which variable.
  private static func places(
    of arrays: [Weight], _ recipe: OptimizerRecipe, _ layout: OptimizerLayout
  ) throws(CheckpointError) -> [[OptimizerSlot: Weight]] {
    if let places = try? split(arrays, layout.interleaved(recipe), layout.blocks(recipe), recipe) {
      return places
    }
    // Keras up to 2.3 stores the momentum of SGD even where it is 0, as tf_keras does.
    if layout == .older, recipe.family == .sgd {
      return try split(arrays, [], [.momentum], recipe)
    }
    // Keras 2.1 to 2.3 stores a placeholder of one element for each `vhat` it does not keep.
    if layout == .older, recipe.family == .adam, arrays.count.isMultiple(of: 3),
      arrays.suffix(arrays.count / 3).allSatisfy({ $0.shape == [1] })
    {
      let kept = Array(arrays.dropLast(arrays.count / 3))
      return try split(kept, [], [.momentum, .velocity], recipe)
    }
    return try split(arrays, layout.interleaved(recipe), layout.blocks(recipe), recipe)
  }

  private static func split(
    _ arrays: [Weight], _ interleaved: [OptimizerSlot], _ blocks: [OptimizerSlot],
    _ recipe: OptimizerRecipe
  ) throws(CheckpointError) -> [[OptimizerSlot: Weight]] {
    let each = interleaved.count + blocks.count
    guard each > 0 ? arrays.count.isMultiple(of: each) : arrays.isEmpty else {
      throw CheckpointError(
        .optimizerStateCount(
          optimizer: recipe.className,
          expected: each > 0 ? "\(each) arrays for each variable" : "no arrays but its head",
          found: arrays.count))
    }
    guard each > 0 else { return [] }
    let count = arrays.count / each
    var places = [[OptimizerSlot: Weight]](repeating: [:], count: count)
    for variable in 0..<count {
      for (place, slot) in interleaved.enumerated() {
        places[variable][slot] = arrays[variable * interleaved.count + place]
      }
      for (place, slot) in blocks.enumerated() {
        places[variable][slot] = arrays[(interleaved.count + place) * count + variable]
      }
      let all = (interleaved + blocks).compactMap { places[variable][$0] }
      for weight in all.dropFirst() where weight.shape != all[0].shape {
        throw CheckpointError(
          .optimizerSlotShape(
            name: weight.name, expected: all[0].shape.dimensions, found: weight.shape.dimensions))
      }
    }
    return places
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
    if layout == .keras3,
      let rate = state.learningRate ?? config["config"]?["learning_rate"]?.double
    {
      weights.append(
        Weight(
          name: layout.name(of: "learning_rate", recipe),
          tensor: Tensor(shape: [], scalars: .float32([Float(rate)]))))
    }
    func append(_ slot: OptimizerSlot, of place: Int) throws(CheckpointError) {
      let variable = variables[place]
      weights.append(
        Weight(
          name: layout.name(of: slot, for: variable.name, recipe),
          tensor: try state.tensor(slot, of: place, shape: variable.shape, recipe)))
    }
    let interleaved = layout.interleaved(recipe)
    for place in variables.indices {
      for slot in interleaved { try append(slot, of: place) }
    }
    for slot in layout.blocks(recipe) {
      for place in variables.indices { try append(slot, of: place) }
    }
  }
}

extension OptimizerSlots {
  /// A slot; zeros where the optimizer keeps none, as before its first update, or for the momentum
  /// that tf_keras stores and SGD without momentum never reads.
  fileprivate func tensor(
    _ slot: OptimizerSlot, of variable: Int, shape: Shape, _ recipe: OptimizerRecipe
  ) throws(CheckpointError) -> Tensor {
    guard !slots.isEmpty, recipe.slots.contains(slot) else {
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
