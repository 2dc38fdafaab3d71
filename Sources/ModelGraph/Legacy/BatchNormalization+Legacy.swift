/// Statistics of normalisation as Keras 0 stored them.
public import KerasCheckpoint

extension BatchNormalization {
  /// Keras up to 1.0.5 kept a running standard deviation and divided by it plus epsilon, where `√(variance +
  /// epsilon)` stands today. From 1.0.6 on `running_std` is a variance, and no file between 1.0 and then
  /// says its version, so that those with names are taken for variances.
  /// Source: `keras/layers/normalization.py` of Keras 0.3.3, 1.0.5 and 1.0.8.
  public func modernised(
    _ stored: [Weight], of origin: WeightsOrigin, to specs: [WeightSpec]
  ) throws -> [Weight] {
    guard origin.isNameless, stored.count == specs.count, let deviation = stored.last else {
      return stored
    }
    let epsilon = Float(epsilon)
    let variance = try deviation.mapped { ($0 + epsilon) * ($0 + epsilon) - epsilon }
    return stored.dropLast() + [variance]
  }
}
