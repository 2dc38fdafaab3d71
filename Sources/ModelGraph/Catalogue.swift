/// Every layer that Keratin runs.

/// The layers by their classes in Keras. Adding a layer is a file in `Layers/`, or its
/// part of a family's, and one line here.
public enum Catalogue {
  public static let layers: [any Layer.Type] = [
    ActivationLayer.self,
    AdaptiveAveragePooling1D.self,
    AdaptiveAveragePooling2D.self,
    AdaptiveAveragePooling3D.self,
    AdaptiveMaxPooling1D.self,
    AdaptiveMaxPooling2D.self,
    AdaptiveMaxPooling3D.self,
    AveragePooling1D.self,
    AveragePooling2D.self,
    AveragePooling3D.self,
    BatchNormalization.self,
    Conv1D.self,
    Dense.self,
    Dropout.self,
    Embedding.self,
    Flatten.self,
    GlobalAveragePooling1D.self,
    GlobalAveragePooling2D.self,
    GlobalAveragePooling3D.self,
    GlobalMaxPooling1D.self,
    GlobalMaxPooling2D.self,
    GlobalMaxPooling3D.self,
    InputLayer.self,
    LSTM.self,
    MaxPooling1D.self,
    MaxPooling2D.self,
    MaxPooling3D.self,
    NotEqual.self,
  ]

  /// Names under which other versions of Keras wrote a layer.
  static let aliases = [
    "Convolution1D": "Conv1D",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "UnifiedLSTM": "LSTM",
  ]

  private static let layersByName = Dictionary(
    uniqueKeysWithValues: layers.map { ($0.className, $0) })

  static func layer(_ className: String) -> (any Layer.Type)? {
    layersByName[aliases[className] ?? className]
  }
}
