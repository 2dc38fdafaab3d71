package import HDF5
import Tensors

extension Checkpoint {
  /// Reads a file: names, shapes and configuration now, arrays when they are asked for.
  ///
  /// - Throws: `HDF5Error` where the file is not whole HDF5, `CheckpointError` where it is but is
  ///   not a whole checkpoint.
  public init(path: String) throws {
    let file = try File(path: path)
    do {
      try self.init(root: file.root)
    } catch let error as CheckpointError {
      throw error.located(file: path)
    }
  }

  /// Reads the checkpoint whose root this group is.
  package init(root: Group) throws {
    if try root.hasAttribute(LegacyLayout.layerNames) {
      try self.init(weightsIn: root, root: root)
    } else if let weights = try root.group(LegacyLayout.modelWeights) {
      try self.init(weightsIn: weights, root: root)
    } else if let layers = try Keras0Layout.layers(in: root) {
      self.init(keras0Layers: layers)
    } else {
      throw CheckpointError(try Self.refusal(of: root))
    }
  }

  private init(weightsIn group: Group, root: Group) throws {
    var scope = ReadingScope()
    let isWeightsOnly = group.path == root.path
    let names = try group.nameList(LegacyLayout.layerNames)
    layers = []
    for name in names {
      layers.append(try LayerWeights(named: name, in: group, scope: &scope))
    }
    let own = LegacyLayout.topLevelWeights
    topLevelWeights = []
    if !names.contains(own), try group.hasChild(own) {
      topLevelWeights = try LayerWeights(named: own, in: group, scope: &scope).weights
    }

    kerasVersion =
      try root.text(LegacyLayout.kerasVersion) ?? group.text(LegacyLayout.kerasVersion)
    backend = try root.text(LegacyLayout.backend) ?? group.text(LegacyLayout.backend)
    dialect = try Dialect(kerasVersion: kerasVersion)
    modelConfig = try root.json(LegacyLayout.modelConfig)
    trainingConfig = try root.json(LegacyLayout.trainingConfig)
    extraAttributes = try root.extraAttributes(
      besides: isWeightsOnly ? LegacyLayout.ownOfWeights : LegacyLayout.ownOfRoot,
      unreadable: &scope.unreadable)
    extraWeightsAttributes =
      isWeightsOnly
      ? []
      : try group.extraAttributes(
        besides: LegacyLayout.ownOfWeights, unreadable: &scope.unreadable)

    let states = [LegacyLayout.optimizerWeights, LegacyLayout.keratinOptimizerWeights]
    optimizer = nil
    for state in states where optimizer == nil && !isWeightsOnly {
      guard try root.hasChild(state) else { continue }
      let weights = try LayerWeights(named: state, in: root, scope: &scope).weights
      optimizer = OptimizerState(weights: weights)
    }
    unreadableAttributes = scope.unreadable
  }

  private init(keras0Layers: [LayerWeights]) {
    dialect = .keras1
    kerasVersion = nil
    backend = nil
    modelConfig = nil
    trainingConfig = nil
    layers = keras0Layers
    topLevelWeights = []
    optimizer = nil
    extraAttributes = []
    extraWeightsAttributes = []
  }

  /// What an HDF5 file is that is no legacy checkpoint.
  private static func refusal(of root: Group) throws -> CheckpointError.Kind {
    let names = try root.children().map(\.name)
    let isOfKeras3 = !names.filter { ["layers", "_layer_checkpoint_dependencies"].contains($0) }
      .isEmpty
    return isOfKeras3 && names.contains("vars")
      ? .unsupportedFormat(name: "a Keras 3 \".weights.h5\"") : .notKeras(found: names)
  }
}

extension LayerWeights {
  /// Reads a group with the attribute `weight_names`.
  init(named name: String, in parent: Group, scope: inout ReadingScope) throws {
    guard StoredNames.isUsable(name) else {
      throw CheckpointError(
        .unusableName(name, list: LegacyLayout.layerNames), at: .init(object: parent.path))
    }
    guard let group = try parent.group(name) else {
      throw CheckpointError(
        .missingGroup(named: name, by: LegacyLayout.layerNames), at: .init(object: parent.path))
    }
    self.name = name
    weights = []
    for weight in try group.nameList(LegacyLayout.weightNames) {
      try scope.spend(1)
      weights.append(try Weight(named: weight, in: group, list: LegacyLayout.weightNames))
    }
    extraAttributes = try group.extraAttributes(
      besides: LegacyLayout.ownOfLayer, unreadable: &scope.unreadable)
  }
}

/// What one reading of a file adds up.
struct ReadingScope {
  /// How many weights the file may still name. Names are cheap, links to one group cheaper, so that
  /// a small file could name more weights than memory holds.
  private var budget = LegacyLayout.weightLimit

  /// See `Checkpoint.unreadableAttributes`.
  var unreadable: [String] = []

  mutating func spend(_ count: Int) throws(CheckpointError) {
    guard count <= budget else {
      throw CheckpointError(.tooMany(what: "weights", limit: LegacyLayout.weightLimit))
    }
    budget -= count
  }
}
