import Engine
import Kernels
import Tensors
import TestSupport
import Testing

/// A layer of the real Keras, and the trial that stands for it.
private struct KerasLayer {
  let python: String
  let trial: RecurrenceTrial

  init(
    _ cell: RecurrentCell, _ options: String = "",
    _ change: (inout RecurrenceOptions) -> Void = { _ in }
  ) {
    let name =
      switch cell {
      case .lstm: "LSTM(4"
      case .gru(let resetsAfter): "GRU(4, reset_after=\(resetsAfter ? "True" : "False")"
      case .simple: "SimpleRNN(4"
      }
    python = name + (options.isEmpty ? "" : ", ") + options
    trial = RecurrenceTrial(cell) {
      ($0.samples, $0.steps, $0.features, $0.units) = (5, 6, 3, 4)
      change(&$0.settings)
    }
  }

  static let all = RecurrenceTrial.cells.flatMap { cell in
    [
      KerasLayer(cell),
      KerasLayer(cell, "use_bias=False") { $0.hasBias = false },
      KerasLayer(cell, functions("relu", "hard_sigmoid", cell)) {
        ($0.activation, $0.recurrentActivation) = (.relu, .hardSigmoid)
      },
      KerasLayer(cell, functions("softsign", "tanh", cell)) {
        ($0.activation, $0.recurrentActivation) = (.softsign, .tanh)
      },
      KerasLayer(cell) { ($0.hasMask, $0.hasInitialState) = (true, true) },
      KerasLayer(cell, "go_backwards=True, zero_output_for_mask=True") {
        ($0.hasMask, $0.goesBackwards, $0.zeroesMasked) = (true, true, true)
      },
      KerasLayer(cell, "go_backwards=True") {
        ($0.hasMask, $0.goesBackwards, $0.hasInitialState) = (true, true, true)
      },
    ]
  }

  private static func functions(
    _ activation: String, _ recurrent: String, _ cell: RecurrentCell
  ) -> String {
    "activation='\(activation)'" + (cell == .simple ? "" : ", recurrent_activation='\(recurrent)'")
  }
}

private struct KerasLayerRun: Decodable {
  let operands: [[Float]]
  let results: [[Double]]
  /// Of Σ sequence² + Σ first state · last state, for x and the weights.
  let gradients: [[Double]]
}

@Suite struct RecurrenceKerasTests {
  @Test(.enabled(if: Surroundings.kerasPython != nil, "\(Keras.isAbsent)"))
  func `outputs, states and gradients agree with Keras`() throws {
    let calls = KerasLayer.all.map { layer in
      "run(keras.layers.\(layer.python), return_sequences=True, return_state=True), "
        + "\(layer.trial.settings.hasInitialState ? "True" : "False"), "
        + "\(layer.trial.settings.hasMask ? "True" : "False"))"
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
        count = 2 if isinstance(layer, keras.layers.LSTM) else 1
        states = [draw(5, 4) for _ in range(count)] if state else []
        # Ends and beginnings masked, gaps, a sample without a step.
        mask = numpy.array([[1,1,1,1,1,1],[1,1,0,0,0,0],[0,0,1,1,1,0],[1,0,1,0,0,1],[0,0,0,0,0,0]])
        options = {}
        if state: options["initial_state"] = [tf.constant(s) for s in states]
        if masked: options["mask"] = tf.constant(mask.astype(bool))
        weights = [w.value for w in layer.weights]
        with tf.GradientTape() as tape:
          tape.watch(x)
          sequence, *last = layer(x, **options)
          loss = tf.reduce_sum(sequence * sequence) + tf.reduce_sum(last[0] * last[-1])
        gradients = tape.gradient(loss, [x] + weights)
        operands = [x] + layer.get_weights() + states + ([mask] if masked else [])
        return dict(operands=[floats(v) for v in operands],
                    results=[floats(v) for v in (sequence, *last)],
                    gradients=[floats(v) for v in gradients])
      print(json.dumps([\(calls.joined(separator: ", "))]))
      """, as: [KerasLayerRun].self)
    #expect(runs.count == KerasLayer.all.count)
    for (layer, run) in zip(KerasLayer.all, runs) { try compare(layer, run) }
  }

  private func compare(_ layer: KerasLayer, _ run: KerasLayerRun) throws {
    let (trial, python) = (layer.trial, layer.python)
    let states = trial.settings.cell.states
    let operands = zip(trial.shapes, run.operands).map { shape, values in
      ReferenceTensor(shape, values.map { Double($0) })
    }
    #expect(operands.count == run.operands.count)
    let op = Recurrence(trial.settings)
    let found = try execute(op, operands, threads: 1)
    for (index, expected) in run.results.enumerated() {
      expectClose(found[index], expected, tolerance: 5e-6, "\(python) \(trial.results[index])")
    }
    let saved = zip(op.reference(operands, RunContext()), found).dropFirst(1 + states)
      .map { ReferenceTensor($0.shape, $1.map { Double($0) }) }
    // The loss above, differentiated by hand.
    let flowing =
      [found[0].map { 2 * $0 }]
      + (states == 2 ? [found[2], found[1]] : [found[1].map { 2 * $0 }])
    let state: Shape = [5, 4]
    let mask = trial.settings.hasMask ? [operands[operands.count - 1]] : []
    let gradients = try execute(
      RecurrenceGradient(
        trial.settings, needsInput: true, flowing: [Bool](repeating: true, count: 1 + states)),
      operands[..<3] + mask + saved
        + zip([[5, 6, 4], state, state], flowing).map {
          ReferenceTensor($0, $1.map { Double($0) })
        }, threads: 1)
    let order = [gradients.count - 1, 0, 1] + (trial.settings.hasBias ? [2] : [])
    #expect(order.count == run.gradients.count)
    for (place, index) in order.enumerated() {
      expectClose(
        gradients[index], run.gradients[place], tolerance: 2e-5, "\(python) gradient \(place)")
    }
  }
}
