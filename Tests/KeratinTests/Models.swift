/// The models that the tests build in Swift.
import Keratin

/// The notebook's model, in its sizes or smaller.
func notebook(
  vocabulary: Int = 10_000, width: Int = 256, hidden: Int = 128, seed: UInt64? = nil
) -> Sequential {
  Sequential(
    [
      Embedding(inputDim: vocabulary, outputDim: width),
      Dropout(0.3),
      Conv1D(filters: width, kernelSize: 3, padding: .valid, activation: .relu),
      GlobalMaxPooling1D(),
      Dense(hidden, activation: .relu),
      Dropout(0.3),
      Dense(1, activation: .sigmoid),
    ], seed: seed)
}

/// `norm` of `keratin_models.py`.
func norm() -> Sequential {
  Sequential([
    InputLayer(shape: [60]),
    Embedding(inputDim: 2000, outputDim: 16),
    Conv1D(filters: 16, kernelSize: 3, padding: .same, useBias: false),
    BatchNormalization(momentum: 0.9),
    ActivationLayer(.tanh),
    AveragePooling1D(poolSize: 4),
    Flatten(),
    Dense(1, activation: .sigmoid),
  ])
}

/// A layer of every kind that takes sequences.
func everyLayer(seed: UInt64) -> Sequential {
  Sequential(
    [
      InputLayer(shape: [60]),
      Embedding(inputDim: 2000, outputDim: 8),
      Dropout(0.1),
      Conv1D(filters: 8, kernelSize: 3, padding: .causal, dilationRate: 2, groups: 2),
      BatchNormalization(),
      ActivationLayer(.relu),
      MaxPooling1D(poolSize: 2),
      AveragePooling1D(poolSize: 2, strides: 1),
      LSTM(6, returnSequences: true),
      GlobalAveragePooling1D(),
      Dense(4, activation: .tanh),
      Dense(3, activation: .softmax),
    ], seed: seed)
}
