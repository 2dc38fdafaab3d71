/// The names that a legacy `.h5` is made of.
///
///     /                      @keras_version @backend @model_config @training_config
///       model_weights/       @layer_names @backend @keras_version
///         conv1d/            @weight_names = ["conv1d/kernel:0", "conv1d/bias:0"]
///           conv1d/kernel:0
///           conv1d/bias:0
///         top_level_model_weights/  @weight_names = []
///       optimizer_weights/   @weight_names, the arrays in the same way
///
/// A file of weights alone has the content of `model_weights` at its root.
enum LegacyLayout {
  static let kerasVersion = "keras_version"
  static let backend = "backend"
  static let modelConfig = "model_config"
  static let trainingConfig = "training_config"
  static let layerNames = "layer_names"
  static let weightNames = "weight_names"
  static let modelWeights = "model_weights"
  static let topLevelWeights = "top_level_model_weights"
  static let optimizerWeights = "optimizer_weights"

  /// Where the optimizer's state stands in a file of the Keras 3 dialect.
  ///
  /// No Keras 3 up to 3.15.1 can train on from an `.h5` that has `optimizer_weights`: its
  /// `load_model` builds the optimizer for `model._trainable_variables`, which a Sequential or
  /// Functional model leaves empty, drops every stored array, and the next `fit` raises `Unknown
  /// variable`. Under another name Keras does not see the state, starts a fresh optimizer, and fits.
  /// Nothing is lost: Keratin reads either name, and so does Keras by hand,
  ///
  ///     with h5py.File(path) as f:
  ///         state = f["keratin_optimizer_weights"]
  ///         model.optimizer.build(model.trainable_variables)
  ///         model.optimizer.set_weights([state[n] for n in state.attrs["weight_names"]])
  static let keratinOptimizerWeights = "keratin_optimizer_weights"

  static let ownOfRoot: Set = [kerasVersion, backend, modelConfig, trainingConfig]
  static let ownOfWeights: Set = [kerasVersion, backend, layerNames]
  static let ownOfLayer: Set = [weightNames]

  /// More weights than any model of layers has; GPT-3 has some 1,200.
  static let weightLimit = 100_000

  /// The size of an attribute beyond which Keras splits a list of names over several.
  static let attributeLimit = 64512
}
