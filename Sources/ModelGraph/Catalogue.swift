/// Every layer that Keratin runs.

/// The layers by their classes in Keras. Adding a layer is one file in `Layers/` and one line here.
public enum Catalogue {
  public static let layers: [any Layer.Type] = [
    ActivationLayer.self,
    AveragePooling1D.self,
    BatchNormalization.self,
    Bidirectional.self,
    Conv1D.self,
    Dense.self,
    Dropout.self,
    Embedding.self,
    Flatten.self,
    GlobalAveragePooling1D.self,
    GlobalMaxPooling1D.self,
    GRU.self,
    InputLayer.self,
    LSTM.self,
    MaxPooling1D.self,
    NotEqual.self,
    SimpleRNN.self,
  ]

  /// Names under which other versions of Keras wrote a layer.
  static let aliases = [
    "Convolution1D": "Conv1D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "MaxPool1D": "MaxPooling1D",
    "AvgPool1D": "AveragePooling1D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "UnifiedLSTM": "LSTM",
    "UnifiedGRU": "GRU",
  ]

  private static let layersByName = Dictionary(
    uniqueKeysWithValues: layers.map { ($0.className, $0) })

  static func layer(_ className: String) -> (any Layer.Type)? {
    layersByName[aliases[className] ?? className]
  }
}
