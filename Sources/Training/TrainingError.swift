/// What can be wrong with how a model is compiled or with what it is trained on.
public import Tensors

public struct TrainingError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// A loss, metric or optimizer that Keratin does not have.
    case unknown(what: String, name: String, known: [String])
    /// An option of a loss, metric or optimizer that Keratin does not have; training on without it
    /// would train something else.
    case unsupported(option: String, value: String, of: String)
    /// A stored configuration that is not of the form Keras writes.
    case configuration(of: String, expected: String, found: String)
    /// The model was not compiled, and what was asked for needs a loss.
    case notCompiled(action: String)
    /// Inputs and labels that do not belong together, or to the model.
    case data(name: String, expected: String, found: String)
    /// A label that is no class number.
    case label(row: Int, value: String, classes: Int)
    /// Labels and predictions whose shapes do not fit the loss or metric.
    case shapes(of: String, labels: Shape, predictions: Shape, expected: String)
    /// A token that the embedding has no row for. `row` and `position` count from 0.
    case token(row: Int, position: Int, value: Int, vocabulary: Int)
    /// The loss is NaN or infinite. `epoch` and `batch` count from 0.
    case nonFiniteLoss(epoch: Int, batch: Int, loss: Double)
    /// A callback cannot tell whether more or less of what it monitors is better.
    case monitorDirection(callback: String, monitor: String)
    /// A file name that a checkpoint callback cannot use.
    case path(String, reason: String)
    /// A callback wants to save, but was not given a model that can.
    case nothingToSave
    /// State of an optimizer that does not fit the model or the optimizer.
    case optimizerState(expected: String, found: String)
  }

  public let kind: Kind

  public init(_ kind: Kind) { self.kind = kind }
}
