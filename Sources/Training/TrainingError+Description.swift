extension TrainingError: CustomStringConvertible {
  public var description: String {
    switch kind {
    case .unknown(let what, let name, let known):
      return "There is no \(what) '\(name)'; use one of \(known.joined(separator: ", "))."
    case .unsupported(let option, let value, let owner):
      return "\(owner) has \(option)=\(value), which is not supported yet; "
        + "compile the model again without it."
    case .configuration(let owner, let expected, let found):
      return "The stored configuration of \(owner) should have \(expected), but has \(found); "
        + "compile the model again."
    case .notCompiled(let action):
      return "The model must be compiled before it can \(action): give it an optimizer and a loss."
    case .data(let name, let expected, let found):
      return "\(name) should be \(expected), but is \(found)."
    case .label(let row, let value, let classes):
      return "The label of row \(row) is \(value), but the model tells \(classes) classes apart: "
        + "labels must be whole numbers in 0..<\(classes)."
    case .shapes(let owner, let labels, let predictions, let expected):
      return "\(owner) cannot compare labels of shape \(labels) with predictions of shape "
        + "\(predictions): it needs \(expected)."
    case .token(let row, let position, let value, let vocabulary):
      return "Token \(value) at position \(position) of row \(row) is outside the vocabulary of "
        + "\(vocabulary); load the data with at most \(vocabulary) words."
    case .nonFiniteLoss(let epoch, let batch, let loss):
      return "The loss became \(loss.pythonText) in epoch \(epoch + 1), batch \(batch + 1); "
        + "lower the learning rate, or look for extreme values in the data."
    case .monitorDirection(let callback, let monitor):
      return "\(callback) monitors '\(monitor)' and cannot tell whether more or less of it is "
        + "better; give mode .max or .min."
    case .path(let path, let reason):
      return "The checkpoint's file name '\(path)' cannot be used: \(reason)."
    case .nothingToSave:
      return "A callback wants to save the model, but training was started without one to save."
    case .optimizerState(let expected, let found):
      return "The optimizer's state should be \(expected), but is \(found)."
    }
  }
}
