/// Steps one after the other, each by ops of its own.
import Engine
import Tensors

extension Passage {
  /// Builds the steps, each from its part of `inputs` and the states before it.
  ///
  /// A program of this kind grows with the sequence; what it computes, and its gradient, do not depend on
  /// how a step is written.
  ///
  /// - Parameters:
  ///   - inputs: what the steps take, `[N, T, …]`.
  ///   - first: the states before the first step.
  ///   - step: the new states, the first of which is the output.
  /// - Throws: `ModelGraphError` where there is no step, or a mask of positions does not fit the states.
  func unrolled(
    _ inputs: Value, _ first: [Value], step: (_ x: Value, _ states: [Value]) throws -> [Value]
  ) throws -> Results {
    let count = sequence.shape[1]
    guard count > 0 else {
      throw ModelGraphError(
        .inputShape(
          expected: "at least one step", found: LayerShape(sequence.shape.dimensions)))
    }
    let times = try inputs.steps()
    let masks = try self.masks(like: first[0].shape)
    let zero = try sequence.builder.constant(0)
    var states = first
    var outputs: [Value] = []
    for place in 0..<count {
      let time = goesBackwards ? count - 1 - place : place
      var new = try step(times[time], states)
      var output = new[0]
      if let mask = masks?[time] {
        let before = zeroesMasked ? zero : outputs.last ?? zero
        output = try mask.select(ifTrue: output, ifFalse: before)
        new = try zip(new, states).map { try mask.select(ifTrue: $0, ifFalse: $1) }
      }
      states = new
      outputs.append(output)
    }
    if reversesOutputs { outputs.reverse() }
    let rows = try outputs.map {
      try $0.reshaped(Shape([$0.shape[0], 1] + $0.shape.dimensions.dropFirst()))
    }
    return Results(
      sequence: try rows[0].concatenated(with: Array(rows.dropFirst()), axis: 1), states: states,
      last: states[0])
  }

  /// The mask of each step, with an axis of extent 1 for each of a state's that it does not have.
  private func masks(like state: Shape) throws -> [Value]? {
    guard let mask else { return nil }
    return try mask.steps().map { mask in
      let extents = mask.shape.dimensions
      // A mask of positions fits where a step leaves these as they are.
      guard extents.count <= state.rank, extents == Array(state.dimensions.prefix(extents.count))
      else {
        throw ModelGraphError(
          .inputShape(
            expected: "a mask of steps, or of the positions of \(state)",
            found: LayerShape(extents)))
      }
      return try mask.reshaped(
        Shape(extents + [Int](repeating: 1, count: state.rank - extents.count)))
    }
  }
}

extension Value {
  /// `[N, …]` for each T of `[N, T, …]`.
  fileprivate func steps() throws(EngineError) -> [Value] {
    var steps: [Value] = []
    for step in try split(shape[1], axis: 1) {
      steps.append(try step.reshaped(Shape([shape[0]] + shape.dimensions.dropFirst(2))))
    }
    return steps
  }
}
