/// Running a file's model on several inputs.
import Foundation
import Keratin
import Testing

/// What the model of a checkpoint gives for its inputs, from the first to the last output.
func outputs(of checkpoint: Checkpoint, for inputs: [Tensor]) throws -> [Tensor] {
  let config = try #require(checkpoint.modelConfig)
  let graph = try Graph(modelConfig: config, dialect: checkpoint.dialect)
  if let layer = graph.unsupportedLayers.first { throw layer.reason }
  let built = try graph.built(inputShapes: inputs.map { LayerShape($0.shape.dimensions) })
  let variables = Variables()
  try built.loadWeights(checkpoint.layers, of: checkpoint.weightsOrigin, into: variables)
  return try outputs(of: built, variables, for: inputs)
}

/// What a graph gives for its inputs.
func outputs(
  of built: BuiltGraph, _ variables: Variables, for inputs: [Tensor]
) throws -> [Tensor] {
  let builder = ProgramBuilder()
  let values = built.inputTypes(inputs.map(\.shape)).enumerated().map {
    builder.input("x\($0)", $1)
  }
  let results = try built.trace(builder, inputs: values, mode: .inference)
  for (place, result) in results.enumerated() { builder.output("\(place)", result.value) }
  let session = try Session(Plan(builder.program, threads: 2), variables: variables)
  for (place, input) in inputs.enumerated() { try session.setInput(place, input) }
  try session.run()
  return results.indices.map { session.output("\($0)") }
}
