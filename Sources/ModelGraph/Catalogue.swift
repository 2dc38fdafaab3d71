/// Every layer that Keratin runs.

/// The layers by their classes in Keras. Adding a layer is a file in `Layers/`, or its
/// part of a family's, and one line here.
public enum Catalogue {
  public static let layers: [any Layer.Type] = [
    ActivationLayer.self,
    ActivityRegularization.self,
    AdaptiveAveragePooling1D.self,
    AdaptiveAveragePooling2D.self,
    AdaptiveAveragePooling3D.self,
    AdaptiveMaxPooling1D.self,
    AdaptiveMaxPooling2D.self,
    AdaptiveMaxPooling3D.self,
    Add.self,
    AdditiveAttention.self,
    AlphaDropout.self,
    Attention.self,
    Average.self,
    AveragePooling1D.self,
    AveragePooling2D.self,
    AveragePooling3D.self,
    BatchNormalization.self,
    Bidirectional.self,
    Concatenate.self,
    Conv1D.self,
    Conv1DTranspose.self,
    Conv2D.self,
    Conv2DTranspose.self,
    Conv3D.self,
    Conv3DTranspose.self,
    ConvLSTM1D.self,
    ConvLSTM2D.self,
    ConvLSTM3D.self,
    Cropping1D.self,
    Cropping2D.self,
    Cropping3D.self,
    Dense.self,
    DepthwiseConv1D.self,
    DepthwiseConv2D.self,
    Dot.self,
    Dropout.self,
    EinsumDense.self,
    ELU.self,
    Embedding.self,
    Flatten.self,
    GaussianDropout.self,
    GaussianNoise.self,
    GlobalAveragePooling1D.self,
    GlobalAveragePooling2D.self,
    GlobalAveragePooling3D.self,
    GlobalMaxPooling1D.self,
    GlobalMaxPooling2D.self,
    GlobalMaxPooling3D.self,
    GroupedQueryAttention.self,
    GroupNormalization.self,
    GRU.self,
    GRUCell.self,
    Identity.self,
    InputLayer.self,
    LayerNormalization.self,
    LeakyReLU.self,
    LSTM.self,
    LSTMCell.self,
    Masking.self,
    Maximum.self,
    MaxPooling1D.self,
    MaxPooling2D.self,
    MaxPooling3D.self,
    Minimum.self,
    MultiHeadAttention.self,
    Multiply.self,
    Permute.self,
    PReLU.self,
    ReLU.self,
    RepeatVector.self,
    Reshape.self,
    RMSNormalization.self,
    RNN.self,
    SeparableConv1D.self,
    SeparableConv2D.self,
    SimpleRNN.self,
    SimpleRNNCell.self,
    Softmax.self,
    SpatialDropout1D.self,
    SpatialDropout2D.self,
    SpatialDropout3D.self,
    SpectralNormalization.self,
    StackedRNNCells.self,
    Subtract.self,
    TimeDistributed.self,
    UnitNormalization.self,
    UpSampling1D.self,
    UpSampling2D.self,
    UpSampling3D.self,
    ZeroPadding1D.self,
    ZeroPadding2D.self,
    ZeroPadding3D.self,
  ]

  /// Functions that Keras 3 writes among the layers. One may bear the name of a layer.
  public static let operations: [any Layer.Type] = [
    AnyAlong.self,
    ConcatenateOperation.self,
    ConvertToTensor.self,
    ExpandDims.self,
    LogicalOr.self,
    NotEqual.self,
    OnesLike.self,
    ZerosLike.self,
  ]

  /// Names under which other versions of Keras wrote a layer.
  static let aliases = [
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "Convolution1DTranspose": "Conv1DTranspose",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3DTranspose": "Conv3DTranspose",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    "AtrousConvolution2D": "Conv2D",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "GroupedQueryAttention": "GroupQueryAttention",
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
    "ThresholdedReLU": "ReLU",
    "UnifiedLSTM": "LSTM",
    "UnifiedGRU": "GRU",
  ]

  /// The name of a class in Keras's legacy form, which for one class is not that of its interface.
  static func legacyName(_ className: String) -> String {
    className == "GroupQueryAttention" ? "GroupedQueryAttention" : className
  }

  private static let layersByName = Dictionary(
    uniqueKeysWithValues: layers.map { ($0.className, $0) })
  private static let operationsByName = Dictionary(
    uniqueKeysWithValues: operations.map { ($0.className, $0) })

  /// - Parameter module: the Python module, where it is said.
  static func layer(_ className: String, module: String? = nil) -> (any Layer.Type)? {
    let operation = operationsByName[className]
    if let operation, operation.module == module { return operation }
    return layersByName[aliases[className] ?? className] ?? operation
  }
}
