/// How a model computes: its program and its plan, for people to read.
public import Engine
import ModelGraph
import Tensors

extension Model {
  /// A prediction as it is built, op by op, and as it is run.
  public struct PredictionPlan: Sendable, CustomStringConvertible {
    /// What the layers say.
    public let program: Program
    /// The same after every pass, with its place in memory.
    public let plan: Plan

    public var description: String { "program\n\(program)\n\nplan\n\(plan)" }
  }

  /// The program and the plan of predicting, without any number of the model.
  ///
  /// - Parameters:
  ///   - rows: the samples of a batch.
  ///   - length: what the model leaves open beside the batch, such as the words of a review.
  ///   - runs: how often the plan is to run; from some number on, more is prepared.
  /// - Throws: `ModelGraphError` where the layers do not fit these shapes.
  public func predictionPlan(rows: Int, length: Int?, runs: Int = 1) throws -> PredictionPlan {
    var shapes: [Shape] = []
    // A model that waits for its first data takes a sequence, as all do that begin with words.
    for open in graph.isDeferred ? graph.inputs.map({ _ in [nil, nil] }) : try openShapes {
      var extents = [rows]
      for extent in open.extents.dropFirst() {
        guard let extent = extent ?? length else {
          throw ModelGraphError(.inputShape(expected: "a length for every axis", found: open))
        }
        extents.append(extent)
      }
      guard let shape = Shape(checking: extents) else {
        throw ModelGraphError(.tooLarge(what: "an input of shape \(LayerShape(extents))"))
      }
      shapes.append(shape)
    }
    let built = try graph.built(inputShapes: shapes.map { LayerShape($0.dimensions) })
    let builder = ProgramBuilder()
    let types = built.inputTypes(shapes)
    let inputs = types.enumerated().map { builder.input("x\($0)", $1) }
    let results = try built.trace(builder, inputs: inputs, mode: .inference)
    for (place, result) in results.enumerated() { builder.output("y\(place)", result.value) }
    let program = builder.program
    return PredictionPlan(
      program: program, plan: Plan(program, threads: threads, runs: runs))
  }

  /// The shapes of the inputs, with nil for what the model leaves open.
  private var openShapes: [LayerShape] { get throws { try graph.built().inputShapes } }
}
