package import HDF5
import Tensors

extension Checkpoint {
  /// Writes the file, whole or not at all: see `GroupContent.write(to:)`.
  ///
  /// The layout is what Keras of this dialect writes, but for the optimizer's state of a Keras 3
  /// checkpoint, which stands in `keratin_optimizer_weights`; see there.
  ///
  /// Memory: every array once, and the file's image once.
  ///
  /// - Throws: `CheckpointError` for names that a file cannot hold, `HDF5Error` where an array of the
  ///   file read before is damaged, `WritingError` where the disk refuses.
  public func write(to path: String) throws {
    let content: GroupContent
    do {
      content = try self.content()
    } catch let error as CheckpointError {
      throw error.located(file: path)
    }
    try content.write(to: path)
  }

  /// The root of the file.
  package func content() throws -> GroupContent {
    var root = GroupContent(attributes: extraAttributes)
    let weights = try weightsContent()
    guard let modelConfig else {
      root.attributes += weights.attributes
      root.children = weights.children
      return root
    }
    // h5py stores `str` as UTF-8 and `bytes` as ASCII, and Keras gives it both.
    if let backend { root.set(LegacyLayout.backend, .string(backend, encoding: .utf8)) }
    if let kerasVersion {
      root.set(LegacyLayout.kerasVersion, .string(kerasVersion, encoding: .utf8))
    }
    root.set(LegacyLayout.modelConfig, .string(modelConfig.text, encoding: .ascii))
    if let trainingConfig {
      root.set(LegacyLayout.trainingConfig, .string(trainingConfig.text, encoding: .ascii))
    }
    root.children.append((LegacyLayout.modelWeights, .group(weights)))
    if let optimizer {
      let name =
        dialect == .keras3 ? LegacyLayout.keratinOptimizerWeights : LegacyLayout.optimizerWeights
      root.children.append((name, .group(try Self.content(of: optimizer.weights, in: name))))
    }
    return root
  }

  /// The group `model_weights`: its layers in the order of their names, as Keras creates them, so
  /// that no group stands in the way of one whose name begins with it.
  private func weightsContent() throws -> GroupContent {
    var group = GroupContent(attributes: extraWeightsAttributes)
    try group.setNames(LegacyLayout.layerNames, layers.map(\.name))
    if let backend { group.set(LegacyLayout.backend, .string(backend, encoding: .ascii)) }
    if let kerasVersion {
      group.set(LegacyLayout.kerasVersion, .string(kerasVersion, encoding: .ascii))
    }
    let own = LegacyLayout.topLevelWeights
    var names: Set<String> = []
    for layer in layers.sorted(by: { $0.name < $1.name }) {
      guard names.insert(layer.name).inserted else {
        throw CheckpointError(.duplicateName(layer.name, list: LegacyLayout.layerNames))
      }
      var content = try Self.content(of: layer.weights, in: layer.name)
      content.attributes += layer.extraAttributes
      try group.insertNamed(.group(content), at: layer.name, list: LegacyLayout.layerNames)
    }
    // The files of Keras before 2.10 have no such group, and get one; no reader minds.
    if !names.contains(own), dialect > .keras1 {
      group.children.append((own, .group(try Self.content(of: topLevelWeights, in: own))))
    }
    return group
  }

  /// A group of weights with their names.
  private static func content(of weights: [Weight], in group: String) throws -> GroupContent {
    var content = GroupContent()
    try content.setNames(LegacyLayout.weightNames, weights.map(\.name))
    var names: Set<String> = []
    for weight in weights {
      guard names.insert(weight.name).inserted else {
        throw CheckpointError(
          .duplicateName(weight.name, list: LegacyLayout.weightNames), at: .init(object: group))
      }
      do {
        let dataset = DatasetContent(try weight.tensor())
        try content.insertNamed(
          .dataset(dataset), at: weight.name, list: LegacyLayout.weightNames)
      } catch let error as CheckpointError {
        throw error.located(object: group)
      }
    }
    return content
  }
}

extension GroupContent {
  /// Puts a node at a name whose slashes make groups.
  fileprivate mutating func insertNamed(
    _ node: NodeContent, at name: String, list: String
  ) throws(CheckpointError) {
    guard StoredNames.isUsable(name) else { throw CheckpointError(.unusableName(name, list: list)) }
    do {
      try insert(node, at: name)
    } catch {
      throw CheckpointError(.conflictingNames(name, list: list))
    }
  }

  /// Sets a list of names as Keras's `save_attributes_to_hdf5_group` does: variable-length strings,
  /// or, where they do not fit one attribute, several of fixed length, `layer_names0` and on.
  fileprivate mutating func setNames(_ name: String, _ list: [String]) throws(CheckpointError) {
    guard !list.isEmpty else {
      set(name, .emptyFloat64)
      return
    }
    let longest = list.lazy.map(\.utf8.count).max() ?? 0
    guard longest <= LegacyLayout.attributeLimit else {
      throw CheckpointError(
        .attributeTooLong(name: name, bytes: longest, limit: LegacyLayout.attributeLimit))
    }
    let parts = StoredNames.parts(of: list, longest: longest)
    guard parts.count > 1 else {
      set(name, .strings(list, .variable(.ascii)))
      return
    }
    for (place, part) in parts.enumerated() {
      set(name + String(place), .strings(Array(part), .fixed(length: max(1, longest))))
    }
  }
}
