public import HDF5

/// The weights of one layer of the model, as its group in the file holds them.
///
/// A nested model is one layer here, with the weights of all layers inside it.
public struct LayerWeights: Sendable {
  /// The name of the layer, and of its group.
  public var name: String

  /// In the order of `weight_names`: first what the layer trains, then what it does not. A layer
  /// without weights has its place in the file too.
  public var weights: [Weight]

  /// Attributes of the group that are none of Keras's.
  public var extraAttributes: [AttributeContent]

  public init(name: String, weights: [Weight], extraAttributes: [AttributeContent] = []) {
    self.name = name
    self.weights = weights
    self.extraAttributes = extraAttributes
  }
}
