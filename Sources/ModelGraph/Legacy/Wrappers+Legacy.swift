/// Weights inside wrappers: those of the layers that they wrap.
public import KerasCheckpoint

extension Bidirectional {
  /// Each of the two layers has its half.
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    let forward = specs.count { $0.name.hasPrefix("\(forwardLayer.name)/") }
    // Where both have trained and other weights these would be mixed; recurrent layers have one kind.
    let place = stored.count == specs.count ? forward : stored.count / 2
    return try forwardLayer.modernised(
      Array(stored.prefix(place)), of: origin, to: Array(specs.prefix(forward)))
      + backwardLayer.modernised(
        Array(stored.dropFirst(place)), of: origin, to: Array(specs.dropFirst(forward)))
  }
}

extension TimeDistributed {
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    try layer.modernised(stored, of: origin, to: specs)
  }
}
