extension CheckpointError: CustomStringConvertible {
  public var description: String {
    location.description.isEmpty ? sentence : "\(location): \(sentence)"
  }

  private var sentence: String {
    switch kind {
    case .notKeras(let found):
      return
        "this is no Keras checkpoint: expected \"layer_names\" or \"model_weights\" at the root, "
        + "found \(Self.list(found)); give a file that Keras or Keratin saved"
    case .unsupportedFormat(let name):
      return "this is \(name), which is not read yet; save the model as a legacy .h5 instead"
    case .missingAttribute(let name):
      return "the attribute \"\(name)\" is missing; the file was cut or edited, save it again"
    case .wrongAttribute(let name, let expected, let found):
      return "the attribute \"\(name)\" should be \(expected) but is \(found); save the file again"
    case .missingGroup(let name, let list):
      return "the group \"\(name)\" that \"\(list)\" names is missing; save the file again"
    case .missingDataset(let name, let list):
      return "the dataset \"\(name)\" that \"\(list)\" names is missing; save the file again"
    case .wrongWeightType(let found):
      return "a weight should hold numbers but holds \(found)"
    case .brokenJSON(let byte, let length, let expected):
      return "the JSON is broken at byte \(byte) of \(length): expected \(expected); "
        + "save the model again"
    case .unreadableVersion(let version):
      return "\"keras_version\" is \"\(version)\", which starts with no number; "
        + "expected one such as \"3.15.1\""
    case .duplicateName(let name, let list):
      return "\"\(name)\" stands twice in \"\(list)\"; rename one of the two in the model"
    case .unusableName(let name, let list):
      return "\"\(name)\" in \"\(list)\" cannot be a place in the file; rename it in the model"
    case .conflictingNames(let name, let list):
      return "\"\(name)\" in \"\(list)\" is both a weight and a folder of others; "
        + "rename the layer in the model"
    case .tooMany(let what, let limit):
      return "the file names more than \(limit) \(what), which no model has"
    case .attributeTooLong(let name, let bytes, let limit):
      return
        "a name in \"\(name)\" takes \(bytes) bytes and HDF5 holds at most \(limit); shorten it"
    case .noOptimizerConfig:
      return
        "there is optimizer state but no \"optimizer_config\" in \"training_config\" that says "
        + "whose; compile the model again"
    case .unsupportedOptimizer(let name):
      return "the state of the optimizer \"\(name)\" is not understood; "
        + "known are SGD, Adam, AdamW and RMSprop"
    case .optimizerStateCount(let optimizer, let expected, let found):
      return "the state of \(optimizer) should be \(expected) but has \(found) arrays; "
        + "train afresh, or save the file again"
    case .optimizerSlotShape(let name, let expected, let found):
      return "the optimizer's \"\(name)\" should have the shape \(Self.shape(expected)) "
        + "but has \(Self.shape(found)); train afresh, or save the file again"
    case .optimizerSlotMissing(let slot, let variable):
      return "the optimizer's state lacks \"\(slot)\" for the trained variable \(variable)"
    case .unconvertible(let what, let target):
      return "\(what) cannot be written for \(target); load the model there and save it again"
    }
  }

  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "nothing" }
    let shown = names.prefix(6).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count > 6 ? "\(shown) and \(names.count - 6) more" : shown
  }

  private static func shape(_ extents: [Int]) -> String {
    extents.count == 1
      ? "(\(extents[0]),)" : "(" + extents.map(String.init).joined(separator: ", ") + ")"
  }
}

extension CheckpointError.Location: CustomStringConvertible {
  public var description: String {
    [file, object].compactMap { $0 }.joined(separator: ", ")
  }
}
