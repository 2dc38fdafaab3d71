// Stands in for ops of the engine that are being written; goes when they are there.
import Engine
import Kernels
import Tensors

extension Value {
  private func pending() throws(EngineError) -> Value {
    throw EngineError(.options(op: "op", reason: "it is not there yet"))
  }
  func softmax(axis: Int = -1) throws(EngineError) -> Value { try pending() }
  func logSoftmax(axis: Int = -1) throws(EngineError) -> Value { try pending() }
  func sparsemax() throws(EngineError) -> Value { try pending() }
  func slice(axis: Int, _ range: Range<Int>) throws(EngineError) -> Value { try pending() }
  func transposed(_ permutation: [Int]) throws(EngineError) -> Value { try pending() }
  func toFloat() throws(EngineError) -> Value { try pending() }
  func toInt() throws(EngineError) -> Value { try pending() }
  func notEqual(to: Int32) throws(EngineError) -> Value { try pending() }
  func maxPool1D(size: Int, strides: Int, padding: Padding) throws(EngineError) -> Value {
    try pending()
  }
  func averagePool1D(size: Int, strides: Int, padding: Padding) throws(EngineError) -> Value {
    try pending()
  }
  func lstm(
    kernel: Value, recurrentKernel: Value, bias: Value? = nil,
    initialState: (h: Value, c: Value)? = nil, mask: Value? = nil,
    activation: GateFunction = .tanh, recurrentActivation: GateFunction = .sigmoid,
    goBackwards: Bool = false, zeroOutputForMask: Bool = false
  ) throws(EngineError) -> (sequence: Value, h: Value, c: Value) {
    (try pending(), self, self)
  }
}

enum GateFunction {
  case linear, relu, sigmoid, tanh, hardSigmoid, hardSigmoidKeras2, softsign, exponential, elu
}
