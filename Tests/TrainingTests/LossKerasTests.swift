import Engine
import KerasCheckpoint
import Tensors
import Testing
import Training

@Suite(.enabled(if: Keras.isThere, Keras.isAbsent)) struct LossKerasTests {
  @Test func `Losses and their gradients are Keras's`() throws {
    let cases = try Keras.answers.get().at("losses").list
    #expect(cases.count == 67)
    for json in cases {
      let loss = try Loss(config: json.at("loss"))
      let labels = json.at("labels").numbers
      let labelShape = json.at("label_shape").shape
      let y =
        loss.function.isSparse
        ? Tensor(labelShape, labels.map { Int32($0) })
        : Tensor(labelShape, json.at("labels").floats)
      let x = Tensor(json.at("shape").shape, json.at("x").floats)
      let activation = json.at("activation").string ?? ""
      let (value, gradient) = try run(loss, y, x, activation)
      let name = "\(loss) after \(activation)"
      // Keras sums in float32 too, in another order.
      #expect(
        difference([value], [json.at("value").double ?? 0], relative: 2e-6, absolute: 1e-7) == nil,
        "\(name)")
      #expect(
        difference(gradient, json.at("gradient").numbers, relative: 1e-5, absolute: 1e-7) == nil,
        "\(name)")
    }
  }

  private func run(
    _ loss: Loss, _ y: Tensor, _ x: Tensor, _ activation: String
  ) throws -> (Double, [Double]) {
    let builder = ProgramBuilder()
    let operand = builder.input("x", TensorType(x.shape))
    let labels = builder.input("y", TensorType(y.shape, y.dtype))
    let predictions =
      switch activation {
      case "sigmoid": try operand.apply(.sigmoid)
      case "softmax": try operand.softmax(axis: -1)
      case "tanh": try operand.apply(.tanh)
      default: operand
      }
    let value = try loss.value(yTrue: labels, yPred: predictions)
    builder.output("loss", value)
    builder.output("gradient", try builder.gradients(of: value, withRespectTo: [operand])[0])
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    try session.setInput(0, x)
    try session.setInput(1, y)
    try session.run()
    return (
      session.output("loss").scalars.doubles[0], session.output("gradient").scalars.doubles
    )
  }
}
