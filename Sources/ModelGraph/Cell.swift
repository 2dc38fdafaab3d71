/// What a recurrent layer does at each step of its sequence.
public import Engine
import KerasCheckpoint
import Tensors

/// One step, from an input `[N, …]` and states to new states, and what it is over a sequence.
public protocol Cell: Sendable {
  var name: String { get }
  var trainable: Bool { get }

  /// The result of a step for an input of this shape.
  func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape

  /// The number of states.
  var stateCount: Int { get }

  /// The shapes of the states, in the order in which Keras takes and gives them.
  func stateShapes(_ input: LayerShape) throws(ModelGraphError) -> [LayerShape]

  /// The weights for the shape of a step's input, the first of these.
  func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec]

  /// Builds the steps of a sequence as ops.
  func run(_ passage: Passage, _ context: LayerContext) throws -> Passage.Results
}

/// A cell that is a layer too: of its own it takes `[N, D]` and its states, and gives a result and its new
/// states.
public protocol CellLayer: Cell, Layer {}

extension CellLayer {
  /// The name of a cell that its layer made.
  static var standardName: String { LayerNames.snakeCase(className) }

  public static var namedArguments: NamedArguments { NamedArguments(lists: ["states"]) }
  public static var furtherInputs: String? { "states" }
  public static var legacyKeys: [String: LegacyKey] { ["implementation": .dropped] }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    guard let input = inputs.first else {
      throw ModelGraphError(.inputCount(expected: 1, found: 0))
    }
    let states = try stateShapes(input)
    try states.check(inputs.dropFirst())
    return [try outputShape(input)] + states
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let x = inputs[0].value
    var passage = Passage(try x.reshaped(Shape([x.shape[0], 1] + x.shape.dimensions.dropFirst())))
    passage.initialStates = inputs.dropFirst().map(\.value)
    let results = try run(passage, context)
    return [Signal(results.last)] + results.states.map { Signal($0) }
  }
}

/// A cell's way over a sequence.
public struct Passage {
  /// `[N, T, …]`
  public var sequence: Value
  /// 1 for each of `[N, T]` that counts, 0 where nothing changes; nil where all count.
  public var mask: Value?
  /// Zeros where there are none.
  public var initialStates: [Value] = []
  /// From the last step to the first; outputs stand in the order in which they are made.
  public var goesBackwards = false
  /// Whether outputs stand in the reverse of that order.
  public var reversesOutputs = false
  /// Whether the output of a masked step is zero rather than that of the step before.
  public var zeroesMasked = false

  public init(_ sequence: Value) { self.sequence = sequence }

  /// What comes of it.
  public struct Results {
    /// The outputs of all steps, `[N, T, …]`.
    public var sequence: Value
    public var states: [Value]
    /// The state that is the output of the last step which was not masked.
    public var last: Value
  }
}

extension [LayerShape] {
  /// Refuses states of another number or of other shapes; none at all are zeros.
  func check(_ found: ArraySlice<LayerShape>) throws(ModelGraphError) {
    guard found.isEmpty || found.count == count else {
      throw ModelGraphError(.inputCount(expected: 1 + count, found: 1 + found.count))
    }
    for (expected, state) in zip(self, found) where !expected.admits(state) {
      throw ModelGraphError(.inputShape(expected: "a state of shape \(expected)", found: state))
    }
  }
}
