/// Cells one behind the other.
import Engine
public import KerasCheckpoint

/// Each cell takes the output of the one before it at the same step; the last one's is that of all. Over a
/// sequence this is the first cell at all steps, then the second, since none looks ahead.
///
/// The states are those of all cells, the first one's first.
///
/// Weights: those of the cells, each after its name. Source: `keras/src/layers/rnn/stacked_rnn_cells.py`.
public struct StackedRNNCells: CellLayer {
  public static let className = "StackedRNNCells"

  public var attributes: LayerAttributes
  public private(set) var cells: [any CellLayer]
  /// Whether the states of the last cell come first, as in early Keras 2.
  private var reversesStates = false

  /// - Precondition: there is a cell, and no two have the same name.
  public init(_ cells: [any CellLayer], name: String? = nil, trainable: Bool = true) {
    precondition(!cells.isEmpty, "a stack of no cells")
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.cells = cells
    do { try nameCells() } catch { preconditionFailure("\(error)") }
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    reversesStates = try config.bool("reverse_state_order", default: false)
    cells = []
    for layer in try config.layers("cells") {
      guard let cell = layer as? any CellLayer else {
        throw config.unsupported("cells", "a cell of class \(type(of: layer).className)")
      }
      cells.append(cell)
    }
    guard !cells.isEmpty else { throw config.wrong("cells", "one cell or more", []) }
    do { try nameCells() } catch { throw error.located(key: "cells") }
  }

  private mutating func nameCells() throws(ModelGraphError) {
    for (place, cell) in try LayerNames.complete(cells).enumerated() {
      cells[place].name = cell.name
    }
  }

  public var settings: [String: JSON] {
    var settings: [String: JSON] = ["cells": .array(cells.map { $0.entry(.complete) })]
    // Keras 3 does not know the other order, and refuses it rather than mixing up states.
    if reversesStates { settings["reverse_state_order"] = true }
    return settings
  }

  public var wrapped: [any Layer] { cells }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    var specs: [WeightSpec] = []
    for (cell, input) in try zip(cells, cellInputs(inputs[0])) {
      specs += try cell.weights([input]).map {
        $0.inside(cell.name, trainable: cell.trainable)
      }
    }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try cellInputs(input)[cells.count]
  }

  public var stateCount: Int { stateCounts.reduce(0, +) }

  public func stateShapes(_ input: LayerShape) throws(ModelGraphError) -> [LayerShape] {
    try states(input).flatMap { $0 }
  }

  /// How many states each cell has, in the order in which they come.
  var stateCounts: [Int] { ordered(cells).map(\.stateCount) }

  /// The shapes of the states, cell by cell in the order in which they come.
  private func states(_ input: LayerShape) throws(ModelGraphError) -> [[LayerShape]] {
    var states: [[LayerShape]] = []
    for (cell, input) in try zip(cells, cellInputs(input)) {
      states.append(try cell.stateShapes(input))
    }
    return ordered(states)
  }

  private func ordered<Element>(_ cells: [Element]) -> [Element] {
    reversesStates ? cells.reversed() : cells
  }

  /// What each cell takes, and at the end what the last one gives.
  private func cellInputs(_ input: LayerShape) throws(ModelGraphError) -> [LayerShape] {
    var inputs = [input]
    for (place, cell) in cells.enumerated() { inputs.append(try cell.outputShape(inputs[place])) }
    return inputs
  }

  public func run(_ passage: Passage, _ context: LayerContext) throws -> Passage.Results {
    var rest = passage.initialStates[...]
    var initial: [[Value]] = []
    for count in stateCounts {
      initial.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    initial = ordered(initial)
    var next = passage
    var states: [[Value]] = []
    var last = passage.sequence
    for (place, cell) in cells.enumerated() {
      let isLast = place == cells.count - 1
      next.initialStates = initial[place]
      // Between the cells outputs stand by time, for the next one to go the same way.
      next.reversesOutputs = isLast ? passage.reversesOutputs : passage.goesBackwards
      next.zeroesMasked = isLast && passage.zeroesMasked
      let results = try cell.run(next, context.inside(cell.name, place: place))
      next.sequence = results.sequence
      states.append(results.states)
      last = results.last
    }
    return Passage.Results(
      sequence: next.sequence, states: ordered(states).flatMap { $0 }, last: last)
  }
}
