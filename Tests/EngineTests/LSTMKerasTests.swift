import Engine
import Kernels
import Tensors
import TestSupport
import Testing

/// Layers of the real Keras, and the options that stand for them.
private let layers: [(python: String, trial: LSTMTrial)] = [
  ("", LSTMTrial()),
  ("use_bias=False", LSTMTrial { $0.settings.hasBias = false }),
  (
    "activation='relu', recurrent_activation='hard_sigmoid'",
    LSTMTrial { ($0.settings.activation, $0.settings.recurrentActivation) = (.relu, .hardSigmoid) }
  ),
  (
    "activation='softsign', recurrent_activation='linear'",
    LSTMTrial { ($0.settings.activation, $0.settings.recurrentActivation) = (.softsign, .linear) }
  ),
  ("", LSTMTrial { ($0.settings.hasMask, $0.settings.hasInitialState) = (true, true) }),
  (
    "go_backwards=True, zero_output_for_mask=True",
    LSTMTrial {
      ($0.settings.hasMask, $0.settings.goesBackwards, $0.settings.zeroesMasked) = (
        true, true, true
      )
    }
  ),
  (
    "go_backwards=True",
    LSTMTrial {
      ($0.settings.hasMask, $0.settings.goesBackwards, $0.settings.hasInitialState) = (
        true, true, true
      )
    }
  ),
]

private struct KerasLayerRun: Decodable {
  let operands: [[Float]]
  let results: [[Double]]
  /// Of Σ sequence² + Σ h · c, for x and the weights.
  let gradients: [[Double]]
}

@Suite struct LSTMKerasTests {
  @Test(.enabled(if: Surroundings.kerasPython != nil, "\(Keras.isAbsent)"))
  func `outputs, states and gradients agree with Keras`() throws {
    let calls = layers.map { python, trial in
      let options = python.isEmpty ? "" : ", " + python
      return "run(keras.layers.LSTM(4, return_sequences=True, return_state=True\(options)), "
        + "\(trial.settings.hasInitialState ? "True" : "False"), "
        + "\(trial.settings.hasMask ? "True" : "False"))"
    }
    let runs = try Keras.answer(
      """
      import json, numpy, keras, tensorflow as tf
      random = numpy.random.RandomState(6)
      def floats(x): return [float(v) for v in numpy.asarray(x, "float32").ravel()]
      def draw(*shape): return random.randn(*shape).astype("float32")
      def run(layer, state, masked):
        x = tf.constant(draw(5, 6, 3))
        layer.build(x.shape)
        layer.set_weights([0.5 * draw(*w.shape) for w in layer.weights])
        states = [draw(5, 4), draw(5, 4)] if state else []
        # Ends and beginnings masked, gaps, a sample without a step.
        mask = numpy.array([[1,1,1,1,1,1],[1,1,0,0,0,0],[0,0,1,1,1,0],[1,0,1,0,0,1],[0,0,0,0,0,0]])
        options = {}
        if state: options["initial_state"] = [tf.constant(s) for s in states]
        if masked: options["mask"] = tf.constant(mask.astype(bool))
        weights = [w.value for w in layer.weights]
        with tf.GradientTape() as tape:
          tape.watch(x)
          sequence, h, c = layer(x, **options)
          loss = tf.reduce_sum(sequence * sequence) + tf.reduce_sum(h * c)
        gradients = tape.gradient(loss, [x] + weights)
        operands = [x] + layer.get_weights() + states + ([mask] if masked else [])
        return dict(operands=[floats(v) for v in operands],
                    results=[floats(v) for v in (sequence, h, c)],
                    gradients=[floats(v) for v in gradients])
      print(json.dumps([\(calls.joined(separator: ", "))]))
      """, as: [KerasLayerRun].self)
    #expect(runs.count == layers.count)
    for ((python, trial), run) in zip(layers, runs) { try compare(python, trial, run) }
  }

  private func compare(_ python: String, _ trial: LSTMTrial, _ run: KerasLayerRun) throws {
    var trial = trial
    (trial.samples, trial.steps, trial.features, trial.units) = (5, 6, 3, 4)
    let operands = zip(trial.shapes, run.operands).map { shape, values in
      ReferenceTensor(shape, values.map { Double($0) })
    }
    #expect(operands.count == run.operands.count)
    let found = try execute(LSTM(trial.settings), operands, threads: 1)
    for (index, name) in ["sequence", "h", "c"].enumerated() {
      expectClose(found[index], run.results[index], tolerance: 5e-6, "LSTM(\(python)) \(name)")
    }
    let saved = zip(LSTM(trial.settings).reference(operands, RunContext()), found).dropFirst(3)
      .map { ReferenceTensor($0.shape, $1.map { Double($0) }) }
    // The loss above, differentiated by hand.
    let flowing = [found[0].map { 2 * $0 }, found[2], found[1]]
    let state: Shape = [5, 4]
    let mask = trial.settings.hasMask ? [operands[operands.count - 1]] : []
    let gradients = try execute(
      LSTMGradient(trial.settings, needsInput: true),
      operands[..<3] + mask + saved
        + zip([[5, 6, 4], state, state], flowing).map {
          ReferenceTensor($0, $1.map { Double($0) })
        }, threads: 1)
    let order = trial.settings.hasBias ? [5, 0, 1, 2] : [5, 0, 1]
    for (place, index) in order.enumerated() {
      expectClose(
        gradients[index], run.gradients[place], tolerance: 2e-5,
        "LSTM(\(python)) gradient \(place)")
    }
  }
}
