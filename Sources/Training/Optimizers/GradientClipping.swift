/// What bounds gradients before an optimizer uses them.

/// One of Keras's three ways to clip, with its bound.
///
/// Source: `keras/src/optimizers/base_optimizer.py` (Keras 3.15.1).
public enum GradientClipping: Sendable, Hashable {
  /// `clipvalue`: each element to [-v, v].
  case value(Double)
  /// `clipnorm`: each parameter's gradient to this Euclidean norm, g · n / max(‖g‖, n).
  case norm(Double)
  /// `global_clipnorm`: all gradients together to this Euclidean norm.
  case globalNorm(Double)
}
