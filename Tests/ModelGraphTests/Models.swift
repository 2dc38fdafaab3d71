import ModelGraph

/// Models that several tests use.
enum Models {
  /// The model that the project is measured by.
  static func reviewClassifier() -> [any Layer] {
    [
      Embedding(inputDim: 10_000, outputDim: 256), Dropout(0.3),
      Conv1D(filters: 256, kernelSize: 3, activation: .relu), GlobalMaxPooling1D(),
      Dense(128, activation: .relu), Dropout(0.3), Dense(1, activation: .sigmoid),
    ]
  }
}
