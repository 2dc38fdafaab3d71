import Engine

extension ModelGraphError: CustomStringConvertible {
  public var description: String {
    location.description.isEmpty ? sentence : "\(location): \(sentence)"
  }

  private var sentence: String {
    switch kind {
    case .notAModel(let found):
      return "expected the configuration of a Sequential or Functional model, found \(found); "
        + "give a file that holds a whole model, not only weights"
    case .missingKey:
      return "the key is missing; save the model again"
    case .wrongValue(let expected, let found):
      return "expected \(expected), found \(found)"
    case .noLayers:
      return "the model has no layers; add at least one"
    case .duplicateLayer:
      return "two layers have this name; rename one of them"
    case .danglingReference(let to):
      return
        "it takes its input from \"\(to)\", which the model does not have; save the model again"
    case .cycle(let layers):
      return "the layers \(Self.list(layers)) wait for each other's results; save the model again"
    case .tooMany(let what, let limit):
      return "more than \(limit) \(what), which no model has"
    case .disconnected(let input):
      return "the outputs depend on the input \"\(input)\", which is not among the model's; "
        + "name it in inputs"
    case .notAnInput:
      return "a model's inputs are results of Input(shape:), not of other layers"
    case .unsupportedLayer:
      return
        "layers of this class are not supported yet, so the model can be inspected but not run; "
        + "replace the layer, run the model with Keras, or give the class among customLayers"
    case .pythonCode:
      return "the layer holds Python code, which is never run; "
        + "replace it by a layer of Keras that does the same, and save the model again"
    case .unsupportedFunction(let name):
      return "the function \"\(name)\" is not supported yet, so the model can be inspected but not "
        + "run; replace it by a layer of Keras that does the same, or run the model with Keras"
    case .unsupportedOption(let value):
      return "\(value) is not supported yet; the model can be inspected but not run"
    case .untrainable(let option):
      return "a layer with \(option) can be run but not trained yet; "
        + "remove it, or freeze the layer with trainable = false"
    case .randomImages:
      return "layers of this class change images in training, which is not supported yet; "
        + "take the layer out and give changed images, or train the model with Keras"
    case .unknownInputShape:
      return "the shape of the model's input is not known; "
        + "add an InputLayer(shape:), or build the model with the shape of its data"
    case .inputCount(let expected, let found):
      return "expected \(expected) input\(expected == 1 ? "" : "s"), found \(found)"
    case .inputShape(let expected, let found):
      return "expected an input of \(expected), found one of shape \(found)"
    case .tooLarge(let what):
      return "\(what) is too large to count"
    case .parameterLimit(let count, let limit):
      return "the model has \(count) parameters, above the limit of \(limit)"
    case .weightedLayerCount(let expected, let found):
      return
        "the model has \(expected.count) layers with weights (\(Self.list(expected))), but the "
        + "file has \(found.count) (\(Self.list(found))); give the file of the same model"
    case .weightCount(let expected, let found):
      return "the layer has \(expected.count) weights (\(Self.list(expected))), but the file has "
        + "\(found.count) (\(Self.list(found))); give the file of the same model"
    case .weightShape(let weight, let expected, let found):
      return "the weight \"\(weight)\" should have the shape \(LayerShape(expected)) but has "
        + "\(LayerShape(found)) in the file; give the file of the same model"
    case .missingVariable(let name):
      return "there is no variable \"\(name)\"; load weights or initialise the model first"
    case .uninitialisable(let initializer):
      return "\(initializer) cannot draw weights of this shape here; load the weights from a file"
    case .unreadableWeight(let weight, let reason):
      return "the weight \"\(weight)\" cannot be read: \(reason)"
    case .engine(let error):
      return error.description
    }
  }

  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "none" }
    let shown = names.prefix(8).joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }
}

extension ModelGraphError.Location: CustomStringConvertible {
  public var description: String {
    let layer: String? =
      switch (self.layer, className) {
      case (let name?, let className?): "layer \"\(name)\" (\(className))"
      case (let name?, nil): "layer \"\(name)\""
      case (nil, let className?): className
      case (nil, nil): nil
      }
    return [layer, key.map { "\"\($0)\"" }].compactMap { $0 }.joined(separator: ": ")
  }
}
