/// What calls of a layer may name beside the inputs by place.

/// The names that a layer knows. Whether a mask goes with an input is said by the input's name and `_mask`.
public struct NamedArguments: Sendable, Hashable {
  /// The names of the inputs by their places; empty where they have none.
  public var inputs: [String] = []
  /// Tensors that are passed by name alone.
  public var tensors: [String] = []
  /// Lists of tensors that are passed by name, behind all others.
  public var lists: [String] = []
  /// Switches, off where they are not named.
  public var flags: [String] = []

  static let none = NamedArguments()
}

/// What one call named of that.
public struct CallOptions: Sendable, Hashable {
  /// What each input is; empty where the layer has no names for them.
  public var names: [String] = []
  /// The switches that are on.
  public var flags: Set<String> = []
  /// Whether a mask is passed beside the inputs.
  public var givesMask = false
}
