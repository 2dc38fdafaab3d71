import Engine
import Tensors
import TestSupport
import Testing

/// Functions, by the Python that computes the same: `a` is keras.activations, `tf` TensorFlow.
private let functions: [(python: String, function: UnaryFunction)] = [
  ("a.relu(x)", .relu()), ("a.relu(x, max_value=6.)", .relu(maxValue: 6)),
  ("a.relu(x, max_value=3.)", .relu(maxValue: 3)), ("a.relu(x, threshold=1.)", .relu(threshold: 1)),
  (
    "a.relu(x, negative_slope=.5, max_value=3., threshold=1.)",
    .relu(negativeSlope: 0.5, maxValue: 3, threshold: 1)
  ),
  ("a.relu(x, negative_slope=.3)", .relu(negativeSlope: 0.3)), ("a.relu6(x)", .relu6),
  ("a.leaky_relu(x)", .leakyRelu()), ("tf.clip_by_value(x, -1., 1.)", .clip(-1, 1)),
  ("a.sigmoid(x)", .sigmoid), ("a.tanh(x)", .tanh), ("a.softplus(x)", .softplus),
  ("a.softsign(x)", .softsign), ("a.elu(x)", .elu()), ("a.elu(x, 2.)", .elu(alpha: 2)),
  ("a.selu(x)", .selu), ("a.celu(x, 2.)", .celu(alpha: 2)), ("a.gelu(x)", .gelu()),
  ("a.gelu(x, approximate=True)", .gelu(approximate: true)), ("a.silu(x)", .silu),
  ("a.mish(x)", .mish), ("a.hard_sigmoid(x)", .hardSigmoid), ("a.hard_silu(x)", .hardSilu),
  ("tf.clip_by_value(0.2 * x + 0.5, 0., 1.)", .hardSigmoidKeras2),
  ("a.hard_tanh(x)", .hardTanh), ("a.hard_shrink(x)", .hardShrink()),
  ("a.soft_shrink(x)", .softShrink()), ("a.tanh_shrink(x)", .tanhShrink),
  ("a.log_sigmoid(x)", .logSigmoid), ("a.squareplus(x)", .squareplus()),
  ("a.sparse_plus(x)", .sparsePlus), ("a.sparse_sigmoid(x)", .sparseSigmoid),
  ("a.threshold(x, .5, 7.)", .threshold(0.5, value: 7)), ("a.exponential(x)", .exp),
  ("tf.math.log(x)", .log), ("tf.sqrt(x)", .sqrt), ("tf.math.rsqrt(x)", .rsqrt),
  ("tf.sign(x)", .sign), ("tf.abs(x)", .abs), ("tf.math.reciprocal(x)", .reciprocal),
  ("tf.square(x)", .square), ("tf.pow(x, 3.)", .power(3)),
]

/// Kinks, ordinary points, and what is no finite number.
private let points: [Float] =
  [-20, -6, -3, -1, -0.5, 0, 0.5, 1, 3, 6, 20, -.infinity, .infinity, .nan]
  + stride(from: -5.03, through: 5, by: 0.31)

/// Elements as bits, since JSON has no NaN.
private struct Answer: Decodable {
  let values: [UInt32]
  let gradients: [UInt32]
}

@Suite struct KerasActivationTests {
  @Test(.enabled(if: Surroundings.kerasPython != nil, "\(Keras.isAbsent)"))
  func `Values, kinks, NaN and infinities are those of Keras, gradients too`() throws {
    let script = """
      import json, numpy as np, tensorflow as tf, keras
      a = keras.activations
      x = tf.constant(np.array(\(points.map(\.bitPattern)), np.uint32).view(np.float32))
      bits = lambda t: np.asarray(t, np.float32).view(np.uint32).tolist()
      answers = []
      for f in [\(functions.map { "lambda x: \($0.python)" }.joined(separator: ", "))]:
        with tf.GradientTape() as tape:
          tape.watch(x)
          y = f(x)
        gradient = tape.gradient(y, x)
        answers.append(dict(values=bits(y), gradients=bits(tf.zeros_like(x) if gradient is None else gradient)))
      print(json.dumps(answers))
      """
    let answers = try Keras.answer(script, as: [Answer].self)
    try #require(answers.count == functions.count)
    for ((python, function), answer) in zip(functions, answers) {
      let (values, gradients) = try run(function)
      for (index, x) in points.enumerated() {
        // The second form for negative x is exact where Keras's subtracts infinities.
        if python.contains("squareplus"), x == -.infinity { continue }
        let value = Float(bitPattern: answer.values[index])
        #expect(isClose(values[index], value), "\(python) at \(x): \(values[index]), not \(value)")
        // TensorFlow adds both sides' derivatives of celu at 0.
        guard x.isFinite, !(python.contains("celu") && x == 0) else { continue }
        let gradient = Float(bitPattern: answer.gradients[index])
        #expect(
          isClose(gradients[index], gradient),
          "the gradient of \(python) at \(x): \(gradients[index]), not \(gradient)")
      }
    }
  }

  /// Within some roundings of float32 on both sides; TensorFlow's gradient of gelu's approximation is
  /// off by 3e-6 where it is nearly 1.
  private func isClose(_ a: Float, _ b: Float) -> Bool {
    a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= 5e-6 * max(1, b.magnitude)
  }

  private func run(_ function: UnaryFunction) throws -> (values: [Float], gradients: [Float]) {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([points.count]))
    let y = try x.apply(function)
    builder.output("y", y)
    builder.output(
      "dx", try builder.gradients(of: y.sum(axes: [0]), withRespectTo: [x])[0])
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    try session.setInput(0, Tensor(x.shape, points))
    try session.run()
    return (session.output("y").scalars.floats, session.output("dx").scalars.floats)
  }
}
