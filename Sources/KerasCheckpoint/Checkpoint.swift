public import HDF5

/// A legacy Keras `.h5`: a whole model, or its weights alone, of any generation of Keras.
///
/// Reading a file decodes names, shapes and configuration; the arrays stay in the file until asked
/// for. Writing gives the layout of the generation that ``kerasVersion`` names.
///
///     let checkpoint = try Checkpoint(path: "best_model.h5")
///     print(checkpoint.layers.map(\.name))
///     try checkpoint.converted(to: .keras2).checkpoint.write(to: "best_model_keras2.h5")
///
/// Source: `keras/src/legacy/saving/legacy_h5_format.py` (Keras 3.15.1),
/// `tf_keras/src/saving/legacy/hdf5_format.py` (tf_keras 2.21.0).
public struct Checkpoint: Sendable {
  public let dialect: Dialect

  /// What the file says, such as `3.15.1` or `2.2.4-tf`; files of Keras 0.x and 1.x may say nothing.
  public let kerasVersion: String?

  /// `tensorflow`, `theano`, `jax`…, where the file says it.
  public var backend: String?

  /// The architecture: `{"class_name": "Sequential", "config": …}`. Nil in a file of weights alone.
  public var modelConfig: JSON?

  /// What `compile` was told: optimizer, loss, metrics. Nil where the model was not compiled.
  public var trainingConfig: JSON?

  /// Every layer, in the order of the model.
  public var layers: [LayerWeights]

  /// Weights of the model itself and of none of its layers; a model of known layers has none.
  public var topLevelWeights: [Weight]

  public var optimizer: OptimizerState?

  /// Attributes of the root that are none of Keras's.
  public var extraAttributes: [AttributeContent]

  /// Attributes of the group `model_weights` that are none of Keras's.
  public var extraWeightsAttributes: [AttributeContent]

  /// The paths of attributes that are none of Keras's and of a type that is not read, so that
  /// writing leaves them out.
  public internal(set) var unreadableAttributes: [String] = []

  /// Whether the file holds weights without an architecture.
  public var isWeightsOnly: Bool { modelConfig == nil }

  /// A checkpoint in memory.
  ///
  /// - Parameter kerasVersion: what the file will say; the reference version of the dialect unless
  ///   given.
  public init(
    dialect: Dialect, kerasVersion: String? = nil, backend: String? = "tensorflow",
    modelConfig: JSON? = nil, trainingConfig: JSON? = nil, layers: [LayerWeights],
    topLevelWeights: [Weight] = [], optimizer: OptimizerState? = nil,
    extraAttributes: [AttributeContent] = [], extraWeightsAttributes: [AttributeContent] = []
  ) {
    self.dialect = dialect
    self.kerasVersion = kerasVersion ?? dialect.referenceVersion
    self.backend = backend
    self.modelConfig = modelConfig
    self.trainingConfig = trainingConfig
    self.layers = layers
    self.topLevelWeights = topLevelWeights
    self.optimizer = optimizer
    self.extraAttributes = extraAttributes
    self.extraWeightsAttributes = extraWeightsAttributes
  }
}
